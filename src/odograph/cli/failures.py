"""How a command ends that could not do its work: one message on stderr, one exit code."""

import os
import sys
import traceback

import typer

from odograph.errors import OdographError, is_out_of_memory
from odograph.terminal import tell

DEBUG = "ODOGRAPH_DEBUG"
_INTERRUPTED = "interrupted; what was finished is whole: continue with --resume"


def leave(error: BaseException, *, resumable: bool) -> int:
    """Prints one message about the error on stderr and gives the exit code that goes with it.

    The traceback is shown too where the environment says ODOGRAPH_DEBUG=1.

    Args:
        error: what stopped the command.
        resumable: whether the command can go on later where it was interrupted.
    """
    if isinstance(error, BrokenPipeError):
        _drop_output()
        return 1
    if os.environ.get(DEBUG) == "1":
        traceback.print_exception(error)
    if _is_interrupt(error):
        message, code = _INTERRUPTED if resumable else "interrupted", 1
    else:
        message, code = _words(error)
    tell(message)
    return code


def _words(error: BaseException) -> tuple[str, int]:
    if isinstance(error, OdographError):
        return str(error), error.exit_code
    if hasattr(error, "format_message"):
        return _usage(error), 2
    if is_out_of_memory(error):
        return "out of memory. Use a smaller --batch-tokens, or --dtype bfloat16 on a GPU.", 1
    text = " ".join(str(error).split())
    if type(error).__module__.lstrip("_").startswith(("duckdb", "pyarrow")):
        return (
            f"a file of the run cannot be read: {text}. Measure it again with the same command "
            "and --resume.",
            1,
        )
    return (
        f"this is a bug: {type(error).__name__}: {text}. {DEBUG}=1 shows where; please report it.",
        1,
    )


def _usage(error: BaseException) -> str:
    """The parser's own message, without a capital, with the way to the help."""
    text = str(error.format_message()).strip()  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    place = context.command_path if context is not None else "odograph"
    ending = "" if text.endswith((".", "?")) else "."
    return f"{text[:1].lower()}{text[1:]}{ending} Try `{place} --help`."


def _is_interrupt(error: BaseException) -> bool:
    """Whether someone pressed Ctrl-C; in the middle of a query DuckDB makes its own error of it."""
    in_query = type(error) is RuntimeError and str(error) == "Query interrupted"
    return isinstance(error, KeyboardInterrupt | typer.Abort) or in_query


def _drop_output() -> None:
    """Sends what is still to be flushed to nowhere, so that Python does not complain at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
