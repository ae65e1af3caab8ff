import re
import subprocess
import sys

import pytest

from odograph.corpus import bundled_path, bundled_texts, find_targets, read_passages
from odograph.errors import UsageError


def texts(name):
    return [passage.text for passage in read_passages([f"bundled:{name}"]).passages]


def test_all_bundled_texts_can_be_read():
    assert list(bundled_texts()) == ["her", "him", "round", "nietzsche", "passages"]
    assert [len(texts(name)) for name in bundled_texts()] == [54, 54, 54, 1, 24]
    assert all(path.is_file() for path in bundled_texts().values())


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(UsageError) as caught:
        bundled_path("hers")
    assert str(caught.value) == (
        "no bundled text of the name 'hers'. There are: her, him, round, nietzsche, passages."
    )


@pytest.mark.parametrize("name", ["him", "round"])
def test_the_sentences_differ_in_one_word_only(name):
    pairs = list(zip(texts("her"), texts(name), strict=True))
    assert all(re.sub(r"\bher\b", name, her) == other for her, other in pairs)


def test_her_stands_once_in_each_sentence_and_not_at_its_start():
    sentences = texts("her")
    assert len(set(sentences)) == 54
    for sentence in sentences:
        words = sentence.split()
        assert 8 <= len(words) <= 25
        (hit,) = find_targets(sentence, ["her"], ignore_case=True)
        assert len(sentence[: hit.start].split()) >= 2
        assert not find_targets(sentence, ["him", "round"], ignore_case=True)


def test_lengths_in_gpt2_tokens_are_as_promised(gpt2):
    def lengths(name):
        return [len(gpt2(text)["input_ids"]) for text in texts(name)]

    assert 330 <= lengths("nietzsche")[0] <= 350
    assert all(150 <= length <= 300 for length in lengths("passages"))
    positions = [gpt2(text)["input_ids"].index(607) for text in texts("her")]
    assert min(positions) == 2
    assert max(positions) == 20


def test_nothing_heavy_is_imported_with_the_package():
    code = (
        "import sys, odograph.corpus;"
        "print([n for n in ('torch', 'transformers', 'pyarrow', 'numpy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
