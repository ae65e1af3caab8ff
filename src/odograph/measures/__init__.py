"""Every measure, declared once: name, unit, axis, formula, source.

Columns on disk, their metadata, the derived columns of the `layers` and `tokens` views, help texts,
axis labels and the reference page all come from the records here. Pure declarations: no torch.
"""

from odograph.errors import UsageError
from odograph.measures.between import BETWEEN_MODELS
from odograph.measures.neighbours import NEIGHBOURS
from odograph.measures.parts import PARTS
from odograph.measures.path import STEPS, WHOLE
from odograph.measures.predictions import PREDICTIONS
from odograph.measures.record import (
    ATTENTION,
    BLOCK,
    CENTRED,
    DEGREES,
    GROWTH,
    LAGS,
    MLP,
    MODEL_UNITS,
    READ,
    READINGS,
    STATE,
    STEP,
    TOKEN,
    TRIMMED,
    TURN,
    UNDOABLE,
    Measure,
)

__all__ = [
    "ABLATED",
    "ATTENTION",
    "BETWEEN",
    "BLOCK",
    "CENTRED",
    "DEFAULT_MEASURES",
    "DEGREES",
    "GROWTH",
    "LAGS",
    "LENSED",
    "MEASURES",
    "MLP",
    "MODEL_UNITS",
    "OF_OUTLIERS",
    "OPTIONAL",
    "PREDICTED",
    "PRIMITIVES",
    "READINGS",
    "STATE",
    "STEP",
    "TOKEN",
    "TRIMMED",
    "TURN",
    "UNDOABLE",
    "UNDONE_TURNS",
    "Measure",
    "check_names",
    "check_undone",
]

_RECORDS = (*STEPS, *PARTS, *NEIGHBOURS, *WHOLE, *BETWEEN_MODELS, *PREDICTIONS)
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _RECORDS}

PRIMITIVES: tuple[str, ...] = ("norm", "rotation", "step")
DEFAULT_MEASURES: tuple[str, ...] = (*PRIMITIVES, "straightness")
#: What `--logits` decides about, not `--measures`.
PREDICTED = ("next_logit", "next_logprob", "entropy", "rank")
#: What is taken by itself where the pilot finds outlier coordinates.
OF_OUTLIERS = frozenset(
    {"outlier_share", *(f"{name}_{reading}" for name in READ for reading in READINGS)}
)
#: What `--undo` decides about.
ABLATED = ("loss_change", "kl")
#: What is read out of table `undone_turns` where a run has it.
UNDONE_TURNS = ("turn_worth",)
#: What `--lens` decides about.
LENSED = (
    *("lens_logprob", "lens_rank", "lens_entropy"),
    *("choice_logprob", "choice_rank", "commitment_depth"),
)
#: What `compare --states` measures of two models together.
BETWEEN = tuple(measure.name for measure in BETWEEN_MODELS)
#: What `--measures` takes beyond the primitives; everything else is derived on reading.
OPTIONAL = frozenset(m.name for m in _RECORDS if m.stored or m.name in DEFAULT_MEASURES) - {
    *PRIMITIVES,
    *PREDICTED,
    *OF_OUTLIERS,
    *ABLATED,
    *LENSED,
    *BETWEEN,
}


#: What other options decide about than `--measures`.
_OF_OTHER_OPTIONS = frozenset({*PREDICTED, *ABLATED, *UNDONE_TURNS, *LENSED, *BETWEEN})


def check_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """The measures to take for the names asked for: the primitives always, in declared order.

    Names of derived measures are accepted: they need nothing beyond the primitives.

    Raises:
        UsageError: a name that is no measure, or one that another option decides about.
    """
    for name in names:
        if name in (*ABLATED, *UNDONE_TURNS):
            raise UsageError(
                f"measure '{name}' is not asked for by --measures",
                remedy="Use --undo all, or name what to undo.",
            )
        if name in LENSED:
            raise UsageError(
                f"measure '{name}' is not asked for by --measures", remedy="Use --lens."
            )
        if name in BETWEEN:
            raise UsageError(
                f"measure '{name}' is not asked for by --measures",
                remedy="It is of two runs: odograph compare BASE RUN --states.",
            )
        if name in PREDICTED:
            raise UsageError(
                f"measure '{name}' is not asked for by --measures",
                remedy="Use --logits target (next_logit) or --logits full (all four).",
            )
        if name not in MEASURES:
            raise UsageError(
                "unknown measure",
                expected=", ".join(n for n in MEASURES if n not in _OF_OTHER_OPTIONS),
                given=f"'{name}'",
            )
    wanted = {*PRIMITIVES, *names, *(_raw(name) for name in names)}
    return tuple(name for name in MEASURES if name in wanted)


def _raw(name: str) -> str:
    """The measure that a reading is one of; the name itself of what is none."""
    base, _, reading = name.rpartition("_")
    return base if reading in READINGS else name


def check_undone(names: tuple[str, ...]) -> tuple[str, ...]:
    """What to undo, in declared order; `all` stands for everything.

    Raises:
        UsageError: a name of nothing that can be undone.
    """
    for name in names:
        if name not in (*UNDOABLE, "all"):
            raise UsageError("undo", expected=f"{', '.join(UNDOABLE)} or all", given=f"'{name}'")
    return tuple(name for name in UNDOABLE if name in names or "all" in names)
