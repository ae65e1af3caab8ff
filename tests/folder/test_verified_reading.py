"""What is read is what the lists of a run folder name, as it was written; all else is told."""

import json
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from made_damage import manifest_of, write
from tiny import TEXTS

import odograph
from odograph.cli import run as give
from odograph.errors import RunError
from odograph.folder import checksums, told
from odograph.folder.selection import columns_of
from odograph.folder.vectors import kept_states, summed_moments
from odograph.report import write_report

GOLDEN = Path(__file__).parents[1] / "run" / "golden"


@pytest.fixture(scope="module")
def made(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two shards with everything, and a study of it."""
    out = tmp_path_factory.mktemp("runs") / "made"
    options: dict[str, Any] = {
        "targets": ["her"],
        "measures": ["block_distance,straightness"],
        "skip_blocks": True,
        "vectors": 3,
        "untrained": 1,
        "shuffled": 1,
        "shard_tokens": 90,
    }
    odograph.measure(gpt2_folder, list(TEXTS), out=out, **options).close()
    odograph.study("rotation", out).close()
    return out


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    shutil.copytree(made, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture(autouse=True)
def nothing_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "_told", set())


def flip(path: Path, place: float = 0.5) -> None:
    """Turns one bit of a file."""
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    path.write_bytes(bytes(content))


def read_all(folder: Path) -> None:
    """Everything that can be read of a run and of what stands beside it."""
    with odograph.open(folder) as run:
        for one in (run, *run.untrained, *run.shuffled):
            for table in ("layers", "tokens", "pairs"):
                one.arrow(table)
            summed_moments(one)
        for table in ("spans", "skips"):
            run.arrow(table)
        list(kept_states(run))
        for (name,) in run.sql("select name from tables").fetchall():
            run.sql(f"select * from tables.{name}").fetchall()
        assert run.findings
    write_report([folder], folder / "report.html", command="odograph report")


#: One file of every place in which a run folder keeps what was measured.
MEASURED = (
    "tokens/part-00000.parquet",
    "layers/part-00001.parquet",
    "pairs/part-00000.parquet",
    "spans/part-00000.parquet",
    "skips/part-00000.parquet",
    "vectors/part-00001.safetensors",
    "moments/part-00000.safetensors",
    "untrained/seed-1/layers/part-00000.parquet",
    "shuffled/seed-1/tokens/part-00001.parquet",
)


def test_an_undamaged_run_is_read_and_verified(folder: Path, capsys: Any) -> None:
    read_all(folder)
    assert give(["verify", str(folder)]) == 0
    ended = capsys.readouterr()
    assert ended.out == ""
    assert "files of" in ended.err
    assert "are what was written" in ended.err


@pytest.mark.parametrize("name", MEASURED)
@pytest.mark.parametrize("place", [0.2, 0.97])
def test_a_flipped_bit_is_refused_by_name(name: str, place: float, folder: Path) -> None:
    flip(folder / name, place)
    with pytest.raises(RunError) as error:
        read_all(folder)
    assert name.rpartition("seed-1/")[2] in str(error.value)
    assert "--resume" in str(error.value)


@pytest.mark.parametrize("name", ["tokens", "layers", "pairs", "spans"])
def test_a_shard_replaced_by_a_copy_of_another_is_refused(name: str, folder: Path) -> None:
    shutil.copy(folder / name / "part-00000.parquet", folder / name / "part-00001.parquet")
    with pytest.raises(RunError, match=rf"{name}/part-00001\.parquet: it is not what was written"):
        read_all(folder)


@pytest.mark.parametrize("name", MEASURED)
def test_a_stray_shard_is_named_once_and_not_read(name: str, folder: Path, capsys: Any) -> None:
    count = "select count(*), sum(position) from tokens join layers using (passage, position)"
    with odograph.open(folder) as run:
        before = run.sql(count).fetchall(), summed_moments(run)["direction_count"].tolist()
    stray = folder / Path(name).with_name(f"part-00077{Path(name).suffix}")
    shutil.copy(folder / name, stray)
    capsys.readouterr()
    for _ in range(2):
        with odograph.open(folder) as run:
            after = run.sql(count).fetchall(), summed_moments(run)["direction_count"].tolist()
            assert len(run.untrained) == len(run.shuffled) == 1
    assert after == before
    words = capsys.readouterr().err
    assert words.count("part-00077") == 1
    assert "not read, for manifest.json does not list it" in words


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_changed_table_of_a_study_is_refused(ending: str, folder: Path) -> None:
    flip(folder / "tables" / f"rotation_profile.{ending}")
    if ending == "parquet":
        with pytest.raises(RunError, match=r"tables/rotation_profile\.parquet is not what the stu"):
            read_all(folder)
    assert give(["verify", str(folder)]) == 1


def test_a_changed_figure_is_refused_by_the_report(folder: Path) -> None:
    path = folder / "figures" / "rotation_profile.svg"
    path.write_text(path.read_text("utf-8").replace("</svg>", "<!-- --></svg>"), "utf-8")
    with pytest.raises(RunError, match=r"figures/rotation_profile\.svg is not what the study"):
        write_report([folder], folder / "report.html", command="odograph report")


def test_changed_findings_are_refused_and_can_be_made_again(folder: Path) -> None:
    path = folder / "findings.json"
    path.write_text(path.read_text("utf-8").replace('"n": ', '"n": 1', 1), "utf-8")
    with odograph.open(folder) as run, pytest.raises(RunError, match=r"analyse .* rotation"):
        assert run.findings
    odograph.study("rotation", folder).close()
    read_all(folder)


@pytest.mark.parametrize("table", ["findings", "query_table('findings')"])
def test_findings_that_are_damaged_are_refused_by_whatever_way_they_are_read(
    table: str, folder: Path
) -> None:
    path = folder / "findings.json"
    path.write_text(path.read_text("utf-8").replace('"n": ', '"n": 1', 1), "utf-8")
    with odograph.open(folder) as run:
        with pytest.raises(RunError, match=r"analyse .* rotation"):
            run.sql(f"select * from {table}")
        listed = "select distinct table_name from duckdb_columns() where table_name = 'findings'"
        assert run.sql(listed).fetchall() == [("findings",)], "its rows are not read"


def test_what_no_study_lists_is_named_and_not_read(folder: Path, capsys: Any) -> None:
    shutil.copy(folder / "tables" / "rotation_profile.parquet", folder / "tables" / "other.parquet")
    record = json.loads((folder / "findings.json").read_text("utf-8"))
    planted = [*record, record[0] | {"study": "planted"}]
    (folder / "findings.json").write_text(json.dumps(planted), "utf-8")
    with odograph.open(folder) as run:
        assert ("other",) not in run.sql("select name from tables").fetchall()
        assert run.findings == record
    told_words = capsys.readouterr().err
    assert "studies.json does not list it: tables/other.parquet" in told_words
    assert "studies.json does not list it: findings of planted" in told_words


def test_a_query_on_tokens_reads_no_other_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksums, "_known", {})

    def hashed() -> set[str]:
        return {Path(path).parent.name for path, *_ in checksums._known}

    with odograph.open(folder) as run:
        assert hashed() == set(), "opening a run reads its manifest only"
        run.sql("select avg(start) from tokens").fetchall()
        assert hashed() == {"tokens", "passages"}, "passages name the documents"
        run.sql("with layers as (select 1) select * from pairs").fetchall()
        run.sql("select avg(straightness) from tokens").fetchall()
        assert hashed() == {"tokens", "passages", "layers", "pairs"}, (
            "straightness is made of steps"
        )


def test_columns_of_a_table_are_told_by_its_own_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksums, "_known", {})
    flip(folder / "layers" / "part-00000.parquet")
    with odograph.open(folder) as run:
        assert "straightness" in columns_of(run, "tokens")
        assert columns_of(run, "lens") == frozenset()
        assert {Path(path).parent.name for path, *_ in checksums._known} == {"tokens", "passages"}
        with pytest.raises(RunError, match="layers/part-00000"):
            columns_of(run, "layers")


def test_a_file_is_hashed_once_as_long_as_it_is_not_written_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = checksums.hashlib.file_digest

    def counted(file: Any, name: str) -> Any:
        read.append(file.name)
        return real(file, name)

    monkeypatch.setattr(checksums.hashlib, "file_digest", counted)
    monkeypatch.setattr(checksums, "_known", {})
    for _ in range(2):
        with odograph.open(folder) as run:
            run.arrow("layers")
    assert len(read) == len(set(read)) == 2
    flip(folder / "layers" / "part-00000.parquet")
    with odograph.open(folder) as run, pytest.raises(RunError, match="layers/part-00000"):
        run.arrow("layers")


@pytest.mark.parametrize("name", ["tokens/part-00000.parquet", "moments/part-00000.safetensors"])
def test_a_link_out_of_the_folder_is_refused(name: str, folder: Path, tmp_path: Path) -> None:
    shutil.move(folder / name, tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="leads out of itself"):
        read_all(folder)


def test_a_twin_of_another_run_is_refused(
    folder: Path, gpt2_folder: Path, tmp_path: Path, measured: Callable[..., Any]
) -> None:
    other = measured(gpt2_folder, list(TEXTS)[:3], targets=["her"], untrained=1)
    shutil.rmtree(folder / "untrained" / "seed-1")
    shutil.copytree(other.folder / "untrained" / "seed-1", folder / "untrained" / "seed-1")
    with odograph.open(folder) as run, pytest.raises(RunError, match="its texts differs"):
        assert run.untrained


@pytest.mark.parametrize("name", ["untrained/seed-1", "shuffled/seed-1"])
def test_a_run_that_is_linked_as_its_own_null_is_refused_and_named(
    name: str, folder: Path, capsys: Any
) -> None:
    shutil.rmtree(folder / name)
    (folder / name).symlink_to("..", target_is_directory=True)
    with odograph.open(folder) as run, pytest.raises(RunError, match=r"does not belong .* a link"):
        assert [*run.untrained, *run.shuffled]
    assert give(["verify", str(folder)]) == 1
    assert f"{name}/manifest.json: " in capsys.readouterr().out


def test_a_twin_in_the_place_of_another_seed_is_refused_and_named(
    folder: Path, capsys: Any
) -> None:
    shutil.copytree(folder / "untrained" / "seed-1", folder / "untrained" / "seed-2")
    record = manifest_of(folder)
    write(folder, record | {"untrained": [*record["untrained"], "untrained/seed-2"]})
    with odograph.open(folder) as run, pytest.raises(RunError, match=r"its seed differs: .* got 1"):
        assert run.untrained
    assert give(["verify", str(folder)]) == 1
    assert "untrained/seed-2/manifest.json: " in capsys.readouterr().out


@pytest.mark.parametrize("name", [*MEASURED, "tables/rotation_profile.parquet", "findings.json"])
def test_verify_names_what_was_changed_and_nothing_else(
    name: str, folder: Path, capsys: Any
) -> None:
    flip(folder / name)
    assert give(["verify", str(folder)]) == 1
    (line,) = [x for x in capsys.readouterr().out.splitlines() if "part-" in x or "table" in x] or [
        "findings.json"
    ]
    assert line.startswith(name)


def test_verify_names_what_is_missing(folder: Path, capsys: Any) -> None:
    (folder / "layers" / "part-00001.parquet").unlink()
    (folder / "figures" / "rotation_profile.svg").unlink()
    (folder / "findings.json").unlink()
    assert give(["verify", str(folder)]) == 1
    ended = capsys.readouterr()
    shards, figures, findings = ended.out.splitlines()
    assert shards == "layers/part-00001.parquet: it is missing"
    assert figures == "figures/rotation_profile.svg: it is missing"
    assert findings.startswith("findings.json: ")
    assert "3 of" in ended.err


def test_verify_names_figures_that_a_stopped_command_has_not_drawn(
    folder: Path, capsys: Any
) -> None:
    sections = json.loads((folder / "studies.json").read_text("utf-8"))
    files = sections["rotation"]["files"]
    gone = {name for name in files if name.startswith("figures/rotation_profile.")}
    sections["rotation"]["files"] = {n: d for n, d in files.items() if n not in gone}
    (folder / "studies.json").write_text(json.dumps(sections), encoding="utf-8")
    for name in gone:
        (folder / name).unlink()
    assert give(["verify", str(folder)]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert sorted(shown) == sorted(f"{name}: it was not drawn" for name in gone)
    assert give(["report", str(folder)]) == 0
    page = (folder / "report.html").read_text("utf-8")
    assert "figures/rotation_profile.svg is missing" in page


def test_a_report_without_tokens_says_why(folder: Path, capsys: Any) -> None:
    flip(folder / "layers" / "part-00001.parquet")
    assert give(["report", str(folder)]) == 0
    told = capsys.readouterr().err
    assert f"the page shows no tokens of '{folder}': a file of the run" in told
    assert "layers/part-00001.parquet: it is not what was written" in told


def test_results_of_an_earlier_release_are_read_and_called_not_verified_once(
    folder: Path, capsys: Any
) -> None:
    path = folder / "studies.json"
    sections = json.loads(path.read_text("utf-8"))
    for section in sections.values():
        del section["files"], section["findings"]
    path.write_text(json.dumps(sections), "utf-8")
    read_all(folder)
    read_all(folder)
    assert capsys.readouterr().err.count("of an earlier release are not verified") == 1
    odograph.study("rotation", folder).close()
    assert all("files" in section for section in json.loads(path.read_text("utf-8")).values())


def test_a_section_lists_the_files_of_its_study(folder: Path) -> None:
    (section,) = json.loads((folder / "studies.json").read_text("utf-8")).values()
    there = {
        p.relative_to(folder).as_posix()
        for d in ("tables", "figures")
        for p in (folder / d).iterdir()
    }
    assert set(section["files"]) == there
    for name, digest in section["files"].items():
        assert checksums.checksum(folder / name) == digest


def test_figures_drawn_by_other_processes_are_listed_too(folder: Path) -> None:
    from odograph.studies import attempt

    with odograph.open(folder) as run:
        attempt(run, ["rotation"], painters=1)
    test_a_section_lists_the_files_of_its_study(folder)


def test_a_study_that_is_stopped_while_it_writes_is_not_done(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = import_module("odograph.studies.result")

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(result, "_write_table", stopped)
    with pytest.raises(KeyboardInterrupt):
        odograph.study("rotation", folder)
    with odograph.open(folder) as run:
        assert run.sections == {}
        assert run.sql("select name from tables").fetchall() == []
    write_report([folder], folder / "report.html", command="odograph report")


def test_a_golden_run_is_read_without_a_word(capsys: Any) -> None:
    with odograph.open(GOLDEN / "format-1-whole") as run:
        run.arrow("layers")
    assert capsys.readouterr().err == ""
