"""The figures of a run's studies, drawn anew."""

from typing import TYPE_CHECKING

from odograph.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from odograph.api.run import Run
    from odograph.studies.result import StudyResult


def drawn(run: "Run", name: str, *, card: bool) -> "Figure":
    """The figure of that name, without the card or with it.

    Raises:
        UsageError: no study drew a figure of that name.
    """
    from odograph.figures.saving import write_card

    result = run.result_of(_study_of(run, name))
    plot = next(each for each in result.plots if each.name == name)
    figure = plot.drawing.figure()
    if card:
        write_card(figure, plot.card(result.card))
    return figure


def done_again(run: "Run", name: str) -> "StudyResult":
    """What a study gives of a run or a comparison, with nothing written."""
    from odograph.studies import find
    from odograph.studies.split import confirmation_half

    study = find(name)
    if study.compare is not None and run.compared:
        return study.compare([confirmation_half(one) for one in run.compared])
    return study.analyse(confirmation_half(run))


def _study_of(run: "Run", name: str) -> str:
    for study, section in run.sections.items():
        if name in [figure["name"] for figure in section["figures"]]:
            return study
    raise UsageError(
        "no such figure",
        expected=", ".join(run.figure_names) or "a run that was analysed",
        given=name,
        remedy="" if run.sections else "Do a study first: odograph.study(NAME, run).",
    )
