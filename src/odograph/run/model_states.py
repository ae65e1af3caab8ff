"""Two models together over the texts of their runs: angle and distance of their states, not kept.

The tokens come from the run folder, the models from where the runs had them.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.errors import ModelError, RunError
from odograph.folder.difference import MoreColumns
from odograph.folder.run import Run
from odograph.measures import BETWEEN
from odograph.models.kinship import Kinship, kinship
from odograph.observe.between_models import between_states
from odograph.run.batches import Batch, join
from odograph.run.budget import Budget, usual_budget
from odograph.run.config import RunConfig
from odograph.run.shards import cut_into_batches
from odograph.run.two_models import TwoModels, load_two

#: Bytes of the base's states that are held while the other model runs.
_HELD = 2**28
_Ids = NDArray[np.int64]


def states_between(base: Run, run: Run, *, allow_unrelated: bool = False) -> MoreColumns:
    """What gives `state_angle` and `state_distance` of some passages of two runs.

    Both models are loaded and stay in memory as long as what is given does.

    Args:
        base: the run that is taken away.
        run: the run with the same tokens that it is taken from.
        allow_unrelated: whether two models may share no start.

    Raises:
        RunError: the runs do not keep every token that the models read, or a model has changed.
        ModelError: a model cannot be loaded, or the two share no start.
    """
    _require_all_tokens(base)
    models = load_two(base, run)
    related = kinship(models.base, models.model)
    if not allow_unrelated:
        _refuse_unrelated(related)
    config = RunConfig.model_validate(base.manifest["config"] | {"name": None})
    budget = usual_budget(config, models.base)
    a_token = 4 * models.base.anatomy.width * (base.blocks + 1)
    budget.tokens = max(1, min(budget.tokens, _HELD // a_token))
    return partial(_columns, base, models, budget)


def _require_all_tokens(run: Run) -> None:
    corpus = run.manifest["corpus"]
    if corpus["rows"] != corpus["tokens"]:
        raise RunError(
            f"'{run.folder}' keeps some of the tokens that its model read",
            expected="all of them, so that both models can read them again",
            given=f"{corpus['rows']} of {corpus['tokens']} tokens",
            remedy="Measure with --select all and without --chat, or leave --states out.",
        )


def _refuse_unrelated(related: Kinship) -> None:
    """Nothing, if the coordinates of both models' states mean the same.

    Raises:
        ModelError: they do not; says why.
    """
    if not related.shares_start:
        raise ModelError(
            "the two models share no start, so that an angle between their states says nothing",
            expected="a model and what was made of it: an adapter, a checkpoint, a quantised copy",
            given=related.reason,
            remedy="Leave --states out, or add --allow-unrelated.",
        )


def _columns(
    run: Run, models: TwoModels, budget: Budget, first: int, last: int
) -> dict[str, NDArray[np.float32]]:
    """Both columns for the passages from first to last, by passage, position and layer."""
    ids = _ids(run, first, last)
    found: dict[int, dict[str, Any]] = {}
    cut = cut_into_batches([len(each) for each in ids], budget.tokens, budget.padding)
    batches = [Batch(tuple(join([ids[n]], (n,)) for n in numbers)) for numbers in cut]
    for batch, values in budget.run(
        batches, partial(_measured, models, run.manifest["convention"])
    ):
        for number, places in zip(batch.numbers, batch.places, strict=True):
            found[number] = {name: value[places] for name, value in values.items()}
    return {
        name: np.concatenate([found[n][name].reshape(-1) for n in range(len(ids))])
        for name in BETWEEN
    }


def _ids(run: Run, first: int, last: int) -> Sequence[_Ids]:
    """What the models read of each passage."""
    found = run.sql(
        f"select passage, token_id from tokens where passage between {first} and {last} "
        "order by passage, position"
    ).fetchnumpy()
    starts = np.flatnonzero(np.diff(found["passage"], prepend=-1))
    return np.split(np.asarray(found["token_id"], np.int64), starts[1:])


def _measured(models: TwoModels, convention: str, batch: Batch) -> dict[str, NDArray[np.float32]]:
    pair = models.base.anatomy, models.model.anatomy
    inputs = (
        batch.inputs(pair[0], models.base.device),
        batch.inputs(pair[1], models.model.device),
    )
    values = between_states(pair, inputs, convention, models.as_base)
    return {name: value.float().cpu().numpy() for name, value in values.items()}
