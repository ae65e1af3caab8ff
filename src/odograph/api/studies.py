"""`odograph.study` and `odograph.compare`: from runs to findings."""

from collections.abc import Sequence
from pathlib import Path

from odograph import studies
from odograph.api.run import Run, shown_as_run
from odograph.folder.run import Run as RunFolder
from odograph.folder.run import open_run

study = shown_as_run(studies.study)


def compare(
    runs: Sequence[RunFolder | str | Path],
    out: str | Path,
    *,
    study: str | Sequence[str] = (),
    csv_safe: bool | None = None,
    card: bool | None = None,
) -> Run:
    """Compares runs of several models or texts and writes a comparison folder.

    Args:
        runs: two or more, opened or by their folders.
        out: the folder to write.
        study: one study or several; by default all that compare, where these runs serve them.
        csv_safe: whether texts of CSV tables that a spreadsheet would run get an apostrophe; None
            as the runs were measured.
        card: whether the card is drawn under each figure; None as the runs were measured.

    Raises:
        StudyError: a named study, or every study, refuses these runs.
        RunError: `out` is a run folder.
    """
    opened = [run if isinstance(run, RunFolder) else open_run(run) for run in runs]
    names = [study] if isinstance(study, str) else list(study)
    return Run.of(studies.compare(opened, Path(out), names=names, csv_safe=csv_safe, card=card))
