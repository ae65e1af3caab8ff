import re
import subprocess
import sys
from dataclasses import replace

import pytest

from odograph.corpus import bundled_path, bundled_texts, find_targets, read_passages
from odograph.corpus.conllu import read_sentence, split_sentences
from odograph.errors import UsageError

# Source: https://universaldependencies.org/u/pos/index.html.
UNIVERSAL_TAGS = re.findall(
    r"\w+", "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X"
)


def texts(name):
    return [passage.text for passage in read_passages([f"bundled:{name}"]).passages]


def test_all_bundled_texts_can_be_read():
    assert list(bundled_texts()) == ["her", "him", "round", "nietzsche", "passages", "tagged"]
    assert [len(texts(name)) for name in bundled_texts()] == [54, 54, 54, 1, 24, 187]
    assert all(path.is_file() for path in bundled_texts().values())


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(UsageError) as caught:
        bundled_path("hers")
    assert str(caught.value) == (
        "no bundled text of the name 'hers'. There are: her, him, round, nietzsche, passages, "
        "tagged."
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


def test_the_tagged_text_is_well_formed():
    sentences = list(split_sentences(bundled_path("tagged").read_text("utf-8").splitlines()))
    for sentence in sentences:
        rows = [row for _, row in sentence.rows]
        words = [row for row in rows if "-" not in row[0]]
        assert all(len(row) == 10 for row in rows)
        assert [int(row[0]) for row in words] == list(range(1, len(words) + 1))
        assert all(row[3] in UNIVERSAL_TAGS and row[2] != "_" for row in words)
        bare = replace(sentence, comments={})
        assert read_sentence(bare, "tagged")[0] == sentence.comments["text"]
    names = [sentence.comments["sent_id"] for sentence in sentences]
    assert len(set(names)) == len(names)


def test_every_word_of_the_tagged_text_has_a_tag_and_a_lemma():
    sentences = read_passages(["bundled:tagged"], strict=True).passages
    documents = read_passages(["bundled:tagged"], whole=True, strict=True).passages
    assert [len(sentences), len(documents)] == [187, 22]
    words = [word for passage in documents for word in passage.words]
    assert len(words) == sum(len(passage.words) for passage in sentences)
    assert all(word.tag in UNIVERSAL_TAGS and word.lemma for word in words)
    assert 2400 <= sum(word.tag != "PUNCT" for word in words) <= 2700


def test_a_form_with_a_tag_has_one_lemma_apart_from_her_and_s():
    lemmas = {}
    for passage in read_passages(["bundled:tagged"]).passages:
        for word in passage.words:
            lemmas.setdefault((word.text.lower(), word.tag), set()).add(word.lemma)
    assert {key: found for key, found in lemmas.items() if len(found) > 1} == {
        ("her", "PRON"): {"her", "she"},
        ("'s", "AUX"): {"be", "have"},
    }


@pytest.mark.parametrize("tag", ["NOUN", "ADJ"])
def test_the_tagged_text_has_words_enough_for_two_groups(tag):
    passages = read_passages(["bundled:tagged"], whole=True).passages
    drawn = [word for passage in passages for word in passage.words if word.tag == tag]
    assert len(drawn) >= 300
    assert len({word.lemma for word in drawn}) >= 250
    assert len({word.lemma for word in drawn if len(word.text) >= 5}) >= 200
    assert all(any(word.tag == tag for word in passage.words) for passage in passages)


def test_nothing_heavy_is_imported_with_the_package():
    code = (
        "import sys, odograph.corpus;"
        "print([n for n in ('torch', 'transformers', 'pyarrow', 'numpy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
