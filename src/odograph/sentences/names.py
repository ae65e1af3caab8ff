"""The names of tests, of nulls and of ways to an interval: each key of statistics in words."""

from odograph.statistics.intervals import coverage, falls_short
from odograph.statistics.keys import IntervalKind, Null, SignificanceTest
from odograph.statistics.permutation import CLUSTER_FORMING_P, FEWEST_PAIRS
from odograph.statistics.values import IntervalMethod, PValue

NO_DIFFERENCE = "no difference: the pairs' mean difference is 0"
NO_PASSAGE_DIFFERENCE = "no difference: the mean difference is 0"
NONE = "none"
#: How the block length inside one text is chosen.
BLOCK_RULE = "Politis-White length of the product series, at least n^(1/3), at most n/4"

MAX_T = "max-T over layers"
CLUSTERS = "cluster mass over neighbouring layers"

#: Of means over units, without what the key begins with.
_MEAN_TESTS: dict[str, str] = {
    "max_t": f"{{how}}, {MAX_T}",
    "cluster": f"{{how}}, {CLUSTERS}",
    "max_t.depths": "{how}, max-T over depths and pairs of models",
    "max_t.measures": "{how}, max-T over measures and pairs of models",
    "cluster.depths": (
        "{how}, cluster mass over neighbouring depths, the largest of all pairs of models"
    ),
    "difference_of_r": "{how} of the difference of r",
    "mean": "{how} of the mean",
    "slope": "{how} of the mean slope on the rank of the member",
    "max_t.slopes": "{how} of slopes on the rank of the member, max-T over depths",
    "max_t.splits": "{how}, max-T over splits of the series",
    "valley": "{how} of the mean drop on both sides, the larger p",
}
_HOW = {"sign_flip": "sign-flip permutation", "bootstrap_t": "bootstrap-t"}
_TESTS: dict[str, str] = {
    f"{key}.{name}": words.format(how=how)
    for key, how in _HOW.items()
    for name, words in _MEAN_TESTS.items()
} | {
    SignificanceTest.SIGN_FLIP_UNITS: "sign-flip permutation within units",
    SignificanceTest.BOOTSTRAP_T_GROUPS: "bootstrap-t within both groups, Welch's t",
    SignificanceTest.LABELS_UNITS: "permutation of labels over units, studentised",
    SignificanceTest.WILD_GROUPS: "wild bootstrap within both groups, Welch's t",
    SignificanceTest.WILD_RESIDUALS: "wild bootstrap of residuals, robust t",
    SignificanceTest.OWN_PAIRING: "bootstrap-t of own pairs against pairs of different texts",
    SignificanceTest.CROSSED: "t with words crossed with texts",
    SignificanceTest.SEEDS: "t over seeds of untrained twins",
    SignificanceTest.ONE_HUMP: (
        "critical bandwidth of one hump, texts resampled from a density without valley"
    ),
    SignificanceTest.NONE_FEW: "none: too few texts",
    SignificanceTest.NONE_FEWER_THAN_SIX: f"none: fewer than {FEWEST_PAIRS} texts",
    SignificanceTest.NONE_NO_SPREAD: "none: the same in every text",
    SignificanceTest.NONE_NO_DIFFERENCE: "none: no difference in any unit",
    SignificanceTest.NONE_ONE_TEXT: "none: descriptive, one text",
    SignificanceTest.NONE_FOR_COMPARISON: "none: shown for comparison",
    SignificanceTest.NONE_UNITS_OR_SPREAD: "none: too few units, or no spread",
}
_NULLS: dict[str, str] = {
    Null.NO_MEAN_DIFFERENCE: NO_DIFFERENCE,
    Null.EXCHANGEABLE_MODELS: "no difference: the models' correlations are exchangeable within a "
    "text",
    Null.NO_CORRELATION: "0: no correlation",
    Null.RANDOM_PAIRS: "last steps of one text with predictions of another",
}
_INTERVALS: dict[str, str] = {
    IntervalKind.BCA: "BCa bootstrap",
    IntervalKind.CROSSED: "t with words and texts as random factors",
    IntervalKind.INVERTED: "inversion of its test",
    IntervalKind.OF_TEST: "from the draws of its test",
    IntervalKind.SIMULTANEOUS: "simultaneous over the whole family, from the draws of the test",
    IntervalKind.BCA_PAIRS: "BCa bootstrap, texts and the drawn pairs of them resampled together",
    IntervalKind.BCA_FISHER_Z: "BCa bootstrap of the mean Fisher z",
    IntervalKind.CIRCULAR_BLOCKS: "circular-block bootstrap, expanded percentiles",
    IntervalKind.NONCENTRAL_T: "noncentral t, widened for heavy tails and skew",
    IntervalKind.EXPANDED: "expanded percentile bootstrap over units",
    IntervalKind.SAME_RESAMPLES: "expanded percentiles of the same resamples of lemmas",
    IntervalKind.ATTENUATED: "percentile bootstrap, corrected for attenuation",
}


def name_of_test(test: str) -> str:
    """The name of a test; what is no key is the name already."""
    return _TESTS.get(test, test)


def test_words(tested: PValue) -> str:
    """The name of the test of a p, and how many units it reads where it does not read all."""
    drawn = f", read from {tested.drawn:,} drawn at random" if tested.drawn else ""
    return f"{name_of_test(tested.test)}{drawn}"


def why_untested(test: str) -> str:
    """Why there is no test: "too few passages"."""
    return name_of_test(test).removeprefix(f"{NONE}: ")


def max_t_words(test: str) -> str:
    """The same permutation for one layer among all."""
    return f"{name_of_test(test)}, {MAX_T}"


def cluster_words(test: str, threshold: float, along: str = "layer") -> str:
    """A cluster test with the threshold that formed the clusters."""
    return f"{name_of_test(test)} (|t| > {threshold:.2f}, one-{along} p < {CLUSTER_FORMING_P:g})"


def name_of_null(null: str) -> str:
    """What holds if there is nothing to be found; what is no key is said already."""
    return _NULLS.get(null, null)


def family_words(tested: PValue) -> str:
    """The size of the family: "12 layers", "1" for a single test, "none" without one."""
    if not tested.made:
        return NONE
    return "1" if tested.family == 1 else f"{tested.family} {tested.members}"


def name_of_interval(method: IntervalMethod | str | None) -> str:
    """How an interval was had, and how often it holds the truth where that is too seldom."""
    if method is None:
        return NONE
    if isinstance(method, str):
        return method
    blocks = f", blocks of {method.block_length} tokens" if method.block_length else ""
    name = f"{_INTERVALS[method.kind]}{blocks}"
    said = shortfall(method.kind, method.units)
    return f"{name}: {said}" if said else name


def shortfall(kind: IntervalKind, n: int) -> str:
    """What is said beside an interval: "nominal 95 %, covers about 88.1 % at n = 8".

    Empty where it does not fall short, or was not simulated.
    """
    found = coverage(kind, n)
    if found is None or not falls_short(found[1]):
        return ""
    place = f"with {n} blocks" if kind == IntervalKind.CIRCULAR_BLOCKS else f"at n = {n:,}"
    return f"nominal 95 %, covers about {100 * found[0]:.1f} % {place}"


def card_test(test: str, family: int, members: str = "layers") -> str:
    """A test with its family, as a card names it; without one the test, or why there is none."""
    return f"{name_of_test(test)}; family of {family} {members}" if family else name_of_test(test)
