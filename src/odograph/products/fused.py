"""Products of float32 rows by compiled loops (numba): every value is read and widened once.

What a loop costs is reading: the states lie in the caches of all cores, or beyond them. So that
what is taken of a block is taken in one pass, and sums over rows while the row is still at hand.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

# Sums may be reordered, so that they run in vector registers; NaN and infinity stay what they are.
_FAST = {"reassoc", "contract", "nsz"}
#: Rows that are summed in float32, which is three times as fast, before float64 takes their sum.
_NEAR = 64
#: Rows from which a second thread pays for being woken.
_ROWS_A_THREAD = 512


_ROWS = "float32[:, ::1]"
_KINDS = {
    "weights": "float32[::1]",
    "coordinates": "int64[::1]",
    "means": "float64[:, ::1]",
    "found": "float64[:, :]",
    "totals": "float64[:, ::1]",
}


def _compiled(loop: Callable[..., None]) -> Any:
    """The loop for float32 rows, compiled at once; kept on disk where that is possible."""
    code = loop.__code__
    names = code.co_varnames[: code.co_argcount]
    signature = f"void({', '.join(_KINDS.get(name, _ROWS) for name in names)})"
    try:
        return njit(signature, nogil=True, fastmath=_FAST, cache=True)(loop)
    except RuntimeError:  # neither the package nor the user has a folder to write to
        return njit(signature, nogil=True, fastmath=_FAST)(loop)


def _chained(x, p, found):  # type: ignore[no-untyped-def]
    for row in range(x.shape[0]):
        xx = xp = 0.0
        for k in range(x.shape[1]):
            u, v = np.float64(x[row, k]), np.float64(p[row, k])
            xx += u * u
            xp += u * v
        found[0, row], found[1, row] = xx, xp


@njit
def _add(total, weight, row):  # type: ignore[no-untyped-def]
    for k in range(row.shape[0]):
        total[k] += weight * row[k]


@njit
def _pour(near, totals):  # type: ignore[no-untyped-def]
    for part in range(near.shape[0]):
        for k in range(near.shape[1]):
            totals[part, k] += near[part, k]
            near[part, k] = 0


@njit(fastmath=_FAST)
def _read(x, p, coordinates, means, found):  # type: ignore[no-untyped-def]
    """Some coordinates of x, and x and p about their means: the last values of `found`."""
    place = found.shape[0] - coordinates.shape[0]
    for k in range(coordinates.shape[0]):
        found[place + k] = x[coordinates[k]]
    if means.shape[0] > 0:
        xx = xp = 0.0
        for k in range(x.shape[0]):
            u, v = np.float64(x[k]) - means[1, k], np.float64(p[k]) - means[0, k]
            xx += u * u
            xp += u * v
        found[place - 2], found[place - 1] = xx, xp


def _advance(x, p, weights, coordinates, means, found, totals):  # type: ignore[no-untyped-def]
    near = np.zeros(totals.shape, np.float32)
    reads = coordinates.shape[0] > 0 or means.shape[0] > 0
    for row in range(x.shape[0]):
        if reads:
            _read(x[row], p[row], coordinates, means, found[:, row])
        xx = xp = 0.0
        for k in range(x.shape[1]):
            u, v = np.float64(x[row, k]), np.float64(p[row, k])
            xx += u * u
            xp += u * v
            p[row, k] = x[row, k]
        found[0, row], found[1, row] = xx, xp
        if weights[row] > 0 and 0 < xx < np.inf:
            _add(near[0], np.float32(weights[row] / np.sqrt(xx)), x[row])
        if row % _NEAR == 0:
            _pour(near, totals)
    _pour(near, totals)


def _advance_with_parts(  # type: ignore[no-untyped-def]
    x, p, a, m, weights, coordinates, means, found, totals
):
    near = np.zeros(totals.shape, np.float32)
    reads = coordinates.shape[0] > 0 or means.shape[0] > 0
    for row in range(x.shape[0]):
        if reads:
            _read(x[row], p[row], coordinates, means, found[:, row])
        xx = xp = pa = pm = aa = am = mm = 0.0
        for k in range(x.shape[1]):
            u, v = np.float64(x[row, k]), np.float64(p[row, k])
            w, z = np.float64(a[row, k]), np.float64(m[row, k])
            xx += u * u
            xp += u * v
            pa += v * w
            pm += v * z
            aa += w * w
            am += w * z
            mm += z * z
            p[row, k] = x[row, k]
        found[0, row], found[1, row], found[2, row], found[3, row] = xx, xp, pa, pm
        found[4, row], found[5, row], found[6, row] = aa, am, mm
        if weights[row] > 0 and 0 < xx < np.inf:
            _add(near[0], np.float32(weights[row] / np.sqrt(xx)), x[row])
        if weights[row] > 0 and aa < np.inf:
            _add(near[1], weights[row], a[row])
        if weights[row] > 0 and mm < np.inf:
            _add(near[2], weights[row], m[row])
        if row % _NEAR == 0:
            _pour(near, totals)
    _pour(near, totals)


def _gram(x, a, m, found):  # type: ignore[no-untyped-def]
    for row in range(x.shape[0]):
        xx = xa = xm = aa = am = mm = 0.0
        for k in range(x.shape[1]):
            u, v, w = np.float64(x[row, k]), np.float64(a[row, k]), np.float64(m[row, k])
            xx += u * u
            xa += u * v
            xm += u * w
            aa += v * v
            am += v * w
            mm += w * w
        found[0, row], found[1, row], found[2, row] = xx, xa, xm
        found[3, row], found[4, row], found[5, row] = aa, am, mm


_CHAINED, _GRAM = _compiled(_chained), _compiled(_gram)
_ADVANCE, _ADVANCE_WITH_PARTS = _compiled(_advance), _compiled(_advance_with_parts)


class Passes:
    """What one pass over the states of each block gives, in one room for a whole batch.

    Python's own steps take long here, as nothing of it is in the core's caches after a block: what
    can be done once a batch is done in `__init__` or in `of`.

    Args:
        layers: L + 1.
        weights: of each row, float32.
        width: of a state.
        coordinates: that are read of each state.
        means: of the states of each layer, float64, about which they are read; None for none.
        parts: whether attention and the MLP are taken along.
    """

    def __init__(
        self,
        layers: int,
        weights: "Tensor",
        width: int,
        coordinates: "Tensor",
        means: "Tensor | None",
        *,
        parts: bool,
    ) -> None:
        tokens = len(weights)
        self._weights, self._threads = weights.numpy(), _threads(tokens)
        self._coordinates = coordinates.numpy()
        self._means = np.empty((0, width)) if means is None else means.numpy()
        self._own = 7 if parts else 2
        values = self._own + len(coordinates) + (0 if means is None else 2)
        self._found = np.empty((layers, values, tokens))
        self._totals = np.zeros((layers, self._threads, 3 if parts else 1, width))

    def take(
        self, layer: int, state: "Tensor", previous: "Tensor", parts: "tuple[Tensor, ...]" = ()
    ) -> "Tensor":
        """Passes over a block's states; gives x.x. `previous` then holds the state."""
        sums, loop = (3, _ADVANCE_WITH_PARTS) if parts else (1, _ADVANCE)
        along = [a.numpy() for a in (state, previous, *parts)]
        shared = self._coordinates, self._means[layer - 1 : layer + 1]
        found, totals = self._found[layer], self._totals[layer, :, :sums]
        if self._threads == 1:
            loop(*along, self._weights, *shared, found, totals[0])
        else:
            _at_the_same_time(loop, [*along, self._weights], shared, found, totals)
        return torch.from_numpy(found[0])

    def of(self, layer: int) -> "tuple[tuple[Tensor, ...], Tensor]":
        """x.x and x.p of each row, with parts also p.a, p.m, a.a, a.m, m.m; sums over the rows.

        These, [1 or 3, width], are of x / |x|, a and m, each with its weight. Zero vectors and what
        is not finite count nothing.
        """
        totals = self._totals[layer].sum(axis=0)
        own = torch.from_numpy(self._found[layer, : self._own])
        return own.unbind(), torch.from_numpy(totals)

    def read(self, layer: int) -> "tuple[Tensor, tuple[Tensor, ...]]":
        """The coordinates of x, [k, tokens]; with means |x - m|^2 and (x - m).(p - q)."""
        values = torch.from_numpy(self._found[layer, self._own :])
        place = len(values) - len(self._coordinates)
        return values[place:], values[:place].unbind()


def squares(state: "Tensor") -> "Tensor":
    """x.x."""
    return chained(state, state)[0]


def chained(state: "Tensor", previous: "Tensor") -> "tuple[Tensor, ...]":
    """x.x and x.p."""
    return _run(_CHAINED, 2, (state, previous))


def gram(first: "Tensor", second: "Tensor", third: "Tensor") -> "tuple[Tensor, ...]":
    """u.u, u.v, u.w, v.v, v.w, w.w."""
    return _run(_GRAM, 6, (first, second, third))


def _run(loop: Any, sums: int, arrays: "tuple[Tensor, ...]") -> "tuple[Tensor, ...]":
    tokens = len(arrays[0])
    found, along = np.empty((sums, tokens)), [a.numpy() for a in arrays]
    threads = _threads(tokens)
    if threads == 1:
        loop(*along, found)
    else:
        _at_the_same_time(loop, along, (), found, [None] * threads)
    return torch.from_numpy(found).unbind()


def _threads(tokens: int) -> int:
    return max(1, min(torch.get_num_threads(), tokens // _ROWS_A_THREAD))


def _at_the_same_time(
    loop: Any,
    along: list[NDArray[Any]],
    shared: tuple[NDArray[Any], ...],
    found: NDArray[Any],
    totals: Iterable[Any],
) -> None:
    """The loop over a part of the rows in each of as many threads as there are totals.

    `along` and `found` are cut into rows, what is `shared` is not.
    """
    each = list(totals)
    rows, threads, jobs = len(along[0]), len(each), []
    for number, own in enumerate(each):
        cut = slice(number * rows // threads, (number + 1) * rows // threads)
        mine = [] if own is None else [own]
        jobs.append([*(values[cut] for values in along), *shared, found[:, cut], *mine])
    waiting = [_pool().submit(loop, *job) for job in jobs[1:]]
    loop(*jobs[0])
    for one in waiting:
        one.result()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="odograph-products")
