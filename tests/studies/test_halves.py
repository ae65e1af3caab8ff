"""Looking on one half of the passages and testing on the other."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_runs import made_run
from made_sentences import told_apart

import odograph
from odograph.errors import StudyError
from odograph.folder.halves import CONFIRMATION, EXPLORATION, halves_of
from odograph.folder.selection import Pairs, pairs
from odograph.statistics.designs.paired import paired_profile
from odograph.studies import attempt, find
from odograph.studies.defaults import FindingDefaults
from odograph.studies.groups import Groups
from odograph.studies.questions.layers import confirmed_layer, confirmed_region
from odograph.studies.registry import BUILT_IN
from odograph.studies.result import confirmation_half, with_split_words

#: Studies that choose a block and test it, and those that need tagged texts.
CHOOSING = ("rotation", "neighbours", "decomposition", "contributions")
TAGGED = ("parts-of-speech", "nouns-adjectives")


def documents(run: Any) -> set[int]:
    return {d for (d,) in run.sql("select distinct document from tokens").fetchall()}


def test_halves_are_disjoint_as_large_as_can_be_and_follow_from_the_seed() -> None:
    keys = [f"text:{i}" for i in range(25)]
    one = halves_of(keys, seed=3)
    assert one == halves_of(keys, seed=3) != halves_of(keys, seed=4)
    assert (one.count(EXPLORATION), one.count(CONFIRMATION)) == (12, 13)
    doubled = halves_of([key for key in keys for _ in range(2)], seed=3)
    assert doubled[::2] == doubled[1::2] == one


def test_a_half_of_a_run_has_its_passages_in_every_table(tmp_path: Path) -> None:
    run = made_run(tmp_path / "made", 1, passages=15)
    first, second = run.half(EXPLORATION), run.half(CONFIRMATION)
    assert documents(first) | documents(second) == documents(run)
    assert not documents(first) & documents(second)
    assert (len(documents(first)), len(documents(second))) == (7, 8)
    for table in ("layers", "pairs", "tokens"):
        found = second.sql(f"select distinct passage from {table}").fetchall()
        assert {p for (p,) in found} <= documents(second)
    assert second.manifest["halves"] == {EXPLORATION: 7, CONFIRMATION: 8, "seen": CONFIRMATION}
    assert second.exploration is not None
    assert documents(second.exploration) == documents(first)
    assert run.exploration is None
    assert "halves" not in run.manifest


def test_a_planted_difference_is_chosen_on_one_half_and_found_on_the_other(tmp_path: Path) -> None:
    made_run(tmp_path / "made", 5, passages=40, effect=1.5)
    run, refused = attempt(odograph.open(tmp_path / "made"), ["rotation"], split=True)
    assert not refused
    chosen = [f for f in run.findings if "chosen on the first half" in f["statement"]]
    assert [f["family"] for f in chosen] == ["1", "1"]
    layer = next(f for f in chosen if "Block 2 was chosen" in f["statement"])
    assert layer["p"] == layer["p_adjusted"] < 0.01
    assert layer["n"] == 20
    assert "in its 20 passages; the numbers are those of the second" in layer["statement"]
    others = [f for f in run.findings if f not in chosen]
    assert all("second half of the passages" in f["statement"] for f in others)
    words = "exploration on 20 passages, confirmation on 20 others, seed 0"
    assert all(f["card"]["halves"] == words for f in run.findings)
    written = json.loads((tmp_path / "made" / "studies.json").read_text("utf-8"))["rotation"]
    assert written["card"]["halves"] == words
    assert any(words.removeprefix("e") in note for note in written["notes"])
    whole, _ = attempt(run, ["rotation"], split=False)
    assert not any("half" in f["statement"] or "halves" in f["card"] for f in whole.findings)


def test_a_difference_in_the_first_half_alone_is_not_confirmed(tmp_path: Path) -> None:
    run = made_run(tmp_path / "made", 2, passages=40).half(CONFIRMATION)
    found, explored = pairs(run, "rotation"), pairs(run.exploration, "rotation")  # type: ignore[arg-type]
    explored.target[:, 3] += 20
    one = confirmed_layer(usual_of(20), groups_of(found, explored))
    assert one is not None
    assert "Block 4 was chosen" in one.finding.statement
    assert one.finding.p is not None
    assert one.finding.p > 0.05


def usual_of(n: int) -> FindingDefaults:
    return FindingDefaults("rotation", n=n, null="none", unit="degrees")


def groups_of(found: Pairs, explored: Pairs) -> Groups:
    profile = paired_profile(
        found.target, found.control, found.layers, seed=0, permutations=9, excluded=0
    )
    names = ("rotation", "'her'", "the token before it")
    return Groups(*names, found, profile, 0, explored=explored)


def drawn(generator: np.random.Generator, passages: int, blocks: int) -> Pairs:
    values = generator.normal(size=(2, passages, blocks)) @ np.tri(blocks)
    names = tuple(f"text:{i}" for i in range(passages))
    return Pairs(np.arange(passages), np.arange(1, blocks + 1), *values, 0, names)


def test_without_a_difference_the_confirmed_tests_err_in_five_of_a_hundred() -> None:
    """The half that was looked at has no part in the test, however much was chosen on it."""
    generator = np.random.default_rng(7)
    small = {"layer": 0, "region": 0}
    tries = 150
    for _ in range(tries):
        groups = groups_of(drawn(generator, 7, 12), drawn(generator, 7, 12))
        layer, region = confirmed_layer(usual_of(7), groups), confirmed_region(usual_of(7), groups)
        assert layer is not None
        for name, claim in (("layer", layer), ("region", region)):
            small[name] += bool(claim.finding.p is not None and claim.finding.p < 0.05)
    assert all(0.005 < count / tries < 0.1 for count in small.values()), small


def test_too_few_passages_are_refused_with_a_remedy(tmp_path: Path) -> None:
    run = made_run(tmp_path / "made", 1, passages=11)
    with pytest.raises(StudyError, match=r"expected 12 passages or more, got 11.*--no-split"):
        confirmation_half(run, split=True)
    assert confirmation_half(run) is run


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name not in TAGGED])
def test_a_run_measured_with_split_is_studied_by_halves(
    name: str, gpt2_folder: Path, measured: Any, split_run: Any
) -> None:
    seen = confirmation_half(split_run)
    result = with_split_words(find(name).analyse(seen), seen)
    assert all("half" in finding.statement for finding in result.findings)
    assert result.card["halves"].startswith("exploration on 7 passages, confirmation on 7 others")
    if name in CHOOSING:
        assert any("chosen on the first half" in f.statement for f in result.findings)


def test_variants_and_windows_stay_with_their_text(split_run: Any) -> None:
    rows = split_run.sql(
        "select regexp_replace(passage_id, '#.*', ''), count(distinct half), "
        "count(distinct passage) from tokens group by 1"
    ).fetchall()
    assert {halves for _, halves, _ in rows} == {1}
    assert {passages for *_, passages in rows} == {2}
    halves = "select passage, position, half from tokens order by all"
    for beside in (*split_run.untrained, *split_run.shuffled):
        assert beside.sql(halves).fetchall() == split_run.sql(halves).fetchall()


@pytest.fixture(scope="module")
def split_run(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from odograph.folder.samples.neighbours import NEEDED
    from odograph.studies.parts import MEASURES

    return odograph.measure(
        gpt2_folder,
        told_apart(14),
        out=tmp_path_factory.mktemp("runs") / "split",
        targets=["her", "his"],
        variants=True,
        split=True,
        untrained=1,
        shuffled=1,
        logits="full",
        measures=["straightness", "block_distance", *NEEDED, *MEASURES],
        vectors=14,
        parts=80,
        skip_blocks=True,
        undo="all",
        lens=True,
        tokens=400,
        pairs=60,
    )


@pytest.fixture(scope="module")
def drawn_words(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from odograph.corpus.bundled import bundled_path

    return odograph.measure(
        gpt2_folder,
        [bundled_path("tagged")],
        out=tmp_path_factory.mktemp("runs") / "drawn",
        tags="conllu",
        groups=["NOUN", "ADJ"],
        words=40,
        context=8,
        whole=True,
        split=True,
        vectors=40,
    )


def test_drawn_words_of_a_lemma_are_in_one_half(drawn_words: Any) -> None:
    rows = drawn_words.sql(
        "select lemma, count(distinct half), count(*) from tokens where role = 'target' group by 1"
    ).fetchall()
    assert {halves for _, halves, _ in rows} == {1}
    halves = drawn_words.sql("select half, count(*) from halves group by half").fetchall()
    assert all(abs(count - 40) < 12 for _, count in halves)


@pytest.mark.parametrize("name", TAGGED)
def test_tagged_texts_are_studied_by_halves(name: str, drawn_words: Any) -> None:
    seen = confirmation_half(drawn_words)
    try:
        result = with_split_words(find(name).analyse(seen), seen)
    except StudyError as refused:
        pytest.skip(f"this run does not serve {name}: {refused}")
    assert all("half" in finding.statement for finding in result.findings)
