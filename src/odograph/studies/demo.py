"""Which run of the demonstration serves which study: studies that name the same run share it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from odograph.studies.study import Study


@dataclass(frozen=True)
class DemoRun:
    """One run of the demonstration, on bundled texts.

    `options` are those beyond what the studies need, and decide where they need different things.
    """

    texts: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DemoPart:
    """A run of the demonstration and the studies it serves; the first names its folder."""

    run: DemoRun
    studies: "tuple[Study, ...]"

    @property
    def folder(self) -> str:
        """The name of the run's folder."""
        return self.studies[0].name


#: Sentences with "her", in the order of the text and shuffled; few of them are run again, as that
#: is done in every block with everything that is undone there, in the twins too.
ONE_WORD = DemoRun(
    ("bundled:her",), {"targets": ("her",), "untrained": 3, "shuffled": 1, "tokens": 320}
)
#: The same sentences with other words in its place.
THREE_WORDS = DemoRun(("bundled:her",), {"targets": ("her", "him", "round")})
PROSE = DemoRun(("bundled:nietzsche", "bundled:passages"), {"untrained": 3, "tokens": 2400})
TAGGED = DemoRun(("bundled:tagged",))


def demo_parts(studies: "Iterable[Study]") -> list[DemoPart]:
    """The runs of the demonstration in the order of their first study; studies without are out."""
    shared: list[tuple[DemoRun, list[Study]]] = []
    for study in studies:
        if study.demo is None:
            continue
        for run, served in shared:
            if run == study.demo:
                served.append(study)
                break
        else:
            shared.append((study.demo, [study]))
    return [DemoPart(run, tuple(served)) for run, served in shared]
