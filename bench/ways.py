"""Ways to measure one batch: the bare trunk, odograph's own, and the usual notebook."""

from collections.abc import Callable
from itertools import pairwise

import torch

from bench.rounds import Way
from odograph.corpus.passages import Passage
from odograph.corpus.tokens import encode_passages
from odograph.measures import DEFAULT_MEASURES
from odograph.models.hooks import watching
from odograph.models.loading import Loaded
from odograph.observe.parts import NAMES as PARTS
from odograph.observe.path import Path, PathPlan
from odograph.run.batches import make_batches
from odograph.run.config import RunConfig
from odograph.run.keeping import tokens_to_keep
from odograph.run.observers import Observers
from odograph.run.pairs import drawn_pairs
from odograph.run.shards import cut_into_shards

Made = Callable[[Loaded, torch.Tensor], Way]

TRUNK, PATH, RUN, WITH_PARTS, WITH_NEIGHBOURS, NOTEBOOK = (
    "trunk, nothing measured",
    "norm, rotation, step",
    "as `odograph measure` does",
    "the same and the parts of attention and MLP",
    "the same and the neighbours",
    "the usual notebook",
)
NEIGHBOURS = ("neighbour_angle", "token_bend")


def trunk(loaded: Loaded, ids: torch.Tensor) -> Way:
    return _without_gradients(lambda: loaded.anatomy.trunk(ids, use_cache=False))


def path(loaded: Loaded, ids: torch.Tensor) -> Way:
    def run() -> object:
        followed = Path(loaded.anatomy, PathPlan("stream"))
        with watching(loaded.anatomy, followed.state):
            normed = loaded.anatomy.trunk(ids, use_cache=False)[0].flatten(0, 1)
        return followed.finish(normed)

    return _without_gradients(run)


def observed(*more: str) -> Made:
    """What a run does with each batch, and the measures `more` beside its usual ones."""

    def made(loaded: Loaded, ids: torch.Tensor) -> Way:
        config = RunConfig(measures=(*DEFAULT_MEASURES, *more), logits="none")
        passages = [
            Passage(id=str(number), text="", source="bench", ids=tuple(row))
            for number, row in enumerate(ids.tolist())
        ]
        encoded = encode_passages(passages).encoded
        (shard,) = cut_into_shards(encoded, ids.numel())
        (batch,) = make_batches(shard.passages, ids.numel())
        draw = drawn_pairs(shard, len(loaded.anatomy.blocks) + 1, config)
        observers = Observers(loaded, shard, config, draw, tokens_to_keep(encoded, config))
        return _without_gradients(lambda: observers.measure(batch))

    return made


def notebook(loaded: Loaded, ids: torch.Tensor) -> Way:
    """All hidden states at once, cosine, arccos, and the logits nobody asked for."""

    def run() -> object:
        states = loaded.model(ids, output_hidden_states=True).hidden_states
        return [angles(one, other) for one, other in pairwise(states)]

    return _without_gradients(run)


def angles(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Degrees, as most write it."""
    return torch.rad2deg(torch.arccos(torch.cosine_similarity(one, other, dim=-1)))


def _without_gradients(way: Way) -> Way:
    def run() -> object:
        with torch.inference_mode():
            return way()

    return run


WAYS: dict[str, Made] = {
    TRUNK: trunk,
    PATH: path,
    RUN: observed(),
    WITH_PARTS: observed(*PARTS),
    WITH_NEIGHBOURS: observed(*NEIGHBOURS),
    NOTEBOOK: notebook,
}
