"""Products of float32 rows by compiled loops (numba): every value is read and widened once."""

from collections.abc import Callable
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
#: Rows from which a second thread pays for being woken.
_ROWS_A_THREAD = 512


def _compiled(loop: Callable[..., None]) -> Any:
    """The loop for float32 rows, compiled at once; kept on disk where that is possible."""
    rows, sums = "float32[:, ::1]", "float64[:, ::1]"
    arrays = loop.__code__.co_argcount - 1
    signature = f"void({', '.join([rows] * arrays + [sums])})"
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


def _advance(x, p, found):  # type: ignore[no-untyped-def]
    for row in range(x.shape[0]):
        xx = xp = 0.0
        for k in range(x.shape[1]):
            u, v = np.float64(x[row, k]), np.float64(p[row, k])
            xx += u * u
            xp += u * v
            p[row, k] = x[row, k]
        found[row, 0], found[row, 1] = xx, xp


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


_CHAINED, _ADVANCE, _GRAM = _compiled(_chained), _compiled(_advance), _compiled(_gram)


def squares(state: "Tensor") -> "Tensor":
    """x.x, summed in the same order as by `chained`: equal states have a step of exactly 0."""
    return chained(state, state)[0]


def chained(state: "Tensor", previous: "Tensor") -> "tuple[Tensor, ...]":
    """x.x and x.p."""
    return _run(_CHAINED, 2, (state, previous))


def advance(state: "Tensor", previous: "Tensor") -> "tuple[Tensor, ...]":
    """`chained`, and `previous` then holds the state."""
    return _run(_ADVANCE, 2, (state, previous))


def gram(first: "Tensor", second: "Tensor", third: "Tensor") -> "tuple[Tensor, ...]":
    """u.u, u.v, u.w, v.v, v.w, w.w."""
    return _run(_GRAM, 6, (first, second, third))


def _run(loop: Any, sums: int, arrays: "tuple[Tensor, ...]") -> "tuple[Tensor, ...]":
    tokens = len(arrays[0])
    given = [a.numpy() for a in arrays]
    found = np.empty((tokens, sums))
    threads = max(1, min(torch.get_num_threads(), tokens // _ROWS_A_THREAD))
    cuts = [slice(k * tokens // threads, (k + 1) * tokens // threads) for k in range(threads)]
    waiting = [_pool().submit(_part, loop, given, found, cut) for cut in cuts[1:]]
    _part(loop, given, found, cuts[0])
    for part in waiting:
        part.result()
    return torch.from_numpy(found).unbind(dim=1)


def _part(
    loop: Any, given: list[NDArray[np.float32]], found: NDArray[np.float64], cut: slice
) -> None:
    loop(*(rows[cut] for rows in given), found[cut])


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="odograph-products")
