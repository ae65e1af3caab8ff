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
from odograph.observe.draws import DirectionSum
from odograph.observe.parts import NAMES as PARTS
from odograph.observe.parts import Parts
from odograph.observe.path import Path, PathPlan
from odograph.observe.readings import Readings
from odograph.run.batches import make_batches
from odograph.run.config import RunConfig
from odograph.run.kept_tokens import tokens_to_keep
from odograph.run.observers import Observers
from odograph.run.pairs import drawn_pairs
from odograph.run.shards import cut_into_shards

Made = Callable[[Loaded, torch.Tensor], Way]

TRUNK, PATH, PATH_AND_PARTS, RUN, WITH_READINGS, WITH_PARTS, WITH_NEIGHBOURS, NOTEBOOK = (
    "trunk, nothing measured",
    "norm, rotation, step",
    "norm, rotation, step, parts of attention and MLP",
    "as `odograph measure` does",
    "the same and without 3 outlier coordinates, and about the mean",
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


def path_and_parts(loaded: Loaded, ids: torch.Tensor) -> Way:
    """Without what a run takes besides: straightness, drawn pairs, kept vectors."""
    anatomy, nobody = loaded.anatomy, torch.empty(0, dtype=torch.long)
    blocks, width, home = len(anatomy.blocks), anatomy.width, str(ids.device)
    sums = DirectionSum(blocks + 1, width, home)
    parts = Parts(blocks, width, anatomy.layout, slots=0, device=home, copies=False)

    def run() -> object:
        sums.expect(torch.ones(ids.numel()))
        parts.expect(torch.ones(ids.numel()), nobody, nobody)
        followed = Path(anatomy, PathPlan("stream"), (), sums, parts)

        def on_state(layer: int, state: torch.Tensor) -> None:
            followed.state(layer, state)
            parts.enter(state)

        with watching(anatomy, on_state, parts.add):
            normed = anatomy.trunk(ids, use_cache=False)[0].flatten(0, 1)
        return followed.finish(normed), parts.finish()

    return _without_gradients(run)


def observed(*more: str, outliers: int = 0) -> Made:
    """What a run does with each batch, and the measures `more` beside its usual ones.

    With outlier coordinates all readings of an angle are taken.

    The batch is the first of a shard of the usual size: of so many tokens are the pairs drawn.
    """

    def made(loaded: Loaded, ids: torch.Tensor) -> Way:
        config = RunConfig(measures=(*DEFAULT_MEASURES, *more), logits="none")
        batches = max(1, config.shard_tokens // ids.numel())
        passages = [
            Passage(id=str(number), text="", source="bench", ids=tuple(row))
            for number, row in enumerate(ids.tolist() * batches)
        ]
        encoded = encode_passages(passages).encoded
        (shard,) = (s.held() for s in cut_into_shards(encoded, len(encoded) * ids.shape[1]))
        batch, *_ = make_batches(shard.passages, ids.numel())
        draw = drawn_pairs(shard, len(loaded.anatomy.blocks) + 1, config, config.pairs)
        keep, read = tokens_to_keep(encoded, config), readings(loaded, outliers)
        observers = Observers(loaded, shard, config, draw, keep, read)

        def run() -> object:
            found = observers.measure(batch)
            observers.commit()
            return found

        return _without_gradients(run)

    return made


def readings(loaded: Loaded, outliers: int) -> Readings:
    """Some coordinates and some means: what they are makes no difference to the time."""
    states, width = len(loaded.anatomy.blocks) + 1, loaded.anatomy.width
    means = torch.linspace(-1, 1, states * width, dtype=torch.float64).reshape(states, width)
    return Readings(torch.arange(outliers), means) if outliers else Readings()


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
    PATH_AND_PARTS: path_and_parts,
    RUN: observed(),
    WITH_READINGS: observed(outliers=3),
    WITH_PARTS: observed(*PARTS),
    WITH_NEIGHBOURS: observed(*NEIGHBOURS),
    NOTEBOOK: notebook,
}
