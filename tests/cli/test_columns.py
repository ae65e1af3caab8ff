"""A table on a terminal: no number is cut, whatever the width; what has no room is named."""

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from odograph.cli.columns import fitted

NAMES = ["passage", "token", "norm", "rotation", "step", "straightness"]
ROWS = [
    (index, "a rather long piece of text", 123.456789, 21.987654321, 1e-7 / (index + 1), 2 / 3)
    for index in range(5)
]


def numbers(lines: tuple[str, ...]) -> list[float]:
    return [
        float(n) for n in re.findall(r"(?<![\w.])-?\d+\.?\d*(?:e[-+]\d+)?(?!\w)", " ".join(lines))
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal_and_no_number_is_cut(width: int) -> None:
    shown = fitted(NAMES, ROWS, width)
    assert all(len(line) <= width for line in shown.lines)
    kept = len(NAMES) - len(shown.missing)
    assert shown.missing == tuple(NAMES[kept:])
    wanted = [v for row in ROWS for v in row[:kept] if not isinstance(v, str)]
    assert numbers(shown.lines[2:]) == pytest.approx(wanted, rel=6e-3)


def test_digits_go_first_then_text_then_columns() -> None:
    assert "123.457" in fitted(NAMES, ROWS, 120).lines[2]
    narrow = fitted(NAMES, ROWS, 60)
    assert "…" in narrow.lines[2]
    assert fitted(NAMES, ROWS, 40).missing == ("step", "straightness")


def test_few_rows_are_shown_with_one_column_a_line() -> None:
    shown = fitted(NAMES, ROWS[:1], 40)
    assert shown.missing == ()
    assert shown.lines[3] == "rotation      21.9877"


def test_cells_stay_on_their_line_and_hold_no_control_characters() -> None:
    shown = fitted(["a\n"], [("x\ny\t\x1b[31m",)], 80)
    assert shown.lines == ("a\\n", "--------------", "x\\ny\\t\\x1b[31m")


def test_wide_characters_take_two_columns() -> None:
    shown = fitted(["word", "n"], [("咖啡咖啡咖啡咖啡咖啡", 1), ("a", 2)], 80)
    assert shown.lines[3].index("2") == 22


@pytest.mark.parametrize("width", [20, 60, 80, 120])
def test_decimals_and_numbers_in_lists_are_numbers_and_not_cut(width: int) -> None:
    decimal = Decimal("1.23456789012345678901234567890")
    row = (decimal, [decimal, 21.987654321], {"a": decimal, "b": [None, 2]}, "x" * 200)
    shown = fitted(["one", "several", "named", "text"], [row], width)
    assert not re.search(r"\d…|Decimal", " ".join(shown.lines))
    for number in numbers(shown.lines[2:]):
        assert any(number == pytest.approx(whole, rel=6e-3) for whole in (1.23457, 21.98765, 2))
    assert fitted(["a"], [(decimal,)], 80).lines[2] == "1.23457"


def test_large_numbers_keep_their_digits_before_the_point() -> None:
    assert fitted(["a"], [(1234567.25,)], 80).lines[2] == "1234567"


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(), st.floats(), st.text(max_size=40)), min_size=1, max_size=6),
    st.integers(1, 130),
)
def test_any_table_fits_or_names_what_it_leaves_out(
    rows: list[tuple[int, float, str]], width: int
) -> None:
    shown = fitted(["whole", "real", "text"], rows, width)
    assert set(shown.missing) <= {"real", "text"}
    if len(rows) > 3:  # not one column a line
        first = max(len(str(row[0])) for row in rows)
        assert all(cell_len(line) <= max(width, first, len("whole")) for line in shown.lines)
