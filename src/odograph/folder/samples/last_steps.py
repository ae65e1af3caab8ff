"""The tokens of a run one by one: the last step, the prediction, and what is taken out of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.histograms import joint_histogram_of
from odograph.folder.run import Run
from odograph.folder.selection import Floats, columns_of, numbers, usable
from odograph.statistics.binned import JointCounts

#: How sure a prediction is, and the column that says so.
CONFIDENCES = {"log-probability": "next_logprob", "entropy": "entropy", "logit": "next_logit"}
#: What is no float32 in the run folder.
_STORED = {"log_frequency": np.float64}


@dataclass(frozen=True)
class Tokens:
    """The tokens of the run one by one, in the order of the text: arrays [tokens].

    `columns` has the last step under both conventions, the prediction, and the covariates, in the
    type that they are stored in: a run of five million tokens has half a gigabyte of doubles.
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


def read_tokens(run: Run) -> Tokens:
    """All tokens of a run with their last step, prediction and covariates."""
    wanted = [c for c in CONFIDENCES.values() if c in columns_of(run, "tokens")]
    norm = "stream_norm" if "stream_norm" in columns_of(run, "layers") else "norm"
    listed = ", ".join(["last_step_stream", "last_step_hf", *wanted])
    found = numbers(
        run.sql(f"""
        with t as (
            select *, case when lead(position) over along = position + 1
                           then lead(token_id) over along end as following
            from tokens window along as (partition by passage order by position)),
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
