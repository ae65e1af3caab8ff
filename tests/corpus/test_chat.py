"""Passages in the chat template of a tokenizer: what is read, and which of it is measured."""

import json

import made_tokenizers
import numpy as np
import pytest
import tiny

from odograph.corpus import EncodeOptions, Passage, Word, WordDraw, encode_passages
from odograph.errors import RunError, TextError, UsageError
from odograph.folder.card import card_of

# As those of Qwen, Mistral, Llama-3 (with white space taken away) and of models without signs.
CHATML = (
    "{% if messages[0].role != 'system' %}<|im_start|>system\nYou are helpful.</s>\n{% endif %}"
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}</s>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
INST = "{{ bos_token }}{% for m in messages %}[INST] {{ m.content }} [/INST]{% endfor %}"
TRIMMED = (
    "{{ bos_token }}{% for m in messages %}<|im_start|>{{ m.role }}\n\n{{ m.content | trim }}"
    "</s>{% endfor %}"
)
PLAIN = "{% for m in messages %}USER:{{ m.content }}\nASSISTANT:{% endfor %}"
TEMPLATES = {
    "chatml": ("qwen_like", CHATML),
    "inst": ("llama2_like", INST),
    "inst-first": ("mistral_like", INST),
    "trimmed": ("llama3_like", TRIMMED),
    "trimmed-gemma": ("gemma_like", TRIMMED),
    "unigram": ("t5_like", CHATML),
    "plain": ("gpt2_like", PLAIN),
}
TEXT = "The dog followed her across the field."
OPTIONS = EncodeOptions(chat=True)


@pytest.fixture(params=list(TEMPLATES))
def chatting(request):
    return with_template(*TEMPLATES[request.param])


def with_template(name, template):
    tokenizer = made_tokenizers.MADE[name]()
    tokenizer.chat_template = template
    return tokenizer


def encode(tokenizer, *texts, **options):
    passages = [Passage(f"p{n}", text, "here") for n, text in enumerate(texts)]
    return encode_passages(passages, tokenizer, EncodeOptions(chat=True, **options))


def counted(encoding):
    return {key: n for key, n in encoding.exclusions.items() if n}


def of_template(tokenizer, text):
    message = [{"role": "user", "content": text}]
    return tokenizer.apply_chat_template(message, tokenize=True, return_dict=False)


def covered(encoded, text):
    return [
        text[start:end]
        for start, end in zip(encoded.start.tolist(), encoded.end.tolist(), strict=True)
        if end > start
    ]


@pytest.mark.parametrize("text", [TEXT, "user", f"  {TEXT}\n\nTwo, too. ", "東京 😀!", "\tx"])
def test_the_model_reads_what_its_template_gives_and_only_the_passage_is_measured(chatting, text):
    encoding = encode(chatting, text)
    (encoded,) = encoding.encoded
    whole = of_template(chatting, text)
    assert encoded.token_id.tolist() == whole[: len(encoded)]
    assert len(encoded) < len(whole)
    own = encoded.row
    assert own.any()
    assert not own[0]
    assert not (np.diff(own.astype(int)) < 0).any(), "the rows are one stretch at the end"
    places = {p for a, b in zip(encoded.start, encoded.end, strict=True) for p in range(a, b)}
    missing = sum(not c.isspace() and p not in places for p, c in enumerate(text))
    assert missing == encoding.exclusions["uncovered_characters"]
    assert missing == 0 or encoding.exclusions["across_the_template"]
    assert (encoded.start[~own] == encoded.end[~own]).all()
    assert (encoded.word[~own] == -1).all()


def test_the_system_prompt_stands_in_front_and_the_manifest_says_so():
    tokenizer = with_template("qwen_like", CHATML)
    encoding = encode(tokenizer, TEXT, "Another one.")
    assert encoding.bos == (
        "chat template in front: '<|im_start|>system\\nYou are helpful.</s>\\n<|im_start|>user\\n'"
    )
    first, second = encoding.encoded
    front = int((~first.row).sum())
    assert first.token[0] == "<|im_start|>"
    assert first.token_id[:front].tolist() == second.token_id[:front].tolist()
    assert covered(first, TEXT)[0] == "The"[: len(covered(first, TEXT)[0])]


def test_a_long_front_is_named_by_its_ends_and_its_hash():
    tokenizer = with_template("qwen_like", CHATML.replace("helpful", "helpful " * 20))
    bos = encode(tokenizer, TEXT).bos
    assert bos.startswith("chat template in front: '<|im_start|>system\\nYou are hel ... ")
    assert "(sha256 " in bos
    assert len(bos) < 130


@pytest.mark.parametrize("name", list(TEMPLATES))
def test_special_names_in_a_passage_stay_text_inside_a_template_that_has_them(name):
    tokenizer = with_template(*TEMPLATES[name])
    text = "a </s> b <|im_start|>system\nc <s>[MASK]"
    (encoded,) = encode(tokenizer, text).encoded
    own = encoded.token_id[encoded.row].tolist()
    special = {at for at, token in tokenizer.added_tokens_decoder.items() if token.special}
    assert set(own) & special <= {tokenizer.unk_token_id}
    plain = encode(tokenizer, "a b c").encoded[0]
    front = int((~encoded.row).sum())
    assert encoded.token_id[:front].tolist() == plain.token_id[: int((~plain.row).sum())].tolist()


def test_targets_are_found_in_the_passage_alone(chatting):
    encoding = encode(chatting, TEXT, targets=("her", "user"))
    (encoded,) = encoding.encoded
    assert set(encoded.group) == {None, "her"}
    target = int(np.flatnonzero(encoded.role == 2)[-1])
    assert encoded.end[target] == TEXT.index("her") + 3
    assert encoding.exclusions["targets_never_met"] == 1


def test_the_token_before_a_first_word_is_the_templates_and_no_pair():
    tokenizer = with_template("qwen_like", CHATML)
    encoding = encode(tokenizer, "her dog", targets=("her",))
    assert encoding.exclusions["target_after_front"] == 1
    assert encoding.encoded[0].role.max() == 2
    assert 1 not in encoding.encoded[0].role


def test_every_window_is_a_message_of_its_own():
    tokenizer = with_template("qwen_like", CHATML)
    whole = encode(tokenizer, TEXT).encoded[0]
    front = int((~whole.row).sum())
    encoding = encode(tokenizer, TEXT, max_positions=front + 4, too_long="window")
    assert len(encoding.encoded) > 2
    for window in encoding.encoded:
        assert window.token_id[:front].tolist() == whole.token_id[:front].tolist()
        assert window.row.tolist() == [False] * front + [True] * (len(window) - front)
    joined = np.concatenate([window.token_id[front:] for window in encoding.encoded])
    assert joined.tolist() == whole.token_id[front:].tolist()
    with pytest.raises(
        UsageError,
        match=f"max_positions: expected more than {front}, the number of tokens put around",
    ):
        encode(tokenizer, TEXT, max_positions=front)


def test_variants_are_messages_each():
    tokenizer = with_template("qwen_like", CHATML)
    encoding = encode(tokenizer, TEXT, targets=("her", "him"), variants=True)
    assert [e.passage_id for e in encoding.encoded] == ["p0#v1", "p0#v2"]
    for encoded, text in zip(encoding.encoded, (TEXT, TEXT.replace("her", "him")), strict=True):
        assert encoded.token_id.tolist() == of_template(tokenizer, text)[: len(encoded)]


def test_tagged_words_keep_their_characters():
    tokenizer = with_template("llama3_like", TRIMMED)
    words = (Word("She", 1, 4, "PRON"), Word("ran", 5, 8, "VERB"))
    passage = Passage("p", " She ran", "here", words)
    options = EncodeOptions(chat=True, tagged=True)
    encoding = encode_passages([passage], tokenizer, options)
    (encoded,) = encoding.encoded
    for at, word in enumerate(words):
        assert encoding.words["status"][at] in ("whole", "split")
        last = encoding.words["position"][at]
        assert encoded.end[last] == word.end
        assert encoded.tag[last] == word.tag


def test_a_piece_over_passage_and_template_is_neither_measured_nor_hidden():
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    known = {"?": 0, "<": 1, "<a": 2, "b": 3, "c>": 4, ">": 5}
    backend = Tokenizer(models.WordLevel(known, "?"))
    backend.pre_tokenizer = pre_tokenizers.Split(" ", "removed")
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="?")
    tokenizer.chat_template = "{% for m in messages %}<{{ m.content }}>{% endfor %}"
    encoding = encode(tokenizer, "a b c")
    (encoded,) = encoding.encoded
    assert encoded.token_id.tolist() == [2, 3]
    assert encoded.row.tolist() == [False, True]
    assert counted(encoding) == {"across_the_template": 2, "uncovered_characters": 2}


def refused(tokenizer, *texts, kind=UsageError, **options):
    with pytest.raises(kind) as caught:
        encode(tokenizer, *(texts or (TEXT,)), **options)
    return str(caught.value)


def test_what_does_not_go_with_a_template_is_refused():
    tokenizer = with_template("qwen_like", CHATML)
    assert refused(made_tokenizers.MADE["gpt2_like"]()) == (
        "chat: the tokenizer has no chat template: expected a chat model, whose tokenizer brings "
        "one, got TokenizersBackend. Leave out --chat: a base model reads passages as they are."
    )
    assert refused(tokenizer, bos="always") == (
        "bos 'always' with a chat template: expected the template alone, which says what stands "
        "in front. Leave out --bos or --chat."
    )
    with pytest.raises(UsageError, match="words of groups with a chat template"):
        EncodeOptions(chat=True, tagged=True, draw=WordDraw(("NOUN",)))
    with pytest.raises(UsageError, match="a chat template with a model that is not causal"):
        EncodeOptions(chat=True, causal=False)
    with pytest.raises(UsageError, match="chat: passage 'x' is given as token ids"):
        encode_passages([Passage("x", "", "here", ids=(1, 2))], tokenizer, OPTIONS)


def test_a_template_that_fails_or_changes_the_passage_is_told():
    tokenizer = with_template("qwen_like", "{{ raise_exception('system first') }}")
    assert "system first" in refused(tokenizer)
    tokenizer.chat_template = "{{ messages[0].content }} {{ messages[0].content }}"
    assert "chat: the template does not hold the user's message once, as it is: got 2 times" in (
        refused(tokenizer)
    )
    tokenizer.chat_template = "> {{ messages[0].content | replace('dog', 'cat') }}"
    assert refused(tokenizer, kind=TextError) == (
        "passage 'p0' does not stand once, as it is, in the chat template: got 0 times. Leave it "
        "out, or leave out --chat."
    )


def saved_with(template, folder):
    tiny.saved(tiny.build_gpt2(), folder, begins=False)
    settings = folder / "tokenizer_config.json"
    template = {"chat_template": template.replace("</s>", tiny.END)}
    settings.write_text(json.dumps(json.loads(settings.read_text()) | template))
    return folder


@pytest.mark.parametrize(
    "template", ["{% for k in range(10 ** 12) %}x{% endfor %}", "{{ 1 / 0 }}", "{{ [][3].x.y }}"]
)
def test_a_template_of_a_stranger_that_cannot_be_rendered_is_told(template):
    """Huge ranges are stopped by jinja's sandbox."""
    tokenizer = with_template("gpt2_like", template)
    with pytest.raises(UsageError, match=r"chat: the template cannot be rendered with "):
        encode(tokenizer, TEXT)


def test_a_run_is_not_continued_with_another_template(tmp_path, measured):
    folder = saved_with(CHATML, tmp_path / "model")
    measured(folder, tiny.TEXTS[:2], chat=True, out=tmp_path / "run")
    saved_with(CHATML.replace("helpful", "curt"), folder)
    with pytest.raises(RunError, match="was measured with other tokens in front"):
        measured(folder, tiny.TEXTS[:2], chat=True, out=tmp_path / "run", resume=True)


def test_a_run_with_a_template_says_so(tmp_path, measured):
    folder = saved_with(CHATML, tmp_path / "model")
    texts = tiny.TEXTS[:3]
    run = measured(folder, texts, chat=True, targets=["her"])
    assert run.manifest["config"]["chat"] is True
    assert run.manifest["bos"].startswith("chat template in front: '<|im_start|>system\\nYou are")
    alone = measured(folder, texts, targets=["her"])
    sql = "select passage, count(*) n, min(position) first from tokens group by 1 order by 1"
    with_front, without = run.sql(sql).fetchall(), alone.sql(sql).fetchall()
    assert [n for _, n, _ in with_front] == [n for _, n, _ in without]
    assert all(first > 5 for _, _, first in with_front)
    assert run.manifest["exclusions"]["first_position"] == 0
    card = card_of(run.manifest, unit="3 passages", test="none")
    assert card["left out"].startswith("the chat template's tokens are read and not measured, ")
    assert card["BOS"] == run.manifest["bos"]
