"""What was found, on stdout: on one screen for a reader, as JSON for a program, or in full."""

import textwrap
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from odograph.cli.options import AsJson, Run
from odograph.cli.summary import only_studies, show_studies, show_study, subject, terminal_width
from odograph.errors import UsageError
from odograph.terminal import json_text, shell_command, show, tell

if TYPE_CHECKING:
    from odograph.folder.run import Run as OpenRun


def print_found(
    runs: "Sequence[OpenRun]",
    report: Path,
    *,
    as_json: bool,
    quiet: bool = False,
    only: Collection[str] = (),
) -> None:
    """Prints what studies found: one study on a screen of its own, of several the first headlines.

    Args:
        runs: runs and comparisons.
        report: where their report lies.
        as_json: all findings whole, for a program; the report is then named on stderr.
        quiet: it is not.
        only: the studies; all by default.
    """
    if as_json:
        show(json_text([f for run in runs for f in _chosen(run.findings, only)], indent=1))
        if not quiet:
            tell(f"the report is {report}")
        return
    studies = only_studies(runs, only)
    if not studies:
        show("no findings")
    elif len({name for _, name in studies}) == 1:
        show_study(*studies[0], report)
    else:
        show_studies(runs, report)


def show_findings(
    run: Run,
    study: Annotated[
        str | None, typer.Argument(metavar="STUDY", help="One study; all by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show all that was found in a run, as sentences with their statistics."""
    from odograph.folder.run import open_run

    opened = open_run(run)
    names = list(dict.fromkeys(finding["study"] for finding in opened.findings))
    if study is not None and study not in names:
        raise UsageError(
            f"the run has no findings of '{study}'",
            expected=", ".join(names) or "a run that was analysed",
            given=study,
            remedy=f"Do the study first: {shell_command('odograph', 'analyse', run, study)}.",
        )
    only = () if study is None else (study,)
    if as_json:
        show(json_text(_chosen(opened.findings, only), indent=1))
        return
    blocks = [
        "\n".join([f"{name}, {subject(opened)}", *_lines(_chosen(opened.findings, [name]))])
        for _, name in only_studies([opened], only)
    ]
    show("\n\n".join(blocks) if blocks else "no findings")


def tell_left_out(name: str, error: Exception) -> None:
    """Says on stderr why a study is not among the findings."""
    tell(f"{name} is left out: {error}")


def _chosen(findings: list[dict[str, Any]], only: Collection[str]) -> list[dict[str, Any]]:
    return [f for f in findings if not only or f["study"] in only]


def _lines(findings: Iterable[dict[str, Any]]) -> list[str]:
    return [
        textwrap.fill(
            f["statement"],
            width=terminal_width(),
            initial_indent="- ",
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for f in findings
    ]
