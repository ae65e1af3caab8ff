"""Pairs of neighbouring tokens: which there are, a target's against all others, models compared."""

from collections.abc import Sequence

import numpy as np

from odograph.folder.alignment import Shared
from odograph.folder.document_names import document_names
from odograph.folder.requirements import require_all_tokens, require_columns
from odograph.folder.run import Run
from odograph.folder.run_words import without_pairs
from odograph.folder.samples.model_curves import STATE, DepthMeasure
from odograph.folder.samples.neighbours import (
    ANGLE,
    NEEDED,
    WHOLE,
    behind_its_neighbour,
    beside,
    pairs_with_pieces,
)
from odograph.folder.selection import Pairs, documents_with_targets, profile_means
from odograph.folder.target_pairs import target_words
from odograph.folder.token_sets import other_pairs_where
from odograph.measures import DEGREES
from odograph.sentences.pieces import with_pieces
from odograph.statistics.designs.models import MAX_T_DEPTHS
from odograph.studies.model_runner import Look, ModelAnalysis, ModelComparison
from odograph.studies.questions.depths import depths
from odograph.studies.questions.readings import in_readings_of_models
from odograph.studies.sample import Contrast, Quantity, Sample
from odograph.studies.section import Answer


class TargetPair(Contrast):
    """The pair of target and word before it, against the pairs that hold no target."""

    everyone = "neighbouring tokens"
    one = "pair of neighbours"
    whole = "whole words"

    def names(self, run: Run) -> tuple[str, str]:
        """Target and control in a sentence."""
        return f"{target_words(run)} and the token before it", "other neighbouring pairs"

    def tokens(self, run: Run) -> str:
        """SQL condition for tokens with a usable neighbour before them."""
        return beside(run, 1)

    def target(self, run: Run) -> str:
        """SQL condition for a target right behind the token before it, not behind its own piece."""
        return behind_its_neighbour(run)

    def pairs(self, run: Run, quantity: Quantity) -> Pairs:
        """Target pair and other pairs of the passages that have both."""
        return self._where(run, quantity, "true")

    def _where(self, run: Run, quantity: Quantity, more: str) -> Pairs:
        """Those of which the second token fulfils one more SQL condition."""
        target, other = (
            profile_means(run, quantity.expression, f"{kind} and {more}", quantity.from_layer)
            for kind in (self.target(run), _other_pair(run))
        )
        both = np.intersect1d(target.units, other.units)
        return Pairs(
            both.astype(np.int64),
            target.layers,
            target.values[np.isin(target.units, both)],
            other.values[np.isin(other.units, both)],
            documents_with_targets(run) - len(both),
            document_names(run, both),
        )

    def unlike_pieces(self, run: Run) -> str:
        """How many pairs of neighbours hold a piece of a split word."""
        target, other = (
            pairs_with_pieces(run, kind) for kind in (self.target(run), _other_pair(run))
        )
        return with_pieces(target, other)

    def of_like_pieces(self, run: Run, quantity: Quantity) -> Pairs:
        """Target pair and other pairs of whole words only."""
        return self._where(run, quantity, WHOLE)

    def note(self, sample: Sample) -> str:
        """What the target pair differs in besides, or why there is none."""
        if sample.groups is None:
            return without_pairs(sample.run, "those of all pairs of neighbours")
        return (
            f"{sample.groups.target} is one kind of pair at its own positions; that it differs "
            "from other pairs does not show that being a target matters. Other pairs hold no "
            "target; a target of several pieces counts only where the token before it stands "
            "directly before the token that is read."
        )


NEIGHBOURS = Quantity("angle", ANGLE, DEGREES, from_layer=0, contrast=TargetPair())


def _other_pair(run: Run) -> str:
    """A pair of neighbours of which neither is a target."""
    return other_pairs_where(keep_first=bool(run.manifest["config"]["keep_first"]))


def require_neighbours(run: Run, needed: Sequence[str] = NEEDED) -> None:
    """Nothing, if the run holds all tokens of a passage and these columns of `layers`.

    Raises:
        StudyError: it holds targets only, or lacks one.
    """
    require_all_tokens(run, "neighbours")
    remedy = f"Measure it again with --measures {','.join(needed)}."
    require_columns(run, "layers", needed, remedy)


ANGLE_AXIS = "angle (degrees)"


_ANGLE = DepthMeasure(
    name="angle",
    measure="angle between neighbouring tokens",
    expression=ANGLE,
    unit=DEGREES,
    axis="neighbour angle (degrees)",
    kind=STATE,
    number="mean angle between neighbouring tokens over all states",
    angle=ANGLE,
)


def _look(shared: Shared) -> Look:
    """Pairs that every tokenizer cuts alike: both tokens end at the same characters."""
    before = shared.usable.copy()
    before[1:] = shared.usable[:-1]
    return Look(_ANGLE, shared.adjacent & before, beside(shared.runs[0], 1))


def _require_angle(run: Run) -> None:
    require_neighbours(run, (ANGLE,))


def _cut_alike(analysis: ModelAnalysis) -> Answer:  # noqa: ARG001
    return Answer(notes=["Only pairs of neighbours that all tokenizers cut alike."])


COMPARISON = ModelComparison(
    look=_look,
    sections=(
        in_readings_of_models(
            depths("Differences of the angle between neighbours by relative depth (degrees)")
        ),
        _cut_alike,
    ),
    tests=(MAX_T_DEPTHS,),
    unit=DEGREES,
    requires=_require_angle,
)
