"""Which measures of several runs can be compared: those that all have, defined alike.

Runs of other releases may lack a measure, or have another of its name; each file says how its
columns are defined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as parquet

from odograph.folder import columns
from odograph.folder.run import Run
from odograph.folder.selection import columns_of
from odograph.measures import MEASURES, PRIMITIVES, TRIMMED

#: What rests on the outlier coordinates of its run: comparable where both have the same.
_OF_COORDINATES = ("outlier_share", f"_{TRIMMED}")
_FACTS = (b"unit", b"formula")


@dataclass(frozen=True)
class CommonColumns:
    """The measures of a table of several runs.

    Attributes:
        shared: those that can be compared, in declared order.
        alone: those that not all runs have, to the numbers of the runs that have them.
        redefined: those with another unit or formula in some run, and all that is derived where
            that is one of the primitives.
        other_coordinates: those that leave out other coordinates in some run.
    """

    shared: tuple[str, ...]
    alone: dict[str, tuple[int, ...]]
    redefined: tuple[str, ...]
    other_coordinates: tuple[str, ...]


def common_columns(runs: Sequence[Run], table: str) -> CommonColumns:
    """What of `layers` or `tokens` can be compared in all of these runs."""
    there = [columns_of(run, table) & columns.MEASURED for run in runs]
    both, every = frozenset.intersection(*there), frozenset.union(*there)
    redefined = both & _redefined(runs, table, both)
    others = _of_other_coordinates(runs, both) - redefined
    return CommonColumns(
        _declared(both - redefined - others),
        {
            name: tuple(n for n, own in enumerate(there) if name in own)
            for name in _declared(every - both)
        },
        _declared(redefined),
        _declared(others),
    )


def _declared(names: frozenset[str]) -> tuple[str, ...]:
    order = list(MEASURES)
    return tuple(sorted(names, key=lambda n: (order.index(n) if n in MEASURES else len(order), n)))


def _redefined(runs: Sequence[Run], table: str, both: frozenset[str]) -> frozenset[str]:
    """The columns on disk whose unit or formula is not the same in all runs, and what follows."""
    facts = [_facts(run, table) for run in runs]
    stored = frozenset(facts[0]).intersection(*facts[1:])
    found = frozenset(n for n in stored if any(own[n] != facts[0][n] for own in facts[1:]))
    return both - stored | found if found & {*PRIMITIVES} else found


def _facts(run: Run, table: str) -> dict[str, tuple[Any, ...]]:
    """Unit and formula of each column on disk; none where the table has no file."""
    path = next(iter(run.listed.paths(table)), None)
    if path is None:
        return {}
    schema = parquet.read_schema(path)
    described = {field.name: field.metadata or {} for field in schema}
    return {name: tuple(own.get(fact) for fact in _FACTS) for name, own in described.items()}


def _of_other_coordinates(runs: Sequence[Run], both: frozenset[str]) -> frozenset[str]:
    coordinates = [sorted(run.manifest.get("pilot", {}).get("coordinates", [])) for run in runs]
    if all(own == coordinates[0] for own in coordinates[1:]):
        return frozenset()
    return frozenset(name for name in both if name.endswith(_OF_COORDINATES))
