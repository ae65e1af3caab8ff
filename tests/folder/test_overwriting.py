"""--overwrite replaces what odograph has written, and stops before anything else."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import odograph
from odograph.errors import OdographError, RunError, UsageError
from odograph.report import write_report


@pytest.fixture(scope="module")
def made(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with twins, a study and a report."""
    out = tmp_path_factory.mktemp("runs") / "made"
    options: dict[str, Any] = {"targets": ["her"], "untrained": 1, "shuffled": 1}
    odograph.measure(gpt2_folder, ["She saw her there."] * 3, out=out, **options).close()
    odograph.study("rotation", out).close()
    write_report([out], out / "report.html", command="odograph report")
    return out


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "run")
    return tmp_path / "run"


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def overwrite(model: Path, out: Path) -> Any:
    return odograph.measure(model, ["A dog ran after her."], out=out, overwrite=True)


def test_a_run_is_replaced_and_nothing_of_it_is_left(folder: Path, gpt2_folder: Path) -> None:
    run = overwrite(gpt2_folder, folder)
    run.close()
    listed = {*run.listed.names(), "manifest.json"}
    assert set(contents(folder)) == listed
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {
        name.split("/")[0] for name in listed if "/" in name
    }


@pytest.mark.parametrize(
    "name",
    [
        "thesis.tex",
        "notes/",
        "notes/chapter.txt",
        "layers/notes.txt",
        "layers/part-00009.parquet",
        "tables/mine.csv",
        "tables/rotation_profile.xlsx",
        "figures/mine.svg",
        "untrained/mine.txt",
        "untrained/seed-9x/",
        "untrained/seed-1/mine.txt",
        ".hidden",
        "findings.json.bak",
        "mine\x1b[31m.txt",
    ],
)
def test_what_odograph_has_not_written_stops_it_by_name_and_nothing_is_lost(
    name: str, folder: Path, gpt2_folder: Path
) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir() if name.endswith("/") else path.write_text("three years", encoding="utf-8")
    before = contents(folder)
    with pytest.raises(RunError) as error:
        overwrite(gpt2_folder, folder)
    assert "holds what odograph has not written and is not overwritten" in str(error.value)
    assert (name if name.isprintable() else repr(name)).split("/")[0] in str(error.value)
    assert "Nothing was removed" in str(error.value)
    assert contents(folder) == before


def test_a_foreign_report_or_a_link_stops_it(
    folder: Path, gpt2_folder: Path, tmp_path: Path
) -> None:
    (folder / "report.html").write_text("<html>my own</html>", encoding="utf-8")
    with pytest.raises(RunError, match=r"report\.html"):
        overwrite(gpt2_folder, folder)
    with pytest.raises(RunError, match="was not written by odograph and is not replaced"):
        write_report([folder], folder / "report.html", command="odograph report")
    (folder / "report.html").unlink()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "part-00000.parquet").write_text("mine", encoding="utf-8")
    shutil.rmtree(folder / "pairs")
    (folder / "pairs").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OdographError):
        overwrite(gpt2_folder, folder)
    assert (tmp_path / "elsewhere" / "part-00000.parquet").read_text("utf-8") == "mine"


def test_a_killed_run_or_study_can_be_replaced(folder: Path, gpt2_folder: Path) -> None:
    record = json.loads((folder / "manifest.json").read_text("utf-8"))
    record |= {"complete": False, "untrained": [], "shuffled": []}
    (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    shutil.copy(folder / "layers" / "part-00000.parquet", folder / "layers" / "part-00001.parquet")
    (folder / "untrained" / "seed-1" / "manifest.json").unlink()
    sections = json.loads((folder / "studies.json").read_text("utf-8"))
    sections["rotation"] = {"undone": True} | {
        place: sections["rotation"][place] for place in ("tables", "figures")
    }
    (folder / "studies.json").write_text(json.dumps(sections), encoding="utf-8")
    overwrite(gpt2_folder, folder).close()
    assert not (folder / "tables").exists()


def test_resume_and_overwrite_together_are_refused(folder: Path, gpt2_folder: Path) -> None:
    before = contents(folder)
    with pytest.raises(UsageError, match="--resume and --overwrite together: expected one of them"):
        odograph.measure(gpt2_folder, ["A dog."], out=folder, resume=True, overwrite=True)
    assert contents(folder) == before


def test_a_study_of_several_models_never_replaces_a_foreign_report(
    gpt2_folder: Path, llama_folder: Path, tmp_path: Path, capsys: Any
) -> None:
    from odograph.cli import run

    out, texts = tmp_path / "both", tmp_path / "texts.txt"
    texts.write_text("She saw her there.\n" * 3, encoding="utf-8")
    out.mkdir()
    (out / "report.html").write_text("my own", encoding="utf-8")
    models = ["--model", str(gpt2_folder), "--model", str(llama_folder)]
    asked = ["study", "rotation", *models, "--texts", str(texts), "--target", "her"]
    for more in (["--overwrite"], ["--resume"], []):
        assert run([*asked, "--out", str(out), *more]) == 1
        assert "not written by odograph and is not replaced" in capsys.readouterr().err
    assert contents(out) == {"report.html": b"my own"}


def test_a_report_replaces_an_earlier_report_and_nothing_else(
    folder: Path, tmp_path: Path, measured: Callable[..., Any]
) -> None:
    place = tmp_path / "page.html"
    for _ in range(2):
        write_report([folder], place, command="odograph report")
    place.write_text("<html>mine</html>", encoding="utf-8")
    with pytest.raises(RunError, match="was not written by odograph"):
        write_report([folder], place, command="odograph report")
    assert place.read_text("utf-8") == "<html>mine</html>"
