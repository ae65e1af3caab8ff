"""How each measure goes over the layers, in all passages of a run and in its untrained twins."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import drawn_documents
from odograph.folder.selection import Floats, numbers, rows_with, usable, with_a_pair
from odograph.folder.summed import summed_layer_values
from odograph.folder.targets import has_targets
from odograph.folder.token_sets import PLAIN_TOKENS, tokens_with
from odograph.folder.token_values import TokenValues
from odograph.measures import MEASURES, STATE, STEP
from odograph.statistics.space.isotropic import random_walk_rotation

#: Share of the tokens of a layer below the first and above the last colour.
TAILS = (0.02, 0.98)
#: A quantile over documents holds all their means: so many at a time, 8 bytes each and as much
#: again while they are found.
_MOST_HELD = 20_000_000


def layer_measures(run: Run) -> tuple[str, ...]:
    """The measures that the run has at every state or step, in declared order."""
    columns = run.sql("select * from layers limit 0").columns
    return tuple(
        name for name, m in MEASURES.items() if m.axis in (STATE, STEP) and name in columns
    )


def profiles_of(run: Run, measures: Sequence[str] | None = None) -> dict[str, Any]:
    """For each measure its curves, those of the twins, and the scale of its colours by layer.

    A curve is the mean over documents, with the 5 % and 95 % of documents; the twins have one curve
    a seed. All lists have L+1 entries, null where a measure has no number.

    Args:
        run: a finished run.
        measures: names that the run has; all of `layer_measures` if None.
    """
    names = layer_measures(run) if measures is None else tuple(measures)
    curves = [(label, _curves(run, names, where)) for label, where in curves_of(run)]
    twins = [
        _curves(twin, [n for n in layer_measures(twin) if n in names], "true")
        for twin in run.untrained
    ]
    scales = _scales(run, names)
    walks = walks_beside(run)
    return {
        name: {
            "curves": [{"label": label, **found[name]} for label, found in curves if name in found],
            "twins": [found[name]["mean"] for found in twins if name in found],
            "walk": walks.get(name),
            "scale": scales[name],
        }
        for name in names
    }


def curves_of(run: Run, table: str = PLAIN_TOKENS) -> list[tuple[str, str]]:
    """The label of each curve, and the SQL condition for the tokens that it is the mean of.

    Args:
        run: a run.
        table: where its tokens stand: this, or `stored_tokens`, which is read faster.
    """
    pairs = (("targets", "target"), ("the token before", "non-target"))
    roles = [(label, with_a_pair(run, role, table)) for label, role in pairs if has_targets(run)]
    return [("all tokens", "true"), *roles]


def walks_beside(run: Run) -> dict[str, list[float | None]]:
    """What a random walk gives, by measure; nothing beside the difference of two runs."""
    return random_walk(run.blocks) if run.minus is None else {}


def random_walk(blocks: int) -> dict[str, list[float | None]]:
    """What a walk of independent unit steps gives: rotation, turned, relative step; [0..L]."""
    rotation = random_walk_rotation(blocks)
    walks = {
        "rotation": rotation,
        "turned": np.cumsum(rotation),
        "relative_step": np.tan(np.radians(rotation)),
    }
    return {name: [None, *plain_series(values)] for name, values in walks.items()}


def _curves(run: Run, names: Sequence[str], where: str) -> dict[str, dict[str, Any]]:
    """Each measure's mean, 5 % and 95 % over the means of documents, and how many documents."""
    counted = "select count(distinct document) from passages"
    documents, layers = int(run.sql(counted).fetchall()[0][0]), run.blocks + 1
    at_once = max(1, _MOST_HELD // max(1, documents * layers))
    some_layers = min(layers, max(1, _MOST_HELD // max(1, documents)))
    curves: dict[str, dict[str, Any]] = {}
    for first in range(0, len(names), at_once):
        some = names[first : first + at_once]
        parts = [
            _curve_parts(run, some, where, range(start, min(start + some_layers, layers)))
            for start in range(0, layers, some_layers)
        ]
        found = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        if len(found["layer"]):
            curves |= {name: _curve(found, name) for name in some}
    return curves


def _curve_parts(
    run: Run, names: Sequence[str], where: str, layers: range
) -> dict[str, NDArray[Any]]:
    """The numbers of the curves of some measures at some layers, in columns."""
    values = layer_values(run, names, where)
    over = ", ".join(
        f"count({n}) as {n}_n, avg({n}) as {n}, quantile_cont({n}, 0.05) as {n}_low, "
        f"quantile_cont({n}, 0.95) as {n}_high"
        for n in names
    )
    means = replace(
        values,
        rows=f"select * from ({values.rows}) where layer between {layers[0]} and {layers[-1]}",
    ).means(names, "document", "layer")
    return numbers(
        values.run.sql(f"""
        with means as ({means})
        select layer, {over} from means group by layer order by layer""")
    )


def _curve(found: Mapping[str, NDArray[Any]], name: str) -> dict[str, Any]:
    """One curve of those that were found."""
    return {
        "mean": plain_series(found[name]),
        "low": plain_series(found[f"{name}_low"]),
        "high": plain_series(found[f"{name}_high"]),
        "units": int(found[f"{name}_n"].max()),
    }


def layer_values(run: Run, names: Sequence[str], where: str) -> TokenValues:
    """Several measures of the usable tokens that a condition chooses, layer by layer."""
    if (kept := summed_layer_values(run, names, where)) is not None:
        return TokenValues(run, kept, of_passages=True)
    source = rows_with(run, where)
    columns = ", ".join(f"l.{name}::double as {name}" for name in names)
    rows = f"""
        select t.document, t.passage, l.layer, {columns} from layers l
        join {tokens_with(where)} t using (passage, position)
        where {usable(run, "t")} and {where}"""
    return TokenValues(source, rows)


def _scales(run: Run, names: Sequence[str]) -> dict[str, list[list[float | None]]]:
    """For each measure, by layer, the values between which colours run.

    Of a large run, in drawn documents: a quantile holds every value that it is of.
    """
    low, high = TAILS
    columns = ", ".join(
        f"quantile_cont(l.{n}, {low}) filter (where isfinite(l.{n})) as {n}_low, "
        f"quantile_cont(l.{n}, {high}) filter (where isfinite(l.{n})) as {n}_high"
        for n in names
    )
    found = numbers(
        run.sql(f"""
        with chosen as (select passage, position from {PLAIN_TOKENS}
            where {usable(run)} and {drawn_documents(run).where})
        select layer, {columns} from layers l join chosen using (passage, position)
        group by layer order by layer""")
    )
    rows = range(len(found["layer"]))
    return {
        n: [[plain_series(found[f"{n}_{end}"])[k] for end in ("low", "high")] for k in rows]
        for n in names
    }


def plain_series(values: Floats) -> list[float | None]:
    """Plain numbers of 7 digits, None for what is not finite."""
    return [float(f"{v:.7g}") if np.isfinite(v) else None for v in np.asarray(values, float)]
