"""Twins read drawn documents: the same in each, in the halves and beside the model's tokens."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import build_gpt2, tokenizer

import odograph
from odograph.errors import UsageError
from odograph.explorer.columns import Columns
from odograph.folder.halves import CONFIRMATION
from odograph.folder.samples.ties import ties_in
from odograph.report.tokens import token_data
from odograph.run.options import make_config
from odograph.sentences.numbers import number
from odograph.studies.rotation import ROTATION
from odograph.studies.section import Analysis

_WORDS = np.random.default_rng(0).permutation([f"w{number}" for number in range(160)])
#: Sixteen texts that share no word but the target.
TEXTS = [" ".join([*own[:5], "her", *own[5:]]) for own in _WORDS.reshape(16, 10)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: Any) -> Any:
    return measured(tmp_path_factory.mktemp("drawn") / "run", twin_passages=6)


def measured(folder: Path, **options: Any) -> Any:
    return odograph.measure(
        build_gpt2(), TEXTS, tokenizer=tokenizer(begins=False), targets=["her"],
        out=folder, **{"untrained": 2, **options},
    )  # fmt: skip


def documents(run: Any) -> set[int]:
    return {row[0] for row in run.sql("select distinct document from tokens").fetchall()}


def test_every_twin_reads_the_same_drawn_documents(run: Any) -> None:
    first, second = (documents(twin) for twin in run.untrained)
    assert first == second
    assert len(first) == 6
    assert first < documents(run)


def test_a_small_corpus_is_read_whole(tmp_path: Path) -> None:
    found = measured(tmp_path / "run")
    assert documents(found.untrained[0]) == documents(found)
    assert measured(tmp_path / "all", twin_passages="all").manifest["config"]["twin_passages"]


def test_where_states_are_kept_twins_read_all_whose_states_they_are_laid_beside(
    tmp_path: Path,
) -> None:
    found = measured(tmp_path / "run", twin_passages=6, vectors=16)
    assert documents(found.untrained[0]) == documents(found)


def test_a_twin_is_halved_as_its_model_is(run: Any) -> None:
    half = run.half(CONFIRMATION)
    for twin in half.untrained:
        assert documents(twin) <= documents(half)


def test_the_test_over_seeds_compares_the_drawn_documents(run: Any) -> None:
    sample = Analysis("rotation", run).sample(ROTATION)
    assert sample.nulls.own is not None
    assert sample.nulls.twins is not None
    assert sample.nulls.twins.shape[1:] == sample.nulls.own.shape
    assert len(sample.nulls.own) == 6 < len(sample.leading)


def test_what_a_twin_has_not_read_is_no_number_beside_the_models(run: Any) -> None:
    columns = Columns(run)
    minus = columns.at("rotation", 1, minus=True)
    read = np.isin(columns.passage, list(documents(run.untrained[0])))
    assert np.isnan(minus[~read]).all()
    assert np.isfinite(minus[read & (columns.position > 0)]).all()


def test_the_page_holds_all_tokens_and_the_twins_where_they_have_read(run: Any) -> None:
    data = token_data(run, room=10**7)
    assert data["tokens"] == len(Columns(run).passage)
    assert data["twins"] == 2
    assert "rotation" in data["twin"]


@pytest.mark.parametrize("wrong", ["0", "some", -3, "1.5"])
def test_a_number_of_documents_or_all(wrong: Any) -> None:
    with pytest.raises(UsageError, match="twin_passages"):
        make_config({"twin_passages": wrong})


def test_a_finding_over_seeds_says_how_many_documents_its_means_are_over(tmp_path: Path) -> None:
    run = measured(tmp_path / "run", twin_passages=6, untrained=5)
    found = odograph.study("rotation", run).findings
    beyond = next(f for f in found if "beyond untrained networks" in f["headline"])
    assert beyond["n"] == 6
    assert "means of the 6 of 16 passages that all networks have" in beyond["evidence"]
    over_seeds = [f for f in found if f["over_documents"]]
    assert over_seeds
    for finding in over_seeds:
        assert finding["n"] == 16
        assert "means of the 6 of 16 passages that all networks have" in said_of(finding)


def said_of(finding: dict[str, Any]) -> str:
    return " ".join([*finding["evidence"], finding["statement"]]).lower()


def test_ties_of_parts_are_held_against_twins_in_the_documents_that_these_have_read(
    tmp_path: Path,
) -> None:
    parts = ["attention_step", "mlp_step", "update_cosine", "attention_cosine", "mlp_cosine"]
    run = measured(tmp_path / "run", twin_passages=6, untrained=5, measures=parts)
    ties = ties_in(run)
    assert ties is not None
    assert set(np.array(ties.without.documents)[ties.shared]) == documents(run.untrained[0])
    for tested in (ties.differences_over_seeds(), ties.beyond_over_seeds()):
        assert tested is not None
        assert tested.units == 6
        assert np.isfinite(tested.p).all()
    rows = ties.beyond_each[:, ties.rows(0, 1).start :]
    assert tested.value == pytest.approx(rows[ties.shared].mean(axis=0))
    assert tested.value != pytest.approx(rows.mean(axis=0))

    found = odograph.study("contributions", run).findings
    of_ties = [f for f in found if f["unit"] == "difference of r" and f["over_documents"]]
    assert len(of_ties) == 2
    for finding in of_ties:
        assert "means of the 6 of 16 passages" in said_of(finding)
        assert "no untrained twin was measured" not in finding["statement"]


def test_one_number_is_held_against_twins_in_the_documents_that_these_have_read(
    tmp_path: Path,
) -> None:
    """What a run of these documents alone gives is what stands against the twins."""
    run = measured(tmp_path / "run", twin_passages=6, untrained=5, logits="full")
    shared = documents(run.untrained[0])
    found = odograph.study("path-length", run).findings
    over_seeds = [f for f in found if f["null_values"] and f["test"].startswith("t over seeds")]
    assert len(over_seeds) >= 3
    for finding in over_seeds:
        assert "means of the 6 of 16 passages that all networks have" in said_of(finding)

    turned = next(f for f in over_seeds if f["headline"].startswith("A token turns"))
    own, twins = turned_by_document(run), [turned_by_document(twin) for twin in run.untrained]
    means = np.array([np.mean([twin[k] for k in shared]) for twin in twins])
    apart = np.mean([own[k] for k in shared]) - means.mean()
    t = apart / (means.std(ddof=1) * np.sqrt(1 + 1 / 5))
    assert f"t(4) = {number(t)}," in turned["statement"]


def turned_by_document(run: Any) -> dict[int, float]:
    rows = run.sql("""select document, avg(turned) from layers join tokens using (passage, position)
        where layer = (select max(layer) from layers) and position > 0 and not sink
        group by document""")
    return dict(rows.fetchall())
