"""Running the shards of a model and of its untrained twins, here, in this process."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import pyarrow.parquet as parquet
import torch
from safetensors.torch import save

from odograph.corpus.encoded import Encoding
from odograph.corpus.readers import Reading
from odograph.corpus.shuffled import shuffled_encoding
from odograph.models.loading import Loaded, untrained_twin
from odograph.observe.neighbours import lags_of
from odograph.run import columns, manifest
from odograph.run.config import RunConfig
from odograph.run.keeping import tokens_to_keep
from odograph.run.progress import Progress, announce
from odograph.run.results import read_manifest
from odograph.run.shard_run import Plan, ShardTables, batch_budget, measure_shard
from odograph.run.shards import Shard, cut_into_shards
from odograph.run.sharing import can_share
from odograph.run.sinks import flag_sinks
from odograph.run.skips import kept_skips
from odograph.run.writer import checksum, write_parquet, write_with


@dataclass(frozen=True)
class Job:
    """What is the same for a model and its twins."""

    config: RunConfig
    reading: Reading
    command: str
    progress: bool


def run_nulls(loaded: Loaded, encoding: Encoding, job: Job, out: Path) -> None:
    """Measures what stands beside a run: shuffled texts and untrained twins; closes the run."""
    shuffled = [f"shuffled/seed-{seed}" for seed in range(1, job.config.shuffled + 1)]
    for seed, name in enumerate(shuffled, start=1):
        _run_shuffled(loaded, encoding, job, out / name, seed)
    untrained = [f"untrained/seed-{seed}" for seed in range(1, job.config.untrained + 1)]
    for seed, name in enumerate(untrained, start=1):
        if _is_whole(out / name):  # building a large twin only to leave it would take minutes
            continue
        run_model(untrained_twin(loaded, seed), encoding, job, out / name)
    if shuffled or untrained:
        record = read_manifest(out)
        record |= {"shuffled": shuffled, "untrained": untrained, "complete": True}
        manifest.save(record, out)


def _run_shuffled(loaded: Loaded, encoding: Encoding, job: Job, out: Path, seed: int) -> None:
    """Measures the tokens of every passage in random order; nothing beside them is kept."""
    if _is_whole(out):
        return
    alone = {"shuffled": 0, "untrained": 0, "skip_blocks": False, "vectors": 0, "parts": 0}
    config = job.config.model_copy(update=alone)
    only_roles = config.select == "targets"
    order = shuffled_encoding(encoding, seed=(config.seed, seed), only_roles=only_roles)
    run_model(loaded, order, replace(job, config=config), out)


def run_model(loaded: Loaded, encoding: Encoding, job: Job, out: Path) -> None:
    """Measures all shards that have no valid receipt, then closes the run."""
    record = manifest.begin(job.config, loaded, job.reading, encoding, job.command)
    done = _valid_receipts(out)
    shards = cut_into_shards(encoding.encoded, job.config.shard_tokens)
    left = [shard for shard in shards if shard.index not in done]
    if not left and _is_complete(out):
        return
    record["shards"] = list(done.values())
    record["skips"] = kept_skips(out)
    manifest.save(record, out)  # an interrupted first shard, too, can be continued
    announce(loaded, left, job.progress)
    plan = _plan(loaded, encoding, job.config)
    if any(shard.index == 0 for shard in left):  # its receipt holds them
        _write_words(encoding, out)
    started = perf_counter()
    with Progress(_label(loaded), sum(s.tokens for s in left), show=job.progress) as bar:
        for shard in left:
            written = _write_shard(loaded, shard, job.config, plan, out, bar)
            record["shards"].append(written)
            manifest.save(record, out)
    _close(record, loaded, out, perf_counter() - started, sum(s.tokens for s in left))


def _plan(loaded: Loaded, encoding: Encoding, config: RunConfig) -> Plan:
    """What is kept, and whether variants share their beginning: where the model allows it.

    Angles between neighbours need the rows of a passage side by side, so there nothing is shared.
    """
    beside = bool(lags_of(config.measures)) or "token_bend" in config.measures
    share = (
        config.variants
        and not beside
        and can_share(loaded.anatomy, encoding.encoded, batch_budget(config, loaded), loaded.device)
    )
    return Plan(tokens_to_keep(encoding.encoded, config), share)


def _write_words(encoding: Encoding, out: Path) -> None:
    """The words of the texts and what became of them, where they have tags."""
    if encoding.words is not None:
        table = columns.table(encoding.words, columns.words_schema())
        write_parquet(table, out / "words" / "part-00000.parquet")


def _label(loaded: Loaded) -> str:
    seed = loaded.identity.untrained_seed
    return loaded.identity.name if seed is None else f"untrained twin, seed {seed}"


def _valid_receipts(out: Path) -> dict[int, dict[str, Any]]:
    if not (out / manifest.MANIFEST).is_file():
        return {}
    given = read_manifest(out)["shards"]
    return {r["index"]: r for r in given if manifest.is_valid(out, r)}


def _is_complete(out: Path) -> bool:
    return bool(read_manifest(out)["complete"])


def _is_whole(folder: Path) -> bool:
    """Whether a run is complete and all its files are what they were."""
    if not (folder / manifest.MANIFEST).is_file() or not _is_complete(folder):
        return False
    return len(_valid_receipts(folder)) == len(read_manifest(folder)["shards"])


def _write_shard(
    loaded: Loaded, shard: Shard, config: RunConfig, plan: Plan, out: Path, bar: Progress
) -> dict[str, Any]:
    """Measures and writes one shard; gives its receipt."""
    measured = measure_shard(loaded, shard, config, plan, bar.advance)
    name = f"part-{shard.index:05d}"
    for folder, values, schema in _tables(measured):
        write_parquet(columns.table(values, schema), out / folder / f"{name}.parquet")
    _write_tensors(measured.moments, out / "moments" / f"{name}.safetensors")
    if measured.vectors:
        _write_tensors(measured.vectors, out / "vectors" / f"{name}.safetensors")
    if measured.not_a_number:
        counts = ", ".join(f"{n} {k}" for k, n in measured.not_a_number.items())
        print(f"odograph: not a number: {counts}; first {measured.first_bad}", file=sys.stderr)
    found = {"not_a_number": measured.not_a_number, "first_not_a_number": measured.first_bad}
    return manifest.receipt(out, shard) | found


def _tables(measured: ShardTables) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Folder, columns and schema of every table that a shard has."""
    own = [n for n in measured.tokens if n in columns.MEASURED]
    tagged = "tag" in measured.tokens
    yield "tokens", measured.tokens, columns.tokens_schema(own, tagged=tagged)
    own = [n for n in measured.layers if n in columns.MEASURED]
    yield "layers", measured.layers, columns.layers_schema(own)
    yield "pairs", measured.pairs, columns.pairs_schema()
    if measured.spans:
        yield "spans", measured.spans, columns.spans_schema()


def _write_tensors(tensors: dict[str, torch.Tensor], path: Path) -> None:
    # Not save_file: it makes files that only their owner can read.
    content = save({key: value.contiguous() for key, value in tensors.items()})
    write_with(lambda temporary: temporary.write_bytes(content), path)


def _close(record: dict[str, Any], loaded: Loaded, out: Path, seconds: float, tokens: int) -> None:
    """Flags the sinks, renews the receipts of the files that changed, and says complete."""
    sinks = flag_sinks(out, len(loaded.anatomy.blocks))
    for shard in record["shards"]:
        shard["files"] = {
            name: checksum(out / name) if name.startswith("tokens/") else digest
            for name, digest in shard["files"].items()
        }
    record["shards"].sort(key=lambda shard: shard["index"])
    manifest.sum_bad_values(record)
    record["exclusions"]["sinks"] = sinks
    record["exclusions"]["first_position"] = (
        0 if record["config"]["keep_first"] else _first_rows(out)
    )
    record["time"]["wall_s"] = round(seconds, 3)
    record["time"]["tokens_per_s"] = round(tokens / seconds, 1) if seconds else None
    # A model's own run is complete when its blocks were skipped and its twins are there:
    # `run_skips` and `run_nulls` say so.
    is_twin = loaded.identity.untrained_seed is not None
    more = any(record["config"][name] for name in ("untrained", "shuffled", "skip_blocks"))
    record["complete"] = is_twin or not more
    manifest.save(record, out)


def _first_rows(out: Path) -> int:
    return sum(
        parquet.read_table(f, columns=["position"], filters=[("position", "=", 0)]).num_rows
        for f in (out / "tokens").glob("part-*.parquet")
    )
