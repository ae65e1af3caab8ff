"""From texts and a model to a run folder."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from torch.nn import Module

from odograph.corpus.encoded import Encoding
from odograph.corpus.frequencies import read_frequencies
from odograph.corpus.options import EncodeOptions, WordDraw
from odograph.corpus.readers import Reading
from odograph.corpus.tagging import tag_reading
from odograph.corpus.tokens import encode_passages
from odograph.errors import UsageError
from odograph.folder.axes import check_axes
from odograph.folder.lock import making
from odograph.folder.own_files import remove_run
from odograph.folder.run import Run, open_run
from odograph.measures import ATTENTION, MLP
from odograph.models.anatomy import Anatomy
from odograph.models.loading import Loaded, left_as_it_was
from odograph.models.precision import load_compared
from odograph.models.sources import LoadOptions
from odograph.models.twins import twin_plan
from odograph.run.ablations import check_ablations, run_ablations
from odograph.run.again import check_again_options
from odograph.run.config import RunConfig
from odograph.run.execute import Job, run_model, run_shuffled, run_twins
from odograph.run.inputs import Texts, read_files, read_given
from odograph.run.lens import check_lens, run_lens
from odograph.run.memory import announce_memory
from odograph.run.notebook import in_notebook
from odograph.run.observers import asks_for_parts, has_parts
from odograph.run.options import make_config
from odograph.run.output_folder import check_folder, refuse_changed, saying_how_to_resume
from odograph.run.progress import announce_left_out, announce_no_prediction, announce_refused
from odograph.run.shards import cut_into_shards
from odograph.run.sinks import read_sinks
from odograph.run.skips import check_skips, run_skips
from odograph.run.typed_options import RunOptions
from odograph.run.workers import check_workers, workers_for

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Source:
    """Where model and texts come from; a tokenizer goes with a model given as an object only.

    `read` gives the texts: they are held until they are tokens, no longer.
    `accept` raises where the model, once loaded and checked, does not serve.
    """

    model: "str | Path | nn.Module"
    read: Callable[[], Reading]
    tokenizer: Any = None
    accept: Callable[[Loaded], None] | None = None


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
    if not config.texts:
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
    with making(out, job.command):
        return _measure_held(source, job, out, resume=resume, overwrite=overwrite)


def _measure_held(source: Source, job: Job, out: Path, *, resume: bool, overwrite: bool) -> Run:
    """Measures into a folder in which no other command writes."""
    config = job.config
    reading = tag_reading(source.read(), config.tags)
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
    options = load_options(config)
    found = loaded.identity, loaded.dtype
    with workers_for(found, options, config, shards, show=job.progress) as workers:
        job = replace(job, executor=workers)
        record = run_model(loaded, encoding, job, out, earlier)
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


def load_checked(source: Source, config: RunConfig, *, show: bool) -> Loaded:
    """The model, which can do all that the config asks for."""
    if show and not isinstance(source.model, Module):
        announce_memory(str(source.model), load_options(config), config.workers)
    loaded = load_compared(source.model, load_options(config), source.tokenizer)
    loaded.checks.refuse_if_failed(logits=config.logits != "none" or config.runs_again)
    if source.accept is not None:
        source.accept(loaded)
    _check_predictions(loaded, config, show=show)
    check_skips(loaded, config)
    check_ablations(loaded, config)
    check_lens(loaded, config)
    if config.axes is not None:
        check_axes(open_run(config.axes), asdict(loaded.identity))
    return loaded


def encode(reading: Reading, loaded: Loaded, job: Job) -> Encoding:
    """The texts as tokens of the model; says what is left out of them."""
    options = encode_options(job.config, loaded.anatomy)
    encoding = encode_passages(reading.passages, loaded.tokenizer, options)
    if job.progress:
        announce_left_out(reading, encoding)
        of_parts = asks_for_parts(job.config) or {ATTENTION, MLP} & {*job.config.undo}
        if of_parts and not has_parts(loaded):
            announce_refused(loaded)
    _check_vocabulary(loaded, encoding)
    return encoding


def _check_predictions(loaded: Loaded, config: RunConfig, *, show: bool) -> None:
    """Leaves the usual next logit out, with a word, where a model predicts nothing.

    Raises:
        ModelError: the whole prediction is asked for.
    """
    if loaded.anatomy.head is not None or config.logits == "none":
        return
    if config.logits == "full":
        loaded.anatomy.needed_head()
    if show:
        announce_no_prediction(loaded)


def load_options(config: RunConfig) -> LoadOptions:
    """The part of a config that says how the model is loaded."""
    names = LoadOptions.__dataclass_fields__
    return LoadOptions(**{name: getattr(config, name) for name in names})


def encode_options(config: RunConfig, anatomy: Anatomy | None = None) -> EncodeOptions:
    """The options of the corpus side, with what the model says of itself once it is loaded.

    Raises:
        UsageError: options that exclude each other.
        TextError: the file of frequencies cannot be read.
    """
    _check_draw(config)
    check_again_options(config)
    frequencies = None if config.frequencies is None else read_frequencies(config.frequencies)
    return EncodeOptions(
        targets=config.targets,
        ignore_case=config.ignore_case,
        match=config.match,
        pieces=config.pieces,
        select=config.select,
        bos=config.bos,
        chat=config.chat,
        max_positions=anatomy.positions if anatomy else None,
        too_long=config.too_long,
        # Whether tokens after a drawn word serve anything is known once the model is.
        causal=anatomy.causal if anatomy else not config.after,
        tagged=config.tags != "none",
        variants=config.variants,
        draw=_word_draw(config) if config.groups else None,
        frequencies=frequencies,
    )


def _check_draw(config: RunConfig) -> None:
    """Refuses options of the draw where no words are drawn: nothing would come of them."""
    fields = type(config).model_fields
    for name in ("words", "context", "after", "whole_words"):
        if not config.groups and getattr(config, name) != fields[name].default:
            raise UsageError(
                f"option '{name}' without groups",
                expected="the tags of which words are drawn",
                given=f"{getattr(config, name)} and no groups",
                remedy="Name them, for example --groups NOUN,ADJ, or leave the option out.",
            )


def _word_draw(config: RunConfig) -> WordDraw:
    return WordDraw(
        groups=config.groups,
        words=config.words,
        context=config.context,
        after=config.after,
        whole_words=config.whole_words,
        seed=config.seed,
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
