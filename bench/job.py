"""The whole job on 2,000 sentences, a text file to a run folder, against how it is usually done.

The sentences are cut into parts; in each round every way does one of them, so that all do all. What
odograph does once (checking the model and its weights) is timed on one sentence and counted once.
It runs in a process that the command has made its own (`run.allocator`), the other ways in another.
"""

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch

import odograph
from bench import lens, shapes
from bench.notebook import in_batches
from bench.rounds import Scale, Seconds, over, say
from bench.rows import Row, row
from bench.trunk_time import timed
from odograph.models.probe import dissect
from odograph.run.allocator import keep_freed_memory

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

    def add(self, whole: float, trunk: float, hooks: float) -> None:
        """One more round."""
        self.whole.append(whole)
        self.trunk.append(trunk)
        self.hooks.append(hooks)

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
    texts = shapes.sentences(70 if scale.quick else 2000)
    rounds = scale.rounds(PARTS)
    parts = [texts[number::rounds] for number in range(rounds)]
    longest = max(len(ids) for ids in shapes.tokenizer()(texts).input_ids)
    if lens.missing() is not None:
        say(f"  TransformerLens is left out: {lens.missing()}")
    names = (RANDOM, LONGEST) if lens.missing() is not None else (RANDOM, LONGEST, LENS)
    start, spent = Spent(), Spent()
    taken: Seconds = {name: [] for name in names}
    with alone(scale, own=True) as command, alone(scale, own=False) as notebook:
        command.submit(ours, scale.quick, parts[0][:2]).result()
        notebook.submit(theirs, RANDOM, scale.quick, parts[0][:8], longest).result()
        for number, part in enumerate(parts, start=1):
            say(f"  round {number} of {rounds}")
            start.add(*command.submit(ours, scale.quick, part[:1]).result())
            spent.add(*command.submit(ours, scale.quick, part).result())
            for name in names:
                asked = notebook.submit(theirs, name, scale.quick, part, longest)
                taken[name].append(asked.result())
    where = ("job", f"{len(texts)} sentences, {shapes.GPT2}")
    yield from compared(where, start, spent.less(start), taken)
    if LENS not in names:
        nothing = float("nan")
        yield Row(*where, f"{LENS}: not installed", nothing, "times", 0, nothing, nothing)


def alone(scale: Scale, own: bool) -> ProcessPoolExecutor:
    """One process beside this one, which does one thing after the other; `own`: odograph's."""
    return ProcessPoolExecutor(1, get_context("spawn"), begin, (scale.threads, own))


def begin(threads: int, own: bool) -> None:
    torch.set_num_threads(threads)
    if own:
        keep_freed_memory()


@cache
def made(quick: bool) -> tuple[Any, Any]:
    """Model and tokenizer, once in each process."""
    return shapes.build(shapes.GPT2, quick=quick), shapes.tokenizer()


@cache
def converted(quick: bool) -> Any:
    """The model in TransformerLens, once; made before the clock starts."""
    return lens.converted(made(quick)[0])


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


def ours(quick: bool, texts: Sequence[str]) -> tuple[float, float, float]:
    """A text file to a run folder: seconds in all, in the trunk itself, in its hooks."""
    model, tokenizer = made(quick)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.txt"
        file.write_text("\n".join(texts), encoding="utf-8")
        with timed(dissect(model)) as clock:
            started = perf_counter()
            odograph.measure(model, [file], out=Path(folder) / "run", tokenizer=tokenizer)
            return perf_counter() - started, clock.own, clock.hooks


def theirs(way: str, quick: bool, texts: Sequence[str], longest: int) -> float:
    """Seconds of another way for the texts."""
    model, tokenizer = made(quick)
    if way == LENS:
        their = converted(quick)
        return seconds_of(lambda: lens.in_batches(their, tokenizer, texts))
    if way == RANDOM:
        return seconds_of(lambda: in_batches(model, tokenizer, texts))
    return padded_to(longest, model, tokenizer, texts)


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
