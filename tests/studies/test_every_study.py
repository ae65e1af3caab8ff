"""All studies and comparisons, with and without a planted effect: what is said keeps to the rules.

And every table of every study has the columns that docs/tables.md lists.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from drawn_runs import drawn_run
from made_ablations import made_ablations
from made_commitments import made_commitments
from made_neighbours import made_neighbours, one_hump
from made_parts import made_parts, random_parts
from made_runs import TARGET, made_run
from relisted import listed_again
from soundness import assert_sound
from test_decomposition import added_at
from test_trajectories import SENTENCES
from tiny import build_gpt2, tokenizer

import odograph
from odograph.studies import find
from odograph.studies.registry import BUILT_IN
from odograph.studies.result import StudyResult

WORDS = (" her", " it")
COMPARING = [name for name in BUILT_IN if find(name).compare is not None]


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    import matplotlib.pyplot

    matplotlib.pyplot.close("all")


def predicted(run: Any, tie: float) -> Any:
    """The run with log-probabilities that go with the length of the last step, or do not."""
    path = run.folder / "tokens" / "part-00000.parquet"
    run.close()
    table = parquet.read_table(path)
    step = np.asarray(table["last_step_stream"])
    noise = np.random.default_rng(3).normal(size=len(step))
    values = pa.array((tie * (step - step.mean()) / step.std() + noise).astype(np.float32))
    column = table.schema.get_field_index("next_logprob")
    parquet.write_table(table.set_column(column, table.schema.field(column), values), path)
    listed_again(run.folder)
    return odograph.open(run.folder)


def parting_words(apart: bool) -> Any:
    """A model in which two words enter with states of their own, or with the same one."""
    model, reader = build_gpt2(), tokenizer(begins=False)
    (her,), (it,) = (reader(word, add_special_tokens=False)["input_ids"] for word in WORDS)
    if not apart:
        weights = model.transformer.wte.weight.data
        weights[it] = weights[her]
    return model


def made(name: str, folder: Path, effect: bool) -> Any:
    """A run that serves the study: with an effect in it, or of noise."""
    size = float(effect)
    if name in ("rotation", "path-length"):
        run = made_run(folder, 3, effect=3 * size)
        return predicted(run, 2 * size) if name == "path-length" else run
    if name == "neighbours":
        angle = one_hump(np.random.default_rng(2))
        angle[:, TARGET, 2:4] += 12 * size
        return made_neighbours(folder, 2, angle)
    if name in ("decomposition", "contributions"):
        return made_parts(folder, added_at(0.5) if effect else random_parts(7), twins=1)
    if name == "ablation":
        return made_ablations(folder, effect)
    if name == "commitment":
        return made_commitments(folder, effect)
    if name in ("parts-of-speech", "nouns-adjectives"):
        return drawn_run(folder, 2, effect=(1.5 * size,) * 6, twins=True)
    return odograph.measure(
        parting_words(effect),
        SENTENCES,
        out=folder,
        tokenizer=tokenizer(begins=False),
        targets=[word.strip() for word in WORDS],
        variants=True,
        vectors=20,
        untrained=1,
        skip_blocks=True,
        measures=["block_distance"],
    )


@pytest.mark.parametrize("effect", [True, False], ids=["planted", "null"])
@pytest.mark.parametrize("name", BUILT_IN)
def test_every_finding_of_every_study_carries_what_a_reader_needs(
    name: str, effect: bool, tmp_path: Path
) -> None:
    with made(name, tmp_path / "run", effect) as run:
        assert_sound(find(name).analyse(run))


#: Studies of which no finding has a p: they describe.
DESCRIBING = ("parts-of-speech", "pruning")


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name not in DESCRIBING])
def test_what_is_planted_is_found_so_that_both_wordings_are_tested(
    name: str, tmp_path: Path
) -> None:
    with made(name, tmp_path / "run", True) as run:
        found = [f.p_adjusted for f in find(name).analyse(run).findings if f.p_adjusted is not None]
    assert min(found) < 0.05


def compared(name: str, folder: Path, effect: float) -> StudyResult:
    """Two models on the same texts: the second has the effect."""
    compare = find(name).compare
    assert compare is not None
    if name == "neighbours":
        angles = [one_hump(np.random.default_rng(seed)) for seed in (2, 3)]
        angles[1] += 8 * effect
        runs = [made_neighbours(folder / str(k), 5, a) for k, a in enumerate(angles)]
    else:
        runs = [made_run(folder / str(k), k + 1, effect=12 * effect * k) for k in (0, 1)]
        runs = [predicted(run, 2 * effect * k) for k, run in enumerate(runs)]
    return compare(runs)


@pytest.mark.parametrize("effect", [1.0, 0.0], ids=["planted", "null"])
@pytest.mark.parametrize("name", COMPARING)
def test_every_finding_of_a_comparison_does_so_too(
    name: str, effect: float, tmp_path: Path
) -> None:
    result = compared(name, tmp_path, effect)
    assert_sound(result)
    found = [f.p_adjusted for f in result.findings if f.p_adjusted is not None]
    assert found
    assert (min(found) < 0.05) == bool(effect)


def test_models_are_compared_first_in_whether_short_last_steps_go_with_the_prediction(
    tmp_path: Path,
) -> None:
    found = [finding.record() for finding in compared("path-length", tmp_path, 1.0).findings]
    first = max(found, key=lambda record: record["weight"])
    assert first["headline"].startswith("Correlations of last step and prediction in ")


@pytest.mark.parametrize("name", COMPARING)
def test_runs_that_are_equal_are_said_to_be_and_nothing_is_tested(
    name: str, tmp_path: Path
) -> None:
    if name == "neighbours":
        angle = one_hump(np.random.default_rng(2))
        runs = [made_neighbours(tmp_path / str(k), 5, angle) for k in (0, 1)]
    else:
        runs = [made_run(tmp_path / str(k), 1) for k in (0, 1)]
    result = find(name).compare(runs)  # type: ignore[misc]
    assert_sound(result)
    for finding in result.findings:
        assert finding.p is None, finding.statement
        assert "p = 1" not in finding.statement
    said = " ".join(finding.statement for finding in result.findings)
    assert "are the same at every depth" in said
    assert "is the same" in " ".join(f.plain for f in result.findings) or name == "neighbours"


def test_a_model_without_a_final_norm_has_one_last_step(tmp_path: Path) -> None:
    """Where hf is stream, nothing is found, drawn or correlated twice."""
    run = made_run(tmp_path / "run", 3)
    path = run.folder / "tokens" / "part-00000.parquet"
    run.close()
    table = parquet.read_table(path)
    for measure in ("norm", "rotation", "step"):
        place = table.schema.get_field_index(f"last_{measure}_hf")
        same = table[f"last_{measure}_stream"]
        table = table.set_column(place, table.schema.field(place), same)
    parquet.write_table(table, path)
    listed_again(run.folder)
    with odograph.open(run.folder) as again:
        for name in ("rotation", "path-length"):
            result = find(name).analyse(again)
            assert_sound(result)
            statements = [finding.statement for finding in result.findings]
            assert sum("There is no final norm: hf is the same as stream" in s for s in statements)
            assert not any("Under hf" in s or "under hf" in s for s in statements)
    grid = next(t for t in result.tables if t.name == "path_length_grid")
    assert set(grid.columns["convention"]) == {"stream"}
