"""A corpus of any size costs little memory, and nothing is lost by packing and storing it."""

import errno
import gc
import pickle
import tempfile
import tracemalloc
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from odograph.corpus import pieces, records, stored
from odograph.corpus.encoded import Encoded, Entries
from odograph.corpus.options import EncodeOptions
from odograph.corpus.passages import Passage
from odograph.corpus.tokens import encode_passages
from odograph.errors import TextError

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
    one = Encoded(Entries(**VALUES))
    assert len(one) == 4
    assert values_of(one) == PLAIN
    bare = Encoded(Entries(**{n: v for n, v in VALUES.items() if n not in ("tag", "lemma")}))
    assert values_of(bare) == PLAIN | {"tag": (), "lemma": ()}
    assert values_of(Encoded.from_bytes(one.to_bytes(), one.vocabulary)) == PLAIN
    assert values_of(Encoded.from_bytes(bare.to_bytes(), one.vocabulary))["tag"] == ()
    with pytest.raises(AttributeError):
        one.passage = 4  # type: ignore[misc]


def test_a_changed_passage_keeps_the_rest() -> None:
    order = [3, 2, 1, 0]
    changed = Encoded(Entries(**VALUES)).changed(
        token_id=VALUES["token_id"][order], lemma=("x",) * 4
    )
    assert values_of(changed) == PLAIN | {
        "token_id": [2, 7, 9, 7],
        "token": (".", " a", " her", " a"),
        "lemma": ("x",) * 4,
    }


def test_a_passage_travels_with_its_own_tokens_only() -> None:
    vocabulary = {number: str(number) for number in range(1000)}
    one = Encoded(Entries(**(VALUES | {"token": vocabulary})))
    sent = pickle.dumps(one)
    assert len(sent) < 2000
    assert values_of(pickle.loads(sent)) == PLAIN | {"token": ("7", "9", "7", "2")}


@pytest.mark.parametrize("targets", [(), ("her",)])
def test_a_passage_costs_less_than_forty_bytes_however_long_it_is(
    targets: tuple[str, ...], small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve, and what noise adds; as tokens in memory it would take a thousand."""
    monkeypatch.setattr(records, "_IN_MEMORY", 2**12)
    passages = [Passage(f"text:{n}", f"a her dog saw us {n}", "here") for n in range(400)]
    options = EncodeOptions(targets=targets)

    def held(passages: Sequence[Passage]) -> int:
        gc.collect()
        tracemalloc.start()
        try:
            encoding = encode_passages(passages, small, options)
            gc.collect()
            assert len(encoding.encoded) == len(passages)
            before = tracemalloc.get_traced_memory()[0]
            del encoding  # what is freed by that was held by it, and nothing else
            gc.collect()
            return before - tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    held(passages)  # what is looked up once is there
    # What other tests left behind is freed now and then in between: the least of three holds.
    assert min(held(passages) - held(passages[:100]) for _ in range(3)) < 300 * 40


def test_what_is_on_disk_is_what_was_in_memory(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    passages = [Passage(str(n), f"{'her dog ' * n}saw", "here") for n in range(9)]
    options = EncodeOptions(targets=("her",))
    found = []
    for most in (2**22, 1):
        monkeypatch.setattr(records, "_IN_MEMORY", most)
        found.append([values_of(e) for e in encode_passages(passages, small, options).encoded])
    assert found[0] == found[1]
    assert ["".join(values["token"]) for values in found[0]] == [p.text for p in passages]


def in_store(count: int) -> stored.Stored:
    """Passages 0, 1, ... of one to `count` tokens."""
    vocabulary = {number: f" {number}" for number in range(count)}
    store = stored.Store(vocabulary)
    for n in range(count):
        numbers = np.arange(n + 1, dtype=np.int32)
        names = {"passage": n, "passage_id": f"\N{SNOWMAN}\ud800 {n}", "token": vocabulary}
        group = {
            "group": (None,) * (n + 1),
            "role": numbers.astype(np.int8) * 0,
            "row": numbers > 0,
        }
        rest = ("token_id", "start", "end", "word", "piece_count", "occurrence", "next_id")
        store.add([Encoded(Entries(**names, **group, **dict.fromkeys(rest, numbers)))])
    return store.passages()


def test_stored_passages_are_a_sequence() -> None:
    passages = in_store(5)
    assert [p.passage for p in passages] == list(range(len(passages)))
    assert passages[-1].token == (" 0", " 1", " 2", " 3", " 4")
    assert passages[2].passage_id == "\N{SNOWMAN}\ud800 2"
    assert [p.passage for p in passages[1:][::2]] == [1, 3]
    assert stored.lengths(passages[3:]).tolist() == [len(p) for p in passages[3:]] == [4, 5]
    assert stored.lengths(list(passages[:2])).tolist() == [1, 2]
    with pytest.raises(IndexError):
        passages[:3][3]
    # Two readers of one file do not disturb each other.
    for one, other in zip(passages[:4:2], passages[1::2], strict=True):
        assert one.passage + 1 == other.passage


def test_stored_passages_travel_as_a_tuple() -> None:
    sent = pickle.loads(pickle.dumps(in_store(4)[1:3]))
    assert isinstance(sent, tuple)
    assert [p.token for p in sent] == [(" 0", " 1"), (" 0", " 1", " 2")]


def test_nothing_is_left_of_passages_that_nobody_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(records, "_IN_MEMORY", 1)
    part = in_store(3)[1:]
    assert part[0].passage == 1  # the file lives as long as a part of it is held
    (place,) = part._corpus.places
    assert isinstance(place, stored.Store)
    store, file = weakref.ref(place), place._records._file
    del part, place
    gc.collect()
    assert store() is None
    assert file.closed
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    passages = in_store(2)
    (store,) = passages._corpus.places
    assert isinstance(store, stored.Store)
    monkeypatch.setattr(store._records._file, "write", full)
    with pytest.raises(TextError) as caught:
        store.add(passages)
    assert str(caught.value) == (
        "the tokens of the texts cannot be kept in a temporary file: got No space left on device "
        f"({tmp_path}). Free space there, or set TMPDIR to a folder of another disk."
    )


def test_a_missing_temporary_folder_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(data: bytes) -> int:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "tempdir", None)
    passages = in_store(2)
    (store,) = passages._corpus.places
    assert isinstance(store, stored.Store)
    monkeypatch.setattr(store._records._file, "write", missing)
    monkeypatch.setattr(tempfile, "tempdir", None)
    with pytest.raises(TextError, match=r"No usable temporary directory.*Set TMPDIR"):
        store.add(passages)


def test_names_out_of_a_numpy_table_stay_names(small: Any) -> None:
    passage = Passage(np.str_("ab"), "her dog", "here")
    (found,) = encode_passages([passage], small).encoded
    assert (type(found.passage_id), found.passage_id, found.base) == (str, "ab", "ab")


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
