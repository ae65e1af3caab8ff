"""One word against the word before it in networks of random weights, through the command line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from calibration.rows import FALSE_ALARMS, Row, counted
from odograph.cli import run as odograph
from odograph.corpus import bundled_path
from odograph.models import twins
from odograph.models.bundled_model import bundled_model
from odograph.run import execute

TEXTS, SEEDS = "one word, test over texts", "one word, test over seeds"
METHODS = (TEXTS, SEEDS)
_TEXTS, _TWINS = 24, 8


def rows(runs: int) -> Iterator[Row]:
    """How often 'her' is found to turn otherwise than the word before it, where nothing is learned.

    A network is one more of the kind of its twins: only the test over seeds may be held to .05.
    Each has twins of its own: beside the same eight all networks would stand or fall together.
    """
    alarms: dict[str, list[bool]] = {TEXTS: [], SEEDS: []}
    with TemporaryDirectory() as scratch:
        lines = bundled_path("her").read_text("utf-8").splitlines()[:_TEXTS]
        texts = Path(scratch) / "her.txt"
        texts.write_text("\n".join(lines), "utf-8")
        for network in range(runs):
            model = _network(Path(scratch) / "model", seed_of(network, 0))
            with twins_of(network), redirect_stdout(StringIO()):
                found = _lead(model, texts, Path(scratch) / "run")
            alarms[TEXTS].append(found["over_documents"]["p_adjusted"] < 0.05)
            alarms[SEEDS].append(found["p_adjusted"] < 0.05)
    where = f"random GPT-2s of 3 blocks, {_TWINS} twins of their own, odograph study rotation"
    for method, hits in alarms.items():
        yield counted(FALSE_ALARMS, method, _TEXTS, where, hits)


def seed_of(network: int, twin: int) -> int:
    """The seed of a network's weights (twin 0) and of each of its twins; none is used twice."""
    return 1_000 + network * (_TWINS + 1) + twin


@contextmanager
def twins_of(network: int) -> Iterator[None]:
    """Inside, the twins of a run are drawn from seeds of this network's own."""

    def drawn(plan: twins.TwinPlan, seed: int) -> Any:
        return own(plan, seed_of(network, seed))

    own = twins.untrained_twin
    with patch.object(execute, "untrained_twin", drawn):
        yield


def _network(folder: Path, seed: int) -> Path:
    """A small network of random weights, with the tokenizer of the bundled model."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    config = AutoConfig.from_pretrained(bundled_model())
    config.n_layer, config.n_embd, config.n_head = 3, 48, 4
    torch.manual_seed(seed)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(bundled_model()).save_pretrained(folder)
    return folder


def _lead(model: Path, texts: Path, out: Path) -> dict[str, Any]:
    """The primary finding of the study."""
    arguments = ["study", "rotation", "--model", str(model), "--texts", str(texts)]
    arguments += ["--target", "her", "--untrained", str(_TWINS), "--out", str(out)]
    if odograph([*arguments, "--overwrite", "--quiet"]):
        raise SystemExit("the study failed")
    findings = json.loads((out / "findings.json").read_text("utf-8"))
    return next(f for f in findings if f["over_documents"] and f["weight"] >= 3)
