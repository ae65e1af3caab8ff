"""Every measure, declared once: name, unit, axis, formula, source.

Columns on disk, their metadata, the derived columns of the `layers` and `tokens` views, help texts,
axis labels and the reference page all come from the records here. Pure declarations: no torch.
"""

from dataclasses import dataclass

from odograph.errors import UsageError

DEGREES = "degrees"
MODEL_UNITS = "model units"
PURE = "1"
NATS = "nats"

# How a measure runs along the path: every state 0..L, every step 1..L, once a token, every run of
# neighbouring blocks, or everything that is undone in a block (these two in tables of their own,
# `spans` and `ablations`, a row a passage).
STATE, STEP, TOKEN, SPAN, UNDONE = "state", "step", "token", "span", "undone"

#: What can be undone in a block (`models/undoing`), in the order in which it is listed.
UNDOABLE = TURN, GROWTH, ATTENTION, MLP, BLOCK = ("turn", "growth", "attention", "mlp", "block")


@dataclass(frozen=True)
class Measure:
    """One measured quantity.

    Attributes:
        name: column name, everywhere.
        unit: `degrees`, `model units`, `nats` or `1`.
        axis: `state` (0..L), `step` (1..L, null at layer 0), `token` (once a token), `span`
            (every run of blocks, once a passage) or `undone` (each thing undone in each block, once
            a passage).
        label: axis label without the unit.
        formula: as in the method book; x_l is the state after block l.
        definition: one sentence.
        sql: how it follows from stored columns; empty for a stored primitive.
        source: where the definition comes from, if it is not ours.
        needs: stored columns, beyond the primitives, that it follows from.
    """

    name: str
    unit: str
    axis: str
    label: str
    formula: str
    definition: str
    sql: str = ""
    source: str = ""
    needs: tuple[str, ...] = ()

    @property
    def stored(self) -> bool:
        """Whether the measure is a column on disk; if not, it is derived on reading."""
        return not self.sql

    @property
    def axis_label(self) -> str:
        """The label of a figure's axis, with the unit."""
        return self.label if self.unit == PURE else f"{self.label} ({self.unit})"


#: Readings of an angle beside the raw one, as suffixes of its name: without the run's outlier
#: coordinates, and about the mean state of the layer.
TRIMMED, CENTRED = READINGS = ("trimmed", "centred")
#: The measures that are read so.
READ = ("rotation", "influence", "neighbour_angle")

#: Distances in tokens at which neighbours are compared, beyond the next one.
LAGS = (2, 4, 8)

_ALONG = "(partition by passage, position order by layer)"


_LENS = "nostalgebraist 2020 (logit lens); Belrose et al. 2023 (2303.08112, tuned lens)"


def _influence(rotation: str) -> str:
    """1 - cos(a) of an angle as 2 sin^2(a/2): no cancellation at small angles."""
    return f"2 * pow(sin(radians({rotation}::double) / 2), 2)"


_RECORDS = (
    Measure("norm", MODEL_UNITS, STATE, "length of the state", "|x_l|", "Length of the state."),
    Measure(
        "rotation",
        DEGREES,
        STEP,
        "rotation in the block",
        "angle(x_{l-1}, x_l)",
        "Angle by which block l turns the state.",
        source="Kahan, Computing Cross-Products and Rotations, sec. 13 (the stable form)",
    ),
    Measure(
        "step",
        MODEL_UNITS,
        STEP,
        "length of the step",
        "|x_l - x_{l-1}|",
        "Length of what block l adds to the state.",
    ),
    Measure(
        "relative_step",
        PURE,
        STEP,
        "step / state before it",
        "step / |x_{l-1}|",
        "Step length in units of the state that it is added to.",
        sql=f"step / lag(norm) over {_ALONG}",
    ),
    Measure(
        "growth",
        PURE,
        STEP,
        "growth of the state",
        "|x_l| / |x_{l-1}|",
        "Factor by which block l lengthens the state.",
        sql=f"norm / lag(norm) over {_ALONG}",
    ),
    Measure(
        "path",
        MODEL_UNITS,
        STEP,
        "path length so far",
        "sum of step over 1..l",
        "Length of the path up to block l.",
        sql=f"sum(step) over {_ALONG}",
    ),
    Measure(
        "turned",
        DEGREES,
        STEP,
        "turned so far",
        "sum of rotation over 1..l",
        "Degrees turned up to block l: the path length without a scale.",
        sql=f"sum(rotation) over {_ALONG}",
    ),
    Measure(
        "influence",
        PURE,
        STEP,
        "block influence",
        "1 - cos(x_{l-1}, x_l)",
        "One minus the cosine between the states before and after block l.",
        sql=_influence("rotation"),
        source="Men et al. 2024, ShortGPT (2403.03853)",
    ),
    Measure(
        "outlier_share",
        PURE,
        STATE,
        "share of the outlier coordinates",
        "sum of x_l[j]^2 over outliers j / |x_l|^2",
        "Share of the squared length that lies in the run's outlier coordinates: those that hold a "
        "quarter or more of it, on the mean over the pilot's tokens, at some layer.",
        source="Timkey & van Schijndel 2021 (2109.04404); Sun et al. 2024 (2402.17762)",
    ),
    Measure(
        "rotation_trimmed",
        DEGREES,
        STEP,
        "rotation without outliers",
        "angle(x_{l-1}, x_l), both without the outlier coordinates",
        "Angle by which block l turns the state, the run's outlier coordinates left out.",
        source="Timkey & van Schijndel 2021 (2109.04404)",
    ),
    Measure(
        "rotation_centred",
        DEGREES,
        STEP,
        "rotation about the mean",
        "angle(x_{l-1} - mu_{l-1}, x_l - mu_l)",
        "Angle by which block l turns the state, mu_l, the mean state of layer l over the pilot's "
        "tokens, taken away.",
        source="Timkey & van Schijndel 2021 (2109.04404)",
    ),
    *(
        Measure(
            f"influence_{reading}",
            PURE,
            STEP,
            f"block influence {words}",
            f"1 - cos of rotation_{reading}",
            f"One minus the cosine between the states before and after block l, {words}.",
            sql=_influence(f"rotation_{reading}"),
            needs=(f"rotation_{reading}",),
        )
        for reading, words in (("trimmed", "without outliers"), ("centred", "about the mean"))
    ),
    Measure(
        "bend",
        DEGREES,
        STEP,
        "bend between steps",
        "angle(x_{l-1} - x_{l-2}, x_l - x_{l-1})",
        "Angle between step l-1 and step l; null at layers 0 and 1.",
    ),
    Measure(
        "heading",
        DEGREES,
        STEP,
        "heading of the step",
        "angle(x_{l-1}, x_l - x_{l-1})",
        "Angle between the state and what block l adds to it: 0 lengthens, 90 is sideways, 180 "
        "shortens; what growth and rotation say together.",
        sql=(
            "case when step = 0 then 'nan'::double else degrees(atan2("
            "norm::double * sin(radians(rotation::double)), "
            f"norm::double * cos(radians(rotation::double)) - lag(norm) over {_ALONG})) end"
        ),
    ),
    Measure(
        "attention_step",
        MODEL_UNITS,
        STEP,
        "length of attention's step",
        "|a_l|",
        "Length of what attention adds in block l.",
    ),
    Measure(
        "mlp_step",
        MODEL_UNITS,
        STEP,
        "length of the MLP's step",
        "|m_l|",
        "Length of what the MLP adds in block l.",
    ),
    Measure(
        "update_cosine",
        PURE,
        STEP,
        "cosine of attention's and MLP's step",
        "cos(a_l, m_l)",
        "Cosine between what attention and what the MLP add in block l.",
    ),
    Measure(
        "attention_cosine",
        PURE,
        STEP,
        "cosine of attention's step with the state",
        "cos(a_l, x_{l-1})",
        "Cosine between what attention adds and the state that it is added to.",
    ),
    Measure(
        "mlp_cosine",
        PURE,
        STEP,
        "cosine of the MLP's step with the state",
        "cos(m_l, x_{l-1} + a_l)",
        "Cosine between what the MLP adds and the state that it is added to; in a parallel block "
        "that is x_{l-1}.",
    ),
    Measure(
        "neighbour_angle",
        DEGREES,
        STATE,
        "angle to the token before",
        "angle(x_l[i-1], x_l[i])",
        "Angle between neighbouring tokens inside a layer; null at position 0.",
    ),
    Measure(
        "neighbour_angle_trimmed",
        DEGREES,
        STATE,
        "angle to the token before, without outliers",
        "angle(x_l[i-1], x_l[i]), both without the outlier coordinates",
        "Angle between neighbouring tokens inside a layer, the run's outlier coordinates left out; "
        "null at position 0.",
    ),
    Measure(
        "neighbour_angle_centred",
        DEGREES,
        STATE,
        "angle to the token before, about the mean",
        "angle(x_l[i-1] - mu_l, x_l[i] - mu_l)",
        "Angle between neighbouring tokens inside a layer, the layer's mean state taken away; null "
        "at position 0.",
    ),
    *(
        Measure(
            f"neighbour_angle_{lag}",
            DEGREES,
            STATE,
            f"angle to the token {lag} before",
            f"angle(x_l[i-{lag}], x_l[i])",
            f"Angle between tokens {lag} apart inside a layer; null at the first {lag} positions.",
        )
        for lag in LAGS
    ),
    Measure(
        "token_bend",
        DEGREES,
        STATE,
        "bend from token to token",
        "angle(x_l[i] - x_l[i-1], x_l[i+1] - x_l[i])",
        "Angle between the way from token i-1 to i and from i to i+1, inside a layer; null at the "
        "first and the last position.",
        source="Hosseini & Fedorenko 2023 (2311.04930)",
    ),
    Measure(
        "displacement",
        MODEL_UNITS,
        TOKEN,
        "distance from start to end",
        "|x_L - x_0|",
        "Straight distance between the first and the last state.",
    ),
    Measure(
        "straightness",
        PURE,
        TOKEN,
        "straightness of the path",
        "|x_L - x_0| / path_L",
        "Straight distance over path length: 1 is a straight line.",
        sql="displacement / last_path",
    ),
    Measure(
        "block_distance",
        PURE,
        SPAN,
        "angular distance",
        "angle(x_l, x_{l+n}) / 180",
        "How far the n blocks l+1 to l+n together turn the state: 0 not at all, 1 a half turn; "
        "mean over the tokens of a passage, and its last token. Table `spans`, in degrees.",
        source="Gromov et al. 2024 (2403.17887)",
    ),
    Measure(
        "loss_change",
        NATS,
        UNDONE,
        "change in next-token loss",
        "log p[next] - log q[next], q with something undone in block l",
        "By how much the next-token loss rises when in block l alone the turn, the growth, what "
        "attention or the MLP adds, or the whole block is undone; mean over tokens. Table "
        "`ablations`.",
    ),
    Measure(
        "kl",
        NATS,
        UNDONE,
        "divergence from the model's own prediction",
        "sum p log(p / q), q with something undone in block l",
        "Kullback-Leibler divergence of the next-token distribution with something undone in block "
        "l from the model's own; mean over tokens. Table `ablations`.",
    ),
    Measure(
        "turn_worth",
        NATS,
        STEP,
        "worth of the turn",
        "log p[next] - log q[next], q with the turn of block l undone",
        "By how much a token's own next-token loss rises when the turn of block l is undone, at it "
        "and at the tokens before it: `loss_change` of table `undone_turns`.",
        sql="loss_change",
    ),
    Measure(
        "lens_logprob",
        NATS,
        STATE,
        "log-probability of the next token, read at each depth",
        "z[next] - logsumexp(z), z = head(N(x_l))",
        "Log-probability of the token that really follows, read at depth l with the final norm and "
        "the head. Table `lens`.",
        source=_LENS,
    ),
    Measure(
        "lens_rank",
        PURE,
        STATE,
        "rank of the next token, read at each depth",
        "1 + #{z > z[next]}, z = head(N(x_l))",
        "Rank of the token that really follows, read at depth l; only the first choice, of equal "
        "ones the lower id, has rank 1. Table `lens`.",
        source=_LENS,
    ),
    Measure(
        "lens_entropy",
        NATS,
        STATE,
        "entropy of the prediction, read at each depth",
        "-sum p log p, p = softmax(head(N(x_l)))",
        "Entropy of the next-token distribution, read at depth l. Table `lens`.",
        source=_LENS,
    ),
    Measure(
        "choice_logprob",
        NATS,
        STATE,
        "log-probability of the model's choice, read at each depth",
        "z[c] - logsumexp(z), z = head(N(x_l)), c = argmax head(N(x_L))",
        "Log-probability of the model's own final choice, read at depth l. Table `lens`.",
        source=_LENS,
    ),
    Measure(
        "choice_rank",
        PURE,
        STATE,
        "rank of the model's choice, read at each depth",
        "1 + #{z > z[c]}, z = head(N(x_l)), c = argmax head(N(x_L))",
        "Rank of the model's own final choice, read at depth l; only the first choice, of equal "
        "ones the lower id, has rank 1. Table `lens`.",
        source=_LENS,
    ),
    Measure(
        "commitment_depth",
        PURE,
        TOKEN,
        "commitment depth",
        "min l: argmax head(N(x_k)) = c for all k = l..L",
        "Depth from which the first choice of the lens stays the model's own, 0 to L; of equal "
        "choices the lower id. The same in all rows of a token of table `lens`.",
    ),
    Measure(
        "next_logit",
        PURE,
        TOKEN,
        "logit of the next token",
        "z[next]",
        "Logit of the token that really follows; not identified (a constant added to all logits "
        "changes nothing), shown as in the course.",
    ),
    Measure(
        "next_logprob",
        NATS,
        TOKEN,
        "log-probability of the next token",
        "z[next] - logsumexp(z)",
        "Log-probability of the token that really follows.",
    ),
    Measure(
        "entropy",
        NATS,
        TOKEN,
        "entropy of the prediction",
        "-sum p log p",
        "Entropy of the next-token distribution.",
    ),
    Measure(
        "rank",
        PURE,
        TOKEN,
        "rank of the next token",
        "1 + #{z > z[next]}",
        "Rank of the token that really follows: 1 is the model's first choice.",
    ),
)

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
#: What `--measures` takes beyond the primitives; everything else is derived on reading.
OPTIONAL = frozenset(m.name for m in _RECORDS if m.stored or m.name in DEFAULT_MEASURES) - {
    *PRIMITIVES,
    *PREDICTED,
    *OF_OUTLIERS,
    *ABLATED,
    *LENSED,
}


#: What other options decide about than `--measures`.
_OF_OTHER_OPTIONS = frozenset({*PREDICTED, *ABLATED, *UNDONE_TURNS, *LENSED})


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
