"""What a study is: a question, the sections that answer it, and what a run must hold for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from odograph.folder.card import Card
    from odograph.folder.run import Run
    from odograph.studies.demo import DemoRun
    from odograph.studies.result import StudyResult
    from odograph.studies.section import Analysis, Section


@dataclass(frozen=True)
class Study:
    """One study: what it asks, what a run must hold for it, and the sections that answer it.

    Attributes:
        name: as on the command line.
        question: in one sentence.
        sections: each answers one question whole, in this order.
        needs: options of `RunConfig` that a run made for this study gets unless the user says
            otherwise; measures are added to those of the user (`needs.united`).
        requires: refuses a run that cannot serve the study, in words of its own.
        card: the unit and the tests, as the study's card names them; None: as for a sample.
        demo: the run of the demonstration that serves it; None: it is not shown there.
        example: makes a run in a folder, with so much of an effect (0 for none) and a seed, that
            `odograph.studies.check` tries the study on; None: drawn numbers for the measures that
            it needs.
        amended: the card with what the study has to say on it besides.
        comparison: gives the result for several runs; None: the study looks at one.
        answer: gives the result for one run, in place of sections.
    """

    name: str
    question: str
    sections: Sequence["Section"] = ()
    needs: Mapping[str, Any] = field(default_factory=dict)
    requires: "Callable[[Run], None] | None" = None
    card: "Callable[[Analysis], tuple[str, str]] | None" = None
    demo: "DemoRun | None" = None
    example: "Callable[[Path, float, int], Run] | None" = None
    amended: "Callable[[Card, Run], Card] | None" = None
    comparison: "Callable[[Study, Sequence[Run]], StudyResult] | None" = None
    answer: "Callable[[Run], StudyResult] | None" = None

    def analyse(self, run: "Run") -> "StudyResult":
        """The result for one run.

        Raises:
            StudyError: the run cannot serve the study.
        """
        from odograph.studies.runner import answered

        return self.answer(run) if self.answer is not None else answered(self, run)

    @property
    def compare(self) -> "Callable[[Sequence[Run]], StudyResult] | None":
        """Gives the result for several runs; None where the study looks at one."""
        return None if self.comparison is None else partial(self.comparison, self)
