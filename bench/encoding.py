"""Processor time in which texts become tokens: what ranks share, one does for all, each does alone.

`python -m bench.encoding` prints the table of docs/how-to/large-runs.md, computed from the rows.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import process_time

from bench import shapes
from bench.pages import RESULTS
from bench.rounds import Scale
from bench.rows import Row, read_rows, row
from odograph.corpus.documents import join_documents
from odograph.corpus.encoded_range import encode_range
from odograph.corpus.stored import count_documents
from odograph.corpus.texts_to_encode import TextsToEncode, texts_to_encode
from odograph.corpus.tokens import EncodedTexts, encode_passages
from odograph.run.encoders import Encoders, cut_into_ranges
from odograph.run.inputs import read_files
from odograph.run.options import make_config
from odograph.run.pilot import pilot_passages
from odograph.run.preparing import Source, encode_options, read_texts
from odograph.run.shards import cut_into_shards

SENTENCES, ROUNDS = 30_000, 3
PARTS = SHARED, JOINED, ALONE, HANDED = (
    "in ranges, which ranks share",
    "copies joined, by one rank",
    "over all texts, by each rank",
    "ranges handed to other processes and taken back, by the one that began them",
)
UNIT = "s a million tokens"
#: Of the table: tokens of the corpus, GPUs, the tokens a second that each is taken to measure, and
#: the cores that encode beside each.
TOKENS, GPUS, SPEED, CORES = 10**9, (1, 8, 64), 25_000, 8


def rows(scale: Scale) -> Iterator[Row]:
    count = SENTENCES // 50 if scale.quick else SENTENCES
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.txt"
        file.write_text("\n".join(shapes.drawn_sentences(count)), encoding="utf-8")
        found = [times(file) for _ in range(scale.rounds(ROUNDS))]
    where = ("encoding", f"{count} sentences, one thread")
    for what, values in zip(PARTS, zip(*found, strict=True), strict=True):
        yield replace(row(where, what, values, UNIT), threads=1)


def times(file: Path) -> tuple[float, float, float, float]:
    """Processor seconds a million tokens.

    What ranks share, one does for all, each does alone; and what of the first is left to a process
    that has others encode.
    """
    config = make_config({"model": "bundled", "texts": [file]})
    parts: list[float] = []

    def encoder(texts: TextsToEncode) -> EncodedTexts:
        before = process_time()
        encoded, keys = encode_range(texts, range(len(texts.passages)))
        between = process_time()
        documents, joined = join_documents([keys])
        parts.extend((between - before, process_time() - between))
        return EncodedTexts([encoded], documents, joined)

    tokenizer, started = shapes.tokenizer(), process_time()
    reading = read_texts(Source("bundled", partial(read_files, config.texts, config)), config)
    options = encode_options(config)
    encoded = encode_passages(reading.passages, tokenizer, options, encoder=encoder).encoded
    assert reading.origin.fingerprint
    count_documents(encoded)
    pilot_passages(encoded)
    millions = sum(shard.tokens for shard in cut_into_shards(encoded, config.shard_tokens)) / 1e6
    whole = process_time() - started
    shared, joined = parts
    alone = whole - shared - joined
    texts = texts_to_encode(reading.passages, tokenizer, options)
    handed = handing(texts)
    return shared / millions, joined / millions, alone / millions, handed / millions


def handing(texts: TextsToEncode) -> float:
    """Processor seconds of a process that has two others encode: sends, receives, keeps."""
    before = process_time()
    ranges = cut_into_ranges(texts.passages)
    taken = sum(len(one.texts) for one, *_ in Encoders(texts, 2).encoded(ranges))
    assert taken == len(texts.passages)
    return process_time() - before


def computed(found: Sequence[Row]) -> str:
    """The table of what a large corpus takes, from what was measured of a small one."""
    each = {one.what: one.value for one in found if one.part == "encoding"}
    lines = [
        f"| GPUs, a rank each | encoding, {CORES} cores a rank | copies, by one | over all texts | "
        f"measuring at {SPEED:,} tokens/s a GPU | in all |",
        "|---|---|---|---|---|---|",
    ]
    for gpus in GPUS:
        parts = (
            max(each[SHARED] / CORES, each[HANDED]) * TOKENS / 1e6 / gpus,
            each[JOINED] * TOKENS / 1e6,
            each[ALONE] * TOKENS / 1e6,
            TOKENS / SPEED / gpus,
        )
        told = map(_told, (*parts, sum(parts)))
        lines.append(f"| {gpus} | {' | '.join(told)} |")
    return "\n".join(lines)


def _told(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    print(computed(read_rows(RESULTS)))
