"""How much there is of a quantity, in sentences: in all, where most, and beside twins."""

from dataclasses import dataclass

from odograph.sentences.differences import first_short
from odograph.sentences.english import capital, counted, several
from odograph.sentences.evidence import interval_words
from odograph.sentences.nulls import beside_twins
from odograph.sentences.numbers import number, quantity
from odograph.sentences.record import Words
from odograph.statistics.intervals import Floats
from odograph.statistics.values import Estimate


@dataclass(frozen=True)
class LevelWords:
    """What a study says of a level in its own words.

    {subject}, {value}, {most} and {least} stand for whose it is, how much, and the layers with most
    and least of it.

    Attributes:
        sentence: a clause with {subject} and {value}.
        plain: sentences for a student.
        title: of the figure; may hold {subject}.
        more: what the figure's caption says besides, to follow a clause.
        axis: label of the figure's axis; "" for the quantity's own.
    """

    sentence: str
    plain: str
    title: str
    more: str = ""
    axis: str = ""


TURNS = LevelWords(
    sentence="{subject} turns {value} in all",
    plain="Adding up its turns, the vector of {subject} turns by about {value} on its way up; "
    "block {most} turns it most and block {least} least. A small turn can still be vital.",
    title="How far {subject} turns in each block",
)
STAND_APART = LevelWords(
    sentence="{subject} stand {value} apart",
    plain="Inside a layer, the vectors of {subject} point about {value} apart on average: 0 would "
    "be the same direction, 90 a right angle.",
    title="Angle between neighbouring tokens inside each layer",
    more="; layer 0 is the state entering the first block",
)


def words_of(measure: str, along: str) -> LevelWords:
    """Those of a study that has none of its own."""
    return LevelWords(
        f"the {measure} of {{subject}} is {{value}}",
        f"The {measure} of {{subject}} is about {{value}}; it is largest in {along} "
        "{most} and smallest in {least}.",
        f"{capital(measure)} of {{subject}} by {along}",
    )


def over_layers(blocks: int, layers: int, *, summed: bool, from_layer: int) -> str:
    """What the layers are that one number stands for."""
    if summed:
        return f"Over {several(blocks, 'block')}"
    if from_layer == 0:
        return f"Averaged over the states 0 to {blocks}"
    return f"Averaged over {several(layers, 'block')}"


@dataclass(frozen=True, eq=False)
class Level:
    """How much there is of a quantity.

    Attributes:
        subject: whose it is.
        estimate: in all.
        over: what the layers are that it stands for.
        under: the convention, where it is not the usual one.
        along: what a layer is.
        most, least: the layers with most and least of it, and how much.
        twins: the same in twins, [twins, units]; None without.
        more: sentences behind it; "" for none.
    """

    subject: str
    estimate: Estimate
    over: str
    under: str
    along: str
    most: tuple[int, float]
    least: tuple[int, float]
    twins: Floats | None
    more: str


def level_words(own: LevelWords, found: Level) -> Words:
    """How much in all, and where most and least, in the words of a study."""
    estimate, unit = found.estimate, found.estimate.unit
    fields = {
        "subject": found.subject,
        "value": quantity(estimate.value, unit),
        "most": found.most[0],
        "least": found.least[0],
    }
    most, least = (
        f"in {found.along} {layer} ({quantity(value, unit)})"
        for layer, value in (found.most, found.least)
    )
    said = own.sentence.format(**fields)
    statement = (
        f"{found.over}{found.under}, {said} ({interval_words(estimate.interval, unit)}; "
        f"{counted(estimate.n, estimate.unit_of_inference)}): most {most}, least {least}; "
        f"{beside_twins(found.twins, unit)}."
    )
    headline, twins = f"{found.over}, {said}", found.twins
    untrained = "" if twins is None else f"; untrained {number(float(twins.mean()))}"
    return Words(
        f"{statement} {found.more}" if found.more else statement,
        own.plain.format(**fields),
        first_short(f"{headline}{untrained}", headline),
    )
