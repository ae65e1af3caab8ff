"""The figures of a run's studies, drawn anew."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from odograph.errors import UsageError

#: Endings of files that a figure can be written to.
FORMATS = (".pdf", ".svg", ".png")

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from odograph.folder.run import Run
    from odograph.studies.result import StudyResult


def figure_names(run: "Run") -> list[str]:
    """The names of the figures that the studies drew."""
    return [figure["name"] for section in run.sections.values() for figure in section["figures"]]


def drawn(
    result: "StudyResult",
    name: str,
    *,
    card: bool,
    width: float | None = None,
    style: Mapping[str, Any] = MappingProxyType({}),
) -> "Figure":
    """The figure of that name of a study, without the card or with it."""
    from odograph.figures.saving import write_card

    plot = next(each for each in result.plots if each.name == name)
    figure = plot.drawing.figure(width, style)
    if card:
        write_card(figure, plot.card(result.card))
    return shown_in_notebooks(figure)


def known_style(style: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """Settings of matplotlib, of a mapping or of a style sheet by its name.

    Raises:
        UsageError: matplotlib has no such style sheet or setting.
    """
    import matplotlib
    from matplotlib.style import library

    if isinstance(style, str):
        if style not in library:
            raise UsageError("no such style", expected=", ".join(sorted(library)), given=style)
        return library[style]
    for name in style:
        if name not in matplotlib.rcParams:
            remedy = "matplotlib.rcParams lists them."
            raise UsageError("no such setting of matplotlib", given=name, remedy=remedy)
    return style


def relabelled(figure: "Figure", labels: Mapping[str, str]) -> "Figure":
    """The figure with other words in it.

    Raises:
        UsageError: it does not say one of them.
    """
    from matplotlib.text import Text

    texts = [(text, " ".join(text.get_text().split())) for text in figure.findobj(Text)]
    for old, new in labels.items():
        found = [text for text, said in texts if said == old]
        if not found:
            said = sorted({said for _, said in texts if said[:1].isalpha()})
            raise UsageError("no such label", expected="; ".join(said), given=f"'{old}'")
        for text in found:
            text.set_text(new)
    return figure


def save(figure: "Figure", path: Path, width: float | None = None) -> Path:
    """Writes the figure in the format of the file's ending, and gives its path.

    Args:
        figure: as a study drew it.
        path: of the file.
        width: of what is written, in inches, text and lines with it; None: as it was drawn.

    Raises:
        UsageError: an ending that no format has.
    """
    from odograph.figures.scaled_pdf import save_scaled_pdf
    from odograph.figures.style import PNG_DPI, settings
    from odograph.figures.svg import resized

    if path.suffix not in FORMATS:
        raise UsageError("the file of a figure", expected=", ".join(FORMATS), given=str(path))
    scale = 1.0 if width is None else width / figure.get_figwidth()
    with settings():
        if path.suffix == ".pdf":
            save_scaled_pdf(figure, path, scale)
        else:
            dense: dict[str, Any] = (
                {"pil_kwargs": {"dpi": (PNG_DPI / scale,) * 2}} if path.suffix == ".png" else {}
            )
            figure.savefig(path, dpi=PNG_DPI, **dense)
    if path.suffix == ".svg":
        path.write_text(resized(path.read_text("utf-8"), scale), "utf-8")
    return path


def shown_in_notebooks(figure: "Figure") -> "Figure":
    """The figure, which a notebook shows as a picture also where nobody has imported pyplot."""
    from odograph.run.notebook import in_notebook

    if in_notebook():
        from IPython import get_ipython
        from IPython.core.pylabtools import select_figure_formats

        select_figure_formats(get_ipython(), {"png"})
    return figure


def done_again(run: "Run", name: str) -> "StudyResult":
    """What a study gives of a run or a comparison, with nothing written."""
    from odograph.folder.series import recorded_series
    from odograph.studies import find
    from odograph.studies.result import confirmation_half

    study = find(name)
    compare = study.compare_in(recorded_series(run.manifest))
    if compare is not None and run.compared:
        return compare([confirmation_half(one) for one in run.compared])
    return study.analyse(confirmation_half(run))


def study_of(run: "Run", name: str) -> str:
    """The study that drew the figure of that name.

    Raises:
        UsageError: none did.
    """
    for study, section in run.sections.items():
        if name in [figure["name"] for figure in section["figures"]]:
            return study
    raise UsageError(
        "no such figure",
        expected=", ".join(figure_names(run)) or "a run that was analysed",
        given=name,
        remedy="" if run.sections else "Do a study first: odograph.study(NAME, run).",
    )
