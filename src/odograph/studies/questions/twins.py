"""In which layers a profile lies beyond its untrained twins: the test over seeds, by layer."""

from odograph.sentences.english import capital, plural, several
from odograph.sentences.nulls import twins_words
from odograph.sentences.numbers import number, quantity
from odograph.sentences.seeds import sides_words
from odograph.statistics.designs.seeds import SeedTest
from odograph.studies.claim import Claim
from odograph.studies.sample import Quantity, Sample
from odograph.studies.section import Analysis, Answer, Section

_PLAIN = (
    "A network with random weights has such a profile too; where the curve stays among the means "
    "of the untrained networks, no difference from them is shown."
)


def beyond_twins(asked: Quantity) -> Section:
    """In which layers the leading profile lies beyond its twins; nothing without twins."""

    def section(analysis: Analysis) -> Answer:
        sample = analysis.sample(asked)
        tested = sample.nulls.over_seeds
        return Answer() if tested is None else Answer([_claim(analysis, sample, tested)])

    return section


def _claim(analysis: Analysis, sample: Sample, tested: SeedTest) -> Claim:
    """The layer where the model and its twins differ most clearly, and in which they differ."""
    asked, layer, first = sample.quantity, tested.clearest, int(sample.layers[0])
    along = asked.along
    defaults, value = analysis.defaults(sample), float(tested.value[tested.clearest])
    beyond = int((tested.side != 0).sum())
    statement = (
        f"In {beyond} of {several(len(tested.side), along)} {sample.subject} lies beyond "
        f"{twins_words(tested.seeds)} ({sides_words(tested, along, first)}), most clearly in "
        f"{along} {first + layer}: {_beside(tested, layer, defaults.unit)} ({defaults.sample})."
    )
    finding = defaults.finding(
        statement,
        _PLAIN,
        value,
        headline=f"{capital(asked.measure)} of {sample.subject} lies beyond untrained networks in "
        f"{beyond} of {several(len(tested.side), along)}",
        data={f"{along}s_beyond": beyond},
        show={"minus": True, "layer": first + layer},
    )
    return Claim(finding, seeds=(tested, layer), members=plural(along))


def _beside(tested: SeedTest, layer: int, unit: str) -> str:
    """A layer's value and those of the twins: "12 degrees, theirs 24 to 26 degrees"."""
    own = tested.twins[:, layer]
    high = quantity(float(own.max()), unit)
    theirs = high if len(own) == 1 else f"{number(float(own.min()))} to {high}"
    return f"{quantity(float(tested.value[layer]), unit)}, theirs {theirs}"
