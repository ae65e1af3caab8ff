"""The sentences of findings: exact wording, sensible digits, and the words that must not occur."""

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from odograph import sentences
from odograph.report.numbers import number as number_on_the_page
from odograph.sentences.correlations import correlation_words, models_sentence
from odograph.sentences.differences import (
    curves_plain,
    curves_sentence,
    difference_plain,
    difference_sentence,
)
from odograph.sentences.english import capital, listed, plural, several, span
from odograph.sentences.evidence import p_words
from odograph.sentences.forbidden import forbidden
from odograph.sentences.names import family_words
from odograph.sentences.numbers import coefficient, number, p_value, percent
from odograph.statistics.designs.paired import paired_profile
from odograph.statistics.values import Comparison, Correlation, Estimate, Interval, PValue

BOUNDS = Interval(-4.31, -2.12, 0.95, "BCa bootstrap")
MAX_T = PValue("sign-flip permutation, max-T over layers", 0.0004, 12)
UNTESTED = PValue("none: descriptive", None, 0)
COMPARED = Comparison(
    "rotation",
    '"her"',
    "the token before it",
    "in block 9",
    Estimate(-3.214, "degrees", 54, "passage", BOUNDS, excluded=2),
    MAX_T,
)
DIFFERENCE = Correlation(
    r=0.08,
    interval=Interval(-0.02, 0.12, 0.95, "BCa"),
    method="pearson",
    n=25,
    excluded=0,
    tokens=900,
    excluded_tokens=25,
    tested=PValue("sign flip", 0.2, 1),
    null="no difference",
    of=(0.33, 0.25),
)


def profile(n, effect):
    rng = np.random.default_rng(0)
    target, control = rng.normal(size=(2, n, 6))
    target[:, 2:4] += effect
    return paired_profile(target, control, range(1, 7), seed=0, permutations=100)


def every_sentence():
    narrow = replace(COMPARED.estimate, interval=Interval(-1, 2, 0.95, "BCa"))
    missing = Estimate(float("nan"), "degrees", 0, "passage", note="no complete pair")
    for estimate in (COMPARED.estimate, narrow, missing, replace(narrow, value=0.0)):
        compared = replace(COMPARED, estimate=estimate)
        yield difference_plain(compared)
        for p in (MAX_T, UNTESTED, replace(MAX_T, family=1)):
            yield difference_sentence(replace(compared, tested=p))
    for curves in (profile(20, 3.0), profile(20, 0.0), profile(20, 0.6), profile(3, 0.0)):
        yield curves_sentence(curves, "rotation", "her", "the token before it")
        yield curves_plain(curves, "rotation", "her", "the token before it")
    for result in (DIFFERENCE, replace(DIFFERENCE, r=np.nan)):
        yield models_sentence("step", "log-probability", ("gpt2", "gpt2-medium"), result)


def test_no_template_speaks_of_minds_or_causes():
    sentences = list(every_sentence())
    assert len(sentences) > 25
    for sentence in sentences:
        assert forbidden(sentence) == ()
        assert sentence.endswith(".")
        assert "nan" not in sentence.split()


@pytest.mark.parametrize("module", sorted(Path(sentences.__file__).parent.glob("*.py")), ids=str)
def test_no_string_of_a_module_uses_a_forbidden_word(module):
    if module.stem == "forbidden":
        return
    strings = [
        node.value
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [s for s in strings if forbidden(s)] == []


@pytest.mark.parametrize(
    "text",
    [
        "the model puts effort into it",
        "it thinks harder",
        "GPT-2 Understands her",
        "the target causes a turn",
        "turning because of the target",
        "the curves differ from layer 7 on",
        "the curves differ from block seven onwards",
        "a difference starting at layer 3",
        "attention drives the step",
    ],
)
def test_forbidden_words_are_found(text):
    assert forbidden(text)


def test_a_difference_is_never_without_effect_interval_n_test_and_family():
    assert difference_sentence(COMPARED) == (
        'The rotation of "her" is 3.21 degrees smaller than that of the token before it in block 9 '
        "(difference -3.21 degrees; 95 % interval -4.31 to -2.12 degrees, BCa bootstrap; "
        "n = 54 passages; p < .001, sign-flip permutation, max-T over layers, "
        "family of 12 layers)."
    )
    untested = replace(COMPARED, tested=UNTESTED)
    assert "no p-value: descriptive" in difference_sentence(untested)
    assert difference_plain(COMPARED) == (
        'In 54 passages, the rotation of "her" is on average 3.21 degrees smaller than that of the '
        "token before it in block 9; for texts of this kind in general a difference between 2.12 "
        "and 4.31 degrees fits what was seen."
    )


def test_a_difference_whose_interval_holds_zero_is_not_called_one():
    unsure = replace(COMPARED.estimate, interval=Interval(-4.1, 0.2, 0.95, "BCa"))
    said = difference_sentence(replace(COMPARED, estimate=unsure))
    assert "cannot be told apart from that of the token before it in block 9" in said
    assert "difference -3.21 degrees" in said
    assert "smaller" not in said


def test_a_difference_that_is_too_small_to_be_printed_is_none():
    tiny = replace(COMPARED.estimate, value=1e-9, interval=None)
    assert "equals that of" in difference_sentence(replace(COMPARED, estimate=tiny))


def test_one_unit_is_one_and_one_bound_is_said_once():
    alone = replace(COMPARED.estimate, value=0.0, interval=None, n=1)
    assert difference_plain(replace(COMPARED, estimate=alone)).startswith("In 1 passage, ")
    narrow = replace(COMPARED.estimate, interval=Interval(-3.2101, -3.2099, 0.95, "BCa"))
    told = difference_plain(replace(COMPARED, estimate=narrow))
    assert "in general a difference of 3.21 degrees fits what was seen" in told


def test_a_comparison_of_correlations_says_what_it_rests_on():
    models = ("gpt2", "gpt2-medium")
    assert models_sentence("step", "log-probability", models, DIFFERENCE) == (
        "The correlation of step with log-probability in gpt2 minus that in gpt2-medium is .08 "
        "(pearson, .33 and .25; 95 % interval -.02 to .12, BCa; n = 900 tokens; "
        "n = 25 passages; p = .20, sign flip, a single test; "
        "mean over texts of r_first - r_second)."
    )


def test_a_correlation_says_its_p_alone_and_corrected():
    tested = PValue("session permutation", 0.04, 48, "correlations", alone=0.003)
    alone = replace(DIFFERENCE, r=-0.31, method="partial Spearman", of=None, tested=tested)
    assert correlation_words(alone) == (
        "partial Spearman r = -.31 (95 % interval -.02 to .12, BCa; n = 900 tokens; "
        "n = 25 passages; p = .003, after max-T p = .040, session permutation, family "
        "of 48 correlations)"
    )
    assert "no p-value: one text" in correlation_words(
        replace(alone, tested=PValue("none: one text", None, 0))
    )


def test_a_family_is_named_by_its_size():
    assert family_words(MAX_T) == "12 layers"
    assert family_words(replace(MAX_T, family=1)) == "1"
    assert (family_words(UNTESTED), family_words(replace(MAX_T, p=np.nan))) == ("none", "none")


def test_curves_differ_as_wholes_only():
    found = curves_sentence(profile(20, 3.0), "rotation", "her", "him")
    assert found.startswith("The curves of the rotation of her and him differ (cluster mass")
    assert "covers layers 3 to 4; its edges are not tested." in found
    assert "were not tested" in curves_sentence(profile(3, 3.0), "rotation", "her", "him")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (342.4, "342"), (99.96, "100"), (17.44, "17.4"), (-3.214, "-3.21"), (0.0456, "0.046"),
        (0.45, "0.45"), (0, "0"), (1e-9, "0"), (-1e-9, "0"), (float("nan"), "not a number"),
        (9.999, "10.00"), (12345.6, "12346"),
    ],
)  # fmt: skip
def test_numbers_have_sensible_digits(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0001, "p < .001"), (0.001, "p = .001"), (0.0123, "p = .012"), (0.0996, "p = .10"),
        (0.34, "p = .34"), (1.0, "p = 1"), (0.999, "p = 1"),
    ],
)  # fmt: skip
def test_p_values_are_written_as_in_papers(p, text):
    assert p_value(p) == text


def test_coefficients_have_no_leading_zero():
    assert [coefficient(r) for r in (0.452, -0.07, 1.0, -0.001, -0.0004, float("nan"))] == [
        ".45", "-.07", "1.00", "-.001", ".00", "not a number",
    ]  # fmt: skip


def test_importing_statistics_imports_neither_torch_nor_mne_nor_arch():
    code = (
        "import sys, odograph.sentences.differences, odograph.statistics.correlations.grid, "
        "odograph.statistics.space.isotropic; "
        "print([m for m in ('torch', 'mne', 'arch', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_with_one_test_there_is_nothing_to_take_the_largest_of():
    one = PValue("sign-flip permutation, max-T over measures", 0.2, 1, "comparisons")
    assert p_words(one) == "p = .20, sign-flip permutation, a single test"
    several = PValue("sign-flip permutation, max-T over measures", 0.2, 3, "comparisons")
    assert p_words(several).endswith("max-T over measures, family of 3 comparisons")


@pytest.mark.parametrize("value", [0.046, 0.5, 0.0123, 3.214, 17.44, 99.96, 342.4, -0.046])
def test_a_page_rounds_a_number_as_its_sentence_does(value):
    assert number_on_the_page(value) == number(value).replace("-", "−")


def test_plurals_lists_and_stretches_are_written_in_one_way():
    assert [several(1, "passage"), several(2, "passage"), plural("series")] == [
        "1 passage", "2 passages", "series",
    ]  # fmt: skip
    assert [span("block", 3, 3), span("relative depth", "0.25", "0.5")] == [
        "block 3", "relative depths 0.25 to 0.5",
    ]  # fmt: skip
    assert [listed([]), listed([2]), listed([2, 4]), listed([2, 3, 4])] == [
        "", "2", "2 and 4", "2, 3 and 4",
    ]  # fmt: skip
    assert (capital("layers 2 to 4"), percent(0.614)) == ("Layers 2 to 4", "61 %")


def test_a_p_that_is_the_least_of_its_draws_is_said_to_be_at_most_that():
    assert p_value(3 / 2000, 3 / 2000) == "p at most .0015, the least these draws can give"
    assert p_value(1 / 32, 1 / 32) == "p at most .031, the least these draws can give"
    assert p_value(0.0005, 0.0005) == "p < .001"
    assert p_value(4 / 2000, 3 / 2000) == "p = .002"
    tested = PValue("sign-flip permutation of the mean", 1 / 32, 1, least=1 / 32)
    assert p_words(tested).startswith("p at most .031, the least these draws can give, sign-flip")


def test_a_share_that_is_not_nothing_is_not_0_percent():
    assert [percent(share) for share in (0.0, 0.001, 0.004, 0.006, 0.61, 1.0)] == [
        *("0 %", "under 1 %", "under 1 %", "1 %", "61 %", "100 %")
    ]


def test_flips_of_skewed_units_say_what_they_are_exact_for():
    tested = PValue("sign-flip permutation of the mean", 0.031, 1, bootstrap=0.2)
    assert p_words(tested).endswith(
        "a single test, exact for symmetric differences only: by the bootstrap-t p = .20"
    )
