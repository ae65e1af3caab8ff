"""Several models on the same texts: what is matched, what is counted, what is found."""

import csv
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_runs import made_run
from soundness import assert_sound
from tiny import TEXTS, build_gpt2, saved, word_pieces

import odograph
from odograph.errors import StudyError
from odograph.folder.alignment import Shared, share_places
from odograph.folder.samples.correlations import correlations_of_models
from odograph.folder.shared_means import shared_means
from odograph.sentences.numbers import coefficient
from odograph.studies import find
from odograph.studies.result import StudyResult

Measured = Callable[..., Any]
STUDIES = ("rotation", "neighbours", "path-length")
MORE = [
    *TEXTS,
    "The captain gave her the map and two lamps that evening.",
    "Nobody had told her brother that the river was so dark.",
    "The dog walked after her down to the boat and waited.",
    "In the rain the old man followed her to the bridge.",
]
OPTIONS = {"logits": "full", "measures": ["straightness,neighbour_angle"]}


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    import matplotlib.pyplot

    matplotlib.pyplot.close("all")


@pytest.fixture(scope="module")
def other_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GPT-2 of 6 blocks whose tokenizer is a WordPiece."""
    folder = saved(
        build_gpt2(6, positions=128),
        tmp_path_factory.mktemp("models") / "pieces-tiny",
        begins=False,
    )
    word_pieces().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def pair(
    gpt2_folder: Path, other_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Any]]:
    """Byte-level BPE and 4 blocks, WordPiece and 6 blocks, the same texts, both with twins."""
    folder = tmp_path_factory.mktemp("pair")
    runs = [
        odograph.measure(model, MORE, out=folder / model.name, untrained=2, **OPTIONS)
        for model in (gpt2_folder, other_folder)
    ]
    yield runs
    for run in runs:
        run.close()


def tokens_of(run: Any) -> list[tuple[str, int, int, int]]:
    """Text, start, end and position of each token, by passage and position."""
    rows = run.sql(
        'select passage, start, "end", position from tokens order by passage, position'
    ).fetchall()
    return [(MORE[passage], start, end, position) for passage, start, end, position in rows]


def test_places_are_the_characters_at_which_a_token_ends_in_both(pair: list[Any]) -> None:
    shared = share_places(pair)
    tokens = [tokens_of(run) for run in pair]
    ends = [{(text, end) for text, start, end, _ in each if end > start} for each in tokens]
    places = [[tokens[k][row] for row in shared.rows[k]] for k in (0, 1)]
    for one, other in zip(*places, strict=True):
        assert (one[0], one[2]) == (other[0], other[2])
    assert {(text, end) for text, _, end, _ in places[0]} == ends[0] & ends[1]
    assert len(places[0]) == len(ends[0] & ends[1]) < min(map(len, ends))
    at_start = [one[3] == 0 or other[3] == 0 for one, other in zip(*places, strict=True)]
    assert any(at_start)
    assert not (shared.usable & np.array(at_start)).any()


def test_the_next_stretch_of_text_is_the_same_where_predictions_are_compared(
    pair: list[Any],
) -> None:
    shared = share_places(pair)
    there = np.flatnonzero(shared.following)
    assert 0 < len(there) < len(shared.following)
    for run, rows in zip(pair, shared.rows, strict=True):
        tokens = tokens_of(run)
        for place in there:
            assert rows[place + 1] == rows[place] + 1
            assert tokens[rows[place]][0] == tokens[rows[place + 1]][0]
    nexts = [
        [tokens_of(run)[rows[place] + 1][2] for place in there]
        for run, rows in zip(pair, shared.rows, strict=True)
    ]
    assert nexts[0] == nexts[1]


def test_means_are_those_of_the_shared_places(pair: list[Any]) -> None:
    shared = share_places(pair)
    means = shared_means(shared, "turned", np.ones_like(shared.usable), 1)
    for k, run in enumerate(pair):
        frame = run.sql(
            "select passage, position, layer, turned from layers where layer > 0 "
            "order by passage, position, layer"
        ).fetchnumpy()
        values = np.asarray(frame["turned"], float).reshape(-1, run.blocks)
        passage = np.asarray(frame["passage"]).reshape(-1, run.blocks)[:, 0]
        rows = shared.rows[k][shared.usable]
        for row, number in enumerate(np.unique(passage[rows])):
            expected = values[rows][passage[rows] == number].mean(axis=0)
            np.testing.assert_allclose(means.values[k][row], expected, rtol=1e-6)
    assert means.places == shared.usable.sum()


@pytest.mark.parametrize("study", STUDIES)
def test_models_of_other_depth_and_tokenizer_are_compared(study: str, pair: list[Any]) -> None:
    compare = find(study).compare
    assert compare is not None
    result = compare(pair)
    assert_sound(result)
    assert any("relative depth" in finding.statement for finding in result.findings)
    tested = [f for f in result.findings if f.p is not None]
    assert tested
    assert all(f.excluded == 12 - f.n for f in tested)
    depths = next(t for t in result.tables if t.name.endswith("models_depths")).columns
    assert set(np.round(depths["depth"], 3)) <= {0, 0.25, 0.5, 0.75, 1}


def test_the_same_texts_are_found_again_in_another_file_and_order(
    gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    lines, table = tmp_path / "lines.txt", tmp_path / "table.csv"
    lines.write_text("\n".join(MORE) + "\n", encoding="utf-8")
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        writer.writerows((f"own-{number}", text) for number, text in enumerate(reversed(MORE)))
    runs = [
        odograph.measure(gpt2_folder, [path], out=tmp_path / path.stem, **OPTIONS)
        for path in (lines, table)
    ]
    prints = [run.manifest["corpus"]["fingerprint"] for run in runs]
    assert prints[0] != prints[1]
    for study in STUDIES:
        result = find(study).compare(runs)  # type: ignore[misc]
        assert_sound(result)
        differences = [f for f in result.findings if "largest minus" not in f.unit]
        for finding in differences:
            assert finding.estimate == pytest.approx(0, abs=1e-4), finding.statement
        assert all(f.p_adjusted is None or f.p_adjusted > 0.05 for f in differences)
    for run in runs:
        run.close()


def test_what_only_one_run_has_is_left_out_and_counted(
    gpt2_folder: Path, other_folder: Path, measured: Measured
) -> None:
    both = [
        measured(gpt2_folder, MORE[:10], **OPTIONS),
        measured(other_folder, MORE[4:], **OPTIONS),
    ]
    shared = share_places(both)
    assert shared.passages == 12
    result = find("rotation").compare(both)  # type: ignore[misc]
    total = result.findings[0]
    assert (total.n, total.excluded) == (6, 6)
    assert "6 of 12 passages are in all runs" in result.notes[0]


def test_a_text_that_stands_twice_is_one_document(gpt2_folder: Path, measured: Measured) -> None:
    twice = measured(gpt2_folder, [TEXTS[0], TEXTS[2], TEXTS[0]])
    once = measured(gpt2_folder, [TEXTS[2], TEXTS[0]])
    shared = share_places([twice, once])
    assert shared.passages == 2
    assert len(np.unique(shared.document)) == 2


def test_a_model_with_a_bos_reads_the_first_word_and_the_other_does_not_count_it(
    gpt2_folder: Path, llama_folder: Path, measured: Measured
) -> None:
    runs = [measured(gpt2_folder, MORE), measured(llama_folder, MORE)]
    shared = share_places(runs)
    positions = [
        np.array([position for *_, position in tokens_of(run)])[rows]
        for run, rows in zip(runs, shared.rows, strict=True)
    ]
    np.testing.assert_array_equal(positions[0] + 1, positions[1])
    assert not shared.usable[positions[0] == 0].any()


def test_a_cut_text_is_compared_as_far_as_all_have_read_it(
    gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    long_text = " ".join(TEXTS)
    short = saved(build_gpt2(4, positions=40), tmp_path / "short", begins=False)
    runs = [
        measured(gpt2_folder, [long_text]),
        measured(short, [long_text]),
        measured(short, [long_text], too_long="window"),
    ]
    cut, windows = share_places(runs[:2]), share_places([runs[0], runs[2]])
    ends = runs[0].sql('select "end" > start from tokens order by position').fetchnumpy()
    there = np.asarray(next(iter(ends.values())), bool)
    assert cut.rows.shape[1] == there[:40].sum()
    assert windows.rows.shape[1] == there.sum()
    assert len(np.unique(windows.document)) == 1
    result = find("path-length").compare(runs[:2])  # type: ignore[misc]
    assert_sound(result)
    assert result.findings[0].unit_of_inference == "token"
    assert "one text" in result.findings[0].statement


def test_three_models_are_one_family(pair: list[Any], llama_folder: Path, tmp_path: Path) -> None:
    with odograph.measure(llama_folder, MORE, out=tmp_path / "llama", **OPTIONS) as third:
        for study in STUDIES:
            result = find(study).compare([*pair, third])  # type: ignore[misc]
            assert_sound(result, pairs=2)
            tests = [f for f in result.findings if "cluster mass over" in f.test]
            assert len(tests) == 2
            assert all("2 pairs of models" in f.family for f in tests)
        result = find("rotation").compare([*pair, third])  # type: ignore[misc]
        assert [f.family for f in result.findings[:2]] == ["2 comparisons"] * 2
        assert {p.name for p in result.plots} >= {
            "rotation_models_turned_difference_1",
            "rotation_models_turned_difference_2",
        }


def test_other_texts_are_shown_and_not_tested(
    gpt2_folder: Path, llama_folder: Path, measured: Measured
) -> None:
    runs = [measured(gpt2_folder, MORE[:6], **OPTIONS), measured(llama_folder, MORE[6:], **OPTIONS)]
    for study in STUDIES:
        result = find(study).compare(runs)  # type: ignore[misc]
        assert_sound(result)
        assert [f.p for f in result.findings] == [None]
        headline, said = result.findings[0].headline, result.findings[0].statement
        assert headline.endswith(", on different texts")
        assert len(headline.split()) <= 20
        means = re.findall(r"([\d.]+)(?: degrees)? for ", headline)
        assert len(means) == 2
        assert all(f" {mean} (" in said for mean in means)
        assert float(means[0]) <= float(means[1])
        assert "share no place of a text" in result.notes[0]


def test_targets_lead_where_all_runs_have_the_same(
    gpt2_folder: Path, other_folder: Path, measured: Measured
) -> None:
    given = {"targets": ["her"], "select": "targets"}
    runs = [measured(gpt2_folder, MORE, **given), measured(other_folder, MORE, **given)]
    result = find("rotation").compare(runs)  # type: ignore[misc]
    assert_sound(result)
    assert "rotation of 'her' turned so far" in result.findings[1].statement
    mixed = [runs[0], measured(other_folder, MORE)]
    with pytest.raises(StudyError, match=r"same --target in all runs.*her; none"):
        find("rotation").compare(mixed)  # type: ignore[misc]
    for study in ("neighbours", "path-length"):
        with pytest.raises(StudyError, match="looks at all tokens"):
            find(study).compare(runs)  # type: ignore[misc]


def test_runs_without_text_digests_match_by_their_fingerprint(tmp_path: Path) -> None:
    runs = [made_run(tmp_path / str(seed), seed) for seed in (1, 2)]
    assert "texts" not in runs[0].manifest["corpus"]
    shared = share_places(runs)
    assert shared.passages == 24
    assert len(np.unique(shared.document)) == 24
    runs[1].manifest["corpus"]["fingerprint"] = "another"
    assert share_places(runs).places == 0


def test_digests_that_an_older_manifest_lists_are_those_of_its_passages(tmp_path: Path) -> None:
    runs = [made_run(tmp_path / str(seed), seed) for seed in (1, 2)]
    for run in runs:
        run.manifest["corpus"]["texts"] = [f"{number:016x}" for number in range(24)]
    runs[1].manifest["corpus"]["fingerprint"] = "another"
    runs[1].manifest["corpus"]["texts"][3:5] = ["other", "texts"]
    shared = share_places(runs)
    assert shared.passages == 26
    assert sorted({*shared.passage.tolist()}) == [n for n in range(24) if n not in (3, 4)]


def test_a_manifest_does_not_grow_with_the_passages(gpt2_folder: Path, measured: Measured) -> None:
    few, many = (measured(gpt2_folder, TEXTS[:count]) for count in (1, len(TEXTS)))
    assert "texts" not in many.manifest["corpus"]
    digests = [
        [digest for (digest,) in run.sql("select text_digest from passages").fetchall()]
        for run in (few, many)
    ]
    assert len({*digests[1]}) == len(TEXTS)
    assert digests[1][:1] == digests[0]


def compared(tmp_path: Path, name: str, effect: float) -> StudyResult:
    runs = [made_run(tmp_path / f"{name}-1", 1), made_run(tmp_path / f"{name}-2", 2, effect=effect)]
    return find("rotation").compare(runs)  # type: ignore[misc]


def test_a_planted_difference_of_two_models_is_found(tmp_path: Path) -> None:
    """The target of one model turns further in block 2: by depth 2/5 the curves are apart."""
    found = compared(tmp_path, "planted", 12.0)
    total, whole, largest, _ = found.findings
    assert total.p_adjusted is not None
    assert total.p_adjusted < 0.01
    assert total.estimate == pytest.approx(12 * math.sqrt(2.5), rel=0.25)
    assert " differ (" in whole.statement
    assert largest.p_adjusted is not None
    depths = next(t for t in found.tables if t.name == "rotation_models_depths").columns
    assert abs(depths["difference"][0]) < 4 < min(depths["difference"][1:])
    nothing = compared(tmp_path, "nothing", 0.0)
    assert any(f.p_adjusted is not None for f in nothing.findings)
    assert all(f.p_adjusted is None or f.p_adjusted > 0.05 for f in nothing.findings)


def test_no_place_at_all_is_no_error_of_the_alignment(tmp_path: Path) -> None:
    runs = [made_run(tmp_path / str(seed), seed) for seed in (1, 2)]
    runs[1].manifest["corpus"]["fingerprint"] = "another"
    shared: Shared = share_places(runs)
    assert len(shared.following) == 0
    with pytest.raises(StudyError, match="share no usable token"):
        shared_means(shared, "turned", np.ones_like(shared.usable), 1)


def test_a_comparison_of_twins_says_what_depth_alone_gives(pair: list[Any]) -> None:
    result = find("rotation").compare(pair)  # type: ignore[misc]
    assert "Their untrained twins, of the same depths, give" in result.findings[0].statement
    assert "untrained twins" in result.plots[0].null
    assert "descriptive, no test" in result.findings[-1].statement


def test_the_correlation_with_the_raw_logit_stands_beside_that_of_two_models(
    pair: list[Any],
) -> None:
    compare = find("path-length").compare
    assert compare is not None
    [told] = [f.statement for f in compare(pair).findings if f.headline.startswith("Correlations")]
    [raw] = correlations_of_models(
        share_places(pair), ("b", "a"), pair[0].seed, "next_logit"
    ).values()
    both = " and ".join(map(coefficient, raw.of or ()))
    assert f"With the raw logit in place of the log-probability, as in the course, {both}: " in told


def test_twins_that_have_read_drawn_documents_are_compared_at_the_same_tokens(
    gpt2_folder: Path, tmp_path: Path
) -> None:
    whole, few = (
        odograph.measure(
            gpt2_folder, TEXTS[::-1], out=tmp_path / most, untrained=2, twin_passages=most
        )
        for most in ("all", "2")
    )
    read = few.untrained[0].sql("select distinct passage from tokens").fetchall()
    means = {}
    for run in (whole, few):
        shared = share_places([run, run])
        means[run] = shared_means(shared, "rotation", np.ones(len(shared.usable), bool), 1).twins
    documents = [passage for (passage,) in sorted(read)]
    assert len(documents) == 2
    assert documents != [0, 1], "not only those that come first"
    for one, other in zip(means[whole], means[few], strict=True):
        assert one is not None
        assert other is not None
        assert np.flatnonzero(other.read).tolist() == documents
        np.testing.assert_allclose(other.values, one.values[:, documents], rtol=1e-5)
