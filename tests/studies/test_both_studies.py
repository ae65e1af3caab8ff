"""What the studies leave in a run folder, on many kinds of run."""

import contextlib
import hashlib
import json
import math
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from made_runs import made_run
from planted import everywhere, planted_gpt2, turning_states
from relisted import listed_again
from soundness import assert_sound
from tiny import TEXTS

import odograph
from odograph.errors import OdographError, StudyError
from odograph.folder.selection import pairs
from odograph.sentences.forbidden import forbidden
from odograph.sentences.numbers import number
from odograph.studies import attempt, find
from odograph.studies.registry import BUILT_IN
from odograph.studies.result import StudyResult
from odograph.studies.soundness import sentences

Measured = Callable[..., Any]
FIRST = ("rotation", "path-length")
SENTENCES = [
    *TEXTS,
    "The captain gave her the map and two lamps that evening.",
    "Nobody had told her brother that the river was so dark.",
    "The dog walked after her down to the boat and waited.",
    "In the rain the old man followed her to the bridge.",
]


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    import matplotlib.pyplot

    matplotlib.pyplot.close("all")


@pytest.fixture(scope="module")
def studied(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A run with everything that the first two studies ask for, studied once."""
    run = odograph.measure(
        gpt2_folder,
        SENTENCES,
        out=tmp_path_factory.mktemp("runs") / "studied",
        targets=["her"],
        logits="full",
        untrained=2,
        measures=["straightness,block_distance"],
        skip_blocks=True,
        undo="all",
        lens=True,
        pairs=60,
    )
    return attempt(run)[0]


def served(run: Any) -> Iterator[StudyResult]:
    """The results of all studies that do not refuse the run; the first two never do."""
    for name in BUILT_IN:
        try:
            yield find(name).analyse(run)
        except StudyError:
            assert name not in FIRST, name


def analysed(name: str, run: Any) -> StudyResult:
    """The study's result; a run that lacks what a later study needs is no fault of either."""
    try:
        return find(name).analyse(run)
    except StudyError as refused:
        if name in FIRST or not refused.remedy:
            raise
        pytest.skip(f"this run does not serve {name}: {refused}")


@pytest.mark.parametrize("name", BUILT_IN)
def test_everything_said_keeps_to_the_rules(name: str, studied: Any) -> None:
    assert_sound(analysed(name, studied))


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_same_holds_where_a_difference_is_planted(name: str, tmp_path: Path) -> None:
    with made_run(tmp_path / "made", 5, effect=1.0) as run:
        assert_sound(analysed(name, run))


def test_the_null_is_in_the_tables_and_in_the_findings(studied: Any) -> None:
    nulls = studied.sql("select * from tables.rotation_nulls limit 0").columns
    for name in ("untrained_seed_1", "untrained_seed_2", "mismatched_step_low", "same_layer_high"):
        assert name in nulls
    profile = studied.sql("select * from tables.path_length_profile limit 0").columns
    assert "turned_untrained" in profile
    assert any("untrained twin" in f["null"] for f in studied.findings)
    assert any("the rotation of 'her' lies beyond the " in f["statement"] for f in studied.findings)
    led = next(f for f in studied.findings if "rotation summed over all blocks" in f["statement"])
    with contextlib.ExitStack() as open_twins:
        twins = [open_twins.enter_context(twin) for twin in studied.untrained]
        both = [pairs(twin, "rotation") for twin in twins]
    apart = np.mean([(one.target - one.control).sum(axis=1).mean() for one in both])
    said = f"The same difference in twins: the 2 untrained twins {number(float(apart))} degrees"
    assert said in led["statement"]
    plots = json.loads((studied.folder / "studies.json").read_text("utf-8"))["rotation"]["figures"]
    assert any("untrained" in p["null"] for p in plots)


def test_the_profile_is_the_mean_over_passages_of_what_the_run_holds(studied: Any) -> None:
    """Computed again from the plain tables in numpy: passages, not tokens, are averaged."""
    frame = studied.to_pandas("layers").merge(
        studied.to_pandas("tokens")[["passage", "position", "role", "sink", "occurrence"]],
        on=["passage", "position"],
    )
    frame = frame[(frame.layer > 0) & (frame.position > 0) & ~frame.sink]
    everything = frame.groupby(["passage", "layer"]).rotation.mean().groupby("layer").mean()
    table = studied.sql("select * from tables.rotation_nulls order by layer").df()
    np.testing.assert_allclose(table.mean_all_tokens, everything, rtol=1e-6)
    kept = []
    for (passage, _), pair in frame[frame.role != "other"].groupby(["passage", "occurrence"]):
        if pair.role.nunique() == 2:
            kept.append(pair.assign(passage=passage))
    import pandas

    by_role = (
        pandas.concat(kept)
        .groupby(["role", "passage", "layer"])
        .rotation.mean()
        .groupby(["role", "layer"])
        .mean()
    )
    np.testing.assert_allclose(table.mean_target, by_role["target"], rtol=1e-6)
    np.testing.assert_allclose(table.mean_non_target, by_role["non-target"], rtol=1e-6)
    profile = studied.sql("select * from tables.rotation_profile order by layer").df()
    difference = by_role["target"] - by_role["non-target"]
    np.testing.assert_allclose(profile.difference, difference, rtol=1e-5, atol=1e-6)


def contents(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_doing_a_study_again_with_painters_gives_the_same_files(
    studied: Any, tmp_path: Path
) -> None:
    folder = tmp_path / studied.folder.name  # which findings name
    shutil.copytree(studied.folder, folder)
    before = contents(folder)
    assert {"findings.json", "studies.json"} <= set(before)
    assert any(name.endswith(".svg") for name in before)
    shutil.rmtree(folder / "figures")
    attempt(odograph.open(folder), painters=2)
    assert contents(folder) == before


def test_the_findings_file_is_strict_json_in_the_order_of_the_studies(studied: Any) -> None:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    text = (studied.folder / "findings.json").read_text("utf-8")
    found = json.loads(text, parse_constant=refuse)
    assert found == studied.findings
    studies = [f["study"] for f in found]
    assert sorted(studies, key=BUILT_IN.index) == studies
    assert set(FIRST) <= set(studies) <= set(BUILT_IN)


Case = tuple[dict[str, Any], list[Any], tuple[str, ...]]
CASES: dict[str, Case] = {
    "one passage": ({}, SENTENCES[:1], ()),
    "three passages": ({}, SENTENCES[:3], ()),
    "no target, no pairs": (
        {"targets": [], "pairs": 0},
        SENTENCES,
        ("No target was given: the curves are those of all tokens", "'same-layer' is not there"),
    ),
    "no logits, no twins, no straightness": (
        {"logits": "none", "untrained": 0, "measures": ["norm"]},
        SENTENCES,
        (
            "no log-probabilities; measure it with --logits full",
            "No untrained twin was measured (--untrained 8",
            "Straightness was not measured",
        ),
    ),
    "hf, first kept": ({"convention": "hf", "keep_first": True}, SENTENCES, ()),
    "lens, two targets": (
        {"convention": "lens", "targets": ["her", "the"]},
        SENTENCES,
        ("'her' or 'the'",),
    ),
    "targets only, bos": (
        {"select": "targets", "bos": "always"},
        SENTENCES,
        ("path-length looks at all tokens of a passage",),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_kind_of_run_can_be_studied_and_what_is_missing_is_said(
    case: str, gpt2_folder: Path, measured: Measured
) -> None:
    options, texts, missing = CASES[case]
    usual = {"targets": ["her"], "logits": "full", "untrained": 1, "pairs": 40}
    run = measured(gpt2_folder, texts, **{**usual, **options})
    said: list[str] = []
    for name in BUILT_IN:
        try:
            result = find(name).analyse(run)
        except StudyError as refused:
            said.append(str(refused))
            continue
        assert_sound(result)
        said += sentences(result)
    for wanted in missing:
        assert any(wanted in text for text in said), wanted


def test_a_model_of_one_block_can_be_studied(one_block_folder: Path, measured: Measured) -> None:
    run = measured(
        one_block_folder,
        SENTENCES,
        targets=["her"],
        logits="full",
        untrained=1,
        measures=["bend,straightness"],
    )
    for result in served(run):
        assert_sound(result)


def test_states_of_length_zero_do_not_spoil_a_study(measured: Measured) -> None:
    """One token of forty has no direction at layer 0: its rotation is no number."""
    states = turning_states([10, 20, 30, 40])
    start = everywhere(states[0])
    start[7] = 0
    start += np.random.default_rng(1).normal(size=start.shape) * (np.arange(40) != 7)[:, None]
    generator = np.random.default_rng(0)
    ids = [generator.integers(0, 40, 14).tolist() for _ in range(12)]
    run = measured(planted_gpt2(start, np.diff(states, axis=0)), ids, logits="full")
    assert run.manifest["not_a_number"]["rotation"] > 0
    for result in served(run):
        assert_sound(result)
        estimates = [f.estimate for f in result.findings if f.estimate is not None]
        assert all(math.isfinite(e) for e in estimates), result.study
        assert any("not a number" in v for v in result.card.values())


def test_passages_without_a_number_are_left_out_and_counted(measured: Measured) -> None:
    """One passage of twelve begins with a token that is NaN, and so is all that follows it."""
    states = turning_states([10, 20, 30, 40])
    start = everywhere(states[0])
    start += np.random.default_rng(1).normal(size=start.shape)
    start[7] = np.nan
    generator = np.random.default_rng(0)
    ids = [generator.integers(8, 40, 14).tolist() for _ in range(12)]
    ids[3] = [7] * 14
    run = measured(planted_gpt2(start, np.diff(states, axis=0)), ids, logits="none")
    for name in FIRST:
        result = find(name).analyse(run)
        assert_sound(result)
        assert result.findings[0].n == 11
    assert result.findings[0].excluded == 1  # path-length
    assert "n = 11 passages, 1 left out" in result.findings[0].record()["evidence"]


def test_every_finding_on_targets_is_about_the_targets_that_have_a_pair(
    gpt2_folder: Path, measured: Measured
) -> None:
    """A target just after the first token has no pair: its passage is in no number at all."""
    texts = [f"A her {text}" for text in SENTENCES if "her" not in text]
    run = measured(gpt2_folder, [*texts, *SENTENCES], targets=["her"], untrained=1)
    result = find("rotation").analyse(run)
    counts = {(f.n, f.excluded) for f in result.findings if f.unit_of_inference == run.unit}
    ((n, excluded),) = counts
    assert excluded >= len(texts) >= 3
    last = next(t for t in result.tables if t.name == "rotation_last_step")
    in_group = dict(zip(last.columns["group"], last.columns["n"], strict=True))
    assert in_group["'her'"] == in_group["the token before it"] == n < in_group["all tokens"]


def test_the_next_token_of_a_token_is_not_that_of_the_next_row(
    gpt2_folder: Path, measured: Measured
) -> None:
    from odograph.folder.samples.last_steps import read_tokens

    run = measured(gpt2_folder, SENTENCES, targets=["her"], select="targets", logits="full")
    tokens = read_tokens(run)
    follows = np.append((np.diff(tokens.position) == 1) & (np.diff(tokens.passage) == 0), False)
    np.testing.assert_array_equal(np.isfinite(tokens.columns["log_frequency"]), follows)
    assert 0 < follows.sum() < len(follows)


def test_a_single_token_a_passage_is_too_little_and_said_to_be(
    gpt2_folder: Path, measured: Measured
) -> None:
    run = measured(gpt2_folder, [[5], [6], [7]])
    for name in FIRST:
        with pytest.raises(OdographError, match=r"is left after the exclusions.*--keep-first"):
            find(name).analyse(run)


def test_two_models_are_compared_and_the_words_keep_to_the_rules(
    studied: Any, llama_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    other = measured(
        llama_folder, SENTENCES, targets=["her"], logits="full", bos="never", untrained=1
    )
    both = odograph.study("path-length", [studied, other], out=tmp_path / "both")
    assert both.findings
    for finding in both.findings:
        assert forbidden(finding["statement"] + finding["plain"]) == ()
    assert both.manifest["models"] == ["gpt2-tiny", "llama-tiny"]


def test_correlations_of_several_models_are_one_family(tmp_path: Path) -> None:
    runs = [made_run(tmp_path / str(seed), seed) for seed in (1, 2, 3)]
    compared = odograph.study("path-length", runs, out=tmp_path / "three")
    found = [f for f in compared.findings if f["unit"] == "difference of r"]
    assert [f["family"] for f in found] == ["2 comparisons"] * 2


def test_an_unknown_study_lists_those_there_are(studied: Any) -> None:
    with pytest.raises(OdographError, match=r"unknown study: expected rotation, .*path-length"):
        odograph.study("rotations", studied)


def test_windows_of_one_passage_are_one_unit(gpt2_folder: Path, measured: Measured) -> None:
    """Positions run out in the middle of a long text; it stays one passage in every statistic."""
    long_text = " ".join(TEXTS * 8)
    run = measured(
        gpt2_folder, [long_text, TEXTS[0]], too_long="window", logits="full", untrained=1
    )
    assert run.manifest["exclusions"]["passages_windowed"] > 1
    assert run.sql("select count(distinct document) from tokens").fetchall() == [(2,)]
    for result in served(run):
        assert all(f.n <= 2 for f in result.findings if f.unit_of_inference == "passage")


def test_a_twin_counts_the_tokens_of_its_model(gpt2_folder: Path, measured: Measured) -> None:
    run = measured(gpt2_folder, TEXTS, untrained=1)
    path = run.folder / "tokens" / "part-00000.parquet"
    table = parquet.read_table(path)
    flags = np.arange(table.num_rows) % 5 == 3
    column = table.schema.get_field_index("sink")
    parquet.write_table(table.set_column(column, "sink", pa.array(flags)), path)
    listed_again(run.folder)
    sinks = "select passage, position, sink from tokens order by all"
    with odograph.open(run.folder) as again:
        assert sum(sink for *_, sink in again.untrained[0].sql(sinks).fetchall()) == flags.sum()
        assert again.untrained[0].sql(sinks).fetchall() == again.sql(sinks).fetchall()
