"""All commands in one app, and how it begins and ends: arguments in, exit code out."""

import gc
import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from itertools import pairwise
from typing import Annotated, Any

import typer

from odograph.cli.analyse import analyse
from odograph.cli.check import check
from odograph.cli.compare import compare
from odograph.cli.demo import demo
from odograph.cli.explore import explore
from odograph.cli.failures import leave
from odograph.cli.figure import figure
from odograph.cli.findings import show_findings
from odograph.cli.help import LevelledCommand
from odograph.cli.look import look
from odograph.cli.measure import measure
from odograph.cli.merge import merge
from odograph.cli.power import power
from odograph.cli.progress import progress
from odograph.cli.report import report
from odograph.cli.signals import hear_signals
from odograph.cli.slurm import slurm
from odograph.cli.sql import sql
from odograph.cli.study import study
from odograph.cli.verify import verify
from odograph.errors import UsageError
from odograph.run.allocator import keep_freed_memory
from odograph.studies import study_names
from odograph.terminal import show

PROGRAM = "odograph"

app = typer.Typer(add_completion=False, invoke_without_command=True)
for command in (
    *(demo, study, measure, analyse, compare, report, figure, explore),
    *(look, check, sql, verify, power, merge, progress),
):
    app.command(cls=LevelledCommand)(command)
app.command("show", cls=LevelledCommand)(show_findings)
_REST = {"allow_extra_args": True, "ignore_unknown_options": True}
app.command(cls=LevelledCommand, context_settings=_REST)(slurm)


@app.callback(epilog=f"Studies: {', '.join(study_names())}.")
def begin(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """How a token's vector turns and travels on its way through the layers of a language model.

    Try `odograph demo`: it needs no network, no model of yours and a minute or two.
    """
    if version:
        from odograph import __version__

        show(f"{PROGRAM} {__version__}")
    elif context.invoked_subcommand is None:
        show(context.get_help())


def run(arguments: Sequence[str]) -> int:
    """The exit code of the command: 0 done, 1 could not, 2 wrong use; its errors are on stderr."""
    root: Any = typer.main.get_command(app)
    typed = shlex.join([PROGRAM, *arguments])
    try:
        _refuse_repeated(root, arguments)
        _refuse_nameless(root, arguments)
        with root.make_context(PROGRAM, list(arguments), obj=typed) as context:
            root.invoke(context)
        sys.stdout.flush()
    except typer.Exit as done:
        return done.exit_code
    except (Exception, KeyboardInterrupt) as error:
        return leave(error, resumable=_can_resume(root, arguments))
    return 0


def _refuse_repeated(root: Any, arguments: Sequence[str]) -> None:
    """Refuses an option that is given twice and taken once: the first would be lost in silence.

    Raises:
        UsageError: names it.
    """
    given = root.commands.get(arguments[0]) if arguments else None
    for option in given.params if given is not None else ():
        if option.param_type_name != "option" or option.multiple or option.is_flag:
            continue
        times = sum(part.partition("=")[0] in option.opts for part in arguments)
        if times > 1:
            raise UsageError(
                f"{option.opts[0]} is given {times} times", expected="one", remedy="Leave one out."
            )


def _refuse_nameless(root: Any, arguments: Sequence[str]) -> None:
    """Refuses a file or folder whose name is empty: it would be the folder where one stands.

    Raises:
        UsageError: names the option.
    """
    if not arguments or arguments[0] not in root.commands:
        return
    options = root.commands[arguments[0]].params
    places = {flag for o in options if o.metavar in ("DIR", "FILE") for flag in o.opts}
    for before, part in pairwise(arguments):
        flag, equals, value = part.partition("=")
        if (not part and before in places) or (equals and not value and flag in places):
            raise UsageError(
                f"the name after {flag or before} is empty",
                expected="a file or folder",
                remedy="A variable of the shell may be unset.",
            )


def _can_resume(root: Any, arguments: Sequence[str]) -> bool:
    """Whether the command given has --resume."""
    given = root.commands.get(arguments[0]) if arguments else None
    return given is not None and any(option.name == "resume" for option in given.params)


def main() -> None:
    """The console command `odograph`."""
    # A command lives for seconds and drops little: looking for garbage less often saves a tenth.
    gc.set_threshold(100_000, 50, 100)
    hear_signals()
    keep_freed_memory()
    for stream in (sys.stdout, sys.stderr):  # what a terminal has no sign for is written out
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = run(sys.argv[1:])
    with suppress(OSError, ValueError):  # nobody reads any more
        sys.stdout.flush()
        sys.stderr.flush()
    # All is written and closed; taking hundreds of modules down takes another fifth of a second.
    os._exit(code)
