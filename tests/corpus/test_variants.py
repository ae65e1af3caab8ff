"""Variants: the first target of a passage replaced by each of the targets in turn."""

import pytest

from odograph.corpus import EncodeOptions, Passage, Word, encode_passages, read_passages
from odograph.corpus.variants import make_variants
from odograph.errors import TextError, UsageError


def variants(*texts, targets=("her", "him", "round"), **options):
    passages = [Passage(f"p{n}", text, "here") for n, text in enumerate(texts)]
    return make_variants(passages, targets, **options)


def texts_of(made):
    return [passage.text for passage in made]


def test_each_target_takes_the_place_of_the_first():
    made, counts = variants("He saw him with her.", "Nothing here.")
    assert [(p.id, p.base, p.text) for p in made] == [
        ("p0#v1", "p0", "He saw her with her."),
        ("p0#v2", "p0", "He saw him with her."),
        ("p0#v3", "p0", "He saw round with her."),
    ]
    assert [[(t.target, t.start, t.end) for t in p.targets] for p in made] == [
        [("her", 7, 10)],
        [("him", 7, 10)],
        [("round", 7, 12)],
    ]
    assert counts == {"passages_without_target": 1}


def test_capitals_are_kept():
    made, _ = variants("Her dog", "SEE HER", "See hEr", targets=("her", "him"), ignore_case=True)
    assert texts_of(made) == ["Her dog", "Him dog", "SEE HER", "SEE HIM", "See hEr", "See him"]


def test_passages_that_differ_in_the_target_alone_give_one_set():
    made, counts = variants("saw her go", "saw him go", "saw round go", "met him")
    assert texts_of(made)[:3] == ["saw her go", "saw him go", "saw round go"]
    assert [p.base for p in made] == ["p0"] * 3 + ["p3"] * 3
    assert counts == {"variants_met_twice": 2}


def test_words_are_moved_and_the_replaced_one_loses_its_tag():
    words = (
        Word("saw", 0, 3, "VERB", "see"),
        Word("her", 4, 7, "PRON", "she"),
        Word("go", 8, 10, "VERB", "go"),
    )
    made, _ = make_variants([Passage("p", "saw her go", "here", words)], ("her", "round"))
    assert made[1].words == (words[0], Word("round", 4, 9), Word("go", 10, 12, "VERB", "go"))
    assert made[0].words[1] == Word("her", 4, 7)


def test_a_target_inside_a_word_or_over_two_makes_one_word_of_them():
    words = (Word("he's", 0, 4, "X"), Word("New", 5, 8, "A"), Word("York", 9, 13, "B"))
    passage = Passage("p", "he's New York", "here", words)
    inside, _ = make_variants([passage], ("he", "they"))
    assert inside[1].text == "they's New York"
    assert inside[1].words == (
        Word("they's", 0, 6),
        Word("New", 7, 10, "A"),
        Word("York", 11, 15, "B"),
    )
    over, _ = make_variants([passage], ("New York", "Rome"))
    assert over[1].words == (words[0], Word("Rome", 5, 9))


def test_two_targets_are_needed_and_one_must_occur():
    for targets, given in (((), "none"), (("her",), "'her'"), (("her", " her "), "'her'")):
        with pytest.raises(UsageError, match=f"variants of a passage: .* got {given}"):
            EncodeOptions(variants=True, targets=targets)
    with pytest.raises(TextError, match="no occurrence of the targets 'her', 'him', 'round'"):
        variants("Nothing")


@pytest.mark.parametrize("select", ["all", "targets"])
def test_variants_become_tokens_with_one_target_each(small, select):
    passages = [Passage("p", "took him home with her", "here")]
    options = EncodeOptions(targets=("her", "him"), variants=True, select=select)
    encoding = encode_passages(passages, small, options)
    assert [(e.passage_id, e.base) for e in encoding.encoded] == [("p#v1", "p"), ("p#v2", "p")]
    assert encoding.exclusions["targets_met_twice"] == 0
    for encoded, target in zip(encoding.encoded, ("her", "him"), strict=True):
        assert [g for g, r in zip(encoded.group, encoded.role, strict=True) if r == 2] == [target]
        assert (encoded.role == 1).sum() == 1


def test_the_bundled_sentences_give_each_sentence_once(gpt2):
    passages = read_passages(["bundled:her", "bundled:him", "bundled:round"]).passages
    options = EncodeOptions(targets=("her", "him", "round"), variants=True)
    encoding = encode_passages(passages, gpt2, options)
    assert {key: n for key, n in encoding.exclusions.items() if n} == {"variants_met_twice": 108}
    assert len(encoding.encoded) == 162
    assert len({e.base for e in encoding.encoded}) == 54
    alone = encode_passages(passages[:54], gpt2, EncodeOptions(targets=("her",))).encoded
    for ours, theirs in zip(encoding.encoded[::3], alone, strict=True):
        assert ours.token_id.tolist() == theirs.token_id.tolist()
        assert ours.role.tolist() == theirs.role.tolist()


def test_windows_of_a_variant_share_its_base(small_with_bos):
    passages = [Passage("p", "the other children watched her from there", "here")]
    options = EncodeOptions(
        targets=("her", "him"), variants=True, max_positions=6, too_long="window"
    )
    encoding = encode_passages(passages, small_with_bos, options)
    assert {e.base for e in encoding.encoded} == {"p"}
    assert "p#v1#w2" in [e.passage_id for e in encoding.encoded]


def test_tags_of_variants_are_in_the_table(small):
    words = (Word("saw", 0, 3, "VERB", "see"), Word("her", 4, 7, "PRON", "she"))
    options = EncodeOptions(targets=("her", "him"), variants=True, tagged=True)
    encoding = encode_passages([Passage("p", "saw her", "here", words)], small, options)
    assert encoding.words["text_id"] == ["p#v1", "p#v1", "p#v2", "p#v2"]
    assert encoding.words["tag"] == ["VERB", None, "VERB", None]
    assert encoding.words["frequency"].tolist() == [1, 1, 1, None]
    assert encoding.exclusions["words_untagged"] == 2
