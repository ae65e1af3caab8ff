"""How a command ends that could not do its work: one message on stderr, one exit code."""

import errno
import os
import sys
import traceback

import typer

from odograph.cli.signals import heard
from odograph.errors import DEBUG, OdographError, WriteError, is_out_of_memory
from odograph.terminal import tell

_FINISHED = "What was finished is whole: continue with --resume"
#: What to do about what the system says.
_REMEDIES = {
    errno.ENOSPC: "Free space, or choose another place.",
    errno.EDQUOT: "Free space, or choose another place.",
    errno.EACCES: "Choose a place that you may read and write.",
    errno.EPERM: "Choose a place that you may read and write.",
    errno.EROFS: "Choose a place that can be written.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.EISDIR: "Name a file, not a folder.",
    errno.ENOTDIR: "Choose a place that is not under a file.",
    errno.EEXIST: "Choose a place that is not under a file.",
    errno.ENOENT: "Check the path.",
}
#: No more of a name is echoed.
_MOST = 200


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
        message, code = _interrupted(resumable=resumable), 1
    else:
        message, code = _words(error)
        if resumable and isinstance(error, WriteError | OSError) and code == 1 and _began(error):
            message += f" {_FINISHED}."
    tell(message)
    return code


def _began(error: OSError | WriteError) -> bool:
    """Whether there can be something finished: nothing is where the name itself is refused."""
    return getattr(error, "errno", None) not in (errno.ENAMETOOLONG, errno.ENOTDIR)


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
            f"a file of the run cannot be read: {text}. measure it again with the command that "
            "measured it and --resume.",
            1,
        )
    if isinstance(error, OSError) and error.errno is not None:
        return _of_system(error), 1
    return (
        f"this is a bug: {type(error).__name__}: {text}. {DEBUG}=1 shows where; please report it.",
        1,
    )


def _of_system(error: OSError) -> str:
    """What the system says, of which file, and what can be done: no bug of ours."""
    name = str(error.filename or "")
    shown = f" '{name[:_MOST]}{'...' if len(name) > _MOST else ''}'" if name else ""
    remedy = _REMEDIES.get(error.errno or 0, "Try again, or choose another place.")
    return f"{error.strerror or error}{shown and f':{shown}'}. {remedy}"


def _usage(error: BaseException) -> str:
    """The parser's own message, without a capital, with the way to the help."""
    text = str(error.format_message()).strip()  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    place = context.command_path if context is not None else "odograph"
    ending = "" if text.endswith((".", "?")) else "."
    return f"{text[:1].lower()}{text[1:]}{ending} Try `{place} --help`."


def _interrupted(*, resumable: bool) -> str:
    """That someone stopped the command, and what to do."""
    how = f"ended by {heard()}" if heard() else "interrupted"
    if resumable:
        return f"{how}; what was finished is whole: continue with --resume"
    return f"{how}; give the same command again" if heard() else how


def _is_interrupt(error: BaseException) -> bool:
    """Whether someone pressed Ctrl-C; in the middle of a query DuckDB makes its own error of it."""
    in_query = type(error) is RuntimeError and str(error) == "Query interrupted"
    return isinstance(error, KeyboardInterrupt | typer.Abort) or in_query


def _drop_output() -> None:
    """Sends what is still to be flushed to nowhere, so that Python does not complain at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
