"""What is missing is said; what is broken or hostile does no harm."""

import doctest
import importlib
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from example_run import manifest, write_json

from odograph.errors import RunError
from odograph.report import write_report
from odograph.report.tables import read_table


def page(folder: Path) -> str:
    out = folder.parent / "report.html"
    html = write_report([folder], out, command="odograph report R").read_text(encoding="utf-8")
    ElementTree.fromstring(html)
    return html


def bare(folder: Path, **changes: Any) -> Path:
    write_json(folder, "manifest.json", {**manifest("gpt2"), **changes})
    return folder


def refused(folders: list[Path], out: Path) -> str:
    with pytest.raises(RunError) as caught:
        write_report(folders, out, command="odograph report R")
    assert not out.exists()
    return str(caught.value)


@pytest.mark.parametrize("name", ["numbers"])
def test_docstring_examples_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"odograph.report.{name}"))
    assert result.attempted
    assert not result.failed


def test_a_run_without_studies_says_so(tmp_path: Path) -> None:
    html = page(bare(tmp_path / "run"))
    assert "No findings yet: no study has been done on this run." in html
    assert "No study has been done on this run yet." in html


def test_an_incomplete_run_says_so(tmp_path: Path) -> None:
    assert "This run is not complete." in page(bare(tmp_path / "run", complete=False))
    assert "This run is not complete." not in page(bare(tmp_path / "run"))


def test_a_manifest_with_nothing_but_its_format_is_shown(tmp_path: Path) -> None:
    write_json(tmp_path / "run", "manifest.json", {"format": 1})
    html = page(tmp_path / "run")
    assert "not recorded" in html
    assert "No self-check is recorded for this run." in html
    assert "The command is not recorded." in html


def test_a_comparison_names_its_runs(tmp_path: Path) -> None:
    write_json(
        tmp_path / "both",
        "manifest.json",
        {"format": 1, "kind": "comparison", "runs": ["gpt2", "gpt2-medium"], "command": "compare"},
    )
    html = page(tmp_path / "both")
    assert "Comparison both" in html
    assert "gpt2, gpt2-medium" in html
    assert "Self-check" not in html


def test_a_study_without_figures_tables_and_findings_is_shown(tmp_path: Path) -> None:
    folder = bare(tmp_path / "run")
    write_json(folder, "studies.json", {"rotation": {"question": "How far?"}, "pruning": {}})
    html = page(folder)
    assert "How far?" in html
    assert html.count("This study has no figures.") == 2
    assert html.count("This study stated no findings.") == 2


def test_missing_and_broken_figures_and_tables_are_named(tmp_path: Path) -> None:
    folder = bare(tmp_path / "run")
    entries = [{"name": name} for name in ("gone", "broken", "page", "../manifest", "")]
    write_json(folder, "studies.json", {"rotation": {"figures": entries, "tables": entries}})
    for kind, ending in (("figures", "svg"), ("tables", "parquet")):
        (folder / kind).mkdir()
        (folder / kind / f"broken.{ending}").write_text("<svg", encoding="utf-8")
        (folder / kind / f"page.{ending}").write_text("<html/>", encoding="utf-8")
    html = page(folder)
    for words in (
        "figures/gone.svg is missing",
        "figures/broken.svg is not a readable SVG",
        "figures/page.svg is not an SVG",
        "&#39;../manifest&#39; is not the name of a figure",
        "tables/gone.parquet is missing",
        "tables/broken.parquet cannot be read",
        "&#39;../manifest&#39; is not the name of a table",
    ):
        assert words in html


def test_a_hostile_figure_does_no_harm(tmp_path: Path) -> None:
    folder = bare(tmp_path / "run")
    write_json(folder, "studies.json", {"rotation": {"figures": [{"name": "bad"}]}})
    (folder / "figures").mkdir()
    (folder / "figures" / "bad.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'onload="evil()"><script>evil()</script><style>@import "http://evil"</style>'
        "<foreignObject><body/></foreignObject><a href='javascript:evil()'><text>link</text></a>"
        '<image xlink:href="http://evil/x.png"/><path style="fill: url(http://evil)"/>'
        '<text onclick="evil()">kept</text></svg>',
        encoding="utf-8",
    )
    html = page(folder)
    assert "kept" in html
    assert "evil" not in html


def test_tables_may_be_empty_or_csv_only(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "a.csv").write_text("layer,rotation\n1,20.5\n2,\n", encoding="utf-8")
    table = read_table(tmp_path, "a")
    assert (table.columns, table.total) == (("layer", "rotation"), 2)
    assert table.rows == (("1", "20.50"), ("2", "–"))
    pq.write_table(pa.table({"layer": pa.array([], pa.int16())}), tmp_path / "tables" / "b.parquet")
    empty = read_table(tmp_path, "b")
    assert (empty.columns, empty.rows, empty.total) == (("layer",), (), 0)


def test_odd_findings_do_not_stop_the_report(tmp_path: Path) -> None:
    folder = bare(tmp_path / "run")
    write_json(folder, "findings.json", [{}, {"study": "rotation", "statement": "a\ud800b"}])
    html = page(folder)
    assert "a finding without a statement" in html
    assert "a?b" in html


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    remedy = "Give the folder that `odograph study` or `odograph measure` wrote with --out."
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for name, given in (("empty", "a folder without it"), ("file", "a file"), ("no", "nothing")):
        assert refused([tmp_path / name], out) == (
            f"{tmp_path / name}: not a run folder: expected a folder with manifest.json, "
            f"got {given}. {remedy}"
        )


def test_no_folder_at_all_is_refused(tmp_path: Path) -> None:
    assert refused([], tmp_path / "report.html") == (
        "a report needs something to report: expected at least one run folder, got none. "
        "Name the folders: `odograph report RUN`."
    )


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"format": 99}), json.dumps({})])
def test_a_broken_or_foreign_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    assert str(tmp_path / "manifest.json") in refused([tmp_path], tmp_path / "report.html")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("findings.json", {}),
        ("findings.json", ["a"]),
        ("studies.json", []),
        ("studies.json", {"a": 1}),
    ],
)
def test_broken_study_files_are_refused_with_their_place(
    tmp_path: Path, name: str, value: object
) -> None:
    folder = bare(tmp_path / "run")
    write_json(folder, name, value)
    assert f"{folder / name}: cannot be read" in refused([folder], tmp_path / "report.html")
