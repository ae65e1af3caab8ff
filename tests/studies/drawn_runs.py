"""Run folders of drawn nouns and adjectives, made of numbers the test has drawn."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from made_runs import GOLDEN, WIDTH
from relisted import as_twin, listed_again
from safetensors.numpy import save

from odograph.folder import columns
from odograph.folder.run import Run, open_run
from odograph.folder.writer import write_json, write_parquet, write_with

CONTEXT = 6
GROUPS = ("NOUN", "ADJ")


def drawn_run(
    folder: Path,
    seed: int,
    *,
    lemmas: int = 40,
    blocks: int = 6,
    effect: Sequence[float] = (),
    by_frequency: float = 0.0,
    apart: float = 0.0,
    shared: int = 0,
    twins: bool = False,
) -> Run:
    """A run of `lemmas` nouns and as many adjectives, one passage each.

    Args:
        folder: where to write.
        seed: of what is drawn.
        lemmas: of each group.
        blocks: of the model.
        effect: added to the log step of nouns, block by block, in standard deviations.
        by_frequency: slope of the log step on log frequency, in standard deviations.
        apart: by how many standard deviations nouns are more frequent.
        shared: so many adjectives have the lemma of a noun.
        twins: whether an untrained twin is there.
    """
    generator = np.random.default_rng(seed)
    words = 2 * lemmas
    noun = np.arange(words) < lemmas
    frequency = np.maximum(1, np.exp(generator.normal(3 + apart * noun, 1.0))).astype(int)
    logs = generator.normal(size=(words, blocks))
    for layer in range(1, blocks):
        logs[:, layer] = 0.8 * logs[:, layer - 1] + 0.6 * logs[:, layer]
    logs += by_frequency * (np.log(frequency + 1) - 4)[:, None]
    logs[noun] += np.pad(np.asarray(effect, float), (0, blocks - len(effect)))
    names = [f"word{n}" for n in range(words)]
    names[lemmas : lemmas + shared] = names[:shared]
    beside = ["untrained/seed-1"] if twins else []
    _write(folder, np.exp(0.1 * logs), generator, beside)
    _write_words(folder, names, noun, frequency, generator)
    for name in beside:
        _write(folder / name, np.exp(0.1 * generator.normal(size=(words, blocks))), generator, [])
        as_twin(folder / name, 1)
    listed_again(folder)
    return open_run(folder)


def _write(folder: Path, step: Any, generator: np.random.Generator, twins: list[str]) -> None:
    words, blocks = step.shape
    rows = words * 2  # the word and the token before it
    layer = np.tile(np.arange(blocks + 1), rows)
    both = np.repeat(step, 2, axis=0)

    def stepwise(values: Any) -> Any:
        padded = np.pad(values, ((0, 0), (1, 0))).reshape(-1)
        return np.ma.MaskedArray(padded, mask=layer == 0)

    passage = np.repeat(np.arange(words), 2)
    position = np.tile([CONTEXT - 1, CONTEXT], words)
    table = {
        "passage": np.repeat(passage, blocks + 1),
        "position": np.repeat(position, blocks + 1),
        "layer": layer,
        "norm": np.ma.MaskedArray(np.full(rows * (blocks + 1), 8.0)),
        "rotation": stepwise(10 * both),
        "step": stepwise(both),
    }
    schema = columns.layers_schema(["norm", "rotation", "step"])
    write_parquet(columns.table(table, schema), folder / "layers" / "part-00000.parquet")
    nouns = words // 2
    tokens = {
        "passage": passage,
        "passage_id": [f"text@{p}" for p in passage],
        "position": position,
        "token_id": generator.integers(5, 30, rows),
        "token": ["x"] * rows,
        "start": position * 2,
        "end": position * 2 + 1,
        "word": position,
        "pieces": np.ones(rows, int),
        "group": [GROUPS[int(p >= nouns)] for p in passage],
        "role": ["non-target", "target"] * words,
        "occurrence": np.zeros(rows, int),
        "sink": np.zeros(rows, bool),
    }
    write_parquet(
        columns.table(tokens, columns.tokens_schema([])), folder / "tokens" / "part-00000.parquet"
    )
    _write_manifest(folder, words, blocks, twins)


def _write_manifest(folder: Path, words: int, blocks: int, twins: list[str]) -> None:
    unit = np.ones((blocks + 1, WIDTH))
    moments = save({"direction_sum": unit, "direction_count": np.full(blocks + 1, words)})
    write_with(
        lambda path: path.write_bytes(moments), folder / "moments" / "part-00000.safetensors"
    )
    manifest = json.loads((GOLDEN / "manifest.json").read_text("utf-8"))
    manifest["corpus"] |= {"passages": words, "tokens": 2 * words, "tagger": "gold words"}
    manifest["model"] |= {"blocks": blocks, "width": WIDTH, "name": "made up"}
    manifest["config"] |= {
        "targets": [],
        "groups": list(GROUPS),
        "tags": "conllu",
        "words": words // 2,
        "context": CONTEXT,
        "select": "targets",
        "frequencies": None,
    }
    manifest["exclusions"] |= {"first_position": 0, "sinks": 0, "drawn_lemmas_twice": 0}
    manifest["shards"] = []
    manifest["untrained"] = twins
    write_json(manifest, folder / "manifest.json")


def _write_words(
    folder: Path, names: Sequence[str], noun: Any, frequency: Any, generator: np.random.Generator
) -> None:
    words = len(names)
    table = {
        "passage": np.arange(words),
        "text_id": ["text"] * words,
        "word": np.arange(words),
        "start": np.arange(words) * 9,
        "end": np.arange(words) * 9 + 8,
        "text": [name[: generator.integers(4, 9)] for name in names],
        "tag": [GROUPS[0] if n else GROUPS[1] for n in noun],
        "lemma": list(names),
        "pieces": np.ones(words, int),
        "status": ["whole"] * words,
        "position": np.full(words, CONTEXT),
        "text_position": generator.integers(CONTEXT, 400, words),
        "frequency": frequency,
        "left_out": [None] * words,
    }
    write_parquet(
        columns.table(table, columns.words_schema()), folder / "words" / "part-00000.parquet"
    )
