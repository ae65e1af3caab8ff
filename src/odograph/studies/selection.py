"""Which tokens a study looks at, averaged to one profile a passage: the unit of inference.

Windows of one long passage share a `document` and are averaged as one passage.

Occurrences of a target in one passage, and the pieces of one word, are averaged first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.errors import StudyError
from odograph.run.results import Run
from odograph.statistics.wording import number

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Targets and the tokens before them, one row a passage: arrays [passages, L].

    `excluded` counts passages with a target of which no pair is left.
    """

    passages: Ints
    layers: Ints
    target: Floats
    control: Floats
    excluded: int


def usable(run: Run, table: str = "") -> str:
    """The SQL condition for tokens that statistics may use: no sink, position 0 only if kept."""
    dot = f"{table}." if table else ""
    if run.manifest["config"]["keep_first"]:
        return f"({dot}position = 0 or not {dot}sink)"
    return f"({dot}position > 0 and not {dot}sink)"


def with_a_pair(run: Run, role: str) -> str:
    """The SQL condition for tokens of a role (`target`, `non-target`) whose pair is usable."""
    return f"""role = '{role}' and (passage, occurrence) in (
        select (passage, occurrence) from tokens
        where role in ('target', 'non-target') and {usable(run)}
        group by passage, occurrence having count(distinct role) = 2)"""


def has_targets(run: Run) -> bool:
    """Whether targets were marked in the run."""
    return bool(run.manifest["config"]["targets"])


def target_words(run: Run) -> str:
    """The targets as they stand in a sentence: `'her'`, `'her' or 'him'`."""
    return " or ".join(f"'{target}'" for target in run.manifest["config"]["targets"])


def numbers(relation: Any) -> dict[str, NDArray[Any]]:
    """The columns of a query's result; nulls of floats are NaN."""
    columns: dict[str, NDArray[Any]] = relation.fetchnumpy()
    return {
        name: np.ma.filled(values.astype(np.float64), np.nan)
        if isinstance(values, np.ma.MaskedArray) and values.dtype.kind in "fi"
        else np.asarray(values)
        for name, values in columns.items()
    }


def _average(measure: str) -> str:
    """The SQL mean over tokens without values that are not a number: the manifest counts them."""
    return f"avg({measure}::double) filter (where isfinite({measure}))"


def pairs(run: Run, measure: str) -> Pairs:
    """One profile of targets and one of the tokens before them for each passage that has both."""
    found = numbers(
        run.sql(f"""
        with chosen as (
            select passage, position, role, occurrence, document from tokens
            where role in ('target', 'non-target') and {usable(run)}),
        paired as (
            select passage, occurrence from chosen group by all having count(distinct role) = 2),
        read as (
            select document, passage, occurrence, role, layer, {_average(measure)} as value
            from chosen join paired using (passage, occurrence)
            join layers using (passage, position) where layer > 0 group by all)
        select document as passage, layer, role, avg(value) as value from read
        group by all order by role, passage, layer""")
    )
    with_target = numbers(
        run.sql("select count(distinct document) as n from tokens where role = 'target'")
    )["n"][0]
    layers = np.arange(1, run.blocks + 1)
    is_target = found["role"] == "target"
    passages = np.unique(found["passage"][is_target]).astype(np.int64)
    target, control = (
        found["value"][mask].reshape(len(passages), run.blocks) for mask in (is_target, ~is_target)
    )
    whole = np.isfinite(target).all(axis=1) & np.isfinite(control).all(axis=1)
    excluded = int(with_target) - int(whole.sum())
    return Pairs(passages[whole], layers, target[whole], control[whole], excluded)


@dataclass(frozen=True)
class Means:
    """One mean a passage: `passages` [n] in order, `values` [n, ...]."""

    passages: Ints
    values: Floats


def passage_profiles(run: Run, measure: str, where: str = "true") -> Floats:
    """The mean of a measure over the usable tokens of each passage: [passages, L]."""
    return profile_means(run, measure, where).values


def profile_means(run: Run, measure: str, where: str = "true") -> Means:
    """Passage profiles with their passages, without those that have no number in some block."""
    found = numbers(
        run.sql(f"""
        select document, layer, {_average(measure)} as value
        from layers join tokens t using (passage, position)
        where layer > 0 and {usable(run, "t")} and {where}
        group by all order by document, layer""")
    )
    passages = found["document"][:: run.blocks].astype(np.int64)
    values = found["value"].reshape(-1, run.blocks)
    whole = np.isfinite(values).all(axis=1)
    return Means(passages[whole], values[whole])


def passage_means(run: Run, columns: tuple[str, ...], where: str = "true") -> dict[str, Floats]:
    """The mean of token columns over the usable tokens of each passage: name to [passages].

    Passages in which a column has no number at all are left out.
    """
    means = ", ".join(f"{_average(name)} as {name}" for name in columns)
    found = numbers(
        run.sql(
            f"select {means} from tokens where {usable(run)} and {where} "
            "group by document order by document"
        )
    )
    whole = np.isfinite([found[name] for name in columns]).all(axis=0)
    return {name: found[name][whole] for name in columns}


def twin_profiles(run: Run, measure: str, where: str = "true") -> Floats | None:
    """Passage profiles of all untrained twins, [twins, passages, L]; None without twins."""
    return in_common([profile_means(twin, measure, where) for twin in run.untrained])


def twin_means(run: Run, column: str) -> Floats | None:
    """Passage means of a token column of all untrained twins, [twins, passages], or None."""
    found = []
    for twin in run.untrained:
        means = passage_means(twin, ("document", column))
        found.append(Means(means["document"].astype(np.int64), means[column]))
    return in_common(found)


def in_common(means: Sequence[Means]) -> Floats | None:
    """The means of the passages that all have, [how many, passages, ...]; None for none.

    Which tokens are sinks differs between models, so a short passage may be missing in one.
    """
    if not means:
        return None
    shared = reduce(np.intersect1d, [m.passages for m in means])
    return np.stack([m.values[np.isin(m.passages, shared)] for m in means])


def window_notes(run: Run) -> list[str]:
    """What a reader must know where long passages were read in windows."""
    windows = run.manifest["exclusions"]["passages_windowed"]
    if not windows:
        return []
    return [
        f"{windows} windows of long passages: those of one passage are averaged, the passage stays "
        "the unit."
    ]


def twins_words(count: int) -> str:
    """How a sentence speaks of so many twins."""
    return "the untrained twin" if count == 1 else f"the {count} untrained twins"


def beside_twins(values: Floats | None, unit: str) -> str:
    """The mean of the twins, values [twins, passages], and the range of the seeds' means."""
    if values is None:
        return "no untrained twin was measured"
    seeds = values.reshape(len(values), -1).mean(axis=1)
    ending = f" {unit}" if unit else ""
    spread = f" (seeds {number(seeds.min())} to {number(seeds.max())})" if len(seeds) > 1 else ""
    return f"{twins_words(len(seeds))} {number(seeds.mean())}{ending}{spread}"


def under(run: Run) -> str:
    """The convention as it stands in a sentence, where it is not the usual one: " under hf"."""
    convention = run.manifest["convention"]
    return "" if convention == "stream" else f" under {convention}"


def twin_null(run: Run) -> str:
    """The untrained twins in words, for captions and cards."""
    count = len(run.untrained)
    if count == 0:
        return "no untrained twin was measured (--untrained 3 does)"
    seeds = "1 seed" if count == 1 else f"{count} seeds"
    return f"untrained twin: same architecture, random weights, {seeds}, same text"


def drawn_angles(run: Run, null: str) -> tuple[Ints, Floats]:
    """Layers and angles of a null's drawn pairs, without pairs that touch a sink."""
    found = numbers(
        run.sql(f"""
        select p.layer, p.angle::double as angle from pairs p
        join tokens a on a.passage = p.passage and a.position = p.position
        join tokens b on b.passage = p.other_passage and b.position = p.other_position
        where p."null" = '{null}' and isfinite(p.angle)
        and {usable(run, "a")} and {usable(run, "b")}
        order by p.layer, p.passage, p.position, p.other_passage, p.other_position, angle""")
    )
    return found["layer"].astype(np.int64), found["angle"]


def require_rows(profiles: Floats, what: str) -> Floats:
    """The profiles, if there is at least one.

    Raises:
        StudyError: nothing is left after the exclusions.
    """
    if len(profiles) == 0:
        raise StudyError(
            f"no {what} is left after the exclusions",
            expected="at least one passage with a usable token",
            remedy="Give more or longer texts, or keep position 0 with --keep-first.",
        )
    return profiles
