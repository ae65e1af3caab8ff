"""A scatter of very many points: cells and a sample, the same in a file and from the server."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from odograph.explorer import answers
from odograph.report.packing import unpacked
from odograph.report.sample import hash_drawn

VIEWER = Path(__file__).parents[2] / "viewer"
ASK = """
import {{ cellsOf, hashDrawn, MOST_POINTS, DRAWN }} from {module};
const x = Float64Array.from({x}), y = Float64Array.from({y});
const cells = cellsOf(x, y);
console.log(JSON.stringify({{ ...cells, counts: [...cells.counts],
    drawn: hashDrawn({rows}, 40), MOST_POINTS, DRAWN }}));
"""


def of_the_page(tmp_path: Path, x: Any, y: Any, rows: Any) -> Any:
    """What the page's own code makes of the points."""
    if shutil.which("node") is None or not (VIEWER / "node_modules" / "esbuild").is_dir():
        pytest.skip("Node or viewer/node_modules (npm ci) is absent: its code is not run")
    built = tmp_path / "cells.mjs"
    command = ["node_modules/.bin/esbuild", "src/cells.ts", "--format=esm", f"--outfile={built}"]
    subprocess.run(command, cwd=VIEWER, check=True, capture_output=True, timeout=120)
    script = ASK.format(
        module=json.dumps(str(built)), x=x.tolist(), y=y.tolist(), rows=rows.tolist()
    )
    (tmp_path / "ask.mjs").write_text(script, encoding="utf-8")
    done = subprocess.run(
        ["node", str(tmp_path / "ask.mjs")],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return json.loads(done.stdout)


def test_the_page_counts_the_same_cells_and_draws_the_same_tokens_as_the_server(
    tmp_path: Path,
) -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(2, 500))
    rows = np.sort(random.choice(2**31, 500, replace=False)).astype(np.int64)
    shown = of_the_page(tmp_path, x, y, rows)
    cells = answers._cells(x, y)
    assert shown["counts"] == unpacked(cells["counts"]).tolist()
    assert [shown["x"], shown["y"]] == [cells["x"], cells["y"]]
    assert [shown["across"], shown["up"]] == [cells["across"], cells["up"]]
    assert shown["drawn"] == hash_drawn(rows, 40).tolist()
    assert (shown["MOST_POINTS"], shown["DRAWN"]) == (answers.MOST_POINTS, answers.DRAWN)


def test_no_point_is_lost_in_the_cells_and_all_alike_are_one_cell() -> None:
    x = np.array([0.0, 0.5, 1.0, 1.0])
    counts = unpacked(answers._cells(x, np.full(4, 3.0))["counts"])
    assert counts.sum() == 4
    assert counts[: answers.CELLS[0]].sum() == 4  # all in the lowest row
    assert counts[answers.CELLS[0] - 1] == 2
