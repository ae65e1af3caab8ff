"""Columns of numbers as short strings of text: codes of 8 or 16 bits, in byte planes, deflated.

A page has no room for 4 bytes a number, and its reader no use for them: a code says where between
the least and the greatest number of its row a number lies, in as many steps as are asked for.
"""

import base64
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Packed = dict[str, Any]

INTEGERS, NUMBERS, LOGARITHMS = "integers", "numbers", "logarithms"
#: Of 16 bits: without the codes for a length of nothing and for no number.
_MOST_STEPS = 65533


def packed_text(content: bytes) -> str:
    """Bytes deflated (zlib) and written as base64."""
    return base64.b64encode(zlib.compress(content, 9)).decode("ascii")


def packed_integers(values: NDArray[Any]) -> Packed:
    """Whole numbers of one or more axes, exact, in as few bytes as their range needs.

    Args:
        values: integers or booleans, greatest less least below 2^32.
    """
    whole = np.ascontiguousarray(values, dtype=np.int64)
    low = int(whole.min()) if whole.size else 0
    span = int(whole.max()) - low if whole.size else 0
    width = next(n for n in (1, 2, 4) if span < 256**n)
    codes = (whole - low).astype(f"<u{width}")
    return {"kind": INTEGERS, "low": low, **_coded(codes, width)}


def packed_numbers(values: Floats, *, error: float, logarithmic: bool = False) -> Packed:
    """Numbers [count] or [rows, count]; each row is coded between its own least and greatest.

    The highest code is no number: what is not finite comes back as NaN. On the logarithmic scale
    code 0 is a length of nothing.

    Args:
        values: numbers; on a logarithmic scale, lengths, none below 0.
        error: how far a number may be from what it was; as a share of it if logarithmic. Where 16
            bits do not reach it, as near as they come.
        logarithmic: whether the error is a share.
    """
    rows = np.atleast_2d(np.asarray(values, np.float64))
    usable = np.isfinite(rows) & ((rows > 0) if logarithmic else True)
    scaled = np.log(rows, out=np.zeros(rows.shape), where=usable) if logarithmic else rows
    low, high = np.array([_range(s[u]) for s, u in zip(scaled, usable, strict=True)]).T
    half = np.log1p(error) if logarithmic else error
    steps = np.clip(np.ceil((high - low) / (2 * half)), 1, _MOST_STEPS)
    width = 1 if steps.max() <= 253 else 2
    with np.errstate(invalid="ignore"):
        share = (scaled - low[:, None]) / (high - low)[:, None]
    codes = np.full(rows.shape, 256**width - 1, dtype=f"<u{width}")
    codes[usable] = 1 + np.rint((share * steps[:, None])[usable]).astype(codes.dtype)
    if logarithmic:
        codes[rows == 0] = 0
    return {
        "kind": LOGARITHMS if logarithmic else NUMBERS,
        "low": low.tolist(),
        "high": high.tolist(),
        "steps": steps.astype(int).tolist(),
        **_coded(codes, width),
    }


def unpacked(packed: Packed) -> NDArray[Any]:
    """What a page reads from it: integers [count], or floats [rows, count], NaN for none."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(packed["data"])), dtype=np.uint8)
    width, count = packed["bytes"], packed["count"]
    codes = planes.reshape(width, count).T.copy().view(f"<u{width}").reshape(-1)
    if packed["kind"] == INTEGERS:
        return codes.astype(np.int64) + int(packed["low"])
    rows = codes.reshape(len(packed["low"]), -1)
    low, high, steps = (np.array(packed[name])[:, None] for name in ("low", "high", "steps"))
    values = low + (rows.astype(np.float64) - 1) / steps * (high - low)
    if packed["kind"] == LOGARITHMS:
        values = np.where(rows == 0, 0.0, np.exp(values))
    return np.where(rows == 256**width - 1, np.nan, values)


def _range(values: Floats) -> tuple[float, float]:
    """Least and greatest, never the same, so that there is something to divide by."""
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low, low + 1.0)


def _coded(codes: NDArray[Any], width: int) -> Packed:
    """All first bytes, then all second bytes: like beside like, which deflate packs better."""
    planes = np.ascontiguousarray(codes.reshape(-1, 1).view(np.uint8).reshape(-1, width).T)
    return {"bytes": width, "count": int(codes.size), "data": packed_text(planes.tobytes())}
