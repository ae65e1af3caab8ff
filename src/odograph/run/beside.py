"""What stands beside a run, each a run of its own: untrained twins, and texts in random order."""

from dataclasses import replace
from pathlib import Path

from odograph.corpus.encoded import Encoding
from odograph.corpus.shuffled import shuffled_encoding
from odograph.folder.manifest import found_manifest
from odograph.models.loading import Loaded
from odograph.models.twins import TwinPlan, untrained_twin
from odograph.run import manifest
from odograph.run.again import MeasuredShards, run_again
from odograph.run.config import ALL, RunConfig
from odograph.run.execute import Job, is_whole, run_model
from odograph.run.hash_order import drawn_documents
from odograph.run.measured_twins import twin_key, twin_record
from odograph.run.stages import LENS, OF_A_TWIN, SHUFFLED, UNTRAINED, asked, seeds


def run_shuffled(loaded: Loaded, encoding: Encoding, job: Job, out: Path) -> None:
    """Measures the model once more on the tokens of every passage in random order."""
    job = job.beside(out)
    for seed, name in enumerate(seeds(SHUFFLED, job.config), start=1):
        measure_shuffled(loaded, encoding, job, out / name, seed)


def run_twins(
    plan: TwinPlan, encoding: Encoding, job: Job, out: Path, record: manifest.Manifest
) -> None:
    """Measures the untrained twins, one in memory at a time, and closes the run."""
    encoding, job = read_by_twins(encoding, job.config), job.beside(out)
    shards = MeasuredShards(out, record)
    sinks = shards.sinks if job.config.runs_again else {}
    key = twin_key(plan, encoding, job.config, job.coordinates, sinks)
    untrained, shuffled = seeds(UNTRAINED, job.config), seeds(SHUFFLED, job.config)
    for seed, name in enumerate(untrained, start=1):
        earlier = found_manifest(out / name)
        about = twin_record(plan, seed, job.config, job.command)
        # Building a large twin only to leave it takes minutes.
        if not is_whole(out / name, earlier) and not job.measured_twins.copy(
            key, seed, out / name, about
        ):
            measure_twin(untrained_twin(plan, seed), encoding, job, out / name, shards)
        job.measured_twins.keep(key, seed, out / name)
    if shuffled or untrained:
        record |= {"shuffled": shuffled, "untrained": untrained, "complete": True}
        manifest.save(record, out)


def read_by_twins(encoding: Encoding, config: RunConfig) -> Encoding:
    """The drawn documents that twins read, the same in each; the model has read all.

    Where states of words are kept, they read all: studies lay them beside the model's word by word.
    """
    most = ALL if config.vectors else config.twin_passages
    if not config.untrained or most == ALL:
        return encoding
    return replace(encoding, encoded=drawn_documents(encoding.encoded, int(most)))


def measure_twin(
    twin: Loaded, encoding: Encoding, job: Job, out: Path, shards: MeasuredShards
) -> manifest.Manifest:
    """Measures a twin, and runs in it again what is run again in the model, at the same tokens."""
    record = run_model(twin, encoding, job, out, found_manifest(out))
    for stage in asked(OF_A_TWIN, job.config):
        run_again(stage, twin, encoding.encoded, job, out, record, shards)
    return record


def measure_shuffled(
    loaded: Loaded, encoding: Encoding, job: Job, out: Path, seed: int
) -> manifest.Manifest:
    """Measures the tokens of every passage in random order, with states but without parts."""
    earlier = found_manifest(out)
    if earlier is not None and is_whole(out, earlier):
        return earlier
    alone = {"shuffled": 0, "untrained": 0, "skip_blocks": False, "undo": (), "parts": 0}
    config = job.config.model_copy(update=alone)
    only_roles = config.select == "targets"
    order = shuffled_encoding(encoding, seed=(config.seed, seed), only_roles=only_roles)
    record = run_model(loaded, order, replace(job, config=config), out, earlier)
    if config.lens:
        shards = MeasuredShards(out, record)
        run_again(LENS, loaded, order.encoded, job, out, record, shards)
    return record
