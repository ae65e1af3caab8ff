"""What the findings, figures and tables of the contributions study are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.statistics.correlations.coefficients import fisher
from odograph.statistics.correlations.layers import (
    Correlations,
    coefficients_in,
    layer_correlations,
)
from odograph.statistics.correlations.sums import COSINES, PAIRS, ShuffledTies, shuffled_ties
from odograph.statistics.designs.one_sample import MeanProfile, mean_profile
from odograph.studies.contributions.tokens import PARTS, pairs_of, read_lengths
from odograph.studies.parts import WHOLE, Closure, closure_of, require_parts
from odograph.studies.passages import passage_names
from odograph.studies.random_order import RandomOrder, in_random_order, random_orders
from odograph.studies.selection import (
    Floats,
    Means,
    columns_of,
    in_common,
    numbers,
    profile_means,
    require_rows,
)

_ALONG = "(partition by passage, position order by layer)"


@dataclass(frozen=True, eq=False)
class Profile:
    """A measure by layer: its passages [passages, L], their mean, and the untrained twins.

    `names` are those of the passages, where known; `shuffled` is the same in random order.
    """

    passages: Floats
    mean: MeanProfile
    twins: Floats | None
    excluded: int
    names: tuple[str, ...] = ()
    shuffled: RandomOrder | None = None


@dataclass(frozen=True, eq=False)
class Ties:
    """Correlations of each part's length with that of the whole; rows as in `tokens.PARTS`.

    Attributes:
        without, with_first: without position 0 and sinks, and with them.
        cosines, pairs: what is arithmetic: the cosines dealt out anew among the tokens of a
            passage, and the lengths of attention as well.
        beyond: r minus its mean under `cosines`, passage by passage: [passages, 2 * rows], Pearson
            first; as a mean profile, tested against 0, all rows one family.
        differences: r of the MLP minus r of attention, [passages, 2 * L], tested in the same way.
        twins: r of the untrained twins without position 0 and sinks, [twins, passages, 2, rows].
        twins_beyond: the same of `beyond`.
        shuffled, shuffled_beyond: the same of both in random order, [orders, passages, 2, rows].
        explored: of a halved run, what `differences` and `beyond` are the means of in the first
            half, where rows are chosen.
        names: of the passages.
    """

    without: Correlations
    with_first: Correlations
    cosines: ShuffledTies
    pairs: ShuffledTies
    beyond: MeanProfile
    differences: MeanProfile
    twins: Floats | None
    twins_beyond: Floats | None
    shuffled: Floats | None
    shuffled_beyond: Floats | None
    explored: tuple[Floats, Floats] | None
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Measured:
    """Sizes, shares and ties of one run; `ties` is None where no passage has a correlation.

    `share_test` is the test of attention's share against one half.
    """

    run: Run
    sizes: dict[str, Profile]
    share: Profile
    share_test: MeanProfile
    ties: Ties | None
    closure: Closure

    @property
    def passages(self) -> int:
        """How many passages the profiles are the mean of."""
        return len(self.share.passages)


def measure(run: Run) -> Measured:
    """Reads the run once.

    Raises:
        StudyError: the decomposition was refused or not measured, the run holds only targets and
            the words before them, or no token is left.
    """
    require_parts(run)
    if run.manifest["config"]["select"] == "targets":
        raise StudyError(
            "contributions looks at all tokens of a passage",
            expected="a run of all tokens",
            given="--select targets",
            remedy="Measure it again with --select all.",
        )
    before = "stream_norm" if "stream_norm" in columns_of(run, "layers") else "norm"
    sizes = {
        "attention": f"attention_step::double / lag({before}) over {_ALONG}",
        "MLP": f"mlp_step::double / lag({before}) over {_ALONG}",
    }
    share = _share(run)
    return Measured(
        run=run,
        sizes={name: _size(run, expression) for name, expression in sizes.items()},
        share=share,
        share_test=mean_profile(share.passages - 0.5, None, seed=run.seed),
        ties=_ties(run),
        closure=closure_of(run),
    )


def _size(run: Run, expression: str) -> Profile:
    means = profile_means(run, expression)
    twins = in_common([profile_means(twin, expression) for twin in run.untrained])
    found = _profile(run, require_rows(means.values, "token"), twins, means.excluded)
    return replace(found, shuffled=in_random_order(run, means, expression))


def _profile(run: Run, values: Floats, twins: Floats | None, excluded: int) -> Profile:
    mean = mean_profile(values, None, seed=run.seed)
    return Profile(values, mean, twins, excluded)


def _share(run: Run) -> Profile:
    """Attention's share of |a + m|^2: the sum of |a|^2 + a.m over that of |a + m|^2, by passage.

    The MLP's is 1 minus it. A share lies below 0 or above 1 where the other part, being longer,
    points against it.
    """
    own = attention_shares(run)
    twins = [attention_shares(twin).values for twin in run.untrained]
    alike = len({len(t) for t in twins}) == 1
    found = _profile(
        run,
        require_rows(own.values, "token"),
        np.stack(twins) if twins and alike else None,
        own.excluded,
    )
    shuffled = random_orders(run, own, attention_shares)
    return replace(found, names=passage_names(run, own.units), shuffled=shuffled)


def attention_shares(run: Run) -> Means:
    """Attention's share of the squared step in each passage: [passages, L]."""
    product = "attention_step::double * mlp_step * update_cosine"
    own = profile_means(run, f"pow(attention_step::double, 2) + {product}")
    whole = profile_means(run, f"pow({WHOLE}, 2)")
    shared = np.intersect1d(own.units, whole.units)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = own.values[np.isin(own.units, shared)] / whole.values[np.isin(whole.units, shared)]
    known = np.isfinite(values).all(axis=1)
    return Means(shared[known], values[known], own.excluded + int((~known).sum()), own.layers)


def _ties(run: Run) -> Ties | None:
    seed = run.seed
    passages = read_lengths(run)
    without = layer_correlations(pairs_of(passages, first=False), seed=seed)
    if not without.passages:
        return None
    used = [passages[i] for i in without.used]
    cosines = shuffled_ties([one.parts() for one in used], COSINES, seed=seed)
    documents = [one.document for one in used]
    twins, twins_beyond = _beside(run.untrained, documents, seed)
    shuffled, shuffled_beyond = _beside(run.shuffled, documents, seed)
    return Ties(
        without=without,
        with_first=layer_correlations(pairs_of(used, first=True), seed=seed, test=False),
        cosines=cosines,
        pairs=shuffled_ties([one.parts() for one in used], PAIRS, seed=seed),
        beyond=mean_profile(beyond_of(without.each, cosines), None, seed=seed),
        differences=mean_profile(differences_of(without.each), None, seed=seed),
        twins=twins,
        twins_beyond=twins_beyond,
        shuffled=shuffled,
        shuffled_beyond=shuffled_beyond,
        explored=None if run.exploration is None else _explored(run.exploration),
        names=passage_names(run, documents),
    )


def differences_of(each: Floats) -> Floats:
    """R of the MLP minus that of attention from Fisher's z, both methods: [passages, 2 L]."""
    r = np.tanh(each)
    blocks = r.shape[-1] // len(PARTS)
    return np.asarray((r[..., blocks:] - r[..., :blocks]).reshape(len(r), -1))


def beyond_of(each: Floats, cosines: ShuffledTies) -> Floats:
    """R minus what is arithmetic of it, passage by passage: [passages, 2 * rows]."""
    return np.asarray((np.tanh(each) - cosines.each).reshape(len(each), -1))


def _explored(run: Run) -> tuple[Floats, Floats] | None:
    """Differences and what is beyond arithmetic in the half to look at; None where it has none."""
    passages = read_lengths(run)
    each = [coefficients_in(*one.pair(first=False)) for one in passages]
    kept = [k for k, r in enumerate(each) if np.isfinite(r).all()]
    if not kept:
        return None
    z = fisher(np.array([each[k] for k in kept]))
    cosines = shuffled_ties([passages[k].parts() for k in kept], COSINES, seed=run.seed)
    return differences_of(z), beyond_of(z, cosines)


def _beside(
    runs: Sequence[Run], documents: Sequence[int], seed: int
) -> tuple[Floats | None, Floats | None]:
    """Correlations of nulls in the same passages, and what of them is beyond arithmetic."""
    found, beyond, wanted = [], [], set(documents)
    for one_run in runs:
        used = [one for one in read_lengths(one_run) if one.document in wanted]
        r = np.array([coefficients_in(*one.pair(first=False)) for one in used])
        shuffled = shuffled_ties([one.parts() for one in used], COSINES, seed=seed)
        found.append(r)
        beyond.append(r - shuffled.each)
    if not found or len({len(r) for r in found}) != 1:
        return None, None
    return np.stack(found), np.stack(beyond)


def first_passage(run: Run) -> tuple[str, dict[str, Floats], list[str], list[int]]:
    """The first passage: its name, lengths [L, tokens] by measure, its tokens, and its sinks."""
    tokens = run.sql(
        "select token, sink or position = 0 as sink, passage_id from tokens "
        "where passage = (select min(passage) from tokens) order by position"
    ).fetchnumpy()
    found = numbers(
        run.sql(f"""
        select attention_step::double as attention, mlp_step::double as mlp, {WHOLE} as whole
        from layers where passage = (select min(passage) from tokens) and layer > 0
        order by position, layer""")
    )
    lengths = {name: v.reshape(-1, run.blocks).T for name, v in found.items()}
    sinks = np.flatnonzero(tokens["sink"]).tolist()
    return str(tokens["passage_id"][0]), lengths, [str(t) for t in tokens["token"]], sinks
