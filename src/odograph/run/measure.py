"""From texts and a model to a run folder."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from odograph.errors import UsageError
from odograph.folder.lock import is_empty, making
from odograph.folder.own_files import remove_run
from odograph.folder.run import Run
from odograph.models.loading import Loaded, left_as_it_was
from odograph.models.twins import twin_plan
from odograph.run.ablations import run_ablations
from odograph.run.config import HERE, RunConfig
from odograph.run.estimate import announce_run, sums_sentence, workload
from odograph.run.execute import Job, run_model, run_shuffled, run_twins
from odograph.run.inputs import Texts, config_of, read_files, read_given
from odograph.run.lens import run_lens
from odograph.run.notebook import in_notebook
from odograph.run.on_ray import run_on_ray
from odograph.run.output_folder import check_folder, refuse_changed, saying_how_to_resume
from odograph.run.preparing import (
    Source,
    encode,
    encode_options,
    load_checked,
    load_options,
    read_texts,
)
from odograph.run.sample_rows import sample_of
from odograph.run.shards import cut_into_shards
from odograph.run.sinks import read_sinks
from odograph.run.skips import run_skips
from odograph.run.typed_options import RunOptions
from odograph.run.workers import check_workers, workers_for
from odograph.terminal import tell

if TYPE_CHECKING:
    from torch import nn


def measure(
    model: "str | Path | nn.Module",
    texts: Sequence[Texts],
    *,
    out: str | Path,
    tokenizer: Any = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool | None = None,
    **options: Unpack[RunOptions],
) -> Run:
    """Measures texts with a model, writes the run folder `out` and opens it.

    Args:
        model: hub id (also ID@REVISION), folder, `bundled`, or a transformers model.
        texts: each a text (str), a file (Path), a `Passage`, or a sequence of token ids.
        out: the run folder to make.
        tokenizer: the fast tokenizer of a model given as an object; not needed for token ids.
        resume: do what is missing of an interrupted run of the same config.
        overwrite: replace what is there.
        progress: show how far it is, and what is left out; by default in notebooks only.
        **options: what the command line has, e.g. `targets=["her"]`, `convention="hf"`.

    Raises:
        UsageError, TextError, ModelError, RunError: see their messages.
    """
    config = config_of(model, texts, options)
    encode_options(config)  # wrong options are told before anything is read, tagged or loaded
    check_workers(model, config)
    one = config.model if isinstance(model, str | Path) else model
    source = Source(one, partial(read_given, texts, config), tokenizer)
    with left_as_it_was(model), saying_how_to_resume():
        job = Job(config, "", in_notebook() if progress is None else progress)
        return _measure(source, job, Path(out), resume=resume, overwrite=overwrite)


def measure_config(
    config: RunConfig,
    out: Path,
    *,
    command: str,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = False,
    accept: Callable[[Loaded], None] | None = None,
) -> Run:
    """Measures what a config says, as the command line does; see `measure`.

    `accept` sees the model after its self-check, before anything is measured, and may refuse it.
    """
    if not config.texts and not config.template:
        raise UsageError(
            "no texts given",
            expected="--texts FILE",
            remedy="Try --texts bundled:her --target her.",
        )
    encode_options(config)
    check_workers(config.model, config)
    source = Source(config.model, partial(read_files, config.texts, config), accept=accept)
    job = Job(config, command, progress)
    return _measure(source, job, out, resume=resume, overwrite=overwrite)


def _measure(source: Source, job: Job, out: Path, *, resume: bool, overwrite: bool) -> Run:
    if resume and overwrite:
        raise UsageError(
            "--resume and --overwrite together",
            expected="one of them",
            remedy="Continue the run with --resume, or begin it anew with --overwrite.",
        )
    if job.config.on != HERE and (resume or is_empty(out)):
        job, resume = run_on_ray(source.model, job, out), True
    with making(out, job.command):
        return _measure_held(source, job, out, resume=resume, overwrite=overwrite)


def _measure_held(source: Source, job: Job, out: Path, *, resume: bool, overwrite: bool) -> Run:
    """Measures into a folder in which no other command writes."""
    config = job.config
    reading = read_texts(source, config)
    earlier = check_folder(out, config, resume=resume, overwrite=overwrite)
    loaded = load_checked(source, config, show=job.progress)
    encoding = encode(reading, loaded, job)
    job = replace(job, origin=reading.origin)
    del reading  # what was read from files is held no longer
    if overwrite and earlier is not None:
        remove_run(out, earlier)
        earlier = None
    if earlier is not None:
        refuse_changed(out, earlier, loaded, job.origin, encoding)
    shards = len(cut_into_shards(encoding.encoded, config.shard_tokens))
    blocks = len(loaded.anatomy.blocks)
    sample = sample_of(encoding, config, blocks, shards)
    job = replace(job, sample=sample)
    if earlier is None:
        work = workload(config, encoding, blocks, sample)
        if job.progress and sample is not None:
            tell(sums_sentence(config, sample, work.texts, blocks))
        announce_run(loaded, work, show=job.progress)
    options = load_options(config)
    found = loaded.identity, loaded.dtype
    with workers_for(found, options, config, shards, show=job.progress) as workers:
        job = replace(job, executor=workers)
        record = run_model(loaded, encoding, job, out, earlier)
        # All that comes after the first reading looks at tokens that have rows.
        encoding = encoding if sample is None else sample.encoding(encoding)
        # Before what opens the run, which a damaged table would keep from it.
        sinks = read_sinks(out, record) if config.runs_again else {}
        if config.undo:
            run_ablations(loaded, encoding.encoded, out, record, sinks, show=job.progress)
        if config.lens:
            run_lens(loaded, encoding.encoded, out, record, sinks, show=job.progress)
        if config.skip_blocks:
            run_skips(loaded, encoding.encoded, out, record, show=job.progress)
        run_shuffled(loaded, encoding, job, out)
        plan = twin_plan(loaded)
        del loaded  # a model and its twin are never in memory together
        run_twins(plan, encoding, job, out, record)
    return Run(out, record)
