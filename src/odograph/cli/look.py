"""`odograph look`: one text in the terminal, each token coloured by a measure at a block."""

import os
import shutil
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from odograph.cli.options import Given, Quiet, output_option, takes_options
from odograph.errors import UsageError
from odograph.terminal import is_terminal, show, show_coloured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from odograph.folder.run import Run


@takes_options(only=["Model"])
def look(
    invocation: typer.Context,
    given: Given,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text, a file, or - for stdin.")],
    measure: Annotated[
        str, typer.Option(metavar="TEXT", help="What the tokens are coloured by.")
    ] = "rotation",
    block: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="At which block; by default where tokens differ most.", min=1
        ),
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Show the same in a browser, until it is interrupted.")
    ] = False,
    out: Annotated[
        Path | None,
        output_option(metavar="DIR", help="Keep the run here."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Show one text in the terminal, each token over its number and coloured by it.

    Under it the mean by block, beside that of an untrained twin. No run folder is left without
    --out.
    """
    from odograph.cli.silence import silence_libraries
    from odograph.run.measure import measure_in_turn

    silence_libraries(quiet=quiet)
    with TemporaryDirectory(prefix="odograph-") as scratch:
        kept = out or Path(scratch) / "look"
        options = {"model": "bundled", **given.flags, "untrained": 1, "logits": "full"}
        with closing(measure_in_turn(texts=[_text(text)], out=kept, **options)) as runs:
            _look(runs, measure, block)
        if open_browser:
            from odograph.cli.explore import explore_folders

            explore_folders([kept], "127.0.0.1", 0, command=invocation.obj, open_browser=True)


def _look(runs: "Iterator[Run]", measure: str, block: int | None) -> None:
    """The picture as soon as the model is measured; the profile when its twin is, too."""
    from odograph.report.look import extremes, look_at, profile_lines, telling_block, text_lines

    own = look_at(next(runs), measure)
    at = telling_block(own) if block is None else block
    if at >= len(own.values):
        raise UsageError("--block", expected=f"1 to {len(own.values) - 1}", given=str(at))
    show(f"{measure}, block {at} of {len(own.values) - 1}")
    _show_lines(text_lines(own, at, width=_width(), colours=_colours()))
    most, least = extremes(own, at)
    show(f"most   {', '.join(most)}")
    show(f"least  {', '.join(least)}")
    twin = look_at(next(runs).untrained[0], measure)
    show()
    _show_lines(profile_lines(own, twin))
    show(f"farthest from the untrained twin: block {telling_block(own, twin)}")


def _show_lines(lines: list[str]) -> None:
    for line in lines:
        show_coloured(line)


def _text(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    path = Path(given)
    try:
        is_file = path.is_file()
    except (OSError, ValueError):  # too long for a name
        is_file = False
    text = path.read_text(encoding="utf-8") if is_file else given
    if not text.strip():
        raise UsageError("a text to look at", expected="words", given="nothing")
    return text.strip()


def _width() -> int:
    return min(shutil.get_terminal_size((100, 24)).columns, 120)


def _colours() -> bool:
    """Whether a person sees it who did not ask for none."""
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR")
