"""What is said of the humps of all pairs of neighbours: how many, of what pairs, what remains."""

import numpy as np

from odograph.sentences.english import counted, plural, ranges, several
from odograph.sentences.evidence import interval_words, p_words
from odograph.sentences.names import name_of_test
from odograph.sentences.nulls import twins_words
from odograph.sentences.numbers import number, p_value
from odograph.sentences.record import Words
from odograph.statistics.intervals import FEWEST_UNITS
from odograph.statistics.permutation import ALPHA
from odograph.statistics.shapes.density import SMALLEST_HUMP
from odograph.statistics.shapes.modes import MODES_TEST, Humps
from odograph.statistics.shapes.spread import FIRST, REST, SINK, Layer, Spread, two_humps
from odograph.statistics.shapes.valleys import Valley
from odograph.statistics.values import Interval, PValue

_RESAMPLED = (
    " Pairs and states of a text depend on each other: texts are resampled whole, with all their "
    "states."
)
_BY_LAYER_PLAIN = (
    "Pooling layers can make humps of its own, where layers differ in their mean angle; inside "
    "one layer that cannot happen. A hump of less than "
    f"{SMALLEST_HUMP:.0%} of the pairs is not counted.".replace("%", " %")
)
_WHICH = ("all pairs", "the pairs that touch neither position 0 nor a sink")


def humps_words(
    spread: Spread, blocks: int, unit: str, interval: Interval | None, *, tested: bool
) -> Words:
    """The humps of all states together, what is in the smaller, and what remains without it.

    Args:
        spread: the pairs and their humps.
        blocks: of the model.
        unit: what is counted.
        interval: of the mean share of a text's pairs in the smaller hump.
        tested: whether there is a p.
    """
    statement = _sentence(spread, blocks, unit, interval)
    return Words(statement, _plain(spread.together), _headline(spread.together, tested=tested))


def _sentence(spread: Spread, blocks: int, unit: str, interval: Interval | None) -> str:
    layer = spread.together
    sample = (
        f"{layer.every.n:,} pairs of neighbours at the states 0 to {blocks}, all "
        f"pooled, position 0 and sinks among them"
    )
    parts = _found(spread, sample, unit, interval), _touching(spread), _without(layer, unit)
    said = " ".join(filter(None, parts))
    return f"{said}{_in_twins(spread)}{_RESAMPLED if layer.every.p is not None else ''}"


def _found(spread: Spread, sample: str, unit: str, interval: Interval | None) -> str:
    """Whether the histogram of all pairs has two humps, and what is in the second."""
    layer, every = spread.together, spread.together.every
    units = counted(every.units, unit)
    if every.p is None:
        return (
            f"Whether the histogram of {sample}, has two humps is not tested ({units}; fewer than "
            f"{FEWEST_UNITS})."
        )
    if len(every.peaks) == 1:
        peak = number(every.peaks[0])
        return f"The histogram of {sample}, has one hump, at {peak} degrees ({units})."
    share = (
        f"{number(float(spread.shares.mean()))} of a text's pairs ({interval_words(interval)}; "
        f"{units}; "
        f"{p_words(PValue(MODES_TEST, layer.p_every, 2, 'tests, Holm'))})"
    )
    if not two_humps(layer.every, layer.p_every):
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
    first, sinks = (several(int((kind == one).sum()), "pair") for one in (FIRST, SINK))
    return (
        f"With position 0 in them there are {first}, with a later sink {sinks}: their mean angle "
        f"is {number(angle[touches].mean())} degrees, that of the {int((~touches).sum()):,} others "
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
    if two_humps(rest, layer.p_rest):
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


def _in_twins(spread: Spread) -> str:
    twins = spread.twins
    if not twins:
        return ""
    found = sum(twin.several for twin in twins)
    return (
        f" The same histogram has {'' if found else 'not '}two humps in the untrained twin."
        if len(twins) == 1 and twins[0].p is not None
        else f" The same histogram has two humps in {found} of {twins_words(len(twins))}."
        if (twins[0].p is not None)
        else ""
    )


def _plain(layer: Layer) -> str:
    """What the humps of all states together say to a student."""
    if layer.every.p is None:
        return "There are too few passages to tell a second hump from a few odd pairs."
    with_all, without = two_humps(layer.every, layer.p_every), two_humps(layer.rest, layer.p_rest)
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


def _headline(layer: Layer, *, tested: bool) -> str:
    """Whether the angles of all layers together have more than one hump."""
    if not tested:
        return "Whether the angles of neighbours have more than one hump was not tested"
    verb = "have" if layer.p_every < ALPHA else "are not shown to have"
    return f"The angles of neighbouring tokens {verb} more than one hump"


def shown_layers(spread: Spread) -> tuple[list[int], list[int]]:
    """The layers in which two humps are shown: of all pairs, and without position 0 and sinks."""
    every = [one.layer for one in spread.layers if two_humps(one.every, one.p_every)]
    rest = [one.layer for one in spread.layers if two_humps(one.rest, one.p_rest)]
    return every, rest


def humps_by_layer(spread: Spread, units: str) -> Words:
    """The same layer by layer: what is bimodal only because layers differ falls away."""
    shown, layers = len(shown_layers(spread)[0]), spread.layers
    headline = f"Two humps are shown in {shown} of {len(layers)} layers"
    if all(one.every.p is None for one in layers):
        headline = "Whether the angles have two humps inside a layer was not tested"
    return Words(_by_layer(spread, units), _BY_LAYER_PLAIN, headline)


def _by_layer(spread: Spread, units: str) -> str:
    layers = spread.layers
    every, rest = shown_layers(spread)
    if all(one.every.p is None for one in layers):
        return f"Layer by layer the histogram is not tested for humps ({units}; descriptive)."
    made = np.sum([layers[i].smaller for i in every], axis=0) if every else np.zeros(3, int)
    of = "Of the smaller humps'"
    parts = f" {_made_of((int(made[0]), int(made[1]), int(made[2])), of)}" if every else ""
    return (
        f"Layer by layer, two humps are shown in {_of(every, len(layers))} (p < .05 in "
        f"{name_of_test(MODES_TEST)}, after Holm over {len(layers)} layers; {units}).{parts} "
        f"Without position 0 and sinks they are shown in {_of(rest, len(layers))}."
    )


def _of(shown: list[int], layers: int) -> str:
    """How many of so many layers, and which: "2 of 9 layers: layers 3-4", "0 of 9 layers"."""
    which = f": {ranges('layer', shown)}" if shown else ""
    return f"{len(shown)} of {layers} layers{which}"


def remaining_hinges(unit: str, name: str, p: float) -> str:
    """That the humps without position 0 and sinks hinge on one unit, and the p without it."""
    return f"That two remain hinges on one {unit}: without '{name}' {p_value(p)}."


def too_few_without_one(few: int, unit: str) -> str:
    """That the smaller hump is of as few units as may be."""
    return (
        f"{few} {plural(unit)} have a part in the smaller hump: without any one of them they are "
        "too few to show it."
    )


def no_valley(which: int, explored: str, sample: str) -> Words:
    """That no valley was seen on the first half: 0 in all pairs, 1 in those that touch no sink."""
    return Words(
        f"Chosen on the first half ({explored}) was no valley: its histogram of {_WHICH[which]} "
        f"has one hump, so that none was tested on the second ({sample}).",
        "One half of the texts shows a single hump: there was nothing to test on the other.",
    )


def valley_words(
    which: int,
    valley: Valley,
    explored: str,
    interval: Interval | None,
    tested: PValue,
    sample: str,
) -> Words:
    """The valley of the first half, tested on the second; `which` pairs as in `no_valley`.

    explored, sample: the units of both halves; interval: of the smaller drop.
    """
    near, far = (number(float(drop)) for drop in valley.drops.mean(axis=0))
    shown = tested.p is not None and tested.p < ALPHA
    return Words(
        f"Two humps of {_WHICH[which]} {'are' if shown else 'are not'} confirmed. They were chosen "
        f"on the first half ({explored}), where the histogram is best parted at "
        f"{number(valley.valley)} degrees, between {number(valley.near)} and "
        f"{number(valley.far)}. On the second, the share of a text's pairs within "
        f"{number(valley.half)} degrees of the valley lies {near} below that around the nearer "
        f"and {far} below that around the farther hump (of the smaller drop: "
        f"{interval_words(interval)}; {sample}; {p_words(tested)}).",
        "A valley between two humps that was seen in one half of the texts is looked for in the "
        "other, at the same place.",
    )
