"""The whole job on 2,000 sentences, a text file to a run folder, against how it is usually done.

The sentences are cut into parts; in each round every way does one of them, so that all do all. What
odograph does once (checking the model and its weights) is timed on one sentence and counted once.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

import odograph
from bench import lens, shapes
from bench.notebook import in_batches
from bench.rounds import Scale, Seconds, over, say
from bench.rows import Row, row
from bench.trunk_time import timed
from odograph.models.anatomy import dissect

OURS, RANDOM, LONGEST, LENS = (
    "odograph",
    "the usual notebook, random batches of 8",
    "the same, padded to the longest of all",
    "TransformerLens with its cache, random batches of 8",
)
GOALS = {RANDOM: "at least 3.3", LONGEST: "at least 10", LENS: "at least 3"}
PARTS = 7
#: All batches of 8 padded to the longest of all cost the same: one in so many is run.
STRIDE = 10


@dataclass
class Spent:
    """Seconds of odograph in each round: the whole, of this the trunk itself and its hooks."""

    whole: list[float] = field(default_factory=list)
    trunk: list[float] = field(default_factory=list)
    hooks: list[float] = field(default_factory=list)

    def less(self, start: "Spent") -> "Spent":
        """What remains without what is done once."""
        return Spent(
            _less(self.whole, start.whole),
            _less(self.trunk, start.trunk),
            _less(self.hooks, start.hooks),
        )


def _less(seconds: list[float], start: list[float]) -> list[float]:
    return [whole - once for whole, once in zip(seconds, start, strict=True)]


def rows(scale: Scale) -> Iterator[Row]:
    model, tokenizer = shapes.build(shapes.GPT2, quick=scale.quick), shapes.tokenizer()
    texts = shapes.sentences(70 if scale.quick else 2000)
    rounds = scale.rounds(PARTS)
    parts = [texts[number::rounds] for number in range(rounds)]
    longest = max(len(ids) for ids in tokenizer(texts).input_ids)
    their = lens.converted(model) if lens.missing() is None else None
    if their is None:
        say(f"  TransformerLens is left out: {lens.missing()}")
    start, spent = Spent(), Spent()
    taken: Seconds = {name: [] for name in (RANDOM, LONGEST, *([LENS] if their else []))}
    in_batches(model, tokenizer, parts[0][:8])
    ours(model, tokenizer, parts[0][:2], Spent())
    for number, part in enumerate(parts, start=1):
        say(f"  round {number} of {rounds}")
        ours(model, tokenizer, part[:1], start)
        ours(model, tokenizer, part, spent)
        taken[RANDOM].append(seconds_of(lambda part=part: in_batches(model, tokenizer, part)))
        taken[LONGEST].append(padded_to(longest, model, tokenizer, part))
        if their is not None:
            taken[LENS].append(
                seconds_of(lambda part=part: lens.in_batches(their, tokenizer, part))
            )
    where = ("job", f"{len(texts)} sentences, {shapes.GPT2}")
    yield from compared(where, start, spent.less(start), taken)
    if their is None:
        nothing = float("nan")
        yield Row(*where, f"{LENS}: not installed", nothing, "times", 0, nothing, nothing)


def compared(where: tuple[str, str], start: Spent, spent: Spent, taken: Seconds) -> Iterator[Row]:
    """`start` is what is done once, `spent` the rest of each part, `taken` the other ways."""
    whole = float(np.median(start.whole)) + sum(spent.whole)
    yield row(where, "odograph, the whole job", [whole], "s")
    yield row(where, "of this start-up: checks of the model, one sentence", start.whole, "s")
    for name, seconds in taken.items():
        times, apart = [sum(seconds) / whole], over(seconds, spent.whole)
        yield row(where, f"{name}, the whole job", [sum(seconds)], "s")
        yield row(where, f"{name}: over odograph's whole job", times, "times", GOALS[name])
        yield row(where, f"{name}: over odograph after start-up", apart, "times")
    own, hooks = percent(spent.trunk, spent.whole), percent(spent.hooks, spent.whole)
    yield row(where, "in the trunk itself, of the job after start-up", own, "%", "at least 90")
    yield row(where, "in hooks, of the job after start-up", hooks, "%")
    yield row(where, "in the trunk itself, of the whole job", [100 * sum(spent.trunk) / whole], "%")


def percent(parts: Sequence[float], whole: Sequence[float]) -> list[float]:
    return [100 * share for share in over(parts, whole)]


def ours(model: Any, tokenizer: Any, texts: Sequence[str], spent: Spent) -> None:
    """A text file to a run folder."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.txt"
        file.write_text("\n".join(texts), encoding="utf-8")
        with timed(dissect(model)) as clock:
            started = perf_counter()
            odograph.measure(model, [file], out=Path(folder) / "run", tokenizer=tokenizer)
            spent.whole.append(perf_counter() - started)
    spent.trunk.append(clock.own)
    spent.hooks.append(clock.hooks)


def padded_to(longest: int, model: Any, tokenizer: Any, texts: Sequence[str]) -> float:
    """Seconds of all batches of 8 padded to `longest`, from one in `STRIDE` of them."""
    starts = range(0, len(texts), 8)
    chosen = [starts[number] for number in range(0, len(starts), STRIDE)]
    some = [text for start in chosen for text in texts[start : start + 8]]
    seconds = seconds_of(lambda: in_batches(model, tokenizer, some, longest))
    return seconds * len(texts) / len(some)


def seconds_of(way: Any) -> float:
    started = perf_counter()
    way()
    return perf_counter() - started
