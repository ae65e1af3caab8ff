"""What the humps of the histogram are: how many, of what pairs, and whether any remain."""

import numpy as np

from odograph.folder.run import Run
from odograph.folder.samples.neighbours import FIRST, REST, SINK
from odograph.sentences.english import counted, layers_named
from odograph.sentences.evidence import interval_words, p_words
from odograph.sentences.names import name_of_test
from odograph.sentences.nulls import twins_words
from odograph.sentences.numbers import number
from odograph.sentences.record import Finding
from odograph.statistics.intervals import FEWEST_UNITS, mean_interval
from odograph.statistics.permutation import ALPHA
from odograph.statistics.shapes.density import SMALLEST_HUMP
from odograph.statistics.shapes.modes import MODES_TEST, Humps
from odograph.statistics.values import PValue
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.neighbours.confirmed_humps import confirmed_humps, with_each_passage
from odograph.studies.neighbours.pairs import NEIGHBOURS
from odograph.studies.neighbours.spread import Layer, Spread, humps_plot, humps_table, read_spread
from odograph.studies.section import Analysis, Answer

_NULL = "one hump: the density with its valley levelled"
_RESAMPLED = (
    " Pairs and states of a text depend on each other: texts are resampled whole, with all their "
    "states."
)


def humps(analysis: Analysis) -> Answer:
    """The humps of all states together, those of a first half, and of each state by itself."""
    run, defaults = analysis.run, analysis.defaults(analysis.sample(NEIGHBOURS))
    spread = read_spread(run)
    layer = spread.together
    together = with_each_passage(
        run,
        spread,
        _together(run, spread, defaults),
        every=_two(layer.every, layer.p_every),
        rest=_two(layer.rest, layer.p_rest),
    )
    confirmed = confirmed_humps(run, spread, defaults)
    return Answer(
        [Claim(together), *confirmed, Claim(_by_layer(spread, defaults))],
        [humps_plot(spread, run.blocks, run.unit)],
        [humps_table(spread)],
    )


def _together(run: Run, spread: Spread, defaults: FindingDefaults) -> Finding:
    layer = spread.together
    sample = (
        f"{layer.every.n:,} pairs of neighbours at the states 0 to {run.blocks}, all "
        f"pooled, position 0 and sinks among them"
    )
    parts = _found(run, spread, sample), _touching(spread), _without(layer, run.unit)
    said = " ".join(filter(None, parts))
    interval = mean_interval(spread.shares, seed=run.seed)
    tested = interval is not None and np.isfinite(layer.p_every)
    return defaults.finding(
        f"{said}{_in_twins(spread)}{_RESAMPLED if layer.every.p is not None else ''}",
        _plain(layer),
        float(spread.shares.mean()),
        interval,
        unit="share of a text's pairs in the smaller hump",
        n=len(spread.shares),
        excluded=0,
        test=MODES_TEST if tested else f"none: fewer than {FEWEST_UNITS} texts, or one hump",
        family="2 tests (Holm): with and without position 0 and sinks" if tested else "none",
        p=layer.every.p if tested else None,
        p_adjusted=layer.p_every if tested else None,
        headline=_headline(layer, tested=tested),
        null=_NULL,
    )


def _found(run: Run, spread: Spread, sample: str) -> str:
    """Whether the histogram of all pairs has two humps, and what is in the second."""
    layer, every = spread.together, spread.together.every
    units = counted(every.units, run.unit)
    if every.p is None:
        return (
            f"Whether the histogram of {sample}, has two humps is not tested ({units}; fewer than "
            f"{FEWEST_UNITS})."
        )
    if len(every.peaks) == 1:
        peak = number(every.peaks[0])
        return f"The histogram of {sample}, has one hump, at {peak} degrees ({units})."
    interval = mean_interval(spread.shares, seed=run.seed)
    share = (
        f"{number(float(spread.shares.mean()))} of a text's pairs ({interval_words(interval)}; "
        f"{units}; "
        f"{p_words(PValue(MODES_TEST, layer.p_every, 2, 'tests, Holm'))})"
    )
    if not _two(layer.every, layer.p_every):
        return (
            f"The histogram of {sample}, is not shown to have more than one hump: parted at "
            f"{number(every.valley)} degrees, where two would part best, the smaller side holds "
            f"{share}.{_few(every, layer.p_every)}"
        )
    near, far = every.peaks
    return (
        f"The histogram of {sample}, has two humps, at {number(near)} and {number(far)} degrees, "
        f"with the valley at {number(every.valley)}: the smaller holds {share}. "
        f"{_made_of(layer.smaller, 'Of its')}"
    )


def _made_of(smaller: tuple[int, int, int], of: str) -> str:
    total = sum(smaller)
    return (
        f"{of} {total:,} pairs {smaller[FIRST]:,} touch position 0 "
        f"({_share(smaller[FIRST], total)}), {smaller[SINK]:,} a later sink "
        f"({_share(smaller[SINK], total)}), and {smaller[REST]:,} neither."
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}".replace("%", " %") if whole else "none"


def _touching(spread: Spread) -> str:
    """Where the pairs that touch position 0 or a sink stand, wherever the humps are."""
    angle, kind = spread.angle, spread.kind
    touches = kind != REST
    if not touches.any() or touches.all():
        return "No pair touches position 0 or a sink."
    return (
        f"The {int((kind == FIRST).sum()):,} pairs that touch position 0 and "
        f"{int((kind == SINK).sum()):,} that touch a later sink have a mean of "
        f"{number(angle[touches].mean())} degrees, the {int((~touches).sum()):,} others one of "
        f"{number(angle[~touches].mean())}."
    )


def _without(layer: Layer, unit: str) -> str:
    """Whether anything bimodal remains."""
    rest = layer.rest
    if rest.p is None:
        return ""
    if len(rest.peaks) == 1:
        return "Without them one hump is left: nothing bimodal remains."
    p = p_words(PValue(MODES_TEST, layer.p_rest, 2, "tests, Holm"))
    details = f"{rest.n:,} pairs; {counted(rest.units, unit)}; {p}"
    share = _share(layer.smaller_rest, rest.n)
    if _two(rest, layer.p_rest):
        return (
            f"Without them two humps remain, at {number(rest.peaks[0])} and "
            f"{number(rest.peaks[1])} degrees, the smaller with {share} of the pairs ({details})."
        )
    return (
        "Without them more than one hump is not shown: nothing bimodal remains to be seen "
        f"({details}; parted at {number(rest.valley)} degrees the smaller side holds {share})."
        f"{_few(rest, layer.p_rest)}"
    )


def _few(humps: Humps, p: float) -> str:
    """Why a small p shows nothing, where only few passages make the smaller hump."""
    if not p < ALPHA:
        return ""
    return (
        f" Only {humps.beyond} passages have a part in the smaller side: fewer than {FEWEST_UNITS} "
        "show nothing about others."
    )


def _two(humps: Humps, p: float) -> bool:
    """Whether two humps are shown: p after Holm, and enough passages with a part in the smaller."""
    return bool(p < ALPHA) and humps.beyond >= FEWEST_UNITS


def _in_twins(spread: Spread) -> str:
    twins = spread.twins
    if not twins:
        return ""
    several = sum(twin.several for twin in twins)
    return (
        f" The same histogram has {'' if several else 'not '}two humps in the untrained twin."
        if len(twins) == 1 and twins[0].p is not None
        else f" The same histogram has two humps in {several} of {twins_words(len(twins))}."
        if (twins[0].p is not None)
        else ""
    )


def _plain(layer: Layer) -> str:
    if layer.every.p is None:
        return "There are too few passages to tell a second hump from a few odd pairs."
    with_all, without = _two(layer.every, layer.p_every), _two(layer.rest, layer.p_rest)
    if with_all and not without:
        return (
            "The second hump of the histogram is made by pairs with the first token or a sink: "
            "without them no second hump is seen."
        )
    if without:
        return (
            "The histogram has two humps even without the first token and sinks; layers of "
            "different width can give them as well as two kinds of pairs: see layer by layer."
        )
    return (
        "No second hump is to be seen in the histogram; that does not show that all pairs are "
        "alike."
    )


def _by_layer(spread: Spread, defaults: FindingDefaults) -> Finding:
    """The same layer by layer: what is bimodal only because layers differ falls away."""
    layers = spread.layers
    every = [one.layer for one in layers if _two(one.every, one.p_every)]
    rest = [one.layer for one in layers if _two(one.rest, one.p_rest)]
    units = defaults.counted(layers[0].every.units)
    if all(one.every.p is None for one in layers):
        said = f"Layer by layer the histogram is not tested for humps ({units}; descriptive)."
    else:
        made = np.sum([layers[i].smaller for i in every], axis=0) if every else np.zeros(3, int)
        of = "Of the smaller humps'"
        parts = f" {_made_of((int(made[0]), int(made[1]), int(made[2])), of)}" if every else ""
        said = (
            f"Layer by layer, two humps are shown in {len(every)} of {len(layers)} layers "
            f"({_named(every)}; p < .05 in {name_of_test(MODES_TEST)}, after Holm over "
            f"{len(layers)} "
            f"layers; {units}).{parts} Without position 0 and sinks they are shown in "
            f"{len(rest)} ({_named(rest)})."
        )
    plain = (
        "Pooling layers can make humps of its own, where layers differ in their mean angle; inside "
        "one layer that cannot happen. A hump of less than "
        f"{SMALLEST_HUMP:.0%} of the pairs is not counted.".replace("%", " %")
    )
    return defaults.finding(
        said,
        plain,
        len(every) / len(layers),
        unit="share of layers",
        n=layers[0].every.units,
        excluded=0,
        test="none: descriptive, the count of tests by layer",
        family=f"{len(layers)} layers",
        null=_NULL,
    )


def _headline(layer: Layer, *, tested: bool) -> str:
    """Whether the angles of all layers together have more than one hump."""
    if not tested:
        return "Whether the angles of neighbours have more than one hump was not tested"
    verb = "have" if layer.p_every < ALPHA else "are not shown to have"
    return f"The angles of neighbouring tokens {verb} more than one hump"


def _named(layers: list[int]) -> str:
    mask = np.zeros(max(layers, default=0) + 1, dtype=bool)
    mask[layers] = True
    return layers_named(mask, "layer", 0)
