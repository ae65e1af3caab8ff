"""What measuring only `her` in long passages costs, and three variants of each text over one."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

import odograph
from bench import shapes
from bench.rounds import Scale, over, say
from bench.rows import Row, row
from odograph.corpus.bundled import bundled_path
from odograph.models.loading import load

WORD, VARIANTS = "her", ("her", "him", "round")
#: Passages whose variants are measured; of few, what trying sharing out costs weighs much.
FEW, MORE = 4, 16
#: Where in a passage the only `her` stands.
PLACES = (0.125, 0.5, 1.0)
MEASURES = ("norm", "rotation", "step")


@dataclass(frozen=True)
class Measured:
    """One run.

    Attributes:
        seconds: after start-up.
        tokens: up to the last measured one of each passage.
        read: tokens that pass the trunk while it is hooked, padding included.
        targets: the measures of the targets, [targets, layers, measures].
    """

    seconds: float
    tokens: int
    read: int
    targets: np.ndarray


def rows(scale: Scale) -> Iterator[Row]:
    model, tokenizer = shapes.build(shapes.GPT2, quick=scale.quick), shapes.tokenizer()
    few, more, length = (2, 4, 40) if scale.quick else (FEW, MORE, 320)
    yield from by_place(model, tokenizer, (few, length), scale)
    short = bundled_path(WORD).read_text(encoding="utf-8").splitlines()
    corpora = {"54 bundled sentences": short[: 6 if scale.quick else None]}
    for passages in (few, more):
        name = f"{passages} passages of {length} words, the target last"
        corpora[name] = long(passages, length, 1.0)
    for name, texts in corpora.items():
        say(f"  variants, {name}")
        yield from of_variants(model, tokenizer, texts, ("selection", f"variants, {name}"), scale)


def long(passages: int, length: int, place: float) -> list[str]:
    """Passages of that many words, `her` at the place and nowhere else, no variant of it either."""
    words = shapes.words_without(VARIANTS, passages * length)
    made = []
    for start in range(0, passages * length, length):
        own = words[start : start + length]
        own.insert(max(1, round(place * (length - 1))), WORD)
        made.append(" ".join(own))
    return made


def by_place(model: Any, tokenizer: Any, size: tuple[int, int], scale: Scale) -> Iterator[Row]:
    """Seconds against the tokens up to the target, and all tokens for comparison."""
    runs: dict[str, list[Measured]] = {}
    rounds = scale.rounds(7)
    for number in range(rounds):
        say(f"  only `{WORD}`, round {number + 1} of {rounds}")
        for place in PLACES:
            found = measured(model, tokenizer, long(*size, place), select="targets")
            runs.setdefault(f"`her` at {100 * place:g} % of the passage", []).append(found)
        everything = measured(model, tokenizer, long(*size, PLACES[0]), select="all")
        runs.setdefault("all tokens", []).append(everything)
    setting = ("selection", f"{size[0]} passages of {size[1]} words")
    whole = [run.seconds / run.tokens for run in runs["all tokens"]]
    for name, each in runs.items():
        yield row(setting, f"{name}: tokens up to the last target", [each[0].tokens], "tokens")
        yield row(setting, f"{name}: time", [run.seconds for run in each], "s")
        if name != "all tokens":
            times = over([run.seconds / run.tokens for run in each], whole)
            yield row(setting, f"{name}: time a token, over that of all", times, "times",
                      "at most 1.1")  # fmt: skip


def of_variants(
    model: Any, tokenizer: Any, texts: Sequence[str], where: tuple[str, str], scale: Scale
) -> Iterator[Row]:
    """Three variants over one, time and tokens read, and how far results are from one by one."""
    check = read_in(model, lambda: load(model, tokenizer=tokenizer))
    one, three = [], []
    for _ in range(scale.rounds(7)):
        one.append(variant(model, tokenizer, texts, WORD))
        three.append(
            measured(model, tokenizer, texts, targets=VARIANTS, variants=True, select="targets")
        )
    seconds = [[run.seconds for run in runs] for runs in (three, one)]
    yield row(where, "time of three over one", over(*seconds), "times", "at most 1.25")
    read = (three[0].read - check) / (one[0].read - check)
    yield row(where, "tokens read for three over one", [read], "times",
              "at most 1.25")  # fmt: skip
    alone = [one[0], *(variant(model, tokenizer, texts, word) for word in VARIANTS[1:])]
    beside = np.stack([run.targets for run in alone], axis=1)
    apart = np.abs(three[0].targets.reshape(beside.shape) - beside) / np.abs(beside)
    far = [float(np.nanmax(apart))]
    what = f"largest relative difference of {', '.join(MEASURES)} from one by one"
    yield row(where, what, far, "", "at most 1e-5")


def variant(model: Any, tokenizer: Any, texts: Sequence[str], word: str) -> Measured:
    """The texts with `her` replaced by the word, measured alone."""
    changed = [re.sub(rf"\b{WORD}\b", word, text, count=1) for text in texts]
    return measured(model, tokenizer, changed, targets=[word], select="targets")


def measured(
    model: Any, tokenizer: Any, texts: Sequence[str], targets: Sequence[str] = (WORD,), **more: Any
) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        found = []

        def run() -> None:
            found.append(
                odograph.measure(
                    model, list(texts), out=f"{folder}/run", tokenizer=tokenizer,
                    targets=list(targets), **more,
                )
            )  # fmt: skip

        read = read_in(model, run)
        (result,) = found
        columns = result.sql(
            f"select {', '.join(MEASURES)} from layers join tokens using (passage, position) "
            "where role = 'target' and layer > 0 order by passage, occurrence, layer"
        ).fetchnumpy()
        last = "select max(position) + 1 as last from tokens group by passage"
        counted = result.sql(f"select sum(last) from ({last})").fetchall()[0][0]
        values = np.stack([np.ma.filled(columns[name], np.nan) for name in MEASURES], axis=-1)
        layers = result.manifest["model"]["blocks"]
        seconds = result.manifest["time"]["wall_s"]
        return Measured(seconds, counted, read, values.reshape(-1, layers, len(MEASURES)))


def read_in(model: Any, way: Any) -> int:
    """Tokens that the hooked trunk reads while `way` runs, padding included.

    Without hooks runs the trial of whether variants may share a line: one passage a shard.
    """
    read, trunk = 0, model.get_decoder()
    first = next(child for child in trunk.children() if isinstance(child, torch.nn.ModuleList))[0]

    def count(_: torch.nn.Module, args: Any, kwargs: Any) -> None:
        nonlocal read
        ids = kwargs.get("input_ids", args[0] if args else None)
        read += ids.numel() if ids is not None and first._forward_pre_hooks else 0

    handle = trunk.register_forward_pre_hook(count, with_kwargs=True)
    try:
        way()
    finally:
        handle.remove()
    return read
