"""How a study looks at an ordered series of runs: at the measure by which it compares models."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from odograph.errors import StudyError
from odograph.folder.alignment import shared_means
from odograph.folder.comparison import comparison_card
from odograph.folder.run import Run
from odograph.folder.samples.series_curves import SeriesCurves
from odograph.folder.series import Series
from odograph.sentences.english import several
from odograph.statistics.designs.models import common_depths
from odograph.statistics.designs.series import FEWEST_MEMBERS
from odograph.studies.comparison import sharing_notes, tests_on_card
from odograph.studies.defaults import FindingDefaults
from odograph.studies.model_runner import ModelComparison
from odograph.studies.questions.series import TESTS, answers
from odograph.studies.questions.series_shown import SeriesAnalysis
from odograph.studies.result import StudyResult
from odograph.studies.section import result_of, with_views
from odograph.studies.tidy import counted_in

_MEMBERS = (
    "Texts vary, the members do not: the tests speak of these members. Whether their order makes a "
    "trend of their differences, the share of all orders says."
)


@dataclass(frozen=True)
class SeriesComparison:
    """The members of a series, at the places of the texts that all share.

    Attributes:
        comparison: of models, by what the study compares them.
    """

    comparison: ModelComparison

    def __call__(
        self, study: str, question: str, runs: Sequence[Run], series: Series
    ) -> StudyResult:
        """Trend and change along the series, with the curve over it and the map of all depths.

        Raises:
            StudyError: the runs cannot stand side by side, or share no usable place.
        """
        analysis = self._read(study, runs, series)
        found, means = answers(analysis), analysis.curves.means
        tested = len(runs) >= FEWEST_MEMBERS
        card = comparison_card(
            runs,
            unit=f"{several(len(means.values[0]), means.unit)}, the same in all members",
            test=tests_on_card(len(means.values[0]), TESTS) if tested else "none: descriptive",
        )
        result = result_of(study, question, found, card, seed=runs[0].seed)
        return replace(
            result,
            findings=with_views(
                result.findings, found, runs[-1], analysis.curves.measure.name, tokens={}
            ),
            tables=[counted_in(table, means.unit) for table in result.tables],
            notes=[*sharing_notes(analysis.curves.shared, means)[:-1], _MEMBERS, *result.notes],
        )

    def _read(self, study: str, runs: Sequence[Run], series: Series) -> SeriesAnalysis:
        shared = self.comparison.places_of(runs)
        if not shared.places:
            raise StudyError(
                "the members of the series share no place of a text",
                expected="runs of the same texts",
                remedy="Measure them on the same texts.",
            )
        look = self.comparison.look(shared)
        means = shared_means(shared, look.measure.expression, look.places, look.measure.from_layer)
        defaults = FindingDefaults(
            study,
            n=len(means.values[0]),
            null="",
            excluded=means.excluded,
            unit=self.comparison.unit if look.measure.unit != "1" else "1",
            unit_of_inference=means.unit,
        )
        depths = look.measure.compared(common_depths([run.blocks for run in runs]))
        curves = SeriesCurves(series, shared, look.measure, means, depths, runs[0].seed)
        return SeriesAnalysis(curves, defaults, f"{study.replace('-', '_')}_series")
