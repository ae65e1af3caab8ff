"""Getting a network and its tokenizer from the hub or a folder, with one message if it fails."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from odograph.errors import ModelError
from odograph.models.spreading import SPREAD, require_accelerate, spread

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
    part: str = "auto"


def resolve_device(device: str) -> str:
    """`auto` is the first GPU, else the CPU; any other name is checked to be there.

    Raises:
        ModelError: it is not there, or accelerate is not where blocks are to be spread.
    """
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == SPREAD and torch.cuda.is_available():
        require_accelerate()
        return SPREAD
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ModelError(
            f"device '{device}' is not available",
            expected="auto, cpu" + (", cuda, spread" if torch.cuda.is_available() else ""),
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


def check_folder(source: str) -> None:
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


@contextmanager
def _without_bars() -> Iterator[None]:
    """No bar of transformers' own while weights are read: stderr is ours, and the caller's."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def network_of(source: str, options: LoadOptions, dtype: Any) -> Any:
    """The network of a folder or hub id, safetensors only.

    Raises:
        ModelError: it cannot be loaded; says why and what to do.
    """
    import transformers

    wanted = None if options.attention == "auto" else options.attention
    try:
        with _without_bars():
            where = {
                "revision": options.revision,
                "local_files_only": options.offline,
                "trust_remote_code": options.trust_remote_code,
            }
            config = transformers.AutoConfig.from_pretrained(source, **where)
            how = {
                **where,
                "dtype": dtype,
                "attn_implementation": wanted,
                "use_safetensors": True,
                "output_loading_info": True,
            }
            network, report = _class_for(config).from_pretrained(source, **how)
            if _lacks_head(network, report["missing_keys"]):  # a random one would predict noise
                network, report = transformers.AutoModel.from_pretrained(source, **how)
    except (OSError, ValueError, ImportError, KeyError, RuntimeError, SafetensorError) as error:
        raise _load_error(source, "model", error, options) from error
    _refuse_missing(source, report["missing_keys"], options.part)
    return network


def _lacks_head(network: Any, missing: Iterable[str]) -> bool:
    """Whether the files hold no head, as those of a body saved alone, and none is tied to them."""
    head = network.get_output_embeddings()
    absent = set(missing)
    named = network.named_parameters(remove_duplicate=False)
    return head is not None and any(p is head.weight and name in absent for name, p in named)


def _refuse_missing(source: str, missing: Iterable[str], part: str) -> None:
    """Makes sure that no block of the part has been filled with random weights.

    Raises:
        ModelError: names the first weight that the files do not hold.
    """
    unread = "decoder." if part == "encoder" else "\0"
    absent = sorted(n for n in missing if re.search(r"\.\d+\.", n) and unread not in n)
    if absent:
        raise ModelError(
            f"the weights of '{source}' are not complete",
            expected="weights for every block",
            given=f"none for '{absent[0]}'"
            + (f" and {n} others" if (n := len(absent) - 1) else ""),
            remedy="The blocks would be random. Check that config.json belongs to the weights.",
        )


def _class_for(config: Any) -> Any:
    """The class that loads a decoder with its head, and encoders and encoder-decoders without."""
    import transformers
    from transformers.models.auto import modeling_auto

    kind = config.model_type
    named = getattr(config, "architectures", None) or ()
    if any(name.endswith("EncoderModel") for name in named):
        return transformers.AutoModelForTextEncoding
    both = getattr(config, "is_encoder_decoder", False)
    masked = kind in modeling_auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES
    decoding = getattr(config, "is_decoder", False) or any(
        name.endswith(("ForCausalLM", "LMHeadModel")) for name in named
    )
    known = kind in modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    remote = "AutoModelForCausalLM" in (getattr(config, "auto_map", None) or {})
    if both or (masked and not decoding) or not (known or remote):
        return transformers.AutoModel
    return transformers.AutoModelForCausalLM


def placed(network: Any, device: str) -> Any:
    """The network on the device, or its blocks over all GPUs.

    Raises:
        ModelError: its weights cannot be moved, as some quantised ones cannot.
    """
    try:
        return spread(network) if device == SPREAD else network.to(device)
    except (ValueError, NotImplementedError) as error:
        raise ModelError(
            "the model's weights cannot be moved",
            given=f"device {device}: {str(error)[:200].rstrip('.')}",
            remedy="Load it in Python where it has to be and give the model itself.",
        ) from error


def tokenizer_of(source: str, options: LoadOptions) -> Any:
    """The tokenizer of a folder or hub id.

    Raises:
        ModelError: there is none, or it cannot be loaded.
    """
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


def fingerprint_of(source: str, network: Any) -> str:
    """sha256 of a folder's config and weights; of the config alone for a model of the hub."""
    folder = Path(source)
    if not folder.is_dir():
        return config_fingerprint(network)
    digest = hashlib.sha256()
    for path in sorted([folder / "config.json", *folder.glob("*.safetensors")]):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def config_fingerprint(network: Any) -> str:
    """sha256 of the config."""
    text = json.dumps(network.config.to_dict(), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def weights_fingerprint(network: Any) -> str:
    """sha256 of the weights themselves, for a model that was given as an object."""
    digest = hashlib.sha256(config_fingerprint(network).encode())
    for name, weight in network.state_dict().items():
        digest.update(name.encode())
        digest.update(weight.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()
