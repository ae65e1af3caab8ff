"""An earlier run whose axes new text is shown in: whether it has them, and whether they fit."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from odograph.errors import RunError
from odograph.folder.manifest import read_manifest

AXES_TABLE, PATHS_TABLE = "trajectories_axes", "trajectories_paths"


def check_axes(axes: str | None, model: Mapping[str, Any]) -> None:
    """Makes sure that the axes of an earlier run belong to this model; None stands for no run.

    Args:
        axes: folder of the earlier run.
        model: name, fingerprint, revision, width and blocks of the model at hand.

    Raises:
        RunError: no run, one without axes, or one of other weights.
    """
    if axes is None:
        return
    before = read_manifest(Path(axes))
    tables = [Path(axes) / "tables" / f"{name}.parquet" for name in (AXES_TABLE, PATHS_TABLE)]
    if before["kind"] != "run" or not all(table.is_file() for table in tables):
        raise RunError(
            f"'{axes}' has no axes",
            expected="a run with the study trajectories",
            given=f"a {before['kind']} without {AXES_TABLE}",
            remedy=f"Do the study there first: odograph analyse {axes} trajectories.",
        )
    for what in ("width", "blocks", "fingerprint", "revision"):
        if before["model"][what] != model[what]:
            raise RunError(
                f"the axes of '{axes}' are those of another model: its {what} differs",
                expected=f"{model[what]} ({model['name']})",
                given=f"{before['model'][what]} ({before['model']['name']})",
                remedy="Name a run of the same weights with --axes.",
            )
