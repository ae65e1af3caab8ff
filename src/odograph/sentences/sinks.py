"""What attention sinks carry: which block writes it, and which takes it away."""

from collections.abc import Mapping, Sequence
from typing import Any

from odograph.measures import MODEL_UNITS
from odograph.sentences.english import capital, ranges, several
from odograph.sentences.numbers import number, percent
from odograph.sentences.record import Words

#: How a sentence calls the sinks at position 0, those that come later, and those in passing.
SINKS = ("the sink at position 0", "later sinks", "passing sinks")
_CARRY = (f"{SINKS[0]} carries", f"{SINKS[1]} carry", f"{SINKS[2]} carry")
_PLAIN = (
    "A few tokens carry something very long through the network, on which attention rests; "
    "whatever undoes the block that writes it undoes more than the turn of that block. Growth "
    "is exact: what attention and the MLP add along the state adds up to it."
)


def _who_writes(event: Mapping[str, Any]) -> str:
    """A block and its part: "the MLP of block 12", "block 12"."""
    named = {"mlp": "the MLP of ", "attention": "attention of "}.get(event["part"], "")
    return f"{named}block {event['block']}"


def carried_words(place: int, found: Mapping[str, Any]) -> Words:
    """Where what sinks carry is written and taken away, as the pilot has found it.

    place: of `SINKS`.
    """
    carry = _CARRY[place]
    return Words(_sentence(carry, found), _PLAIN, _headline(carry, found["written"]))


def _sentence(carry: str, found: Mapping[str, Any]) -> str:
    written, removed = found["written"], found.get("removed")
    taken = "no block takes it away"
    if removed:
        share = "most" if -removed["growth"] > written["growth"] / 2 else "some"
        taken = f"{_who_writes(removed)} takes {share} of it away ({number(removed['growth'])})"
    return (
        f"What {carry} is written by {_who_writes(written)}: there the state grows by "
        f"{number(written['growth'])} {MODEL_UNITS}, and then {percent(written['share'])} of its "
        f"squared length lies in coordinate {written['coordinate']}; {taken} (n = "
        f"{several(int(found['tokens']), 'sink')}; descriptive, no test)."
    )


def _headline(carry: str, written: Mapping[str, Any]) -> str:
    """The block that writes it."""
    coordinate = written["coordinate"]
    return f"{capital(_who_writes(written))} writes what {carry}, in coordinate {coordinate}"


def writer_sentence(written: Mapping[str, Any]) -> str:
    """The block that writes what the sink at position 0 carries, where blocks are skipped."""
    return (
        f"{capital(_who_writes(written))} writes what {_CARRY[0]}: skipped, it "
        "leaves all later blocks without it."
    )


def passing_note(tokens: int, words: Sequence[Mapping[str, Any]]) -> str:
    """Which words are sinks in some layers only: the word, how often, and the layers."""
    told = [
        f"{word['word']!r} ({word['tokens']}, {ranges('layer', [int(k) for k in word['layers']])})"
        for word in words
    ]
    return (
        f"{several(tokens, 'token')} are sinks in some layers only and are not left "
        f"out: {', '.join(told)}."
    )


def without_passing(count: str, total: str, means: tuple[str, str] | None) -> str:
    """What a difference is without pairs that hold a passing sink, and with them, as a note.

    count: how many such pairs there are; means: None where nothing is left without them.
    """
    said = f"In {count} the target or its control is a sink in passing"
    if means is None:
        return f"{said}."
    return f"{said}; without them the difference in {total} is {means[0]}, with them {means[1]}."
