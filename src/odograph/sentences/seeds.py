"""What is said of the test over seeds: of one number, of layers, and of the test over documents."""

from odograph.sentences.conditions import COMPARISONS
from odograph.sentences.english import capital, layers_named, several
from odograph.sentences.nulls import twins_words
from odograph.sentences.numbers import number, p_value, quantity
from odograph.sentences.record import Finding, Words
from odograph.statistics.designs.crossed import FEWEST_WORDS
from odograph.statistics.designs.seeds import FEWEST_SEEDS, SeedTest

BEYOND_PLAIN = (
    "A network with random weights has such a profile too; where the curve stays among the means "
    "of the untrained networks, no difference from them is shown."
)
IN_THIS_NETWORK = "in this network"
FEW_SEEDS = f"no p with fewer than {FEWEST_SEEDS} seeds"


def seeds_sentence(tested: SeedTest, layer: int = 0, members: str = "blocks") -> str:
    """The test of one number, or of one of several layers, with its p."""
    layers, pairs = len(tested.value), tested.comparisons
    holm = f", Holm over {layers} {members}" if layers > 1 else ""
    bonferroni = f", Bonferroni over {pairs} {COMPARISONS}" if pairs > 1 else ""
    return (
        f"Against the {tested.seeds} untrained twins: t({tested.seeds - 1}) = "
        f"{number(tested.t[layer])}, {p_value(float(tested.p_adjusted[layer]))} (over seeds{holm}"
        f"{bonferroni})."
    )


def shared_words(tested: SeedTest, of: str) -> str:
    """That the means are over fewer units than the sample has, as evidence: `of` are its units."""
    return f"means of the {tested.units:,} of {of} that all networks have"


def seeds_family(tested: SeedTest) -> str:
    """How many tests its p is corrected for: "8 layers", "3 pairs compared", "1"."""
    layers, pairs = len(tested.value), tested.comparisons
    if layers > 1:
        return f"{layers * pairs} layers"
    return f"{pairs} {COMPARISONS}" if pairs > 1 else "1"


def seeds_plain(learned: bool) -> str:
    """What the test over seeds says to a student."""
    if learned:
        return "It lies beyond what networks with random weights give."
    return "No difference from networks with random weights is shown."


def sides_words(tested: SeedTest, along: str, first: int) -> str:
    """In which layers a model lies beyond its twins, and by what rule."""
    side = tested.side
    rule = (
        f"t over {tested.seeds} seeds, p < .05 after Holm over {several(len(side), along)}"
        if tested.tested
        else f"outside the range of their means; {FEW_SEEDS}"
    )
    return (
        f"above them in {layers_named(side > 0, along, first)}, below them in "
        f"{layers_named(side < 0, along, first)}; {rule}"
    )


def scope_words(words: int) -> str:
    """What a test over documents holds for, with so many target words."""
    if not words or words >= FEWEST_WORDS:
        return IN_THIS_NETWORK
    return f"{IN_THIS_NETWORK}, for {'this word' if words == 1 else 'these words'}"


def documents_words(finding: Finding, scope: str, rejected: tuple[int, int] | None) -> str:
    """What the test over documents says, and in how many twins it says so too."""
    p = finding.p if finding.p_adjusted is None else finding.p_adjusted
    said = f"over {finding.unit_of_inference}s, {scope}: {p_value(1.0 if p is None else p)}"
    if rejected is None:
        return said
    return f"{said}; in {rejected[0]} of {rejected[1]} twins too"


def layer_beside_seeds(tested: SeedTest, layer: int, unit: str) -> str:
    """A layer's value and those of the twins: "12 degrees, theirs 24 to 26 degrees"."""
    own = tested.twins[:, layer]
    high = quantity(float(own.max()), unit)
    theirs = high if len(own) == 1 else f"{number(float(own.min()))} to {high}"
    return f"{quantity(float(tested.value[layer]), unit)}, theirs {theirs}"


def beyond_twins_words(
    tested: SeedTest, subject: str, along: tuple[str, int], unit: str, sample: str
) -> Words:
    """In which layers a profile lies beyond its twins, and where most clearly.

    Args:
        tested: the test over seeds, by layer.
        subject: what it is of: "rotation of a token".
        along: what a layer is, and the first one.
        unit: of the values.
        sample: the units.
    """
    thing, first = along
    beyond = f"in {int((tested.side != 0).sum())} of {several(len(tested.side), thing)}"
    clearest = tested.clearest
    statement = (
        f"{capital(beyond)} the {subject} lies beyond {twins_words(tested.seeds)} "
        f"({sides_words(tested, thing, first)}), most clearly in {thing} {first + clearest}: "
        f"{layer_beside_seeds(tested, clearest, unit)} ({sample})."
    )
    headline = f"{capital(subject)} lies beyond untrained networks {beyond}"
    return Words(statement, BEYOND_PLAIN, headline)
