"""A corpus encoded in ranges is the corpus encoded at once; what is decided of it reads nothing."""

from typing import Any

import numpy as np
import pytest

from odograph.corpus import EncodeOptions, Passage, encode_passages
from odograph.corpus.documents import join_documents
from odograph.corpus.encoded import Encoded, Encoding
from odograph.corpus.encoded_range import encode_range
from odograph.corpus.stored import Stored, documents_of, facts_of
from odograph.corpus.texts_to_encode import TextsToEncode
from odograph.corpus.tokens import EncodedTexts
from odograph.run.hash_order import drawn_documents
from odograph.run.manifest import _corpus
from odograph.run.pilot import pilot_passages
from odograph.run.shards import cut_into_shards

TEXTS = [
    "a dog saw her and us",
    "her dog saw us",
    "Her  dog saw us",  # a copy
    "a dog saw her and us again",  # a near-copy of the first
    "",
    "us her us her us her us her us her us her",
    "the dog",
]
PASSAGES = [Passage(f"text:{n}", text, "here") for n, text in enumerate(TEXTS)]
PASSAGES[6:] = [
    Passage("text:6", TEXTS[6], "here", document="one"),
    Passage("ids", "", "", ids=(1, 2)),
]


def by_threes(texts: TextsToEncode) -> EncodedTexts:
    every = range(len(texts.passages))
    found = [encode_range(texts, every[first : first + 3]) for first in every[::3]]
    ranges, keys = zip(*found, strict=True)
    return EncodedTexts(ranges, *join_documents(keys, near=not texts.options.items))


def values(passage: Encoded) -> tuple[Any, ...]:
    state = passage.__getstate__()
    return tuple(its.tolist() if isinstance(its, np.ndarray) else its for its in state)


def told(encoding: Encoding) -> tuple[Any, ...]:
    """All that an encoding says."""
    return list(map(values, encoding.encoded)), encoding.exclusions, encoding.bos, encoding.largest


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"targets": ("her",), "select": "targets"},
        {"max_positions": 4, "too_long": "window"},
        {"targets": ("her", "us"), "variants": True},
        {"items": True},
    ],
)
def test_ranges_together_are_the_corpus_encoded_at_once(options: Any, small: Any) -> None:
    given = EncodeOptions(**options)
    passages = [p for p in PASSAGES if p.ids is None] if "variants" in options else PASSAGES
    whole = encode_passages(passages, small, given)
    divided = encode_passages(passages, small, given, encoder=by_threes)
    assert told(divided) == told(whole)
    assert (
        documents_of(divided.encoded).number.tolist() == documents_of(whole.encoded).number.tolist()
    )


def test_copies_in_different_ranges_are_one_document(small: Any) -> None:
    encoding = encode_passages(PASSAGES, small, encoder=by_threes)
    found = {p.passage_id: p.document for p in encoding.encoded}
    assert found["text:2"] == "text:1"
    assert found["text:3"] == "text:0"
    assert found["text:6"] == "one"
    assert encoding.exclusions["copies"] == encoding.exclusions["near_copies"] == 1


def test_what_is_known_of_stored_passages_is_what_they_say(small: Any) -> None:
    for part in (slice(None), slice(1, 4), slice(None, None, -1), slice(3, 3)):
        stored = encode_passages(PASSAGES, small, encoder=by_threes).encoded[part]
        read = tuple(stored)
        assert isinstance(stored, Stored)
        facts, said = facts_of(stored), facts_of(read)
        for name in facts.__dataclass_fields__:
            assert getattr(facts, name).tolist() == getattr(said, name).tolist(), name
        same = documents_of(stored).number[:, None] == documents_of(stored).number
        assert (same == [[a.document == b.document for b in read] for a in read]).all()


def test_shards_the_manifest_and_draws_read_no_passage_that_they_do_not_take(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from odograph.corpus.readers import Origin
    from odograph.run.options import make_config

    passages = [Passage(f"text:{n}", f"{'her dog ' * 400}{n}", "here") for n in range(40)]
    encoding = encode_passages(passages, small, EncodeOptions(items=True))
    read: list[int] = []
    real = Encoded.from_bytes

    def counting(data: bytes, vocabulary: Any, number: int, document: str | None) -> Encoded:
        read.append(number)
        return real(data, vocabulary, number, document)

    monkeypatch.setattr(Encoded, "from_bytes", staticmethod(counting))
    config = make_config({"model": "bundled", "texts": ["x"]})
    assert len(cut_into_shards(encoding.encoded, 1000)) > 9
    assert _corpus(config, Origin(), encoding)["documents"] == 40
    assert read == []
    pilot = pilot_passages(encoding.encoded)
    assert len(pilot) == len(read) < 6
    read.clear()
    drawn = drawn_documents(encoding.encoded, 3)
    assert len(drawn) == len(read) == 3
    assert read == sorted(read)
