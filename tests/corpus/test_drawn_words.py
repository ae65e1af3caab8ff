"""Words drawn of groups: as many of each, lemmas first, each a passage of its own."""

from collections import Counter

import numpy as np
import pytest

from odograph.corpus import EncodeOptions, Passage, Word, WordDraw, encode_passages, read_passages
from odograph.corpus.tagging import tag_reading
from odograph.errors import TextError, UsageError
from odograph.run.options import make_config
from odograph.run.preparing import encode_options


def passage(*tagged, name="p"):
    """A passage of words, each given as word/TAG, or word/TAG/lemma, with a space between them."""
    parts = [each.split("/") for each in tagged]
    words, text = [], ""
    for form, tag, *lemma in parts:
        text += " " if text else ""
        words.append(Word(form, len(text), len(text) + len(form), tag, *lemma))
        text += form
    return Passage(name, text, "here", tuple(words))


def nouns(number, tag="NOUN"):
    return [f"{'bcdfghklmnprst'[n % 14]}{'aeiou'[n // 14]}t/{tag}" for n in range(number)]


def draw(tokenizer, passages, groups=("NOUN",), options=None, **how):
    options = EncodeOptions(tagged=True, draw=WordDraw(groups, **how), **(options or {}))
    return encode_passages(passages, tokenizer, options)


def groups_of(encoding):
    return Counter(
        g for e in encoding.encoded for g, r in zip(e.group, e.role, strict=True) if r == 2
    )


def test_a_drawn_word_is_a_passage_of_its_context_and_its_pieces(small):
    text = passage("the/DET", *nouns(12), "ends/VERB")
    encoding = draw(small, [text], words=10, context=4)
    whole = encode_passages([text], small, EncodeOptions(tagged=True)).encoded[0]
    assert len(encoding.encoded) == 10
    for number, encoded in enumerate(encoding.encoded):
        name, _, at = encoded.passage_id.partition("@")
        own = np.flatnonzero(whole.word == int(at))
        first = max(0, own[0] - 4)
        assert (name, encoded.base, encoded.passage) == ("p", encoded.passage_id, number)
        assert encoded.token_id.tolist() == whole.token_id[first : own[-1] + 1].tolist()
        assert encoded.next_id.tolist() == whole.next_id[first : own[-1] + 1].tolist()
        assert encoded.tag == whole.tag[first : own[-1] + 1]
        assert encoded.role[-1] == 2
        assert encoded.group[-1] == "NOUN"
        assert encoded.role.sum() == (3 if own[0] - first > 1 else 2)
        assert encoded.row.all()


def test_what_is_measured_stands_in_the_table(small):
    encoding = draw(small, [passage("the/DET", *nouns(14), "ends/VERB")], words=11)
    words = encoding.words
    assert words["left_out"] == [None, *(words["left_out"][1:-1]), None]
    assert Counter(words["left_out"]) == {None: 13, "not drawn": 3}
    for at, number in enumerate(words["passage"].tolist()):
        if number is not None:
            encoded = encoding.encoded[number]
            assert encoded.passage_id == f"p@{words['word'][at]}"
            assert words["position"][at] == len(encoded) - 1
            assert encoded.end[-1] == words["end"][at]
            assert words["text_position"][at] >= words["position"][at]
    assert words["status"].count("cut") == 0


def test_tokens_after_the_word_and_in_front_of_it_are_read_as_asked(small_with_bos):
    text = passage("the/DET", *nouns(12), "ends/VERB", "here/ADV")
    plain = draw(small_with_bos, [text], words=10, context=3, seed=4).encoded
    for select in ("all", "targets"):
        longer = draw(
            small_with_bos,
            [text],
            words=10,
            context=3,
            seed=4,
            after=2,
            options={"select": select, "causal": False},
        ).encoded
        for one, other in zip(plain, longer, strict=True):
            assert one.token[0] == other.token[0] == "<|end|>"
            assert len(other) - len(one) == 2
            assert other.token_id[: len(one)].tolist() == one.token_id.tolist()
            assert other.role.tolist() == [*one.role.tolist(), 0, 0]
            assert other.row.tolist() == [select == "all" or role > 0 for role in other.role]


def test_the_draw_follows_the_seed_and_not_the_other_groups(small):
    texts = [passage("the/DET", *nouns(40), *nouns(30, "ADJ"))]

    def ids(groups, **how):
        return {e.passage_id for e in draw(small, texts, groups, words=20, **how).encoded}

    assert ids(("NOUN",)) == ids(("NOUN",))
    assert ids(("NOUN",)) != ids(("NOUN",), seed=1)
    assert ids(("NOUN",)) | ids(("ADJ",)) == ids(("NOUN", "ADJ"))


def test_groups_are_as_large_as_the_smallest(small):
    texts = [passage("the/DET", *nouns(40), *nouns(12, "ADJ"))]
    encoding = draw(small, texts, ("NOUN", "ADJ"), words=20)
    assert groups_of(encoding) == {"NOUN": 12, "ADJ": 12}
    assert encoding.exclusions["drawn_fewer"] == 16
    assert encoding.exclusions["drawn_lemmas_twice"] == 0


def test_every_lemma_is_drawn_before_any_is_drawn_twice(small):
    forms = [f"dog{'s' * (n % 2)}/NOUN/dog" for n in range(20)]
    encoding = draw(small, [passage("the/DET", *forms, *nouns(9))], words=10)
    drawn = [e.lemma[-1] or e.tag[-1] for e in encoding.encoded]
    assert drawn.count("dog") == 1
    again = draw(small, [passage("the/DET", *forms, *nouns(9))], words=15)
    assert again.exclusions["drawn_lemmas_twice"] == 5
    assert len({e.passage_id for e in again.encoded}) == 15


def test_the_filter_of_whole_words_says_what_it_leaves_out(gpt2):
    kept = "mother father sister brother window garden winter summer morning evening house"
    given = ["the/DET", *(f"{w}/NOUN" for w in kept.split())]
    given += ["cat/NOUN", "defenestration/NOUN", "co-op/NOUN", "2nd/NOUN"]
    text = passage(*given)
    end = len(text.text)
    comma = Passage(
        "p", f"{text.text} table, ", "here", (*text.words, Word("table", end + 1, end + 6, "NOUN"))
    )
    first = passage("river/NOUN", name="q")
    encoding = draw(gpt2, [comma, first], words=11, whole_words=True)
    told = dict(zip(encoding.words["text"], encoding.words["left_out"], strict=True))
    assert {w for w, reason in told.items() if reason is None} == {"the", *kept.split()}
    assert {w: reason for w, reason in told.items() if reason} == {
        "cat": "fewer than 5 letters",
        "defenestration": "several pieces",
        "co-op": "not letters only",
        "2nd": "not letters only",
        "table": "no white space on both sides",
        "river": "no token before it",
    }
    dropped = draw(gpt2, [comma, first], words=11, options={"pieces": "drop"})
    told = dict(zip(dropped.words["text"], dropped.words["left_out"], strict=True))
    assert told["defenestration"] == "several pieces"
    assert told["cat"] in (None, "not drawn")


def test_crossed_words_and_words_beyond_the_positions_are_left_out():
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    text = passage("a/DET", *nouns(11), "one/NOUN", "two/NOUN", "abc/NOUN")
    known = [w.text for w in text.words[:12]] + ["one two", "a", "b", "c"]
    backend = Tokenizer(
        models.WordLevel({w: n for n, w in enumerate(dict.fromkeys(["?", *known]))}, "?")
    )
    spaced = text.text.replace(" ", "|").replace("one|two", "one two").replace("abc", "a|b")
    backend.pre_tokenizer = pre_tokenizers.Split("|", "removed")
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="?")
    spread = Passage("p", spaced, "here", text.words)
    encoding = draw(tokenizer, [spread], words=10, context=3, options={"max_positions": 4})
    told = dict(zip(encoding.words["text"], encoding.words["left_out"], strict=True))
    assert told["one"] == told["two"] == "crossed by a piece"
    assert told["abc"] == "not covered by pieces"
    with pytest.raises(TextError, match="11 longer than the model's positions"):
        draw(tokenizer, [spread], words=10, context=3, options={"max_positions": 1})


def test_groups_that_cannot_be_drawn_are_errors_that_say_what_there_is(small):
    texts = [passage("the/DET", *nouns(12), *nouns(3, "ADJ"))]
    with pytest.raises(TextError) as caught:
        draw(small, texts, ("NOUN", "VERB"))
    assert str(caught.value) == (
        "no word has the tag 'VERB': got --groups NOUN,VERB."
        " Tags that occur: NOUN (12), ADJ (3), DET (1)."
    )
    with pytest.raises(TextError) as caught:
        draw(small, texts, ("NOUN", "ADJ"))
    assert str(caught.value) == (
        "words of the group 'ADJ' that can be drawn: expected 10 or more, got 3 of 3."
        " Give more texts."
    )
    with pytest.raises(TextError, match=r"got 0 of 12 \(.*several pieces.*or draw without"):
        draw(small, texts, whole_words=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"groups": "NOUN"}, "words of groups without tags: expected --tags conllu"),
        (
            {"groups": "NOUN", "tags": "conllu", "targets": "her"},
            "words of groups and targets in one run: got NOUN and 'her'",
        ),
        ({"tags": "conllu", "whole_words": True}, "option 'whole_words' without groups"),
        ({"tags": "conllu", "context": 10}, "option 'context' without groups"),
    ],
)
def test_options_that_exclude_each_other_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        encode_options(make_config(options))


def test_too_few_words_cannot_be_asked_for():
    with pytest.raises(UsageError, match="option 'words'"):
        make_config({"words": 9})
    assert make_config({"groups": ["NOUN, ADJ", "NOUN"]}).groups == ("NOUN", "ADJ")


@pytest.mark.parametrize("name", ["gpt2", "pythia", "bert"])
def test_drawn_gold_words_are_the_words_of_the_treebank(request, shared_data, name):
    tokenizer = request.getfixturevalue(name)
    reading = read_passages([str(shared_data("pos/en_ewt-ud-dev.conllu"))], whole=True)
    reading = tag_reading(reading, "conllu")
    encoding = draw(tokenizer, reading.passages, ("NOUN", "ADJ"), words=150)
    assert groups_of(encoding) == {"NOUN": 150, "ADJ": 150}
    assert encoding.exclusions["drawn_lemmas_twice"] == 0
    texts = {p.id: p for p in reading.passages}
    for encoded in encoding.encoded:
        text_id, _, number = encoded.passage_id.rpartition("@")
        word = texts[text_id].words[int(number)]
        (occurrence,) = np.flatnonzero(encoded.role == 2)
        own = np.flatnonzero(encoded.word == int(number))
        assert occurrence == own[-1] == len(encoded) - 1
        assert (min(encoded.start[own]), max(encoded.end[own])) == (word.start, word.end)
        assert encoded.group[occurrence] == word.tag == encoded.tag[occurrence]
        assert 1 <= own[0] <= 41


def test_tokens_after_a_word_are_refused_for_a_causal_model(small):
    with pytest.raises(UsageError, match="tokens after a drawn word: expected a model that reads"):
        draw(small, [passage("the/DET", *nouns(12))], after=2)
    assert encode_options(make_config({"tags": "conllu", "groups": "NOUN", "after": 2})).draw
