"""What a study is, and how it is done: what no study may forget stands here, and only here.

Every claim with a p is tested again without each unit; every difference stands beside that of the
untrained twins; windows, twins and the halves of a run are named.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from odograph.errors import StudyError

if TYPE_CHECKING:
    from odograph.folder.card import Card
    from odograph.folder.glance import Glance
    from odograph.folder.run import Run
    from odograph.folder.series import Series
    from odograph.studies.demo import DemoRun
    from odograph.studies.result import StudyResult
    from odograph.studies.section import Analysis, Answer, Section

#: Hears the name of a study each time that one of its questions is answered.
Answered = Callable[[str], None]


@dataclass(frozen=True)
class Study:
    """One study: what it asks, what a run must hold for it, and the sections that answer it.

    Attributes:
        name: as on the command line.
        question: in one sentence.
        sections: each answers one question whole, in this order.
        needs: options of `RunConfig` that a run made for this study gets unless the user says
            otherwise; measures are added to those of the user (`demo.united`).
        requires: refuses a run that cannot serve the study, in words of its own.
        card: the unit and the tests, as the study's card names them; None: as for a sample.
        amended: the card with what the study has to say on it besides.
        demo: the run of the demonstration that serves it; None: it is not shown there.
        example: makes a run in a folder, with so much of an effect (0 for none) and a seed, that
            `odograph.studies.check` tries the study on; None: drawn numbers for the measures that
            it needs.
        glance: the small table that a terminal shows; None: it shows none.
        measure: that a page shows for a finding which names no other.
        comparison: gives the result for several runs, from name, question and runs; None: the
            study looks at one.
        series: gives that for runs in the order of an axis, and the axis; None: it looks at none.
        no_conditions: why the conditions of a run are not compared, a clause; "" where they are.
        reads: the kind of folder that it looks at: a "run", or the "difference" of two.
    """

    name: str
    question: str
    sections: Sequence["Section"] = ()
    needs: Mapping[str, Any] = field(default_factory=dict)
    requires: "Callable[[Run], None] | None" = None
    card: "Callable[[Analysis], tuple[str, str]] | None" = None
    amended: "Callable[[Card, Run], Card] | None" = None
    demo: "DemoRun | None" = None
    example: "Callable[[Path, float, int], Run] | None" = None
    glance: "Glance | None" = None
    measure: str = "rotation"
    comparison: "Callable[[str, str, Sequence[Run]], StudyResult] | None" = None
    series: "Callable[[str, str, Sequence[Run], Series], StudyResult] | None" = None
    no_conditions: str = ""
    reads: str = "run"

    def analyse(self, run: "Run", answered: "Answered | None" = None) -> "StudyResult":
        """The result for one run; `answered` hears of each question that is.

        Raises:
            StudyError: the run cannot serve the study.
        """
        from odograph.studies.section import Analysis

        self._require_kind(run)
        if self.requires is not None:
            self.requires(run)
        analysis = Analysis(self.name, run)
        answers = []
        for section in self.sections:
            answers.append(section(analysis))
            if answered is not None:
                answered(self.name)
        return self._result(analysis, answers)

    def _require_kind(self, run: "Run") -> None:
        """Nothing, if the folder is of the kind that the study looks at.

        Raises:
            StudyError: it is of another.
        """
        kind = run.manifest["kind"]
        if kind != self.reads:
            raise StudyError(
                f"the study {self.name} looks at a {self.reads}",
                expected=f"the folder of a {self.reads}",
                given=f"'{run.folder}', a {kind}",
                remedy="odograph compare BASE RUN --out DIR writes the difference of two runs."
                if self.reads == "difference"
                else "Give one of the runs that it is of.",
            )

    def _result(self, analysis: "Analysis", answers: "Sequence[Answer]") -> "StudyResult":
        """The answers together, with what is said of every run."""
        from odograph.folder.run_words import kept_notes, twin_note, window_notes
        from odograph.folder.target_pairs import first_tokens
        from odograph.studies.section import result_of, with_views
        from odograph.studies.tidy import counted_in

        run, tokens = analysis.run, first_tokens(analysis.run)
        result = result_of(self.name, self.question, answers, self._card(analysis), seed=run.seed)
        tables = [counted_in(table, run.unit) for table in result.tables]
        return replace(
            result,
            findings=with_views(result.findings, answers, run, self.measure, tokens),
            # Those named after the study first: they are what its question is about.
            tables=sorted(tables, key=lambda table: not table.name.startswith(analysis.prefix)),
            notes=[
                *window_notes(run),
                *kept_notes(run),
                *result.notes,
                *self._design_notes(run),
                twin_note(run),
            ],
        )

    def _design_notes(self, run: "Run") -> list[str]:
        """Why the conditions of the run are not compared here, where it has some."""
        from odograph.sentences.conditions import conditions_not_compared

        column = run.manifest["config"].get("contrast")
        if column is None or not self.no_conditions:
            return []
        return [conditions_not_compared(column, self.no_conditions)]

    def _card(self, analysis: "Analysis") -> "Card":
        from odograph.folder.card import card_of
        from odograph.studies.section import sample_card

        unit, test = (self.card or sample_card)(analysis)
        card = card_of(analysis.run.manifest, unit=unit, test=test)
        return card if self.amended is None else self.amended(card, analysis.run)

    @property
    def compare(self) -> "Callable[[Sequence[Run]], StudyResult] | None":
        """Gives the result for several runs; None where the study looks at one."""
        if self.comparison is None:
            return None
        return partial(self.comparison, self.name, self.question)

    def compare_in(
        self, series: "Series | None"
    ) -> "Callable[[Sequence[Run]], StudyResult] | None":
        """The same for runs in the order of a series, where there is one."""
        if series is None:
            return self.compare
        compared = self.series
        if compared is None:
            return None
        return lambda runs: compared(self.name, self.question, runs, series)
