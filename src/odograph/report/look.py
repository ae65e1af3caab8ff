"""A text in a terminal: every token over its number, coloured by it where colours can be seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.errors import UsageError
from odograph.folder.run import Run
from odograph.folder.selection import Floats, numbers, usable
from odograph.measures import DEGREES, MEASURES
from odograph.report.colours import shade
from odograph.report.profiles import layer_measures
from odograph.sentences.numbers import number
from odograph.terminal import visible

_BARS = "▁▂▃▄▅▆▇█"
_NAMED = 3


@dataclass(frozen=True)
class Look:
    """The tokens of a run with one measure at every layer.

    Attributes:
        measure: its name.
        pieces: [tokens] what each token is.
        usable: [tokens] whether it counts: no sink, the first only if kept.
        values: [L+1, tokens] NaN where there is no number.
    """

    measure: str
    pieces: tuple[str, ...]
    usable: tuple[bool, ...]
    values: Floats

    @property
    def means(self) -> Floats:
        """[L+1] the mean over the tokens that count, NaN where there is none."""
        counted = np.where(np.array(self.usable), self.values, np.nan)
        there = np.isfinite(counted)
        total = np.where(there, counted, 0).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean: Floats = total / there.sum(axis=1)
        return mean


def look_at(run: Run, measure: str) -> Look:
    """Reads the tokens of a run and one measure of them.

    Raises:
        UsageError: the run has no such measure at every layer.
    """
    known = layer_measures(run)
    if measure not in known:
        raise UsageError(
            f"measure '{measure}' is not there", expected=", ".join(known), given=f"'{measure}'"
        )
    tokens = run.sql(f"select token, {usable(run)} from tokens order by passage, position")
    rows = tokens.fetchall()
    found = run.sql(f"select {measure} as value from layers order by layer, passage, position")
    return Look(
        measure,
        tuple("" if piece is None else str(piece) for piece, _ in rows),
        tuple(bool(counts) for _, counts in rows),
        numbers(found)["value"].astype(np.float64).reshape(run.blocks + 1, len(rows)),
    )


def telling_block(look: Look, twin: Look | None = None) -> int:
    """The block, from the second on, that differs most from the twin, else between tokens.

    Of a model with one block, that one.
    """
    blocks = len(look.values) - 1
    if blocks < 2:
        return blocks
    if twin is not None:
        gap = np.abs(look.means - twin.means)
    else:
        counted = look.values[:, np.array(look.usable)]
        gap = np.array([_spread(row[np.isfinite(row)]) for row in counted])
    return 2 + int(np.argmax(np.nan_to_num(gap[2:], nan=-1.0)))


def _spread(values: Floats) -> float:
    """Standard deviation as a share of the mean; 0 without numbers."""
    if not values.size or not values.mean():
        return 0.0
    return float(values.std() / abs(values.mean()))


def text_lines(look: Look, block: int, *, width: int, colours: bool) -> list[str]:
    """The text, each token over its number; lines of at most so many columns."""
    values = look.values[block]
    counted = values[np.array(look.usable) & np.isfinite(values)]
    low, high = np.quantile(counted, [0.02, 0.98]) if counted.size else (0.0, 1.0)
    lines: list[str] = []
    above = below = ""
    used = 0
    for piece, value in zip(look.pieces, values, strict=True):
        shown, under = _cell(piece, value)
        wide = max(len(shown), len(under) + 1)  # numbers stand apart
        gap = " " if used and piece[:1].isspace() else ""
        if used and used + len(gap) + wide > width:
            lines += [above, below]
            above, below, used, gap = "", "", 0, ""
        share = (value - low) / (high - low) if high > low else 0.5
        cell = _painted(shown, share) if colours and np.isfinite(value) else shown
        above += gap + cell + " " * (wide - len(shown))
        below += gap + under.ljust(wide)
        used += len(gap) + wide
    return [line.rstrip() for line in [*lines, above, below]]


def _cell(piece: str, value: float) -> tuple[str, str]:
    shown = visible(piece.strip()) or "␣"
    shown = shown.replace("\n", "⏎")
    return shown, (f"{value:.0f}" if abs(value) >= 10 else number(value)) if np.isfinite(
        value
    ) else ""


def _painted(text: str, share: float) -> str:
    ground, ink = ("{};{};{}".format(*colour) for colour in shade(float(share)))
    return f"\x1b[48;2;{ground}m\x1b[38;2;{ink}m{text}\x1b[0m"


def profile_lines(look: Look, twin: Look | None) -> list[str]:
    """The means by block as bars, of the model and of its twin in the same scale."""
    rows = [("model", look.means)] + ([("twin", twin.means)] if twin is not None else [])
    finite = np.concatenate([means[np.isfinite(means)] for _, means in rows])
    if not finite.size:
        return []
    positive = finite.min() > 0
    low, high = (f(np.log(finite) if positive else finite) for f in (np.min, np.max))
    unit = "°" if MEASURES[look.measure].unit == DEGREES else ""
    lines = []
    for name, means in rows:
        there = np.flatnonzero(np.isfinite(means))
        scaled = np.log(means[there]) if positive else means[there]
        bars = "".join(_bar(v, low, high) for v in scaled)
        ends = f"block {there[0]}: {number(means[there[0]])}{unit}"
        lines.append(
            f"{name:<6} {bars}  {ends}, block {there[-1]}: {number(means[there[-1]])}{unit}"
        )
    return lines


def _bar(value: float, low: float, high: float) -> str:
    share = (value - low) / (high - low) if high > low else 0.5
    return _BARS[min(int(share * len(_BARS)), len(_BARS) - 1)]


def extremes(look: Look, block: int) -> tuple[list[str], list[str]]:
    """The tokens with the largest and the smallest numbers, each with its number."""
    values = look.values[block]
    rows = [k for k in np.argsort(values) if look.usable[k] and np.isfinite(values[k])]
    return _told(look, values, rows[::-1][:_NAMED]), _told(look, values, rows[:_NAMED])


def _told(look: Look, values: Floats, rows: Sequence[int]) -> list[str]:
    unit = "°" if MEASURES[look.measure].unit == DEGREES else ""
    return [f"'{visible(look.pieces[k].strip())}' {number(values[k])}{unit}" for k in rows]
