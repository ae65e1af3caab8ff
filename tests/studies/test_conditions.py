"""Conditions of a design: found where they are planted, and nowhere else; columns that are kept."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from planted import planted_gpt2
from tiny import build_gpt2, scatter, tokenizer

import odograph
from odograph.errors import UsageError
from odograph.geometry import angle
from odograph.statistics.designs.conditions import paired_conditions, separate_conditions
from odograph.statistics.designs.crossed import crossed_test
from odograph.studies.claim import examined
from odograph.studies.questions.conditions import conditions
from odograph.studies.rotation import ROTATION
from odograph.studies.section import Analysis

NEAR = ("bridge", "stone", "horses", "boat", "river", "lamps", "door", "morning", "empty", "map")
FAR = ("field", "told", "gone", "dark", "lit", "warm", "evening", "asked", "still", "again")


def rows():
    words = enumerate(zip(NEAR, FAR, strict=True))
    return [
        {"text": f"They saw {word} and waited there.", "place": place, "item": f"i{n}"}
        for n, pair in words
        for place, word in zip(("near", "far"), pair, strict=True)
    ]


def written(folder, data):
    path = folder / "pairs.csv"
    head = list(data[0])
    lines = [",".join(head), *(",".join(row[name] for name in head) for row in data)]
    path.write_text("\n".join(lines) + "\n")
    return path


def planted_at(words):
    """A model in which the last tokens of some words begin elsewhere than all others."""
    ids = tokenizer(begins=False)
    last = {word: ids(f" {word}").input_ids[-1] for word in (*NEAR, *FAR)}
    assert not {last[word] for word in NEAR} & {last[word] for word in FAR}
    start = np.random.default_rng(0).normal(0, 0.3, (400, 8)) + np.eye(8)[0] * 6.0
    start[[last[word] for word in words]] += np.eye(8)[1] * 3.0 - np.eye(8)[0] * 4.0
    return planted_gpt2(start, [np.eye(8)[2] * 4.0] * 3)


def found(run):
    done = odograph.study("rotation", run)
    return done, [f for f in done.findings if "of place 'near'" in f["statement"]]


def measure(folder, words):
    return odograph.measure(
        planted_at(words),
        [written(folder, rows())],
        tokenizer=tokenizer(begins=False),
        contrast="place",
        pair="item",
        keep_first=True,
        out=folder / "run",
    )


def test_a_difference_planted_at_one_word_is_found_there_and_not_after_it(tmp_path):
    done, (total, layer, after) = found(measure(tmp_path, NEAR))
    assert total["headline"].startswith("The target of place 'near' turns")
    assert (total["n"], total["unit_of_inference"]) == (10, "document")
    assert total["weight"] == 0  # planted in an outlier coordinate: without it nothing is left
    assert "Not shown without " in total["statement"]
    assert total["p_adjusted"] < 0.05
    assert layer["p_adjusted"] < 0.05
    assert "after it" not in layer["headline"]
    assert (after["estimate"], after["p_adjusted"]) == (0, None)
    table = done.sql("select layer, first, second, difference from tables.rotation_conditions")
    first = table.fetchall()[0]
    assert first[:3] == (1, "near", "far")
    assert first[3] > 0


def test_the_words_that_differ_are_followed_and_the_columns_are_kept(tmp_path):
    run = measure(tmp_path, NEAR)
    words = run.sql("select distinct \"group\" from tokens where role = 'target'").fetchall()
    assert {word for (word,) in words} == {*NEAR, *FAR}
    kept = run.sql("select place, item from passages order by passage limit 2").fetchall()
    assert kept == [("near", "i0"), ("far", "i0")]


def test_without_a_planted_word_no_difference_is_found(tmp_path):
    _, findings = found(measure(tmp_path, ()))
    assert all(f["p_adjusted"] is None or f["p_adjusted"] > 0.05 for f in findings)
    assert findings[0]["p_adjusted"] is not None


def test_texts_of_their_own_are_compared_as_two_groups_beside_twins(tmp_path, gpt2_folder):
    run = odograph.measure(
        gpt2_folder,
        [written(tmp_path, rows())],
        targets=[*NEAR, *FAR],
        contrast="place",
        untrained=5,
        out=tmp_path / "run",
    )
    done, findings = found(run)
    total = findings[0]
    assert "in texts of their own" in total["statement"]
    assert total["test"] == "t over seeds of untrained twins"
    assert total["over_documents"]["test"] == "wild bootstrap within both groups, Welch's t"
    assert len(total["null_values"][0]["values"]) == 5
    assert any("compared as two groups" in note for note in done.sections["rotation"]["notes"])


def test_columns_and_conditions_that_are_not_there_are_refused(tmp_path, gpt2_folder):
    path = written(tmp_path, rows())
    with pytest.raises(odograph.OdographError, match="no column 'kind'"):
        odograph.measure(gpt2_folder, [path], contrast="kind", out=tmp_path / "a")
    with pytest.raises(UsageError, match="a column with 2 to 6 values"):
        odograph.measure(gpt2_folder, [path], contrast="item", out=tmp_path / "a")
    with pytest.raises(UsageError, match=r"--pair item.*texts without columns"):
        odograph.measure(gpt2_folder, ["A dog."], pair="item", out=tmp_path / "a")
    same = [{**row, "document": "x"} for row in rows()]
    with pytest.raises(UsageError, match="the column 'document' cannot be kept"):
        odograph.measure(
            gpt2_folder, [written(tmp_path, same)], keep_columns=["document"], out=tmp_path / "a"
        )


def turns(model, ids):
    """How far the last token of each row turns in each block, in degrees: [rows, blocks]."""
    with torch.inference_mode():
        states = model(input_ids=torch.tensor(ids), output_hidden_states=True).hidden_states[:-1]
    last = [state[:, -1].double() for state in states]
    return np.stack([angle(a, b).numpy() for a, b in pairwise(last)], axis=1)


@pytest.mark.parametrize("design", ["paired", "separate"])
def test_random_networks_keep_the_level_where_conditions_mean_nothing(design):
    rejected = [0, 0]
    for seed in range(60):
        rng = np.random.default_rng(seed)
        model = build_gpt2()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.normal_(0, 0.15, generator=torch.Generator().manual_seed(seed))
        texts = rng.integers(0, 400, (24, 9))
        first, second = texts.copy(), texts.copy()
        first[:, -1], second[:, -1] = rng.integers(0, 400, (2, 24))
        values = turns(model, first), turns(model, second)
        how = paired_conditions if design == "paired" else separate_conditions
        for place, parts in enumerate((values, [v.sum(axis=1)[:, None] for v in values])):
            rejected[place] += how(*parts, seed=seed).p_max.min() < 0.05
    assert max(rejected) <= 8  # of 60 at .05: more in less than 1 of 100


TARGETS = NEAR[:8]
_LETTERS = np.random.default_rng(5).permutation([*"abcdefghijklmnopqrstuvwxyz"] * 2)[:50]
#: Sentences that share no run of words: those that do would be one document.
FRAMES = [f"{''.join(own)} " * 4 + "the {} {} there." for own in _LETTERS.reshape(10, 5)]


def test_words_in_all_items_are_crossed_with_them_and_a_few_are_what_it_holds_for(tmp_path):
    texts = [
        {"text": frame.format(age, word), "age": age, "item": f"i{n}"}
        for n, frame in enumerate(FRAMES)
        for word in TARGETS
        for age in ("old", "dark")
    ]
    lead = claimed(tmp_path / "many", texts, TARGETS)
    assert lead["test"] == "t with words crossed with texts"
    assert "8 words in 10 documents" in lead["statement"]
    few = claimed(tmp_path / "few", [t for t in texts if TARGETS[3] in t["text"]], TARGETS[3:4])
    assert few["unit_of_inference"] == "document"
    assert any("in this network, for this word" in said for said in few["evidence"])


def test_words_with_several_items_each_are_the_units(tmp_path):
    texts = [
        {"text": frame.format(age, word), "age": age, "item": f"i{n}"}
        for n, (frame, word) in enumerate((frame, word) for frame in FRAMES[:3] for word in TARGETS)
        for age in ("old", "dark")
    ]
    lead = claimed(tmp_path / "run", texts, TARGETS)
    assert (lead["unit_of_inference"], lead["n"]) == ("word", 8)


def claimed(folder, texts, targets):
    run = odograph.measure(
        build_gpt2(),
        texts,
        tokenizer=tokenizer(begins=False),
        targets=list(targets),
        contrast="age",
        pair="item",
        out=folder,
    )
    (column,) = conditions(ROTATION)(Analysis("rotation", run)).claims[:1]
    return examined(column).record()


@pytest.mark.parametrize("words", [1, 8])
def test_random_networks_keep_the_level_with_words_as_a_factor(words):
    """What stands before the word means nothing: neither of few words nor of many."""
    rejected, items = 0, 16
    for seed in range(80):
        rng, model = np.random.default_rng(seed), scatter(build_gpt2(), seed)
        word, frames = rng.permutation(400)[:words], rng.integers(0, 400, (items, 5))
        before = rng.integers(0, 400, (2, items, words))
        ids = [
            np.concatenate([frames[n], [side[n, k], word[k]]])
            for side in before
            for k in range(words)
            for n in range(items)
        ]
        first, second = np.split(turns(model, np.array(ids)).sum(axis=1), 2)
        if words == 1:
            p = paired_conditions(first[:, None], second[:, None], seed=seed).p_max[0]
        else:
            factors = np.repeat(np.arange(words), items), np.tile(np.arange(items), words)
            p = crossed_test(first - second, *factors).p
        rejected += p < 0.05
    assert rejected <= 9  # of 80 at .05: more in less than 1 of 100
