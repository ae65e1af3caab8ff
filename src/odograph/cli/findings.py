"""What was found, on stdout: as sentences for a reader or as JSON for a program."""

import textwrap
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from odograph.terminal import json_text, show, tell

if TYPE_CHECKING:
    from odograph.folder.run import Run

_WIDTH = 100


def print_findings(runs: "Iterable[Run]", *, as_json: bool, only: Collection[str] = ()) -> None:
    """Prints the findings of these runs and comparisons, of all studies or of `only` some."""
    found = [(run, _chosen(run.findings, only)) for run in runs]
    if as_json:
        everything = [finding for _, findings in found for finding in findings]
        show(json_text(everything, indent=1))
        return
    blocks = [
        "\n".join([f"{study}, {_subject(run)}", *_lines(_chosen(findings, [study]))])
        for run, findings in found
        for study in dict.fromkeys(f["study"] for f in findings)
    ]
    show("\n\n".join(blocks) if blocks else "no findings")


def tell_report(path: Path, *, quiet: bool) -> None:
    """Says on stderr where the report lies."""
    if not quiet:
        tell(f"the report is {path}")


def tell_left_out(name: str, error: Exception) -> None:
    """Says on stderr why a study is not among the findings."""
    tell(f"{name} is left out: {error}")


def _chosen(findings: list[dict[str, Any]], only: Collection[str]) -> list[dict[str, Any]]:
    return [f for f in findings if not only or f["study"] in only]


def _subject(run: "Run") -> str:
    """What a run is about: its model, or the models that are compared."""
    if run.manifest["kind"] == "comparison":
        return " and ".join(run.manifest["models"])
    return str(run.manifest["model"]["name"])


def _lines(findings: Iterable[dict[str, Any]]) -> list[str]:
    return [
        textwrap.fill(
            f["statement"],
            width=_WIDTH,
            initial_indent="- ",
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for f in findings
    ]
