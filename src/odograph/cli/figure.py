"""`odograph figure`: one figure of a study, for a paper."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from odograph.cli.options import Run, output_option
from odograph.errors import UsageError
from odograph.terminal import show

Format = Literal["pdf", "svg", "png"]


def figure(
    run: Run,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The figure, such as rotation_profile.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The file; NAME.FORMAT by default."),
    ] = None,
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
    """Draw a figure of a study anew, for a paper; print where it lies. Needs no model."""
    from odograph.api.figures import save
    from odograph.api.run import open as open_run

    renamed = dict(map(_renamed, labels or ()))
    drawn = open_run(run).figure(name, width=width, card=card, labels=renamed)
    show(save(drawn, out or Path(f"{name}.{kind}"), width))


def _renamed(label: str) -> tuple[str, str]:
    old, sign, new = label.partition("=")
    if not sign:
        raise UsageError("--labels", expected="OLD=NEW", given=f"'{label}'")
    return old, new
