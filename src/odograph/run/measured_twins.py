"""Untrained twins that several runs of one command have in common are measured once.

Two checkpoints, or a model and its adapter, have the same twins: what is drawn does not depend on
what was learned. What decides the numbers of a twin is hashed; where all of it is the same, the
folder of the twin is copied.
"""

import hashlib
import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoded, Encoding
from odograph.folder.manifest import MANIFEST, found_manifest
from odograph.models.twins import TwinPlan
from odograph.run import manifest
from odograph.run.config import RunConfig
from odograph.run.sinks import Sinks

#: What only says where a model is from, and how its own weights are stored.
_OF_THE_MODEL = ("model", "revision", "name")
_OF_THE_FILES = ("_name_or_path", "transformers_version", "dtype", "quantization_config")


class MeasuredTwins:
    """Where the twins lie that runs of this command have measured."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, int], Path] = {}

    def keep(self, key: str, seed: int, place: Path) -> None:
        """Remembers the folder of a finished twin."""
        self._places.setdefault((key, seed), place)

    def copy(self, key: str, seed: int, out: Path, changes: dict[str, Any]) -> bool:
        """Copies the folder of the same twin, if there is one; says whether it did.

        Args:
            key: what decides its numbers.
            seed: of the twin.
            out: the folder to write.
            changes: what its manifest says here of model and config.
        """
        place = self._places.get((key, seed))
        record = None if place is None else found_manifest(place)
        if place is None or record is None or place.resolve() == out.resolve():
            return False
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(place, out, ignore=shutil.ignore_patterns(MANIFEST, ".*"))
        manifest.save(record | changes, out)  # last: until then it is no run
        return True


def twin_record(plan: TwinPlan, seed: int, config: RunConfig, command: str) -> dict[str, Any]:
    """What the manifest of a twin says of the model and the run that it stands beside."""
    own = replace(plan.identity, untrained_seed=seed, weights_sha256=None)
    return {
        "model": asdict(own),
        "config": config.model_dump(mode="json"),
        "config_hash": config.hash,
        "command": command,
    }


def twin_key(
    plan: TwinPlan,
    encoding: Encoding,
    config: RunConfig,
    coordinates: NDArray[np.int64] | None,
    sinks: Sinks,
) -> str:
    """sha256 of all that decides the numbers of the twins of a run, but their seed.

    Args:
        plan: what they are made of.
        encoding: what they read.
        config: of the run.
        coordinates: the outlier coordinates of the model, without which they are read, too.
        sinks: those of the model, at which nothing is run again.
    """
    network = {k: v for k, v in plan.config.to_dict().items() if k not in _OF_THE_FILES}
    asked = config.model_dump(mode="json", exclude={*_OF_THE_MODEL})
    facts = {
        "kind": f"{plan.kind.__module__}.{plan.kind.__qualname__}",
        "network": network,
        "dtype": str(plan.dtype),
        "place": plan.place,
        "part": plan.identity.part,
        "config": asked,
        "coordinates": None if coordinates is None else sorted(coordinates.tolist()),
        "sinks": {str(passage): at.tolist() for passage, at in sorted(sinks.items())},
        "bos": encoding.bos,
        "exclusions": dict(encoding.exclusions),
    }
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode())
    for passage in encoding.encoded:
        _add(passage, digest)
    return digest.hexdigest()


def _add(passage: Encoded, digest: Any) -> None:
    """Adds all that a run folder says of a passage and its tokens."""
    texts = passage.passage_id, passage.document, passage.text, passage.columns
    tokens = passage.token, passage.group, passage.tag, passage.lemma
    digest.update(repr((passage.passage, texts, tokens)).encode("utf-8", "surrogatepass"))
    for numbers in (
        *(passage.token_id, passage.start, passage.end, passage.word, passage.piece_count),
        *(passage.role, passage.occurrence, passage.next_id, passage.row),
    ):
        digest.update(np.ascontiguousarray(numbers).tobytes())
