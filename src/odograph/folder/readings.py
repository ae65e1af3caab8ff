"""The readings of an angle that a run holds beside the raw one."""

from odograph.folder.run import Run
from odograph.folder.run_words import outliers_of
from odograph.folder.selection import columns_of
from odograph.measures import READINGS


def readings_of(run: Run, measure: str) -> dict[str, str]:
    """The readings of a measure beside the raw one, to the columns of `layers` that have them.

    Empty where the run has no outlier coordinates, or lacks a reading here or in one of its nulls.
    """
    if not outliers_of(run).coordinates:
        return {}
    columns = [columns_of(one, "layers") for one in (run, *run.untrained, *run.shuffled)]
    named = {reading: f"{measure}_{reading}" for reading in READINGS}
    return {name: column for name, column in named.items() if all(column in c for c in columns)}


def angle_readings(run: Run, table: str) -> list[str]:
    """The readings that the angles of `pairs` or `spans` have beside the raw one."""
    if not outliers_of(run).coordinates:
        return []
    columns = columns_of(run, table)
    return [reading for reading in READINGS if f"angle_{reading}" in columns]
