"""Ways timed in turn, round after round, so that what slows the machine slows all alike."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

Way = Callable[[], object]
Seconds = dict[str, list[float]]


@dataclass(frozen=True)
class Scale:
    """How much is run.

    Attributes:
        quick: tiny shapes and few rounds, to see that everything runs.
        threads: threads of the model.
        device: where the part `gpu` runs; "" for the first GPU.
        most: the most rounds.
    """

    quick: bool
    threads: int
    device: str = ""
    most: int = 1000

    def rounds(self, wanted: int) -> int:
        """How many rounds are run where so many are wanted."""
        return min(2 if self.quick else wanted, self.most)


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)


def interleaved(
    ways: Mapping[str, Way], rounds: int, wait: Callable[[], object] = lambda: None
) -> Seconds:
    """Seconds of each way in each round, after one turn of each that is not counted.

    Each round begins with another way, so that none always follows the same one. `wait` is called
    before each reading of the clock, for devices that run on their own.
    """
    for way in ways.values():
        way()
    names = list(ways)
    taken: Seconds = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            wait()
            started = perf_counter()
            ways[name]()
            wait()
            taken[name].append(perf_counter() - started)
    return taken


def over(values: Sequence[float], base: Sequence[float]) -> list[float]:
    """Ratios within each round."""
    return [value / of for value, of in zip(values, base, strict=True)]
