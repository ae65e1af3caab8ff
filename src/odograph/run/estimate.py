"""What a run has to read in all, and how long that will take, told before it begins."""

from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from odograph.corpus.stored import count_documents, count_tokens
from odograph.folder.model_names import short_name
from odograph.run.config import ALL
from odograph.run.memory import in_words
from odograph.run.sample_rows import (
    BYTES_A_TOKEN,
    BYTES_A_VALUE,
    Sample,
    bytes_a_token,
    bytes_of_sums,
)
from odograph.sentences.english import duration, several
from odograph.terminal import tell

if TYPE_CHECKING:
    from odograph.corpus.encoded import Encoding
    from odograph.models.loading import Loaded
    from odograph.run.config import RunConfig

#: A run that will be done sooner is not announced.
LEAST_SECONDS = 10.0
#: Of a run of fewer tokens in all not even the speed is looked at.
LEAST_TOKENS = 2_000
#: Batches that are timed, and how many seconds they may take together.
_BATCHES, _MOST_SECONDS = 5, 3.0


@dataclass(frozen=True)
class Workload:
    """Tokens that a model reads in a run: in its texts, and besides.

    Attributes:
        texts: those of the texts.
        twins, twin: how many untrained twins there are, and what each of them reads.
        orders: how often the texts are read in random order.
        again: what is read again with something undone, skipped, or at every depth, in whole
            passes through the model; about.
        heads: tokens at which the next token is predicted.
        drawn: tokens of the texts that have rows, and that random orders read; None: all.
        sums: bytes on disk of sums and histograms of all, about; 0 where all have rows.
    """

    texts: int
    twins: int
    twin: int
    orders: int
    again: int
    heads: int
    drawn: int | None = None
    sums: float = 0.0

    @property
    def rows(self) -> int:
        """Tokens of the texts that have rows."""
        return self.texts if self.drawn is None else self.drawn

    @property
    def tokens(self) -> int:
        """What is read in all, in whole passes."""
        return self.texts + self.rows * self.orders + self.twin * self.twins + self.again


def workload(
    config: "RunConfig", encoding: "Encoding", blocks: int, sample: Sample | None = None
) -> Workload:
    """What a run of this config has to read, of a model of so many blocks.

    sample: the passages that have rows, where sums are kept of all.
    """
    tokens = count_tokens(encoding.encoded)
    beside = encoding.encoded if sample is None else sample.of(encoding.encoded)
    rows, documents = count_tokens(beside), count_documents(beside)
    drawn = config.twin_passages
    every = drawn == ALL or bool(config.vectors) or documents <= int(drawn)
    twin = rows if every else rows * int(drawn) // documents
    chosen = min(config.tokens, rows) * (1 + config.untrained)
    ways = len(config.undo) * blocks + blocks * config.skip_blocks * 2
    predicted = tokens + rows * config.shuffled + twin * config.untrained
    heads = predicted * (config.logits == "full")
    return Workload(
        texts=tokens,
        twins=config.untrained,
        twin=twin,
        orders=config.shuffled,
        # What comes before the block that is another one is not read again: half of it.
        again=chosen * (ways // 2 + config.lens),
        heads=heads + chosen * (ways + (blocks + 1) * config.lens),
        drawn=None if sample is None else rows,
        sums=0.0
        if sample is None
        else bytes_of_sums(config, len(encoding.encoded), sample.shards, blocks),
    )


def announce_run(loaded: "Loaded", work: Workload, *, show: bool) -> None:
    """Before a run of some time, says on stderr how many tokens, how much disk, and how long."""
    if not show or work.tokens < LEAST_TOKENS:
        return
    seconds = work.tokens / tokens_per_second(loaded)
    if work.heads:
        seconds += work.heads * head_seconds(loaded)
    if seconds < LEAST_SECONDS:
        return
    blocks = len(loaded.anatomy.blocks)
    stored = work.rows * (1 + work.orders) + work.twin * work.twins
    megabytes = stored * ((blocks + 1) * 3 * BYTES_A_VALUE + BYTES_A_TOKEN) / 1e6
    megabytes += work.sums / 1e6
    tell(
        f"{work.texts:,} tokens through {blocks} blocks of {short_name(loaded.identity.name)}"
        f"{_besides(work)}: "
        f"about {duration(seconds)} on {loaded.device}, {megabytes:,.0f} MB on disk"
    )


def sums_sentence(config: "RunConfig", sample: Sample, texts: int, blocks: int) -> str:
    """What a run of so many tokens that keeps sums has, and what not, told before it begins."""
    rows = in_words(round(texts * bytes_a_token(config, blocks)))
    budget = f"--keep-budget is {config.keep_budget:g} GB: " * (config.keep == "auto")
    documents = several(sample.record["documents"], "document")
    return (
        f"rows of every token would take {rows}; {budget}sums are kept. Means over all tokens, "
        f"their histograms and extremes, and targets, are of all {texts:,} tokens; correlations, "
        f"humps and maps of texts are of {sample.record['tokens']:,} tokens in {documents}, drawn "
        "by hash"
    )


def _besides(work: Workload) -> str:
    """What is read besides the texts, to follow them."""
    parts = []
    if work.twins:
        parts.append(f"{several(work.twins, 'untrained twin')} of {work.twin:,}")
    if work.orders:
        parts.append(f"{several(work.orders, 'random order')}")
    if work.again:
        parts.append(f"as many as {work.again:,} again, with blocks changed or read at every depth")
    return f", {'; '.join(parts)}" if parts else ""


def tokens_per_second(loaded: "Loaded") -> float:
    """The bare trunk's speed: the median of a few batches of 512 tokens, after a warm-up."""
    import torch

    vocabulary = int(getattr(loaded.anatomy.config, "vocab_size", 0) or 256)
    length = min(128, loaded.anatomy.positions or 128)
    ids = torch.arange(512 // length * length).remainder(vocabulary).reshape(-1, length)
    ids = ids.to(loaded.device)
    taken: list[float] = []
    with torch.inference_mode():
        loaded.anatomy.trunk(ids, use_cache=False)[0].sum().item()
        while len(taken) < _BATCHES and sum(taken) < _MOST_SECONDS:
            started = perf_counter()
            loaded.anatomy.trunk(ids, use_cache=False)[0].sum().item()
            taken.append(perf_counter() - started)
    return ids.numel() / median(taken)


def head_seconds(loaded: "Loaded") -> float:
    """Seconds a token that the next-token loss takes, timed once after a warm-up."""
    import torch

    from odograph.models.hooks import device_of
    from odograph.observe.loss import next_loss

    home = device_of(loaded.anatomy)
    normed = torch.zeros(256, loaded.anatomy.width, device=home)
    ids = torch.zeros(len(normed), dtype=torch.long, device=home)
    with torch.inference_mode():
        for _ in range(2):
            started = perf_counter()
            next_loss(loaded.anatomy, normed, ids).sum().item()
    return (perf_counter() - started) / len(normed)
