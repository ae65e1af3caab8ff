"""Nouns against adjectives: what was planted is found, what is frequency alone does not survive."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_runs import drawn_run
from made_runs import made_run
from relisted import listed_again
from tiny import build_outlier_gpt2, saved

import odograph
from odograph.corpus.bundled import bundled_path
from odograph.errors import StudyError, TextError
from odograph.folder.samples.lemmas import read_lemmas, read_words
from odograph.folder.samples.two_groups import TwoGroups, compared, groups_of, paired_off
from odograph.sentences.forbidden import forbidden
from odograph.sentences.two_groups import COVARIATES, not_shown, verdict
from odograph.statistics.designs.balance import balance_of
from odograph.statistics.designs.versions import Compared, percent_of
from odograph.studies import analyse, find

SEEDS = 40
#: P(more than 6 of 40 | .05) = .003.
MOST = 6

TAGGED = {
    "whole": True,
    "tags": "conllu",
    "groups": ("NOUN", "ADJ"),
    "words": 12,
    "context": 8,
    "select": "targets",
}


def measured_run(folder: Path, seed: int, **options: Any) -> TwoGroups:
    with drawn_run(folder / f"run-{seed}", seed, **options) as run:
        return groups_of(run)


def _steps(groups: TwoGroups) -> Compared:
    return next(each for each in groups.comparisons if each.measure == "step")


def p_values(step: Compared) -> list[float]:
    """Of the mean, the best layer and the best cluster, unadjusted; of the other means."""
    cluster = min((c.p for c in step.profile.clusters), default=1.0)
    others = [step.adjusted.p, step.matched.p if step.matched else 1.0]
    return [step.plain.p, float(step.profile.p_max_t.min()), cluster, *others]


def compared_step(folder: Path, seed: int, **options: Any) -> Compared:
    """The steps alone: half the time."""
    with drawn_run(folder / f"run-{seed}", seed, **options) as run:
        lemmas = read_lemmas(run, read_words(run, ("NOUN", "ADJ")))
    return compared(lemmas, ([], []), paired_off(lemmas), "step", seed)


def test_a_planted_difference_is_found_in_its_blocks(tmp_path: Path) -> None:
    found = [compared_step(tmp_path, seed, effect=(0, 0, 1.5, 1.5)) for seed in range(6)]
    p = np.array([step.profile.p_max_t for step in found])
    assert (p[:, 2:4] < 0.05).all(axis=1).sum() >= 5
    for step in found:
        cluster = min(step.profile.clusters, key=lambda c: c.p)
        assert cluster.p < 0.05
        assert cluster.first_layer <= 4
        assert cluster.last_layer >= 3
    # Planted are 1.5 standard deviations of 0.1 in the logarithm; 0.05 is two standard errors.
    planted = np.array([0, 0, 0.15, 0.15, 0, 0])
    for version in ("plain", "adjusted", "matched"):
        mean = np.mean([getattr(step, version).profile.difference for step in found], axis=0)
        np.testing.assert_allclose(mean, planted, atol=0.04)


def test_a_difference_that_no_covariate_gives_survives(tmp_path: Path) -> None:
    step = compared_step(tmp_path, 1, effect=(1.5,) * 6, apart=0.5)
    assert step.matched is not None
    for version in (step.adjusted, step.matched):
        assert verdict(step.plain, version).startswith("The difference survives: ")


def test_the_difference_is_that_of_means_over_lemmas(tmp_path: Path) -> None:
    with drawn_run(tmp_path / "run", 3, lemmas=20) as run:
        found = groups_of(run)
        rows = run.sql(
            """select tag, layer, avg(ln(step::double)) from layers join words
            using (passage, position) where layer > 0 group by all order by all"""
        ).fetchall()
    means = np.array([value for *_, value in rows]).reshape(2, -1)  # ADJ, then NOUN
    np.testing.assert_allclose(_steps(found).plain.profile.difference, means[1] - means[0])
    assert percent_of(0.1) == pytest.approx(10.517, abs=1e-3)


@pytest.mark.slow
def test_equal_groups_differ_no_oftener_than_chance_has_it(tmp_path: Path) -> None:
    found = [p_values(compared_step(tmp_path, seed, lemmas=24)) for seed in range(SEEDS)]
    rejected = (np.array(found) < 0.05).sum(axis=0)
    assert (rejected <= MOST).all(), rejected


def test_equal_groups_are_not_said_to_differ(tmp_path: Path) -> None:
    step = compared_step(tmp_path, 2)
    assert min(p_values(step)) > 0.05
    assert verdict(step.plain, step.adjusted) == (
        "The unadjusted interval holds 0: there is no clear difference that could survive."
    )
    assert not_shown(step.plain.interval) == "The interval holds 0: no difference is shown. "


def test_a_difference_of_frequency_alone_does_not_survive_and_is_said_not_to(
    tmp_path: Path,
) -> None:
    options = {"lemmas": 80, "by_frequency": 1.2, "apart": 0.8}
    with drawn_run(tmp_path / "run", 4, **options) as run:
        found = groups_of(run)
        analyse(run, ["nouns-adjectives"])
        told = [f["statement"] for f in run.findings]
    step = _steps(found)
    assert step.plain.p < 0.05
    assert abs(step.adjusted.mean) < 0.3 * abs(step.plain.mean)
    assert step.matched is not None
    assert abs(step.matched.mean) < 0.4 * abs(step.plain.mean)
    for version in (step.adjusted, step.matched):
        assert version.interval is not None
        assert version.interval.low < 0 < version.interval.high
        assert "does not survive" in verdict(step.plain, version)
    assert sum("The difference does not survive: " in statement for statement in told) == 4
    apart = balance_of([*COVARIATES], found.lemmas.covariates, found.lemmas.first, found.pairing)
    frequency = next(b for b in apart if b.name == "log_frequency")
    assert frequency.apart > 0.5
    assert abs(frequency.matched) < 0.1


def test_pairs_are_alike_in_frequency_and_pieces(tmp_path: Path) -> None:
    found = measured_run(tmp_path, 5, apart=0.5)
    lemmas, pairing = found.lemmas, found.pairing
    first, second = lemmas.covariates[pairing.first], lemmas.covariates[pairing.second]
    assert np.abs(first[:, 4] - second[:, 4]).max() <= 0.25 + 1e-9
    np.testing.assert_array_equal(first[:, 3], second[:, 3])
    assert lemmas.first[pairing.first].all()
    assert not lemmas.first[pairing.second].any()


def test_a_lemma_of_both_groups_is_left_out_and_named(tmp_path: Path) -> None:
    with drawn_run(tmp_path / "run", 6, shared=3) as run:
        found = groups_of(run)
        result = find("nouns-adjectives").analyse(run)
    assert (found.sizes, found.excluded) == ((37, 37), 3)
    assert {f.excluded for f in result.findings if f.unit_of_inference == "lemma"} == {3}
    assert any("word0, word1, word2" in note for note in result.notes)


def test_occurrences_of_a_lemma_are_one_unit(tmp_path: Path) -> None:
    """Nouns 0 and 1 get one lemma: one row, the mean of both."""
    import pyarrow.parquet as parquet

    folder = tmp_path / "run"
    with drawn_run(folder, 7, lemmas=10) as run:
        before = groups_of(run)
    path = folder / "words" / "part-00000.parquet"
    table = parquet.read_table(path)
    column = table.schema.get_field_index("lemma")
    names = ["Word0", "word0", *table["lemma"].to_pylist()[2:]]
    parquet.write_table(table.set_column(column, "lemma", [names]), path)
    listed_again(folder)
    with drawn_reopened(folder) as run:
        after = groups_of(run)
    assert (before.sizes, after.sizes) == ((10, 10), (9, 10))
    assert after.lemmas.words.tolist() == [2] + [1] * 18
    np.testing.assert_allclose(
        after.lemmas.values["step"][0], before.lemmas.values["step"][:2].mean(axis=0)
    )


def drawn_reopened(folder: Path) -> Any:
    from odograph.folder.run import open_run

    return open_run(folder)


def test_twins_are_the_null_and_without_them_that_is_said(tmp_path: Path) -> None:
    with drawn_run(tmp_path / "with", 8, twins=True) as run:
        found = find("nouns-adjectives").analyse(run)
        assert "In the untrained twin it is" in found.findings[0].statement
    with drawn_run(tmp_path / "without", 8) as run:
        found = find("nouns-adjectives").analyse(run)
        assert "No untrained twin was measured." in found.findings[0].statement
        assert any(note.startswith("No paths: the run kept no states") for note in found.notes)


def test_findings_keep_to_the_rules_of_wording(tmp_path: Path) -> None:
    for seed, options in enumerate(
        ({}, {"effect": (1.5,) * 6}, {"by_frequency": 2.0, "apart": 1.5}, {"lemmas": 4})
    ):
        with drawn_run(tmp_path / f"run-{seed}", seed, **options) as run:
            analyse(run, ["nouns-adjectives"])
            for finding in run.findings:
                assert forbidden(finding["statement"] + finding["plain"]) == ()
                assert "significant" not in finding["statement"]
                if re.search(r"; p (= \.\d|< \.001)", finding["statement"]):
                    assert finding["p"] is not None
                    assert finding["interval"] is not None
                    assert "n = " in finding["statement"]


def test_a_run_without_two_groups_is_refused_with_the_way_to_make_one(tmp_path: Path) -> None:
    with (
        made_run(tmp_path / "run", 1, passages=6) as run,
        pytest.raises(StudyError, match=r"no two groups of drawn words.*--groups NOUN,ADJ"),
    ):
        find("nouns-adjectives").analyse(run)


def test_bundled_words_from_end_to_end(gpt2_folder: Path, measured: Callable[..., Any]) -> None:
    run = measured(gpt2_folder, [bundled_path("tagged")], **TAGGED, vectors=20, untrained=1)
    done = analyse(run, ["nouns-adjectives", "parts-of-speech"])
    names = set(json.loads((run.folder / "studies.json").read_text("utf-8")))
    assert names == {"nouns-adjectives", "parts-of-speech"}
    figures = {path.stem for path in (run.folder / "figures").glob("nouns_*.png")}
    assert {"nouns_adjectives_differences", "nouns_adjectives_paths_raw"} <= figures
    with done:
        rows = done.sql(
            "select measure, version, count(*) from tables.nouns_adjectives_differences "
            "group by all order by all"
        ).fetchall()
    versions = ("adjusted", "matched", "unadjusted")
    assert rows == [(m, v, 4) for m in ("rotation", "step") for v in versions]


def test_plain_text_without_tags_is_refused_with_a_remedy(
    gpt2_folder: Path, tmp_path: Path, measured: Callable[..., Any]
) -> None:
    (tmp_path / "plain.txt").write_text("The old man went home.\n")
    options = dict(find("nouns-adjectives").needs)
    with pytest.raises(TextError, match=r"brings no tagged words.*--tags spacy:NAME"):
        measured(gpt2_folder, [tmp_path / "plain.txt"], **options)


def test_the_rotation_of_groups_is_read_without_outlier_coordinates_too(tmp_path: Path) -> None:
    folder = saved(build_outlier_gpt2(), tmp_path / "model", begins=False)
    texts = [bundled_path("tagged")]
    with odograph.measure(folder, texts, out=tmp_path / "run", untrained=0, **TAGGED) as run:
        groups = groups_of(run)
        trimmed = next(one for one in groups.readings if one.name == "trimmed")
        lemmas = read_lemmas(run, groups.words, "rotation_trimmed")
        means = lemmas.values["rotation"].mean(axis=1)
        apart = means[lemmas.first].mean() - means[~lemmas.first].mean()
        assert trimmed.estimate == pytest.approx(percent_of(float(apart)))
        found = find("nouns-adjectives").analyse(run).findings
    told = [f for f in found if f.readings]
    assert len(told) == 1
    assert "The same, without the outlier coordinates" in told[0].statement
