"""Templates with slots: every variant is written, its target marked, its columns kept."""

import pytest

from odograph.corpus.templates import MOST_VARIANTS, expand, read_template
from odograph.corpus.words import Target
from odograph.errors import TextError, UsageError

JOBS = [{"job": "cook"}, {"job": "old pilot"}]


def test_each_row_gives_each_choice_of_words_and_is_one_document():
    made = expand(["The {job} lost {her|their} key."], JOBS)
    assert [p.text for p in made] == [
        "The cook lost her key.",
        "The cook lost their key.",
        "The old pilot lost her key.",
        "The old pilot lost their key.",
    ]
    assert [p.document for p in made] == ["1.1", "1.1", "1.2", "1.2"]
    assert made[3].targets == (Target("their", 19, 24),)
    assert made[3].columns == (("job", "old pilot"), ("variant", "their"), ("item", "1.2"))


def test_slots_with_words_of_their_own_are_crossed_and_may_be_named():
    made = expand(["{who:She|He} saw {her|him} {now|then}."], [])
    assert len(made) == 8
    assert made[1].columns == (
        ("who", "She"),
        ("variant", "her"),
        ("variant2", "then"),
        ("item", "1.1"),
    )
    assert [t.target for t in made[1].targets] == ["She", "her", "then"]


def test_of_several_choices_one_may_be_followed():
    (made, *_) = expand(["{who:She|He} saw {her|him}."], [], "variant")
    assert [t.target for t in made.targets] == ["her"]


def test_templates_without_a_choice_mark_no_target():
    assert [p.targets for p in expand(["A {job}."], JOBS)] == [None, None]


def test_a_slot_may_stand_twice_and_braces_are_written_twice():
    (one, _) = expand(["{{a}} {job} is a {job}: {x|y}"], JOBS[:1])
    assert one.text == "{a} cook is a cook: x"


def test_an_item_that_the_values_name_is_kept():
    (one, _) = expand(["{job} {x|y}"], [{"job": "cook", "item": "k7"}])
    assert (one.document, dict(one.columns)["item"]) == ("k7", "k7")


@pytest.mark.parametrize(
    "template",
    [
        "no slot",
        "{a|}",
        "{a|a}",
        "{}",
        "{1}",
        "{a b}",
        "a { b",
        "a } b",
        "{x:a|b} {x}",
        "{x:a|b} {x:c|d}",
    ],
)
def test_a_template_that_cannot_be_understood_is_refused(template):
    with pytest.raises(UsageError, match="the template"):
        read_template(template)


def test_a_missing_value_is_named():
    with pytest.raises(TextError, match="row 2 of the values: expected a value of 'job'"):
        expand(["The {job} left."], [{"job": "cook"}, {"job": None}])


def test_too_many_variants_are_refused_before_they_are_written():
    words = "|".join(f"w{n}" for n in range(101))
    with pytest.raises(UsageError, match=f"at most {MOST_VARIANTS:,} passages, got 10,201"):
        expand([f"{{{words}}} {{{words}}}"], [{}])
