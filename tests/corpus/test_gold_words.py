import pytest

from odograph.corpus import Passage, Word, read_passages
from odograph.errors import TextError


def row(number, form, lemma="_", tag="X", space=True):
    misc = "_" if space else "SpaceAfter=No"
    return "\t".join([number, form, lemma, tag, "_", "_", "0", "root", "_", misc])


def read(tmp_path, *lines, strict=False):
    path = tmp_path / "a.conllu"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_passages([str(path)], strict=strict)


def test_a_sentence_is_a_passage_with_words_by_characters(tmp_path):
    (passage,) = read(
        tmp_path,
        "# sent_id = s1",
        "# text = She  didn't go.",
        row("1", "She", "she", "PRON"),
        row("2-3", "didn't"),
        row("2", "did", "do", "AUX"),
        row("3", "n't", "not", "PART"),
        row("3.1", "ever"),
        row("4", "go", "go", "VERB", space=False),
        row("5", ".", ".", "PUNCT"),
    ).passages
    assert (passage.id, passage.text) == ("s1", "She  didn't go.")
    assert [(w.text, w.start, w.end, w.tag, w.lemma) for w in passage.words] == [
        ("She", 0, 3, "PRON", "she"),
        ("did", 5, 8, "AUX", "do"),
        ("n't", 8, 11, "PART", "not"),
        ("go", 12, 14, "VERB", "go"),
        (".", 14, 15, "PUNCT", "."),
    ]


def test_a_text_is_rebuilt_where_none_is_given(tmp_path):
    (passage,) = read(tmp_path, row("1", "Go", space=False), row("2", "."), row("3", "x")).passages
    assert (passage.id, passage.text) == ("a.conllu:1", "Go. x")


def test_a_token_that_its_words_do_not_spell_is_one_word(tmp_path):
    (passage,) = read(
        tmp_path,
        row("1-2", "du"),
        row("1", "de", "de", "ADP"),
        row("2", "le", "le", "DET"),
        row("3", "vin", "vin", "NOUN"),
    ).passages
    assert [(w.text, w.tag, w.lemma) for w in passage.words] == [
        ("du", "ADP+DET", "de+le"),
        ("vin", "NOUN", "vin"),
    ]


def test_a_word_that_is_not_in_the_text_is_an_error_with_its_line(tmp_path):
    lines = ["# text = A cat", row("1", "A"), row("2", "dog"), "", row("1", "Fine")]
    reading = read(tmp_path, *lines)
    assert [passage.text for passage in reading.passages] == ["Fine"]
    with pytest.raises(TextError) as caught:
        read(tmp_path, *lines, strict=True)
    assert str(caught.value) == (
        "a.conllu, line 3: the word is not in the sentence's text: expected 'cat', got 'dog'."
        " Correct the word or the line '# text ='."
    )


def test_lines_that_are_not_conllu_are_errors_with_their_line(tmp_path):
    with pytest.raises(TextError, match="line 1: not a line of CoNLL-U: expected 10 columns"):
        read(tmp_path, "1 She she")
    with pytest.raises(TextError, match="line 1: not a line of CoNLL-U: expected a number"):
        read(tmp_path, row("one", "She"))
    with pytest.raises(TextError, match="line 1: a sentence without words"):
        read(tmp_path, "# text = She")


def test_words_out_of_order_are_refused():
    with pytest.raises(TextError, match="passage 'x', word 'a'"):
        Passage("x", "a b", "here", (Word("b", 2, 3), Word("a", 0, 1)))


def test_every_gold_word_of_the_treebank_has_its_own_characters(shared_data):
    reading = read_passages([str(shared_data("pos/en_ewt-ud-dev.conllu"))])
    assert len(reading.passages) == 2001
    assert reading.skipped == ()
    words = [(p.text, word) for p in reading.passages for word in p.words]
    assert all(text[word.start : word.end] == word.text for text, word in words)
    assert all(word.tag for _, word in words)
