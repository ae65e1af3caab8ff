"""Templates with slots: every variant of a sentence, its words from a table or from the slot.

`{job}` stands for a column of a table of values, `{her|him}` for each of these words in turn, and
`{pronoun:her|him}` names the column that says which; `{{` and `}}` are braces.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from odograph.corpus.look_alikes import quoted
from odograph.corpus.passages import Passage
from odograph.corpus.words import Target, clean_targets
from odograph.errors import TextError, UsageError

ITEM, VARIANT = "item", "variant"
#: More passages than that nobody meant to write.
MOST_VARIANTS = 10_000
_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a template: words of its own, or none where a column of its name has them."""

    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence in parts: texts as they stand, and slots."""

    parts: tuple[str | Slot, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The slots that are filled from a table, each once."""
        return tuple(dict.fromkeys(slot.name for slot in self.slots if not slot.words))

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots in their order."""
        return tuple(part for part in self.parts if isinstance(part, Slot))

    @property
    def choices(self) -> tuple[Slot, ...]:
        """The slots with words of their own."""
        return tuple(slot for slot in self.slots if slot.words)


def read_template(text: str) -> Template:
    """The template that is written so.

    Raises:
        UsageError: a brace without its other half, no slot, or a slot that cannot be understood.
    """
    parts: list[str | Slot] = []
    read, unnamed = 0, 0
    for match in _PART.finditer(text):
        parts.append(text[read : match.start()])
        read = match.end()
        if match[0] in ("{{", "}}"):
            parts.append(match[0][0])
        elif match[1] is None:
            raise _misread(text, match[0])
        else:
            slot = _slot(text, match[1], unnamed)
            unnamed += bool(slot.words) and slot.name.startswith(VARIANT)
            parts.append(slot)
    template = Template((*parts, text[read:]))
    names = [slot.name for slot in template.choices]
    if not template.slots or len(names) != len(set(names)) or set(names) & {*template.columns}:
        raise _misread(text, text)
    return template


def _slot(text: str, inside: str, unnamed: int) -> Slot:
    """A slot from what stands between its braces."""
    first, several, _ = inside.partition("|")
    name, named, _ = first.partition(":")
    if not several:
        if not _NAME.fullmatch(inside.strip()):
            raise _misread(text, f"{{{inside}}}")
        return Slot(inside.strip())
    listed = inside[len(name) + 1 :] if named else inside
    words = tuple(word.strip() for word in listed.split("|"))
    own = name.strip() if named else VARIANT + (str(unnamed + 1) if unnamed else "")
    if not all(words) or len(set(words)) != len(words) or not _NAME.fullmatch(own):
        raise _misread(text, f"{{{inside}}}")
    return Slot(own, words)


def _misread(text: str, given: str) -> UsageError:
    return UsageError(
        f"the template {quoted(text)}",
        expected="slots such as {job}, {her|him} or {pronoun:her|him}, each name once",
        given=quoted(given),
        remedy="A brace that is none of a slot is written twice.",
    )


def expand(
    templates: Sequence[str], rows: Sequence[Mapping[str, str | None]], followed: str | None = None
) -> list[Passage]:
    """The passages of all templates, for each row of values every choice of words.

    The variants of a row are one document, its item. The words that were chosen are the
    targets; which they are stands in its columns, beside the values and the item.

    Args:
        templates: as they are written.
        rows: values of the slots that have no words of their own; each row once where there are
            none.
        followed: the slot whose words are the targets; all of those chosen, where it is none.

    Raises:
        UsageError: a template that cannot be understood, or too many passages.
        TextError: a row without a value.
    """
    read = [read_template(text) for text in templates]
    count = sum(prod(len(slot.words) for slot in each.choices) for each in read)
    count *= max(len(rows), 1)
    if count > MOST_VARIANTS:
        raise UsageError(
            "templates",
            expected=f"at most {MOST_VARIANTS:,} passages",
            given=f"{count:,}",
            remedy="Give fewer values, or fewer words in slots.",
        )
    return [
        passage
        for number, template in enumerate(read, start=1)
        for row, values in enumerate(rows if template.columns else rows[:1] or ({},), start=1)
        for passage in _variants(template, (number, row), values, followed)
    ]


def _variants(
    template: Template,
    place: tuple[int, int],
    values: Mapping[str, str | None],
    followed: str | None,
) -> Iterator[Passage]:
    number, row = place
    item = values.get(ITEM) or f"{number}.{row}"
    names = {slot.name for slot in template.choices}
    names = names & {followed or ""} or names
    for k, words in enumerate(product(*(slot.words for slot in template.choices)), start=1):
        chosen = dict(zip((slot.name for slot in template.choices), words, strict=True))
        text, found = _filled(template, {**values, **chosen}, row)
        targets = tuple(target for name, target in found if name in names)
        columns = {**values, **chosen, ITEM: item}
        yield Passage(
            f"template {number}.{row}.{k}",
            text,
            "template",
            targets=targets if chosen else None,
            document=item,
            columns=tuple(columns.items()),
        )


def _filled(
    template: Template, words: Mapping[str, str | None], row: int
) -> tuple[str, list[tuple[str, Target]]]:
    """The text with a word in each slot, and for each slot by its name where its word stands."""
    text, found = "", []
    for part in template.parts:
        if isinstance(part, str):
            text += part
            continue
        word = words.get(part.name)
        if not word:
            raise TextError(f"row {row} of the values", expected=f"a value of {quoted(part.name)}")
        target = Target(clean_targets([word])[0], len(text), len(text) + len(word))
        found.append((part.name, target))
        text += word
    return text, found
