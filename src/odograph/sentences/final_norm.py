"""The last step before and after the final norm, in sentences."""

from collections.abc import Mapping

from odograph.measures import MODEL_UNITS
from odograph.sentences.evidence import interval_words
from odograph.sentences.numbers import number
from odograph.sentences.record import Words
from odograph.statistics.values import Interval


def with_norm(name: str, means: Mapping[str, float], ratio: Interval | None, sample: str) -> Words:
    """The last step under stream and hf; ratio: the interval of how many times as long it is."""
    stream, hf = means["last_step_stream"], means["last_step_hf"]
    turned, turned_hf = means["last_rotation_stream"], means["last_rotation_hf"]
    share = ""
    if hf > stream:
        share = f"; without the norm it is {100 * (1 - stream / hf):.0f} % shorter"
    times = f"{number(hf / stream)} times as long"
    return Words(
        f"The last step of {name} is {number(stream)} {MODEL_UNITS} long under stream and "
        f"{number(hf)} under hf, {times} (of that ratio: {interval_words(ratio)}; {sample}; "
        f"descriptive, no test){share}; it turns by {number(turned)} degrees under stream and "
        f"{number(turned_hf)} under hf.",
        "The state that Hugging Face returns last has already been through the final norm; the "
        "length of the last step measured on it is not the length of what the last block adds.",
        f"Read after the final norm, the last step is {times}",
    )


def without_norm(
    name: str, means: Mapping[str, float], interval: Interval | None, sample: str
) -> Words:
    """The last step of a model that has no final norm; interval: of its length."""
    length, turned = means["last_step_stream"], means["last_rotation_stream"]
    long = f"The last step of {name} is {number(length)} {MODEL_UNITS} long"
    return Words(
        f"{long} and turns by {number(turned)} degrees ({interval_words(interval, MODEL_UNITS)}; "
        f"{sample}; descriptive, no test). There is no final norm: hf is the same as stream.",
        "No norm stands behind the last block: what Hugging Face returns last is its output.",
        long,
    )
