"""Passages that are no evidence of their own: documents by name, copies, near-copies."""

import json
from itertools import combinations
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odograph.corpus import EncodeOptions, Passage, encode_passages, near_copies, read_passages
from odograph.corpus.documents import join_documents
from odograph.corpus.likeness import MIN_HASHES, Likenesses, copy_hash, likeness
from odograph.corpus.near_copies import NEAR, TrigramSets, near_pairs
from odograph.corpus.text_keys import keys_of, own_name
from odograph.errors import TextError, UsageError

CASES = Path(__file__).parents[2].parent / "shared" / "cases"


def write(folder, name, content):
    path = folder / name
    path.write_text(content, "utf-8")
    return str(path)


def passages(*texts, documents=()):
    names = [*documents, *[""] * (len(texts) - len(documents))]
    return [
        Passage(f"p{n}", text, "", document=name)
        for n, (text, name) in enumerate(zip(texts, names, strict=True))
    ]


def joined(*texts, documents=()):
    return in_documents(passages(*texts, documents=documents))


def in_documents(read):
    """The name of each passage's document, the same for all ways to cut the texts into ranges."""
    trigrams = list(map(Likenesses().trigrams, read))
    found = []
    for size in (len(read), 1, 2):
        parts = [slice(first, first + size) for first in range(0, len(read), size)]
        documents, counts = join_documents([keys_of(read[p], trigrams[p]) for p in parts])
        first: dict[int, str] = {}
        for number, passage in zip(documents.number.tolist(), read, strict=True):
            first.setdefault(number, own_name(passage))
        names = [documents.names.get(n, first[n]) for n in documents.number.tolist()]
        found.append((names, counts))
    assert found[1:] == found[:1] * 2
    return found[0]


def keys_of_sets(sets):
    """Keys that have these sets of numbers as trigrams."""
    return keys_of([Passage(f"p{n}", "", "") for n in range(len(sets))], sets)


def sentences(*marks):
    """A CoNLL-U file: a mark (or none) and a word for each sentence."""
    return "".join(f"{mark}1\t{word}" + "\t_" * 8 + "\n\n" for mark, word in marks)


def test_copies_are_equal_but_for_case_and_white_space():
    names, counts = joined("The clerk met her.", " the CLERK\tmet  her. ", "A dog barked at us.")
    assert names == ["p0", "p0", "p2"]
    assert counts == {"copies": 1, "near_copies": 0}


def test_near_copies_share_half_of_their_word_trigrams_and_are_joined_transitively():
    one, two = "a b c d e f", "b c d e f g"  # 3 of 5 trigrams
    three = "c d e f g h"  # 3 of 5 with the second, 2 of 6 with the first
    names, counts = joined(one, three, "x y z", two)
    assert names == ["p0", "p0", "p2", "p0"]
    assert counts == {"copies": 0, "near_copies": 2}
    assert joined("a b c d e", "a b c x y")[1]["near_copies"] == 0, "1 of 5"
    assert joined("a b c d", "a b c")[1]["near_copies"] == 1, "exactly half"


def test_texts_that_share_most_with_one_long_text_are_near_copies_of_none():
    """The long text is left out first; what the others share beside it is too little of each."""
    starts = [f"one{n} two{n} three{n} four{n}" for n in range(12)]
    long = " ".join(
        f"{start} {' '.join(f'{n}x{k}' for k in range(8))}" for n, start in enumerate(starts)
    )
    _, counts = joined(long, *(f"{start} and so on" for start in starts))
    assert counts == {"copies": 0, "near_copies": 0}


def test_punctuation_makes_a_near_copy_and_other_short_texts_are_not_alike():
    names, counts = joined("Stop!", "Stop?", "Go!", "Go on!", "...", "!!!")
    assert names == ["p0", "p0", "p2", "p3", "p4", "p5"]
    assert counts == {"copies": 0, "near_copies": 1}


def test_characters_are_words_where_words_have_no_spaces():
    assert joined("她每天早上喝咖啡", "他每天早上喝咖啡")[0] == ["p0", "p0"]
    assert joined("她每天早上喝咖啡", "这家店的茶很好")[0] == ["p0", "p1"]


def test_named_documents_are_copies_as_a_whole_only():
    names, _ = joined("Yes.", "The boat sank.", "Yes.", "A dog ran.", documents="aabb")
    assert names == ["a", "a", "b", "b"], "one short sentence in common joins no documents"
    names, counts = joined("Yes.", "The boat sank.", "yes.", "the boat sank.", documents="aabb")
    assert names == ["a"] * 4
    assert counts["copies"] == 1


def test_token_ids_are_compared_as_words_are():
    ids = [(1, 2, 3, 4), (1, 2, 3, 4), (1, 2, 3, 5), (7, 8, 9)]
    given_ids = [Passage(f"i{n}", "", "", ids=its) for n, its in enumerate(ids)]
    names, counts = in_documents(given_ids)
    assert names == ["i0", "i0", "i2", "i3"]
    assert counts["copies"] == 1


def test_no_two_documents_have_one_name():
    texts = [Passage("x", "one two three", ""), Passage("x", "four five six", "")]
    assert in_documents(texts)[0] == ["x", "x#d2"]


sets_of_numbers = st.lists(
    st.lists(st.integers(0, 12), min_size=1, max_size=9, unique=True), min_size=2, max_size=30
)


@settings(max_examples=60, deadline=None)
@given(sets_of_numbers)
def test_all_pairs_of_near_copies_are_found_and_no_others(given_sets):
    sets = [np.array(sorted(its), np.uint64) << np.uint64(60) for its in given_sets]
    ranges = [keys_of_sets(sets[:1]), keys_of_sets(sets[1:])]
    given = TrigramSets(ranges, np.arange(len(sets), dtype=np.int32), len(sets))
    with mock.patch.object(near_copies, "_AT_ONCE", 7):  # several buckets
        pairs = set(zip(*(part.tolist() for part in near_pairs(given)), strict=True))
    numbered = list(enumerate(map(set, given_sets)))
    assert pairs == {
        (i, j) for (i, a), (j, b) in combinations(numbered, 2) if len(a & b) >= NEAR * len(a | b)
    }


def test_a_min_hash_agrees_in_as_large_a_share_as_trigrams_do():
    generator = np.random.default_rng(0)
    words = [f"w{n}" for n in range(3000)]
    trigrams, shares = Likenesses().trigrams, []
    for _ in range(60):
        own = generator.choice(words, 60, replace=False)
        other = np.concatenate([own[:45], generator.choice(words, 15, replace=False)])
        first, second = (
            likeness(p, trigrams(p)).min_hash for p in passages(" ".join(own), " ".join(other))
        )
        assert len(first) == MIN_HASHES
        shares.append(np.mean([a == b for a, b in zip(first, second, strict=True)]))
    assert abs(np.mean(shares) - 43 / 73) < 3 * 0.5 / np.sqrt(60 * MIN_HASHES)


def test_hashes_are_the_same_in_every_process_and_release():
    (passage,) = passages("The clerk met her at the station.")
    found = likeness(passage, Likenesses().trigrams(passage))
    assert found.hash == copy_hash(passage) == "78ffca9966394aac"
    assert found.min_hash[:2] == (58241983, 707603247)


def test_sentences_of_one_document_of_a_conllu_file_have_its_name(tmp_path):
    content = sentences(
        ("", "One"), ("# newdoc id = d\n", "Two"), ("", "Three"), ("# newdoc\n", "4")
    )
    path = write(tmp_path, "a.conllu", content)
    found = [p.document for p in read_passages([path]).passages]
    assert found == [f"{path}:1", "d", "d", f"{path}:8"]
    assert {p.document for p in read_passages([path], whole=True).passages} == {""}
    unmarked = write(tmp_path, "b.conllu", sentences(("", "One"), ("", "Two")))
    assert [p.document for p in read_passages([unmarked]).passages] == ["", ""]


def test_a_column_names_the_document_of_each_text(tmp_path):
    import pyarrow
    from pyarrow import parquet

    rows = [{"text": "one", "book": "x"}, {"text": "two", "book": 7}, {"text": "three", "book": ""}]
    table = "text,book\none,x\ntwo,7\nthree,\n"
    files = [
        write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows))),
        write(tmp_path, "a.csv", table),
        write(tmp_path, "a.tsv", table.replace(",", "\t")),
        str(tmp_path / "a.parquet"),
    ]
    columns = {"text": ["one", "two", "three"], "book": ["x", "7", None]}
    parquet.write_table(pyarrow.table(columns), files[-1])
    for path in files:
        reading = read_passages([path], document_column="book")
        assert [p.document for p in reading.passages] == ["x", "7"]
        (skipped,) = reading.skipped
        assert "column 'book': expected the name of a document, got n" in skipped.reason
    with pytest.raises(TextError, match="no column 'story'"):
        read_passages([files[1]], document_column="story")
    with pytest.raises(UsageError, match="a column of documents is for tables"):
        read_passages([write(tmp_path, "a.txt", "x\n")], document_column="book")


def test_a_document_that_two_files_name_is_one_and_told(tmp_path):
    for name, text in (("a.csv", "one"), ("b.csv", "two")):
        write(tmp_path, name, f"text,book\n{text},x\n")
    files = [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]
    reading = read_passages(files, document_column="book")
    assert reading.notes == ("1 document named in several files is taken for one: 'x'",)


def test_variants_and_windows_of_a_text_are_of_its_document(small):
    texts = passages("They saw her dog from there.", "A wind took her across the yard and pond.")
    options = EncodeOptions(
        targets=("her", "his"), variants=True, max_positions=8, too_long="window"
    )
    encoding = encode_passages(texts, small, options)
    assert len(encoding.encoded) > 4
    assert {one.base: one.document for one in encoding.encoded} == {"p0": "p0", "p1": "p1"}
    assert encoding.exclusions["copies"] == encoding.exclusions["near_copies"] == 0


def test_what_is_kept_of_a_passage_comes_back_from_the_store(small):
    encoding = encode_passages(passages("her dog", "Her  dog", "the yard"), small)
    assert [one.document for one in encoding.encoded] == ["p0", "p0", "p2"]
    assert encoding.encoded[0].hash == encoding.encoded[1].hash
    assert encoding.encoded[0].min_hash == encoding.encoded[1].min_hash
    assert encoding.exclusions["copies"] == 1
    changed = encoding.encoded[1].changed(base="other")
    assert (changed.document, changed.hash) == ("p0", encoding.encoded[0].hash)


@pytest.mark.parametrize(
    ("name", "count"), [("documents.conllu", 8), ("copies.txt", 6), ("near-copies.txt", 6)]
)
def test_the_shared_cases_have_so_many_documents(name, count):
    if not CASES.is_dir():
        pytest.skip("the shared cases are absent")
    read = read_passages([str(CASES / name)]).passages
    assert len(set(in_documents(read)[0])) == count
