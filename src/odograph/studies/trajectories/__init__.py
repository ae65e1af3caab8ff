"""Do words that could stand in one place part ways: common axes, distances in the full space."""

from odograph.folder.card import CONVENTIONS, Card
from odograph.folder.glance import Glance, Row
from odograph.folder.kept_words import Words, chosen_words
from odograph.folder.run import Run
from odograph.folder.samples.group_distances import GroupDistance
from odograph.sentences.distances import distance_cluster_test, distance_family, distance_max_test
from odograph.sentences.english import several
from odograph.statistics.intervals import FEWEST_UNITS
from odograph.studies.demo import THREE_WORDS, TWINS
from odograph.studies.questions.readings import unrelated_tokens
from odograph.studies.section import Analysis
from odograph.studies.study import Study
from odograph.studies.trajectories.distances import distances
from odograph.studies.trajectories.earlier import in_earlier_axes
from odograph.studies.trajectories.group_distance import distances_of
from odograph.studies.trajectories.picture import picture

QUESTION = (
    "Do the paths of several words (her, him, round) part ways, and by more than relabelling, a "
    "random walk or an untrained network would give?"
)


def _card(analysis: Analysis) -> tuple[str, str]:
    return _units(analysis.read(chosen_words)), _tests(analysis.once(distances_of)[0])


def _units(words: Words) -> str:
    if words.paired:
        count = several(words.sizes[0], words.unit)
        return f"{count} with a word of each of {len(words.groups)} groups"
    sizes = [f"{n} {name}" for name, n in zip(words.groups, words.sizes, strict=True)]
    return f"{words.unit}s: {', '.join(sizes)}; not paired"


def _tests(found: GroupDistance) -> str:
    profile = found.profile
    if not profile.family:
        return f"none: fewer than {FEWEST_UNITS} units in a group"
    chosen = "; single tests of what was chosen on the other half"
    return (
        f"{distance_max_test(profile)}; {distance_cluster_test(profile)}; "
        f"family of {distance_family(profile)}"
        f"{chosen if found.chosen is not None else ''}"
    )


def _with_both_conventions(card: Card, _: Run) -> Card:
    words = f"{CONVENTIONS['stream']}; final norm at every layer where said so (lens)"
    return {**card, "convention": words}


STUDY = Study(
    name="trajectories",
    question=QUESTION,
    sections=(distances, picture, in_earlier_axes, unrelated_tokens),
    no_conditions="it compares words; give each condition a word of its own",
    needs={"vectors": 300, "variants": True, "select": "targets", "untrained": TWINS},
    card=_card,
    amended=_with_both_conventions,
    demo=THREE_WORDS,
    glance=Glance(
        "trajectories_distances",
        (
            Row("distance", "distance", p="p_max"),
            Row("untrained", "untrained"),
        ),
        unit="mean lengths",
        along="state",
        where='view = \'raw\' and ("first", "second") = (select ("first", "second") '
        "from tables.trajectories_distances limit 1)",
    ),
)
