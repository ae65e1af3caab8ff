"""The one family of errors: what was expected, what was given, what to do.

Every error a user can cause or meet is an `OdographError`; anything else is a bug of ours.
The command line prints the message on one line and leaves with `exit_code`.
"""

import os
import traceback
from typing import Self

#: The variable that, set to 1, shows where in the code an error arose.
DEBUG = "ODOGRAPH_DEBUG"


class OdographError(Exception):
    """Something could not be done.

    Args:
        problem: what went wrong, with its place ("texts.csv, line 3: no column 'text'").
        expected: what would have been right.
        given: what was met instead.
        remedy: what the user can do now.
    """

    exit_code = 1

    def __init__(
        self, problem: str, *, expected: str = "", given: str = "", remedy: str = ""
    ) -> None:
        self.problem = problem
        self.expected = expected
        self.given = given
        self.remedy = remedy
        super().__init__(self._message())

    def at(self, place: str) -> Self:
        """The same error with the place in front: a file; itself without one."""
        problem = f"{place}: {self.problem}" if place else self.problem
        kept = {"expected": self.expected, "given": self.given, "remedy": self.remedy}
        return type(self)(problem, **kept)

    def naming(self, place: str, name: str) -> Self:
        """The same error with a place under the name by which the user knows it."""
        texts = self.problem, self.expected, self.given, self.remedy
        problem, expected, given, remedy = (text.replace(place, name) for text in texts)
        return type(self)(problem, expected=expected, given=given, remedy=remedy)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message; the way to it with ODOGRAPH_DEBUG=1 only."""
        if os.environ.get(DEBUG) == "1":
            return traceback.format_exception(self)
        return [f"{type(self).__name__}: {self}"]

    def _message(self) -> str:
        sentence = self.problem
        if self.expected:
            sentence += f": expected {self.expected}"
        if self.given:
            sentence += f", got {self.given}" if self.expected else f": got {self.given}"
        return f"{sentence}. {self.remedy}" if self.remedy else f"{sentence}."


class UsageError(OdographError):
    """A command, option or argument was used wrongly."""

    exit_code = 2


class TextError(OdographError):
    """A text cannot be read, or holds nothing to measure."""


class ModelError(OdographError):
    """A model cannot be loaded, or does not pass its self-check."""


class RunError(OdographError):
    """A run folder cannot be written, resumed or read."""


class WriteError(RunError):
    """The system refuses to write a file: the disk is full, or the place may not be written."""


class StudyError(OdographError):
    """A study cannot be done on this run."""


#: How those say it who have no error of their own for it: torch on a CPU, cuBLAS and cuDNN.
_OUT_OF_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "_STATUS_ALLOC_FAILED",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out: Python's, a GPU's, or torch's on the CPU (a bare RuntimeError)."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(said in str(error) for said in _OUT_OF_MEMORY)
