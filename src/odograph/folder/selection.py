"""Which tokens a study looks at, averaged to one profile a document: the unit of inference.

Occurrences of a target in one passage, and the pieces of one word, are averaged first, then the
passages of one document, so that long passages and documents count no more than short ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.errors import StudyError
from odograph.folder.document_names import document_names
from odograph.folder.documents import document_means, exact_mean
from odograph.folder.run import Run
from odograph.folder.summed import summed_token_values, summed_values
from odograph.folder.token_sets import ALL, PLAIN_TOKENS, is_of_targets, tokens_with, usable_where
from odograph.folder.token_values import TokenValues

Floats = NDArray[np.float64]
#: Units of which sums are kept.
_SUMMED = ("document", "passage")
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Targets and the tokens before them, one row a document: arrays [documents, L].

    `passages` numbers the documents by their first passage, `names` names them; `excluded` counts
    those with a target of which no pair is left.
    """

    passages: Ints
    layers: Ints
    target: Floats
    control: Floats
    excluded: int
    names: tuple[str, ...] = ()


def usable(run: Run, table: str = "") -> str:
    """The SQL condition for tokens that statistics may use: no sink, position 0 only if kept."""
    return usable_where(table, keep_first=bool(run.manifest["config"]["keep_first"]))


def with_a_pair(run: Run, role: str, table: str = PLAIN_TOKENS) -> str:
    """The SQL condition for tokens of a role (`target`, `non-target`) whose pair is usable."""
    return f"""role = '{role}' and (passage, occurrence) in (
        select (passage, occurrence) from {table}
        where role in ('target', 'non-target') and {usable(run)}
        group by passage, occurrence having count(distinct role) = 2)"""


def documents_with_targets(run: Run) -> int:
    """How many documents hold a target, whether it may be used or not."""
    query = "select count(distinct document) from tokens where role = 'target'"
    return int(run.chosen.sql(query).fetchall()[0][0])


def numbers(relation: Any) -> dict[str, NDArray[Any]]:
    """The columns of a query's result; nulls of floats are NaN."""
    columns: dict[str, NDArray[Any]] = relation.fetchnumpy()
    return {
        name: np.ma.filled(values.astype(np.float64), np.nan)
        if isinstance(values, np.ma.MaskedArray) and values.dtype.kind in "fi"
        else np.asarray(values)
        for name, values in columns.items()
    }


def columns_of(run: Run, table: str) -> frozenset[str]:
    """The columns of `layers`, `tokens` or another table of the run; none where it is not there."""
    there = "select 1 from duckdb_views() where schema_name = 'main' and view_name = "
    if not run.sql(f"{there}'{table}'").fetchall():
        return frozenset()
    return frozenset(run.sql(f"select * from {table} limit 0").columns)


def chosen_values(run: Run, expression: str, where: str, from_layer: int) -> str:
    """The query for `value` of every usable token that `where` chooses, layer by layer.

    It has the columns value, layer and those of `tokens`. A window function in the expression sees
    all tokens, those that are left out as well: a neighbour is a neighbour even if it is a sink.
    """
    _require_layer(run, from_layer)
    return f"""
        select * from (
            select t.*, layer, ({expression})::double as value,
                   {usable(run, "t")} and ({where}) as chosen
            from layers join {tokens_with(expression, where)} t using (passage, position))
        where chosen and layer >= {from_layer}"""


def _require_layer(run: Run, from_layer: int) -> None:
    if from_layer > run.blocks:
        raise StudyError(
            "the model has too few blocks",
            expected=f"{from_layer} or more",
            given=str(run.blocks),
        )


def values_where(
    run: Run, expression: str, where: str, from_layer: int, per: str = "document"
) -> TokenValues:
    """The query for document, passage, layer and `value` of the usable tokens that `where` chooses.

    A row a token; or, where the run keeps sums of these tokens and `per` is document or passage,
    a row a passage. Of other tokens those of drawn documents, or all targets, as `rows_with` says.
    """
    _require_layer(run, from_layer)
    if per in _SUMMED and (kept := summed_values(run, expression, where, from_layer)):
        return TokenValues(run, kept, of_passages=True)
    source = rows_with(run, where)
    return TokenValues(source, chosen_values(source, expression, where, from_layer))


def rows_with(run: Run, where: str) -> Run:
    """The run whose rows hold all tokens that a condition chooses; drawn documents alone else."""
    return run.chosen if is_of_targets(where) else run


def pairs(run: Run, expression: str, from_layer: int = 1, like: str = "true") -> Pairs:
    """One profile of targets and one of the tokens before them for each document that has both.

    `expression` and `from_layer` as in `profile_means`; `like` is what both of a pair must have.
    """
    run = run.chosen
    roles = "role in ('target', 'non-target')"
    occurrences = f"""
        select document, passage, occurrence, role, layer, {exact_mean("value")} as value
        from ({chosen_values(run, expression, roles, from_layer)})
        join (select passage, occurrence from {PLAIN_TOKENS} where {roles} and {usable(run)}
              group by all having count(distinct role) = 2 and {like})
        using (passage, occurrence)
        group by all"""
    means = document_means(occurrences, ["value"], "role", "layer")
    found = numbers(run.sql(f"{means} order by role, document, layer"))
    layers = np.arange(from_layer, run.blocks + 1)
    is_target = found["role"] == "target"
    passages = np.unique(found["document"][is_target]).astype(np.int64)
    target, control = (
        found["value"][mask].reshape(len(passages), len(layers)) for mask in (is_target, ~is_target)
    )
    whole = np.isfinite(target).all(axis=1) & np.isfinite(control).all(axis=1)
    excluded = documents_with_targets(run) - int(whole.sum())
    kept = passages[whole]
    names = document_names(run, kept)
    return Pairs(kept, layers, target[whole], control[whole], excluded, names)


def usable_passages(run: Run) -> str:
    """The query for passage and document of every passage that has a usable token."""
    if run.keeps_sums:
        return f"select passage, document from token_sums where tokens = '{ALL}'"
    return f"select distinct passage, document from {PLAIN_TOKENS} where {usable(run)}"


@dataclass(frozen=True)
class Means:
    """One mean a unit of inference, in the order of the units: [n] units, [n, ...] values.

    Attributes:
        units: what the rows are: the documents, or the values of `per`.
        values: [n, layers] for a profile, [n] for one number a unit.
        excluded: units with a chosen token that have no number (in some layer), and no row.
        layers: of the columns; empty where the values have no layers.
    """

    units: NDArray[Any]
    values: Floats
    excluded: int = 0
    layers: Ints = field(default_factory=lambda: np.empty(0, np.int64))


def profile_means(
    run: Run, expression: str, where: str = "true", from_layer: int = 1, per: str = "document"
) -> Means:
    """The mean over the usable tokens of each document, layer by layer: [documents, layers].

    Args:
        run: a run, or an untrained twin of it.
        expression: SQL over the columns of `layers` and `tokens`: `rotation`, `ln(step)`,
            `mlp_step / attention_step`. A step back in the path is `lag(norm) over (partition by
            passage, position order by layer)`, a neighbour in the text `lag(norm) over (partition
            by passage, layer order by position)`. What is null or not a number is no part of a
            mean.
        where: SQL condition over the columns of `tokens` (`role = 'target'`, `tag = 'NOUN'`);
            sinks and position 0 are left out before it.
        from_layer: the first layer: 0 for what states have, 1 for what steps have, 2 for `bend`.
        per: the unit of inference, a column of `tokens`: `document`, the mean over its passages;
            `lemma` averages all tokens of a lemma, each counting the same. Tokens where it is null
            are left out.

    Raises:
        StudyError: the model has fewer blocks than `from_layer`.
    """
    values = values_where(run, expression, where, from_layer, per)
    means = values.means(["value"], per, "layer")
    found = numbers(values.run.sql(f"{means} order by {per}, layer"))
    layers = np.arange(from_layer, run.blocks + 1)
    profiles = found["value"].reshape(-1, len(layers))
    whole = np.isfinite(profiles).all(axis=1)
    units = found[per][:: len(layers)]
    return Means(units[whole], profiles[whole], int((~whole).sum()), layers)


def token_means(run: Run, expression: str, where: str = "true", per: str = "document") -> Means:
    """The mean over the usable tokens of each document of what is there once a token: [documents].

    As `profile_means`, with an expression over the columns of `tokens` alone.
    """
    units, (values,) = _token_means(run, [expression], where, per)
    whole = np.isfinite(values)
    return Means(units[whole], values[whole], int((~whole).sum()))


def passage_means(run: Run, columns: Sequence[str], where: str = "true") -> dict[str, Floats]:
    """The means of several token columns in the same documents: name to [documents].

    Documents in which one of the columns has no number at all are left out of all.
    """
    _, values = _token_means(run, columns, where, "document")
    whole = np.isfinite(values).all(axis=0)
    return {name: mean[whole] for name, mean in zip(columns, values, strict=True)}


def _token_means(
    run: Run, expressions: Sequence[str], where: str, per: str
) -> tuple[NDArray[Any], list[Floats]]:
    """Units, and for each expression its means in them, all in one reading."""
    names = [f"value_{k}" for k in range(len(expressions))]
    asked = dict(zip(names, expressions, strict=True))
    values = _token_values(run, asked, where, per)
    found = numbers(values.run.sql(f"{values.means(names, per)} order by {per}"))
    units, *columns = found.values()
    return units, columns


def _token_values(run: Run, asked: Mapping[str, str], where: str, per: str) -> TokenValues:
    """As `values_where`, of what is there once a token: columns by name."""
    if per in _SUMMED and (kept := summed_token_values(run, asked, where)):
        return TokenValues(run, kept, of_passages=True)
    source = rows_with(run, where)
    values = ", ".join(f"({expression})::double as {name}" for name, expression in asked.items())
    chosen = f"{usable(run)} and ({where}) as chosen"
    tokens = tokens_with(values, where)
    rows = f"select * from (select *, {values}, {chosen} from {tokens}) where chosen"
    return TokenValues(source, rows)


def twin_profiles(
    run: Run, expression: str, where: str = "true", from_layer: int = 1
) -> Floats | None:
    """`profile_means` of all untrained twins, [twins, passages, layers]; None without twins."""
    return in_common([profile_means(twin, expression, where, from_layer) for twin in run.untrained])


def twin_means(run: Run, expression: str) -> Floats | None:
    """`token_means` of all untrained twins, [twins, passages]; None without twins."""
    return in_common([token_means(twin, expression) for twin in run.untrained])


def places_in(whole: tuple[Ints, Ints], some: tuple[Ints, Ints]) -> Ints:
    """Where tokens, by passage and position, stand among those of a run, which has them all."""
    width = 1 + int(whole[1].max(initial=0))
    keys, wanted = (np.asarray(p) * width + np.asarray(q) for p, q in (whole, some))
    return np.searchsorted(keys, wanted)


def in_common(means: Sequence[Means]) -> Floats | None:
    """The values of the units that all have, [how many, units, ...]; None for none.

    Which tokens are sinks differs between models, so a short passage may be missing in one.
    """
    if not means:
        return None
    shared = reduce(np.intersect1d, [m.units for m in means])
    if not len(shared):
        return None
    return np.stack([m.values[np.isin(m.units, shared)] for m in means])
