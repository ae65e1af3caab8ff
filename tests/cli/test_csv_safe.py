"""Texts that a spreadsheet would run, in the CSV files of every command that writes some."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from odograph.cli import run


@pytest.fixture(scope="module")
def formulas(
    model_in: Callable[..., Path], texts: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    """Runs of two models with names that are formulas, which are to be left as they are."""
    folder = tmp_path_factory.mktemp("formulas")
    for number, name in enumerate(("=1+1", "-x")):
        model = model_in(folder / name, blocks=2 + number)
        given = ["--model", model, "--texts", texts, "--target", "her", "--logits", "none"]
        out = ["--out", folder / f"run-{number}", "--no-csv-safe", "--quiet"]
        assert run([str(part) for part in ("measure", *given, *out)]) == 0
    return [folder / "run-0", folder / "run-1"]


def models_in(folder: Path) -> set[str]:
    """What stands in the column `model` of the table of models."""
    with (folder / "tables" / "rotation_models.csv").open(encoding="utf-8", newline="") as file:
        return {row["model"] for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("flag", "names"),
    [
        ([], {"=1+1", "-x"}),
        (["--no-csv-safe"], {"=1+1", "-x"}),
        (["--csv-safe"], {"'=1+1", "'-x"}),
    ],
)
def test_compare_does_as_it_is_told_or_else_as_the_runs_were_measured(
    flag: list[str], names: set[str], odograph: Any, formulas: list[Path], tmp_path: Path
) -> None:
    asked = [*formulas, "--study", "rotation", "--out", tmp_path / "both", *flag]
    assert odograph("compare", *asked).code == 0
    assert models_in(tmp_path / "both") == names


@pytest.mark.parametrize(("flag", "safe"), [([], False), (["--csv-safe"], True)])
def test_analyse_does_as_it_is_told_or_else_as_the_run_was_measured(
    flag: list[str],
    safe: bool,
    odograph: Any,
    formulas: list[Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []
    monkeypatch.setattr("odograph.folder.csv_cells.harmless_table", lambda t: made.append(t) or t)
    assert odograph("analyse", formulas[0], "rotation", *flag).code == 0
    assert bool(made) == safe
