"""What an older release wrote stays readable, with the same values (see make_golden.py)."""

import json
import math
from pathlib import Path
from typing import Any

import make_golden
import pytest

import odograph

FORMATS = sorted(p.name for p in make_golden.GOLDEN.iterdir() if p.is_dir())


TABLES = [(name, table) for name in FORMATS for table in make_golden.columns_of(name)]


def written(name: str) -> Any:
    return json.loads((make_golden.GOLDEN / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_the_values_are_those_that_were_written(name: str, table: str) -> None:
    wanted = written(name)[table]
    names = make_golden.columns_of(name)[table]
    with odograph.open(make_golden.GOLDEN / name) as run:
        found = run.sql(f"select {names} from {table} order by all").fetchall()
    assert len(found) == len(wanted) > 0
    for ours, theirs in zip(found, wanted, strict=True):
        for value, other in zip(ours, theirs, strict=True):
            assert (value is None) == (other is None)
            assert value is None or math.isclose(value, other, rel_tol=1e-6, abs_tol=1e-6)


@pytest.mark.parametrize("name", [name for name in FORMATS if name.endswith("-whole")])
def test_vectors_and_sums_are_those_that_were_written(name: str) -> None:
    wanted = written(name)["sums"]
    assert {"stream-0", "lens-0", "attention-0", "mlp-0", "direction_sum"} <= set(wanted)
    assert make_golden.sums_of(make_golden.GOLDEN / name) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("name", FORMATS)
def test_its_files_are_those_of_its_receipts(name: str) -> None:
    from odograph.run.manifest import is_valid

    folder = make_golden.GOLDEN / name
    receipts = odograph.open(folder).manifest["shards"]
    assert receipts
    assert all(is_valid(folder, receipt) for receipt in receipts)


def test_the_present_format_has_a_golden_folder() -> None:
    from odograph.folder.columns import FORMAT

    assert {f"format-{FORMAT}{end}" for end in make_golden.COLUMNS} <= set(FORMATS)
    size = sum(p.stat().st_size for p in Path(make_golden.GOLDEN).rglob("*") if p.is_file())
    assert size < 230_000
