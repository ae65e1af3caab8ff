"""Two runs on the same tokens: what is taken away number by number, and what is found in it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import pytest
from made_runs import made_run
from relisted import listed_again
from soundness import assert_sound
from tiny import TEXTS, build_gpt2, saved, tokenizer, word_pieces

import odograph
from odograph.errors import StudyError
from odograph.folder import common_columns
from odograph.folder.run import Run
from odograph.measures import MEASURES
from odograph.studies import compare, find

MORE = [
    *TEXTS,
    "The captain gave her the map and two lamps that evening.",
    "Nobody had told her brother that the river was so dark.",
    "The dog walked after her down to the boat and waited.",
    "In the rain the old man followed her to the bridge.",
]
OPTIONS = {"logits": "full", "measures": ["straightness,neighbour_angle,bend"], "untrained": 3}


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    import matplotlib.pyplot

    matplotlib.pyplot.close("all")


def tuned() -> Any:
    """The tiny GPT-2 with an MLP of block 3 that writes twice as far."""
    import torch

    model = build_gpt2()
    with torch.no_grad():
        model.transformer.h[2].mlp.c_proj.weight *= 2
    return model


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Run]]:
    folder = tmp_path_factory.mktemp("minus")
    reader = tokenizer(begins=False)
    made = [
        odograph.measure(model, MORE, out=folder / name, tokenizer=reader, **OPTIONS)
        for name, model in (("base", build_gpt2()), ("tuned", tuned()))
    ]
    yield made
    for run in made:
        run.close()


@pytest.fixture(scope="module")
def difference(runs: list[Run], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    out = tmp_path_factory.mktemp("difference") / "d"
    with odograph.compare(runs, out, study="minus") as made:
        yield made


def column(run: Run, table: str, name: str) -> Any:
    order = "passage, position, layer" if table == "layers" else "passage, position"
    values = run.sql(f"select {name}::double as v from {table} order by {order}").fetchnumpy()["v"]
    return np.ma.filled(np.ma.asarray(values, float), np.nan)


@pytest.mark.parametrize(
    ("table", "name"),
    [
        *(("layers", n) for n in ("norm", "rotation", "relative_step", "growth", "turned", "bend")),
        *(("tokens", n) for n in ("next_logprob", "entropy", "rank", "straightness")),
    ],
)
def test_every_number_is_that_of_the_run_minus_that_of_the_base(
    table: str, name: str, runs: list[Run], difference: Run
) -> None:
    base, run = (column(one, table, name) for one in runs)
    np.testing.assert_allclose(column(difference, table, name), run - base, rtol=1e-5, atol=1e-6)
    assert np.isfinite(run - base).any()
    assert np.nanmax(np.abs(run - base)) > 0


def test_a_difference_reads_like_a_run_and_keeps_its_texts(
    difference: Run, runs: list[Run]
) -> None:
    own = odograph.open(difference.folder)
    assert own.minus == difference.minus
    assert own.blocks == 4
    assert own.sql("select count(*) from texts").fetchall() == [(len(MORE),)]
    assert own.to_xarray().sizes["layer"] == 5
    assert [one.folder.name for one in own.compared] == ["base", "tuned"]
    texts = "select passage, text from texts order by passage"
    assert own.sql(texts).fetchall() == runs[0].sql(texts).fetchall()


def test_beside_it_stands_what_two_seeds_of_the_twin_differ_by(
    difference: Run, runs: list[Run]
) -> None:
    assert len(difference.untrained) == 3
    for k, pair in enumerate(difference.untrained):
        first, second = (
            column(runs[r].untrained[n], "layers", "rotation")
            for r, n in ((0, k), (1, (k + 1) % 3))
        )
        np.testing.assert_allclose(column(pair, "layers", "rotation"), second - first, atol=1e-5)


def test_what_one_model_does_that_the_other_does_not_is_found_where_it_is(difference: Run) -> None:
    result = find("minus").analyse(difference)
    assert_sound(result)
    first = result.findings[0].record()
    assert "in block 3" in first["headline"]
    assert first["verdict"] == "beyond"
    assert first["show"]["layer"] == 3
    assert first["weight"] == 3
    assert [null["name"] for null in first["null_values"]] == ["two seeds of the twin"]
    assert len(first["null_values"][0]["values"]) == 3
    profile = next(t for t in result.tables if t.name == "minus_rotation").columns
    # Before block 3 both models are the same.
    assert list(profile["mean"][:2]) == [0, 0]
    assert profile["p_max_t"][2] < 0.05
    assert "The same in both runs" not in " ".join(result.notes)


def test_a_run_against_itself_has_no_difference_and_no_finding(
    runs: list[Run], tmp_path: Path
) -> None:
    with odograph.compare([runs[0], runs[0]], tmp_path / "d", study="minus") as made:
        for table in ("layers", "tokens"):
            for name in made.sql(f"select * from {table} limit 0").columns:
                if name in MEASURES:
                    values = column(made, table, name)
                    assert not values[np.isfinite(values)].any(), name
        assert made.findings == []
        assert "every difference is 0" in " ".join(made.sections["minus"]["notes"])
        assert_silent(made)


def assert_silent(made: Run) -> None:
    result = find("minus").analyse(made)
    assert not result.findings
    assert not result.plots


def test_runs_with_other_tokens_are_compared_by_characters(runs: list[Run], tmp_path: Path) -> None:
    folder = saved(build_gpt2(), tmp_path / "pieces", begins=False)
    word_pieces().save_pretrained(folder)
    with odograph.measure(folder, MORE, out=tmp_path / "other") as other:
        with pytest.raises(StudyError, match="the runs differ in tokens: expected 230 tokens"):
            odograph.compare([runs[0], other], tmp_path / "d", study="minus")
        made = compare([runs[0], other], tmp_path / "d")
        assert made.manifest["kind"] == "comparison"
        assert {f["study"] for f in made.findings} >= {"rotation", "path-length"}


def test_other_studies_do_not_read_a_difference_nor_this_one_a_run(
    difference: Run, runs: list[Run]
) -> None:
    with pytest.raises(StudyError, match="the study rotation looks at a run: expected"):
        odograph.study("rotation", difference)
    with pytest.raises(StudyError, match="the study minus looks at a difference: expected"):
        odograph.study("minus", runs[0])


def test_a_difference_takes_the_place_of_another_and_a_comparison_that_of_a_difference(
    runs: list[Run], tmp_path: Path
) -> None:
    out = tmp_path / "d"
    compare(runs, out, names=["minus"])
    again = compare(runs[::-1], out, names=["minus"])
    assert again.minus is not None
    assert again.findings[0]["headline"].count("in block 3") == 1
    compare(runs, out, names=["rotation"])
    assert odograph.open(out).manifest["kind"] == "comparison"
    assert not list((out / "layers").glob("*"))


def test_of_noise_nothing_is_found_more_often_than_the_level_allows(tmp_path: Path) -> None:
    found = 0
    for seed in range(4):
        pair = [made_run(tmp_path / f"{seed}-{k}", 50 * seed + k) for k in (0, 1)]
        listed = [same_tokens(run) for run in pair]
        with odograph.compare(listed, tmp_path / f"d-{seed}", study="minus") as made:
            lead = made.findings[0]
            found += lead["p_adjusted"] < 0.05
    assert found <= 1


def same_tokens(run: Run) -> Run:
    """The run with tokens that are numbered by their place."""
    import pyarrow as pa
    import pyarrow.parquet as parquet
    from relisted import listed_again

    path = run.folder / "tokens" / "part-00000.parquet"
    run.close()
    table = parquet.read_table(path)
    place = table.schema.get_field_index("token_id")
    ids = pa.array(np.arange(len(table)), pa.int32())
    parquet.write_table(table.set_column(place, table.schema.field(place), ids), path)
    listed_again(run.folder)
    return odograph.open(run.folder)


@pytest.fixture
def of_two_releases(runs: list[Run], tmp_path: Path) -> list[Run]:
    """The two runs as if another release had measured the second one."""
    folders = [tmp_path / run.folder.name for run in runs]
    for run, folder in zip(runs, folders, strict=True):
        shutil.copytree(run.folder, folder)
    path = folders[1] / "layers" / "part-00000.parquet"
    table = parquet.read_table(path)
    redefined = table.schema.field("neighbour_angle")
    facts = {**redefined.metadata, b"formula": b"angle(x_l[i-2], x_l[i])"}
    place = table.schema.get_field_index("neighbour_angle")
    table = table.cast(table.schema.set(place, redefined.with_metadata(facts)))
    parquet.write_table(table.drop_columns(["bend"]), path)
    manifest = json.loads((folders[1] / "manifest.json").read_text("utf-8"))
    manifest["odograph"] = "0.0.1"
    manifest["versions"] |= {"torch": "2.6.0"}
    (folders[1] / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    listed_again(folders[1])
    return [odograph.open(folder) for folder in folders]


def test_of_runs_of_two_releases_it_is_said_which_columns_are_compared(
    of_two_releases: list[Run], tmp_path: Path
) -> None:
    own = of_two_releases[0].manifest
    with odograph.compare(of_two_releases, tmp_path / "d", study="minus") as made:
        notes = " ".join(made.sections["minus"]["notes"])
        assert "Not compared: bend (GPT2LMHeadModel given in Python (base) alone has it);" in notes
        assert "; neighbour_angle (defined otherwise in the other run)." in notes
        assert (
            f"(base) by odograph {own['odograph']} and torch {own['versions']['torch']};" in notes
        )
        assert "(tuned) by odograph 0.0.1 and torch 2.6.0." in notes
        there = set(made.sql("select * from layers limit 0").columns)
        assert not {"bend", "neighbour_angle"} & there
        assert {"rotation", "growth"} <= there
    with odograph.compare(of_two_releases, tmp_path / "c", study="rotation") as made:
        assert "measured by other versions" in " ".join(made.sections["rotation"]["notes"])


def test_where_a_primitive_is_defined_otherwise_nothing_derived_is_compared(
    runs: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def facts(run: Run, table: str) -> dict[str, tuple[str, str]]:
        formula = "half of |x_l|" if run is runs[1] else "|x_l|"
        return {"norm": ("model units", formula), "rotation": ("degrees", "angle(x_{l-1}, x_l)")}

    monkeypatch.setattr(common_columns, "_facts", facts)
    found = common_columns.common_columns(runs, "layers")
    assert "rotation" in found.shared
    assert {"norm", "growth", "relative_step", "path"} <= {*found.redefined}


def test_runs_of_one_release_have_no_word_on_versions(difference: Run) -> None:
    notes = " ".join(difference.sections["minus"]["notes"])
    assert "versions" not in notes
    assert "Not compared" not in notes
