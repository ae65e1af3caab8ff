"""Run folders as a study leaves them, with plausible numbers from a seeded generator."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from odograph.figures import (
    Band,
    Correlation,
    Curve,
    Difference,
    Dot,
    HeatMap,
    Labels,
    Panel,
    Points,
    draw_difference,
    draw_heatmap,
    draw_profile,
    draw_scatter,
    save,
)
from odograph.sentences.record import Finding

HOSTILE = "<script>alert('token')</script>"
BLOCKS = 12


def card(model: str) -> dict[str, str]:
    return {
        "model": model,
        "precision": "float32, cpu, sdpa",
        "convention": "stream",
        "BOS": "none",
        "tokens excluded": "54 first positions, 0 sinks",
        "unit and n": "passage, n = 54",
        "test and family": "sign-flip permutation, max-T over 12 layers",
        "null shown": "3 untrained twins, 5-95 %",
        "versions": "odograph 0.1.0, torch 2.6.0, transformers 5.3.0",
        "seed": "0",
    }


def manifest(model: str) -> dict[str, Any]:
    checks = [
        ("closure", True, 1.2e-7, "worst in block 7"),
        ("final norm", True, 3.1e-7, ""),
        ("head", None, None, "no logits were asked for"),
        ("batch", True, 2.2e-6, ""),
        ("repeat", False, 3e-3, "two runs differ in block 3"),
    ]
    return {
        "format": 1,
        "kind": "run",
        "odograph": "0.1.0",
        "versions": {"python": "3.11.9", "torch": "2.6.0", "transformers": "5.3.0"},
        "command": f"odograph study rotation --model {model} --texts her.txt --target her --out R",
        "config": {
            "model": model,
            "targets": ["her"],
            "texts": [HOSTILE],
            "select": "all",
            "keep_first": False,
        },
        "config_hash": "9f2c11",
        "model": {
            "name": model,
            "revision": None,
            "fingerprint": "sha256:77ab",
            "family": "gpt2",
            "architecture": "GPT2LMHeadModel",
            "blocks": BLOCKS,
            "width": 768,
            "parameters": 124439808,
            "layout": "sequential",
            "untrained_seed": None,
        },
        "dtype": "float32",
        "device": "cpu",
        "kernel": "sdpa",
        "convention": "stream",
        "bos": "none",
        "seed": 0,
        "decomposition": "exact",
        "untrained": [],
        "self_check": [
            {"name": n, "passed": p, "error": e, "tolerance": 1e-5, "detail": d}
            for n, p, e, d in checks
        ],
        "exclusions": {"first_position": 54, "sinks": 2, "target_at_first_position": 1, "odd": 3},
        "corpus": {
            "passages": 54,
            "tokens": 812,
            "fingerprint": "sha256:51ce",
            "sources": ["bundled:her", HOSTILE],
            "skipped": [{"place": "her.txt, line 12", "reason": "no text"}],
        },
        "shards": [],
        "not_a_number": {"rotation": 0, "bend": 2},
        "time": {"started": "2026-01-01T00:00:00Z", "wall_s": 3.2, "tokens_per_s": 5300.0},
        "complete": True,
    }


def findings(model: str) -> list[dict[str, Any]]:
    shared: dict[str, Any] = {"n": 54, "unit_of_inference": "passages", "card": card(model)}
    rotation: dict[str, Any] = {"study": "rotation", "unit": "degrees", "excluded": 1, **shared}
    return [
        Finding(
            statement="In block 5 the target turns 4.1 degrees less than the token before it.",
            plain="The vector of “her” swings round less there than its neighbour's.",
            estimate=-4.12,
            interval=(-5.23, -3.01),
            test="paired sign-flip permutation, max-T",
            family="12 layers",
            null="3 untrained twins",
            p=0.0001,
            p_adjusted=0.0012,
            **rotation,
        ).record(),
        Finding(
            statement="The curves of target and non-target differ.",
            plain="",
            estimate=None,
            interval=None,
            test="cluster mass, sign-flip permutation",
            family="clusters of 12 layers",
            null="",
            p=0.0123,
            **rotation,
        ).record(),
        Finding(
            study="path-length",
            statement=f"Before {HOSTILE} the last step is longest.",
            plain="Where the model is sure, the last move is shorter, if anything.",
            estimate=-0.31,
            interval=(-0.42, -0.19),
            unit="r",
            excluded=3,
            test="none: descriptive, one text",
            family="",
            null="circular-block bootstrap",
            **shared,
        ).record(),
    ]


STUDIES: dict[str, Any] = {
    "rotation": {
        "question": "How far does a token turn in each block, target against the token before it?",
        "figures": [
            {
                "name": "rotation_profile",
                "title": "Rotation by block",
                "caption": "Both groups turn most in block 1 and again at the end.",
                "null": "3 untrained twins, 5-95 %",
            },
            {"name": "rotation_difference", "title": "Difference", "caption": "Target minus it."},
            {"name": "rotation_map", "title": "One sentence", "caption": f"With {HOSTILE}."},
        ],
        "tables": [{"name": "rotation_profile", "title": "Rotation by block and passage"}],
        "notes": ["53 pairs; 1 left out because its target follows the first token."],
        "card": card("gpt2"),
    },
    "path-length": {
        "question": "Does a short last step go with a confident prediction?",
        "figures": [
            {"name": "last_step_scatter", "title": "Last step", "caption": "Each point a token."}
        ],
        "tables": [{"name": "correlations", "title": "All combinations"}],
        "notes": [],
        "card": {},
    },
}


def draw(folder: Path, model: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    layers = np.arange(1, BLOCKS + 1)
    mean = 14 + 50 * np.exp(-layers / 1.5) + 12 * (layers / BLOCKS) ** 6 + rng.normal(0, 1, BLOCKS)
    twin = np.degrees(np.arctan(1 / np.sqrt(layers)))
    drop = -4 * np.exp(-((layers - 5) ** 2) / 9)
    tokens = ["She", " told", " her", HOSTILE, " that", " 漢字", "."]
    step = rng.normal(120, 15, 300)
    sureness = -rng.exponential(3, 300)
    x_label = "block"
    made = {
        "rotation_profile": draw_profile(
            [
                Curve("target (her)", layers, mean, mean - 2, mean + 2),
                Curve("non-target", layers, mean - drop, mean - drop - 2, mean - drop + 2),
            ],
            Labels("Rotation by block", x_label, "rotation (degrees)"),
            bands=[Band("untrained twins, 5-95 %", layers, twin - 2, twin + 2, twin)],
        ),
        "rotation_difference": draw_difference(
            Difference(layers, drop, drop - 1, drop + 1, "53 passages", drop < -1),
            Labels("Target minus the token before it", x_label, "difference (degrees)"),
        ),
        "rotation_map": draw_heatmap(
            HeatMap(tokens, layers, rng.gamma(3, 5, (7, BLOCKS)), targets=(2,), sinks=(0,)),
            Labels("One sentence", x_label, "rotation (degrees)"),
        ),
        "last_step_scatter": draw_scatter(
            [
                Panel(
                    name,
                    [Points("tokens", scale * step, sureness)],
                    [Correlation("Spearman", Dot(-0.31, -0.42, -0.19), 300)],
                )
                for name, scale in (("stream", 1), ("hf", 8))
            ],
            Labels("Last step", "last step (model units)", "log-probability (nats)"),
        ),
    }
    for name, figure in made.items():
        save(figure, folder / "figures" / name, card(model))


def write_tables(folder: Path) -> None:
    rng = np.random.default_rng(1)
    (folder / "tables").mkdir(exist_ok=True)
    unit = {"unit": "degrees"}
    schema = pa.schema(
        [
            pa.field("layer", pa.int16()),
            pa.field("group", pa.string()),
            pa.field("token", pa.string()),
            pa.field("rotation", pa.float64(), metadata=unit),
            pa.field("p", pa.float64()),
            pa.field("significant", pa.bool_()),
        ]
    )
    rows = 132
    columns = [
        np.resize(np.arange(1, 13), rows).astype("int16"),
        ["target", None] * (rows // 2),
        [" her", HOSTILE] * (rows // 2),
        [float("nan"), *rng.normal(20, 9, rows - 1)],
        rng.uniform(0, 1, rows),
        [True, False] * (rows // 2),
    ]
    table = pa.table(columns, schema=schema)
    pq.write_table(table, folder / "tables" / "rotation_profile.parquet")
    pq.write_table(table.slice(0, 2), folder / "tables" / "correlations.parquet")


def write_json(folder: Path, name: str, value: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(value), encoding="utf-8")


def write_run(folder: Path, model: str = "gpt2", seed: int = 0) -> Path:
    """A whole run folder with two studies."""
    write_json(folder, "manifest.json", manifest(model))
    write_json(folder, "studies.json", STUDIES)
    write_json(folder, "findings.json", findings(model))
    draw(folder, model, seed)
    write_tables(folder)
    return folder
