"""The findings of the contributions study, made of the numbers of the run at hand."""

import math
from dataclasses import replace

import numpy as np

from odograph.folder.card import Card
from odograph.sentences.record import Finding
from odograph.sentences.templates import interval_words, number, p_value
from odograph.statistics.designs.one_sample import MeanProfile
from odograph.statistics.intervals import interval_of, mean_interval
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.permutation import p_alone
from odograph.statistics.values import Interval
from odograph.studies.confirmed import Chosen, confirmed_mean
from odograph.studies.contributions.measured import Measured, attention_shares
from odograph.studies.contributions.ties import beyond, closer, first_token
from odograph.studies.contributions.tokens import PARTS
from odograph.studies.defaults import FindingDefaults
from odograph.studies.parts import layout_of
from odograph.studies.phrases import beside_twins, blocks_counted, layers_named, twin_null
from odograph.studies.random_order import beside_random_order, in_order, order_words
from odograph.studies.selection import Floats
from odograph.studies.sensitivity import with_sensitivity

STUDY = "contributions"
_HALF = "one half each: signs of the passages' differences from it are exchangeable"
_OWNERS = dict(zip(PARTS, ("attention's", "the MLP's"), strict=True))


def findings(measured: Measured, card: Card) -> list[Finding]:
    """All findings that the run allows; what is arithmetic right behind the correlations."""
    defaults = FindingDefaults(
        STUDY,
        card,
        n=measured.passages,
        null=twin_null(measured.run),
        excluded=measured.share.excluded,
    )
    found = [
        _sizes(measured, defaults),
        _shares(measured, defaults),
        *_confirmed(measured, defaults),
    ]
    if measured.ties is not None:
        ties = measured.ties
        found += [
            closer(measured, ties, defaults),
            beyond(measured, ties, defaults),
            first_token(measured, ties, defaults),
        ]
    return found


def _sizes(measured: Measured, defaults: FindingDefaults) -> Finding:
    """How long each part's step is, beside the state and beside each other."""
    found = {name: _geometric(measured, name) for name in PARTS}
    said = [
        f"{_OWNERS[name]} step is {number(value)} times as long as the state before the block "
        f"({interval_words(interval)}; {_twins_beside(measured, name)})"
        for name, (value, interval) in found.items()
    ]
    by_layer = [measured.sizes[name].mean.mean for name in PARTS]
    longer = by_layer[1] > by_layer[0]
    statement = (
        f"In the geometric mean over {blocks_counted(measured.run.blocks)}, {said[0]}, {said[1]}; "
        f"the MLP's is the longer one in {layers_named(longer)}, attention's in "
        f"{layers_named(~longer)} ({defaults.sample}; descriptive, no test). "
        f"These are {layout_of(measured.run)}."
        f"{in_order([_ordered_size(measured, name) for name in PARTS])}"
    )
    plain = (
        "Long is not the same as important: a short step can be vital, and two long ones that "
        "point against each other move the vector little."
    )
    return defaults.finding(statement, plain, *found[PARTS[0]])


def _geometric(measured: Measured, part: str) -> tuple[float, Interval | None]:
    """The geometric mean over blocks, and over passages: no single long step decides it."""
    logs = np.log(measured.sizes[part].passages).mean(axis=1)
    interval = mean_interval(logs, seed=measured.run.seed)
    if interval is not None:
        interval = replace(interval, low=math.exp(interval.low), high=math.exp(interval.high))
    return math.exp(logs.mean()), interval


def _ordered_size(measured: Measured, part: str) -> str:
    """A part's geometric mean length in random order."""
    found = measured.sizes[part].shuffled
    if found is None:
        return ""
    own, orders = (np.exp(np.log(v).mean(axis=-1)) for v in (found.own, found.orders))
    return f" {order_words(own, orders, '', seed=measured.run.seed)}"


def _twins_beside(measured: Measured, part: str) -> str:
    twins = measured.sizes[part].twins
    return beside_twins(None if twins is None else np.exp(np.log(twins).mean(axis=2)), "")


def _shares(measured: Measured, defaults: FindingDefaults) -> Finding:
    """Which part makes the larger share of the squared step, block by block."""
    test, share = measured.share_test, measured.share.mean
    index = int(np.argmax(np.abs(test.mean)))
    interval = interval_of(share.low[index], share.high[index], share.interval)
    value = float(share.mean[index])
    p = float(test.p_max_t[index]) if test.family else float("nan")
    ending = f"; {p_value(p)}" if test.family else ""
    choice = ", that of the one block, not corrected for its choice" if interval else ""
    statement = (
        f"{_halves(test, defaults)}. Farthest from one half is block {index + 1}, where "
        f"attention's share is {number(value)} ({interval_words(interval)}{choice}{ending}). "
        f"Averaged over the blocks it is {number(float(share.mean.mean()))}; "
        f"{beside_twins(_twin_share(measured), '')}{_twin_halves(measured)}."
        f"{beside_random_order(measured.share.shuffled, '', seed=measured.run.seed)}"
    )
    plain = (
        "The shares of the two parts add up to the whole. They say which part the squared length "
        "of the step is made of, not which part matters for what the model predicts."
    )
    differences, seed = measured.share.passages - 0.5, measured.run.seed
    made = defaults.finding(
        statement,
        plain,
        value,
        interval,
        test=test.test,
        family=f"{test.family} layers" if test.family else "none",
        p=p_alone(differences[:, index], p, seed=seed) if test.family else None,
        p_adjusted=p,
        null=f"{_HALF}; {twin_null(measured.run)}",
    )
    names = measured.share.names
    return with_sensitivity(made, lambda: max_t_without(differences, index, seed=seed).of_p, names)


def _halves(test: MeanProfile, defaults: FindingDefaults) -> str:
    """In which blocks each part makes more than half of the squared step."""
    found = test.found if test.family else np.ones_like(test.found)
    words = (
        f"Of the squared length of the whole step, attention makes more than half in "
        f"{layers_named(found & (test.mean > 0))}, the MLP in "
        f"{layers_named(found & (test.mean < 0))}"
    )
    share = "(|a|² + a·m) / |a + m|²"
    if not test.family:
        why = test.test.removeprefix("none: ")
        return f"{words} (share {share}; {defaults.sample}; no p-value: {why})"
    return (
        f"{words} (p < .05, {test.test} of the share {share} against one half, family of "
        f"{test.family} layers; {defaults.sample})"
    )


def _confirmed(measured: Measured, defaults: FindingDefaults) -> list[Finding]:
    """Of a halved run, the block chosen on the first half."""
    if measured.run.exploration is None:
        return []
    explored = attention_shares(measured.run.exploration).values
    what = "attention's share of the squared length of the whole step"
    said = Chosen(what, 0.5, measured.share.names)
    one = confirmed_mean(defaults, measured.share.passages, explored, said, seed=measured.run.seed)
    return [] if one is None else [one]


def _twin_share(measured: Measured) -> Floats | None:
    twins = measured.share.twins
    return None if twins is None else twins.mean(axis=2)


def _twin_halves(measured: Measured) -> str:
    """In which blocks attention makes more than half in the untrained twins."""
    if measured.share.twins is None:
        return ""
    more = measured.share.twins.mean(axis=(0, 1)) > 0.5
    return (
        f", in which attention makes more than half in {layers_named(more)}, the MLP in "
        f"{layers_named(~more)}"
    )
