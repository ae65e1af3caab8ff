"""`odograph.study` and `odograph.compare`: from runs to findings."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from odograph import studies
from odograph.api.run import Run, shown_as_run
from odograph.errors import UsageError
from odograph.folder.run import Run as RunFolder
from odograph.folder.run import open_run
from odograph.folder.series import Axis, Series, axis_of, series_of

study = shown_as_run(studies.study)


def compare(
    runs: Sequence[RunFolder | str | Path],
    out: str | Path,
    *,
    study: str | Sequence[str] = (),
    csv_safe: bool | None = None,
    card: bool | None = None,
    axis: str | Mapping[str, Sequence[float]] | None = None,
    allow_same: bool = False,
) -> Run:
    """Compares runs of several models or texts and writes a comparison folder.

    Args:
        runs: two or more, opened or by their folders.
        out: the folder to write.
        study: one study or several; by default all that compare, where these runs serve them.
        csv_safe: whether texts of CSV tables that a spreadsheet would run get an apostrophe; None
            as the runs were measured.
        card: whether the card is drawn under each figure; None as the runs were measured.
        axis: what the runs are a series of: `"training step"`, read from their names, or
            `{"bits": [2, 4, 8, 16]}`, a number for each run. They are then tested for a trend and
            a change along it, and not in pairs.
        allow_same: whether two members of a series may have the same weights.

    Raises:
        StudyError: a named study, or every study, refuses these runs, or two members of a series
            have the same weights.
        UsageError: where the members stand on the axis cannot be told.
        RunError: `out` is a run folder.
    """
    opened = [run if isinstance(run, RunFolder) else open_run(run) for run in runs]
    names = [study] if isinstance(study, str) else list(study)
    compared: list[RunFolder] | Series = opened
    if axis is not None:
        compared = series_of(opened, _axis(axis), allow_same=allow_same)
    return Run.of(studies.compare(compared, Path(out), names=names, csv_safe=csv_safe, card=card))


def _axis(asked: str | Mapping[str, Sequence[float]]) -> Axis:
    if isinstance(asked, str):
        return axis_of(asked)
    if len(asked) != 1:
        raise UsageError("the axis of a series", expected="one name", given=str(dict(asked)))
    ((name, values),) = asked.items()
    return Axis(name, tuple(float(value) for value in values))
