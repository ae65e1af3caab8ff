"""The tokens of a run one by one: the last step, the prediction, and what is taken out of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.histograms import joint_histogram_of
from odograph.folder.run import Run
from odograph.folder.selection import (
    Floats,
    columns_of,
    numbers,
    passage_means,
    usable,
    with_a_pair,
)
from odograph.folder.target_pairs import target_words
from odograph.folder.token_sets import PLAIN_TOKENS
from odograph.measures.binned import JointCounts
from odograph.statistics.intervals import mean_interval, ratio_interval
from odograph.statistics.values import Interval, bounds

#: How sure a prediction is, and the column that says so.
CONFIDENCES = {"log-probability": "next_logprob", "entropy": "entropy", "logit": "next_logit"}
#: What is no float32 in the run folder.
_STORED = {"log_frequency": np.float64}


@dataclass(frozen=True)
class Tokens:
    """Tokens of a run one by one, in the order of the text: arrays [tokens].

    `columns` has the last step under both conventions, the prediction, and the covariates, in the
    type that they are stored in.
    `counted` has histograms of last step and prediction over all texts, where sums are kept.
    """

    document: NDArray[np.int64]
    passage: NDArray[np.int64]
    position: NDArray[np.int32]
    sink: NDArray[np.bool_]
    columns: dict[str, NDArray[np.floating[Any]]]
    counted: Mapping[tuple[str, str], JointCounts] = field(default_factory=dict)

    def ordinary(self, values: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
        """Which tokens have a value and are no sinks."""
        return np.asarray(np.isfinite(values) & ~self.sink)

    def in_documents(self, documents: NDArray[np.int64]) -> "Tokens":
        """Those of some documents."""
        of = np.isin(self.document, documents)
        kept = {name: column[of] for name, column in self.columns.items()}
        text = self.document[of], self.passage[of], self.position[of], self.sink[of]
        return Tokens(*text, kept)

    def covariates(self) -> Floats:
        """Position, log-frequency of the next token and length of x_{L-1}: [tokens, 3]."""
        names = ("log_frequency", "length_before")
        columns = [self.position, *(self.columns[name] for name in names)]
        return np.stack([column.astype(np.float64) for column in columns], axis=1)


def read_tokens(run: Run, where: str = "true") -> Tokens:
    """Tokens with their last step, prediction and covariates.

    where: the SQL condition over the columns of `tokens` that chooses them; all unless given.
    """
    wanted = [c for c in CONFIDENCES.values() if c in columns_of(run, "tokens")]
    norm = "stream_norm" if "stream_norm" in columns_of(run, "layers") else "norm"
    listed = ", ".join(["last_step_stream", "last_step_hf", *wanted])
    found = numbers(
        run.sql(f"""
        with t as (
            select *, case when lead(position) over along = position + 1
                           then lead(token_id) over along end as following
            from {PLAIN_TOKENS} where {where}
            window along as (partition by passage order by position)),
        counts as (
            select token_id as following, ln(tokens) as log_frequency from token_counts),
        before as (select passage, position, {norm} as length_before from layers
                   where layer = {run.blocks - 1})
        select document, passage, position, not {usable(run)} as sink, {listed},
               log_frequency, length_before
        from t left join counts using (following) join before using (passage, position)
        order by passage, position""")
    )
    keys = ("document", "passage", "position", "sink")
    return Tokens(
        document=found["document"].astype(np.int64),
        passage=found["passage"].astype(np.int64),
        position=found["position"].astype(np.int32),
        sink=found["sink"].astype(bool),
        columns={
            n: v.astype(_STORED.get(n, np.float32)) for n, v in found.items() if n not in keys
        },
        counted=_counted(run, wanted),
    )


def _counted(run: Run, confidences: Sequence[str]) -> dict[tuple[str, str], JointCounts]:
    """The histograms of last steps and these that are kept of all texts."""
    pairs = [(f"last_step_{name}", each) for name in ("stream", "hf") for each in confidences]
    kept = {pair: joint_histogram_of(run, *pair, run.blocks) for pair in pairs}
    return {pair: counts for pair, counts in kept.items() if counts is not None}


CONVENTIONS = ("stream", "hf")
MEASURES = ("rotation", "step", "norm")
_COLUMNS = tuple(f"last_{m}_{c}" for c in CONVENTIONS for m in MEASURES)


@dataclass(frozen=True)
class LastStepOfGroup:
    """One group's last step: means and intervals over passages, name of the column to value.

    `ratio` is the interval of the ratio of the mean lengths, hf over stream.
    """

    name: str
    n: int
    means: dict[str, float]
    intervals: dict[str, Interval | None]
    ratio: Interval | None


@dataclass(frozen=True)
class LastSteps:
    """The last step of each group."""

    groups: tuple[LastStepOfGroup, ...]

    @property
    def normed(self) -> bool:
        """Whether the two conventions differ: without a final norm hf is stream."""
        return any(
            group.means[f"last_{measure}_stream"] != group.means[f"last_{measure}_hf"]
            for group in self.groups
            for measure in MEASURES
        )

    def columns(self) -> dict[str, list[Any]]:
        """One row a group, convention and measure."""
        rows = [
            {
                "group": group.name,
                "convention": convention,
                "measure": measure,
                "n": group.n,
                "mean": group.means[name],
                "low": bounds(group.intervals[name])[0],
                "high": bounds(group.intervals[name])[1],
                "unit": "degrees" if measure == "rotation" else "model units",
            }
            for group in self.groups
            for convention in CONVENTIONS
            for measure in MEASURES
            for name in [f"last_{measure}_{convention}"]
        ]
        return {name: [row[name] for row in rows] for name in rows[0]}


def last_steps(run: Run, with_targets: bool) -> LastSteps:
    """The last step of targets, the tokens before them and all tokens; the first group leads."""
    groups = [("all tokens", "true")]
    if with_targets:
        groups = [
            (target_words(run), with_a_pair(run, "target")),
            ("the token before it", with_a_pair(run, "non-target")),
            *groups,
        ]
    seed = run.seed
    return LastSteps(tuple(_group(run, name, where, seed) for name, where in groups))


def _group(run: Run, name: str, where: str, seed: int) -> LastStepOfGroup:
    means = passage_means(run, _COLUMNS, where)
    return LastStepOfGroup(
        name=name,
        n=len(means[_COLUMNS[0]]),
        means={c: float(v.mean()) for c, v in means.items()},
        intervals={c: mean_interval(v, seed=seed) for c, v in means.items()},
        ratio=ratio_interval(means["last_step_hf"], means["last_step_stream"], seed=seed),
    )
