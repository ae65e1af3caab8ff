"""What attention and the MLP add: what a run must hold for it, and what must be said about it."""

from typing import Any

from odograph.errors import StudyError
from odograph.folder.card import Card
from odograph.folder.requirements import require_columns
from odograph.folder.run import Run
from odograph.folder.samples.closure import Closure, closure_of
from odograph.sentences.english import several
from odograph.sentences.parts import closure_words, layout_sentence, layout_words
from odograph.sentences.record import Words
from odograph.studies.demo import TWINS

MEASURES = ("attention_step", "mlp_step", "update_cosine", "attention_cosine", "mlp_cosine")
#: What both studies of the parts ask of a run, so that one run serves both.
NEEDS: dict[str, Any] = {"measures": MEASURES, "parts": 400, "untrained": TWINS}


def require_parts(run: Run) -> None:
    """Nothing, if attention and MLP were told apart in the run.

    Raises:
        StudyError: the model's self-check refuses the decomposition (the reason is named), or the
            run was measured without the parts.
    """
    decomposition = str(run.manifest["decomposition"])
    if decomposition.startswith("refused"):
        raise StudyError(
            "attention and MLP cannot be told apart in this model",
            expected="x_{l-1} + a_l + m_l = x_l in every block",
            given=decomposition,
            remedy="Studies of whole steps, such as path-length, can be done on the same run.",
        )
    remedy = f"Measure it again with --measures {','.join(MEASURES)}."
    require_columns(run, "layers", MEASURES, remedy)


def layout_of(run: Run) -> str:
    """How the blocks are wired, in words."""
    return layout_words(str(run.manifest["model"]["layout"]))


def notes_of(run: Run) -> list[str]:
    """How the blocks are wired, and how exactly the parts add up."""
    layout = str(run.manifest["model"]["layout"])
    return [layout_sentence(layout), closure_words_of(closure_of(run)).statement]


def closure_words_of(found: Closure) -> Words:
    """How exactly the parts add up."""
    return closure_words(found.error, found.tolerance, found.detail, found.lengths, found.tokens)


def with_closure(card: Card, run: Run) -> Card:
    """The card with the closure error behind the precision."""
    error = f"closure error {closure_of(run).error:.1e}"
    return {**card, "precision": f"{card['precision']}, {error}"}


def unit_words(count: int, unit: str) -> str:
    """The unit and n as the cards of both studies name them."""
    return f"1 {unit}, descriptive" if count == 1 else several(count, unit)
