import unicodedata
from itertools import pairwise, zip_longest

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from odograph.corpus import Target, find_targets, find_words, suggest_words
from odograph.corpus.words import is_word_character
from odograph.errors import UsageError


def words(text):
    return [text[start:end] for start, end in find_words(text)]


def hits(text, *targets, **options):
    return [text[t.start : t.end] for t in find_targets(text, targets, **options)]


def test_words_are_letters_digits_and_marks_with_inner_apostrophes():
    assert words("Don't stop, it's 2 o’clock 'now'.") == [
        "Don't",
        "stop",
        "it's",
        "2",
        "o’clock",
        "now",
    ]
    assert words("cafe\u0301 \u2764\ufe0f x_y") == ["cafe\u0301", "x", "y"]


@given(st.text())
def test_words_are_maximal_and_in_order(text):
    spans = find_words(text)
    assert all(a < b for a, b in spans)
    assert all(first[1] < second[0] for first, second in pairwise(spans))
    inside = {place for a, b in spans for place in range(a, b)}
    assert all(place in inside for place, c in enumerate(text) if c.isalnum())


def test_a_target_is_a_whole_word_in_its_case():
    assert find_targets("Her other brother hers there her.", ["her"]) == (Target("her", 29, 32),)
    assert hits("Her, her; HER", "her", ignore_case=True) == ["Her", "her", "HER"]
    assert hits("he's in", "he") == ["he"]


def test_the_longest_of_overlapping_targets_wins():
    found = find_targets("York, New York and don't", ["York", "New York", "don't", "don"])
    assert [t.target for t in found] == ["York", "New York", "don't"]


def test_composed_and_decomposed_forms_are_the_same():
    composed, decomposed = "le café noir", unicodedata.normalize("NFD", "le café noir")
    for target in ("café", unicodedata.normalize("NFD", "café")):
        assert hits(composed, target) == ["café"]
        assert hits(decomposed, target) == [unicodedata.normalize("NFD", "café")]
    assert hits("xe\u0301\u0327 e\u0301\u0327", "e\u0327\u0301") == ["e\u0301\u0327"]
    assert hits("cafe\u0301", "cafe") == []
    assert hits("Straße", "strasse", ignore_case=True) == ["Straße"]
    assert hits("aß", "as", ignore_case=True) == []


def test_a_blank_target_is_refused():
    with pytest.raises(UsageError, match="a target is blank"):
        find_targets("x", [" "])


@example("a\u0301", ["a"], False)
@example("\u0345 \u0301", ["\u0301"], True)
@given(
    st.text(alphabet=st.one_of(st.sampled_from("hHeErR 'é\u0301\u0327ßſ"), st.characters())),
    st.lists(st.text("herHERé ß\u0301", min_size=1).filter(str.strip), min_size=1, max_size=3),
    st.booleans(),
)
def test_no_target_begins_or_ends_inside_a_word(text, targets, ignore_case):
    found = find_targets(text, targets, ignore_case=ignore_case)
    assert list(found) == sorted(found, key=lambda target: target.start)
    for target, following in zip_longest(found, found[1:]):
        assert 0 <= target.start < target.end <= len(text)
        assert following is None or target.end <= following.start
        for beside in (text[: target.start][-1:], text[target.end :][:1]):
            assert not beside or not is_word_character(beside)
        if not ignore_case:
            assert unicodedata.normalize("NFD", text[target.start : target.end]) in (
                unicodedata.normalize("NFD", name.strip()) for name in targets
            )


def test_suggestions_name_other_case_then_inside_then_alike():
    text = "He saw Her, HER and Her brother; their hat, hear!"
    assert suggest_words(text, "her") == ["Her", "HER", "brother", "hear", "their"]
    assert suggest_words(["nothing"], "zebra") == []
