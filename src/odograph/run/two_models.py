"""The models of two runs, loaded again; an adapter and its base share their weights in memory."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from odograph.errors import ModelError, RunError
from odograph.folder.run import Run
from odograph.models.adapters import adapted_fingerprint, stands_on, switched_network
from odograph.models.loading import PROMPT, Loaded, load
from odograph.models.located import locate
from odograph.models.outline import outline_of
from odograph.models.probe import dissect
from odograph.models.sources import LoadOptions
from odograph.run.config import RunConfig
from odograph.run.preparing import load_options

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
    if adapter is None or not stands_on(adapter, own.identity, own.model):
        return TwoModels(own, _loaded(run))
    _require_unchanged(run, adapted_fingerprint(adapter, own.model).whole)
    network, as_base = switched_network(adapter, own.model)
    return TwoModels(own, replace(own, model=network, anatomy=dissect(network)), as_base)


def refuse_unlike(base: RunConfig, model: RunConfig) -> None:
    """Nothing, if one model can be taken from the other token by token; no weight is read.

    Raises:
        ModelError: they have other numbers of blocks, or their tokenizers cut a sentence otherwise.
    """
    outlines = [outline_of(one.model, load_options(one)) for one in (base, model)]
    blocks = [one.blocks for one in outlines]
    ids = [one.tokenizer(PROMPT).input_ids for one in outlines]
    differing = {
        "blocks": [str(count) for count in blocks],
        "tokens for one sentence": [str(len(each)) for each in ids],
    }
    unlike = (len(set(blocks)) > 1 and 0 not in blocks, ids[0] != ids[1])
    for (what, counts), differs in zip(differing.items(), unlike, strict=True):
        if differs:
            raise ModelError(
                f"'{base.model}' cannot be taken from '{model.model}' token by token",
                expected=f"models with the same {what}",
                given=" and ".join(counts) if counts[0] != counts[1] else "other ones",
                remedy="Two --model compare them by characters and by relative depth.",
            )


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
