"""Loading a model, its tokenizer and its anatomy from the hub, a folder or a Python object."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn

from odograph.errors import ModelError, UsageError
from odograph.models.anatomy import Anatomy, dissect
from odograph.models.bundled_model import bundled_model
from odograph.models.selfcheck import SelfCheck, self_check

BUNDLED = "bundled"
_PROMPT = "The old man turned round and followed her across the field to the river."
_PICKLES = ("pytorch_model.bin", "*.pt", "*.pth", "*.ckpt")


@dataclass(frozen=True)
class LoadOptions:
    """How a model is loaded; the names are those of the command line."""

    revision: str | None = None
    dtype: str = "auto"
    device: str = "auto"
    attention: str = "auto"
    offline: bool = False
    trust_remote_code: bool = False


@dataclass(frozen=True)
class Identity:
    """What the manifest says about a model, so that it can be found again.

    `fingerprint` is a sha256 over config and weights of a local folder, or over the config alone of
    a hub model, whose `revision` (commit hash) fixes the weights.
    """

    name: str
    revision: str | None
    fingerprint: str
    family: str
    architecture: str
    blocks: int
    width: int
    parameters: int
    layout: str
    untrained_seed: int | None = None


@dataclass(frozen=True)
class Loaded:
    """A model ready to be measured."""

    model: nn.Module
    tokenizer: Any | None
    anatomy: Anatomy
    identity: Identity
    checks: SelfCheck
    dtype: str
    device: str
    kernel: str

    @property
    def vocabulary(self) -> int:
        """How many tokens the model has an embedding for."""
        model: Any = self.model
        return int(model.get_input_embeddings().weight.shape[0])


def load(
    model: "str | Path | nn.Module", options: LoadOptions | None = None, tokenizer: Any = None
) -> Loaded:
    """A model from the hub (`gpt2`), a local folder, `bundled`, or a transformers model itself.

    Raises:
        ModelError: missing, without safetensors weights, without config, or unreachable.
        UsageError: an option that does not go with a model given as an object, or a tokenizer that
            does not go with a name.
    """
    options = options or LoadOptions()
    _check_call(model, options, tokenizer)
    if isinstance(model, nn.Module):
        return _prepare(
            model.eval(), tokenizer, f"{type(model).__name__} given in Python", None, ""
        )
    name = str(model)
    source = str(bundled_model()) if name == BUNDLED else name
    _check_folder(source)
    dtype, device = resolve_dtype(options), resolve_device(options.device)
    network = _from_pretrained(source, options, dtype).to(device).eval()
    tokenizer = _tokenizer(source, options)
    fingerprint = _fingerprint(Path(source), network)
    revision = getattr(network.config, "_commit_hash", None)
    return _prepare(network, tokenizer, name, revision, fingerprint)


def _check_call(model: object, options: LoadOptions, tokenizer: Any) -> None:
    """Refuses what would be ignored: an object is taken as it is, a name brings a tokenizer."""
    if not isinstance(model, nn.Module):
        if tokenizer is not None:
            raise UsageError(
                "a tokenizer goes with a model given as an object",
                given=f"the model '{model}'",
                remedy="A hub id or folder brings its own.",
            )
        return
    usual = LoadOptions()
    changed = [
        name
        for name in ("revision", "dtype", "device", "attention")
        if getattr(options, name) != getattr(usual, name)
    ]
    if changed:
        raise UsageError(
            f"{', '.join(changed)} cannot be set for a model given as an object",
            remedy="Set it on the model itself, or give its name or folder.",
        )


@contextmanager
def left_as_it_was(model: object) -> Iterator[None]:
    """Gives a model of the caller's its training modes back."""
    modes = [(m, m.training) for m in model.modules()] if isinstance(model, nn.Module) else []
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def untrained_twin(loaded: Loaded, seed: int) -> Loaded:
    """The same architecture with random weights: what would be seen if nothing were learned.

    The weights are drawn by the architecture's own initialisation after `torch.manual_seed(seed)`.
    """
    kind, config = type(loaded.model), loaded.model.config
    device = next(loaded.model.parameters()).device
    state = torch.random.get_rng_state()
    try:
        torch.manual_seed(seed)
        network = kind(config)  # float32: half precision is not drawn alike on all devices
    finally:
        torch.random.set_rng_state(state)
    network = network.to(device=device, dtype=next(loaded.model.parameters()).dtype).eval()
    twin = _prepare(network, loaded.tokenizer, loaded.identity.name, None, "")
    return replace(twin, identity=replace(loaded.identity, untrained_seed=seed))


def _prepare(
    network: Any, tokenizer: Any, name: str, revision: str | None, fingerprint: str
) -> Loaded:
    anatomy = dissect(network)
    first = next(network.parameters())
    prompt = tuple(tokenizer(_PROMPT, add_special_tokens=False).input_ids) if tokenizer else ()
    identity = Identity(
        name=name,
        revision=revision,
        fingerprint=fingerprint or _config_fingerprint(network),
        family=anatomy.family,
        architecture=type(network).__name__,
        blocks=len(anatomy.blocks),
        width=anatomy.width,
        parameters=sum(p.numel() for p in network.parameters()),
        layout=anatomy.layout,
    )
    return Loaded(
        model=network,
        tokenizer=tokenizer,
        anatomy=anatomy,
        identity=identity,
        checks=self_check(network, anatomy, prompt),
        dtype=str(first.dtype).removeprefix("torch."),
        device=str(first.device),
        kernel=str(getattr(network.config, "_attn_implementation", None) or "eager"),
    )


def resolve_device(device: str) -> str:
    """`auto` is the first GPU, else the CPU; any other name is checked to be there."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ModelError(
            f"device '{device}' is not available",
            expected="auto, cpu" + (", cuda" if torch.cuda.is_available() else ""),
            given=device,
            remedy="Leave out --device to let odograph choose.",
        ) from error
    return device


def resolve_dtype(options: LoadOptions) -> "torch.dtype | str":
    """`auto` is float32 on a CPU (half precision is many times slower there), else as stored."""
    if options.dtype != "auto":
        dtype: torch.dtype = getattr(torch, options.dtype)
        return dtype
    return "auto" if resolve_device(options.device) != "cpu" else torch.float32


def _check_folder(source: str) -> None:
    """What can be said of a path before transformers is asked."""
    folder = Path(source)
    if not folder.exists():
        if source.startswith((".", "/", "~")) or source.count("/") > 1 or "\\" in source:
            raise ModelError(
                f"no model folder '{source}'",
                remedy="Give an existing folder, a hub id such as gpt2, or bundled.",
            )
        return
    if not folder.is_dir():
        raise ModelError(
            f"'{source}' is a file", expected="a model folder", remedy="Give the folder it lies in."
        )
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"'{source}' is not a model folder",
            expected="config.json, safetensors weights and a tokenizer in it",
            given=", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "an empty folder",
            remedy="Save one with model.save_pretrained(folder).",
        )
    _refuse_pickles(folder)


def _refuse_pickles(folder: Path) -> None:
    if any(folder.glob("*.safetensors")):
        return
    pickles = [p.name for pattern in _PICKLES for p in folder.glob(pattern)]
    raise ModelError(
        f"'{folder}' has no safetensors weights",
        expected="model.safetensors",
        given=", ".join(pickles) or "no weights",
        remedy="Pickle files can run code and are not loaded; convert them with "
        "model.save_pretrained(folder) in an environment that you trust."
        if pickles
        else "Save the model again with model.save_pretrained(folder).",
    )


def _from_pretrained(source: str, options: LoadOptions, dtype: Any) -> Any:
    import transformers

    wanted = None if options.attention == "auto" else options.attention
    try:
        return transformers.AutoModelForCausalLM.from_pretrained(
            source,
            revision=options.revision,
            dtype=dtype,
            attn_implementation=wanted,
            use_safetensors=True,
            local_files_only=options.offline,
            trust_remote_code=options.trust_remote_code,
        )
    except (OSError, ValueError, ImportError, KeyError, RuntimeError, SafetensorError) as error:
        raise _load_error(source, "model", error, options) from error


def _tokenizer(source: str, options: LoadOptions) -> Any:
    import transformers

    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            source,
            revision=options.revision,
            local_files_only=options.offline,
            trust_remote_code=options.trust_remote_code,
        )
        # Without its files some tokenizers are made all the same, with special tokens only.
        if len(tokenizer) <= len(tokenizer.all_special_ids):
            raise ValueError("it has no vocabulary")
        return tokenizer
    except (OSError, ValueError, ImportError, KeyError, TypeError) as error:
        raise _load_error(source, "tokenizer", error, options) from error


def _load_error(source: str, what: str, error: Exception, options: LoadOptions) -> ModelError:
    """One sentence of the library's own, the rest ours."""
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    if Path(source).is_dir():
        remedy = (
            "Save it beside the weights with tokenizer.save_pretrained(folder)."
            if what == "tokenizer"
            else "Check config.json and the weights."
        )
    elif options.offline:
        remedy = "It is not in the local cache; leave out --offline once to fetch it."
    else:
        remedy = (
            "Check the id and the network, log in with `hf auth login` if it is gated, "
            "or give a local folder."
        )
    return ModelError(
        f"the {what} of '{source}' cannot be loaded",
        given=f"{type(error).__name__}: {reason[:200].rstrip('.')}",
        remedy=remedy,
    )


def _fingerprint(folder: Path, network: Any) -> str:
    if not folder.is_dir():
        return _config_fingerprint(network)
    digest = hashlib.sha256()
    for path in sorted([folder / "config.json", *folder.glob("*.safetensors")]):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _config_fingerprint(network: Any) -> str:
    text = json.dumps(network.config.to_dict(), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
