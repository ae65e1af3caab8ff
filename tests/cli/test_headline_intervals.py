"""An interval behind a headline is that of the number before it."""

import pytest

from odograph.cli.summary import headline_of

LEAST = "(95 % -9.69 to -4.26)."


def told(headline: str, estimate: float, interval: tuple[float, float], unit: str) -> str:
    return headline_of(
        {"headline": headline, "estimate": estimate, "interval": interval, "unit": unit}
    )


@pytest.mark.parametrize(
    ("headline", "estimate", "interval", "unit", "behind"),
    [
        ("It turns 5.79 degrees more", 5.791, (4.02, 7.54), "degrees", "(95 % 4.02 to 7.54)."),
        ("It is 2.64 degrees smaller", -2.64, (-3.52, -1.61), "degrees", "(95 % -3.52 to -1.61)."),
        ("It turns 6.98 degrees less in block 21", -6.98, (-9.69, -4.26), "degrees", LEAST),
        ("They go together: r = -.09", -0.09, (-0.13, -0.06), "r", "(95 % -.13 to -.06)."),
        (
            "Skipping block 3 costs 0.21 nats; block 6 costs 0.088",
            0.12,
            (0.091, 0.16),
            "nats",
            "(0.12 nats, 95 % 0.091 to 0.16).",
        ),
        ("Half by block 7 of 8; there by 5", 7.0, (6.0, 7.0), "blocks", "(7 blocks, 95 % 6 to 7)."),
        (
            "Half by block 30 of 30; there by block 29",
            30.0,
            (30.0, 30.0),
            "blocks",
            "(30 blocks, 95 % 30 to 30).",
        ),
        ("The curves differ", 0.72, (0.5, 0.94), "1", "(0.72, 95 % 0.50 to 0.94)."),
    ],
)
def test_another_number_at_the_end_does_not_get_the_interval_of_the_finding(
    headline: str, estimate: float, interval: tuple[float, float], unit: str, behind: str
) -> None:
    assert told(headline, estimate, interval, unit) == f"{headline} {behind}"


def test_without_an_interval_the_headline_stands_alone() -> None:
    assert headline_of({"headline": "It turns", "interval": None, "unit": "1"}) == "It turns."


@pytest.mark.parametrize(
    ("estimate", "interval", "unit", "said"),
    [
        (242.51, [242.11, 242.93], "degrees", "(242.5 degrees, 95 % 242.1 to 242.9)"),
        (-0.1012, [-0.1032, -0.0991], "r", "(-.101, 95 % -.103 to -.099)"),
        (7.0, [6.0, 8.0], "blocks", "(7 blocks, 95 % 6 to 8)"),
        (0.0, [0.0, 0.0], "1", "(0, 95 % 0 to 0)"),
    ],
)
def test_bounds_have_so_many_digits_that_their_width_is_seen(
    estimate: float, interval: list[float], unit: str, said: str
) -> None:
    finding = {"headline": "Tokens turn", "estimate": estimate, "interval": interval, "unit": unit}
    assert headline_of(finding) == f"Tokens turn {said}."
