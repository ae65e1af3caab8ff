"""What attention sinks carry: which block writes it, and which takes it away."""

from collections.abc import Mapping
from typing import Any

from odograph.measures import MODEL_UNITS
from odograph.sentences.english import capital, several
from odograph.sentences.numbers import number, percent

CARRIED_PLAIN = (
    "A few tokens carry something very long through the network, on which attention rests; "
    "whatever undoes the block that writes it undoes more than the turn of that block. Growth "
    "is exact: what attention and the MLP add along the state adds up to it."
)


def who_writes(event: Mapping[str, Any]) -> str:
    """A block and its part: "the MLP of block 12", "block 12"."""
    named = {"mlp": "the MLP of ", "attention": "attention of "}.get(event["part"], "")
    return f"{named}block {event['block']}"


def carried_sentence(carry: str, found: Mapping[str, Any]) -> str:
    """Where what sinks carry is written and taken away, as the pilot has found it.

    carry: "the sink at position 0 carries".
    """
    written, removed = found["written"], found.get("removed")
    taken = "no block takes it away"
    if removed:
        share = "most" if -removed["growth"] > written["growth"] / 2 else "some"
        taken = f"{who_writes(removed)} takes {share} of it away ({number(removed['growth'])})"
    return (
        f"What {carry} is written by {who_writes(written)}: there the state grows by "
        f"{number(written['growth'])} {MODEL_UNITS}, and then {percent(written['share'])} of its "
        f"squared length lies in coordinate {written['coordinate']}; {taken} (n = "
        f"{several(int(found['tokens']), 'sink')}; descriptive, no test)."
    )


def carried_headline(carry: str, written: Mapping[str, Any]) -> str:
    """The block that writes it."""
    coordinate = written["coordinate"]
    return f"{capital(who_writes(written))} writes what {carry}, in coordinate {coordinate}"
