"""Which pairs are used is a table; what pairs of words of like pieces give stands beside."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from made_neighbours import made_neighbours, one_hump
from made_runs import TARGET, TOKENS, made_run
from relisted import listed_again

import odograph
from odograph.studies import find
from odograph.studies.result import write_result

Measured = Callable[..., Any]
README = Path(__file__).parents[2] / "README.md"
TEXTS = [
    "her book was on the table and her pen was under it.",
    "I met her mother and her sister met us.",
    "The clerk gave her her hat.",
    "A dog ran after her.",
    "They saw her there.",
    "We told her all of it.",
]


@pytest.fixture
def studied(gpt2_folder: Path, measured: Measured) -> Any:
    run = measured(gpt2_folder, TEXTS, targets=["her"], logits="none")
    write_result(run.folder, find("rotation").analyse(run))
    return run.again()


def test_every_target_has_a_row_and_its_reason(studied: Any) -> None:
    rows = studied.sql("select * from tables.rotation_pairs").df()
    [(targets,)] = studied.sql("select count(*) from tokens where role = 'target'").fetchall()
    assert len(rows) == targets == 9
    assert list(rows.columns)[:5] == [
        "passage", "document", "position", "control_position", "control_token",
    ]  # fmt: skip
    first = rows[rows.position == 0].iloc[0]
    assert not first.used
    assert first.reason == "the target is at position 0"
    assert rows.control_position.isna().iloc[rows.index[rows.position == 0][0]]
    assert "another target" in rows[~rows.used & (rows.position > 0)].reason.iloc[0]
    used = rows[rows.used]
    assert (used.control_position == used.position - 1).all()
    assert (used.reason == "").all()


def test_the_query_of_the_readme_gives_the_numbers_of_the_study(studied: Any) -> None:
    query = re.search(r'odograph sql runs/river "(.*?)"', README.read_text("utf-8"), re.S)[1]
    found = studied.sql(" ".join(query.split())).fetchall()
    wanted = studied.sql(
        "select layer, mean_target from tables.rotation_profile order by layer"
    ).fetchall()
    values = dict(found)
    for layer, mean in wanted:
        assert values[layer] == pytest.approx(mean, rel=1e-6)


def test_the_text_of_a_word_stands_beside_its_number(studied: Any) -> None:
    rows = studied.sql(
        "select distinct word, word_text from tokens where passage = 3 and word is not null "
        "order by word"
    ).fetchall()
    assert [text for _, text in rows] == ["A", "dog", "ran", "after", "her"]


def with_split_controls(run: Any, passages: range, turn: float) -> Any:
    """The run with the tokens before the targets of some passages ends of split words."""
    run.close()
    tokens, layers = (run.folder / n / "part-00000.parquet" for n in ("tokens", "layers"))
    table = parquet.read_table(tokens)
    split = np.isin(np.asarray(table["passage"]), passages)
    split &= np.asarray(table["position"]) == TARGET - 1
    place = table.schema.get_field_index("pieces")
    pieces = pa.array(np.where(split, 3, 1).astype(np.int32))
    parquet.write_table(table.set_column(place, table.schema.field(place), pieces), tokens)
    table = parquet.read_table(layers)
    here = np.isin(np.asarray(table["passage"]), passages)
    here &= (np.asarray(table["position"]) == TARGET - 1) & (np.asarray(table["layer"]) > 0)
    rotation = np.nan_to_num(table["rotation"].to_numpy(zero_copy_only=False))
    moved = pa.array(np.where(here, rotation + turn, rotation).astype(np.float32))
    place = table.schema.get_field_index("rotation")
    moved = pa.array(moved.to_pylist(), mask=np.asarray(table["layer"]) == 0, type=pa.float32())
    parquet.write_table(table.set_column(place, table.schema.field(place), moved), layers)
    listed_again(run.folder)
    return odograph.open(run.folder)


def test_pairs_of_unlike_pieces_are_counted_and_the_difference_told_without_them(
    tmp_path: Path,
) -> None:
    """Eight controls that end a split word and turn 40 degrees more hide an effect."""
    made = made_run(tmp_path, 5, effect=3.0)
    with with_split_controls(made, range(8), 40.0) as run:
        statement = find("rotation").analyse(run).findings[1].statement
    assert "In 8 of 24 pairs the two words have different numbers of pieces; " in statement
    hidden = re.search(r"difference (-?[\d.]+) degrees", statement)[1]
    told = re.search(r"without these the difference is (-?[\d.]+) degrees", statement)[1]
    assert float(hidden) < -50
    assert float(told) > 2
    assert "; 16 passages; p" in statement
    assert TOKENS > TARGET


def test_pairs_of_like_pieces_need_no_word_more(tmp_path: Path) -> None:
    with made_run(tmp_path, 5, effect=3.0) as run:
        statement = find("rotation").analyse(run).findings[1].statement
    assert "pieces" not in statement


def test_neighbours_that_are_pieces_of_words_are_told_apart_too(tmp_path: Path) -> None:
    angle = one_hump(np.random.default_rng(2))
    angle[:8, TARGET] -= 40  # the pairs of a target with the end of a split word
    with with_split_controls(made_neighbours(tmp_path, 5, angle), range(8), 0.0) as run:
        statement = find("neighbours").analyse(run).findings[1].statement
    assert "In 8 of 24 pairs with a target and 8 of 240 others a token is a piece" in statement
    hidden = re.search(r"difference (-?[\d.]+) degrees", statement)[1]
    told = re.search(r"without these the difference is (-?[\d.]+) degrees", statement)[1]
    assert float(hidden) < -10
    assert abs(float(told)) < 3


def test_a_difference_that_whole_words_do_not_show_leads_nothing(tmp_path: Path) -> None:
    angle = one_hump(np.random.default_rng(3))
    angle[:8, TARGET] -= 40
    with with_split_controls(made_neighbours(tmp_path, 5, angle), range(8), 0.0) as run:
        made = [f.record() for f in find("neighbours").analyse(run).findings]
    difference = next(f for f in made if "other neighbouring pairs" in f["headline"])
    [like] = difference["readings"]
    assert like["name"] == "like_pieces"
    assert like["p_adjusted"] >= 0.05
    assert f"{like['estimate']:.2f} degrees (95 % interval" in difference["statement"]
    assert difference["survives"] is False
    assert difference["weight"] == 0 < max(f["weight"] for f in made)
    assert "not shown among whole words" in difference["evidence"]
