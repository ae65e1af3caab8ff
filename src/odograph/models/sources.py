"""Where a model comes from: a hub id, a folder or a GGUF file, and what can be said before loading.

Everything here is decided from names and from the first bytes of files; no weight is read.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from odograph.errors import ModelError
from odograph.models.spreading import SPREAD, require_accelerate

GGUF = ".gguf"
_PICKLES = ("pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt")
_POINTER = b"version https://git-lfs"
#: So many files are named.
_NAMED = 8


@dataclass(frozen=True)
class LoadOptions:
    """How a model is loaded; the names are those of the command line."""

    revision: str | None = None
    dtype: str = "auto"
    device: str = "auto"
    attention: str = "auto"
    offline: bool = False
    trust_remote_code: bool = False
    allow_unused_weights: bool = False
    part: str = "auto"

    @property
    def where(self) -> dict[str, Any]:
        """What every `from_pretrained` of transformers is told."""
        return {
            "revision": self.revision,
            "local_files_only": self.offline,
            "trust_remote_code": self.trust_remote_code,
        }


@dataclass(frozen=True)
class Source:
    """Where transformers finds a model: a hub id or folder, and the GGUF file in it, if any."""

    place: str
    gguf: str | None = None

    @property
    def file(self) -> dict[str, str]:
        """What `from_pretrained` is told of the file; nothing for safetensors."""
        return {} if self.gguf is None else {"gguf_file": self.gguf}

    def __str__(self) -> str:
        return self.place if self.gguf is None else f"{self.place}:{self.gguf}"


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


def find_source(name: str) -> Source:
    """The source that a name stands for: `FILE.gguf`, `FOLDER:NAME.gguf`, a folder or a hub id.

    Raises:
        ModelError: no such path, or what lies there is no model that is read.
    """
    source = _gguf_source(name) or Source(name)
    folder = Path(source.place)
    if not folder.exists():
        _refuse_missing_path(name, source.place)
        return source
    if not folder.is_dir():
        raise ModelError(
            f"'{name}' is a file",
            expected="a model folder or a .gguf file",
            remedy="Give the folder it lies in.",
        )
    if source.gguf is None:
        return _folder_source(folder)
    _refuse_pointer(folder / source.gguf)
    return source


def _gguf_source(name: str) -> Source | None:
    """The source of a name that ends in .gguf; None of any other."""
    if not name.lower().endswith(GGUF):
        return None
    place, colon, file = name.rpartition(":")
    if colon and not Path(name).exists():
        if Path(place).is_dir() and not (Path(place) / file).is_file():
            raise ModelError(
                f"no '{file}' in '{place}'",
                expected="one of its GGUF files",
                given=_listed(sorted(p.name for p in Path(place).glob("*.gguf"))) or "none there",
                remedy="Give FOLDER:NAME.gguf.",
            )
        return Source(place, file)
    path = Path(name)
    if not path.is_file():
        raise ModelError(f"no file '{name}'", remedy="Give an existing .gguf file.")
    return Source(str(path.parent), path.name)


def _refuse_missing_path(name: str, place: str) -> None:
    if place.startswith((".", "/", "~")) or place.count("/") > 1 or "\\" in place:
        raise ModelError(
            f"no model folder '{name}'",
            remedy="Give an existing folder, a .gguf file, a hub id such as gpt2, or bundled.",
        )


def _folder_source(folder: Path) -> Source:
    """Safetensors weights where there are some, else the one GGUF file.

    Raises:
        ModelError: neither, several GGUF files, weights that are pickles or not there at all.
    """
    files = sorted(path.name for path in folder.glob("*.gguf"))
    weights = any(folder.glob("*.safetensors"))
    if files and not weights:
        if len(files) > 1:
            raise ModelError(
                f"'{folder}' holds {len(files)} GGUF files",
                expected="the name of one of them",
                given=_listed(files),
                remedy=f"Give it as {folder}:{files[0]}.",
            )
        _refuse_pointer(folder / files[0])
        return Source(str(folder), files[0])
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"'{folder}' is not a model folder",
            expected="config.json, safetensors weights and a tokenizer in it, or a .gguf file",
            given=_listed(sorted(p.name for p in folder.iterdir())) or "an empty folder",
            remedy="Save one with model.save_pretrained(folder).",
        )
    if not weights:
        raise _no_weights(folder)
    for path in (*folder.glob("*.safetensors"), *folder.glob("*.json")):
        _refuse_pointer(path)
    return Source(str(folder))


def _no_weights(folder: Path) -> ModelError:
    pickles = sorted({p.name for pattern in _PICKLES for p in folder.glob(pattern)})
    return ModelError(
        f"'{folder}' has no safetensors weights",
        expected="model.safetensors",
        given=_listed(pickles) or "no weights",
        remedy="Pickle files can run code and are not loaded; convert them with "
        "model.save_pretrained(folder) in an environment that you trust."
        if pickles
        else "Save the model again with model.save_pretrained(folder).",
    )


def _refuse_pointer(path: Path) -> None:
    """Refuses what Git LFS leaves in the place of a large file that was not fetched."""
    with path.open("rb") as file:
        if file.read(len(_POINTER)) == _POINTER:
            raise ModelError(
                f"'{path}' is a Git LFS pointer",
                expected="the file itself",
                given=f"{path.stat().st_size} bytes that say where it can be had",
                remedy="Fetch it with `git lfs pull` in that folder, or give the hub id.",
            )


def _listed(names: list[str]) -> str:
    """The names, or the first of them and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def load_error(source: Source, what: str, error: Exception, options: LoadOptions) -> ModelError:
    """One sentence of the library's own, the rest ours: why `what` of a source is not loaded."""
    return ModelError(
        f"the {what} of '{source}' cannot be loaded",
        given=f"{type(error).__name__}: {_first_words(error)}",
        remedy=_remedy(source, what, str(error), options),
    )


def _first_words(error: Exception) -> str:
    """The first line of an error; where that ends with a colon, the next one as well."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    words = " ".join(lines[:2] if lines and lines[0].endswith(":") else lines[:1])
    return words[:200].rstrip(".")


def _remedy(source: Source, what: str, reason: str, options: LoadOptions) -> str:
    if "trust_remote_code" in reason:
        return (
            "Code that comes with the weights is not run; if you have read it and trust it, "
            "add --trust-remote-code."
        )
    if source.gguf is not None and Path(source.place).is_dir():
        return "Check that the file is whole, and that transformers reads its architecture."
    if Path(source.place).is_dir():
        return (
            "Save it beside the weights with tokenizer.save_pretrained(folder)."
            if what == "tokenizer"
            else "Check config.json and the weights."
        )
    if options.offline:
        return "It is not in the local cache; leave out --offline once to fetch it."
    return (
        "Check the id and the network, log in with `hf auth login` if it is gated, "
        "or give a local folder."
    )
