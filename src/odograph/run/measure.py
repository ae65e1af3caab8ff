"""From texts and a model to a run folder."""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import index
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from safetensors.torch import save

from odograph.corpus.encoded import Encoding
from odograph.corpus.passages import Passage
from odograph.corpus.readers import Reading, read_passages
from odograph.corpus.tokens import EncodeOptions, encode_passages
from odograph.errors import RunError, TextError, UsageError
from odograph.models.loading import Loaded, LoadOptions, left_as_it_was, load, untrained_twin
from odograph.run import columns, manifest
from odograph.run.config import RunConfig, make_config
from odograph.run.progress import Progress, announce, announce_left_out
from odograph.run.results import Run, open_run, read_manifest
from odograph.run.shard_run import measure_shard
from odograph.run.shards import Shard, cut_into_shards
from odograph.run.sinks import flag_sinks
from odograph.run.writer import checksum, write_parquet, write_with

if TYPE_CHECKING:
    from torch import nn

Texts = str | Path | Passage | Sequence[int]


@dataclass(frozen=True)
class _Source:
    """Where the model comes from; a tokenizer goes with a model given as an object only."""

    model: "str | Path | nn.Module"
    tokenizer: Any = None


@dataclass(frozen=True)
class _Job:
    """What is the same for a model and its twins."""

    config: RunConfig
    reading: Reading
    command: str
    progress: bool


def measure(
    model: "str | Path | nn.Module",
    texts: Sequence[Texts],
    *,
    out: str | Path,
    tokenizer: Any = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = False,
    **options: Any,
) -> Run:
    """Measures texts with a model and writes the run folder `out`.

    Args:
        model: hub id, folder, `bundled`, or a transformers model.
        texts: each a text (str), a file (Path), a `Passage`, or a sequence of token ids.
        out: the run folder to make.
        tokenizer: the fast tokenizer of a model given as an object; not needed for token ids.
        resume: do what is missing of an interrupted run of the same config.
        overwrite: replace what is there.
        progress: show a progress bar on stderr.
        **options: any option of `RunConfig`, e.g. `targets=["her"]`, `convention="hf"`.

    Returns:
        The run, opened.

    Raises:
        UsageError, TextError, ModelError, RunError: see their messages.
    """
    if isinstance(texts, str | Path):
        raise UsageError(
            "texts",
            expected="a list",
            given=type(texts).__name__,
            remedy="Write [text] or [Path(file)].",
        )
    files = [t for t in texts if isinstance(t, Path)]
    named = model if isinstance(model, str | Path) else type(model).__name__
    config = make_config({"model": str(named), "texts": files, **options})
    reading = _read(texts, files, config)
    job = _Job(config, reading, "", progress)
    with left_as_it_was(model):
        source = _Source(model, tokenizer)
        return _measure(source, job, Path(out), resume=resume, overwrite=overwrite)


def measure_config(
    config: RunConfig,
    out: Path,
    *,
    command: str,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = False,
) -> Run:
    """Measures what a config says, as the command line does; see `measure`."""
    if not config.texts:
        raise UsageError(
            "no texts given",
            expected="--texts FILE",
            remedy="Try --texts bundled:her --target her.",
        )
    reading = read_passages(
        config.texts, whole=config.whole, text_column=config.text_column, strict=config.strict
    )
    job = _Job(config, reading, command, progress)
    return _measure(_Source(config.model), job, out, resume=resume, overwrite=overwrite)


def _read(texts: Sequence[Texts], files: list[Path], config: RunConfig) -> Reading:
    """Texts given in Python beside those in files, in the order given."""
    read = (
        read_passages(
            [str(f) for f in files],
            whole=config.whole,
            text_column=config.text_column,
            strict=config.strict,
        )
        if files
        else Reading((), ())
    )
    given = [t for t in texts if not isinstance(t, Path)]
    passages = tuple(_passage(number, text) for number, text in enumerate(given, start=1))
    if not passages and not read.passages:
        raise TextError("no texts given", expected="at least one text")
    return replace(read, passages=(*passages, *read.passages))


def _passage(number: int, text: "str | Passage | Sequence[int]") -> Passage:
    if isinstance(text, Passage):
        return text
    if isinstance(text, str):
        return Passage(id=f"text:{number}", text=text, source="Python")
    return Passage(id=f"ids:{number}", text="", source="Python", ids=_token_ids(number, text))


def _token_ids(number: int, given: "Sequence[int]") -> tuple[int, ...]:
    """Token ids as plain integers.

    Raises:
        UsageError: what was given is no sequence of them.
    """
    try:
        ids = tuple(index(i) for i in given)
    except TypeError:
        ids = (-1,)
    if any(i < 0 for i in ids):
        raise UsageError(
            f"text {number}",
            expected="a text (str), a file (Path), a Passage, or token ids of the vocabulary",
            given=repr(given)[:80],
        )
    return ids


def _measure(source: _Source, job: _Job, out: Path, *, resume: bool, overwrite: bool) -> Run:
    config = job.config
    _prepare_folder(out, config, resume=resume, overwrite=overwrite)
    loaded = load(source.model, load_options(config), source.tokenizer)
    loaded.checks.refuse_if_failed(logits=config.logits != "none")
    encoding = encode_passages(
        job.reading.passages, loaded.tokenizer, encode_options(config, loaded)
    )
    if job.progress:
        announce_left_out(job.reading, encoding)
    _check_vocabulary(loaded, encoding)
    if overwrite and out.exists():
        shutil.rmtree(out)
    _refuse_changed(out, loaded, job.reading)
    existed = out.exists()
    try:
        _run_all(loaded, encoding, job, out)
        _run_twins(loaded, encoding, job, out)
    except BaseException:
        _leave_nothing_partial(out, existed)
        raise
    return open_run(out)


def load_options(config: RunConfig) -> LoadOptions:
    """The part of a config that says how the model is loaded."""
    names = LoadOptions.__dataclass_fields__
    return LoadOptions(**{name: getattr(config, name) for name in names})


def encode_options(config: RunConfig, loaded: Loaded) -> EncodeOptions:
    """The options of the corpus side, with the model's own limit."""
    return EncodeOptions(
        targets=config.targets,
        ignore_case=config.ignore_case,
        pieces=config.pieces,
        select=config.select,
        bos=config.bos,
        max_positions=loaded.anatomy.positions,
        too_long=config.too_long,
    )


def _prepare_folder(out: Path, config: RunConfig, *, resume: bool, overwrite: bool) -> None:
    """Makes sure that `out` can be written; nothing is measured before that is known."""
    if out.is_file():
        raise RunError(f"'{out}' is a file", expected="a folder", remedy="Choose another --out.")
    if not out.exists() or not any(out.iterdir()):
        return
    if overwrite:
        if not (out / manifest.MANIFEST).is_file():
            raise RunError(
                f"'{out}' is not a run folder and is not overwritten",
                remedy="Choose another --out.",
            )
    elif not resume:
        raise RunError(
            f"'{out}' is not empty",
            remedy="Choose another --out, continue with --resume, or replace it with --overwrite.",
        )
    elif read_manifest(out)["config_hash"] != config.hash:
        raise RunError(
            f"'{out}' was measured with another config",
            expected="the same options as before",
            remedy="Choose another --out, or replace it with --overwrite.",
        )


def _check_vocabulary(loaded: Loaded, encoding: Encoding) -> None:
    """Makes sure that the model has an embedding for every token.

    Raises:
        UsageError: names the first passage with a token that it has not.
    """
    size = loaded.vocabulary
    for passage in encoding.encoded:
        largest = int(passage.token_id.max())
        if largest >= size:
            raise UsageError(
                f"passage '{passage.passage_id}' does not fit the model's vocabulary",
                expected=f"token ids below {size}",
                given=str(largest),
                remedy="Give the ids, or the tokenizer, that belong to this model.",
            )


def _refuse_changed(out: Path, loaded: Loaded, reading: Reading) -> None:
    """Refuses to continue a run with other texts or weights under the same names.

    Raises:
        RunError: names what has changed.
    """
    if not (out / manifest.MANIFEST).is_file():
        return
    before = read_manifest(out)
    same = {
        "texts": before["corpus"]["fingerprint"] == reading.fingerprint,
        "weights": before["model"]["fingerprint"] == loaded.identity.fingerprint,
    }
    changed = [what for what, is_same in same.items() if not is_same]
    if changed:
        raise RunError(
            f"'{out}' was measured with other {' and other '.join(changed)}",
            expected="the same texts and weights as before",
            remedy="Choose another --out, or replace it with --overwrite.",
        )


def _leave_nothing_partial(out: Path, existed: bool) -> None:
    """Removes what was written if no shard was finished; finished shards stay, for --resume."""
    if (out / manifest.MANIFEST).is_file() and read_manifest(out)["shards"]:
        return
    for folder in ("tokens", "layers", "pairs", "moments"):
        shutil.rmtree(out / folder, ignore_errors=True)
    (out / manifest.MANIFEST).unlink(missing_ok=True)
    if not existed and out.is_dir() and not any(out.iterdir()):
        out.rmdir()


def _run_twins(loaded: Loaded, encoding: Encoding, job: _Job, out: Path) -> None:
    """Measures the untrained twins into `out/untrained/seed-N`, one after the other."""
    for seed in range(1, job.config.untrained + 1):
        twin = untrained_twin(loaded, seed)
        _run_all(twin, encoding, job, out / "untrained" / f"seed-{seed}")
    if job.config.untrained:
        record = read_manifest(out)
        record["untrained"] = [f"untrained/seed-{s}" for s in range(1, job.config.untrained + 1)]
        record["complete"] = True
        manifest.save(record, out)


def _run_all(loaded: Loaded, encoding: Encoding, job: _Job, out: Path) -> None:
    """Measures all shards that have no valid receipt, then closes the run."""
    record = manifest.begin(job.config, loaded, job.reading, encoding, job.command)
    done = _valid_receipts(out)
    shards = cut_into_shards(encoding.encoded, job.config.shard_tokens)
    left = [shard for shard in shards if shard.index not in done]
    if not left and _is_complete(out):
        return
    record["shards"] = list(done.values())
    manifest.save(record, out)  # an interrupted first shard, too, can be continued
    announce(loaded, left, job.progress)
    started = perf_counter()
    with Progress(_label(loaded), sum(s.tokens for s in left), show=job.progress) as bar:
        for shard in left:
            written = _write_shard(loaded, shard, job.config, out, bar)
            record["shards"].append(written)
            manifest.save(record, out)
    _close(record, loaded, out, perf_counter() - started, sum(s.tokens for s in left))


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


def _write_shard(
    loaded: Loaded, shard: Shard, config: RunConfig, out: Path, bar: Progress
) -> dict[str, Any]:
    """Measures and writes one shard; gives its receipt."""
    measured = measure_shard(loaded, shard, config, bar.advance)
    name = f"part-{shard.index:05d}"
    token_names = [n for n in measured.tokens if n in columns.MEASURED]
    layer_names = [n for n in measured.layers if n in columns.MEASURED]
    for folder, values, schema in (
        ("tokens", measured.tokens, columns.tokens_schema(token_names)),
        ("layers", measured.layers, columns.layers_schema(layer_names)),
        ("pairs", measured.pairs, columns.pairs_schema()),
    ):
        write_parquet(columns.table(values, schema), out / folder / f"{name}.parquet")
    moments = {key: value.contiguous() for key, value in measured.moments.items()}
    # Not save_file: it makes files that only their owner can read.
    content = save(moments)
    write_with(lambda path: path.write_bytes(content), out / "moments" / f"{name}.safetensors")
    if measured.not_a_number:
        counts = ", ".join(f"{n} {k}" for k, n in measured.not_a_number.items())
        print(f"odograph: not a number: {counts}; first {measured.first_bad}", file=sys.stderr)
    found = {"not_a_number": measured.not_a_number, "first_not_a_number": measured.first_bad}
    return manifest.receipt(out, shard) | found


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
    # A model's own run is complete when its twins are; `_run_twins` says so.
    is_twin = loaded.identity.untrained_seed is not None
    record["complete"] = is_twin or not record["config"]["untrained"]
    manifest.save(record, out)


def _first_rows(out: Path) -> int:
    import pyarrow.parquet as parquet

    return sum(
        parquet.read_table(f, columns=["position"], filters=[("position", "=", 0)]).num_rows
        for f in (out / "tokens").glob("part-*.parquet")
    )
