"""The fixed bins of histograms: the same in every run, so that counts of any tokens add up.

Every edge is a short binary fraction: which bin a value is in does not depend on rounding.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class EvenBins:
    """Bins of one width, which begin at multiples of it; each holds its lower edge.

    Attributes:
        width: a power of two, in the unit of the measure.
        low, high: the ends of the outermost bins, which hold what lies beyond as well.
    """

    width: float
    low: float
    high: float


@dataclass(frozen=True)
class OctaveBins:
    """From every power of two to the next 16 bins of one width, for values from 0 on.

    They are 3 to 6 per cent of the values in them. Each holds its lower edge.
    """


Bins = EvenBins | OctaveBins

#: Between opposite and same directions; a share of a whole.
COSINES, SHARES = EvenBins(2**-7, -1, 1), EvenBins(2**-7, 0, 1)
LOGITS = EvenBins(0.25, -1024, 1024)

#: Pairs of measures that are counted together, as studies correlate them and pages draw them: once
#: a token in their own bins, layer by layer in bins four times as wide.
TOGETHER_ONCE: tuple[tuple[str, str], ...] = tuple(
    (f"last_step_{convention}", confidence)
    for convention in ("stream", "hf")
    for confidence in ("next_logprob", "entropy", "next_logit")
)
TOGETHER_BY_LAYER: tuple[tuple[str, str], ...] = (
    ("step", "rotation"),
    ("rotation", "next_logprob"),
    ("attention_step", "step"),
    ("mlp_step", "step"),
)
#: So many neighbouring bins are one in what is counted together layer by layer.
JOINED = 4
