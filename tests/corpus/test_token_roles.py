import unicodedata

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odograph.corpus import (
    EXCLUSIONS,
    ROLES,
    EncodeOptions,
    Passage,
    Word,
    encode_passages,
    read_passages,
)
from odograph.errors import ModelError, TextError, UsageError


def passages(*texts):
    return [Passage(f"p{n}", text, "here") for n, text in enumerate(texts)]


def encode(tokenizer, *texts, **options):
    return encode_passages(passages(*texts), tokenizer, EncodeOptions(**options))


def roles(encoded):
    return [
        (token.strip(), ROLES[role])
        for token, role in zip(encoded.token, encoded.role, strict=True)
        if role
    ]


def counted(encoding):
    return {key: n for key, n in encoding.exclusions.items() if n}


def test_target_and_the_token_before_it_are_marked(small):
    encoding = encode(small, "The wind blew her across the yard.", targets=("her",))
    (encoded,) = encoding.encoded
    target = encoded.token.index(" her")
    assert encoded.role[target - 1 : target + 2].tolist() == [1, 2, 0]
    assert encoded.group[target - 1 : target + 2] == ("her", "her", None)
    assert encoded.occurrence[target - 1 : target + 2].tolist() == [0, 0, -1]
    assert (encoded.start[target], encoded.end[target]) == (14, 17)
    assert encoded.next_id.tolist() == [*encoded.token_id[1:].tolist(), -1]
    assert encoded.row.all()
    assert counted(encoding) == {}
    assert encoding.exclusions.keys() == EXCLUSIONS.keys()


def test_nothing_is_kept_after_the_last_selected_token(small):
    encoding = encode(
        small, "took her home", "the other", targets=("her",), select="targets", bos="never"
    )
    (encoded,) = encoding.encoded
    full = small("took her home")["input_ids"]
    assert encoded.token[-1] == " her"
    assert encoded.next_id[-1] == full[len(encoded)]
    assert encoded.row.tolist() == [role > 0 for role in encoded.role]
    assert counted(encoding) == {"passages_without_target": 1}


def test_a_model_that_reads_ahead_reads_the_whole_passage(small):
    options = {"targets": ("her",), "select": "targets", "bos": "never", "causal": False}
    (encoded,) = encode(small, "took her home", **options).encoded
    assert encoded.token_id.tolist() == small("took her home")["input_ids"]
    assert encoded.row.tolist() == [role > 0 for role in encoded.role]


def test_targets_at_the_first_two_positions_have_no_pair(small):
    first = encode(small, "her home", targets=("her",))
    assert [role for _, role in roles(first.encoded[0])][-1:] == ["target"]
    assert counted(first)["target_at_first_position"] == 1
    second = encode(small, "a her", targets=("her",))
    assert roles(second.encoded[0]) == [("her", "target")]
    assert counted(second) == {"target_at_second_position": 1}


def test_a_token_in_front_moves_the_positions(small_with_bos):
    encoding = encode(small_with_bos, "a her", targets=("her",))
    assert encoding.bos == "<|end|> (tokenizer's own)"
    assert roles(encoding.encoded[0]) == [("a", "non-target"), ("her", "target")]
    assert encoding.encoded[0].next_id[0] == encoding.encoded[0].token_id[1]


def test_of_adjacent_targets_the_second_has_no_pair(small):
    encoding = encode(small, "took her her", targets=("her",))
    assert [role for _, role in roles(encoding.encoded[0])] == ["non-target", "target", "target"]
    assert counted(encoding) == {"adjacent_targets": 1, "targets_met_twice": 1}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("last", ["non-target", "target"]),
        ("mean", ["non-target", "target", "target", "target"]),
        ("drop", []),
    ],
)
def test_a_target_of_several_pieces_is_read_as_asked(small, choice, expected):
    encoding = encode(small, "the other xyz", targets=("xyz",), pieces=choice)
    encoded = encoding.encoded[0]
    assert [role for _, role in roles(encoded)] == expected
    assert counted(encoding)["target_in_several_pieces"] == 1
    assert counted(encoding).get("dropped_several_pieces", 0) == (choice == "drop")
    if choice == "last":
        assert encoded.role[-1] == 2
        assert encoded.piece_count[-1] == (encoded.word == encoded.word[-1]).sum()


def test_a_piece_that_reaches_out_of_the_target_is_not_measured(small):
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.WordLevel({"?": 0, "her.": 1, "saw": 2, "she her": 3}, "?"))
    backend.pre_tokenizer = pre_tokenizers.Split("|", "removed")
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="?")
    encoding = encode(tokenizer, "saw|her.|she her|saw", targets=("her",))
    assert counted(encoding) == {
        "target_crossed": 2,
        "targets_met_twice": 1,
        "pieces_over_two_words": 1,
        "passages_without_target": 1,
        "uncovered_characters": 3,
    }
    assert encoding.encoded[0].word.tolist() == [0, 1, -1, 4]
    crossed = encode(tokenizer, "saw|she her|saw", targets=("saw",))
    assert counted(crossed)["target_at_first_position"] == 1
    assert (
        counted(encode(tokenizer, "saw|saw|she her|saw", targets=("saw",)))["non_target_crossed"]
        == 1
    )


def test_gold_words_take_the_place_of_found_ones(small):
    words = (Word("do", 0, 2), Word("n't", 2, 5))
    passage = Passage("x", "don't", "here", words)
    (encoded,) = encode_passages([passage], small).encoded
    spans = zip(encoded.start.tolist(), encoded.end.tolist(), encoded.word.tolist(), strict=True)
    for start, end, word in spans:
        covered = [n for n, w in enumerate(words) if start < w.end and end > w.start]
        assert word == (covered[0] if len(covered) == 1 else -1)


def test_special_tokens_in_a_text_stay_text(tokenizer):
    for name in ("<|endoftext|>", "</s>", "<s>", "<|end|>"):
        (encoded,) = encode(tokenizer, f"a {name} b", bos="never").encoded
        assert "".join(encoded.token).strip() == f"a {name} b"
        assert not set(encoded.token_id.tolist()) & set(tokenizer.all_special_ids)


def test_what_stands_in_front_is_what_was_asked_for(small, small_with_bos):
    assert encode(small, "a").bos == "none"
    assert encode(small_with_bos, "a", bos="never").bos == "none"
    assert len(encode(small_with_bos, "a", bos="always").encoded[0]) == 2
    with pytest.raises(UsageError) as caught:
        encode(small, "a", bos="always")
    assert str(caught.value) == (
        "bos 'always': the tokenizer has no beginning-of-sequence token. Use 'auto' or 'never'."
    )


def test_the_real_tokenizers_own_front_is_known(gpt2, stories):
    assert encode(gpt2, "a").bos == "none"
    put = encode(gpt2, "a", bos="always")
    assert (put.bos, put.encoded[0].token_id[0]) == ("<|endoftext|> (put in front)", 50256)
    assert encode(stories, "a").bos == "<s> (tokenizer's own)"
    assert encode(stories, "Once her").encoded[0].token[-1] == " her"


def test_a_long_passage_is_cut_or_divided(small_with_bos):
    text = "took her home, the other children watched her"
    whole = encode(small_with_bos, text, targets=("her",)).encoded[0]
    cut = encode(small_with_bos, text, targets=("her",), max_positions=5)
    assert cut.encoded[0].token_id.tolist() == whole.token_id[:5].tolist()
    assert cut.encoded[0].next_id[-1] == whole.token_id[5]
    assert counted(cut) == {"passages_cut": 1, "targets_cut": 1, "targets_met_twice": 1}
    divided = encode(small_with_bos, text, max_positions=5, too_long="window")
    assert counted(divided) == {"passages_windowed": len(divided.encoded)}
    assert [e.passage for e in divided.encoded] == list(range(len(divided.encoded)))
    assert [e.passage_id for e in divided.encoded[:3]] == ["p0", "p0#w2", "p0#w3"]
    assert all(e.token[0] == "<|end|>" and len(e) <= 5 for e in divided.encoded)
    for name in ("token_id", "start", "end", "word", "piece_count", "next_id"):
        joined = np.concatenate([getattr(e, name)[1:] for e in divided.encoded])
        assert joined.tolist() == getattr(whole, name)[1:].tolist()


def test_a_target_divided_between_windows_is_not_measured(small):
    pieces = len(small("xyz")["input_ids"])
    encoding = encode(small, "xyz", targets=("xyz",), max_positions=pieces - 1, too_long="window")
    assert counted(encoding)["target_split_by_window"] == 1


def test_passages_of_token_ids_need_no_tokenizer(small):
    given_ids = [Passage("x", "", "here", ids=(5, 6, 7)), Passage("y", "", "here", ids=())]
    encoding = encode_passages(given_ids)
    (encoded,) = encoding.encoded
    assert (encoded.token_id.tolist(), encoded.token) == ([5, 6, 7], ("", "", ""))
    assert counted(encoding) == {"passages_without_tokens": 1}
    assert encode_passages(given_ids, small).encoded[0].token == tuple(
        small.decode([n]) for n in (5, 6, 7)
    )


def test_a_target_that_never_occurs_is_answered_with_near_words(small):
    with pytest.raises(TextError) as caught:
        encode(small, "Her brother", "other", targets=("her",))
    assert str(caught.value) == (
        "no occurrence of the target 'her' in 2 passages. Targets are whole words, in the case"
        " they are given in; near words that occur: 'Her', 'brother', 'other'."
    )
    encoding = encode(small, "a her", targets=("her", "zebra"))
    assert counted(encoding)["targets_never_met"] == 1


def test_wrong_use_is_refused(small):
    class Slow:
        is_fast = False

    with pytest.raises(ModelError, match=r"expected a fast tokenizer .* got Slow"):
        encode(Slow(), "a")
    with pytest.raises(UsageError, match="there is no tokenizer"):
        encode_passages(passages("a"))
    with pytest.raises(UsageError, match="pieces: expected 'last' or 'mean' or 'drop'"):
        EncodeOptions(pieces="first")
    with pytest.raises(UsageError, match="without a target"):
        EncodeOptions(select="targets")
    with pytest.raises(UsageError, match="max_positions: expected more than 0"):
        encode(small, "a", max_positions=0)
    with pytest.raises(TextError, match="half of a surrogate pair at character 1"):
        encode(small, "a\ud800")
    with pytest.raises(TextError, match="nothing to measure in 1 passages"):
        encode(small, "")


def covered(encoded, text):
    inside = {
        place
        for start, end in zip(encoded.start.tolist(), encoded.end.tolist(), strict=True)
        for place in range(start, end)
    }
    return sum(not c.isspace() and place not in inside for place, c in enumerate(text))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None
)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_spans_are_in_order_and_cover_what_is_not_reported(tokenizer, text):
    text = f"a{text}"
    encoding = encode(tokenizer, text, bos="never")
    (encoded,) = encoding.encoded
    assert (np.diff(encoded.start) >= 0).all()
    assert (encoded.start <= encoded.end).all()
    assert covered(encoded, text) == encoding.exclusions["uncovered_characters"]
    for start, end in zip(encoded.start, encoded.end, strict=True):
        assert text[start:end] == text[start:end].strip()
    # A tokenizer that writes a space as U+2581 cannot tell that of a text from a space.
    if unicodedata.is_normalized("NFC", text) and "\u2581" not in text:
        assert encoding.exclusions["uncovered_characters"] == 0


def test_every_gold_word_of_the_treebank_is_met_by_its_own_pieces(gpt2, shared_data):
    reading = read_passages([str(shared_data("pos/en_ewt-ud-dev.conllu"))])
    encoding = encode_passages(reading.passages, gpt2)
    assert 0 < encoding.exclusions["pieces_over_two_words"] < 2000
    assert encoding.exclusions["uncovered_characters"] == 0
    for passage, encoded in zip(reading.passages, encoding.encoded, strict=True):
        for token in np.flatnonzero(encoded.word >= 0):
            word = passage.words[encoded.word[token]]
            assert word.start <= encoded.start[token] < encoded.end[token] <= word.end


def test_the_54_sentences_give_54_pairs(gpt2, stories):
    passages = read_passages(["bundled:her"]).passages
    for tokenizer in (gpt2, stories):
        encoding = encode_passages(passages, tokenizer, EncodeOptions(targets=("her",)))
        assert counted(encoding) == {}
        found = [np.bincount(e.role, minlength=3)[1:].tolist() for e in encoding.encoded]
        assert found == [[1, 1]] * 54


def test_a_model_that_reads_ahead_gets_the_tokens_behind_as_well():
    import made_tokenizers

    tokenizer = made_tokenizers.MADE["wordpiece_cased"]()  # <s> in front, </s> behind
    text = "She took her home, and the other children watched her."
    whole = tokenizer(text)["input_ids"]
    ahead = {"causal": False, "targets": ("her",)}
    for select in ("all", "targets"):
        encoding = encode(tokenizer, text, select=select, **ahead)
        (encoded,) = encoding.encoded
        assert encoding.bos == "<s> (tokenizer's own); </s> behind"
        assert encoded.token_id.tolist() == whole
        assert not encoded.row[-1]
        assert encoded.row[0] == (select == "all")
        assert (encoded.word[-1], encoded.next_id[-1], encoded.role[-1]) == (-1, -1, 0)
    assert encode(tokenizer, text).encoded[0].token_id.tolist() == whole[:-1]
    bare = encode(tokenizer, text, bos="never", **ahead)
    assert (bare.bos, bare.encoded[0].token_id.tolist()) == ("none", whole[1:-1])
    windows = encode(tokenizer, text, max_positions=8, too_long="window", **ahead).encoded
    assert all(len(w) <= 8 and w.token_id[-1] == whole[-1] for w in windows)
    joined = np.concatenate([w.token_id[1:-1] for w in windows])
    assert joined.tolist() == whole[1:-1]
    cut = encode(tokenizer, text, max_positions=8, **ahead).encoded[0]
    assert cut.token_id.tolist() == [*whole[:7], whole[-1]]
