"""How a study compares several models, or the members of a series: places, sections, card."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from odograph.errors import StudyError
from odograph.folder.alignment import Mask, Shared
from odograph.folder.comparison import comparison_card, label, refuse_conventions
from odograph.folder.run import Run
from odograph.folder.samples.compared_places import places_of_all
from odograph.folder.samples.model_curves import (
    DepthMeasure,
    ModelCurves,
    compare_curves,
    readings_of_all,
)
from odograph.folder.samples.series_curves import SeriesCurves
from odograph.folder.selection import Floats
from odograph.folder.series import Series
from odograph.folder.shared_means import shared_means
from odograph.sentences.english import several
from odograph.sentences.models import read_in
from odograph.sentences.names import NO_PASSAGE_DIFFERENCE
from odograph.statistics.designs.models import common_depths
from odograph.statistics.designs.series import FEWEST_MEMBERS
from odograph.statistics.intervals import mean_interval
from odograph.statistics.values import bounds
from odograph.studies.comparison import describe_unmatched, sharing_notes, tests_on_card
from odograph.studies.defaults import FindingDefaults
from odograph.studies.questions.series import TESTS, answers
from odograph.studies.questions.series_shown import SeriesAnalysis
from odograph.studies.result import StudyResult
from odograph.studies.section import Answer, result_of, with_views
from odograph.studies.tidy import Columns, counted_in


@dataclass(frozen=True, eq=False)
class ModelAnalysis:
    """One study at work on several models, at the places of the texts that all share.

    Attributes:
        study: its name.
        shared: the runs, the first one the reference, and their places.
        curves: the measure that leads, by relative depth.
        unit: of the findings.
        read: the same curves in the other readings of an angle, of the same texts; by reading.
    """

    study: str
    shared: Shared
    curves: ModelCurves
    unit: str
    read: Mapping[str, ModelCurves] = field(default_factory=dict)

    @property
    def runs(self) -> tuple[Run, ...]:
        """Those compared."""
        return self.shared.runs

    @property
    def names(self) -> tuple[str, ...]:
        """Of the models."""
        return self.curves.names

    @property
    def seed(self) -> int:
        """Of every draw."""
        return self.curves.seed

    @property
    def prefix(self) -> str:
        """What names of figures and tables begin with."""
        return f"{self.study.replace('-', '_')}_models"

    @property
    def defaults(self) -> FindingDefaults:
        """What findings share; the card is added to them later."""
        return FindingDefaults(
            self.study,
            n=self.curves.passages,
            null=NO_PASSAGE_DIFFERENCE,
            excluded=self.curves.means.excluded,
            unit=self.unit,
            unit_of_inference=self.shared.unit,
            scope=read_in(self.shared.drawn),
        )


ModelSection = Callable[[ModelAnalysis], Answer]


@dataclass(frozen=True, eq=False)
class Look:
    """What is compared, and where: the measure, [places] that count, and the same in SQL."""

    measure: DepthMeasure
    places: Mask
    condition: str = "true"


@dataclass(frozen=True)
class ModelComparison:
    """What a study asks of several models.

    Attributes:
        look: says what of the shared places is compared.
        sections: each answers one question whole, in this order.
        tests: as the card names them.
        unit: of the findings.
        requires: refuses a run that cannot be compared.
        places: finds those of the texts that all runs share.
    """

    look: Callable[[Shared], Look]
    sections: Sequence[ModelSection]
    tests: Sequence[str]
    unit: str = "1"
    requires: Callable[[Run], None] | None = None
    places: Callable[[Sequence[Run]], Shared] = places_of_all

    def __call__(self, study: str, question: str, runs: Sequence[Run]) -> StudyResult:
        """Every model against the first, at the places that all share.

        Raises:
            StudyError: the runs cannot stand side by side, or share no usable place.
        """
        shared = self.places_of(runs)
        look = self.look(shared)
        if not shared.places:
            return describe_unmatched(runs, look.measure, (study, question), look.condition)
        names = [label(run, runs) for run in runs]
        curves = compare_curves(shared, look.measure, names, look.places, runs[0].seed)
        read = _read(shared, look, curves)
        return self._answered(question, ModelAnalysis(study, shared, curves, self.unit, read))

    def places_of(self, runs: Sequence[Run]) -> Shared:
        """The places of the texts that all runs share.

        Raises:
            StudyError: the runs cannot stand side by side.
        """
        refuse_conventions(runs)
        if self.requires is not None:
            for run in runs:
                self.requires(run)
        return self.places(runs)

    def _answered(self, question: str, analysis: ModelAnalysis) -> StudyResult:
        answers = [section(analysis) for section in self.sections]
        curves, prefix = analysis.curves, analysis.prefix
        card = comparison_card(
            analysis.runs,
            unit=f"{curves.sample}, the same in all models",
            test=tests_on_card(curves.passages, self.tests),
        )
        result = result_of(analysis.study, question, answers, card, seed=analysis.seed)
        tables = [counted_in(table, analysis.shared.unit) for table in result.tables]
        leading = f"{prefix}_{curves.measure.name}"
        return replace(
            result,
            findings=with_views(
                result.findings, answers, analysis.runs[0], curves.measure.name, tokens={}
            ),
            # Curves of the measure that leads come first, and the models beside each other.
            plots=sorted(result.plots, key=lambda plot: not plot.name.startswith(leading)),
            tables=sorted(tables, key=lambda table: table.name != prefix),
            notes=[*sharing_notes(analysis.shared, curves.means), *result.notes],
        )


def _read(shared: Shared, look: Look, curves: ModelCurves) -> dict[str, ModelCurves]:
    """The curves in the readings of their angle; one that lacks texts of the raw one is left out.

    That is where a state is nothing without its outlier coordinates.
    """
    found = {}
    for reading in readings_of_all(shared.runs, look.measure):
        with suppress(StudyError):
            own = compare_curves(
                shared, look.measure, curves.names, look.places, curves.seed, reading
            )
            if own.passages == curves.passages:
                found[reading] = own
    return found


def models_table(analysis: ModelAnalysis) -> Columns:
    """One row a model: its shape, and the places at which all are compared."""
    runs, curves = analysis.runs, analysis.curves
    shapes = [run.manifest["model"] for run in runs]
    return {
        "model": list(curves.names),
        "blocks": [run.blocks for run in runs],
        "width": [shape["width"] for shape in shapes],
        "parameters": [shape["parameters"] for shape in shapes],
        "places": [curves.means.places] * len(runs),
    }


def means_by_model(name: str, values: Sequence[Floats], seed: int) -> Columns:
    """Mean over the shared passages with its interval, of each model's values [passages]."""
    both = [bounds(mean_interval(each, seed=seed)) for each in values]
    return {
        name: [float(each.mean()) for each in values],
        f"{name}_low": [low for low, _ in both],
        f"{name}_high": [high for _, high in both],
    }


_ORDER = (
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
            notes=[*sharing_notes(analysis.curves.shared, means)[:-1], _ORDER, *result.notes],
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
            scope=read_in(shared.drawn),
        )
        depths = look.measure.compared(common_depths([run.blocks for run in runs]))
        curves = SeriesCurves(series, shared, look.measure, means, depths, runs[0].seed)
        return SeriesAnalysis(curves, defaults, f"{study.replace('-', '_')}_series")
