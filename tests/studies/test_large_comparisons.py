"""Large runs beside each other: targets of all texts, and other tokens of drawn documents."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from soundness import assert_sound
from tiny import build_gpt2, saved

import odograph
from odograph.errors import StudyError
from odograph.folder.samples import drawn_documents as drawing
from odograph.folder.samples.compared_places import places_of_all, places_of_targets
from odograph.folder.shared_means import SharedMeans, TwinMeans, shared_means
from odograph.sentences.numbers import number
from odograph.studies import find

PASSAGES, DRAWN = 24, 6
WORDS = ["the", "river", "was", "dark", "and", "old", "man", "told", "him", "that", "rain"]
OPTIONS = {
    "measures": ["straightness,neighbour_angle"],
    "logits": "full",
    "targets": ["her"],
    "untrained": 2,
    "twin_passages": "all",
}
SAID = f"Read in {DRAWN} of {PASSAGES} passages, drawn by hash."
Measured = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def two_models(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("models")
    return [gpt2_folder, saved(build_gpt2(6, positions=128), folder / "deeper", begins=False)]


@pytest.fixture(scope="module")
def measured(two_models: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Both models on the same texts of words, each with one target."""

    def made(
        models: list[Path] = two_models, chosen: slice = slice(None), **options: Any
    ) -> list[Any]:
        generator = np.random.default_rng(0)
        drawn = generator.choice(WORDS, (PASSAGES, 20)).tolist()
        texts = [" ".join([*words[:15], "her", *words[15:]]) for words in drawn[chosen]]
        out = tmp_path_factory.mktemp("large")
        given = OPTIONS | options
        return [odograph.measure(model, texts, out=out / model.name, **given) for model in models]

    return made


@pytest.fixture(scope="module")
def rows(measured: Measured) -> Iterator[list[Any]]:
    made = measured()
    yield made
    for run in made:
        run.close()


@pytest.fixture(scope="module")
def sums(measured: Measured) -> Iterator[list[Any]]:
    made = measured(keep="sums", sample_passages=DRAWN)
    yield made
    for run in made:
        run.close()


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, rows: list[Any]) -> None:
    """Of so many tokens that only a few documents are read token by token."""
    assert drawing.drawn_documents(rows[0]).read == PASSAGES
    monkeypatch.setattr(drawing, "MOST_TOKENS", 1)
    monkeypatch.setattr(drawing, "FEWEST_DOCUMENTS", DRAWN)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("study", ["rotation", "neighbours", "path-length"])
def test_no_query_of_a_comparison_fetches_a_row_of_every_token(
    study: str, rows: list[Any], fetched: dict[str, int]
) -> None:
    result = find(study).compare(rows)  # type: ignore[misc]
    assert_sound(result)
    layers = DRAWN / PASSAGES * rows[1].manifest["corpus"]["tokens"] * (rows[1].blocks + 1)
    largest = max(fetched, key=lambda query: fetched[query])
    assert fetched[largest] < 1.5 * layers, largest


@pytest.mark.usefixtures("large")
def test_targets_are_compared_in_all_texts_and_other_tokens_in_drawn_ones(rows: list[Any]) -> None:
    targets, others = (find(study).compare(rows) for study in ("rotation", "path-length"))  # type: ignore[misc]
    assert {one.n for one in targets.findings} == {PASSAGES}
    assert not any(SAID in one.statement for one in targets.findings)
    assert all(SAID in one.statement for one in others.findings)
    assert {(one.n, one.excluded) for one in others.findings} == {(DRAWN, PASSAGES - DRAWN)}
    read = f"{DRAWN} of {PASSAGES} passages, drawn by hash, were read; {DRAWN} of them have"
    assert read in others.notes[0]
    assert "100 % of" in targets.notes[1]
    assert "'s targets" in targets.notes[1]


@pytest.mark.usefixtures("large")
def test_drawn_documents_are_those_of_the_least_hashes_in_both(rows: list[Any]) -> None:
    shared = places_of_all(rows)
    query = """select tokens.document from tokens join passages using (passage)
        group by 1, text_digest order by text_digest"""
    wanted = [run.sql(query).fetchall()[:DRAWN] for run in rows]
    assert sorted(wanted[0]) == sorted(wanted[1])
    documents = rows[0].sql(f"select distinct document from tokens where {shared.read[0].where}")
    assert sorted(documents.fetchall()) == sorted(wanted[0])


@pytest.mark.usefixtures("large")
def test_documents_are_drawn_among_those_that_all_runs_have(
    measured: Measured, two_models: list[Path]
) -> None:
    halves = zip(two_models, (slice(16), slice(8, PASSAGES)), strict=True)
    pair = [measured([model], chosen)[0] for model, chosen in halves]
    shared = places_of_all(pair)
    assert len(np.unique(shared.document)) == DRAWN
    assert shared.drawn == f"{DRAWN} of 8 passages, drawn by hash"
    result = find("path-length").compare(pair)  # type: ignore[misc]
    assert {(f.n, f.excluded) for f in result.findings} == {(DRAWN, PASSAGES - DRAWN)}
    assert any(finding.p is not None for finding in result.findings)


def test_beside_a_run_with_sums_one_of_rows_is_read_in_the_same_documents(
    rows: list[Any], sums: list[Any]
) -> None:
    result = find("path-length").compare([rows[0], sums[1]])  # type: ignore[misc]
    names = [run.name for run in rows]
    shares = ", ".join(f"100 % of {name}'s tokens" for name in names)
    assert f"places ({shares} in these texts;" in result.notes[1]
    assert all(SAID in finding.statement for finding in result.findings)
    assert {(f.n, f.excluded) for f in result.findings} == {(DRAWN, PASSAGES - DRAWN)}


def test_targets_read_alone_are_those_among_all_tokens(rows: list[Any]) -> None:
    alone, all_ = places_of_targets(rows), places_of_all(rows)
    assert len(alone.usable) == int(all_.target.sum())
    for k in range(len(rows)):
        keys = [shared.read[k].keys[shared.rows[k]] for shared in (alone, all_)]
        assert sorted(keys[0]) == sorted(keys[1][all_.target])


def test_targets_of_runs_with_sums_give_the_numbers_of_those_with_rows(
    rows: list[Any], sums: list[Any]
) -> None:
    one, two = (find("rotation").compare(runs) for runs in (rows, sums))  # type: ignore[misc]
    assert {finding.n for finding in two.findings} == {PASSAGES}
    assert [f.estimate for f in one.findings] == [f.estimate for f in two.findings]
    assert [f.interval for f in one.findings] == [f.interval for f in two.findings]
    others = find("path-length").compare(sums)  # type: ignore[misc]
    assert all(SAID in finding.statement for finding in others.findings)
    assert {(f.n, f.excluded) for f in others.findings} == {(DRAWN, PASSAGES - DRAWN)}


def turned(runs: list[Any]) -> SharedMeans:
    shared = places_of_targets(runs)
    return shared_means(shared, "turned", np.ones_like(shared.usable), 1).last


def twins_of(means: SharedMeans, model: int) -> TwinMeans:
    twins = means.twins[model]
    assert twins is not None
    return twins


def test_models_are_held_against_their_twins_in_the_texts_that_these_have_read(
    rows: list[Any], sums: list[Any]
) -> None:
    every, drawn = turned(rows), turned(sums)
    assert (every.twins_n, drawn.twins_n) == ([PASSAGES] * 2, [DRAWN] * 2)
    apart, alike = every.values[1] - every.values[0], twins_of(drawn, 0).read
    own = [twins_of(every, model).values[:, alike] for model in (0, 1)]
    for model in (0, 1):
        np.testing.assert_allclose(twins_of(drawn, model).values, own[model], rtol=1e-6)
    both = drawn.twins_of_two(1).both
    assert both is not None
    assert both[0].model - both[1].model == pytest.approx(apart[alike].mean())
    of_twins, there = float(own[1].mean() - own[0].mean()), float(apart[alike].mean())
    result = find("rotation").compare(sums)  # type: ignore[misc]
    said = result.findings[0].statement
    assert f", in {DRAWN} of {PASSAGES} passages that both have read, give" in said
    assert f"a difference of {number(of_twins)} degrees" in said
    assert f"that of the models in the same texts, {number(there)} degrees, lies" in said
    assert f"lies {number(abs(there - of_twins))} degrees" in said
    assert number(there) != number(apart.mean())
    each = float(drawn.values[0][alike].mean()) / rows[0].blocks
    turns = f"in {DRAWN} of {PASSAGES} passages, where it turns {number(each)} degrees"
    assert turns in result.findings[-1].statement
    table = next(table for table in result.tables if table.name == "rotation_models")
    assert list(table.columns["n_untrained"]) == [DRAWN, DRAWN]


def beside(pair: list[Any]) -> tuple[str, Any]:
    """What the first finding says of twins, and the whole result."""
    result = find("rotation").compare(pair)  # type: ignore[misc]
    return result.findings[0].statement, result


def test_twins_that_have_read_other_texts_are_told_of_those_that_both_have_read(
    measured: Measured, two_models: list[Path], rows: list[Any]
) -> None:
    few, more = (
        measured([model], twin_passages=most)[0]
        for model, most in zip(two_models, (str(DRAWN), str(2 * DRAWN)), strict=True)
    )
    means, whole = turned([few, more]), turned(rows)
    assert means.twins_n == [DRAWN, 2 * DRAWN]
    both, found = twins_of(means, 0).read & twins_of(means, 1).read, means.twins_of_two(1).both
    assert both.sum() == DRAWN
    assert found is not None
    for own, model in zip(found, (1, 0), strict=True):
        assert own.twins == pytest.approx(twins_of(whole, model).values[:, both].mean(), rel=1e-6)
        assert own.model == pytest.approx(whole.values[model][both].mean())
    said, result = beside([few, more])
    assert f"in {DRAWN} of {PASSAGES} passages that both have read" in said
    told = f"{DRAWN} to {2 * DRAWN} of {PASSAGES} passages"
    assert any(f"Untrained twins have read {told}:" in note for note in result.notes)
    assert f"each model's untrained twins, in {told}," in result.plots[0].caption


def test_the_twins_of_a_third_run_are_not_asked(
    measured: Measured, two_models: list[Path], rows: list[Any]
) -> None:
    third = measured([two_models[0]], twin_passages="1")[0]
    alone, among = beside(rows)[0], beside([*rows, third])[0]
    twins = alone[alone.index("Their untrained twins") :].split(". ")[0]
    assert "that both have read" not in twins
    of_numbers = twins[: twins.index(":")].split(" for ")[0]
    assert of_numbers in among


def test_twins_that_have_read_no_text_in_common_are_said_to(
    measured: Measured, two_models: list[Path]
) -> None:
    pair = [
        measured([model], chosen, twin_passages="2")[0]
        for model, chosen in zip(two_models, (slice(16), slice(8, PASSAGES)), strict=True)
    ]
    said, result = beside(pair)
    means = turned(pair)
    read = [twins_of(means, model).read for model in (0, 1)]
    assert not (read[0] & read[1]).any()
    assert means.twins_n == [0, 1], "of the texts that both have"
    none, few = (model.name for model in two_models)
    assert "Untrained twins, in 1 of 8 passages that they have read, give" in said
    assert f"for {few}, which has {number(means.values[1][read[1]].mean())} degrees" in said
    assert f"the untrained twins of {none} have read none of these texts." in said
    assert result.plots[0].null == f"each model's untrained twins; none of {none}"
    assert "Grey: each model's untrained twins, in 1 of 8 passages," in result.plots[0].caption


def test_documents_are_counted_as_documents(two_models: list[Path], tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    lines = [
        {"text": " ".join(generator.choice(WORDS, 12)), "book": f"b{row // 2}"} for row in range(16)
    ]
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    pair = [
        odograph.measure(model, [path], out=tmp_path / model.name, document_column="book")
        for model in two_models
    ]
    result = find("rotation").compare(pair)  # type: ignore[misc]
    assert {(f.n, f.unit_of_inference) for f in result.findings} == {(8, "document")}
    assert "n = 8 documents" in result.findings[0].statement
    assert "passage" not in " ".join(finding.statement for finding in result.findings)


def test_runs_with_rows_of_other_texts_are_told_to_keep_more(
    measured: Measured, two_models: list[Path]
) -> None:
    pair = [
        measured([model], chosen, keep="sums", sample_passages=1)[0]
        for model, chosen in zip(two_models, (slice(16), slice(8, PASSAGES)), strict=True)
    ]
    documents = [run.sql("select count(distinct document) from tokens").fetchall() for run in pair]
    assert documents == [[(1,)], [(1,)]]
    with pytest.raises(StudyError, match="no text of which all the runs have rows") as raised:
        find("path-length").compare(pair)  # type: ignore[misc]
    assert "among the 8 texts that all of them have" in str(raised.value)
    assert "--sample-passages" in str(raised.value)


def test_runs_on_other_texts_that_keep_sums_say_what_was_read(
    measured: Measured, two_models: list[Path]
) -> None:
    halves = (slice(PASSAGES // 2), slice(PASSAGES // 2, PASSAGES))
    pair = [
        measured([model], chosen, keep="sums", sample_passages=4)[0]
        for model, chosen in zip(two_models, halves, strict=True)
    ]
    drawn, whole = (find(study).compare(pair) for study in ("path-length", "rotation"))  # type: ignore[misc]
    assert (drawn.findings[0].n, drawn.findings[0].excluded) == (8, PASSAGES - 8)
    names = [model.name for model in two_models]
    read = "; ".join(f"4 of 12 passages, drawn by hash ({name})" for name in names)
    assert f"Read in {read}." in drawn.findings[0].statement
    assert (whole.findings[0].n, whole.findings[0].excluded) == (PASSAGES, 0)
    assert "drawn by hash" not in whole.findings[0].statement
    assert "Grey: each model's untrained twins, in 4 of 12 passages," in whole.plots[0].caption
    assert any("Untrained twins have read 4 of 12 passages:" in note for note in whole.notes)


def test_of_digests_and_hashes_the_first_run_gives_the_order(
    rows: list[Any], large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = drawing._hash_order

    def other(run: Any) -> str:
        if run.folder == rows[0].folder:
            return order(run)
        return "order by md5(t.document::varchar), t.document"

    monkeypatch.setattr(drawing, "_hash_order", other)
    assert places_of_all(rows).drawn == f"{DRAWN} of {PASSAGES} passages, drawn by hash"


@pytest.fixture(scope="module")
def tuned(two_models: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A model, and the same with an MLP that writes twice as far."""
    model = build_gpt2()
    model.transformer.h[2].mlp.c_proj.weight.data *= 2
    return [two_models[0], saved(model, tmp_path_factory.mktemp("tuned") / "tuned", begins=False)]


def minus(pair: list[Any], out: Path) -> tuple[Any, list[Any]]:
    """The difference of two runs, and what is found in it."""
    made = odograph.compare(pair, out, study="minus")
    return made, made.findings


def test_a_difference_of_runs_with_sums_says_which_rows_it_is_of(
    measured: Measured, tuned: list[Path], tmp_path: Path
) -> None:
    pair = measured(tuned, keep="sums", sample_passages=DRAWN)
    made, found = minus(pair, tmp_path / "d")
    assert not made.keeps_sums
    assert found
    assert all(SAID in one["statement"] for one in found)
    assert {(one["n"], one["excluded"]) for one in found} == {(DRAWN, PASSAGES - DRAWN)}
    assert any("Both runs keep sums" in note for note in made.sections["minus"]["notes"])
    rows_kept = f"rows of {DRAWN} of {PASSAGES} passages, drawn by hash"
    assert found[0]["card"]["rows"] == rows_kept
    whole = measured(tuned[:1])[0]
    with pytest.raises(StudyError, match="differ in rows kept: expected all, got 6 of 24"):
        odograph.compare([whole, pair[1]], tmp_path / "e", study="minus")


def test_where_sums_stand_beside_rows_of_all_texts_nothing_is_said_of_drawn_ones(
    measured: Measured, tuned: list[Path], tmp_path: Path
) -> None:
    rows, sums = measured(tuned), measured(tuned, keep="sums", sample_passages=PASSAGES)
    _, expected = minus(rows, tmp_path / "rows")
    for name, pair in {"mixed": [rows[0], sums[1]], "sums": sums}.items():
        made, found = minus(pair, tmp_path / name)
        assert [f["estimate"] for f in found] == [f["estimate"] for f in expected]
        assert {(f["n"], f["excluded"]) for f in found} == {(PASSAGES, 0)}
        assert "drawn by hash" not in json.dumps([found, made.sections])


def test_a_difference_is_halved_as_its_runs_are_and_counts_the_half_that_is_seen(
    measured: Measured, tuned: list[Path], tmp_path: Path
) -> None:
    pair = measured(tuned, keep="sums", sample_passages=2 * DRAWN, split=True)
    made, found = minus(pair, tmp_path / "d")
    asked = "select distinct document from tokens order by document"
    for half in ("exploration", "confirmation"):
        seen = [run.half(half) for run in (*pair, made)]
        seen += [twin for run in list(seen) for twin in run.untrained]
        documents = [run.sql(asked).fetchall() for run in seen]
        assert documents == [documents[0]] * len(seen)
    read, every = len(documents[0]), PASSAGES // 2
    assert 0 < read < every
    assert {(one["n"], one["excluded"]) for one in found} == {(read, every - read)}
    said = f"Read in {read} of {every} passages, drawn by hash."
    assert all(said in one["statement"] for one in found)


def test_halves_of_runs_are_compared_where_a_half_has_not_the_first_numbers(
    measured: Measured, tmp_path: Path
) -> None:
    with odograph.compare(measured(split=True), tmp_path / "d", study="rotation") as made:
        assert {finding["n"] for finding in made.findings} == {PASSAGES // 2}


def test_runs_that_halve_a_text_in_different_ways_are_refused(
    measured: Measured, two_models: list[Path], tmp_path: Path
) -> None:
    pair = [
        measured([model], chosen, split=True)[0]
        for model, chosen in zip(two_models, (slice(16), slice(8, PASSAGES)), strict=True)
    ]
    first, second = (run.folder.name for run in pair)
    with pytest.raises(StudyError, match="each text in the same half of all runs") as raised:
        odograph.compare(pair, tmp_path / "d")
    assert f"texts in other halves of {first} and {second}" in str(raised.value)
    third = measured([two_models[0]], slice(4), split=True)[0]
    with pytest.raises(StudyError, match=f"in other halves of {first} and {second}"):
        odograph.compare([third, *pair], tmp_path / "d")
    assert not (tmp_path / "d").exists()
