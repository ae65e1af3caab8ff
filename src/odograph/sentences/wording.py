"""Whether the words of findings keep to the rules: short, in numbers of the record, said once."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from odograph.sentences.english import MOST_STRETCHES
from odograph.sentences.forbidden import forbidden

#: Words of a headline, and of the evidence under it.
LONGEST_HEADLINE, LONGEST_EVIDENCE = 20, 30
#: Words of a remark, which is more than a mark like "Tied in no block."
_REMARK = 6
#: Names of places, and how many there are of them: "block 3", "states 0 to 8", "of 8 blocks".
_WHICH = r"\d+(?:\.\d+)?"
_PLACES = re.compile(
    rf"\b(?:block|layer|state|depth|position|token|step|member)s? {_WHICH}"
    rf"(?:(?:-| to |, | and | of ){_WHICH})*"
    r"|\b(?:of|in|over) \d+ (?:block|layer|state)s?|\blength 1\b|\(\w+\)|'[^']*'",
    re.IGNORECASE,
)
#: A bracket; one of a single word is part of a model's name: "gpt2 (folder)".
_BRACKET = re.compile(r"[][{}]|\((?!\w+\))")
#: A number that is no part of a name: "gpt2-tiny" and "step-10" have none.
_NUMBER = re.compile(r"(?<![\w./-])(-?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+))(?![\w/-])( %)?")
_LIST = re.compile(rf"\d+(?:-\d+)?(?:,? (?:and )?\d+(?:-\d+)?){{{MOST_STRETCHES},}}(?! )")
#: What of a record is words, or says where it is shown.
_WORDS = ("headline", "evidence", "statement", "plain", "card", "show", "weight")


def of_words(record: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the headline and the evidence of a finding's record."""
    headline, evidence = record["headline"], list(record["evidence"])
    if not 0 < len(headline.split()) <= LONGEST_HEADLINE:
        yield f"a headline of {len(headline.split())} words, at most {LONGEST_HEADLINE}"
    if len(words := " ".join(evidence).split()) > LONGEST_EVIDENCE:
        yield f"an evidence of {len(words)} words, at most {LONGEST_EVIDENCE}"
    if _BRACKET.search(headline):
        yield "brackets in the headline"
    if headline.endswith("."):
        yield "a full stop behind the headline"
    if len(set(evidence)) < len(evidence) or any(part in headline for part in evidence):
        yield "something stands twice in headline and evidence"
    for text in (headline, *evidence):
        yield from (f"forbidden: {word}" for word in forbidden(text))
    for text in (headline, *evidence, record["statement"], record["plain"]):
        if _LIST.search(text):
            yield f"a list of more than {MOST_STRETCHES} places in '{text}'"
    if record.get("interval") and not record.get("estimate_of") and not _says_estimate(record):
        yield "the headline does not say its number, and nothing says what that is"
    for number in numbers_without_record(record):
        yield f"the headline says {number}, which its record has not"


def _says_estimate(record: Mapping[str, Any]) -> bool:
    estimate = record["estimate"]
    return estimate is None or any(says(n, estimate) for n in written_numbers(record["headline"]))


class Written(NamedTuple):
    """A number as a headline writes it, with its place there."""

    text: str
    start: int
    end: int
    percent: bool


def written_numbers(headline: str) -> list[Written]:
    """The numbers of a headline in their order, but for places and parts of names."""
    bare = _PLACES.sub(lambda place: "x" * len(place[0]), headline)
    found = _NUMBER.finditer(bare)
    return [Written(one[1], one.start(1), one.end(1), percent=one[2] is not None) for one in found]


def numbers_without_record(record: Mapping[str, Any]) -> list[str]:
    """The numbers of a headline that are none of its record, rounded alike or in per cent."""
    known = list(_numbers({key: value for key, value in record.items() if key not in _WORDS}))
    found = written_numbers(record["headline"])
    return [
        one.text.removeprefix("-")
        for one in found
        if not any(says(one, value, (1, 100) if one.percent else (1,)) for value in known)
    ]


def says(written: Written, value: float, factors: Sequence[int] = (1,)) -> bool:
    """Whether a number as written is that value, times one of the factors, whatever its sign."""
    number = written.text.removeprefix("-").replace(",", "")
    decimals = len(number.partition(".")[2])
    rounded = (f"{abs(value) * factor:.{decimals}f}" for factor in factors)
    return any(float(one) == float(number) for one in rounded)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(map(_numbers, value.values()))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from chain.from_iterable(map(_numbers, value))


def said_twice(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """What stands twice in the findings of a study: headlines, and remarks in statements.

    A remark is a sentence without a number: it belongs into one statement, or into a note.
    """
    listed = list(records)
    headlines = Counter(record["headline"] for record in listed)
    remarks = Counter(chain.from_iterable(_remarks(record["statement"]) for record in listed))
    return [text for said in (headlines, remarks) for text, count in said.items() if count > 1]


def _remarks(statement: str) -> list[str]:
    sentences = (part.rstrip(".") for part in re.split(r"[.:] (?=[A-Z'])", statement))
    return [s for s in sentences if len(s.split()) >= _REMARK and not re.search(r"\d", s)]
