"""`odograph figure`: one figure of a study, for a paper."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from odograph.cli.options import Run, output_option
from odograph.errors import UsageError
from odograph.terminal import show

if TYPE_CHECKING:
    from odograph.api.run import Run as OpenedRun

Format = Literal["pdf", "svg", "png"]
_NAME = "The figure, such as rotation_profile; without it, list them."
_OUT = "The file; NAME.FORMAT by default."


def figure(
    run: Run,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help=_NAME)] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help=_OUT)] = None,
    kind: Annotated[
        Format,
        typer.Option("--format", metavar="CHOICE", help="One of pdf, svg, png."),
    ] = "pdf",
    width: Annotated[
        float | None,
        typer.Option(
            metavar="INCHES",
            min=1,
            max=40,
            help="Width of the file, for which it is laid out and lettered.",
        ),
    ] = None,
    card: Annotated[
        bool,
        typer.Option("--card/--no-card", help="Put model, texts, n and null below the figure."),
    ] = False,
    labels: Annotated[
        list[str] | None,
        output_option(
            metavar="OLD=NEW",
            help="Write NEW where the figure says OLD; nothing after = leaves it out. Repeatable.",
        ),
    ] = None,
) -> None:
    """Draw a figure of a study anew, for a paper; print where it lies, or list the figures."""
    from odograph.api.figures import save
    from odograph.api.run import open as open_run

    opened = open_run(run)
    if name is None:
        return _show_names(opened)
    drawn = opened.figure(name, width=width, card=card, labels=_renamed(labels or ()))
    return show(save(drawn, out or Path(f"{name}.{kind}"), width))


def _show_names(run: "OpenedRun") -> None:
    """Name and title of each figure that the studies drew, one a line.

    Raises:
        UsageError: they drew none.
    """
    found = [each for section in run.sections.values() for each in section["figures"]]
    if not found:
        raise UsageError(
            "no figures",
            expected="a run that was analysed",
            given=str(run.folder),
            remedy=f"Do a study first: odograph analyse {run.folder} NAME.",
        )
    longest = max(len(each["name"]) for each in found)
    for each in found:
        show(f"{each['name']:{longest}}  {each['title']}")


def _renamed(labels: Sequence[str]) -> dict[str, str]:
    renamed = {}
    for label in labels:
        old, sign, renamed[old] = label.partition("=")
        if not sign:
            raise UsageError("--labels", expected="OLD=NEW", given=f"'{label}'")
    return renamed
