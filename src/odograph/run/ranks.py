"""One of several processes that measure a run, each on its own: no parent, nothing between them.

What they share is the folder: the texts as tokens, a plan that the first of them writes, and
receipts. Each encodes every N-th range of the texts, then measures every N-th shard, then every
N-th unit of what comes after the shards; who is done takes what nobody has begun, from the far end,
and what somebody has begun and left. `odograph merge` closes the run.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import uuid4

from odograph.corpus.encoded import Encoding
from odograph.errors import RunError, UsageError
from odograph.folder.addresses import store_address
from odograph.folder.checksums import checksum
from odograph.folder.columns import FOLDERS, OF_THE_RUN
from odograph.folder.encoding import ENCODING
from odograph.folder.lock import LOCK, sharing
from odograph.folder.manifest import found_manifest
from odograph.folder.pilot import PILOT, Pilot, pilot_bytes, read_pilot
from odograph.folder.plan import PLAN, PlannedShard, RunPlan, found_plan, publish, publish_plan
from odograph.folder.progress import set_aside
from odograph.folder.receipts import MOST_ATTEMPTS, RECEIPTS, numbers_done
from odograph.folder.store import mounted
from odograph.folder.units import UNITS
from odograph.models.loading import Loaded
from odograph.run import manifest
from odograph.run.budget import usual_tokens
from odograph.run.config import RunConfig
from odograph.run.encoding_here import processes_for
from odograph.run.encoding_in_turns import TakingTurns, key_of
from odograph.run.execute import Job, measure_shards, shard_plan, write_words
from odograph.run.held_model import HeldModel
from odograph.run.inputs import read_files
from odograph.run.manifest import part_name
from odograph.run.pilot import measure_pilot, pilot_record, write_sinks
from odograph.run.preparing import (
    Source,
    encode,
    encode_options,
    load_checked,
    read_texts,
)
from odograph.run.progress import Progress
from odograph.run.sample_rows import sample_of
from odograph.run.shard_files import ShardTask
from odograph.run.shards import Shard, cut_into_shards
from odograph.run.share import Share
from odograph.run.stages import SHUFFLED, UNTRAINED, units_of
from odograph.run.turns import Turns
from odograph.run.units import Unit, UnitWork
from odograph.run.workers import device_of_worker
from odograph.terminal import tell


def measure_share(
    config: RunConfig, out: Path, share: Share, *, command: str, progress: bool
) -> None:
    """Measures what a config says together with other processes, of which this is one.

    Args:
        config: of the run, the same in all; `device` may differ.
        out: the run folder, which all of them reach, or the address of one in an object store.
        share: which of them this is.
        command: what the manifest says, and others who come are told.
        progress: whether to say on stderr how far it is.

    Raises:
        UsageError: the config asks for worker processes, too.
        RunError: the folder is of another run, or is closed already.
        TextError, ModelError: as for `measure_config`.
    """
    _check(config)
    encode_options(config)
    config = config.model_copy(update={"device": device_of_worker(share.local, config.device)})
    job = Job(config, command, progress)
    with mounted(out) as folder:
        plan = _measured(job, folder, share)
        if progress:
            tell_rest(plan, folder, out)


def _measured(job: Job, out: Path, share: Share) -> RunPlan:
    """Measures a share into a folder; gives the plan of the run."""
    config = job.config
    _refuse_closed(out)
    with sharing(out):
        source = Source(config.model, partial(read_files, config.texts, config))
        reading = read_texts(source, config)
        model = HeldModel(partial(load_checked, source, config, show=job.progress))
        job, attempt = replace(job, origin=reading.origin), uuid4().hex[:12]
        key = key_of(model.of(), config, job.origin.fingerprint)
        processes = processes_for(config, model.of().device, a_rank=True)
        turns = TakingTurns(out, share, attempt, key, processes, job.progress)
        encoding = encode(reading, model.of(), job, turns)
        del reading
        return measure_rank(model, encoding, job, out, share, attempt)


def _check(config: RunConfig) -> None:
    if not config.texts:
        raise UsageError("no texts given", expected="--texts FILE")
    if "-" in config.texts:
        raise UsageError(
            "--rank with texts from stdin",
            expected="files that every rank can read",
            remedy="Write the texts into a file.",
        )
    if config.workers > 1:
        raise UsageError(
            f"--workers {config.workers} with --rank",
            expected="one process a rank",
            remedy="Leave out --workers, and start more ranks.",
        )


def _refuse_closed(out: Path) -> None:
    """Nothing, if a folder is empty or planned and not closed.

    Raises:
        RunError: it is a run already, or something else.
    """
    if found_manifest(out) is not None:
        planned = found_plan(out) is not None
        raise RunError(
            f"'{out}' is {'closed already' if planned else 'a run of one process'}",
            remedy="Choose another --out; what was lost of a run comes back with --resume, without "
            "--rank.",
        )
    ours = {PLAN, PILOT, RECEIPTS, ENCODING, LOCK, *FOLDERS}
    ours |= {UNITS, UNTRAINED, SHUFFLED, *OF_THE_RUN}
    if out.is_dir() and any(
        p.name not in ours and not p.name.startswith(".") for p in out.iterdir()
    ):
        raise RunError(f"'{out}' is not empty and no run", remedy="Choose another --out.")


def measure_rank(
    model: HeldModel, encoding: Encoding, job: Job, out: Path, share: Share, attempt: str
) -> RunPlan:
    """Measures a share of shards and units, and what others leave; gives the plan of the run.

    `attempt` is the name of this process in those of files.

    Raises:
        RunError: the folder has a plan of another run; names what differs.
    """
    shards = cut_into_shards(encoding.encoded, job.config.shard_tokens)
    sample = sample_of(encoding, job.config, len(model.of().anatomy.blocks), len(shards))
    job, device = replace(job, sample=sample), model.of().device
    plan, pilot = _agreed(model.of(), encoding, job, out, shards)
    # The tokens a batch are the same for all, and the manifest says what was asked for.
    planned = job.config.model_copy(update={"batch_tokens": plan.batch_tokens})
    job, turns = (
        replace(job, config=planned),
        Turns(out, plan.short, attempt, share, device, shards),
    )
    _measure_shards(model.of(), encoding, job, pilot, turns)
    if plan.units and len(numbers_done(out, plan.short)) == len(shards):
        units = tuple(Unit(index, name) for index, name in enumerate(plan.units))
        left = Turns(out / UNITS, plan.short, attempt, share, device, units)
        rows = encoding if sample is None else sample.encoding(encoding)
        UnitWork(model, rows, job, plan).measure(left, out)
    return plan


def _measure_shards(
    loaded: Loaded, encoding: Encoding, job: Job, pilot: Pilot, turns: Turns[Shard]
) -> None:
    """Measures the shards whose turn it is."""
    out, attempt, share = turns.folder, turns.attempt, turns.share
    task = ShardTask(job.config, shard_plan(loaded, encoding, job, pilot), out, attempt=attempt)
    tokens = sum(shard.tokens for shard in turns.own())
    label = f"rank {share.rank} of {share.of}"
    try:
        with Progress(label, tokens, show=job.progress) as bar:
            taken = _taken(turns, task, encoding)
            measure_shards(loaded, taken, task, bar.advance, turns.receipted)
    finally:
        for index in turns.unfinished():
            _remove_files(out, part_name(index, attempt))


def _taken(turns: Turns[Shard], task: ShardTask, encoding: Encoding) -> Iterator[Shard]:
    """The shards of this rank; with the first come the words and sinks of the run."""
    for shard in turns.take():
        if shard.index == 0:  # its receipt holds them
            part = part_name(0, task.attempt)
            write_words(encoding, task.out, part)
            write_sinks(task.plan.pilot, task.out, part)
        yield shard


def _remove_files(out: Path, part: str) -> None:
    """Removes what was written of a shard that is not finished."""
    for place in FOLDERS:
        for path in (out / place).glob(f"{part}.*"):
            path.unlink(missing_ok=True)


def _agreed(
    loaded: Loaded, encoding: Encoding, job: Job, out: Path, shards: tuple[Shard, ...]
) -> tuple[RunPlan, Pilot]:
    """The plan and the pilot of the folder: those of whoever came first, and the same as ours.

    Raises:
        RunError: the folder's plan is of another run.
    """
    pilot = read_pilot(out)
    if pilot is None:
        content = pilot_bytes(measure_pilot(loaded, encoding.encoded, job.config))
        publish(out / PILOT, lambda path: path.write_bytes(content))
        pilot = read_pilot(out)
        assert pilot is not None
    found = found_plan(out)
    if found is None:
        publish_plan(_own_plan(loaded, encoding, job, out, shards, pilot), out)
        found = found_plan(out)
        assert found is not None
    own = _own_plan(loaded, encoding, job, out, shards, pilot)
    if own.key != found.key:
        theirs = found.deciding
        differing = [what for what, value in own.deciding.items() if value != theirs[what]]
        raise RunError(
            f"'{out}' is planned with other {' and other '.join(differing)}",
            expected="what the rank that came first has",
            remedy="Start all ranks with one command, or choose another --out.",
        )
    return found, pilot


def _own_plan(
    loaded: Loaded,
    encoding: Encoding,
    job: Job,
    out: Path,
    shards: tuple[Shard, ...],
    pilot: Pilot,
) -> RunPlan:
    origin, command = job.origin, job.command
    record = manifest.begin(job.config, loaded, origin, encoding, command, job.sample)
    record["pilot"] = pilot_record(pilot, job.config, out)
    return RunPlan(
        manifest=record,
        shards=tuple(
            PlannedShard((s.passages[0].passage, s.passages[-1].passage), s.tokens) for s in shards
        ),
        pilot=checksum(out / PILOT),
        batch_tokens=usual_tokens(job.config, loaded),
        units=units_of(job.config),
    )


def tell_rest(plan: RunPlan, folder: Path, out: Path) -> None:
    """Says on stderr how far the run is, and what to do once all is measured.

    folder: of the run; out: what the user calls it, which may be an address in a store.
    """
    address = store_address(out)
    named, brought = address or str(out), " --out RUN" if address else ""
    if lost := set_aside(folder, plan):
        tell(
            f"not all is measured: {', '.join(lost)} ended {MOST_ATTEMPTS} processes and is set "
            f"aside; to try again, remove its .begun files in '{named}/**/{RECEIPTS}'"
        )
    else:
        tell(f"all is measured: close the run with `odograph merge {named}{brought}`")
