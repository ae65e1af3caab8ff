"""Whether humps hinge on one passage, and whether those of one half of a run are in the other."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from odograph.folder.document_names import document_names
from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import drawn_documents
from odograph.folder.samples.neighbours import read_pairs
from odograph.folder.selection import Floats
from odograph.sentences.english import counted, several
from odograph.sentences.humps import (
    no_valley,
    remaining_hinges,
    too_few_without_one,
    valley_words,
)
from odograph.sentences.record import Finding
from odograph.statistics.intervals import FEWEST_UNITS
from odograph.statistics.inversion import inverted_interval
from odograph.statistics.leave_one_out import MOST_UNITS, decisive_unit
from odograph.statistics.permutation import by_units
from odograph.statistics.shapes.modes import humps_without, parted_at
from odograph.statistics.shapes.spread import REST, Spread
from odograph.statistics.shapes.valleys import VALLEY_TEST, Valley, valley_at
from odograph.statistics.student import holm
from odograph.statistics.values import PValue
from odograph.studies.claim import Claim, with_sensitivity
from odograph.studies.defaults import FindingDefaults, tested_as

_NO_VALLEY = "no valley: a density that is nowhere lower than on both sides"
_TESTS = 2  # with and without position 0 and sinks


def with_each_passage(
    run: Run, spread: Spread, made: Finding, *, every: bool, rest: bool
) -> Finding:
    """The finding on all states together, with a sentence for each of its humps that hinges.

    every, rest: whether two humps are shown, with position 0 and sinks and without.
    """
    seed, together, given = run.seed, spread.together, made
    names = document_names(run, np.unique(spread.document))
    if every:
        made = with_sensitivity(
            made,
            lambda: humps_without(
                spread.angle, spread.document, together.every, seed=seed, tests=_tests(given)
            ),
            names,
        )
    if rest and len(names) <= MOST_UNITS:
        made = _more(made, _rest(run, spread))
    few = min(
        (one.beyond for one, shown in ((together.every, every), (together.rest, rest)) if shown),
        default=0,
    )
    if few == FEWEST_UNITS < len(names):
        made = _more(made, too_few_without_one(few, run.unit))
    return made


def _rest(run: Run, spread: Spread) -> str:
    """Whether the humps without position 0 and sinks hinge on one passage; "" where they do not."""
    layer = spread.together
    free, documents = _free(spread.angle, spread.document, spread.kind)
    tests = max(1, round(layer.p_rest / (layer.rest.p or 1)))
    without = humps_without(free, documents, layer.rest, seed=run.seed, tests=tests)
    found = decisive_unit(without, 1.0)
    if found is None or not np.isfinite(found.p):
        return ""
    name = document_names(run, np.unique(documents))[found.unit]
    return remaining_hinges(run.unit, name, found.p)


def _tests(made: Finding) -> int:
    """Holm's factor: how many tests p was multiplied by."""
    return max(1, round((made.p_adjusted or 1) / (made.p or 1)))


def _more(made: Finding, said: str) -> Finding:
    return replace(made, statement=f"{made.statement} {said}".rstrip())


def confirmed_humps(run: Run, spread: Spread, defaults: FindingDefaults) -> list[Claim]:
    """Of a halved run, the valleys seen on its first half, tested on the second."""
    if run.exploration is None:
        return []
    explored, seed = _explored(run.exploration), run.seed
    chosen = [(spread.angle, spread.document), _free(spread.angle, spread.document, spread.kind)]
    valleys = [
        None if places is None else valley_at(*own, places)
        for own, (places, _) in zip(chosen, explored, strict=True)
    ]
    p = holm([_p(valley, seed) for valley in valleys])
    return [
        _nothing(spread, defaults, which, count)
        if valley is None
        else _confirmed(run, spread, defaults, which, (valley, count, float(own)))
        for which, (valley, (_, count), own) in enumerate(zip(valleys, explored, p, strict=True))
    ]


def _p(valley: Valley | None, seed: int) -> float:
    p = None if valley is None else valley.p(seed)
    return np.nan if p is None else p


def _explored(half: Run) -> list[tuple[tuple[float, float, float] | None, str]]:
    """Where the pairs of the exploration half are parted, all and the rest; and its passages."""
    pairs = read_pairs(half, drawn_documents(half))
    words = several(len(np.unique(pairs.document)), half.unit)
    free, _ = _free(pairs.value, pairs.document, pairs.kind)
    return [(parted_at(own), words) for own in (pairs.value, free)]


def _free(
    angle: Floats, document: NDArray[np.int64], kind: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.int64]]:
    return angle[kind == REST], document[kind == REST]


def _nothing(spread: Spread, defaults: FindingDefaults, which: int, explored: str) -> Claim:
    n = spread.together.every.units
    words = no_valley(which, explored, defaults.counted(n))
    return Claim(defaults.finding_of(words, None, n=n, null=_NO_VALLEY))


def _confirmed(
    run: Run,
    spread: Spread,
    defaults: FindingDefaults,
    which: int,
    found: tuple[Valley, str, float],
) -> Claim:
    valley, explored, p = found
    side, seed = valley.drops[:, valley.smaller], run.seed
    interval = inverted_interval(side, seed=seed)
    known = bool(np.isfinite(p)) and interval is not None
    test = by_units(VALLEY_TEST, len(side)) if known else "none: too few texts, or no spread"
    tested = PValue(test, p if known else None, _TESTS, "tests, Holm", valley.p(seed))
    made = defaults.finding_of(
        valley_words(which, valley, explored, interval, tested, counted(len(side), run.unit)),
        float(side.mean()),
        interval,
        unit="share of a text's pairs",
        n=len(side),
        null=_NO_VALLEY,
        **tested_as(tested),
    )
    documents = spread.document if which == 0 else spread.document[spread.kind == REST]
    names = document_names(run, np.unique(documents))
    return Claim(made, lambda: valley.without(seed, _tests(made)), names)
