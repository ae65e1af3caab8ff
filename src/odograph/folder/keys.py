"""What a JSON file of a run folder says, key by key: what is read of it has its type.

A key with a default may be missing: earlier releases of the same format did not write it. Keys that
are not declared are left as they are.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from odograph.errors import RunError

Count = Annotated[int, Field(ge=0)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: What is told of a wrong value at most.
_SHOWN = 60


class Keys(BaseModel):
    """The keys of an object."""

    model_config = ConfigDict(strict=True, extra="ignore", protected_namespaces=())


class Fault(NamedTuple):
    """A value of the wrong kind: its key, what is expected, what is there (`...` for nothing)."""

    key: str
    expected: str
    given: Any

    def error(self, path: Path, remedy: str) -> RunError:
        """The error of a command that reads the file."""
        return RunError(
            f"'{path}' is damaged{self.key and f' at {shown(self.key)}'}",
            expected=self.expected,
            given="nothing" if self.given is ... else repr(self.given)[:_SHOWN],
            remedy=remedy,
        )


#: Finds the first value that is of the wrong kind; None where none is.
FaultFinder = Callable[[Any], Fault | None]


def fault_finder(kind: Any) -> FaultFinder:
    """What finds the first value that is of the wrong kind in what JSON gave; None where none is.

    Args:
        kind: what the file should hold, such as `dict[str, SectionKeys]`.
    """
    adapter = TypeAdapter(kind)

    def first_fault(value: Any) -> Fault | None:
        try:
            adapter.validate_python(value, strict=True)
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            key = ".".join(map(str, fault["loc"])).removesuffix(".[key]")
            if fault["type"] == "missing":
                return Fault(key, "a value", ...)
            return Fault(key, fault["msg"].removeprefix("Input should be "), fault["input"])
        return None

    return first_fault


def shown(value: object) -> str:
    """A value of the file in a message: short, and without what a terminal would obey."""
    text = str(value)
    return text if text.isprintable() and len(text) <= _SHOWN else repr(value)[:_SHOWN]
