"""At which depth the prediction settles: the share of tokens that have, and maps of passages.

It is read once, in the run, its twins and random order.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.heatmap import draw_heatmap
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, draw_profile
from odograph.folder.document_names import document_names
from odograph.folder.readings import readings_of
from odograph.folder.requirements import require_table, require_tokens
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null
from odograph.folder.samples.nulls import (
    RandomOrder,
    random_order_columns,
    random_order_null,
    random_orders,
)
from odograph.folder.samples.passages import read_passage
from odograph.folder.samples.settling import (
    Settling,
    choice_map,
    crossing_of_half,
    half_by,
    halves_of_twins,
    read_passages,
    settled_by,
    settling_of,
    with_same_documents,
)
from odograph.folder.selection import Floats, Ints, Means, columns_of
from odograph.sentences.record import verdict_of
from odograph.sentences.settling import (
    LENS_CAVEAT,
    READ_AT_TARGETS,
    HalfSettled,
    half_settled_words,
    order_headline,
)
from odograph.sentences.verdicts import BEYOND
from odograph.statistics.intervals import mean_intervals
from odograph.studies.claim import Claim, by_twin, twin_values
from odograph.studies.curves import mean_curve, random_order_bands, token_map, twin_bands
from odograph.studies.defaults import FindingDefaults
from odograph.studies.questions.random_order import random_order_claim
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, mean_columns, seed_columns, tidy

DEGREES, ROTATION = "degrees", "rotation"
BLOCKS = "blocks"


def require_lens(run: Run) -> None:
    """Nothing, if the prediction was read at every depth.

    Raises:
        StudyError: says with which option it is, or that the texts are too short.
    """
    require_tokens(run, "lens")
    require_table(
        run,
        "lens",
        "the run does not say when the prediction settles",
        expected="the prediction read at every depth",
        remedy="Measure it again with --lens.",
    )


def tuned_lens(run: Run) -> str:
    """Which maps stand before the final norm, in words; "" where none do."""
    digest = run.manifest["lens"].get("tuned_lens")
    return f"through a tuned lens (sha256 {digest[:12]}; twins without it)" if digest else ""


def read_otherwise(analysis: Analysis) -> dict[str, Settling]:
    """The same tokens with the other readings of their rotation; for `Analysis.once`.

    Left out is a reading in which a token has none.
    """
    own = analysis.read(settling_of)
    found = {
        name: settling_of(analysis.run, column)
        for name, column in readings_of(analysis.run, ROTATION).items()
    }
    return {name: one for name, one in found.items() if len(one.depth) == len(own.depth)}


def read_twins(analysis: Analysis) -> tuple[Settling, ...]:
    """That of its untrained twins, where they were read; for `Analysis.once`."""
    return tuple(settling_of(one) for one in analysis.run.untrained if columns_of(one, "lens"))


def read_shuffled(analysis: Analysis) -> tuple[Settling, ...]:
    """That of the texts in random order, where they were read; for `Analysis.once`."""
    return tuple(settling_of(one) for one in analysis.run.shuffled if columns_of(one, "lens"))


def names_of(analysis: Analysis) -> tuple[str, ...]:
    """The documents' names."""
    return document_names(analysis.run, analysis.read(settling_of).documents)


def defaults_of(analysis: Analysis, unit: str = DEGREES) -> FindingDefaults:
    """What findings share."""
    shared = analysis.defaults_over(len(analysis.read(settling_of).documents), unit=unit)
    at_targets = analysis.run.manifest["config"]["at"] == "targets"
    return replace(shared, scope=READ_AT_TARGETS if at_targets else "")


def of_each(found: tuple[Settling, ...], values: Callable[[Settling], Floats | None]) -> Floats:
    """Values [units] of each that has the documents of the first and any value, [found, units]."""
    each = [given for o in with_same_documents(found) if (given := values(o)) is not None]
    return by_twin(each)


@dataclass(frozen=True, eq=False)
class Shares:
    """The share of tokens that have settled by each depth, and their mean depth.

    Attributes:
        depths: 0..L.
        own: [units, L + 1].
        twins: [twins, units, L + 1]; None for none.
        mean: the mean depth of each unit and its random orders; None where none was read.
    """

    depths: Ints
    own: Floats
    twins: Floats | None
    orders: RandomOrder | None


def settling_depth(analysis: Analysis) -> Answer:
    """By which block half of the tokens have settled, and whether word order makes a difference."""
    shares = _shares(analysis)
    claims = [_half(analysis, shares)]
    if shares.orders is not None:
        claims.append(_against_order(analysis, shares.orders))
    title = "Share of tokens whose prediction has settled, by depth"
    table = Table("commitment_depths", title, _columns(analysis, shares))
    return Answer(claims, [_plot(analysis, shares)], [table], _notes(analysis))


def _shares(analysis: Analysis) -> Shares:
    own, twins = analysis.read(settling_of), analysis.once(read_twins)
    alike = [settled_by(twin) for twin in with_same_documents(twins)]
    mine = Means(own.documents, settled_by(own))
    shuffled = {one.run: one for one in analysis.once(read_shuffled)}
    orders = None
    if len(shuffled) == len(analysis.run.shuffled):
        orders = random_orders(
            analysis.run,
            mine,
            lambda run: Means(shuffled[run].documents, settled_by(shuffled[run])),
        )
    depths = np.arange(own.run.blocks + 1)
    return Shares(depths, mine.values, np.array(alike) if alike else None, orders)


def _half(analysis: Analysis, shares: Shares) -> Claim:
    curve, seeds = shares.own.mean(axis=0), halves_of_twins(shares.twins)
    half = half_by(curve)
    interval = crossing_of_half(*mean_intervals(shares.own, seed=analysis.run.seed), half)
    defaults = defaults_of(analysis, unit=BLOCKS)
    mean = float((1 - shares.own[:, :-1]).sum(axis=1).mean())
    found = HalfSettled(half, interval, mean, curve, seeds)
    finding = defaults.finding_of(
        half_settled_words(found, defaults.sample),
        float(half),
        interval,
        estimate_of="depth",
        null_values=twin_values(seeds),
    )
    return Claim(finding)


def _against_order(analysis: Analysis, orders: RandomOrder) -> Claim:
    """The mean commitment depth of the text against that of its random order: one test."""
    own, mixed = ((1 - s[..., :-1]).sum(axis=-1)[..., None] for s in (orders.own, orders.orders))
    claim = random_order_claim(
        defaults_of(analysis, unit=BLOCKS),
        RandomOrder(own, mixed, orders.excluded, orders.names),
        ("mean commitment depth", "a token"),
        seed=analysis.run.seed,
        summed=False,
    )
    shown = verdict_of(claim.finding) == BEYOND
    headline = order_headline(claim.finding.estimate or 0.0, shown=shown)
    return replace(claim, finding=replace(claim.finding, headline=headline))


def _plot(analysis: Analysis, shares: Shares) -> Plot:
    title = "When does the prediction settle?"
    curve = mean_curve("the model", shares.depths, shares.own, analysis.run.seed)
    bands: list[Band] = [
        *twin_bands(shares.twins, shares.depths),
        *random_order_bands(shares.orders, shares.depths),
    ]
    return Plot(
        "commitment_depths",
        title,
        "Share of tokens whose first choice, read with the final norm and the head, is the "
        f"model's own from that depth on; mean over {analysis.run.unit}s with its 95 % interval "
        "(BCa). At the last depth all have settled, by definition.",
        "; ".join([twin_null(analysis.run), *random_order_null(shares.orders)]),
        later(
            draw_profile,
            [curve],
            Labels(title, "depth", "share that has settled"),
            bands=bands,
        ),
    )


def _columns(analysis: Analysis, shares: Shares) -> Columns:
    """One row a depth."""
    own = analysis.read(settling_of)
    counts = np.bincount(own.depth, minlength=len(shares.depths))
    columns = {
        "layer": shares.depths,
        "tokens": counts,
        **mean_columns(shares.own, analysis.run.seed),
        **seed_columns(shares.twins),
        **random_order_columns(shares.orders),
    }
    if shares.twins is not None:
        columns["untrained"] = shares.twins.mean(axis=(0, 1))
    return tidy(columns, n=len(own.documents), excluded=0, unit="1")


def _notes(analysis: Analysis) -> list[str]:
    record, own = analysis.run.manifest["lens"], analysis.read(settling_of)
    at = "at the targets" if analysis.run.manifest["config"]["at"] == "targets" else "at all tokens"
    lens = tuned_lens(analysis.run) or "with the final norm and the head alone"
    left = f" {own.excluded} tokens have a number that is not finite." if own.excluded else ""
    return [
        f"{LENS_CAVEAT}. Read {lens}.",
        f"Read {at} that another token follows, position 0 and attention sinks left out, in "
        f"{record['passages']} of {record['of_passages']} passages, drawn by hash "
        f"({record['tokens']} tokens; --tokens takes more).{left}",
        "That tokens which settle early travel less afterwards is arithmetic, as fewer blocks are "
        "left to them: it is not asked.",
    ]


_PASSAGES = 2
#: Tokens that a map has room for.
_LONGEST = 96


def single_passages(analysis: Analysis) -> Answer:
    """Up to two passages as maps, depth by token; of a long one the beginning."""
    chosen = read_passages(analysis.run)[:_PASSAGES]
    return Answer(plots=[_map(analysis.run, p, n) for n, p in enumerate(chosen, start=1)])


def _map(run: Run, passage: int, number: int) -> Plot:
    read = read_passage(run, passage, _LONGEST)
    values, edges = choice_map(run, passage, read.position)
    title = f"When each token of {read.name} settles"
    plain = token_map(read, np.arange(run.blocks + 1), values)
    drawn = replace(plain, edges=edges, edge="settled to the right of it")
    return Plot(
        f"commitment_tokens_{number}",
        title,
        "One passage, descriptive. Right of the edge the first choice stays the model's own. "
        "Rows without an edge were not read: position 0, sinks, and the last token.",
        "none: a single passage; the curve of depths shows the nulls",
        later(draw_heatmap, drawn, Labels(title, "depth", "probability of the model's choice")),
        unit="one passage, descriptive",
    )
