"""The texts of a run as they are given: in Python, in files, or both."""

import os
from collections.abc import Mapping, Sequence
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any

from odograph.corpus.encoded import Encoding
from odograph.corpus.look_alikes import quoted
from odograph.corpus.passages import Passage
from odograph.corpus.places import without_marks
from odograph.corpus.readers import Reading, Skipped, read_sources
from odograph.corpus.rows import Columns
from odograph.corpus.sources import BUNDLED, PassageError
from odograph.corpus.stored_texts import stored_texts
from odograph.errors import TextError, UsageError
from odograph.run.columns import columns_of
from odograph.run.config import RunConfig
from odograph.run.frames_given import passage_of_mapping
from odograph.run.options import make_config
from odograph.run.written_texts import from_templates, joined

if TYPE_CHECKING:
    from torch import nn

_Given = str | Passage | Mapping[str, Any] | Sequence[int]
Texts = Path | _Given


def config_of(
    model: "str | Path | nn.Module", texts: Sequence[Texts], options: Mapping[str, Any]
) -> RunConfig:
    """The config of a run asked for from Python.

    Raises:
        UsageError: a wrong option, or texts that are no list.
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
    return make_config({"model": str(named), "texts": files, **options})


def read_given(texts: Sequence[Texts], config: RunConfig) -> Reading:
    """Texts given in Python, then those in files, each in the order given.

    Raises:
        TextError: there are none, or a file cannot be read.
        UsageError: something that is no text.
    """
    files = [t for t in texts if isinstance(t, Path)]
    read = _in_files([str(f) for f in files], config) if files else Reading((), ())
    given = [t for t in texts if not isinstance(t, Path)]
    own = _in_python(given, config)
    written = from_templates(config)
    if not own.passages and not read.passages and not written.passages:
        raise _nothing(own)
    return joined(joined(own, read), written)


def _in_python(given: Sequence[_Given], config: RunConfig) -> Reading:
    """Texts, passages, rows and token ids in the order given; bad rows are left out.

    Raises:
        PassageError: with --strict a bad row.
    """
    columns = columns_of(config)
    made: list[Passage] = []
    skipped: list[Skipped] = []
    for number, text in enumerate(given, start=1):
        try:
            made.append(without_marks(_passage(number, text, columns), columns.places))
        except PassageError as error:
            if config.strict:
                raise
            skipped.append(Skipped(error.place, error.reason))
    return Reading(tuple(made), tuple(skipped))


def _nothing(read: Reading) -> TextError:
    first = read.skipped[0] if read.skipped else None
    given = f"{first.place}: {first.reason}".rstrip(".") if first else ""
    return TextError("no texts given", expected="at least one text", given=given)


def read_files(files: Sequence[str], config: RunConfig) -> Reading:
    """Texts in files, as the options of the config say, then those of templates."""
    written = from_templates(config)
    return joined(_in_files(files, config), written) if files else written


def _in_files(files: Sequence[str], config: RunConfig) -> Reading:
    columns = columns_of(config)
    return read_sources(files, columns, whole=config.whole, strict=config.strict, keep=stored_texts)


def _passage(number: int, text: _Given, columns: Columns) -> Passage:
    if isinstance(text, Passage):
        return text
    if isinstance(text, Mapping):
        return passage_of_mapping(number, text, columns)
    if isinstance(text, str):
        _check_no_file(number, text)
        return Passage(id=f"text:{number}", text=text, source="Python")
    return Passage(id=f"ids:{number}", text="", source="Python", ids=_token_ids(number, text))


def _check_no_file(number: int, text: str) -> None:
    """Refuses a text that is the name of a file, or of a bundled text.

    Raises:
        UsageError: it is one.
    """
    if "\n" in text or not (text.startswith(BUNDLED) or os.path.isfile(text)):
        return
    raise UsageError(
        f"text {number} is the name of a {'bundled text' if text.startswith(BUNDLED) else 'file'}",
        expected="the text itself, or a Path",
        given=quoted(text),
        remedy="Put Path(...) around the name to read it.",
    )


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
            expected="a text (str), a file (Path), a Passage, a row (dict), or token ids "
            "of the vocabulary",
            given=repr(given)[:80],
        )
    return ids


def check_vocabulary(size: int, encoding: Encoding) -> None:
    """Makes sure that the model has an embedding for every token.

    Raises:
        UsageError: names the first passage with a token that it has not.
    """
    if encoding.largest < size:
        return
    for passage in encoding.encoded:
        largest = int(passage.token_id.max())
        if largest >= size:
            raise UsageError(
                f"passage '{passage.passage_id}' does not fit the model's vocabulary",
                expected=f"token ids below {size}",
                given=str(largest),
                remedy="Give the ids, or the tokenizer, that belong to this model.",
            )
