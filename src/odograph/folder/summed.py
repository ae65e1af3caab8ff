"""Means of passages read from the sums of a run that keeps no rows of most tokens, as queries."""

from collections.abc import Mapping, Sequence

from odograph.folder.run import Run
from odograph.folder.sums import (
    expressions_by_set,
    layer_expressions,
    mean_sql,
    name_of_sum,
    token_expressions,
)
from odograph.folder.token_sets import ALL, set_named


def summed_values(run: Run, expression: str, where: str, from_layer: int) -> str | None:
    """The query for `value` of each passage, layer by layer; None where no such sums are kept.

    It has the columns document, passage, layer and value: one row where rows have one a token.
    """
    kept = _layer_values(run, {"value": expression}, where)
    return None if kept is None else f"{kept} and layer >= {from_layer}"


def summed_layer_values(run: Run, names: Sequence[str], where: str) -> str | None:
    """The same of several measures at all layers, in columns of their names."""
    return _layer_values(run, {name: name for name in names}, where)


def _layer_values(run: Run, asked: Mapping[str, str], where: str) -> str | None:
    tokens = _tokens(run, where)
    if tokens is None:
        return None
    kept = expressions_by_set(layer_expressions(_columns(run, "sums")))[tokens]
    values = _means(asked, kept)
    if values is None:
        return None
    return f"select document, passage, layer, {values} from sums where tokens = '{tokens}'"


def summed_token_values(run: Run, expressions: Mapping[str, str], where: str) -> str | None:
    """The same of what is there once a token, by name of the column; None where one is missing."""
    tokens = _tokens(run, where)
    if tokens != ALL:
        return None
    values = _means(expressions, token_expressions(_columns(run, "token_sums")))
    if values is None:
        return None
    return f"select document, passage, {values} from token_sums where tokens = '{tokens}'"


def _means(asked: Mapping[str, str], kept: Mapping[str, str]) -> str | None:
    """The means of expressions under the names asked for; None where sums of one are missing."""
    names = {column: name_of_sum(sql, kept) for column, sql in asked.items()}
    found = [f"{mean_sql(name)} as {column}" for column, name in names.items() if name is not None]
    return ", ".join(found) if len(found) == len(names) else None


def _tokens(run: Run, where: str) -> str | None:
    """The name of the set of tokens; None where there is none, or rows of all are kept."""
    if not run.keeps_sums:
        return None
    return set_named(where, keep_first=bool(run.manifest["config"]["keep_first"]))


def _columns(run: Run, table: str) -> frozenset[str]:
    return frozenset(run.sql(f"select * from {table} limit 0").columns)
