"""A corpus is held whole: what it costs, and that nothing is lost by packing it."""

import gc
import pickle
import tracemalloc
from typing import Any

import numpy as np
import pytest

from odograph.corpus import pieces
from odograph.corpus.encoded import Encoded
from odograph.corpus.options import EncodeOptions
from odograph.corpus.passages import Passage
from odograph.corpus.tokens import encode_passages

VALUES: dict[str, Any] = {
    "passage": 3,
    "passage_id": "p#w2",
    "token_id": np.array([7, 9, 7, 2], np.int32),
    "token": (" a", " her", " a", "."),
    "start": np.array([0, 2, 6, 7], np.int32),
    "end": np.array([1, 5, 7, 8], np.int32),
    "word": np.array([0, 1, 2, -1], np.int32),
    "piece_count": np.array([1, 1, 1, 0], np.int32),
    "role": np.array([1, 2, 0, 0], np.int8),
    "group": ("her", "her", None, None),
    "occurrence": np.array([0, 0, -1, -1], np.int32),
    "next_id": np.array([9, 7, 2, -1], np.int32),
    "row": np.array([True, True, False, True]),
    "tag": ("DET", "PRON", "DET", None),
    "lemma": ("a", "she", "a", None),
    "base": "p",
    "text": "0123",
}


def values_of(encoded: Encoded) -> dict[str, Any]:
    found = {name: getattr(encoded, name) for name in VALUES}
    for name, value in found.items():
        if isinstance(value, np.ndarray):
            assert value.dtype == VALUES[name].dtype, name
    return {n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in found.items()}


PLAIN = {n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in VALUES.items()}


def test_a_passage_gives_back_what_was_put_in() -> None:
    one = Encoded(**VALUES)
    assert len(one) == 4
    assert values_of(one) == PLAIN
    bare = Encoded(**{n: v for n, v in VALUES.items() if n not in ("tag", "lemma")})
    assert values_of(bare) == PLAIN | {"tag": (), "lemma": ()}
    with pytest.raises(AttributeError):
        one.passage = 4  # type: ignore[misc]


def test_a_changed_passage_keeps_the_rest() -> None:
    order = [3, 2, 1, 0]
    changed = Encoded(**VALUES).changed(token_id=VALUES["token_id"][order], lemma=("x",) * 4)
    assert values_of(changed) == PLAIN | {
        "token_id": [2, 7, 9, 7],
        "token": (".", " a", " her", " a"),
        "lemma": ("x",) * 4,
    }


def test_a_passage_travels_with_its_own_tokens_only() -> None:
    vocabulary = {number: str(number) for number in range(1000)}
    one = Encoded(**(VALUES | {"token": vocabulary}))
    sent = pickle.dumps(one)
    assert len(sent) < 2000
    assert values_of(pickle.loads(sent)) == PLAIN | {"token": ("7", "9", "7", "2")}


@pytest.mark.parametrize(("words", "most"), [(20, 45), (300, 35)])
@pytest.mark.parametrize("targets", [(), ("her",)])
def test_a_token_costs_some_forty_bytes(
    words: int, most: int, targets: tuple[str, ...], small: Any
) -> None:
    """Beyond the passages themselves; with Python objects for each token it was 55 to 110."""
    text = " ".join(["a", "her", "dog", "saw", "us"] * (words // 5))
    passages = [Passage(f"text:{n}", f"{text} {n}", "here") for n in range(12_000 // words)]
    options = EncodeOptions(targets=targets)
    encode_passages(passages, small, options)  # what is looked up once is there
    gc.collect()
    tracemalloc.start()
    try:
        encoding = encode_passages(passages, small, options)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / sum(map(len, encoding.encoded)) < most


def test_how_many_texts_are_tokenised_at_once_changes_nothing(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages = [Passage(str(n), f"{'her dog ' * n}saw", "here") for n in range(9)]
    whole = encode_passages(passages, small).encoded
    sizes: list[int] = []
    real = type(small).__call__

    def counted(tokenizer: Any, texts: Any, **options: Any) -> Any:
        sizes.append(len(texts))
        return real(tokenizer, texts, **options)

    monkeypatch.setattr(type(small), "__call__", counted)
    for texts, characters, most in ((1000, 100, [5, 2, 1, 1]), (4, 10**6, [4, 4, 1])):
        monkeypatch.setattr(pieces, "_BATCH", texts)
        monkeypatch.setattr(pieces, "_CHARACTERS", characters)
        sizes.clear()
        divided = encode_passages(passages, small).encoded
        assert sizes[-len(most) :] == most  # before them the frame is asked for
        for ours, theirs in zip(divided, whole, strict=True):
            assert ours.token_id.tolist() == theirs.token_id.tolist()
