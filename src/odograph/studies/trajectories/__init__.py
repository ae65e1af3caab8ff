"""Do words that could stand in one place part ways: common axes, distances in the full space."""

from odograph.folder.card import CONVENTIONS, card_of
from odograph.folder.run import Run
from odograph.sentences.distances import cluster_test, family_words, max_test
from odograph.statistics.intervals import FEWEST_UNITS
from odograph.studies.defaults import FindingDefaults
from odograph.studies.demo import THREE_WORDS
from odograph.studies.phrases import twin_note, twin_null, window_notes
from odograph.studies.result import StudyResult
from odograph.studies.study import Study
from odograph.studies.trajectories.figures import plots
from odograph.studies.trajectories.findings import TOLD, findings
from odograph.studies.trajectories.measured import Measured, measure
from odograph.studies.trajectories.tables import tables

QUESTION = (
    "Do the paths of several words (her, him, round) part ways, and by more than relabelling, a "
    "random walk or an untrained network would give?"
)


def analyse(run: Run) -> StudyResult:
    """The study on one run that kept the states of its targets."""
    measured = measure(run)
    card = card_of(run.manifest, unit=_units(measured), test=_tests(measured))
    card["convention"] = f"{CONVENTIONS['stream']}; final norm at every layer where said so (lens)"
    words = measured.words
    defaults = FindingDefaults(
        STUDY.name,
        card,
        n=words.sizes[0] if words.paired else words.rows,
        null=twin_null(run),
        excluded=words.left_out,
        unit_of_inference=words.unit,
    )
    return StudyResult(
        study=STUDY.name,
        question=QUESTION,
        findings=findings(measured, defaults),
        plots=plots(measured),
        tables=tables(measured),
        card=card,
        notes=_notes(measured),
    )


def _units(measured: Measured) -> str:
    words = measured.words
    if words.paired:
        count = f"{words.sizes[0]} {words.unit}{'' if words.sizes[0] == 1 else 's'}"
        return f"{count} with a word of each of {len(words.groups)} groups"
    sizes = [f"{n} {name}" for name, n in zip(words.groups, words.sizes, strict=True)]
    return f"{words.unit}s: {', '.join(sizes)}; not paired"


def _tests(measured: Measured) -> str:
    profile = measured.partings[0].profile
    if not profile.family:
        return f"none: fewer than {FEWEST_UNITS} units in a group"
    chosen = "; single tests of what was chosen on the other half"
    return (
        f"{max_test(profile)}; {cluster_test(profile)}; family of {family_words(profile)}"
        f"{chosen if measured.partings[0].chosen is not None else ''}"
    )


def _notes(measured: Measured) -> list[str]:
    words = measured.words
    notes = window_notes(measured.run)
    if words.shared:
        notes.append(
            f"{words.shared} {words.unit}s have words of several groups and stand in each, though "
            "nothing is paired: tests are then rather too strict."
        )
    if len(words.pairs) > TOLD:
        notes.append(
            f"Of {len(words.pairs)} pairs of groups the first {TOLD} are told in sentences; "
            "the table has all."
        )
    if measured.run.manifest["convention"] != "stream":
        notes.append(
            f"The run's convention is {measured.run.manifest['convention']}; the paths are those "
            "of the stream, and after the final norm at every layer (lens), whatever it is."
        )
    shown = len(measured.partings[0].orders)
    if shown < len(measured.run.shuffled):
        notes.append(
            f"{len(measured.run.shuffled) - shown} of {len(measured.run.shuffled)} random orders "
            "of the texts kept no states of these words: they are no null here."
        )
    if shown:
        notes.append(
            "In random order only distances are shown: a path through other places of a text has "
            "no step in common with this one."
        )
    return [*notes, twin_note(measured.run)]


STUDY = Study(
    name="trajectories",
    question=QUESTION,
    answer=analyse,
    needs={"vectors": 300, "variants": True, "select": "targets", "untrained": 3},
    demo=THREE_WORDS,
)
