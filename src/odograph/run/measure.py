"""From texts and a model to a run folder."""

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from odograph.corpus.encoded import Encoding
from odograph.errors import UsageError
from odograph.folder.lock import is_empty, making
from odograph.folder.manifest import MANIFEST
from odograph.folder.own_files import remove_run
from odograph.folder.run import Run
from odograph.models.loading import Loaded, left_as_it_was, load
from odograph.models.twins import TwinPlan, twin_plan
from odograph.run import manifest
from odograph.run.again import MeasuredShards, run_again
from odograph.run.beside import run_shuffled, run_twins
from odograph.run.config import HERE, RunConfig
from odograph.run.encoding_here import EncodingHere, processes_for
from odograph.run.estimate import announce_run, sums_sentence, workload
from odograph.run.execute import Job, run_model
from odograph.run.inputs import Texts, config_of, read_files, read_given
from odograph.run.measured_twins import MeasuredTwins
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
from odograph.run.shared_weights import SharedWeights
from odograph.run.stages import AGAIN, asked
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


def measure_in_turn(
    model: str, texts: Sequence[Texts], *, out: Path, **options: Unpack[RunOptions]
) -> Generator[Run, None, None]:
    """The run as soon as the model is measured, and once more when its twins are, too.

    Whoever closes it at the first leaves nothing behind.

    Raises:
        UsageError, TextError, ModelError, RunError: as `measure`.
    """
    config = config_of(model, texts, options)
    encode_options(config)
    source = Source(config.model, partial(read_given, texts, config))
    job = Job(config, "", progress=False)
    with making(out), ExitStack() as held:
        begun = _measure_model(source, job, out, held, resume=False, overwrite=False)
        try:
            yield Run(out, begun.record)
        except GeneratorExit:
            remove_run(out, begun.record)
            raise
        yield begun.with_twins()


@dataclass(frozen=True)
class Order:
    """One run as the command line asks for it.

    Attributes:
        config: what is measured.
        out: the run folder to make.
        command: what the manifest says.
        resume, overwrite: what becomes of what is there.
        progress: whether to say on stderr how far it is.
        accept: sees the model after its self-check, before anything is measured; may refuse it.
        measured_twins: those of earlier runs of the command, which are measured once.
        outliers: outlier coordinates of the models that it is compared with.
    """

    config: RunConfig
    out: Path
    command: str
    resume: bool = False
    overwrite: bool = False
    progress: bool = False
    accept: Callable[[Loaded], None] | None = None
    measured_twins: MeasuredTwins = field(default_factory=MeasuredTwins)
    outliers: tuple[int, ...] = ()

    @property
    def job(self) -> Job:
        """What is the same for the model and its twins."""
        return Job(
            self.config,
            self.command,
            self.progress,
            measured_twins=self.measured_twins,
            outliers=self.outliers,
        )

    def source(self, load_with: Callable[..., Loaded] = load) -> Source:
        """Where model and texts come from, once the options are known to be right.

        Raises:
            UsageError: they are not.
        """
        config = self.config
        if not config.texts and not config.template:
            raise UsageError(
                "no texts given",
                expected="--texts FILE",
                remedy="Try --texts bundled:her --target her.",
            )
        encode_options(config)
        check_workers(config.model, config)
        read = partial(read_files, config.texts, config)
        return Source(config.model, read, accept=self.accept, load=load_with)


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
    """Measures what a config says, as the command line does; see `measure` and `Order`."""
    return measure_order(Order(config, out, command, resume, overwrite, progress, accept))


def measure_order(order: Order) -> Run:
    """Measures what an order says."""
    source = order.source()
    return _measure(source, order.job, order.out, resume=order.resume, overwrite=order.overwrite)


def measure_both(base: Order, model: Order) -> list[Run]:
    """Both runs; the weights of a base and its adapter are loaded once.

    Both models are measured before the twins of either, and the base until it is an adapter's.

    Raises:
        UsageError, TextError, ModelError, RunError: one cannot be measured.
    """
    orders, weights = (base, model), SharedWeights()
    sources = [order.source(weights.load) for order in orders]
    with ExitStack() as held:
        for order in orders:
            held.enter_context(making(order.out, order.command))
        begun = [
            _measure_model(source, order.job, order.out, held, order.resume, order.overwrite)
            for order, source in zip(orders, sources, strict=True)
        ]
        weights.release()  # a model and its twin are never in memory together
        return [each.with_twins() for each in begun]


def _measure(source: Source, job: Job, out: Path, *, resume: bool, overwrite: bool) -> Run:
    if job.config.on != HERE and (resume or is_empty(out)) and not (resume and overwrite):
        if not (out / MANIFEST).is_file():
            return Run(out, run_on_ray(source.model, job, out))
        job = replace(job, config=job.config.model_copy(update={"workers": 1}))
    with making(out, job.command), ExitStack() as held:
        return _measure_model(source, job, out, held, resume, overwrite).with_twins()


@dataclass(frozen=True, eq=False)
class _ModelRun:
    """A run of which all is measured but the untrained twins; the model is not held any more."""

    plan: TwinPlan
    encoding: Encoding
    job: Job
    out: Path
    record: manifest.Manifest

    def with_twins(self) -> Run:
        """The run, when its twins are measured, too."""
        run_twins(self.plan, self.encoding, self.job, self.out, self.record)
        return Run(self.out, self.record)


def _measure_model(
    source: Source, job: Job, out: Path, held: ExitStack, resume: bool, overwrite: bool
) -> _ModelRun:
    """Measures the model into a folder in which no other command writes; workers are `held`."""
    if resume and overwrite:
        raise UsageError(
            "--resume and --overwrite together",
            expected="one of them",
            remedy="Continue the run with --resume, or begin it anew with --overwrite.",
        )
    config = job.config
    reading = read_texts(source, config)
    earlier = check_folder(out, config, resume=resume, overwrite=overwrite)
    loaded = load_checked(source, config, show=job.progress)
    encoder = EncodingHere(processes_for(config, loaded.device), job.progress)
    encoding = encode(reading, loaded, job, encoder)
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
    found = loaded.identity, loaded.dtype
    workers = workers_for(found, load_options(config), config, shards, show=job.progress)
    job = replace(job, executor=held.enter_context(workers))
    record = run_model(loaded, encoding, job, out, earlier)
    # All that comes after the first reading looks at tokens that have rows.
    encoding = encoding if sample is None else sample.encoding(encoding)
    measured = MeasuredShards(out, record)
    for stage in asked(AGAIN, config):
        run_again(stage, loaded, encoding.encoded, job, out, record, measured)
    run_shuffled(loaded, encoding, job, out)
    return _ModelRun(twin_plan(loaded), encoding, job, out, record)
