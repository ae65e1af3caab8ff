"""The models of two runs, loaded again; an adapter and its base share their weights in memory."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from odograph.errors import RunError
from odograph.folder.run import Run
from odograph.models.adapters import Adapter, adapted_fingerprint, switched_network
from odograph.models.fingerprints import fingerprint_of
from odograph.models.loading import Loaded, load
from odograph.models.located import locate
from odograph.models.probe import dissect
from odograph.models.sources import LoadOptions, find_source

_IN_PYTHON = "given in Python"


@dataclass(frozen=True, eq=False)
class TwoModels:
    """Both models, and within what the weights are those of the base."""

    base: Loaded
    model: Loaded
    as_base: Callable[[], AbstractContextManager[Any]] = nullcontext


def load_two(base: Run, run: Run) -> TwoModels:
    """The models of two runs; of an adapter and its base the weights of the base are held once.

    Raises:
        RunError: a model was given in Python, or has changed since it was measured.
        ModelError: it cannot be loaded.
    """
    own = _loaded(base)
    name, options = _named(run)
    adapter = locate(name, options).adapter
    if adapter is None or not _stands_on(adapter, own):
        return TwoModels(own, _loaded(run))
    _require_unchanged(run, adapted_fingerprint(adapter, own.model).whole)
    network, as_base = switched_network(adapter, own.model)
    return TwoModels(own, replace(own, model=network, anatomy=dissect(network)), as_base)


def _stands_on(adapter: Adapter, base: Loaded) -> bool:
    """Whether a model is the base of the adapter: the same weights, wherever they lie."""
    found = fingerprint_of(find_source(adapter.base), adapter.base_options, base.model)
    same = found.whole == base.identity.fingerprint
    return same and adapter.base_revision == base.identity.revision


def _named(run: Run) -> tuple[str, LoadOptions]:
    """What the model of a run is called, and how it was loaded."""
    model, config = run.manifest["model"], run.manifest["config"]
    if model["name"].endswith(_IN_PYTHON):
        raise RunError(
            f"the model of '{run.folder}' was {_IN_PYTHON} and cannot be loaded again",
            expected="a hub id or a folder",
            remedy="Save it in a folder and measure it from there, or leave --states out.",
        )
    options = {name: config[name] for name in LoadOptions.__dataclass_fields__ if name in config}
    return model["name"], LoadOptions(**options | {"revision": model["revision"]})


def _loaded(run: Run) -> Loaded:
    found = load(*_named(run))
    _require_unchanged(run, found.identity.fingerprint)
    return found


def _require_unchanged(run: Run, fingerprint: str) -> None:
    model = run.manifest["model"]
    if model["fingerprint"] != fingerprint:
        raise RunError(
            f"'{model['name']}' has changed since '{run.folder}' was measured",
            expected=f"fingerprint {model['fingerprint'][:12]}",
            given=fingerprint[:12],
            remedy="Measure it again.",
        )
