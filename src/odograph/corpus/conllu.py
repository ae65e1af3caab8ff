"""CoNLL-U: sentences with gold words. Source: https://universaldependencies.org/format.html."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from odograph.corpus.look_alikes import quoted_apart
from odograph.corpus.passages import Word
from odograph.corpus.sources import PassageError

_COLUMNS = 10


@dataclass(frozen=True, slots=True)
class Sentence:
    """The lines of one sentence: where it begins, its comments and its rows."""

    line: int
    comments: dict[str, str]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """Sentences from one `# newdoc` to the next; `whole` where the file has no such mark.

    `name` is the id that stands with the mark, "" without one.
    """

    name: str
    sentences: tuple[Sentence, ...]
    whole: bool

    @property
    def line(self) -> int:
        """Where its first sentence begins."""
        return self.sentences[0].line


@dataclass(frozen=True, slots=True)
class _Form:
    """A form as it stands on the page, with the words it is made of."""

    line: int
    text: str
    parts: tuple[tuple[str, str, str], ...]
    space_after: bool


def split_sentences(lines: Sequence[str]) -> Iterator[Sentence]:
    """The sentences of a file: blocks of lines with a blank line between them."""
    comments: dict[str, str] = {}
    rows: list[tuple[int, tuple[str, ...]]] = []
    first = 0
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            first = first or number
            if line.startswith("#"):
                key, _, value = line[1:].partition("=")
                comments.setdefault(key.strip(), value.strip())
            else:
                rows.append((number, tuple(line.split("\t"))))
        elif first:
            yield Sentence(first, comments, tuple(rows))
            comments, rows, first = {}, [], 0


def read_sentence(sentence: Sentence, name: str) -> tuple[str, tuple[Word, ...]]:
    """Text and gold words of a sentence; `name` is the file's, for messages.

    A multiword token ("don't" = do + n't) gives its parts where they spell it; where they do
    not (French "du" = de + le) it is one word with the tags and lemmas joined by "+".

    Raises:
        PassageError: no words, a line without ten columns, or a word that is not in the text.
    """
    if not sentence.rows:
        raise PassageError(
            f"{name}, line {sentence.line}",
            "a sentence without words",
            remedy="Every sentence needs a line for each word.",
        )
    forms = list(_forms(sentence, name))
    text = sentence.comments.get("text") or _rebuilt(forms)
    words: list[Word] = []
    at = 0
    for form in forms:
        while at < len(text) and text[at].isspace():
            at += 1
        if not text.startswith(form.text, at):
            raise PassageError(
                f"{name}, line {form.line}",
                "the word is not in the sentence's text",
                expected=repr(text[at : at + 20]),
                given=quoted_apart(form.text, "".join(text[at:].split()[:1])),
                remedy="Correct the word or the line '# text ='.",
            )
        words += _words(form, at)
        at += len(form.text)
    return text, tuple(words)


def split_documents(sentences: Iterable[Sentence]) -> Iterator[Document]:
    """The documents of a file; sentences before the first mark are one too."""
    documents: list[list[Sentence]] = []
    marked = False
    for sentence in sentences:
        begins = _mark(sentence, "newdoc") is not None
        marked = marked or begins
        if begins or not documents:
            documents.append([])
        documents[-1].append(sentence)
    for each in documents:
        yield Document(_mark(each[0], "newdoc") or "", tuple(each), not marked)


def _mark(sentence: Sentence, mark: str) -> str | None:
    """The id that stands with a mark, "" where it has none; None without the mark."""
    return sentence.comments.get(f"{mark} id", sentence.comments.get(mark))


def join_sentences(document: Document, name: str) -> tuple[str, tuple[Word, ...]]:
    """Text and gold words of a document: a space between sentences, a line break at `# newpar`.

    Raises:
        PassageError: a sentence that cannot be read; see `read_sentence`.
    """
    text = ""
    words: list[Word] = []
    for sentence in document.sentences:
        own, its_words = read_sentence(sentence, name)
        if text:
            text += " " if _mark(sentence, "newpar") is None else "\n"
        words += [replace(w, start=w.start + len(text), end=w.end + len(text)) for w in its_words]
        text += own
    return text, tuple(words)


def _forms(sentence: Sentence, name: str) -> Iterator[_Form]:
    """Forms in order; empty nodes (5.1) are not on the page and are left out."""
    rows = [(line, _checked(row, f"{name}, line {line}")) for line, row in sentence.rows]
    rows = [(line, row) for line, row in rows if "." not in row[0]]
    at = 0
    while at < len(rows):
        line, row = rows[at]
        first, dash, last = row[0].partition("-")
        inside = int(last) - int(first) + 1 if dash else 0
        members = [member for _, member in rows[at + 1 : at + 1 + inside]] if dash else [row]
        parts = tuple((member[1], _value(member[3]), _value(member[2])) for member in members)
        yield _Form(line, row[1], parts, "SpaceAfter=No" not in row[9].split("|"))
        at += 1 + inside


def _checked(row: tuple[str, ...], place: str) -> tuple[str, ...]:
    if len(row) != _COLUMNS:
        raise PassageError(
            place,
            "not a line of CoNLL-U",
            expected="10 columns with tabs between them",
            given=str(len(row)),
            remedy="CoNLL-U is described at universaldependencies.org/format.html.",
        )
    numbers = row[0].replace("-", ".", 1).split(".")
    if not all(number.isdecimal() for number in numbers) or not row[1]:
        raise PassageError(
            place,
            "not a line of CoNLL-U",
            expected="a number such as 3, 3-4 or 5.1, and a word",
            given=f"{row[0]!r} and {row[1]!r}",
            remedy="CoNLL-U is described at universaldependencies.org/format.html.",
        )
    return row


def _value(field: str) -> str:
    return "" if field == "_" else field


def _rebuilt(forms: Sequence[_Form]) -> str:
    return "".join(form.text + " " * form.space_after for form in forms).rstrip(" ")


def _words(form: _Form, start: int) -> list[Word]:
    spelled = "".join(text for text, _, _ in form.parts)
    if spelled != form.text:
        tags = "+".join(tag for _, tag, _ in form.parts)
        lemmas = "+".join(lemma for _, _, lemma in form.parts)
        return [Word(form.text, start, start + len(form.text), tags, lemmas)]
    words: list[Word] = []
    for text, tag, lemma in form.parts:
        words.append(Word(text, start, start + len(text), tag, lemma))
        start += len(text)
    return words
