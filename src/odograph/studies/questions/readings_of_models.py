"""Models compared on an angle in its readings: as it is, without outlier coordinates, centred."""

from dataclasses import replace

from odograph.sentences.readings import Outliers, OutliersOfModels
from odograph.studies.model_runner import ModelAnalysis, ModelSection
from odograph.studies.phrases import outliers_of
from odograph.studies.questions.readings import held_against
from odograph.studies.section import Answer


def in_readings_of_models(section: ModelSection) -> ModelSection:
    """A section about an angle, each of its claims held against the same in the other readings.

    Each model is read without its own outlier coordinates, and about its own mean states; a model
    that has none is read as it is.
    """

    def read(analysis: ModelAnalysis) -> Answer:
        answer = section(analysis)
        others = {
            name: section(replace(analysis, curves=curves)).claims
            for name, curves in analysis.read.items()
        }
        claims = held_against(_outliers(analysis), answer.claims, others, "depth")
        return replace(answer, claims=claims)

    return read


def _outliers(analysis: ModelAnalysis) -> Outliers:
    """Whose coordinates are which: "gpt2: none; smollm2: 17 and 507 of 576"."""
    each = [outliers_of(run) for run in analysis.runs]
    own = [
        f"{name}: {one.listed if one.coordinates else 'none'}"
        for name, one in zip(analysis.names, each, strict=True)
    ]
    return OutliersOfModels((), 0, "; ".join(own))
