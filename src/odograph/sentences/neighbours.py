"""How the angles of two kinds of pairs of tokens compare."""

from odograph.sentences.numbers import number
from odograph.statistics.values import Interval


def told_apart(mean: float, interval: Interval | None, others: str) -> str:
    """`is 3 degrees smaller than ...`, or that the two cannot be told apart."""
    if interval is not None and interval.low <= 0 <= interval.high:
        return f"cannot be told apart from {others} (difference {number(mean)} degrees; "
    way = "larger" if mean > 0 else "smaller"
    return (
        f"is {number(abs(mean))} degrees {way} than {others} (difference {number(mean)} degrees; "
    )


def lags_headline(longest: int, apart: float, interval: Interval | None) -> str:
    """Whether tokens far apart stand farther from each other than neighbours."""
    far = f"Tokens {longest} places apart"
    if interval is None or interval.low <= 0 <= interval.high:
        return f"{far} are not shown to stand at another angle than neighbours"
    nearer = "farther from" if apart > 0 else "nearer to"
    return f"{far} stand {number(abs(apart))} degrees {nearer} each other than neighbours"


def first_pair_headline(apart: float, interval: Interval | None) -> str:
    """The pair with position 0 beside the others."""
    if interval is None or interval.low <= 0 <= interval.high:
        return (
            "The angle of the first two tokens is not shown to differ from that of later neighbours"
        )
    more = "farther apart" if apart > 0 else "closer"
    return f"The first token and the next are {number(abs(apart))} degrees {more} than other pairs"
