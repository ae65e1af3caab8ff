"""Items of a design: what goes with their passages, and the words in which they differ."""

import pytest

from odograph.corpus import EncodeOptions, Passage, encode_passages
from odograph.corpus.items import in_items, levels_of, mark_differences, with_like_columns
from odograph.corpus.readers import read_sources
from odograph.corpus.rows import Columns


def item(text, name="1", **columns):
    return Passage(
        text, text, "here", columns=(("item", name), *((k, str(v)) for k, v in columns.items()))
    )


def marked(*texts):
    made = mark_differences([item(text) for text in texts], "item")
    return [tuple((t.target, p.text[t.start : t.end]) for t in p.targets) for p in made]


def test_the_words_that_differ_are_the_targets():
    assert marked("The dog (barked) at night.", "The dog (sang) at night.") == [
        (("barked", "barked"),),
        (("sang", "sang"),),
    ]


def test_several_words_that_differ_are_one_target():
    assert marked("The old dog ran.", "The very small dog ran.") == [
        (("old", "old"),),
        (("very small", "very small"),),
    ]


def test_where_a_word_is_left_out_the_next_one_is_compared():
    assert marked("The dog that ran fell.", "The dog ran fell.") == [
        (("that ran", "that ran"),),
        (("ran", "ran"),),
    ]


def test_three_passages_of_an_item_are_marked_where_all_agree_around():
    assert marked("He saw her.", "He saw him.", "He met him.") == [
        (("saw her", "saw her"),),
        (("saw him", "saw him"),),
        (("met him", "met him"),),
    ]


def test_passages_alone_in_their_item_or_equal_have_no_target():
    passages = [item("a b", "1"), item("c d", "2"), item("c d", "2"), item("e", "")]
    assert [p.targets for p in mark_differences(passages, "item")] == [()] * 4


def test_a_passage_is_of_the_document_of_its_item_or_of_its_own():
    found = in_items([item("a"), Passage("x", "b", "here", document="d")], "item")
    assert [p.document for p in found] == ["1", "d"]


def test_every_passage_has_the_columns_of_all():
    first, second = with_like_columns([item("a", kind="x"), Passage("y", "b", "here")])
    assert first.columns == (("item", "1"), ("kind", "x"))
    assert second.columns == (("item", None), ("kind", None))
    assert levels_of([first, second], "kind") == ("x",)


def test_columns_of_a_table_are_kept_as_text(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "n": 2.0, "c": null}\n{"text": "b", "n": "x ", "c": true}\n')
    reading = read_sources([str(path)], Columns(kept=("n", "c")))
    assert [p.columns for p in reading.passages] == [
        (("n", "2"), ("c", None)),
        (("n", "x"), ("c", "True")),
    ]


ALIKE = "He said that she had seen the old {} near the bridge over the river in the evening."


@pytest.mark.parametrize(("items", "documents"), [(True, 3), (False, 1)])
def test_items_may_share_most_of_their_words(small, items, documents):
    words = ("dog", "cat", "man", "dog")
    passages = [item(ALIKE.format(word), str(n)) for n, word in enumerate(words)]
    done = encode_passages(in_items(passages, "item"), small, EncodeOptions(items=items))
    assert len({each.document for each in done.encoded}) == documents
    assert done.exclusions["copies"] == 1
    assert {each.columns for each in done.encoded} == {(("item", str(n)),) for n in range(4)}
