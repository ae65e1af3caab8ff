"""The rules of a finding's record, whatever the study and model: its words and its verdict."""

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from odograph.sentences.wording import of_words, said_twice
from odograph.studies.questions.series import NO_TREND

SERIES = (NO_TREND,)
#: What no sentence has: a count of thousands without a comma, dots for words, a doubled word.
FAULTS = re.compile(
    r"n = \d{4}|(?<![\w.,/-])\d{4,} "
    r"(?:words|tokens|pairs|passages|texts|lemmas|draws|of|have|are|not)\b"
    r"|\.\.|\b(?!that\b)([a-z]+) \1\b|\b1 also lie\b|  "
)


def assert_well_said(records: Iterable[Mapping[str, Any]]) -> None:
    """Short headlines in numbers of the record, nothing twice, the verdict that the rule gives."""
    for _, own in groupby(records, key=lambda record: record["study"]):
        listed = list(own)
        problems = [(r["headline"], list(of_words(r))) for r in listed if list(of_words(r))]
        assert problems == []
        sentences = [text for r in listed for text in (r["headline"], r["statement"], r["plain"])]
        own_words = [re.sub("'[^']*'", "''", text) for text in sentences]  # not those of a text
        assert [text for text in own_words if FAULTS.search(text)] == []
        assert said_twice(listed) == []
        verdicts = [(r["headline"], r["verdict"], verdict_by_rule(r)) for r in listed]
        assert [one for one in verdicts if one[1] not in one[2]] == []


def verdict_by_rule(record: Mapping[str, Any]) -> set[str]:
    """The verdicts that docs/method.md allows for the numbers of a record."""
    nulls, interval = record["null_values"], record["interval"]
    tested = record["p"] is not None and not record["test"].startswith("none")
    p = record["p"] if record["p_adjusted"] is None else record["p_adjusted"]
    beside_twins = any(null["name"] == "untrained twins" for null in nulls)
    leads = not beside_twins or record["test"].startswith("t over seeds")
    over_texts = record["over_documents"].get("p_adjusted")
    if tested and leads and p < 0.05 and (over_texts is None or over_texts < 0.05):
        found = "beyond"
    elif interval is not None and any(
        null["seeds"] > 1 and null["low"] <= interval[0] and interval[1] <= null["high"]
        for null in nulls
    ):
        found = "like"
    else:
        found = "undecided" if tested else "describes"
    if record["null"] in SERIES:  # a trend must be beyond the orders of its members, too
        return {found, "undecided"}
    # A difference that only untrained twins could be the null of is described without them.
    return {found} if nulls else {found, "describes"}


def words_told(records: Iterable[Mapping[str, Any]]) -> int:
    """Words of headlines and evidence together."""
    return sum(len(" ".join([r["headline"], *r["evidence"]]).split()) for r in records)
