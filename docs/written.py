"""What pages show of the demonstration, written between marks and never by hand: `make docs`.

A page asks for a part in a comment and gets it up to the next one:

    <!-- written: demo -->
    (what `odograph demo` prints)
    <!-- end -->

Parts: `demo`; `screen STUDY`, as `odograph study STUDY` ends; `show STUDY`, all that was found;
`rows STUDY QUERY`, a table by SQL; `number STUDY QUERY`, one value by SQL.
`python docs/written.py` runs the demonstration and writes all pages; `python docs/written.py DIR`
takes one that is there. tests/cli/test_demo.py compares them.
"""

import io
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from odograph import Run
from odograph import open as open_run
from odograph.cli import run as odograph
from odograph.cli.demo import demo_parts
from odograph.cli.summary import show_studies, show_study
from odograph.sentences.numbers import number
from odograph.studies.registry import BUILT_IN, find

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
#: The folder that pages name, wherever the demonstration was done.
NAMED = "odograph-demo"
MARKED = re.compile(r"(<!-- written: ([a-z]+) ?(.*?) -->\n?)(.*?)(\n?<!-- end -->)", re.S)


def main(arguments: list[str]) -> None:
    """Writes every page again, after a demonstration or from the folder of one."""
    with TemporaryDirectory() as scratch:
        folder = Path(arguments[0]) if arguments else Path(scratch) / NAMED
        if not arguments and odograph(["demo", "--out", str(folder)]):
            raise SystemExit("the demonstration failed")
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            page.write_text(written(text, folder), encoding="utf-8")


def written(page: str, demo: Path) -> str:
    """The page with every part between marks as the demonstration in `demo` has it."""
    return MARKED.sub(lambda m: f"{m[1]}{PARTS[m[2]](demo, m[3])}{m[5]}", page)


def _demo(demo: Path, _: str) -> str:
    runs = [open_run(demo / part.folder) for part in demo_parts(map(find, BUILT_IN))]
    return _console("odograph demo", lambda: show_studies(runs, demo / "report.html"), demo)


def _screen(demo: Path, study: str) -> str:
    report = demo / "report.html"
    return _console("", lambda: show_study(run_of(demo, study), study, report), demo)


def _show(demo: Path, study: str) -> str:
    command = ["show", str(run_of(demo, study).folder), study]
    return _console(f"odograph {' '.join(command)}", lambda: odograph(command), demo)


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


def run_of(demo: Path, study: str) -> Run:
    """The run of the demonstration that a study was done on."""
    parts = demo_parts(map(find, BUILT_IN))
    [folder] = [p.folder for p in parts if study in [each.name for each in p.studies]]
    return open_run(demo / folder)


def _console(command: str, give: Callable[[], object], demo: Path) -> str:
    """What is printed on 80 columns, after the command."""
    with patch.dict(environ, COLUMNS="80"), redirect_stdout(io.StringIO()) as out:
        give()
    lines = [f"$ {command}"] if command else []
    lines += out.getvalue().strip("\n").splitlines()
    named = [line.replace(str(demo), NAMED).rstrip() for line in lines]
    return "\n".join(["```console", *named, "```"])


PARTS: dict[str, Callable[[Path, str], str]] = {
    "demo": _demo,
    "number": _number,
    "rows": _rows,
    "screen": _screen,
    "show": _show,
}

if __name__ == "__main__":
    main(sys.argv[1:])
