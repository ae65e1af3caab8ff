"""Readings whose passages bear tagged words: gold ones, those of a column, or those of spaCy."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from odograph.corpus.passages import Passage, Word
from odograph.corpus.readers import Reading
from odograph.corpus.tags import check_tags, kind_of, pipeline_name
from odograph.errors import TextError, UsageError

#: Components that give no part of speech and cost most of the time.
_LEFT_OUT = ("ner", "entity_linker", "entity_ruler", "textcat", "textcat_multilabel")
_TAGGERS = ("tagger", "morphologizer", "attribute_ruler")
#: Characters that go through a pipeline together: a network holds some kilobytes for each word.
_AT_ONCE = 50_000
_PARAGRAPH = re.compile(r"\n\s*\n\s*")
_SENTENCE = re.compile(r"[.!?][\"'”’)\]]*\s+")
_SPACE = re.compile(r"\s+")


def tag_reading(reading: Reading, tags: str) -> Reading:
    """The reading with tagged words, and with the name of what tagged them.

    Args:
        reading: passages; those of .conllu files and of tables with a column of tags bear
            their words already.
        tags: the option `tags`: none, conllu, column, column:NAME or spacy:NAME.

    Raises:
        UsageError: another value, or spaCy or its pipeline is not there or gives no tags.
        TextError: passages without tagged words where the texts ought to bring them.
    """
    kind = kind_of(check_tags(tags))
    if kind == "none":
        return reading
    if kind == "spacy":
        nlp = load_pipeline(str(pipeline_name(tags)))
        passages = tuple(_tagged(reading.passages, nlp))
        _check_tagged(passages, tags)
        return replace(reading, passages=passages, tagger=_describe(nlp))
    _check_brought(reading.passages, tags)
    named = "gold words" if kind == "conllu" else f"column of the texts ({tags})"
    return replace(reading, tagger=named)


def _check_brought(passages: Iterable[Passage], tags: str) -> None:
    for passage in passages:
        if not passage.words:
            gold = tags == "conllu"
            raise TextError(
                f"passage {passage.id!r} of {passage.source} brings no tagged words",
                expected="a .conllu file" if gold else "a table with a column of tags",
                remedy=(
                    "Tag the texts with --tags spacy:NAME, or leave the file out; "
                    "a column of tags is read with --tags column."
                ),
            )
    if not any(word.tag for passage in passages for word in passage.words):
        raise TextError(
            "no word of the texts has a tag",
            given=f"--tags {tags}",
            remedy="Fill in the column of tags (UPOS in .conllu), or tag with --tags spacy:NAME.",
        )


def load_pipeline(name: str) -> Any:
    """A spaCy pipeline that gives parts of speech, by its name or its folder.

    Raises:
        UsageError: spaCy or the pipeline is not installed, the path is no pipeline, or it has
            no component that tags; says what to install.
    """
    try:
        import spacy
    except ImportError as error:
        raise UsageError(
            "tags of spaCy need spaCy, which is not installed",
            given=str(error),
            remedy="Install it with: pip install 'odograph[spacy]'.",
        ) from error
    try:
        nlp = spacy.load(name, exclude=list(_LEFT_OUT))
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise _not_loaded(name, error) from error
    if not any(_tags_words(nlp, pipe) for pipe in nlp.pipe_names):
        raise UsageError(
            f"the spaCy pipeline {name!r} has no component that gives parts of speech",
            expected="a tagger or a morphologizer",
            given=", ".join(nlp.pipe_names) or "no component",
            remedy="Take a trained pipeline: python -m spacy download en_core_web_sm.",
        )
    return nlp


def _not_loaded(name: str, error: Exception) -> UsageError:
    said = " ".join(str(error).split())[:200].rstrip(".")
    if Path(name).exists():
        return UsageError(
            f"{name!r} is no spaCy pipeline that can be loaded",
            expected="a folder that nlp.to_disk() has written, with config.cfg",
            given=said,
            remedy="Give the folder that holds config.cfg and meta.json.",
        )
    if "/" in name or "\\" in name:
        return UsageError(f"no spaCy pipeline at {name!r}", remedy="Check the path.")
    return UsageError(
        f"the spaCy pipeline {name!r} is not installed",
        given=said,
        remedy=f"Install it with: python -m spacy download {name}.",
    )


def _tags_words(nlp: Any, pipe: str) -> bool:
    meta = nlp.get_pipe_meta(pipe)
    return meta.factory in _TAGGERS or "token.pos" in meta.assigns


def _describe(nlp: Any) -> str:
    """The versions of spaCy and of the pipeline, as a result names them."""
    named = [str(nlp.meta.get(key, "")) for key in ("lang", "name", "version")]
    return f"spaCy {version('spacy')}, {' '.join(named)} ({', '.join(nlp.pipe_names)})"


def _tagged(passages: Sequence[Passage], nlp: Any) -> Iterator[Passage]:
    """The passages with the words of spaCy in place of any they had."""
    parts = [
        (passage.text[first:end], (number, first))
        for number, passage in enumerate(passages)
        for first, end in split_text(passage.text, min(nlp.max_length, _AT_ONCE))
    ]
    together = max(1, _AT_ONCE // max((len(text) for text, _ in parts), default=1))
    words: list[list[Word]] = [[] for _ in passages]
    for doc, (number, first) in nlp.pipe(parts, as_tuples=True, batch_size=together):
        words[number] += _words(doc, first)
    for passage, its_words in zip(passages, words, strict=True):
        yield replace(passage, words=tuple(its_words))


def _words(doc: Any, first: int) -> Iterator[Word]:
    for token in doc:
        text = token.text
        if not text.isspace():
            start = first + token.idx
            lemma = token.lemma_ or text.lower()
            yield Word(text, start, start + len(text), token.pos_, lemma)


def _check_tagged(passages: Iterable[Passage], tags: str) -> None:
    if not any(word.tag for passage in passages for word in passage.words):
        raise UsageError(
            "the spaCy pipeline gave no word a part of speech (token.pos_)",
            given=f"--tags {tags}",
            remedy="Take a pipeline with a morphologizer, or a tagger and an attribute ruler.",
        )


def split_text(text: str, most: int) -> list[tuple[int, int]]:
    """Spans of at most `most` characters that make up the text.

    A longer text is divided after its last paragraph that fits, else its last sentence, else
    its last word, and inside a word only where it has no white space at all.

    >>> split_text("One two. Three four", 12)
    [(0, 9), (9, 19)]
    """
    spans: list[tuple[int, int]] = []
    start = 0
    while len(text) - start > most:
        end = start + most
        for boundary in (_PARAGRAPH, _SENTENCE, _SPACE):
            ends = [match.end() for match in boundary.finditer(text, start, end)]
            if ends:
                end = ends[-1]
                break
        spans.append((start, end))
        start = end
    return [*spans, (start, len(text))]
