"""What is said of models beside their untrained twins, which may have read some texts alone."""

import math

import pytest

from odograph.sentences.models_and_twins import (
    TwinsOfOne,
    TwinsOfTwo,
    TwinsRead,
    beside_models,
)

NAMES = ("b", "a")
SOME = "6 of 24 passages"
NONE = TwinsOfOne(math.nan, math.nan, 0, "0 of 24 passages")


def of_two(*both: tuple[float, float], read: str = "") -> TwinsOfTwo:
    """Of twins and model, twice, in the same texts."""
    own, other = (TwinsOfOne(twins, model, 6, read) for twins, model in both)
    return TwinsOfTwo((own, other), (own, other))


@pytest.mark.parametrize("model", [9.5, 9.5 + 1e-12])
def test_models_that_differ_as_their_twins_do_are_said_to(model: float) -> None:
    found = of_two((2.0, model), (1.5, 9.0), read=SOME)
    said = beside_models(NAMES, found, "degrees")
    assert said.endswith("a difference of 0.50 degrees, as the models do there.")


def test_models_are_told_beside_twins_in_the_texts_that_both_have_read() -> None:
    found = of_two((2.0, 9.75), (1.5, 9.0), read=SOME)
    assert beside_models(NAMES, found, "degrees") == (
        "Their untrained twins, of the same depths, in 6 of 24 passages that both have read, give "
        "2.00 degrees for b and 1.50 degrees for a: a difference of 0.50 degrees; that of the "
        "models in the same texts, 0.75 degrees, lies 0.25 degrees above it."
    )
    whole = beside_models(NAMES, of_two((2.0, 8.75), (1.5, 9.0)), "1")
    assert whole == (
        "Their untrained twins, of the same depths, give 2.00 for b and 1.50 for a: a difference "
        "of 0.50; that of the models lies 0.75 below it."
    )


ONE = TwinsOfOne(2.0, 9.5, 6, SOME)


@pytest.mark.parametrize(
    ("alone", "both", "said"),
    [
        ((None, None), None, "is open: no untrained twin was measured."),
        ((ONE, ONE), (NONE, NONE), "is open: no text was read by the untrained twins of both."),
        (
            (NONE, NONE),
            (NONE, NONE),
            "is open: the untrained twins of b and a have read none of these texts.",
        ),
        ((NONE, None), None, "is open: the untrained twins of b have read none of these texts."),
        (
            (ONE, NONE),
            (NONE, NONE),
            "Untrained twins, in 6 of 24 passages that they have read, give 2.00 degrees for b, "
            "which has 9.50 degrees there itself; the untrained twins of a have read none of these "
            "texts.",
        ),
        (
            (None, ONE),
            None,
            "give 2.00 degrees for a, which has 9.50 degrees there itself; of the other model none "
            "was measured.",
        ),
    ],
)
def test_what_twins_there_are_is_said_and_why_not_more(alone, both, said) -> None:
    assert beside_models(NAMES, TwinsOfTwo(alone, both), "degrees").endswith(said)


def test_captions_and_notes_count_texts_of_twins_that_there_are() -> None:
    whole = TwinsRead({"a": (24, 24), "b": (24, 24)}, "passage")
    assert (whole.read, whole.null, whole.notes) == ("", "each model's untrained twins", [])
    assert "Grey: each model's untrained twins, 5 to 95 %" in whole.bands
    some = TwinsRead({"a": (6, 24), "b": (12, 24), "c": (0, 24), "d": None}, "passage")
    assert some.read == "6 to 12 of 24 passages"
    assert some.null == "each model's untrained twins; none of c, d"
    assert some.notes == [
        "Untrained twins have read 6 to 12 of 24 passages: what is told and drawn of them is of "
        "these alone.",
        "The untrained twins of c have read none of these texts.",
    ]
    apart = TwinsRead({"a": (1, 3), "b": (2, 4)}, "document")
    assert apart.read == "1 of 3 documents (a) and 2 of 4 documents (b)"
    assert f"twins, in {apart.read}, 5" in apart.bands


@pytest.mark.parametrize(
    ("counts", "null"),
    [
        ({"a": (0, 8), "b": None}, "none: untrained twins have read none of these texts"),
        ({"a": None, "b": None}, "no untrained twin was measured"),
    ],
)
def test_without_a_band_none_is_captioned(counts, null) -> None:
    found = TwinsRead(counts, "passage")
    assert (found.null, found.bands, found.read) == (null, "", "")
