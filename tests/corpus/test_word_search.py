import unicodedata
from itertools import pairwise, zip_longest

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from odograph.corpus import EncodeOptions, Target, find_targets, find_words, suggest_words
from odograph.corpus.look_alikes import code_points, look_alike, quoted, quoted_apart
from odograph.corpus.near_words import no_occurrence
from odograph.corpus.scripts import UNSPACED, is_mark, is_unspaced
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
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
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
            assert not is_mark(beside or " ")
            assert not beside or is_unspaced(beside) or not is_word_character(beside)
        if not ignore_case:
            found_text = " ".join(text[target.start : target.end].split())
            assert unicodedata.normalize("NFD", found_text) in (
                unicodedata.normalize("NFD", " ".join(name.split())) for name in targets
            )


def test_suggestions_name_other_case_then_inside_then_alike():
    text = "He saw Her, HER and Her brother; their hat, hear!"
    assert suggest_words(text, "her") == ["Her", "HER", "brother", "hear", "their"]
    assert suggest_words(["nothing"], "zebra") == []


#: A target in a script without spaces, a text that holds it inside a run, and how often.
WITHOUT_SPACES = {
    "Han": ("茶", "他喝茶，茶很香；红茶", 3),
    "Hiragana": ("いぬ", "しろいいぬとくろいいぬ", 2),
    "Katakana": ("パン", "パンとパンケーキ", 2),
    "Bopomofo": ("ㄅㄆ", "ㄅㄆㄇㄅㄆ", 2),
    "Thai": ("น้ำ", "ฉันดื่มน้ำเย็น น้ำร้อน", 2),
    "Lao": ("ນ້ຳ", "ຂ້ອຍດື່ມນ້ຳເຢັນ", 1),
    "Khmer": ("ទឹក", "ខ្ញុំផឹកទឹកត្រជាក់ ទឹក", 2),
    "Myanmar": ("ရေ", "ကျွန်တော်ရေသောက်တယ်", 1),
    "Tai_Le": ("ᥖᥭ", "ᥘᥣᥖᥭᥘᥣ", 1),
    "New_Tai_Lue": ("ᦎᦱ", "ᦟᦎᦱᦟ", 1),
    "Tai_Tham": ("ᨾᩣ", "ᨣᩢᨾᩣᨣ", 1),
    "Tai_Viet": ("ꪼꪕ", "ꪎꪼꪕꪎ", 1),
    "Javanese": ("ꦧꦚꦸ", "ꦲꦏꦸꦧꦚꦸꦲ", 1),
    "Yi": ("ꆈꌠ", "ꉙꆈꌠꉙ", 1),
    "Tangut": ("𗼇", "𗼎𗼇𗼎", 1),
    "Nushu": ("𛅰", "𛅱𛅰𛅱", 1),
    "Khitan_Small_Script": ("𘬀", "𘬁𘬀𘬁", 1),
    "Ahom": ("𑜀𑜡", "𑜁𑜀𑜡𑜁", 1),
    "Balinese": ("ᬬᬾᬄ", "ᬓᬬᬾᬄᬓ", 1),
}


@pytest.mark.parametrize("script", UNSPACED)
def test_a_target_is_found_by_characters_where_words_have_no_spaces(script):
    target, text, times = WITHOUT_SPACES[script]
    assert hits(text, target) == [target] * times
    assert len(hits(text, target, match="words")) < times


def test_words_of_two_scripts_end_where_one_begins():
    assert words("我的iPhone很好, don't猫's") == ["我的", "iPhone", "很好", "don't", "猫", "s"]
    assert hits("我的iPhone很好 iPhones", "iPhone") == ["iPhone"]
    assert hits("ไปBangkokกัน", "Bangkok") == ["Bangkok"]
    assert hits("第3回 33", "3") == ["3"]


def test_what_is_found_never_cuts_a_character():
    assert hits("กี กา", "ก") == ["ก"]
    assert hits("ខ្មែរ", "ម") == [], "the second consonant of a stack"
    assert hits("ខ្មែរ", "ខ") == [], "its first"
    assert hits("が", "か") == []
    assert hits("か\u3099", "か") == []
    assert hits("か\u3099", "が") == ["か\u3099"]
    assert hits("cafe\u0301", "caf", match="characters") == ["caf"]
    assert hits("cafe\u0301", "cafe", match="characters") == []


def test_match_by_characters_or_by_words_overrides_the_script():
    assert hits("other her", "her", match="characters") == ["her", "her"]
    assert hits("喝咖啡 咖啡", "咖啡", match="words") == ["咖啡"]
    with pytest.raises(UsageError, match="match: expected 'auto' or 'words' or 'characters'"):
        EncodeOptions(match="letters")


def test_a_target_is_a_word_of_its_own_where_words_have_no_spaces():
    text = "我们在咖啡馆喝咖啡"
    spans = find_words(text, find_targets(text, ["咖啡"]))
    assert [text[a:b] for a, b in spans] == ["我们在", "咖啡", "馆喝", "咖啡"]
    assert find_words("he's", find_targets("he's", ["he"])) == ((0, 4),)


def test_white_space_in_a_target_is_any_white_space():
    text = "New  York, New\nYork, New\u00a0York, New\u3000York and NewYork"
    assert len(hits(text, "New York")) == len(hits(text, " New\t York ")) == 4
    assert hits("a a a", "a a") == ["a a"]


def test_near_words_are_words_and_not_the_whole_sentence():
    assert suggest_words(["我们在咖啡馆喝咖啡。", "咖啡很好"], "咖非") == ["咖啡"]
    assert suggest_words(["ฉันดื่มน้ำ"], "tea") == []
    assert suggest_words(["我喝tea很多"], "teas") == ["tea"]


def test_what_looks_alike_is_told_apart_by_code_points():
    composed, decomposed = "café", "cafe\u0301"
    assert quoted_apart(composed, decomposed) == "'café' (U+00E9 for U+0065 U+0301)"
    assert quoted_apart("h\u0435r", "her") == "'h\u0435r' (U+0435 for U+0065)"
    assert look_alike("so\u00adfa", "sofa")
    assert look_alike("ａ", "a")
    assert not look_alike("her", "her")
    assert not look_alike("her", "him")
    assert code_points("") == "nothing"
    message = str(no_occurrence(["Tell h\u0435r."], ["her"]))
    assert message.endswith("near words that occur: 'h\u0435r' (U+0435 for U+0065).")


def test_a_long_target_is_not_echoed_whole():
    message = str(no_occurrence(["a text"], ["x" * 150_000]))
    assert len(message) < 250
    assert "(150,000 characters)" in message
    assert quoted("her") == "'her'"
