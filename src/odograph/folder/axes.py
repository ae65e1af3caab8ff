"""An earlier run whose axes new text is shown in: whether it has them, and whether they fit."""

from collections.abc import Mapping
from typing import Any

from odograph.errors import RunError
from odograph.folder.run import Run

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
            remedy=f"Do the study there first: odograph analyse {folder} trajectories.",
        )
    for what in ("width", "blocks", "fingerprint", "revision"):
        if record["model"][what] != model[what]:
            raise RunError(
                f"the axes of '{folder}' are those of another model: its {what} differs",
                expected=f"{model[what]} ({model['name']})",
                given=f"{record['model'][what]} ({record['model']['name']})",
                remedy="Name a run of the same weights with --axes.",
            )
