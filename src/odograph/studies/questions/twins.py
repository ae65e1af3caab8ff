"""In which layers a profile lies beyond its untrained twins: the test over seeds, by layer."""

from dataclasses import replace

from odograph.sentences.english import capital, plural, several
from odograph.sentences.nulls import twins_words
from odograph.sentences.seeds import layer_beside_seeds, shared_words, sides_words
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
    whole, value = analysis.defaults(sample), float(tested.value[tested.clearest])
    defaults = replace(whole, n=tested.units)
    fewer = () if whole.n == tested.units else (shared_words(tested, whole.units(whole.n)),)
    beyond = int((tested.side != 0).sum())
    statement = (
        f"In {beyond} of {several(len(tested.side), along)} the {asked.measure} of "
        f"{sample.subject} lies beyond {twins_words(tested.seeds)} "
        f"({sides_words(tested, along, first)}), most clearly in {along} {first + layer}: "
        f"{layer_beside_seeds(tested, layer, defaults.unit)} ({defaults.sample})."
    )
    finding = defaults.finding(
        statement,
        _PLAIN,
        value,
        headline=f"{capital(asked.measure)} of {sample.subject} lies beyond untrained networks in "
        f"{beyond} of {several(len(tested.side), along)}",
        evidence=fewer,
        data={f"{along}s_beyond": beyond},
        show={"minus": True, "layer": first + layer},
    )
    return Claim(finding, seeds=(tested, layer), members=plural(along))
