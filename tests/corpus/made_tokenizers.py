"""A tokenizer of each kind in use, trained on a page of text where no genuine one is at hand."""

from collections.abc import Callable
from functools import cache
from typing import Any

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from odograph.corpus import bundled_path

# Source: the tokenizer.json of Llama-3.
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# Source: the tokenizer.json of CLIP.
CLIP = (
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
)
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
SPECIAL = ("<unk>", "<s>", "</s>", "<|endoftext|>", "<|im_start|>", "[MASK]")
_SIZE = 900
_APART = pre_tokenizers.Split(Regex(r"[^\p{L}\p{M}\p{N}\s▁]"), "isolated")


@cache
def _page() -> list[str]:
    """The sentences of the bundled story, and a line of other characters."""
    lines = bundled_path("tagged").read_text("utf-8").splitlines()
    texts = [line.removeprefix("# text = ") for line in lines if line.startswith("# text = ")]
    return [*texts, "naïve café Δέλτα 東京 Ünï 😀 ½ ﬁne"]


def _fast(backend: Tokenizer, **names: str) -> Any:
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(tokenizer_object=backend, **names)


def _special(*, normalised: bool = False) -> list[AddedToken]:
    return [AddedToken(name, special=True, normalized=normalised) for name in SPECIAL]


def _byte_level(split: Any, *, ignore_merges: bool = False, normalizer: Any = None) -> Tokenizer:
    backend = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer is not None:
        backend.normalizer = normalizer
    backend.pre_tokenizer = split
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_SIZE,
        special_tokens=_special(),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(_page(), trainer)
    return backend


def gpt2_like() -> Any:
    """GPT-2: bytes, its own regular expression, offsets with the space."""
    backend = _byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False))
    backend.post_processor = processors.ByteLevel(trim_offsets=False)
    names = {"bos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    return _fast(backend, eos_token="<|endoftext|>", **names)


def roberta_like() -> Any:
    """RoBERTa with a prefix space: bytes, a space put before each text, offsets without it."""
    backend = _byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True))
    ids = (("</s>", 2), ("<s>", 1))
    backend.post_processor = processors.RobertaProcessing(*ids, True, True)
    return _fast(backend, bos_token="<s>", eos_token="</s>", unk_token="<unk>", mask_token="[MASK]")


def llama3_like() -> Any:
    """Llama-3: bytes, its own expression, whole words of the vocabulary taken unmerged."""
    own = pre_tokenizers.Split(Regex(LLAMA3), "isolated")
    split = [own, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    backend = _byte_level(pre_tokenizers.Sequence(split), ignore_merges=True)
    backend.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=True),
            processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)]),
        ]
    )
    return _fast(backend, bos_token="<s>", eos_token="<|endoftext|>")


def qwen_like() -> Any:
    """Qwen: as Llama-3, with composed characters, and names that are added but not special."""
    own = pre_tokenizers.Split(Regex(LLAMA3), "isolated")
    split = [own, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    backend = _byte_level(pre_tokenizers.Sequence(split), normalizer=normalizers.NFC())
    backend.add_tokens([AddedToken("<think>", special=False, normalized=False)])
    return _fast(backend, eos_token="<|endoftext|>")


def clip_like() -> Any:
    """CLIP: lower case, runs of white space as one, bytes, a sign at the end of words."""
    split = [
        pre_tokenizers.Split(Regex(CLIP), "removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ]
    backend = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token="<|endoftext|>"))
    backend.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    backend.pre_tokenizer = pre_tokenizers.Sequence(split)
    trainer = trainers.BpeTrainer(
        vocab_size=_SIZE + 256,
        special_tokens=_special(),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    backend.train_from_iterator(_page(), trainer)
    return _fast(backend, bos_token="<s>", eos_token="<|endoftext|>", unk_token="<|endoftext|>")


def _sentencepiece(normalizer: Any, split: Any) -> Tokenizer:
    """BPE over characters with a piece for every byte, as sentencepiece trains it."""
    vocabulary = {name: at for at, name in enumerate([*SPECIAL, *BYTES])}
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Replace(" ", "▁")
    # Sentencepiece does not learn pieces of letters and punctuation.
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split("▁", "merged_with_next"), _APART]
    )
    trainer = trainers.BpeTrainer(vocab_size=_SIZE, show_progress=False, limit_alphabet=80)
    trained.train_from_iterator([f" {line}" for line in _page()], trainer)
    import json

    learned = json.loads(trained.to_str())["model"]
    for piece in learned["vocab"]:
        vocabulary.setdefault(piece, len(vocabulary))
    merges = [tuple(merge) for merge in learned["merges"]]
    backend = Tokenizer(
        models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    if normalizer is not None:
        backend.normalizer = normalizer
    if split is not None:
        backend.pre_tokenizer = split
    backend.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    backend.add_special_tokens(_special())
    return backend


def llama2_like() -> Any:
    """Llama-2: a space put in front and spaces written as signs by the normaliser."""
    parts = [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    backend = _sentencepiece(normalizers.Sequence(parts), None)
    template = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    backend.post_processor = template
    return _fast(backend, bos_token="<s>", eos_token="</s>", unk_token="<unk>")


def mistral_like() -> Any:
    """Mistral: a sign in front of the first word only."""
    split = pre_tokenizers.Metaspace("▁", prepend_scheme="first", split=False)
    return _fast(_sentencepiece(None, split), bos_token="<s>", unk_token="<unk>")


def metaspace_always() -> Any:
    """A sign in front of every stretch of text."""
    split = pre_tokenizers.Metaspace("▁", prepend_scheme="always", split=True)
    return _fast(_sentencepiece(None, split), bos_token="<s>", unk_token="<unk>")


def gemma_like() -> Any:
    """Gemma: nothing in front, spaces as signs, divided at spaces."""
    split = pre_tokenizers.Split(" ", "merged_with_previous")
    backend = _sentencepiece(normalizers.Replace(" ", "▁"), split)
    return _fast(backend, bos_token="<s>", unk_token="<unk>")


def _unigram(normalizer: Any, split: Any) -> Tokenizer:
    backend = Tokenizer(models.Unigram())
    backend.normalizer = normalizer
    backend.pre_tokenizer = pre_tokenizers.Sequence([split, _APART])
    backend.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=_SIZE,
        special_tokens=_special(),
        unk_token="<unk>",
        show_progress=False,
    )
    backend.train_from_iterator(_page(), trainer)
    backend.pre_tokenizer = split
    return backend


def t5_like() -> Any:
    """T5, XLM-R: unigram pieces of text in NFKC, runs of spaces as one, a sign in front."""
    compatible = [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    split = [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁")]
    backend = _unigram(normalizers.Sequence(compatible), pre_tokenizers.Sequence(split))
    return _fast(backend, eos_token="</s>", unk_token="<unk>", mask_token="[MASK]")


def albert_like() -> Any:
    """ALBERT: unigram pieces of lower-cased text without accents, quotes rewritten."""
    parts = [
        normalizers.Replace("``", '"'),
        normalizers.Replace("''", '"'),
        normalizers.NFKD(),
        normalizers.StripAccents(),
        normalizers.Lowercase(),
    ]
    split = [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁")]
    backend = _unigram(normalizers.Sequence(parts), pre_tokenizers.Sequence(split))
    return _fast(backend, bos_token="<s>", unk_token="<unk>", mask_token="[MASK]")


def byte_unigram() -> Any:
    """Unigram pieces with a piece for every byte, spaces kept as they are."""
    learned = _unigram(normalizers.NFC(), pre_tokenizers.Metaspace("▁", prepend_scheme="never"))
    import json

    model = json.loads(learned.to_str())["model"]["vocab"]
    scored = [(piece, score) for piece, score in model]
    known = {piece for piece, _ in scored}
    scored += [(byte, -20.0) for byte in BYTES if byte not in known]
    backend = Tokenizer(models.Unigram(scored, unk_id=0, byte_fallback=True))
    backend.normalizer = normalizers.NFC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="never")
    backend.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    backend.add_special_tokens(_special())
    return _fast(backend, bos_token="<s>", unk_token="<unk>")


def _wordpiece(normalizer: Any) -> Any:
    backend = Tokenizer(models.WordPiece(unk_token="<unk>"))
    backend.normalizer = normalizer
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=_SIZE, special_tokens=_special(), show_progress=False
    )
    backend.train_from_iterator(_page(), trainer)
    template = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    backend.post_processor = template
    return _fast(backend, cls_token="<s>", sep_token="</s>", unk_token="<unk>", mask_token="[MASK]")


def wordpiece_cased() -> Any:
    """BERT in the case of the text."""
    return _wordpiece(normalizers.BertNormalizer(lowercase=False, strip_accents=False))


def wordpiece_lower() -> Any:
    """BERT in lower case and without accents."""
    return _wordpiece(normalizers.BertNormalizer(lowercase=True, strip_accents=True))


def gpt1_like() -> Any:
    """GPT-1: lower case, words divided at punctuation, a sign at the end of each."""
    backend = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.BPEDecoder(suffix="</w>")
    trainer = trainers.BpeTrainer(
        vocab_size=_SIZE, special_tokens=_special(), end_of_word_suffix="</w>", show_progress=False
    )
    backend.train_from_iterator(_page(), trainer)
    return _fast(backend, unk_token="<unk>")


MADE: dict[str, Callable[[], Any]] = {
    make.__name__: make
    for make in (
        gpt2_like,
        roberta_like,
        llama3_like,
        qwen_like,
        clip_like,
        llama2_like,
        mistral_like,
        metaspace_always,
        gemma_like,
        t5_like,
        albert_like,
        byte_unigram,
        wordpiece_cased,
        wordpiece_lower,
        gpt1_like,
    )
}
