"""One quantity in a run, and all that it is held against, read once in one place."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from odograph.folder.requirements import require_rows
from odograph.folder.run import Run
from odograph.folder.run_words import without_pairs
from odograph.folder.samples.nulls import Nulls, beside_twins, read_nulls
from odograph.folder.selection import (
    Floats,
    Ints,
    Means,
    Pairs,
    pairs,
    profile_means,
    with_a_pair,
)
from odograph.folder.target_pairs import LIKE_PIECES, target_words, unlike_pieces
from odograph.folder.targets import has_targets, target_names
from odograph.sentences.pieces import unlike_words
from odograph.statistics.designs.seeds import SeedTest
from odograph.studies.groups import Groups, paired


class Contrast(ABC):
    """Whose quantity is looked at: that of targets beside others, without targets that of all.

    Attributes:
        everyone: all of them in a sentence: "a token".
        one: one of them: "token".
        whole: what it is taken among where pieces of words are no matter: "whole words".
        alone: SQL condition for the targets that lead where none has a control; None: all lead.
    """

    everyone: str
    one: str
    whole: str
    alone: str | None = None

    @abstractmethod
    def names(self, run: Run) -> tuple[str, str]:
        """Target and control in a sentence."""

    @abstractmethod
    def tokens(self, run: Run) -> str:
        """SQL condition for all of them."""

    @abstractmethod
    def target(self, run: Run) -> str:
        """SQL condition for the targets that have a control."""

    @abstractmethod
    def pairs(self, run: Run, quantity: "Quantity") -> Pairs:
        """Targets and controls, one row a passage that has both."""

    @abstractmethod
    def unlike_pieces(self, run: Run) -> str:
        """How many pairs differ in the pieces of their words, a clause; "" for none."""

    @abstractmethod
    def of_like_pieces(self, run: Run, quantity: "Quantity") -> Pairs:
        """As `pairs`, without those."""

    @abstractmethod
    def note(self, sample: "Sample") -> str:
        """What a reader must know of the two groups, or of their absence."""


class WordBefore(Contrast):
    """The target against the token before it; without targets every token."""

    everyone = "a token"
    one = "token"
    whole = "words of like pieces"
    alone = "role = 'target'"

    def names(self, run: Run) -> tuple[str, str]:
        """Target and control in a sentence."""
        return target_words(run), "the token before it"

    def tokens(self, run: Run) -> str:  # noqa: ARG002
        """SQL condition for every token."""
        return "true"

    def target(self, run: Run) -> str:
        """SQL condition for the targets that have a usable word before them."""
        return with_a_pair(run, "target")

    def pairs(self, run: Run, quantity: "Quantity") -> Pairs:
        """Targets and the tokens before them, one row a passage that has both."""
        return pairs(run, quantity.expression, quantity.from_layer)

    def unlike_pieces(self, run: Run) -> str:
        """How many targets and tokens before them belong to words of unlike numbers of pieces."""
        return unlike_words(*unlike_pieces(run))

    def of_like_pieces(self, run: Run, quantity: "Quantity") -> Pairs:
        """As `pairs`, of words of equally many pieces."""
        return pairs(run, quantity.expression, quantity.from_layer, LIKE_PIECES)

    def note(self, sample: "Sample") -> str:
        """What the two groups differ in besides, or why there are none."""
        if sample.groups is None:
            whose = "all tokens" if sample.alone is None else sample.subject
            return without_pairs(sample.run, f"those of {whose}, and no test is made")
        return (
            f"{sample.groups.target} and the token before it are two kinds of words at two "
            "positions; a difference between them does not show that being a target matters."
        )


WORD_BEFORE = WordBefore()


@dataclass(frozen=True)
class Quantity:
    """One number of every token at every layer.

    Attributes:
        measure: in a sentence: "rotation".
        expression: SQL over the columns of `layers` and `tokens`, as in `profile_means`.
        unit: of the values; "1" for none.
        from_layer: 0 for what states have, 1 for what steps have.
        summed: whether a token's layers are added up; else they are averaged.
        contrast: whose it is; None: that of all tokens, targets or not.
    """

    measure: str
    expression: str
    unit: str = "1"
    from_layer: int = 1
    summed: bool = False
    contrast: Contrast | None = WORD_BEFORE

    @property
    def along(self) -> str:
        """What a layer of it is called: a `block` of steps, a `layer` of states."""
        return "block" if self.from_layer else "layer"

    @property
    def total(self) -> str:
        """One number a token in a sentence."""
        if self.summed:
            return f"{self.measure} summed over all {self.along}s"
        return f"{self.along}-averaged {self.measure}"

    @property
    def axis(self) -> str:
        """The label of a figure's axis."""
        return self.measure if self.unit == "1" else f"{self.measure} ({self.unit})"

    @property
    def everyone(self) -> str:
        """Whose it is without targets, in a sentence."""
        return "a token" if self.contrast is None else self.contrast.everyone

    @property
    def key(self) -> str:
        """In names of figures and tables."""
        return self.measure.replace(" ", "_").replace("-", "_")

    def of_layers(self, values: Floats) -> Floats:
        """One number of all layers: [..., layers] to [...]."""
        return np.asarray(values.sum(axis=-1) if self.summed else values.mean(axis=-1))


@dataclass(frozen=True, eq=False)
class Sample:
    """A quantity in a run: curves with one row a passage, and the same in every null.

    Attributes:
        run: the run, or its confirmation half.
        quantity: what is measured.
        everything: of all tokens.
        alone: of the targets, where none of them has a control; None elsewhere.
        groups: targets against their controls, with the same of the exploration half; None without
            targets, or where no pair is left.
        nulls: the leading curve in the untrained twins and in random order.
    """

    run: Run
    quantity: Quantity
    everything: Means
    alone: Means | None
    groups: Groups | None
    nulls: Nulls

    @property
    def layers(self) -> Ints:
        """The layers of the curves."""
        return np.arange(self.quantity.from_layer, self.run.blocks + 1)

    @property
    def subject(self) -> str:
        """Whose curve leads, in a sentence."""
        if self.groups is not None:
            return self.groups.target
        return self.quantity.everyone if self.alone is None else target_words(self.run)

    @property
    def leading(self) -> Floats:
        """The leading curve, [passages, layers]."""
        return self._ungrouped.values if self.groups is None else self.groups.pairs.target

    @property
    def twins_differences(self) -> Sequence[Floats]:
        """Target minus control in each twin, [units, layers]; () without."""
        twins = None if self.groups is None else self.groups.nulls.twins
        return () if twins is None else tuple(twins)

    @property
    def total_over_seeds(self) -> SeedTest | None:
        """One number against that of the twins; None without twins."""
        tested = self.nulls.over_seeds
        return None if tested is None else total_of(tested, self.quantity)

    @property
    def totals(self) -> Floats:
        """One number a passage, [passages]."""
        return self.quantity.of_layers(self.leading)

    @property
    def excluded(self) -> int:
        """How many passages gave no leading curve."""
        return self._ungrouped.excluded if self.groups is None else self.groups.pairs.excluded

    @property
    def _ungrouped(self) -> Means:
        return self.everything if self.alone is None else self.alone


def total_of(tested: SeedTest, quantity: Quantity) -> SeedTest:
    """The test over seeds of all layers in one number."""
    return tested.of(quantity.of_layers)


def read_sample(run: Run, quantity: Quantity) -> Sample:
    """Reads the quantity and all its nulls once.

    Raises:
        StudyError: the run holds no such token.
    """
    contrast, first = quantity.contrast, quantity.from_layer
    where = "true" if contrast is None else contrast.tokens(run)
    everything = profile_means(run, quantity.expression, where, first)
    require_rows(everything.values, "token" if contrast is None else contrast.one)
    groups, alone, own = None, None, everything
    if contrast is not None and has_targets(run):
        groups = _paired_groups(run, quantity, contrast)
        alone = _targets_alone(run, quantity, contrast) if groups is None else None
        if groups is not None:
            where, own = contrast.target(run), Means(groups.pairs.passages, groups.pairs.target)
        elif alone is not None:
            where, own = contrast.alone or where, alone
    read = partial(profile_means, expression=quantity.expression, where=where, from_layer=first)
    return Sample(run, quantity, everything, alone, groups, read_nulls(run, own, read))


def _targets_alone(run: Run, quantity: Quantity, contrast: Contrast) -> Means | None:
    """The targets where none has a control; None where all tokens lead."""
    if contrast.alone is None:
        return None
    means = profile_means(run, quantity.expression, contrast.alone, quantity.from_layer)
    return means if len(means.values) else None


def _paired_groups(run: Run, quantity: Quantity, contrast: Contrast) -> Groups | None:
    """Targets and controls; None where no pair is left."""
    found = contrast.pairs(run, quantity)
    if not len(found.passages):
        return None
    half = run.exploration
    own = Means(found.passages, found.target - found.control)
    drawn, twins = beside_twins(own, _differences(run, quantity))
    return Groups(
        quantity.measure,
        *contrast.names(run),
        found,
        paired(found, run.seed),
        run.seed,
        along=quantity.along,
        explored=None if half is None else contrast.pairs(half, quantity),
        nulls=Nulls(twins, drawn),
        words=len(target_names(run)),
    )


def _differences(run: Run, quantity: Quantity) -> list[Means]:
    """Target minus control in each untrained twin."""
    if quantity.contrast is None:
        return []
    found = [quantity.contrast.pairs(twin, quantity) for twin in run.untrained]
    return [Means(one.passages, one.target - one.control) for one in found]
