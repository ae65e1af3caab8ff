"""The trajectories: recomputed from raw states, on planted paths, and in the axes of an old run."""

import shutil
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from planted import planted_gpt2
from soundness import assert_sound
from tiny import build_gpt2, tokenizer

import odograph
from odograph.errors import RunError, StudyError
from odograph.folder.kept_words import Numbered, shares_of_words
from odograph.folder.vectors import kept_states
from odograph.statistics.space.projection import drawn_walk, walk_shares
from odograph.studies import find
from odograph.studies.result import StudyResult

Measured = Callable[..., Any]
WORDS = ("her", "him", "round")
SENTENCES = (
    "The old man turned and followed her across the field.",
    "A dog ran after her.",
    "We saw her again on the bridge that evening.",
    "The captain gave her the map and two lamps.",
    "Nobody had told her that the boat was gone.",
    "The horses walked behind her down to the river.",
    "In the rain the children waited for her by the door.",
    "They asked her for the letter.",
)
VARIED: dict[str, Any] = {"targets": WORDS, "variants": True, "vectors": 300, "select": "targets"}


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    import matplotlib.pyplot

    matplotlib.pyplot.close("all")


def table(found: Any, name: str, view: str = "") -> pd.DataFrame:
    """A table of a run that was studied, or of a result that was not written."""
    if isinstance(found, StudyResult):
        [columns] = [t.columns for t in found.tables if t.name == f"trajectories_{name}"]
        frame = pd.DataFrame({key: np.asarray(values) for key, values in columns.items()})
    else:
        frame = found.sql(f"select * from tables.trajectories_{name}").df()
    return frame[frame["view"] == view] if view else frame


def analysed(run: Any) -> StudyResult:
    return find("trajectories").analyse(run)


@pytest.fixture(scope="module")
def stories(stories_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The shared model on the sentences in three variants, with two twins, studied once."""
    out = tmp_path_factory.mktemp("trajectories") / "run"
    odograph.measure(stories_folder, SENTENCES, out=out, untrained=2, **VARIED).close()
    return odograph.study("trajectories", out)


@pytest.fixture(scope="module")
def raw_states(stories_folder: Path) -> np.ndarray:
    """The states of each word in each sentence from plain hooks: [words, sentences, L+1, width]."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(stories_folder).eval()
    reader = AutoTokenizer.from_pretrained(stories_folder)
    found = []
    for word in WORDS:
        for sentence in SENTENCES:
            text = sentence.replace(" her", f" {word}")
            read = reader(text, return_offsets_mapping=True)
            end = text.index(f" {word}") + 1 + len(word)
            [last] = [
                k for k, (start, stop) in enumerate(read["offset_mapping"]) if start < end <= stop
            ]
            found.append(path_of(model, read["input_ids"], last))
    return np.array(found).reshape(len(WORDS), len(SENTENCES), *found[0].shape)


def path_of(model: Any, ids: list[int], position: int) -> np.ndarray:
    """The states of one token from plain hooks: what enters the first block and leaves each."""
    import torch

    states: list[torch.Tensor] = []
    layers = model.model.layers
    handles = [
        layers[0].register_forward_pre_hook(
            lambda _, args, kwargs: states.append(args[0] if args else kwargs["hidden_states"]),
            with_kwargs=True,
        )
    ]
    for layer in layers:
        handles.append(
            layer.register_forward_hook(
                lambda _, __, out: states.append(out[0] if isinstance(out, tuple) else out)
            )
        )
    with torch.no_grad():
        model(torch.tensor([ids]), use_cache=False)
    for handle in handles:
        handle.remove()
    return np.array([state.reshape(len(ids), -1)[position].double().numpy() for state in states])


def scaled(states: np.ndarray) -> np.ndarray:
    return states / np.linalg.norm(states, axis=-1, keepdims=True)


@pytest.mark.parametrize("view", ["raw", "unit"])
def test_axes_and_shares_are_those_of_the_stacked_raw_states(view, stories, raw_states):
    states = raw_states if view == "raw" else scaled(raw_states)
    points = states.reshape(-1, states.shape[-1])
    _, values, directions = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    shares = values**2 / (values**2).sum()
    stored = table(stories, "scree", view).sort_values("component")
    np.testing.assert_allclose(stored.all_words, shares[: len(stored)], atol=1e-4)
    axes = table(stories, "axes", view).sort_values(["component", "dimension"])
    own = axes.loading.to_numpy().reshape(3, -1)
    overlap = np.linalg.svd(own @ directions[:3].T)[1]
    np.testing.assert_allclose(overlap, 1, atol=1e-4)
    np.testing.assert_allclose(
        axes["mean"].to_numpy().reshape(3, -1)[0], points.mean(axis=0), atol=1e-4
    )
    paths = table(stories, "paths", view).sort_values(["number", "layer"])
    expected = (states.mean(axis=1) - points.mean(axis=0)) @ own.T
    scale = np.abs(expected).max()
    found = paths[["pc1", "pc2", "pc3"]].to_numpy().reshape(expected.shape)
    np.testing.assert_allclose(found, expected, atol=1e-4 * scale)


@pytest.mark.parametrize("view", ["raw", "unit"])
def test_distances_are_those_of_the_raw_states(view, stories, raw_states):
    states = raw_states if view == "raw" else scaled(raw_states)
    stored = table(stories, "distances", view)
    for first, second in combinations(range(3), 2):
        own = stored[(stored["first"] == WORDS[first]) & (stored["second"] == WORDS[second])]
        n = len(SENTENCES)
        d = states[first] - states[second]
        squared = ((d.sum(axis=0) ** 2).sum(-1) - (d**2).sum((0, 2))) / (n * (n - 1))
        both = np.concatenate([states[first], states[second]])
        relative = np.sign(squared) * np.sqrt(np.abs(squared))
        relative = relative / np.linalg.norm(both, axis=-1).mean(axis=0)
        np.testing.assert_allclose(own.sort_values("layer").distance, relative, rtol=1e-4)


def test_the_mean_path_has_the_shares_of_its_own_states(stories, raw_states):
    path = raw_states.mean(axis=(0, 1))
    values = np.linalg.svd(path - path.mean(axis=0))[1] ** 2
    stored = table(stories, "scree", "raw").sort_values("component")
    np.testing.assert_allclose(stored.mean_path, (values / values.sum())[: len(stored)], atol=1e-4)
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    np.testing.assert_allclose(stored.walk_own_steps, walk_shares(steps), atol=1e-4)


def test_two_planes_are_told_apart_what_is_drawn_and_the_own_one_of_the_mean_path(stories):
    record = next(f for f in analysed(stories).findings if "PC1 and PC2" in f.statement).record()
    scree = table(stories, "scree", "raw").sort_values("component")
    drawn, own = scree.all_words[:2].sum(), scree.mean_path[:2].sum()
    assert record["data"]["drawn"] == pytest.approx(drawn)
    assert record["estimate"] == pytest.approx(own)
    assert f"two drawn axes hold {drawn:.0%}".replace("%", " %") in record["headline"]
    assert f"the mean path's own {own:.0%}".replace("%", " %") in record["headline"]


def test_passages_of_a_document_weigh_alike_however_many_words_they_have():
    shards = [
        Numbered(*map(np.array, ([0, 0, 1, 2, -1], [0, 0, 0, 0, -1], [7, 7, 7, 8, 8]))),
        Numbered(*map(np.array, ([0, 1], [1, 0], [9, 10]))),
    ]
    shared = shares_of_words(shards, by_passage=True)
    np.testing.assert_allclose(shared[0].share, [1 / 6, 1 / 6, 1 / 6, 1 / 3, 0])
    np.testing.assert_allclose(shared[1].share, [1, 1 / 3])
    lemma = shares_of_words(shards, by_passage=False)
    np.testing.assert_allclose(lemma[0].share, [1 / 4, 1 / 4, 1 / 4, 1 / 4, 0])


def test_everything_said_keeps_to_the_rules(stories):
    result = analysed(stories)
    assert_sound(result)
    assert [p.name for p in result.plots] == [
        "trajectories_distances_raw",
        "trajectories_distances_unit",
        "trajectories_plane",
        "trajectories_space",
        "trajectories_unit",
        "trajectories_lens",
        "trajectories_scree",
    ]
    assert all(p.null for p in result.plots)
    statements = [f.statement for f in result.findings]
    # Three pairs of groups; states scaled to length 1 are told only where they say otherwise.
    assert 3 <= sum("apart in the full space" in s for s in statements) <= 6
    assert sum("The axes that are drawn, PC1 and PC2 of one fit" in s for s in statements) == 3
    assert all("untrained twin" in s for s in statements)
    tested = [f for f in result.findings if f.p is not None]
    assert tested
    assert all(f.family.endswith("3 pairs of groups)") for f in tested)


def planted(start: np.ndarray, steps: np.ndarray, measured: Measured) -> StudyResult:
    model = planted_gpt2(start.astype(np.float32), steps.astype(np.float32))
    chosen = VARIED | {"tokenizer": tokenizer(begins=False)}
    return analysed(measured(model, SENTENCES, **chosen))


def test_a_random_walk_has_its_own_shares_and_a_caution(measured):
    rng = np.random.default_rng(3)
    steps = np.diff(drawn_walk(np.ones(24), 256, seed=11), axis=0) * 4
    run = planted(rng.normal(size=(400, 256)), steps, measured)
    stored = table(run, "scree", "raw").sort_values("component")
    np.testing.assert_allclose(stored.mean_path[:4], [0.61, 0.15, 0.07, 0.04], atol=0.03)
    said = [f.statement for f in run.findings if "PC1 and PC2" in f.statement]
    assert said[0].endswith("no test): no more than a random walk gives.")


def test_a_straight_line_is_one_component_and_no_walk(measured):
    rng = np.random.default_rng(3)
    direction = rng.normal(size=64)
    run = planted(rng.normal(size=(400, 64)), np.array([direction] * 6), measured)
    stored = table(run, "scree", "raw").sort_values("component")
    np.testing.assert_allclose(stored.mean_path, [1, 0, 0, 0, 0, 0], atol=1e-5)
    said = [f.statement for f in run.findings if "PC1 and PC2" in f.statement]
    assert "more than a walk gives" in said[0]


def test_words_that_enter_alike_stay_together(measured):
    rng = np.random.default_rng(5)
    start = np.tile(rng.normal(size=64), (400, 1))
    run = planted(start, rng.normal(size=(5, 64)), measured)
    found = table(run, "distances", "raw")
    assert (found.distance == 0).all()
    assert (found.p_max == 1).all()
    assert all(f.p is None for f in run.findings)


def test_old_axes_give_the_same_coordinates_again(stories, stories_folder, measured):
    run = measured(stories_folder, SENTENCES, axes=str(stories.folder), **VARIED)
    result = analysed(run)
    columns = ["pc1", "pc2", "pc3"]
    old = table(stories, "paths")[columns].to_numpy()
    new = table(result, "earlier_axes")[columns].to_numpy()
    np.testing.assert_allclose(new, old, atol=1e-5 * np.abs(old).max())
    said = next(f for f in result.findings if "axes of the earlier run" in f.statement)
    shares = table(stories, "scree", "raw").sort_values("component").all_words[:3].sum()
    assert said.estimate == pytest.approx(shares, rel=1e-4)
    assert result.plots[-1].name == "trajectories_earlier_axes"
    assert_sound(result)


def test_new_text_in_old_axes_holds_less_than_in_its_own(stories, stories_folder, measured):
    texts = [f"{s[:-1]} and her little brother." for s in SENTENCES[:3]]
    result = analysed(measured(stories_folder, texts, axes=str(stories.folder), **VARIED))
    said = next(f for f in result.findings if "axes of the earlier run" in f.statement)
    own = table(result, "scree", "raw").sort_values("component").all_words[:3].sum()
    assert 0 < said.estimate < own


def test_axes_that_do_not_fit_are_refused_before_anything_is_measured(
    stories, gpt2_folder, measured, tmp_path
):
    out = tmp_path / "new"
    with pytest.raises(RunError, match="those of another model: its width differs"):
        measured(gpt2_folder, SENTENCES, out=out, axes=str(stories.folder), **VARIED)
    with pytest.raises(RunError, match="is not a run folder"):
        measured(gpt2_folder, SENTENCES, out=out, axes=str(tmp_path / "nowhere"), **VARIED)
    plain = measured(gpt2_folder, SENTENCES, **VARIED)
    with pytest.raises(RunError, match="has no axes: expected a run with the study trajectories"):
        measured(gpt2_folder, SENTENCES, out=out, axes=str(plain.folder), **VARIED)
    assert not out.exists()


def test_axes_that_are_gone_later_are_a_refusal_of_the_study(
    stories, stories_folder, measured, tmp_path
):
    old = tmp_path / "old"
    shutil.copytree(stories.folder, old)
    run = measured(stories_folder, SENTENCES, axes=str(old), **VARIED)
    (old / "tables" / "trajectories_axes.parquet").unlink()
    with pytest.raises(StudyError, match="has no axes"):
        analysed(run)


def test_words_in_sentences_of_their_own_are_not_paired(measured):
    # Backwards they are other sentences, not near-copies of the first, and so of other documents.
    backwards = [" ".join(reversed(s[:-1].split())) for s in SENTENCES]
    texts = [*SENTENCES, *(s.replace("her ", "round ") for s in backwards)]
    run = measured(
        build_gpt2(),
        texts,
        tokenizer=tokenizer(begins=False),
        targets=["her", "round"],
        vectors=300,
        untrained=1,
    )
    result = analysed(run)
    assert_sound(result)
    assert "8 and 8, not paired" in result.findings[0].statement
    assert result.card["unit"] == "passages: 8 her, 8 round; not paired"
    assert "permutation of labels over units" in result.findings[0].test


def test_the_pieces_of_a_word_are_averaged_where_all_are_read(measured):
    options = VARIED | {"pieces": "mean", "targets": ["her", "captain's"]}
    run = measured(build_gpt2(), SENTENCES, tokenizer=tokenizer(begins=False), **options)
    result = analysed(run)
    kept = next(kept_states(run))
    rows = run.sql(
        """select passage, position from tokens where "group" = 'captain''s' and role = 'target'"""
    ).fetchall()
    words: dict[int, list[np.ndarray]] = {}
    for passage, position in rows:
        [at] = np.flatnonzero((kept.passage == passage) & (kept.position == position))
        words.setdefault(passage, []).append(kept.values[at].astype(float))
    assert max(map(len, words.values())) > 1
    mean = np.mean([np.mean(pieces, axis=0) for pieces in words.values()], axis=0)
    axes = table(result, "axes", "raw").sort_values(["component", "dimension"])
    loading = axes.loading.to_numpy().reshape(3, -1)
    centre = axes["mean"].to_numpy().reshape(3, -1)[0]
    paths = table(result, "paths", "raw").sort_values(["number", "layer"])
    paths = paths[paths.number == 2]
    expected = (mean - centre) @ loading.T
    np.testing.assert_allclose(paths[["pc1", "pc2", "pc3"]], expected, atol=1e-5)


def test_few_sentences_are_drawn_and_not_tested(measured):
    for count in (1, 4):
        run = measured(build_gpt2(), SENTENCES[:count], tokenizer=tokenizer(begins=False), **VARIED)
        result = analysed(run)
        assert_sound(result)
        assert all(f.p is None and f.interval is None for f in result.findings)
        assert len(result.plots) == 7


def test_one_block_is_enough(measured):
    run = measured(build_gpt2(1), SENTENCES, tokenizer=tokenizer(begins=False), **VARIED)
    assert_sound(analysed(run))


def test_runs_that_cannot_serve_are_refused_with_a_remedy(measured):
    model, reader = build_gpt2(), tokenizer(begins=False)
    plain = measured(model, SENTENCES, tokenizer=reader, targets=["her"])
    with pytest.raises(StudyError, match=r"the run kept no states.*--vectors 300"):
        analysed(plain)
    single = measured(model, SENTENCES, tokenizer=reader, targets=["her"], vectors=9)
    with pytest.raises(StudyError, match="two groups or more, got her"):
        analysed(single)
    absent = measured(model, SENTENCES, tokenizer=reader, targets=["her", "zebra"], vectors=9)
    with pytest.raises(StudyError, match="no usable word of 'zebra' is left"):
        analysed(absent)
