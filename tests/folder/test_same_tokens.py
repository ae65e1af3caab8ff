"""Whether two runs have the same tokens is asked of every token, and the first other one named."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.parquet as parquet
import pytest
from relisted import listed_again
from tiny import TEXTS, build_gpt2, tokenizer

import odograph
from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.folder.same_tokens import require_same_tokens

Change = Callable[[pa.Table], pa.Table]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("same") / "run"
    return odograph.measure(build_gpt2(), TEXTS, out=out, tokenizer=tokenizer(begins=False))


@pytest.fixture
def changed(run: Run, tmp_path: Path) -> Callable[[Change], Run]:
    """A copy of the run with other tokens."""

    def made(change: Change) -> Run:
        shutil.copytree(run.folder, tmp_path / "other")
        path = tmp_path / "other" / "tokens" / "part-00000.parquet"
        parquet.write_table(change(parquet.read_table(path)), path)
        listed_again(tmp_path / "other")
        return odograph.open(tmp_path / "other")

    return made


def place(tokens: pa.Table, passage: int, position: int) -> pa.Array:
    here = compute.equal(tokens["passage"], passage)
    return compute.and_(here, compute.equal(tokens["position"], position))


def with_column(tokens: pa.Table, name: str, values: pa.Array) -> pa.Table:
    index = tokens.schema.get_field_index(name)
    return tokens.set_column(index, tokens.schema.field(index), values)


def test_a_copy_has_the_same_tokens(run: Run, changed: Callable[[Change], Run]) -> None:
    shuffled = np.random.default_rng(0)
    require_same_tokens(run, changed(lambda one: one.take(shuffled.permutation(len(one)))))


@pytest.mark.parametrize("name", ["token_id", "start", "end"])
def test_one_other_token_is_named(run: Run, changed: Callable[[Change], Run], name: str) -> None:
    def one_more(tokens: pa.Table) -> pa.Table:
        values = tokens[name]
        moved = compute.add(values, 1).cast(values.type)
        return with_column(tokens, name, compute.if_else(place(tokens, 2, 3), moved, values))

    with pytest.raises(StudyError, match=r"runs differ in tokens: .* first at token 3 of passage"):
        require_same_tokens(run, changed(one_more))


def test_two_tokens_in_each_others_place_are_named(
    run: Run, changed: Callable[[Change], Run]
) -> None:
    def exchanged(tokens: pa.Table) -> pa.Table:
        ids = tokens["token_id"].to_numpy().copy()
        here = [int(np.flatnonzero(place(tokens, 2, k).to_numpy())[0]) for k in (2, 4)]
        assert ids[here[0]] != ids[here[1]]
        ids[here] = ids[here[::-1]]
        return with_column(tokens, "token_id", pa.array(ids, tokens["token_id"].type))

    with pytest.raises(StudyError, match="first at token 2 of passage"):
        require_same_tokens(run, changed(exchanged))


def test_a_passage_that_ends_before_is_named(run: Run, changed: Callable[[Change], Run]) -> None:
    query = "select max(position) from tokens where passage = 1"
    last = run.sql(query).fetchall()[0][0]
    shorter = changed(lambda tokens: tokens.filter(compute.invert(place(tokens, 1, last))))
    for pair in ((run, shorter), (shorter, run)):
        with pytest.raises(StudyError, match=f"first at token {last} of passage"):
            require_same_tokens(*pair)


def test_a_passage_that_one_lacks_is_said(run: Run, changed: Callable[[Change], Run]) -> None:
    last = run.sql("select max(passage) from tokens").fetchall()[0][0]
    fewer = changed(lambda tokens: tokens.filter(compute.not_equal(tokens["passage"], last)))
    for pair in ((run, fewer), (fewer, run)):
        with pytest.raises(StudyError, match="after the last token that both have"):
            require_same_tokens(*pair)


def test_what_is_not_known_is_not_the_same(run: Run, changed: Callable[[Change], Run]) -> None:
    def unknown(tokens: pa.Table) -> pa.Table:
        column = tokens["token_id"]
        return with_column(tokens, "token_id", pa.nulls(len(tokens), column.type))

    with pytest.raises(StudyError, match="a run measured with --no-texts"):
        require_same_tokens(run, changed(unknown))
