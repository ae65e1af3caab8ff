"""Rows as columns of text that fit a terminal: no number is ever cut.

Too wide a table gets fewer digits first, then shorter texts, then fewer columns, of which it is
said how many are missing; few rows are shown with one column a line.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from odograph.terminal import visible

_GAP = "  "
_DIGITS = (6, 5, 4, 3)
#: A text is not made shorter than that; so few rows are shown with one column a line.
_LEAST_TEXT, _FEW_ROWS = 12, 3

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Columns:
    """The lines to show, and the names of the columns that found no room."""

    lines: tuple[str, ...]
    missing: tuple[str, ...] = ()


def fitted(names: Sequence[str], rows: Rows, width: int) -> Columns:
    """The table in lines of at most `width` characters, or one column a line where rows are few."""
    for digits in _DIGITS:
        cells = _cells(names, rows, digits)
        if _width(cells) <= width:
            return Columns(_aligned(cells, rows))
    cells = _shortened(cells, rows, width)
    if _width(cells) <= width:
        return Columns(_aligned(cells, rows))
    if len(rows) <= _FEW_ROWS:
        return Columns(_one_a_line(names, rows))
    kept = 1
    while _width(cells[: kept + 1]) <= width:
        kept += 1
    missing = tuple(visible(name) for name in names[kept:])
    return Columns(_aligned(cells[:kept], [row[:kept] for row in rows]), missing)


def _cells(names: Sequence[str], rows: Rows, digits: int) -> list[list[str]]:
    """For each column its name and its cells."""
    return [
        [_on_one_line(name), *(_cell(row[index], digits) for row in rows)]
        for index, name in enumerate(names)
    ]


def _cell(value: Any, digits: int) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return f"[{', '.join(_cell(one, digits) for one in value)}]"
    if isinstance(value, dict):
        pairs = (f"{_on_one_line(key)}: {_cell(one, digits)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, Decimal):
        value = float(value)
    if not isinstance(value, float):
        return _on_one_line(value)
    whole = math.isfinite(value) and abs(value) >= 10**digits and abs(value) < 10**15
    return f"{value:.0f}" if whole else f"{value:.{digits}g}"


def _on_one_line(value: object) -> str:
    return visible(value).replace("\n", "\\n").replace("\t", "\\t")


def _shortened(cells: list[list[str]], rows: Rows, width: int) -> list[list[str]]:
    """The longest texts made as short as it takes, with an ellipsis; numbers stay as they are."""
    texts = [index for index in range(len(cells)) if not _has_numbers(rows, index)]
    room = {index: _longest(cells[index]) for index in texts}
    over = _width(cells) - width
    while over > 0 and (wide := [i for i in texts if room[i] > _LEAST_TEXT]):
        widest = max(wide, key=lambda index: room[index])
        room[widest] -= 1
        over -= 1
    return [
        [_cut(cell, room[index]) if index in room else cell for cell in column]
        for index, column in enumerate(cells)
    ]


def _cut(text: str, most: int) -> str:
    """The text in at most so many columns of a terminal."""
    if _length(text) <= most:
        return text
    while _length(text) > most - 1:
        text = text[:-1]
    return f"{text}…"


def _has_numbers(rows: Rows, index: int) -> bool:
    """Whether what is cut there could be a number: one by itself, or of a list."""
    return any(isinstance(row[index], int | float | Decimal | list | dict) for row in rows)


def _is_number(rows: Rows, index: int) -> bool:
    return any(isinstance(row[index], int | float | Decimal) for row in rows)


def _aligned(cells: list[list[str]], rows: Rows) -> tuple[str, ...]:
    """Numbers to the right, the rest to the left; a rule under the names."""
    columns = []
    for index, column in enumerate(cells):
        wide, right = _longest(column), _is_number(rows, index)
        padded = [_padded(cell, wide, right=right) for cell in column]
        columns.append([padded[0], "-" * wide, *padded[1:]])
    return tuple(_GAP.join(line).rstrip() for line in zip(*columns, strict=True))


def _padded(cell: str, wide: int, *, right: bool) -> str:
    space = " " * (wide - _length(cell))
    return space + cell if right else cell + space


def _one_a_line(names: Sequence[str], rows: Rows) -> tuple[str, ...]:
    """Every row as lines of name and value, rows apart by an empty line."""
    labels = [_on_one_line(name) for name in names]
    wide = _longest(labels)
    blocks = [
        [
            f"{_padded(label, wide, right=False)}{_GAP}{_cell(value, _DIGITS[0])}".rstrip()
            for label, value in zip(labels, row, strict=True)
        ]
        for row in rows
    ]
    return tuple("\n\n".join("\n".join(block) for block in blocks).split("\n"))


def _width(cells: list[list[str]]) -> int:
    return sum(map(_longest, cells)) + len(_GAP) * (len(cells) - 1)


def _longest(column: list[str]) -> int:
    return max(map(_length, column))


def _length(text: str) -> int:
    """Columns of a terminal that a text takes: Chinese signs take two."""
    from rich.cells import cell_len

    return cell_len(text)
