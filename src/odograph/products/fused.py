"""Products of float32 rows by compiled loops (numba): every value is read and widened once.

What a loop costs is reading: the states lie in the caches of all cores, or beyond them. So that
what is taken of a block is taken in one pass, and sums over rows while the row is still at hand.
"""

from collections.abc import Callable, Sequence
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
_KINDS = {"weights": "float32[::1]", "found": "float64[:, ::1]", "totals": "float64[:, ::1]"}


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
        found[row, 0], found[row, 1] = xx, xp


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


def _advance(x, p, weights, found, totals):  # type: ignore[no-untyped-def]
    near = np.zeros(totals.shape, np.float32)
    for row in range(x.shape[0]):
        xx = xp = 0.0
        for k in range(x.shape[1]):
            u, v = np.float64(x[row, k]), np.float64(p[row, k])
            xx += u * u
            xp += u * v
            p[row, k] = x[row, k]
        found[row, 0], found[row, 1] = xx, xp
        if weights[row] > 0 and 0 < xx < np.inf:
            _add(near[0], np.float32(weights[row] / np.sqrt(xx)), x[row])
        if row % _NEAR == 0:
            _pour(near, totals)
    _pour(near, totals)


def _advance_with_parts(x, p, a, m, weights, found, totals):  # type: ignore[no-untyped-def]
    near = np.zeros(totals.shape, np.float32)
    for row in range(x.shape[0]):
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
        found[row, 0], found[row, 1], found[row, 2], found[row, 3] = xx, xp, pa, pm
        found[row, 4], found[row, 5], found[row, 6] = aa, am, mm
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
        found[row, 0], found[row, 1], found[row, 2] = xx, xa, xm
        found[row, 3], found[row, 4], found[row, 5] = aa, am, mm


_CHAINED, _GRAM = _compiled(_chained), _compiled(_gram)
_ADVANCE, _ADVANCE_WITH_PARTS = _compiled(_advance), _compiled(_advance_with_parts)


def squares(state: "Tensor") -> "Tensor":
    """x.x, summed in the same order as by `chained`: equal states have a step of exactly 0."""
    return chained(state, state)[0]


def chained(state: "Tensor", previous: "Tensor") -> "tuple[Tensor, ...]":
    """x.x and x.p."""
    return _run(_CHAINED, 2, (state, previous))[0]


def gram(first: "Tensor", second: "Tensor", third: "Tensor") -> "tuple[Tensor, ...]":
    """u.u, u.v, u.w, v.v, v.w, w.w."""
    return _run(_GRAM, 6, (first, second, third))[0]


def advance(
    state: "Tensor", previous: "Tensor", weights: "Tensor", parts: "tuple[Tensor, ...]" = ()
) -> "tuple[tuple[Tensor, ...], Tensor]":
    """x.x and x.p, with parts also p.a, p.m, a.a, a.m, m.m; `previous` then holds the state.

    Beside them sums over the rows, [1 or 3, width] float64, in which each has its weight: of
    x / |x|, a and m. Zero vectors and what is not finite count nothing.
    """
    loop, sums = (_ADVANCE_WITH_PARTS, 7) if parts else (_ADVANCE, 2)
    return _run(loop, sums, (state, previous, *parts), weights)


def _run(
    loop: Any, sums: int, arrays: "tuple[Tensor, ...]", weights: "Tensor | None" = None
) -> "tuple[tuple[Tensor, ...], Tensor]":
    """What the loop finds of each row, and with weights its totals over all rows."""
    tokens, width = arrays[0].shape
    found = np.empty((tokens, sums))
    along = [a.numpy() for a in (arrays if weights is None else (*arrays, weights))]
    along.append(found)
    threads = max(1, min(torch.get_num_threads(), tokens // _ROWS_A_THREAD))
    totals = np.zeros((threads, 0 if weights is None else len(arrays) - 1, width))
    own = [()] * threads if weights is None else [(part,) for part in totals]
    if threads == 1:
        loop(*along, *own[0])
    else:
        _at_the_same_time(loop, along, own)
    return torch.from_numpy(found).unbind(dim=1), torch.from_numpy(totals.sum(axis=0))


def _at_the_same_time(
    loop: Any, along: list[NDArray[Any]], totals: "Sequence[tuple[NDArray[np.float64], ...]]"
) -> None:
    """The loop over a part of the rows in each of as many threads as there are totals."""
    rows, threads = len(along[0]), len(totals)
    cuts = [slice(k * rows // threads, (k + 1) * rows // threads) for k in range(threads)]
    parts = [[values[cut] for values in along] for cut in cuts]
    waiting = [
        _pool().submit(loop, *part, *own) for part, own in zip(parts[1:], totals[1:], strict=True)
    ]
    loop(*parts[0], *totals[0])
    for one in waiting:
        one.result()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="odograph-products")
