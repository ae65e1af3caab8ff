"""How far a token turns, how straight its path is and how long, in sentences."""

from odograph.measures import DEGREES, MODEL_UNITS
from odograph.sentences.english import several
from odograph.sentences.evidence import described
from odograph.sentences.nulls import beside_twins, seeds_beside
from odograph.sentences.numbers import number
from odograph.sentences.record import Words
from odograph.statistics.intervals import Floats
from odograph.statistics.values import Estimate


def _walk(value: float | None) -> str:
    """The walk of independent steps beside a number; "" where there is none."""
    return "" if value is None else f"; a walk of independent unit steps {number(value)}"


def turned_words(
    estimate: Estimate, blocks: int, under: str, seeds: Floats, walk: float | None, order: str
) -> Words:
    """How far a token turns in all.

    Args:
        estimate: in degrees.
        blocks: how many.
        under: the convention, where it is not the usual one.
        seeds: the same in each twin, [twins].
        walk: of a walk of independent steps; None after a norm.
        order: what random order gives, a sentence with a space before it.
    """
    turns = f"A token turns {number(estimate.value)} degrees"
    statement = (
        f"{turns} over {several(blocks, 'block')}{under} ({described(estimate, DEGREES)}); "
        f"{seeds_beside(seeds, DEGREES)}{_walk(walk)}.{order}"
    )
    plain = (
        "Adding up its turns, that is how far a token's vector swings round on its way up; beside "
        "it stands what a network with random weights gives."
    )
    untrained = f"; untrained {number(float(seeds.mean()))}" if len(seeds) else ""
    return Words(statement, plain, f"{turns} in {several(blocks, 'block')}{untrained}")


def straight_words(
    estimate: Estimate, under: str, twins: Floats | None, walk: float | None
) -> Words:
    """How straight paths are; twins: [twins, units]; under and walk as in `turned_words`."""
    straight = number(estimate.value)
    statement = (
        f"The straightness of the path{under} is {straight} (distance from start "
        f"to end over length of the path, 1 is a straight line; {described(estimate)}); "
        f"{beside_twins(twins, '')}{_walk(walk)}."
    )
    plain = "The straighter a path, the less of its length is spent on turning to and fro."
    if walk is not None:
        straighter = "straighter" if estimate.value > walk else "less straight"
        plain += f" This one is {straighter} than a walk in random directions would be."
    return Words(statement, plain, f"The straight way is {straight} of the path that a token takes")


def long_words(estimate: Estimate, share: Floats, order: str) -> Words:
    """How long paths are, and which blocks make most of them; share: of each block, [L]."""
    longest, shortest = int(share.argmax()) + 1, int(share.argmin()) + 1
    length = f"The path of a token is {number(estimate.value)} {MODEL_UNITS} long"
    statement = (
        f"{length} ({described(estimate, MODEL_UNITS)}). The longest step is that of block "
        f"{longest} ({100 * share[longest - 1]:.0f} % of the path), the shortest that of block "
        f"{shortest} ({100 * share[shortest - 1]:.0f} %); evenly spread, each would have "
        f"{100 / len(share):.3g} %.{order}"
    )
    plain = (
        "Lengths in model units cannot be compared between models: the scale of a model is its "
        f"own. Within this one, block {longest} makes the longest step. Long is not the same as "
        "important."
    )
    percent = f"{100 * share[longest - 1]:.0f} % of the path"
    return Words(statement, plain, f"Block {longest} makes the longest step: {percent}")
