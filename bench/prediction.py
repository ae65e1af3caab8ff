"""Cost of the whole prediction (log-probability, entropy, rank) over measuring without it."""

from collections.abc import Iterator
from typing import Any

import torch

from bench import shapes
from bench.peaks import PREDICTION, median_ratio, peaks
from bench.rounds import Scale, Way, interleaved, over, say
from bench.rows import Row, row
from bench.ways import RUN, WAYS
from odograph.models.loading import Loaded, load
from odograph.observe.prediction import predict

GOALS = {shapes.GPT2: "at most 1.5", shapes.LLAMA: "at most 1.3"}
TOKENS = (512, 1024, 4096)


def rows(scale: Scale) -> Iterator[Row]:
    for shape, goal in GOALS.items():
        say(f"  time, {shape}")
        loaded = load(shapes.build(shape, quick=scale.quick))
        taken = interleaved(ways(loaded), scale.rounds(9))
        where = ("prediction", f"{shape}, 512 tokens")
        yield row(where, "measured without", [1000 * s for s in taken["none"]], "ms")
        for name, bound in (("target", ""), ("full", goal)):
            what = f"`--logits {name}` over none"
            yield row(where, what, over(taken[name], taken["none"]), "times", bound)
    yield from memory(scale)


def ways(loaded: Loaded) -> dict[str, Way]:
    """Measuring alone, with the next token's logit, and with the whole prediction."""
    ids = torch.randint(loaded.vocabulary, (8, 64))
    following = torch.roll(ids, -1, dims=1).flatten()
    measured = WAYS[RUN](loaded, ids)

    def with_prediction(full: bool) -> Way:
        def run() -> object:
            given: Any = measured()
            with torch.inference_mode():
                return given[0], predict(loaded.anatomy, given[1], following, full)

        return run

    return {"none": measured, "target": with_prediction(False), "full": with_prediction(True)}


def memory(scale: Scale) -> Iterator[Row]:
    """Peak of the prediction alone, and as a share of logits of all tokens and the vocabulary."""
    usual = 5000 if scale.quick else 50257
    found: dict[int, list[float]] = {}
    for vocabulary, sizes in ((usual, TOKENS), (4 * usual, TOKENS[1:2])):
        say(f"  memory, vocabulary of {vocabulary}")
        shape = {"name": shapes.GPT2, "quick": scale.quick, "n_layer": 1, "vocab_size": vocabulary}
        jobs = [(PREDICTION, 1, tokens) for tokens in sizes]
        measured = peaks(shape, jobs, scale.rounds(3), scale.threads)
        found[vocabulary] = measured[PREDICTION, 1, TOKENS[1]]
        for (_, _, tokens), megabytes in measured.items():
            where = ("prediction", f"head alone, {tokens} tokens, vocabulary of {vocabulary}")
            whole = 4 * tokens * vocabulary / 2**20
            yield row(where, "peak", megabytes, "MB")
            shares = [100 * peak / whole for peak in megabytes]
            yield row(where, "of logits of tokens x vocabulary", shares, "%")
    where = ("prediction", f"head alone, {TOKENS[1]} tokens")
    more = median_ratio(found[4 * usual], found[usual])
    yield row(where, "peak at four times the vocabulary", more, "times", "at most 1.05")
