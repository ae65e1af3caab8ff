"""PEFT adapters: a base model and what was trained on top of it, loaded as one model."""

import hashlib
import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from odograph.errors import ModelError, UsageError
from odograph.models.file_digests import file_sha256
from odograph.models.fingerprints import Fingerprint, fingerprint_of
from odograph.models.hub import commit_of, hub_file
from odograph.models.identity import Identity
from odograph.models.pretrained import network_of
from odograph.models.sources import LoadOptions, Source, find_source
from odograph.models.weights import WeightFit

_CONFIG, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_TOKENIZERS = ("tokenizer.json", "tokenizer_config.json")
#: Weights that the adapter has not, options that this peft does not know: both it only tells.
_MISFITS = ("missing adapter keys", "these are ignored")
#: What only says where the base lies, and is no part of what the adapter is.
_PLACES = ("base_model_name_or_path", "revision")


@dataclass(frozen=True)
class Adapter:
    """An adapter: its own files, and the model that it stands on.

    Attributes:
        source: folder or hub id, as it was given.
        folder: where its files lie on this machine.
        config: content of adapter_config.json.
        base: folder or hub id of the base model.
        base_options: how the base is loaded; its revision is the commit, where it is known.
    """

    source: str
    folder: Path
    config: dict[str, Any]
    base: str
    base_options: LoadOptions

    @property
    def kind(self) -> str:
        """What was trained, such as LORA."""
        return str(self.config.get("peft_type", "unknown"))

    @property
    def base_revision(self) -> str | None:
        """The commit of a base of the hub; None of a folder."""
        return None if Path(self.base).is_dir() else self.base_options.revision

    @property
    def tokenizer(self) -> tuple[Source, LoadOptions]:
        """Where the tokenizer is: beside the adapter, else with the base."""
        if any((self.folder / name).is_file() for name in _TOKENIZERS):
            return Source(str(self.folder)), LoadOptions()
        return Source(self.base), self.base_options


def find_adapter(source: str, options: LoadOptions) -> Adapter | None:
    """The adapter of a folder or hub id; None where it is a model of its own.

    Raises:
        ModelError: its weights are no safetensors, it does not name its base, or the folder holds
            a whole model as well.
    """
    config = _file(source, _CONFIG, options)
    if config is None:
        return None
    written = json.loads(config.read_text(encoding="utf-8"))
    if (Path(source) / "config.json").is_file():
        raise ModelError(
            f"'{source}' holds a whole model and an adapter",
            expected="one of them",
            remedy=f"Move {_CONFIG} and its weights into a folder of their own.",
        )
    if _file(source, _WEIGHTS, options) is None:
        raise ModelError(
            f"the adapter '{source}' has no safetensors weights",
            expected=_WEIGHTS,
            remedy="Pickle files can run code and are not loaded; save the adapter again with "
            "model.save_pretrained(folder) in an environment that you trust.",
        )
    base = written.get("base_model_name_or_path")
    if not base:
        raise ModelError(
            f"the adapter '{source}' does not name its base model",
            expected=f"base_model_name_or_path in {_CONFIG}",
            remedy="Write the base model's id or folder there.",
        )
    for name in _TOKENIZERS:
        _file(source, name, options)
    revision = written.get("revision")
    commit = commit_of(Source(base), replace(options, revision=revision)) or revision
    return Adapter(source, config.parent, written, base, replace(options, revision=commit))


def refuse_wrapped(model: object) -> None:
    """Refuses a model that peft has wrapped, of which the parts are not where a model has them.

    Raises:
        UsageError: says how to give it.
    """
    if type(model).__module__.partition(".")[0] == "peft":
        raise UsageError(
            "a model wrapped by peft",
            expected="the model with the adapter merged into its weights",
            given=type(model).__name__,
            remedy="Give model.merge_and_unload(), or the folder of the adapter.",
        )


def _file(source: str, name: str, options: LoadOptions) -> Path | None:
    """A file of a folder or hub id, if it is there."""
    if Path(source).exists():
        path = Path(source) / name
        return path if path.is_file() else None
    return hub_file(source, name, options)


def adapted_network(adapter: Adapter, dtype: Any) -> tuple[Any, WeightFit]:
    """The base with the adapter merged into its weights, in the precision given.

    With how the base's files fit it.

    Raises:
        ModelError: peft is missing, the base cannot be loaded or is quantised, or the adapter does
            not fit it or changes more than weights.
    """
    _peft(adapter)
    base, fit = _base(adapter, dtype)
    return merged_network(adapter, base), fit


def merged_network(adapter: Adapter, base: Any) -> Any:
    """The base with the adapter merged into its weights: the base itself is changed.

    Raises:
        ModelError: peft is missing, the base is quantised, or the adapter does not fit it.
    """
    peft = _peft(adapter)
    quantised = getattr(base.config, "quantization_config", None)
    if quantised is not None:
        raise ModelError(
            f"the base '{adapter.base}' of the adapter '{adapter.source}' is quantised",
            expected="weights in float32, bfloat16 or float16, which an adapter can be merged into",
            remedy="Name the unquantised base in adapter_config.json.",
        )
    with _fitting(adapter):
        # The files are here already: nothing is asked of the hub.
        both = peft.PeftModel.from_pretrained(base, str(adapter.folder), is_trainable=False)
        return both.merge_and_unload(safe_merge=True)


def switched_network(
    adapter: Adapter, base: Any
) -> tuple[Any, Callable[[], AbstractContextManager[Any]]]:
    """The base with the adapter beside its weights, and within what the adapter is switched off.

    The base itself is changed: outside of that it runs with the adapter.

    Raises:
        ModelError: peft is missing, or the adapter does not fit.
    """
    peft = _peft(adapter)
    with _fitting(adapter):
        both = peft.PeftModel.from_pretrained(base, str(adapter.folder), is_trainable=False)
    return both.eval().get_base_model(), both.disable_adapter


def _peft(adapter: Adapter) -> Any:
    try:
        import peft
    except ImportError as error:
        raise ModelError(
            f"'{adapter.source}' is an adapter, and peft is not installed",
            given=str(error),
            remedy="Install it with: pip install 'odograph[peft]'.",
        ) from error
    with _fitting(adapter):
        kind = peft.PeftConfig.from_pretrained(str(adapter.folder))
    if kind.is_prompt_learning:
        raise ModelError(
            f"the adapter '{adapter.source}' puts trained vectors before the text ({adapter.kind})",
            expected="an adapter of weights, such as LoRA",
            remedy="Measure the base model.",
        )
    return peft


def _base(adapter: Adapter, dtype: Any) -> tuple[Any, WeightFit]:
    try:
        return network_of(find_source(adapter.base), adapter.base_options, dtype)
    except ModelError as error:
        raise ModelError(
            f"the base of the adapter '{adapter.source}': {error.problem}",
            expected=error.expected,
            given=error.given,
            remedy=f"It is named in {_CONFIG}, at base_model_name_or_path.",
        ) from error


@contextmanager
def _fitting(adapter: Adapter) -> Iterator[None]:
    """One error for whatever keeps an adapter from its base; peft only warns of some of it."""
    wrong = ""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            yield
        except (ValueError, RuntimeError, LookupError, TypeError, AttributeError) as error:
            wrong = f"{type(error).__name__}: {' '.join(str(error).split())}"
    messages = [str(each.message) for each in told]
    wrong = wrong or next((m for m in messages if any(sign in m for sign in _MISFITS)), "")
    if wrong:
        raise ModelError(
            f"the adapter '{adapter.source}' cannot be merged into '{adapter.base}'",
            given=wrong[:200].rstrip("."),
            remedy="Check that it was trained on this base, and that peft is new enough for it.",
        )


def stands_on(adapter: Adapter, base: Identity, network: Any) -> bool:
    """Whether a loaded model is the base of the adapter: the same weights, wherever they lie."""
    found = fingerprint_of(find_source(adapter.base), adapter.base_options, network)
    return (found.whole, adapter.base_revision) == (base.fingerprint, base.revision)


def adapted_fingerprint(adapter: Adapter, network: Any) -> Fingerprint:
    """That of the base (with its commit) and of the adapter's config and weights."""
    base = fingerprint_of(find_source(adapter.base), adapter.base_options, network)
    config = {key: value for key, value in adapter.config.items() if key not in _PLACES}
    trained = json.dumps(config, sort_keys=True) + file_sha256(adapter.folder / _WEIGHTS)
    weights = None if base.weights is None else _sha256(base.weights + trained)
    return Fingerprint(_sha256(f"{base.whole}{adapter.base_revision}{trained}"), weights)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
