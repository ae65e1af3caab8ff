"""A run folder from a stranger: names in it are never SQL, and nothing beside it is read."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import odograph
from odograph.folder.writer import write_json

GOLDEN = Path(__file__).parent / "golden" / "format-1"
#: Each breaks out of a quoting: of identifiers, of strings, of both, of comments, of patterns.
HOSTILE = (
    "x\" as select 1; copy (select 'x' as a) to 'planted.csv'; create view tables.\"y",
    "x' as select 1; copy (select 1) to 'planted.csv'; --",
    "x']); copy (select 1) to 'planted.csv'; --",
    "tokens",
    "stored_tokens",
    "x; copy (select 1) to 'planted.csv'; --",
    "/*x",
    "*",
    "[x]",
    "x\ny",
    "Übel",
    "\x1b[31mred",
    "x" * 200,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A run; the current folder is empty before and must be empty after."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    shutil.copytree(GOLDEN, tmp_path / "run")
    yield tmp_path / "run"
    assert list(here.iterdir()) == []
    assert not [path for path in tmp_path.rglob("planted*") if path.name == "planted.csv"]


def planted(folder: Path, name: str) -> Path:
    """A Parquet file of the run under another name, whose slashes are those of a path."""
    target = folder / f"{name}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(next((folder / "tokens").glob("part-*.parquet")), target)
    return target


def use(folder: Path) -> list[str]:
    """Reads the run in every way, does its studies, gives the names of the studies' tables."""
    with odograph.open(folder) as run:
        run.to_pandas("layers")
        listed = [name for (name,) in run.sql("select name from tables").fetchall()]
    odograph.study("rotation", folder).close()
    return listed


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_in_tables_is_no_sql(name: str, folder: Path) -> None:
    planted(folder, f"tables/{name}")
    listed = use(folder)
    assert set(listed) <= {"tokens", "stored_tokens"}  # names that odograph could have written


@pytest.mark.parametrize("name", HOSTILE)
def test_a_table_never_stands_in_for_a_table_of_the_run(name: str, folder: Path) -> None:
    with odograph.open(folder) as run:
        before = run.sql("select count(*), sum(position) from tokens").fetchall()
    planted(folder, f"tables/{name}")
    with odograph.open(folder) as run:
        assert run.sql("select count(*), sum(position) from tokens").fetchall() == before


@pytest.mark.parametrize("name", [name for name in HOSTILE if "/" not in name])
def test_a_hostile_name_of_the_run_folder_is_no_sql(name: str, folder: Path) -> None:
    moved = folder.parent / name
    folder.rename(moved)
    use(moved)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_word_or_id_is_no_sql(
    name: str, folder: Path, gpt2_folder: Path, measured: Callable[..., Any]
) -> None:
    text = f"She saw {name} and {name} again in the old house by the sea."
    passages = folder.parent / "texts.jsonl"
    import json

    lines = [{"id": f"{name}{i}", "text": text, "lemma": name} for i in range(8)]
    passages.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    run = measured(gpt2_folder, [passages], targets=[name.split()[0]], out=folder.parent / "own")
    odograph.study("rotation", run).close()


@pytest.mark.parametrize(
    ("name", "leads_to"),
    [
        (".lock", "file"),
        (".lock", "missing"),
        ("tables", ""),
        ("figures", ""),
        ("receipts", ""),
        ("untrained/seed-0", ""),
        ("shuffled", ""),
        ("spans", ""),
        ("manifest.json", "file"),
        ("studies.json", "file"),
        ("findings.json", "file"),
    ],
)
def test_nothing_is_read_or_written_through_a_link_out_of_the_folder(
    name: str, leads_to: str, folder: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("{}", encoding="utf-8")
    (elsewhere / ".rotation_pairs.csv.1.tmp").touch()  # named as if it were half-written
    before = {path: path.read_bytes() for path in elsewhere.iterdir()}
    link = folder / name
    link.unlink(missing_ok=True)
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(elsewhere / leads_to)
    with pytest.raises(odograph.errors.RunError, match="leads out of itself"):
        odograph.study("rotation", folder)
    assert {path: path.read_bytes() for path in elsewhere.iterdir()} == before


def test_a_planted_temporary_file_is_not_written_through(tmp_path: Path) -> None:
    planted = tmp_path / f".notes.json.{os.getpid()}.tmp"
    planted.symlink_to(tmp_path / "elsewhere")
    write_json({"a": 1}, tmp_path / "notes.json")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.json"]


def test_only_files_of_the_run_are_read_once_it_is_open(folder: Path) -> None:
    other = planted(folder, "elsewhere")
    with odograph.open(folder) as run, pytest.raises(odograph.errors.UsageError):
        run.sql(f"select * from read_parquet('{other}')").fetchall()


def test_nothing_is_written_over_a_file_of_the_run(folder: Path) -> None:
    part = next((folder / "tokens").glob("part-*.parquet"))
    before = part.read_bytes()
    for query in (
        f"copy (select 1) to '{part}'",
        f"explain analyze copy (select 1) to '{part}'",
        f"with x as (select 1) select * from x; copy (select 1) to '{part}'",
    ):
        with odograph.open(folder) as run, pytest.raises(odograph.errors.UsageError):
            run.sql(query)
    assert part.read_bytes() == before
