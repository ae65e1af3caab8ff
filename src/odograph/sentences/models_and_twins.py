"""Models beside their untrained twins, which may have read some of the texts alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from odograph.sentences.english import capital, listed, several
from odograph.sentences.numbers import number


@dataclass(frozen=True)
class TwinsOfOne:
    """One number of a model and of its untrained twins, in the texts that these have read.

    Attributes:
        twins: mean over the twins; NaN where they have read none of the texts.
        model: that of the model itself in the same texts.
        count: how many these are.
        read: the same in words, where not all: "6 of 24 passages".
    """

    twins: float
    model: float
    count: int
    read: str = ""


@dataclass(frozen=True)
class TwinsOfTwo:
    """One number of two models and their twins.

    Attributes:
        alone: of the model and of the reference, in the texts that its twins have read; None where
            none was measured.
        both: the same in the texts that the twins of both have read.
    """

    alone: tuple[TwinsOfOne | None, TwinsOfOne | None]
    both: tuple[TwinsOfOne, TwinsOfOne] | None = None


_OPEN = "How much of it is depth and architecture is open"


def beside_models(names: tuple[str, str], found: TwinsOfTwo, unit: str) -> str:
    """What depth and architecture alone give: the same of both models' untrained twins."""
    measured = {n: own for n, own in zip(names, found.alone, strict=True) if own is not None}
    if not measured:
        return f"{_OPEN}: no untrained twin was measured."
    told = [name for name, own in measured.items() if own.count]
    if not told:
        return f"{_OPEN}: {_none_read(list(measured))}."
    if len(told) == 1:
        others = [name for name in measured if name not in told]
        why = _none_read(others) if others else "of the other model none was measured"
        return f"{_of_one(told[0], measured[told[0]], unit)}; {why}."
    if found.both is None or not found.both[0].count:
        return f"{_OPEN}: no text was read by the untrained twins of both."
    return _of_both(names, found.both, unit)


def _of_one(name: str, of: TwinsOfOne, unit: str) -> str:
    there = f", in {of.read} that they have read," if of.read else ""
    twins, own = (f"{number(value)}{_ending(unit)}" for value in (of.twins, of.model))
    return f"Untrained twins{there} give {twins} for {name}, which has {own} there itself"


def _of_both(names: tuple[str, str], both: tuple[TwinsOfOne, TwinsOfOne], unit: str) -> str:
    ending, read = _ending(unit), both[0].read
    given = " and ".join(
        f"{number(of.twins)}{ending} for {name}" for name, of in zip(names, both, strict=True)
    )
    apart, difference = both[0].twins - both[1].twins, both[0].model - both[1].model
    in_these = f" in {read} that both have read," if read else ""
    said = (
        f"Their untrained twins, of the same depths,{in_these} give {given}: a difference of "
        f"{number(apart)}{ending}"
    )
    beyond, side = number(abs(difference - apart)), "above" if difference > apart else "below"
    if beyond == number(0):
        return f"{said}, as the models do{' there' if read else ''}."
    there = f" in the same texts, {number(difference)}{ending}," if read else ""
    return f"{said}; that of the models{there} lies {beyond}{ending} {side} it."


def _none_read(names: Sequence[str]) -> str:
    return f"the untrained twins of {listed(names)} have read none of these texts"


def _ending(unit: str) -> str:
    return "" if unit == "1" else f" {unit}"


@dataclass(frozen=True)
class TwinsRead:
    """How many of the texts the untrained twins of several models have read.

    Attributes:
        counts: by model, of how many texts how many; None where no twin was measured.
        unit: what the texts are called.
    """

    counts: Mapping[str, tuple[int, int] | None]
    unit: str

    @property
    def shown(self) -> bool:
        """Whether there is anything of a twin to show."""
        return any(own is not None and own[0] for own in self.counts.values())

    @property
    def read(self) -> str:
        """How many those that have read any have read, where not all: "6 of 24 passages".

        "6 to 12 of 24 passages" where some have read fewer; of other texts, model by model.
        """
        known = {name: own for name, own in self.counts.items() if own is not None and own[0]}
        if all(count == every for count, every in known.values()):
            return ""
        if len({every for _, every in known.values()}) > 1:
            return listed([f"{self._of(str(n), every)} ({m})" for m, (n, every) in known.items()])
        counts, every = sorted(known.values()), next(iter(known.values()))[1]
        ends = dict.fromkeys((counts[0][0], counts[-1][0]))
        return self._of(" to ".join(f"{end:,}" for end in ends), every)

    @property
    def null(self) -> str:
        """What a figure with their bands has as its null, and of which models there are none."""
        if not self.shown:
            if any(own is not None for own in self.counts.values()):
                return "none: untrained twins have read none of these texts"
            return "no untrained twin was measured"
        return f"each model's untrained twins{self.without}"

    @property
    def without(self) -> str:
        """Of which models there are none, behind a null; "" where there are of all."""
        names = [name for name, own in self.counts.items() if own is None or not own[0]]
        return f"; none of {', '.join(names)}" if names else ""

    @property
    def bands(self) -> str:
        """What grey bands are, a sentence to follow in a caption; "" where there are none."""
        if not self.shown:
            return ""
        read = f", in {self.read}" if self.read else ""
        return f" Grey: each model's untrained twins{read}, 5 to 95 % with the mean as a thin line."

    @property
    def notes(self) -> list[str]:
        """That they have read some of the texts alone, or none; no note where all of them."""
        none = [name for name, own in self.counts.items() if own is not None and not own[0]]
        some = f"Untrained twins have read {self.read}"
        return [
            *([f"{some}: what is told and drawn of them is of these alone."] if self.read else []),
            *([f"{capital(_none_read(none))}."] if none else []),
        ]

    def _of(self, count: str, every: int) -> str:
        return f"{count} of {several(every, self.unit)}"
