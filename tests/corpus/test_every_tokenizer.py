"""Every kind of tokenizer in use: words are met by their own characters, or counted as not met."""

import re
import unicodedata
from functools import cache

import made_tokenizers
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odograph.corpus import EncodeOptions, Passage, Word, encode_passages, read_passages
from odograph.corpus.pieces import check_tokenizer
from odograph.errors import ModelError

MADE = list(made_tokenizers.MADE)
GENUINE = ["gpt2", "pythia", "bert", "stories"]
#: Those that read every character, known or not, byte by byte if need be.
BYTES = [
    *("gpt2_like", "roberta_like", "llama3_like", "llama2_like", "mistral_like"),
    *("metaspace_always", "gemma_like"),
]
NAMES = "<unk> <s> </s> <|endoftext|> <|im_start|> [MASK]"
HARD = {
    "emoji": "a 👩‍👩‍👧‍👦 family, 👍🏽 ok, ❤️ 🇩🇪 1️⃣.",
    "decomposed": unicodedata.normalize("NFD", "Café naïve Ünï Ầx ḉ Å"),
    "stacked marks": "e\u0301\u0327\u0323x Z\u0351\u0348a\u0301\u0302lgo",
    "chinese and japanese": "東京は日本の首都 in Japan, 漢字。",
    "korean": "한국어 \u1112\u1161\u11ab 말",
    "right to left": "שָׁלוֹם عليكم مرحبا hello (אבג)",
    "indic": "नमस्ते दुनिया ക്ഷ தமிழ்",
    "of no width": "zero\u200bwidth a\u200dx \ufeffbom so\u00adft \u2060w",
    "white space": "tab\there\n\nnew\r\nline\u00a0nbsp \u2003em\u3000wide \u2028 x ",
    "compatible": "ﬁne ½ Ⅷ ﷺ ´a ¨ … № ＡＢＣ ㎏ ²",
    "case": "İstanbul STRASSE ß ŉ ΣΑΣ ǅ",
    "controls": "a\x00b \x07c \ufffd \U0010fffe x\x7f",
    "names": f"a{NAMES.replace(' ', '')}b {NAMES} <mask> <think>",
    "the space sign": "a ▁ b▁c ▁▁",
}


@cache
def made(name):
    return made_tokenizers.MADE[name]()


@pytest.fixture(params=[*MADE, *GENUINE])
def each(request):
    name = request.param
    return made(name) if name in made_tokenizers.MADE else request.getfixturevalue(name)


@pytest.fixture(params=MADE)
def of_ours(request):
    return made(request.param)


def encode(tokenizer, text, words=(), **options):
    options = EncodeOptions(bos="never", tagged=bool(words), **options)
    return encode_passages([Passage("p", text, "here", tuple(words))], tokenizer, options)


def spans(encoded):
    return list(zip(encoded.start.tolist(), encoded.end.tolist(), strict=True))


def missing(encoded, text):
    """Characters, not white space, that no piece holds."""
    inside = {place for start, end in spans(encoded) for place in range(start, end)}
    return [p for p, c in enumerate(text) if not c.isspace() and p not in inside]


def special_ids(tokenizer):
    added = tokenizer.added_tokens_decoder.items()
    return {at for at, token in added if token.special} - {tokenizer.unk_token_id}


def squeezed(text):
    return "".join(text.split())


def as_read(tokenizer, text):
    """What a tokenizer makes of a text before it divides it, without white space."""
    normalizer = tokenizer.backend_tokenizer.normalizer
    changed = normalizer.normalize_str(text) if normalizer is not None else text
    return squeezed(changed.replace("▁", " "))


def check_gold_words(tokenizer, passages):
    """How many words were matched; each must be spelled by its own pieces and no others."""
    encoding = encode_passages(passages, tokenizer, EncodeOptions(bos="never", tagged=True))
    table = encoding.words
    backend = tokenizer.backend_tokenizer
    gold = [(number, word) for number, passage in enumerate(passages) for word in passage.words]
    matched = unknown = 0
    for at, (number, word) in enumerate(gold):
        text, encoded = passages[number].text, encoding.encoded[number]
        around = f"{text[: word.start][-1:]}{text[word.end :][:1]}"
        status = table["status"][at]
        assert around.strip() or status in ("whole", "split"), (word, status)
        assert (table["passage"][at] is np.ma.masked) == (status not in ("whole", "split"))
        if status not in ("whole", "split"):
            continue
        assert table["passage"][at] == number
        own = np.flatnonzero(encoded.word == table["word"][at])
        assert own[-1] == table["position"][at]
        assert len(own) == table["pieces"][at]
        ids = encoded.token_id[own].tolist()
        if tokenizer.unk_token_id in ids:
            unknown += 1
            continue
        spelled = squeezed(backend.decode(ids, skip_special_tokens=False))
        for sign in ("##", "</w>"):
            spelled = spelled.replace(sign, "")
        assert spelled == as_read(tokenizer, word.text)
        matched += 1
    not_met = [status for status in table["status"] if status not in ("whole", "split")]
    assert (
        len(not_met)
        == encoding.exclusions["words_crossed"] + (encoding.exclusions["words_uncovered"])
    )
    assert (unknown > 0) <= (encoding.exclusions["unknown_tokens"] > 0)
    assert matched + unknown + len(not_met) == len(gold)
    return matched, unknown, len(not_met)


def test_every_gold_word_of_the_bundled_story_is_spelled_by_its_pieces(each):
    passages = read_passages(["bundled:tagged"]).passages[:60]
    matched, unknown, not_met = check_gold_words(each, passages)
    assert matched > 600
    assert unknown + not_met < 0.1 * matched


@pytest.mark.parametrize("name", [*GENUINE, "llama3_like", "llama2_like", "wordpiece_cased"])
def test_every_gold_word_of_the_treebank_is_spelled_by_its_pieces(name, request, shared_data):
    tokenizer = made(name) if name in MADE else request.getfixturevalue(name)
    passages = read_passages([str(shared_data("pos/en_ewt-ud-dev.conllu"))]).passages[:500]
    matched, _, not_met = check_gold_words(tokenizer, passages)
    assert matched > 5000
    assert not_met < 0.1 * matched


@pytest.mark.parametrize("kind", list(HARD))
def test_every_character_is_held_by_a_piece_or_counted(each, kind):
    text = HARD[kind]
    encoding = encode(each, text)
    check_spans(each, text, encoding)


def check_spans(tokenizer, text, encoding):
    (encoded,) = encoding.encoded
    assert (np.diff(encoded.start) >= 0).all()
    assert (np.diff(encoded.end) >= 0).all() or not_in_order(encoded)
    assert (encoded.start <= encoded.end).all()
    assert (encoded.end <= len(text)).all()
    assert len(missing(encoded, text)) == encoding.exclusions["uncovered_characters"]
    assert all(text[start:end] == text[start:end].strip() for start, end in spans(encoded))
    assert not special_ids(tokenizer) & set(encoded.token_id.tolist())
    assert encoding.exclusions["unknown_tokens"] == (
        0
        if tokenizer.unk_token_id is None
        else encoded.token_id.tolist().count(tokenizer.unk_token_id)
    )


def not_in_order(encoded):
    """Only pieces without characters may end before the one before them."""
    full = encoded.end > encoded.start
    return (np.diff(encoded.end[full]) >= 0).all()


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("kind", list(HARD))
def test_tokenizers_of_bytes_miss_no_character(name, kind):
    if kind == "the space sign" and name not in ("gpt2_like", "roberta_like", "llama3_like"):
        pytest.skip("sentencepiece cannot tell its space sign from a space")
    assert missing(encode(made(name), HARD[kind]).encoded[0], HARD[kind]) == []


@pytest.mark.parametrize("name", [*BYTES, "byte_unigram"])
def test_pieces_of_one_character_share_its_span(name):
    text = "ox 👍🏽 語"
    (encoded,) = encode(made(name), text).encoded
    for at in (3, 4, 6):
        own = [span for span in spans(encoded) if span[0] <= at < span[1]]
        assert len(own) > 1
        assert set(own) == {(at, at + 1)}


@pytest.mark.parametrize("name", ["llama2_like", "mistral_like", "metaspace_always", "t5_like"])
def test_a_space_put_in_front_holds_nothing_of_the_word_behind_it(name):
    tokenizer = made(name)
    text = "語 語"
    words = (Word("語", 0, 1, "NOUN"), Word("語", 2, 3, "NOUN"))
    encoding = encode(tokenizer, text, words)
    (encoded,) = encoding.encoded
    signs = [at for at, i in enumerate(encoded.token_id.tolist()) if is_space(tokenizer, i)]
    assert len(signs) == 2
    assert all(encoded.start[at] == encoded.end[at] for at in signs)
    assert encoding.words["pieces"].tolist() == [len(encoded) // 2 - 1] * 2


def is_space(tokenizer, token_id):
    return tokenizer.convert_ids_to_tokens(token_id) == "▁"


def test_words_of_bytes_alone_are_told_apart():
    text = "漢字は日本 ox"
    words = (Word("漢字", 0, 2, "NOUN"), Word("は", 2, 3, "ADP"), Word("日本", 3, 5, "PROPN"))
    encoding = encode(made("byte_unigram"), text, words)
    assert encoding.words["status"] == ["split"] * 3
    assert encoding.words["pieces"].tolist() == [6, 3, 6]
    assert encoding.exclusions["pieces_over_two_words"] == 0


def test_a_word_in_another_form_is_found_where_it_stands(of_ours):
    for form in ("café", unicodedata.normalize("NFD", "café")):
        text = f"So then the {form} was shut."
        encoding = encode(of_ours, text, targets=("café",))
        (encoded,) = encoding.encoded
        last = int(np.flatnonzero(encoded.role == 2)[-1])
        assert encoded.end[last] == 12 + len(form)
        assert (encoded.role == 1).sum() == 1


def test_line_ends_and_tabs_are_no_part_of_a_word(of_ours):
    text = "one\r\ntwo\tthree\u00a0four\n"
    words = [Word(w, text.index(w), text.index(w) + len(w), "X") for w in text.split()]
    encoding = encode(of_ours, text, words)
    assert set(encoding.words["status"]) <= {"whole", "split"}
    (encoded,) = encoding.encoded
    held = {text[start:end] for start, end in spans(encoded)} - {""}
    assert all(any(piece in word.text for word in words) for piece in held)


@pytest.mark.parametrize("text", [NAMES, f"a{NAMES.replace(' ', '')}b", "<S>＜s＞ x</S>"])
def test_names_of_special_tokens_stay_text(each, text):
    encoding = encode(each, f"The {text} end.")
    (encoded,) = encoding.encoded
    assert not special_ids(each) & set(encoded.token_id.tolist())
    name = each.unk_token
    assert name is None or name not in {f"The {text} end."[a:b] for a, b in spans(encoded)}


def test_other_texts_are_read_as_the_tokenizer_reads_them(each):
    texts = [p.text for p in read_passages(["bundled:tagged"]).passages[60:70]]
    passages = [Passage(str(n), text, "here") for n, text in enumerate([*texts, NAMES])]
    encoding = encode_passages(passages, each, EncodeOptions(bos="never"))
    for text, encoded in zip(texts, encoding.encoded, strict=False):
        assert encoded.token_id.tolist() == each(text, add_special_tokens=False)["input_ids"]


def test_an_added_token_that_is_not_special_is_vocabulary():
    tokenizer = made("qwen_like")
    (encoded,) = encode(tokenizer, "so <think>we</think>").encoded
    added = tokenizer.convert_tokens_to_ids("<think>")
    assert encoded.token_id.tolist().count(added) == 1
    place = encoded.token_id.tolist().index(added)
    assert spans(encoded)[place] == (3, 10)


def test_the_runs_of_spaces_of_pythia_are_vocabulary(pythia):
    (encoded,) = encode(pythia, "x        y").encoded
    assert len(encoded) == 3
    assert spans(encoded)[1][0] == spans(encoded)[1][1]


def test_a_piece_over_two_words_is_flagged_and_gives_neither_a_tag():
    from tokenizers import Tokenizer, models, normalizers
    from transformers import PreTrainedTokenizerFast

    parts = ["<unk>", *"▁ofthe", "▁o", "▁of", "▁t", "▁th", "▁the", "▁of▁the"]
    merges = [("▁", "o"), ("▁o", "f"), ("▁", "t"), ("▁t", "h"), ("▁th", "e"), ("▁of", "▁the")]
    known = {piece: at for at, piece in enumerate(parts)}
    backend = Tokenizer(models.BPE(known, merges, unk_token="<unk>"))
    backend.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="<unk>")
    words = (Word("of", 0, 2, "ADP"), Word("the", 3, 6, "DET"), Word("foe", 7, 10, "NOUN"))
    encoding = encode(tokenizer, "of the foe", words)
    assert encoding.exclusions["pieces_over_two_words"] == 1
    assert encoding.words["status"] == ["crossed", "crossed", "split"]
    assert encoding.encoded[0].token[0] == " of the"
    assert encoding.encoded[0].tag[0] is None
    assert encoding.encoded[0].word[0] == -1


def test_a_slow_tokenizer_is_refused_by_name():
    from transformers import ByT5Tokenizer

    with pytest.raises(ModelError) as caught:
        check_tokenizer(ByT5Tokenizer())
    assert str(caught.value) == (
        "the tokenizer gives no character offsets: expected a fast tokenizer (with a "
        "tokenizer.json), got ByT5Tokenizer. Load it with AutoTokenizer, or convert it and save "
        "its tokenizer.json."
    )


ODD = [
    "</s>",
    "<unk>",
    "<s>",
    "👩‍👧",
    "e\u0301\u0323",
    "\r\n",
    "\u00a0",
    "▁",
    "ﬁ",
    "İ",
    "語",
    " ",
    "her",
]
#: White space to Python that some tokenizers do not know as such, or take away: words then touch.
SEPARATORS = re.compile("[\x0b\x0c\x1c-\x1f\x85]")
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(ODD),
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4),
        st.text("abher '.,", min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=12,
).map(lambda parts: SEPARATORS.sub("", "".join(parts)))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(MADE), TEXTS)
def test_spans_of_any_text_are_in_order_and_miss_nothing_unreported(name, text):
    text = f"a {text}"
    check_spans(made(name), text, encode(made(name), text))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(MADE), TEXTS)
def test_a_word_between_white_space_is_never_crossed(name, text):
    text = f"a {text}"
    if name == "byte_unigram":  # where it changes unknown characters, their bytes stay one stretch
        text = unicodedata.normalize("NFC", text)
    words, at = [], 0
    for part in text.split():
        at = text.index(part, at)
        words.append(Word(part, at, at + len(part), "X"))
        at += len(part)
    encoding = encode(made(name), text, words)
    gone = missing(encoding.encoded[0], text)
    for word, status in zip(words, encoding.words["status"], strict=True):
        lost = any(word.start <= place < word.end for place in gone)
        assert status == "uncovered" if lost else status in ("whole", "split")
