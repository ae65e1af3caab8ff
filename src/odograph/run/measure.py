"""From texts and a model to a run folder."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any

from odograph.corpus.encoded import Encoding
from odograph.corpus.passages import Passage
from odograph.corpus.readers import Reading, read_passages
from odograph.corpus.tokens import EncodeOptions, encode_passages
from odograph.errors import TextError, UsageError
from odograph.models.loading import Loaded, left_as_it_was, load
from odograph.models.sources import LoadOptions
from odograph.run.config import RunConfig, make_config
from odograph.run.execute import Job, run_model, run_twins
from odograph.run.folder import check_folder, leave_nothing_partial, refuse_changed
from odograph.run.progress import announce_left_out
from odograph.run.results import Run, open_run

if TYPE_CHECKING:
    from torch import nn

Texts = str | Path | Passage | Sequence[int]


@dataclass(frozen=True)
class _Source:
    """Where the model comes from; a tokenizer goes with a model given as an object only."""

    model: "str | Path | nn.Module"
    tokenizer: Any = None


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
    job = Job(config, reading, "", progress)
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
    job = Job(config, reading, command, progress)
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


def _measure(source: _Source, job: Job, out: Path, *, resume: bool, overwrite: bool) -> Run:
    config = job.config
    check_folder(out, config, resume=resume, overwrite=overwrite)
    loaded = load(source.model, load_options(config), source.tokenizer)
    loaded.checks.refuse_if_failed(logits=config.logits != "none")
    encoding = encode_passages(
        job.reading.passages, loaded.tokenizer, encode_options(config, loaded)
    )
    if job.progress:
        announce_left_out(job.reading, encoding)
    _check_vocabulary(loaded, encoding)
    # Loading takes a while: another run may have begun in the same folder.
    check_folder(out, config, resume=resume, overwrite=overwrite)
    if overwrite and out.exists():
        shutil.rmtree(out)
    refuse_changed(out, loaded, job.reading)
    existed = out.exists()
    try:
        run_model(loaded, encoding, job, out)
        run_twins(loaded, encoding, job, out)
    except BaseException:
        leave_nothing_partial(out, existed)
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
