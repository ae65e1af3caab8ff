"""What pages show of the demonstration, written between marks and never by hand: `make docs`.

A page asks for a part in a comment and gets it up to the next one:

    <!-- written: demo -->
    (what `odograph demo` prints)
    <!-- end -->

Parts: `demo`; `screen STUDY`, as `odograph study STUDY` ends; `show STUDY`, all that was found;
`question`, `figures`, `tables`, `headlines STUDY`; `rows STUDY QUERY`, a table by SQL;
`number STUDY QUERY`, one value by SQL. Figures that a page shows are copied out of the runs.
`python docs/written.py` runs the demonstration and writes all pages but that of a real model, for
which there is docs/real_model.py; `python docs/written.py DIR` takes one that is there.
tests/cli/test_demo.py compares them.
"""

import io
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from odograph import Run
from odograph import open as open_run
from odograph.cli import run as odograph
from odograph.cli.demo import demo_parts
from odograph.cli.summary import show_studies, show_study
from odograph.sentences.headline import headline_of
from odograph.sentences.numbers import number
from odograph.studies.registry import BUILT_IN, find

ROOT = Path(__file__).parents[1]
#: The page whose numbers are those of a real model, which is not there everywhere.
REAL = ROOT / "docs" / "lessons.md"
GALLERY = ROOT / "docs" / "gallery.md"
PAGES = (ROOT / "README.md", *sorted({*(ROOT / "docs").rglob("*.md")} - {REAL}))
FIGURES = ROOT / "docs" / "figures"
#: Whose figures lie where: the demonstration's, the real model's.
OF_DEMO, OF_REAL = "studies", "smollm2"
#: The folder that pages name, wherever the demonstration was done.
NAMED = "odograph-demo"
_HEADLINES = 6
MARKED = re.compile(r"(<!-- written: ([a-z]+) ?(.*?) -->\n?)(.*?)\n?(<!-- end -->)", re.S)


def main(arguments: list[str]) -> None:
    """Writes every page again, after a demonstration or from the folder of one."""
    with TemporaryDirectory() as scratch:
        folder = Path(arguments[0]) if arguments else Path(scratch) / NAMED
        if not arguments and odograph(["demo", "--out", str(folder)]):
            raise SystemExit("the demonstration failed")
        for page in PAGES:
            write(page, folder, OF_DEMO)


def write(page: Path, runs: Path, figures: str) -> None:
    """Writes a page anew from the runs in a folder, whose figures lie in `figures` for pages."""
    text = written(page.read_text(encoding="utf-8"), runs)
    page.write_text(text, encoding="utf-8")
    copy_figures(text, runs, FIGURES / figures)


def written(page: str, demo: Path) -> str:
    """The page with every part between marks as the demonstration in `demo` has it."""
    return MARKED.sub(lambda m: f"{m[1]}{PARTS[m[2]](demo, m[3])}{_line_end(m[1])}{m[5]}", page)


def _line_end(mark: str) -> str:
    """What ends a part: a line feed where it stands on lines of its own."""
    return "\n" if mark.endswith("\n") else ""


def copy_figures(page: str, runs: Path, to: Path) -> None:
    """Copies those figures that a page shows from the folder `to` out of the runs."""
    to.mkdir(parents=True, exist_ok=True)
    for name in re.findall(rf"figures/{to.name}/([a-z0-9_]+)\.svg", page):
        for source in runs.glob(f"*/figures/{name}.svg"):
            shutil.copyfile(source, to / source.name)


def _demo(demo: Path, _: str) -> str:
    runs = [open_run(demo / part.folder) for part in demo_parts(map(find, BUILT_IN))]
    return _console("odograph demo", lambda: show_studies(runs, demo / "report.html"), demo)


def _screen(demo: Path, study: str) -> str:
    report = demo / "report.html"
    return _console("", lambda: show_study(run_of(demo, study), study, report), demo)


def _show(demo: Path, study: str) -> str:
    command = ["show", str(run_of(demo, study).folder), study]
    return _console(f"odograph {' '.join(command)}", lambda: odograph(command), demo)


def _question(demo: Path, study: str) -> str:
    return f"> {_section(demo, study)['question']}"


def _figures(demo: Path, study: str) -> str:
    figures = _section(demo, study)["figures"]
    rows = [f"| `{f['name']}` | {f['title']}. {f['caption']} |" for f in figures]
    return "\n".join(["| figure | shows |", "|---|---|", *rows])


def _tables(demo: Path, study: str) -> str:
    tables = _section(demo, study)["tables"]
    rows = [f"| `{table['name']}` | {table['title']} |" for table in tables]
    return "\n".join(["| table | holds |", "|---|---|", *rows])


def _headlines(demo: Path, study: str) -> str:
    findings = [f for f in run_of(demo, study).findings if f["study"] == study]
    led = sorted(findings, key=lambda finding: -finding["weight"])
    return "\n".join(f"- {headline_of(finding)}" for finding in led[:_HEADLINES])


def _section(demo: Path, study: str) -> dict[str, Any]:
    section: dict[str, Any] = run_of(demo, study).sections[study]
    return section


def _rows(demo: Path, asked: str) -> str:
    study, _, query = asked.partition(" ")
    rows = run_of(demo, study).sql(query)
    lines = [rows.columns, ["---"] * len(rows.columns), *map(_cells, rows.fetchall())]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(demo: Path, asked: str) -> str:
    study, _, query = asked.partition(" ")
    [[value]] = run_of(demo, study).sql(query).fetchall()
    [cell] = _cells([value])
    return cell


def _cells(values: Iterable[object]) -> list[str]:
    return [number(v) if isinstance(v, float) else "" if v is None else str(v) for v in values]


def run_of(runs: Path, study: str) -> Run:
    """The run among those of a folder that a study was done on."""
    opened = (open_run(manifest.parent) for manifest in sorted(runs.glob("*/manifest.json")))
    return next(run for run in opened if study in run.sections)


def _console(command: str, give: Callable[[], object], demo: Path) -> str:
    """What is printed on 80 columns, after the command."""
    with patch.dict(environ, COLUMNS="80"), redirect_stdout(io.StringIO()) as out:
        give()
    lines = [f"$ {command}"] if command else []
    lines += out.getvalue().strip("\n").splitlines()
    named = [line.replace(str(demo), NAMED).rstrip() for line in lines]
    text = "\n".join(["```console", *named, "```"])
    # Where the demonstration lies decides whether the line had room for what follows its place.
    return re.sub(rf"^(report +{NAMED}\S*)\n +\(", r"\1  (", text, flags=re.MULTILINE)


PARTS: dict[str, Callable[[Path, str], str]] = {
    "demo": _demo,
    "figures": _figures,
    "headlines": _headlines,
    "number": _number,
    "question": _question,
    "rows": _rows,
    "screen": _screen,
    "show": _show,
    "tables": _tables,
}

if __name__ == "__main__":
    main(sys.argv[1:])
