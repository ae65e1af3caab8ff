"""Several studies of which some cannot be done: what the others gave, and one error for all."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from odograph.errors import StudyError
from odograph.studies.registry import find

if TYPE_CHECKING:
    from odograph.studies.study import Study

Refusals = Mapping[str, StudyError]
_Done = TypeVar("_Done")


def refusal(refused: Refusals, asked: int) -> StudyError:
    """One error for all refusals: the study's own, where no other was asked for."""
    if asked == 1:
        return next(iter(refused.values()))
    return StudyError(
        f"{len(refused)} of {asked} studies cannot be done",
        remedy=" ".join(f"{name}: {error}" for name, error in refused.items()),
    )


def try_each(
    names: Iterable[str], do: "Callable[[Study], _Done]"
) -> tuple[list[_Done], dict[str, StudyError]]:
    """What the studies gave one after the other, and why some gave nothing, or are not there."""
    done: list[_Done] = []
    refused: dict[str, StudyError] = {}
    for name in names:
        try:
            done.append(do(find(name)))
        except StudyError as error:
            refused[name] = error
    return done, refused
