"""What attention and the MLP add: what a run must hold for it, and what must be said about it."""

from typing import Any

from odograph.errors import StudyError
from odograph.folder.card import Card
from odograph.folder.requirements import require_columns
from odograph.folder.run import Run
from odograph.folder.samples.closure import Closure, closure_of
from odograph.sentences.english import capital, several
from odograph.studies.demo import TWINS

MEASURES = ("attention_step", "mlp_step", "update_cosine", "attention_cosine", "mlp_cosine")
#: What both studies of the parts ask of a run, so that one run serves both.
NEEDS: dict[str, Any] = {"measures": MEASURES, "parts": 400, "untrained": TWINS}


_LAYOUTS = {
    "sequential": "sequential blocks: the MLP has seen what attention added",
    "parallel": "parallel blocks: attention and the MLP read the same input",
}


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
    layout = str(run.manifest["model"]["layout"])
    return _LAYOUTS.get(layout, f"{layout} blocks")


def layout_note(run: Run) -> str:
    """How the blocks are wired, and with which models the result may be compared."""
    return (
        f"{capital(layout_of(run))}. Results of sequential and of parallel blocks are not "
        "comparable."
    )


def closure_words(closure: Closure) -> str:
    """The closure error in a sentence of its own."""
    said = (
        f"What attention and the MLP add gives the whole step: relative error "
        f"{closure.error:.1e} on the self-check (n = 1 prompt; tolerance "
        f"{closure.tolerance:.0e}; {closure.detail})"
    )
    if closure.lengths is not None:
        said += (
            f"; over all {closure.tokens:,} tokens of the run the length of the step and |a + m| "
            f"differ by at most {closure.lengths:.1e} of |a| + |m|"
        )
    return f"{said}."


def with_closure(card: Card, run: Run) -> Card:
    """The card with the closure error behind the precision."""
    error = f"closure error {closure_of(run).error:.1e}"
    return {**card, "precision": f"{card['precision']}, {error}"}


def unit_words(count: int, unit: str) -> str:
    """The unit and n as the cards of both studies name them."""
    return f"1 {unit}, descriptive" if count == 1 else several(count, unit)
