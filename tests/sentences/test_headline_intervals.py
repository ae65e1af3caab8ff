"""An interval in a headline is that of the number before it, and no number stands twice."""

import pytest

from odograph.sentences.english import several
from odograph.sentences.headline import headline_of
from odograph.sentences.wording import says, written_numbers


def told(headline: str, estimate: float, interval: tuple[float, float], unit: str) -> str:
    return headline_of(
        {"headline": headline, "estimate": estimate, "interval": interval, "unit": unit}
    )


@pytest.mark.parametrize(
    ("headline", "estimate", "interval", "unit", "said"),
    [
        (
            "It turns 5.79 degrees more, in all",
            5.791,
            (4.02, 7.54),
            "degrees",
            "It turns 5.79 degrees more, in all (95 % 4.02 to 7.54).",
        ),
        (
            "It turns 6.98 degrees less in block 21",
            -6.98,
            (-9.69, -4.26),
            "degrees",
            "It turns 6.98 degrees less in block 21 (95 % 4.26 to 9.69).",
        ),
        (
            "It turns 0.98 degrees less",
            -0.98,
            (-2.1, 0.3),
            "degrees",
            "It turns 0.98 degrees less (95 % -0.30 to 2.10).",
        ),
        (
            "They go together: r = -.09",
            -0.09,
            (-0.13, -0.06),
            "r",
            "They go together: r = -.09 (95 % -.13 to -.06).",
        ),
        (
            "Over 30 blocks, it turns 502 degrees in all; untrained 637",
            502.4,
            (495.8, 510.1),
            "degrees",
            "Over 30 blocks, it turns 502 degrees (95 % 496 to 510) in all; untrained 637.",
        ),
        (
            "Its share is farthest from one half in block 1: 0.020",
            0.0199,
            (0.0195, 0.0204),
            "1",
            "Its share is farthest from one half in block 1: 0.0199 (95 % 0.0195 to 0.0204).",
        ),
        (
            "Half by block 30 of 30; there by block 29",
            30.0,
            (30.0, 30.0),
            "blocks",
            "Half by block 30 of 30; there by block 29 (30 blocks, 95 % 30 to 30).",
        ),
        ("They differ", 0.72, (0.5, 0.94), "1", "They differ (0.72, 95 % 0.50 to 0.94)."),
    ],
)
def test_an_interval_is_read_as_that_of_the_number_before_it(
    headline: str, estimate: float, interval: tuple[float, float], unit: str, said: str
) -> None:
    assert told(headline, estimate, interval, unit) == said


def test_an_estimate_that_the_headline_does_not_say_is_told_with_what_it_is() -> None:
    finding = {
        "headline": "Skipping block 3 costs 0.21 nats; skipping block 6 costs 0.088",
        "estimate": 0.12,
        "estimate_of": "difference",
        "interval": (0.091, 0.16),
        "unit": "nats",
    }
    told = "costs 0.088 (difference: 0.12 nats, 95 % 0.091 to 0.16)."
    assert headline_of(finding).endswith(told)


def test_a_headline_keeps_its_own_way_of_writing_a_number_that_has_digits_enough() -> None:
    assert told("It is more by .22", 0.224, (0.089, 0.36), "r") == (
        "It is more by .22 (95 % .09 to .36)."
    )


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


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verdict": "like"}, "It turns 5.79 degrees less (95 % 3.98 to 7.59; untrained twins "),
        ({"verdict": "undecided"}, "(95 % 3.98 to 7.59; untrained twins -7.78 to 2.55)."),
        ({"verdict": "beyond"}, "(95 % 3.98 to 7.59)."),
        ({"verdict": "like", "headline": "It turns; untrained too"}, "95 % -7.59 to -3.98)."),
        ({"verdict": "like", "headline": "It turns"}, "-3.98; untrained twins -2.55 to 7.78)."),
    ],
)
def test_what_is_not_beyond_untrained_twins_has_their_range_beside_it(
    change: dict[str, str], said: str
) -> None:
    finding = {
        "headline": "It turns 5.79 degrees less",
        "estimate": -5.79,
        "interval": (-7.59, -3.98),
        "unit": "degrees",
        "null_values": [
            {"name": "random order", "low": 1.0, "high": 2.0},
            {"name": "untrained twins", "low": -2.55, "high": 7.78},
        ],
    }
    assert said in headline_of(finding | change)


def test_thousands_are_written_alike_and_read_as_one_number() -> None:
    assert several(2000, "draw") == "2,000 draws"
    written = written_numbers("A state was taken of 300 of 3,176 words")
    assert [number.text for number in written] == ["300", "3,176"]
    assert says(written[1], 3176)
    assert not says(written[1], 3)
