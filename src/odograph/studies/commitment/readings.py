"""When the prediction of each token settles, read once: in the run, its twins and random order."""

from collections.abc import Callable
from dataclasses import replace

from odograph.folder.document_names import document_names
from odograph.folder.readings import readings_of
from odograph.folder.requirements import require_table, require_tokens
from odograph.folder.run import Run
from odograph.folder.samples.settling import Settling, settling_of, with_same_documents
from odograph.folder.selection import Floats, columns_of
from odograph.sentences.settling import AT_TARGETS
from odograph.studies.claim import by_twin
from odograph.studies.defaults import FindingDefaults
from odograph.studies.section import Analysis

DEGREES, ROTATION = "degrees", "rotation"
BLOCKS = "blocks"


def require_lens(run: Run) -> None:
    """Nothing, if the prediction was read at every depth.

    Raises:
        StudyError: says with which option it is, or that the texts are too short.
    """
    require_tokens(run, "lens")
    require_table(
        run,
        "lens",
        "the run does not say when the prediction settles",
        expected="the prediction read at every depth",
        remedy="Measure it again with --lens.",
    )


def tuned_lens(run: Run) -> str:
    """Which maps stand before the final norm, in words; "" where none do."""
    digest = run.manifest["lens"].get("tuned_lens")
    return f"through a tuned lens (sha256 {digest[:12]}; twins without it)" if digest else ""


def read_otherwise(analysis: Analysis) -> dict[str, Settling]:
    """The same tokens with the other readings of their rotation; for `Analysis.once`.

    Left out is a reading in which a token has none.
    """
    own = analysis.read(settling_of)
    found = {
        name: settling_of(analysis.run, column)
        for name, column in readings_of(analysis.run, ROTATION).items()
    }
    return {name: one for name, one in found.items() if len(one.depth) == len(own.depth)}


def read_twins(analysis: Analysis) -> tuple[Settling, ...]:
    """That of its untrained twins, where they were read; for `Analysis.once`."""
    return tuple(settling_of(one) for one in analysis.run.untrained if columns_of(one, "lens"))


def read_shuffled(analysis: Analysis) -> tuple[Settling, ...]:
    """That of the texts in random order, where they were read; for `Analysis.once`."""
    return tuple(settling_of(one) for one in analysis.run.shuffled if columns_of(one, "lens"))


def names_of(analysis: Analysis) -> tuple[str, ...]:
    """The documents' names."""
    return document_names(analysis.run, analysis.read(settling_of).documents)


def defaults_of(analysis: Analysis, unit: str = DEGREES) -> FindingDefaults:
    """What findings share."""
    shared = analysis.defaults_over(len(analysis.read(settling_of).documents), unit=unit)
    at_targets = analysis.run.manifest["config"]["at"] == "targets"
    return replace(shared, scope=AT_TARGETS if at_targets else "")


def of_each(found: tuple[Settling, ...], values: Callable[[Settling], Floats | None]) -> Floats:
    """Values [units] of each that has the documents of the first and any value, [found, units]."""
    each = [given for o in with_same_documents(found) if (given := values(o)) is not None]
    return by_twin(each)
