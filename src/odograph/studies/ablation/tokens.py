"""Whether, inside a block, the tokens that turn more lose more when the turn is undone."""

import numpy as np

from odograph.folder.readings import readings_of
from odograph.folder.run_words import outliers_of
from odograph.folder.samples.worth import worth_of
from odograph.folder.samples.worth_of_turns import (
    ROTATION,
    TokenTies,
    mean_tie,
    strongest_tie,
    token_ties,
)
from odograph.folder.selection import Floats
from odograph.measures import TURN
from odograph.sentences.english import counted
from odograph.sentences.evidence import bracket, interval_words, p_words
from odograph.sentences.nulls import seeds_beside
from odograph.sentences.numbers import coefficient
from odograph.sentences.record import Reading
from odograph.sentences.undoing import larger_turns_headline, tied_blocks
from odograph.statistics.correlations.coefficients import SPEARMAN
from odograph.statistics.correlations.layers import (
    Correlations,
)
from odograph.statistics.values import PValue, known, known_bounds
from odograph.studies.ablation.worth import defaults_of, read_twins
from odograph.studies.claim import Claim, twin_values
from odograph.studies.defaults import tested_as
from odograph.studies.questions.readings import held
from odograph.studies.result import Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, tidy


def larger_turns_of_tokens(analysis: Analysis) -> Answer:
    """The tie over tokens within blocks; nothing where no passage has enough of them."""
    worth = analysis.read(worth_of)
    found = token_ties(analysis.run, test=True) if TURN in worth.change else None
    if found is None:
        return Answer()
    twins = [
        own
        for twin in analysis.once(read_twins)
        if (own := token_ties(twin.run, test=False)) is not None
    ]
    title = "Rotation with the worth of the turn, over tokens, block by block"
    return Answer(
        [
            held(
                outliers_of(analysis.run),
                _claim(analysis, found, twins),
                _readings(analysis),
                "block",
            )
        ],
        [],
        [Table("ablation_tokens", title, _columns(found, twins))],
    )


def _readings(analysis: Analysis) -> list[Reading]:
    """The strongest tie of rotation in its other readings."""
    columns = readings_of(analysis.run, ROTATION)
    each = {name: token_ties(analysis.run, column, test=True) for name, column in columns.items()}
    return [_reading(name, found.loss) for name, found in each.items() if found is not None]


def _reading(name: str, loss: Correlations) -> Reading:
    block = strongest_tie(loss)
    bounds = known_bounds(loss.interval_at(SPEARMAN, block))
    r, p = float(loss.r[SPEARMAN, block]), known(loss.p_max_t[SPEARMAN, block])
    return Reading(name, r, bounds, p, _places(block))


def _places(block: int) -> dict[str, int]:
    return {"strongest tie": block + 1}


def _claim(analysis: Analysis, found: TokenTies, twins: list[TokenTies]) -> Claim:
    """The block with the strongest tie; its p is corrected for all blocks and both methods."""
    loss = found.loss
    r = loss.r[SPEARMAN]
    block = strongest_tie(loss)
    interval, p = loss.interval_at(SPEARMAN, block), known(loss.p_max_t[SPEARMAN, block])
    mean = mean_tie(loss)
    tested = PValue(loss.test, p, loss.family, alone=known(loss.p[SPEARMAN, block]))
    defaults = defaults_of(analysis, unit="r")
    details = bracket(
        interval_words(interval, "r"),
        f"n = {loss.tokens:,} tokens",
        counted(loss.n, analysis.run.unit),
        p_words(tested),
    )
    seeds = np.array([mean_tie(twin.loss) for twin in twins])
    statement = (
        f"Inside a block, tokens that turn more lose more when the turn is undone by a mean "
        f"Spearman r of {coefficient(mean)} over blocks, at most {coefficient(r[block])} in block "
        f"{block + 1} {details}. {tied_blocks(loss)}The mean in twins: {seeds_beside(seeds, '')}."
        f"{_divergence(found, twins)}"
    )
    plain = (
        "Above 0, the tokens whose turn is large in a block are those whose prediction suffers "
        "more without it; a token may also lose what tokens before it have lost."
    )
    return Claim(
        defaults.finding(
            statement,
            plain,
            float(r[block]),
            interval,
            n=loss.n,
            excluded=loss.excluded_documents,
            headline=larger_turns_headline(tested, float(r[block]), block + 1),
            estimate_of=f"r in block {block + 1}",
            null_values=twin_values(np.array([t.loss.r[SPEARMAN, block] for t in twins])),
            **tested_as(tested),
        ),
        places=_places(block),
    )


def _divergence(found: TokenTies, twins: list[TokenTies]) -> str:
    if not twins:
        return ""
    seeds = np.array([mean_tie(twin.kl) for twin in twins])
    return (
        f" With the divergence in place of the loss {coefficient(mean_tie(found.kl))}; "
        f"{seeds_beside(seeds, '')}."
    )


def _columns(found: TokenTies, twins: list[TokenTies]) -> Columns:
    """One row a block."""
    loss = found.loss
    blocks = np.arange(1, loss.r.shape[1] + 1)

    def untrained(values: list[Floats]) -> Floats:
        return np.mean(values, axis=0) if values else np.full(len(blocks), np.nan)

    return tidy(
        {
            "layer": blocks,
            "r": loss.r[SPEARMAN],
            "low": loss.low[SPEARMAN],
            "high": loss.high[SPEARMAN],
            "p": loss.p[SPEARMAN],
            "p_max_t": loss.p_max_t[SPEARMAN],
            "r_untrained": untrained([twin.loss.r[SPEARMAN] for twin in twins]),
            "kl_r": found.kl.r[SPEARMAN],
            "kl_r_untrained": untrained([twin.kl.r[SPEARMAN] for twin in twins]),
        },
        n=loss.n,
        excluded=loss.excluded_documents,
        unit="r",
        test=loss.test,
        family=loss.family,
    )
