"""Tags: gold ones, those of a column and those of spaCy; tokens and words that bear them."""

import json
from collections import defaultdict

import numpy as np
import pytest

from odograph.corpus import EncodeOptions, Passage, Word, encode_passages, read_passages
from odograph.corpus.tagging import load_pipeline, split_text, tag_reading
from odograph.corpus.tags import check_tags
from odograph.errors import TextError, UsageError
from odograph.run.options import make_config
from odograph.run.preparing import encode_options

TAGGED = EncodeOptions(tagged=True)


def write(folder, name, content):
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return str(path)


def tagged(passage):
    return [(w.text, w.tag) for w in passage.words]


def sentence(*words, head=()):
    rows = [f"{n}\t{w}\t_\t{t}\t_\t_\t0\troot\t_\t_" for n, (w, t) in enumerate(words, start=1)]
    return "\n".join([*head, *rows]) + "\n\n"


@pytest.mark.parametrize(
    "given", ["none", "conllu", "column", "column:upos", "spacy:en", "spacy:a/b"]
)
def test_kinds_of_tags_are_known(given):
    assert check_tags(given) == given
    assert make_config({"tags": given}).tags == given


def test_empty_tags_are_refused():
    with pytest.raises(UsageError) as caught:
        make_config({"tags": ""})
    assert str(caught.value) == "option 'tags': expected a name that is not empty, got ''."


@pytest.mark.parametrize("given", ["spacy", "spacy:", "column:", "conllu:x", "none:x", "nltk"])
def test_other_kinds_of_tags_are_refused(given):
    with pytest.raises(UsageError) as caught:
        make_config({"tags": given})
    assert str(caught.value) == (
        "option 'tags': expected none, conllu, column, column:NAME or spacy:NAME,"
        f" got {given!r}. For example --tags spacy:en_core_web_sm."
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"text": "The “big” dog, barks.", "tags": ["DET", "ADJ", "NOUN", "VERB"]}\n'),
        ("a.jsonl", '{"text": "The “big” dog, barks.", "tags": "DET ADJ NOUN VERB"}\n'),
        ("a.tsv", "text\ttags\nThe “big” dog, barks.\tDET ADJ NOUN VERB\n"),
        ("a.csv", 'text,tags\n"The “big” dog, barks.","[""DET"", ""ADJ"", ""NOUN"", ""VERB""]"\n'),
    ],
)
def test_a_column_holds_a_tag_for_each_word(tmp_path, name, content):
    reading = read_passages([write(tmp_path, name, content)], tag_column="tags")
    (passage,) = tag_reading(reading, "column").passages
    assert tagged(passage) == [("The", "DET"), ("big", "ADJ"), ("dog", "NOUN"), ("barks", "VERB")]
    assert all(passage.text[w.start : w.end] == w.text for w in passage.words)
    assert [w.lemma for w in passage.words] == ["the", "big", "dog", "barks"]


def test_a_column_of_a_parquet_file_is_read_too(tmp_path):
    import pyarrow
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    table = pyarrow.table({"body": ["A dog -", "Go"], "upos": [["DET", None, "_"], ["VERB"]]})
    parquet.write_table(table, path)
    first, second = read_passages([str(path)], text_column="body", tag_column="upos").passages
    assert tagged(first) == [("A", "DET"), ("dog", ""), ("-", "")]
    assert tagged(second) == [("Go", "VERB")]


def test_tags_that_do_not_fit_the_words_make_a_bad_passage(tmp_path):
    rows = [
        {"text": "A dog", "tags": ["DET"]},
        {"text": "A dog", "tags": ["DET", 3]},
        {"text": "A dog", "tags": "[DET"},
        {"text": "A dog"},
        "A dog",
        {"text": "A dog", "tags": ["DET", "NOUN"]},
    ]
    path = write(tmp_path, "a.jsonl", "\n".join(json.dumps(row) for row in rows))
    reading = read_passages([path], tag_column="tags")
    assert len(reading.passages) == 1
    assert [skipped.reason for skipped in reading.skipped] == [
        "column 'tags': expected 2 tags, one for each word between white space, got 1."
        " Give each word its tag, and '_' to a word without one.",
        'column \'tags\': expected tags such as ["DET", "NOUN"] or DET NOUN, got 3.'
        " Give each word its tag, and '_' to a word without one.",
        "column 'tags': expected tags such as [\"DET\", \"NOUN\"] or DET NOUN, got '[DET'."
        " Give each word its tag, and '_' to a word without one.",
        "no column 'tags': got 'text'. Name the one that holds the tags (--tags column:NAME).",
        "not a passage: expected a JSON object, got the str 'A dog'."
        ' Each line is an object such as {"text": "..."}, or a string.',
    ]
    with pytest.raises(TextError, match=r"a\.jsonl, line 1: column 'tags': expected 2 tags"):
        read_passages([path], tag_column="tags", strict=True)


def test_sources_that_bring_no_tags_are_refused(tmp_path):
    text = write(tmp_path, "a.txt", "one\n")
    table = write(tmp_path, "a.csv", "text,n\none,1\n")
    bare = write(tmp_path, "a.conllu", sentence(("one", "_")))
    with pytest.raises(UsageError, match=r"a column of tags is for tables: .* got \.txt"):
        read_passages([table, text], tag_column="tags")
    with pytest.raises(TextError, match=r"^a\.csv: no column 'tags'"):
        read_passages([table], tag_column="tags")
    with pytest.raises(TextError, match=r"brings no tagged words: expected a \.conllu file"):
        tag_reading(read_passages([text]), "conllu")
    with pytest.raises(TextError, match="no word of the texts has a tag: got --tags conllu"):
        tag_reading(read_passages([bare]), "conllu")


def test_a_fingerprint_knows_the_tags_that_are_used(tmp_path):
    ones = read_passages([write(tmp_path, "a.conllu", sentence(("one", "NUM")))])
    others = read_passages([write(tmp_path, "a.conllu", sentence(("one", "NOUN")))])
    assert ones.fingerprint == others.fingerprint
    assert tag_reading(ones, "conllu").fingerprint != tag_reading(others, "conllu").fingerprint


def test_a_whole_document_is_one_passage(tmp_path):
    content = (
        sentence(("A", "X"), head=["# newdoc id = d1"])
        + sentence(("B", "Y"), ("c", "Z"))
        + sentence(("D", "X"), head=["# newpar"])
        + sentence(("E", "Y"), head=["# newdoc"])
    )
    path = write(tmp_path, "a.conllu", content)
    first, second = read_passages([path], whole=True).passages
    assert (first.id, first.text) == ("d1", "A B c\nD")
    assert [(w.text, w.start, w.end, w.tag) for w in first.words] == [
        ("A", 0, 1, "X"),
        ("B", 2, 3, "Y"),
        ("c", 4, 5, "Z"),
        ("D", 6, 7, "X"),
    ]
    assert (second.id, second.text) == ("a.conllu:10", "E")
    unmarked = write(tmp_path, "b.conllu", sentence(("A", "X")) + sentence(("B", "Y")))
    (only,) = read_passages([unmarked], whole=True).passages
    assert (only.id, only.text) == ("b.conllu", "A B")


def test_a_bad_sentence_makes_its_document_a_bad_passage(tmp_path):
    bad = sentence(("A", "X"), head=["# newdoc", "# text = B"])
    good = sentence(("C", "X"), head=["# newdoc"])
    reading = read_passages([write(tmp_path, "a.conllu", bad + good)], whole=True)
    assert [p.text for p in reading.passages] == ["C"]
    assert [s.place for s in reading.skipped] == ["a.conllu, line 3"]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("name", ["gpt2", "pythia", "bert"])
def test_every_gold_word_is_matched_to_its_characters_or_counted(request, shared_data, name, whole):
    tokenizer = request.getfixturevalue(name)
    reading = read_passages([str(shared_data("pos/en_ewt-ud-dev.conllu"))], whole=whole)
    options = EncodeOptions(tagged=True, max_positions=512, too_long="window")
    encoding = encode_passages(reading.passages, tokenizer, options)
    words, texts = encoding.words, {p.id: p.text for p in reading.passages}
    assert len(words["text"]) == sum(len(p.words) for p in reading.passages) == 25147
    status = np.array(words["status"])
    sure = np.isin(status, ["whole", "split"])
    assert np.array_equal(~sure, words["passage"].mask)
    assert np.array_equal(~sure, words["position"].mask)
    assert sure.mean() > 0.97
    tokens_of = defaultdict(list)
    for encoded in encoding.encoded:
        for token, word in enumerate(encoded.word.tolist()):
            tokens_of[encoded.passage, word].append(token)
    numbers, places = words["passage"].tolist(), words["position"].tolist()
    for at in np.flatnonzero(sure).tolist():
        encoded = encoding.encoded[numbers[at]]
        own = tokens_of[numbers[at], int(words["word"][at])]
        start, end = min(encoded.start[own]), max(encoded.end[own])
        assert (start, end) == (words["start"][at], words["end"][at])
        assert texts[words["text_id"][at]][start:end] == words["text"][at]
        assert len(own) == words["pieces"][at]
        assert (len(own) == 1) == (status[at] == "whole")
        assert own[-1] == places[at]
        assert {encoded.tag[token] for token in own} == {words["tag"][at]}
    counts = {name: int((status == name).sum()) for name in ("crossed", "uncovered", "cut")}
    assert counts == {name: encoding.exclusions[f"words_{name}"] for name in counts}
    assert counts["crossed"] > 0
    # A word that is not matched lends its tag to no token.
    given = sum(tag is not None for e in encoding.encoded for tag in e.tag)
    assert given >= sum(words["pieces"][sure])


def test_words_are_whole_split_crossed_uncovered_or_cut():
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    entries = ["?", "one", "tw", "o", "it's,", "end"]
    backend = Tokenizer(models.WordLevel({name: n for n, name in enumerate(entries)}, "?"))
    backend.pre_tokenizer = pre_tokenizers.Split("|", "removed")
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="?")
    text = "one|tw|o|it's,||end"
    words = tuple(
        Word(text[a:b], a, b, "T", "l")
        for a, b in ((0, 3), (4, 8), (9, 11), (11, 13), (14, 15), (16, 19))
    )
    passage = Passage("p", text, "here", words)
    found = encode_passages([passage], tokenizer, EncodeOptions(tagged=True, max_positions=4)).words
    # "tw|o" holds a sign that no piece covers.
    assert found["status"] == ["whole", "uncovered", "crossed", "crossed", "uncovered", "cut"]
    assert found["pieces"].tolist() == [1, 2, 1, 1, 0, 1]
    assert found["position"].tolist() == [0, None, None, None, None, None]
    assert found["text_position"].tolist() == [0, None, None, None, None, 4]
    joined = Passage("p", "tw|o", "here", (Word("tw", 0, 2, "A"), Word("o", 3, 4, "")))
    encoding = encode_passages([joined], tokenizer, TAGGED)
    assert encoding.encoded[0].tag == ("A", None)
    assert encoding.encoded[0].lemma == (None, None)
    assert encoding.words["lemma"] == [None, None]
    assert encoding.exclusions["words_untagged"] == 1


def test_a_word_without_a_row_was_not_measured(small):
    words = (Word("saw", 2, 5, "VERB"), Word("her", 6, 9, "PRON"), Word("home", 10, 14, "ADV"))
    passages = [Passage("a", "I saw her home", "here", words), Passage("b", "No", "here")]
    options = EncodeOptions(tagged=True, targets=("her",), select="targets")
    encoding = encode_passages(passages, small, options)
    assert len(encoding.encoded) == 1
    measured = encoding.words["passage"].tolist()
    assert measured == [0, 0, None]
    (encoded,) = encoding.encoded
    assert encoded.tag[-1] == "PRON"
    assert encoded.base == "a"
    assert not any(encode_passages(passages, small).encoded[0].tag)
    assert encode_passages(passages, small).words is None


def test_windows_share_a_base_and_find_their_words(small_with_bos):
    text = "took her home, the other children watched her"
    words = tuple(
        Word(w, text.index(w), text.index(w) + len(w), "T") for w in ("took", "home", "watched")
    )
    passage = Passage("a", text, "here", words)
    options = EncodeOptions(tagged=True, max_positions=6, too_long="window")
    encoding = encode_passages([passage], small_with_bos, options)
    assert {e.base for e in encoding.encoded} == {"a"}
    found = encoding.words
    for at, status in enumerate(found["status"]):
        if status in ("whole", "split"):
            encoded = encoding.encoded[found["passage"][at]]
            assert encoded.end[found["position"][at]] == found["end"][at]


def test_frequencies_are_counted_or_read(tmp_path, small):
    passage = Passage(
        "a",
        "Her her him",
        "here",
        tuple(Word(w, a, a + 3, "PRON") for w, a in (("Her", 0), ("her", 4), ("him", 8))),
    )
    counted = encode_passages([passage], small, TAGGED).words["frequency"]
    assert counted.tolist() == [2, 2, 1]
    path = write(tmp_path, "f.tsv", "word\tcount\nHer\t3\nher\t4\n\n")
    options = encode_options(make_config({"tags": "conllu", "frequencies": path}))
    assert encode_passages([passage], small, options).words["frequency"].tolist() == [7, 7, None]


def test_bad_lists_of_frequencies_are_errors_with_their_line(tmp_path):
    def read(content):
        path = write(tmp_path, "f.tsv", content)
        encode_options(make_config({"tags": "conllu", "frequencies": path}))

    for line in ("her\tmany", "her 3", "\t3", "her\t-1", "her\t99999999999"):
        with pytest.raises(TextError, match=r"f\.tsv, line 2: not a frequency: expected a word"):
            read(f"a\t1\n{line}\n")
    with pytest.raises(TextError, match=r"f\.tsv holds no frequency"):
        read("word\tcount\n")
    with pytest.raises(TextError, match="no such file"):
        encode_options(make_config({"tags": "conllu", "frequencies": "nowhere.tsv"}))
    with pytest.raises(UsageError, match="frequencies of words without tags"):
        encode_options(make_config({"frequencies": write(tmp_path, "f.tsv", "a\t1\n")}))


@pytest.fixture(scope="session")
def rule_pipeline(tmp_path_factory):
    """A blank English pipeline that tags by a rule: capitals are names, the rest nouns."""
    spacy = pytest.importorskip("spacy")

    @spacy.Language.component("capital_rule", assigns=["token.pos"])
    def tag(doc):
        for token in doc:
            token.pos_ = "PROPN" if token.text[0].isupper() else "NOUN"
        return doc

    nlp = spacy.blank("en")
    nlp.add_pipe("capital_rule")
    folder = tmp_path_factory.mktemp("spacy") / "rule"
    nlp.to_disk(folder)
    return folder


def test_spacy_tags_each_passage(rule_pipeline):
    texts = [Passage("a", " Ann  saw it.\n\nDon't", "here"), Passage("b", "x", "here")]
    from odograph.corpus import Reading

    reading = tag_reading(Reading(tuple(texts)), f"spacy:{rule_pipeline}")
    assert tagged(reading.passages[0]) == [
        ("Ann", "PROPN"),
        ("saw", "NOUN"),
        ("it", "NOUN"),
        (".", "NOUN"),
        ("Do", "PROPN"),
        ("n't", "NOUN"),
    ]
    assert [w.lemma for w in reading.passages[0].words][:2] == ["ann", "saw"]
    assert tagged(reading.passages[1]) == [("x", "NOUN")]
    assert reading.tagger.startswith("spaCy 3.")
    assert reading.tagger.endswith("(capital_rule)")


def test_a_text_beyond_spacys_limit_is_divided_between_words(rule_pipeline, monkeypatch):
    import spacy

    load = spacy.load

    def shorter(*arguments, **options):
        nlp = load(*arguments, **options)
        nlp.max_length = 11
        return nlp

    monkeypatch.setattr(spacy, "load", shorter)
    from odograph.corpus import Reading

    text = "One two.  Three four\n\nfive six seven eight"
    reading = tag_reading(Reading((Passage("a", text, "here"),)), f"spacy:{rule_pipeline}")
    words = reading.passages[0].words
    assert [w.text for w in words] == [
        "One", "two", ".", "Three", "four", "five", "six", "seven", "eight",
    ]  # fmt: skip
    assert all(text[w.start : w.end] == w.text for w in words)


@pytest.mark.parametrize("most", [3, 7, 20, 100])
def test_parts_of_a_text_make_it_up(most):
    text = "One two. Three!\n\nFour five “six.” sevenandeight nine"
    spans = split_text(text, most)
    assert "".join(text[a:b] for a, b in spans) == text
    assert all(0 < b - a <= most for a, b in spans)


def test_what_is_missing_of_spacy_is_said(rule_pipeline, tmp_path, monkeypatch):
    import spacy

    with pytest.raises(UsageError) as caught:
        load_pipeline("en_core_web_none")
    assert "the spaCy pipeline 'en_core_web_none' is not installed" in str(caught.value)
    assert "python -m spacy download en_core_web_none" in str(caught.value)
    with pytest.raises(UsageError, match="is no spaCy pipeline that can be loaded"):
        load_pipeline(str(tmp_path))
    with pytest.raises(UsageError, match="no spaCy pipeline at '/nowhere/x'"):
        load_pipeline("/nowhere/x")
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(UsageError, match="expected a tagger or a morphologizer, got no component"):
        load_pipeline(str(tmp_path / "blank"))
    monkeypatch.setitem(__import__("sys").modules, "spacy", None)
    with pytest.raises(UsageError, match=r"pip install 'odograph\[spacy\]'"):
        load_pipeline("en_core_web_sm")


def test_a_trained_pipeline_agrees_with_the_gold_tags(shared_data):
    pytest.importorskip("spacy")
    pipeline = shared_data("pos/spacy-ewt")
    gold = read_passages([str(shared_data("pos/en_ewt-ud-dev.conllu"))])
    read = tag_reading(gold, f"spacy:{pipeline}")
    same = right = 0
    for ours, theirs in zip(read.passages, gold.passages, strict=True):
        known = {(w.start, w.end): w.tag for w in theirs.words}
        both = [(w.tag, known[w.start, w.end]) for w in ours.words if (w.start, w.end) in known]
        same += len(both)
        right += sum(a == b for a, b in both)
    assert same > 24_000
    assert right / same > 0.92
