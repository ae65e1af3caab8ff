"""The states of the chosen words in three views, in common axes, and the variance these hold."""

from odograph.folder.kept_words import Words, chosen_words
from odograph.folder.run import Run
from odograph.folder.run_words import outliers_of
from odograph.folder.samples.states_in_axes import View, read_view
from odograph.folder.word_states import (
    LENS,
    RAW,
    READ_UNITS,
    UNIT,
    VIEWS,
)
from odograph.measures import CENTRED, TRIMMED
from odograph.studies.defaults import FindingDefaults
from odograph.studies.section import Analysis

#: What the states of a view are, in a sentence.
STATES = {
    RAW: "states",
    UNIT: "states scaled to length 1",
    LENS: "states after the final norm",
}

STATES |= {
    READ_UNITS[TRIMMED]: f"{STATES[UNIT]}, without outlier coordinates",
    READ_UNITS[CENTRED]: f"{STATES[UNIT]}, about the mean state",
}


def unit_readings(run: Run) -> tuple[str, ...]:
    """The readings of the unit view beside the raw one.

    None without outlier coordinates, or where the pilot's states are not those of the stream.
    """
    if run.manifest["convention"] != "stream" or not outliers_of(run).coordinates:
        return ()
    return tuple(run.manifest["pilot"]["readings"])


def words_of(analysis: Analysis) -> Words:
    """The words that are compared.

    Raises:
        StudyError: no states were kept, or fewer than two groups have words.
    """
    return chosen_words(analysis.run)


def views_of(analysis: Analysis) -> dict[str, View]:
    """Every view by its name, read a part of the vectors at a time."""
    words = analysis.once(words_of)
    return {name: read_view(analysis.run, words, name) for name in VIEWS}


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    words = analysis.once(words_of)
    return analysis.defaults_over(words.units, excluded=words.left_out, of=words.unit)
