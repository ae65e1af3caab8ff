"""A finding together with what it has to stand up to: no single unit, and untrained twins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from odograph.folder.card import COPIES
from odograph.folder.selection import Floats
from odograph.sentences.english import several
from odograph.sentences.evidence import decisive_words, is_shown
from odograph.sentences.names import name_of_test
from odograph.sentences.nulls import as_in_twins, difference_in_twins
from odograph.sentences.record import Finding, NullValue
from odograph.sentences.seeds import (
    IN_THIS_NETWORK,
    documents_words,
    seeds_family,
    seeds_plain,
    seeds_sentence,
    shared_words,
)
from odograph.sentences.verdicts import DESCRIBES, UNTRAINED
from odograph.statistics.designs.seeds import FEWEST_SEEDS, SeedTest, seed_test
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.leave_one_out import MOST_UNITS, Without, decisive_unit
from odograph.statistics.permutation import ALPHA, CLUSTER_PERMUTATIONS, FEWEST_PAIRS, mean_p


@dataclass(frozen=True, eq=False)
class Claim:
    """A finding, and what the study holds against it.

    Attributes:
        finding: as the test gives it.
        without: the same test without each unit, for a finding with a p.
        units: their names.
        twins: the same estimate in each untrained twin, [twins, units], without rows where none was
            measured; None where the finding says itself what twins give.
        most: with more units than that none is left out.
        places: the layers that it names, by what they are: "peak", "largest difference".
        seeds: the test over seeds where it is of several layers, and which of them the finding is
            of; None where it is of the estimate alone.
        rejected: in how many twins the test over documents rejects too, and of how many; found from
            `twins` if None.
        scope: what the test over documents holds for.
        members: what the layers of `seeds` are called, several of them, and the one that is meant
            where the finding names none.
        among: how many such claims a test over seeds of the estimate alone is corrected for.
    """

    finding: Finding
    without: Callable[[], Without] | None = None
    units: Sequence[str] = ()
    twins: Floats | None = None
    most: int = MOST_UNITS
    places: Mapping[str, int] = field(default_factory=dict)
    seeds: tuple[SeedTest, int] | None = None
    rejected: tuple[int, int] | None = None
    scope: str = IN_THIS_NETWORK
    members: str = "blocks"
    among: int = 1


def examined(claim: Claim, seed: int = 0) -> Finding:
    """The finding with what one unit does to it, and what untrained twins give of the same.

    From 5 twins on the test over seeds leads: whether learning made it is asked of them.
    """
    finding = claim.finding
    if claim.seeds is not None and claim.twins is None and not finding.null_values:
        tested, layer = claim.seeds
        finding = replace(finding, null_values=twin_values(tested.twins[:, layer]))
    if claim.without is not None:
        finding = with_sensitivity(finding, claim.without, claim.units, claim.most)
    if claim.twins is not None:
        finding = beside_difference(finding, claim.twins if len(claim.twins) else None)
    return finding if finding.over_seeds else led_by_seeds(finding, claim, seed)


def led_by_seeds(finding: Finding, claim: Claim, seed: int) -> Finding:
    """The finding with the test over seeds in front and that over documents beside it.

    As it is where it is not told beside twins; with fewer than 5 the range of the twins is all.
    """
    null, rejected = finding.twins, claim.rejected
    if rejected is None and claim.twins is not None and finding.tested:
        rejected = _rejected(claim.twins, seed)
    beside = finding.evidence
    asked = null is not None or claim.twins is not None or claim.scope != IN_THIS_NETWORK
    if asked and finding.tested and finding.p_adjusted is not None:
        beside = (*beside, documents_words(finding, claim.scope, rejected))
    if null is None:
        verdict = DESCRIBES if claim.twins is not None else finding.verdict
        return replace(finding, evidence=beside, verdict=verdict)
    if finding.estimate is None or len(null.values) < FEWEST_SEEDS:
        return replace(finding, evidence=beside)
    single = seed_test(np.array([finding.estimate]), np.array(null.values)[:, None])
    tested, layer = (single.one_of(claim.among), 0) if claim.seeds is None else claim.seeds
    said = seeds_sentence(tested, layer, claim.members)
    if not np.isfinite(tested.p[layer]):
        return replace(finding, evidence=beside)
    learned = bool(tested.p_adjusted[layer] < ALPHA)
    if 0 < tested.units < finding.n:
        beside = (*beside, shared_words(tested, several(finding.n, finding.unit_of_inference)))
    return replace(
        finding,
        statement=f"{finding.statement} {said}",
        plain=f"{finding.plain} {seeds_plain(learned)}",
        evidence=beside,
        over_documents=_over_documents(finding, rejected),
        test=name_of_test(SignificanceTest.SEEDS),
        family=seeds_family(tested),
        null=f"one more network with random weights ({tested.seeds} seeds)",
        p=float(tested.p[layer]),
        p_adjusted=float(tested.p_adjusted[layer]),
    )


def _over_documents(finding: Finding, rejected: tuple[int, int] | None) -> dict[str, Any]:
    """The test over documents as plain values; nothing where there was none."""
    if not finding.tested:
        return {}
    keys = ("test", "family", "null", "p", "p_adjusted")
    more = {} if rejected is None else {"twins_rejecting": rejected[0], "twins": rejected[1]}
    return {key: getattr(finding, key) for key in keys} | more


def _rejected(twins: Floats, seed: int) -> tuple[int, int] | None:
    """In how many twins, [twins, units], the test over documents rejects too, and of how many."""
    if twins.ndim < 2 or twins.shape[1] < FEWEST_PAIRS:
        return None
    p = [mean_p(own, seed=seed, permutations=CLUSTER_PERMUTATIONS) for own in twins]
    return sum(one is not None and one < ALPHA for one in p), len(p)


def on_card(finding: Finding, card: Mapping[str, str]) -> Finding:
    """The finding with its study's card; copies, which are no evidence of their own, beside it."""
    copies = card.get(COPIES)
    joined = [copies.removesuffix(" with what they copy")] if copies else []
    evidence = (*finding.evidence, *joined)
    return replace(finding, card=dict(card), evidence=evidence)


def beside_difference(led: Finding, twins: Floats | None) -> Finding:
    """A difference with what twins, [twins, passages], give of the same.

    Only of a difference that is shown, the plain sentence says that twins show it too.
    """
    seeds = np.empty(0) if twins is None else np.asarray(twins.mean(axis=1))
    said = f"{led.statement}{difference_in_twins(seeds, led.unit)}"
    shown = is_shown(led.p_adjusted, led.interval)
    value = led.estimate if shown and led.estimate is not None else 0.0
    return replace(
        led,
        statement=said,
        plain=led.plain + as_in_twins(value, seeds),
        null_values=(*led.null_values, *twin_values(seeds)),
    )


def twin_values(seeds: Floats) -> tuple[NullValue, ...]:
    """What untrained twins give, one number a seed; nothing without twins."""
    if not len(seeds):
        return ()
    low, high = (float(seeds.min()), float(seeds.max())) if len(seeds) > 1 else (None, None)
    each = tuple(float(seed) for seed in seeds)
    return (NullValue(UNTRAINED, float(seeds.mean()), low, high, len(seeds), each),)


def by_twin(values: Sequence[Floats]) -> Floats:
    """The values of each twin as rows, [twins, units]; without rows where none was measured."""
    return np.array(values) if len(values) else np.empty((0, 0))


def with_sensitivity(
    finding: Finding,
    without: Callable[[], Without],
    names: Sequence[str],
    most: int = MOST_UNITS,
) -> Finding:
    """The finding, with a sentence more where p < .05 rests on one unit.

    Args:
        finding: its p, corrected for its family, is the one that is held to .05.
        without: the same test without each unit; called only where p < .05.
        names: of the units.
        most: where there are more units nothing is looked for.
    """
    p = finding.p_adjusted
    if p is None or p >= ALPHA or finding.estimate is None:
        return finding
    if not 0 < len(names) <= most:
        return finding
    found = decisive_unit(without(), finding.estimate)
    if found is None:
        return finding
    said = decisive_words(finding.unit_of_inference, names, found)
    return replace(finding, statement=f"{finding.statement} {said}")
