"""The manifest of a run: what was measured, with what, and which files belong to it."""

import platform
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from odograph.corpus.encoded import Encoding
from odograph.corpus.readers import Origin
from odograph.corpus.stored import count_documents, facts_of
from odograph.folder.checksums import checksum
from odograph.folder.columns import FOLDERS, FORMAT, IN_PARTS
from odograph.folder.manifest import MANIFEST
from odograph.folder.model_names import Called, names_apart
from odograph.folder.writer import write_json
from odograph.models.loading import Loaded
from odograph.products import way_of
from odograph.run.config import RunConfig
from odograph.run.sample_rows import Sample
from odograph.run.shards import Shard

_LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "scipy", "pyarrow", "duckdb")

#: What draws: everything from `seed`, each use with a stream of its own (docs/method.md, Draws).
GENERATORS = {
    "draws": "numpy default_rng (PCG64) of SeedSequence([seed, stream])",
    "sign flips": "numpy RandomState (MT19937) of the seed, as mne draws them",
    "untrained weights": "torch.manual_seed(k) for twin k, whatever the seed",
}

Manifest = dict[str, Any]


def begin(
    config: RunConfig,
    loaded: Loaded,
    origin: Origin,
    encoding: Encoding,
    command: str,
    sample: Sample | None = None,
) -> Manifest:
    """The manifest of a run that has not measured anything yet."""
    return {
        "format": FORMAT,
        "kind": "run",
        "odograph": release(),
        "versions": versions(),
        "command": command,
        "config": config.model_dump(mode="json"),
        "config_hash": config.hash,
        "model": asdict(loaded.identity),
        "dtype": loaded.dtype,
        "rounding": None if loaded.rounding is None else asdict(loaded.rounding),
        "device": loaded.device,
        "kernel": loaded.kernel,
        "products": way_of(loaded.device, loaded.dtype),
        "convention": config.convention,
        "bos": encoding.bos,
        "seed": config.seed,
        "generators": dict(GENERATORS),
        "self_check": [check.record() for check in loaded.checks.checks],
        "decomposition": loaded.checks.decomposition,
        "exclusions": dict(encoding.exclusions),
        "corpus": _corpus(config, origin, encoding),
        "kept": {} if sample is None else sample.record,
        "pilot": {},
        "sinks": {},
        "shards": [],
        "not_a_number": {},
        "first_not_a_number": "",
        "untrained": [],
        "shuffled": [],
        "skips": {},
        "ablations": {},
        "lens": {},
        "time": {"started": datetime.now(UTC).isoformat(timespec="seconds"), "wall_s": 0.0},
        "complete": False,
    }


def _corpus(config: RunConfig, origin: Origin, encoding: Encoding) -> dict[str, Any]:
    """What the texts are: counts, fingerprint, where they are from, what was left out."""
    facts = facts_of(encoding.encoded)
    return {
        "passages": len(encoding.encoded),
        "documents": count_documents(encoding.encoded),
        "tokens": int(facts.tokens.sum(dtype=np.int64)),
        "rows": int(facts.rows.sum(dtype=np.int64)),
        "fingerprint": origin.fingerprint,
        "tagger": origin.tagger,
        "sources": list(config.texts),
        "skipped": [asdict(s) for s in origin.skipped],
        "notes": list(origin.notes),
    }


def release() -> str:
    """Version of odograph."""
    return _version("odograph")


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that decide numbers."""
    return {"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}}


@cache
def _version(library: str) -> str:
    """Found once a process: each takes 3 ms, and twins and shuffled texts have manifests, too."""
    return version(library)


def part_name(index: int, attempt: str = "") -> str:
    """The name of the files of a shard, without ending; with who wrote them, where several do."""
    return f"part-{index:05d}{attempt and f'-{attempt}'}"


def receipt(folder: Path, shard: Shard, attempt: str = "") -> dict[str, Any]:
    """What the manifest keeps of a written shard: its passages and its files' checksums."""
    parts, name = (folder / place for place in FOLDERS), part_name(shard.index, attempt)
    files = sorted(file for part in parts for file in part.glob(f"{name}.*"))
    return {
        "index": shard.index,
        "passages": [shard.passages[0].passage, shard.passages[-1].passage],
        "tokens": shard.tokens,
        "files": {f.relative_to(folder).as_posix(): checksum(f) for f in files},
    }


def is_valid(folder: Path, given: dict[str, Any]) -> bool:
    """Whether all files of a receipt are there and are what they were."""
    files: dict[str, str] = given["files"]
    return bool(files) and all(has_file(folder, name, digest) for name, digest in files.items())


def has_file(folder: Path, name: str, digest: str) -> bool:
    """Whether a file is there and is what it was."""
    return (folder / name).is_file() and checksum(folder / name) == digest


def parts_are_valid(folder: Path, record: Manifest) -> bool:
    """Whether all files that ablations and lens have left are there and are what they were."""
    listed = ((record.get(table) or {}).get("files", {}) for table in IN_PARTS)
    return all(has_file(folder, *file) for files in listed for file in files.items())


def save(manifest: Manifest, folder: Path) -> None:
    """Writes the manifest whole."""
    write_json(manifest, folder / MANIFEST)


def sum_bad_values(manifest: Manifest) -> None:
    """Adds up, over the shards, the values that are not finite, and names the first."""
    total: dict[str, int] = {}
    for shard in manifest["shards"]:
        for name, count in shard["not_a_number"].items():
            total[name] = total.get(name, 0) + count
    places = [shard["first_not_a_number"] for shard in manifest["shards"]]
    manifest["not_a_number"] = total
    manifest["first_not_a_number"] = next((place for place in places if place), "")


def folder_names(models: Sequence[Called]) -> list[str]:
    """A folder name for each model: the shortest that tells it apart, made unique and safe."""
    names: list[str] = []
    for shortest in names_apart(models):
        name = stem = re.sub(r"[^\w.-]+", "-", shortest).strip(".-") or "model"
        count = 1
        while name in names:
            count += 1
            name = f"{stem}-{count}"
        names.append(name)
    return names
