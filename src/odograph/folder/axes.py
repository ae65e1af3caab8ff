"""An earlier run whose axes new text is shown in: whether it has them, and whether they fit."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from odograph.errors import RunError
from odograph.folder.run import Run
from odograph.folder.selection import Floats, numbers
from odograph.statistics.space.projection import Axes
from odograph.terminal import shell_command

AXES_TABLE, PATHS_TABLE = "trajectories_axes", "trajectories_paths"


def check_axes(before: Run, model: Mapping[str, Any]) -> None:
    """Makes sure that the axes of an earlier run belong to this model.

    Args:
        before: the earlier run.
        model: name, fingerprint, revision, width and blocks of the model at hand.

    Raises:
        RunError: no run, one without axes, or one of other weights.
    """
    folder, record = before.folder, before.manifest
    tables = [folder / "tables" / f"{name}.parquet" for name in (AXES_TABLE, PATHS_TABLE)]
    if record["kind"] != "run" or not all(table.is_file() for table in tables):
        raise RunError(
            f"'{folder}' has no axes",
            expected="a run with the study trajectories",
            given=f"a {record['kind']} without {AXES_TABLE}",
            remedy="Do the study there first: "
            f"{shell_command('odograph', 'analyse', folder, 'trajectories')}.",
        )
    for what in ("width", "blocks", "fingerprint", "revision"):
        if record["model"][what] != model[what]:
            raise RunError(
                f"the axes of '{folder}' are those of another model: its {what} differs",
                expected=f"{model[what]} ({model['name']})",
                given=f"{record['model'][what]} ({record['model']['name']})",
                remedy="Name a run of the same weights with --axes.",
            )


def stored_axes(before: Run, view: str) -> Axes:
    """The stored axes; their shares are not needed."""
    found = numbers(
        before.sql(
            f"select component, loading, mean from tables.{AXES_TABLE} where view = '{view}' "
            "order by component, dimension"
        )
    )
    count = len(np.unique(found["component"]))
    directions = found["loading"].reshape(count, -1)
    return Axes(found["mean"].reshape(count, -1)[0], directions, np.zeros(count), 0.0)


def stored_paths(before: Run, view: str) -> tuple[tuple[str, ...], Floats]:
    """The groups of an earlier run and their paths in its axes, [groups, L+1, 3]."""
    rows = before.sql(
        f'select "group", pc1, pc2, pc3 from tables.{PATHS_TABLE} where view = '
        f"'{view}' order by number, layer"
    ).fetchall()
    groups = tuple(dict.fromkeys(str(row[0]) for row in rows))
    paths = np.array([row[1:] for row in rows], dtype=np.float64)
    return groups, paths.reshape(len(groups), -1, paths.shape[1])
