"""Running the shards of a model, or of what stands beside its run."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoding
from odograph.corpus.readers import Origin
from odograph.folder import columns
from odograph.folder.pilot import Pilot, read_pilot
from odograph.folder.writer import write_parquet
from odograph.models.loading import Loaded
from odograph.observe.neighbours import lags_of
from odograph.run import manifest
from odograph.run.budget import budget_of
from odograph.run.config import RunConfig
from odograph.run.kept_tokens import tokens_to_keep
from odograph.run.manifest_writer import Ledger, sum_up
from odograph.run.measured_twins import MeasuredTwins
from odograph.run.output_folder import remove_unfinished
from odograph.run.pilot import kept_pilot, measure_pilot, write_sinks
from odograph.run.progress import Progress, announce_pilot, label_of
from odograph.run.sample_rows import Sample
from odograph.run.shard_files import ShardTask, remove_partial
from odograph.run.shard_run import Plan
from odograph.run.shards import Shard, cut_into_shards
from odograph.run.sharing import Tried, can_share
from odograph.run.stages import MEASURE, is_last

OnTokens = Callable[[int], None]
OnReceipt = Callable[[dict[str, Any]], None]


class Task(Protocol):
    """What is done with shards: passages that are measured, written and receipted together."""

    @property
    def twin(self) -> int | None:
        """Seed of the untrained twin that is measured; None for the model itself."""

    def measured(self, loaded: Loaded, shard: Shard, on_tokens: OnTokens) -> Any:
        """What the model gives for a shard; tells of tokens done."""

    def written(self, measured: Any) -> dict[str, Any]:
        """Writes that; gives the receipt: number, tokens, and checksums of files."""


class Executor(Protocol):
    """Who measures and writes shards elsewhere than in this process."""

    def measure(
        self, task: Task, shards: Iterable[Shard], on_tokens: OnTokens, on_receipt: OnReceipt
    ) -> None:
        """Measures and writes the shards; tells of tokens done and of shards written."""


@dataclass(frozen=True)
class Job:
    """What is the same for a model and its twins; without an executor this process measures.

    `origin` is known once the texts are read, `sample` (the passages that have rows, where sums are
    kept of all) once they are tokens, the outlier `coordinates` once the model's pilot is run: what
    stands beside it takes them over. `outliers` are those of models that it is compared with.
    `measured_twins` are those of earlier runs.
    """

    config: RunConfig
    command: str
    progress: bool
    origin: Origin = field(default_factory=Origin)
    executor: Executor | None = None
    coordinates: NDArray[np.int64] | None = None
    sample: Sample | None = None
    measured_twins: MeasuredTwins = field(default_factory=MeasuredTwins)
    outliers: tuple[int, ...] = ()

    def beside(self, out: Path) -> "Job":
        """The same for what stands beside the run in `out`: of its sample, with all rows."""
        return replace(self, coordinates=_coordinates(out), sample=None)

    def measure(
        self,
        loaded: Loaded,
        shards: Sequence[Shard],
        task: Task,
        on_tokens: OnTokens,
        on_receipt: OnReceipt,
    ) -> None:
        """Measures and writes shards of a model or twin, here or by the executor."""
        if self.executor is None:
            measure_shards(loaded, shards, task, on_tokens, on_receipt)
        elif shards:
            self.executor.measure(task, shards, on_tokens, on_receipt)


def _coordinates(out: Path) -> NDArray[np.int64] | None:
    """The outlier coordinates of a run; None where it was begun by a release without a pilot."""
    pilot = read_pilot(out)
    return None if pilot is None else pilot.coordinates


def run_model(
    loaded: Loaded,
    encoding: Encoding,
    job: Job,
    out: Path,
    earlier: manifest.Manifest | None = None,
) -> manifest.Manifest:
    """Measures all shards that have no valid receipt, then closes the run; gives its manifest.

    Whatever stops it, every shard that was finished is whole and has its receipt, and nothing else
    is left; of a run without a finished shard nothing at all.

    Args:
        loaded: the model.
        encoding: the texts.
        job: what is measured of them.
        out: the run folder.
        earlier: the manifest that an earlier try has left there.
    """
    done = _valid_receipts(out, earlier)
    shards = cut_into_shards(encoding.encoded, job.config.shard_tokens)
    left = [shard for shard in shards if shard.index not in done]
    if earlier is not None and not left and earlier["complete"]:
        return earlier
    record = manifest.begin(job.config, loaded, job.origin, encoding, job.command, job.sample)
    ledger, existed = Ledger(record, out, earlier or {}, done.values()), out.exists()
    try:
        ledger.save()  # an interrupted first shard, too, can be continued
        run = partial(measure_pilot, loaded, encoding.encoded, job.config, job.coordinates)
        pilot = kept_pilot(ledger, job.config, run, job.outliers)
        if job.progress and job.coordinates is None:
            announce_pilot(record["pilot"])
        plan = shard_plan(loaded, encoding, job, pilot)
        task = ShardTask(job.config, plan, out, loaded.identity.untrained_seed)
        _write_once(left, encoding, pilot, out)
        with Progress(label_of(loaded), sum(s.tokens for s in left), show=job.progress) as bar:
            job.measure(loaded, left, task, bar.advance, ledger.add)
    except BaseException:
        _keep_whole_shards(ledger, out, existed)
        raise
    _close(ledger, loaded, job.config)
    return record


def _write_once(left: Sequence[Shard], encoding: Encoding, pilot: Pilot, out: Path) -> None:
    """Words and sinks of the run, with the first shard, whose receipt holds them."""
    if any(shard.index == 0 for shard in left):
        write_words(encoding, out)
        write_sinks(pilot, out)


def _keep_whole_shards(ledger: Ledger, out: Path, existed: bool) -> None:
    """Leaves what was finished, or of a run without a finished shard nothing."""
    shards = ledger.record["shards"]
    remove_partial(out, shards)  # first: the disk may be full
    if shards:
        ledger.save()
    else:
        remove_unfinished(out, existed)


def measure_shards(
    loaded: Loaded, shards: Iterable[Shard], task: Task, on_tokens: OnTokens, on_receipt: OnReceipt
) -> None:
    """Measures shards in this process; while one is measured, the one before is written.

    At most two shards are in memory, with the tokens of their texts. An error in writing is raised
    after the next batch. Receipts come in order, from the thread that writes; when something stops
    the model, the shard that is being written still gets its own.
    """
    writing: Future[None] | None = None

    def write(measured: Any) -> None:
        on_receipt(task.written(measured))

    def after_batch(tokens: int) -> None:
        on_tokens(tokens)
        if writing is not None and writing.done():
            writing.result()

    with ThreadPoolExecutor(1, "odograph-writer") as pool:
        for shard in shards:
            measured = task.measured(loaded, shard, after_batch)
            if writing is not None:
                writing.result()
            writing = pool.submit(write, measured)
            del measured  # the writer alone keeps it, until it is written
        if writing is not None:
            writing.result()


def shard_plan(loaded: Loaded, encoding: Encoding, job: Job, pilot: Pilot) -> Plan:
    """What is kept, how much runs at once, whether variants may share their beginning.

    They may where the model allows it, but not under angles between neighbours, which need the rows
    of a passage side by side.
    """
    config, sample = job.config, job.sample
    beside = bool(lags_of(config.measures)) or "token_bend" in config.measures
    budget = budget_of(config, loaded)
    share = config.variants and not beside and can_share(loaded.anatomy)
    keep = tokens_to_keep(sample.of(encoding.encoded) if sample else encoding.encoded, config)
    return Plan(keep, pilot, budget, Tried() if share else None, sample)


def write_words(encoding: Encoding, out: Path, part: str = manifest.part_name(0)) -> None:
    """The words of the texts and what became of them, where they have tags."""
    if encoding.words is not None:
        table = columns.table(encoding.words, columns.words_schema())
        write_parquet(table, out / "words" / f"{part}.parquet")


def _valid_receipts(out: Path, earlier: manifest.Manifest | None) -> dict[int, dict[str, Any]]:
    if earlier is None:
        return {}
    # Before there was a pilot, sinks were flagged when all shards were there.
    known = (r for r in earlier["shards"] if earlier["complete"] or "sinks" in r)
    return {r["index"]: r for r in known if manifest.is_valid(out, r)}


def is_whole(out: Path, earlier: manifest.Manifest | None) -> bool:
    """Whether a run is complete and all its files are what they were."""
    if earlier is None or not earlier["complete"]:
        return False
    are_there = len(_valid_receipts(out, earlier)) == len(earlier["shards"])
    return are_there and manifest.parts_are_valid(out, earlier)


def _close(ledger: Ledger, loaded: Loaded, config: RunConfig) -> None:
    """Adds up what the receipts of the shards say, and says complete."""
    sum_up(ledger.record)
    ledger.record["complete"] = is_last(MEASURE, config, loaded)
    ledger.save()
