"""A run as Python shows it: report, figures, tables, words and curves of what was measured."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ParamSpec, Self

from odograph.folder.run import Run as RunFolder
from odograph.folder.run import open_run

if TYPE_CHECKING:
    import duckdb
    from matplotlib.figure import Figure

    from odograph.report.notebook import View
    from odograph.studies.result import StudyResult

P = ParamSpec("P")


class Run(RunFolder):
    """A finished run or comparison: its tables, findings, figures and page.

    In a notebook it shows its headlines and its first figure.
    """

    @classmethod
    def of(cls, run: RunFolder) -> Self:
        """The same run, with all that Python offers."""
        return cls(run.folder, run.manifest, run._sinks_of, run._halving, run._beside)

    def report(self, out: str | Path | None = None) -> Path:
        """Writes the HTML page about the run, by default `report.html` in its folder.

        Returns:
            Where it lies.

        Raises:
            RunError: the place is that of another file, or the folder is damaged.
        """
        from odograph.report import write_report

        place = self.folder / "report.html" if out is None else Path(out)
        return write_report([self, *self.compared], place, command="Run.report()")

    def methods(self) -> str:
        """The paragraph for a paper's methods section, with what to cite.

        Raises:
            RunError: a comparison, or a run without any study.
        """
        from odograph.report.methods import methods_paragraph

        return methods_paragraph(self)

    def view(self, **state: object) -> "View":
        """The page about the run, in a notebook, opened where `state` says: see `odograph.view`."""
        from odograph.report.notebook import view

        return view(self, **state)

    @property
    def figure_names(self) -> list[str]:
        """The names of the figures that the studies drew."""
        from odograph.api.figures import figure_names

        return figure_names(self)

    def figure(
        self,
        name: str,
        *,
        width: float | None = None,
        style: str | Mapping[str, object] = MappingProxyType({}),
        card: bool = False,
        labels: Mapping[str, str] = MappingProxyType({}),
    ) -> "Figure":
        """A figure of a study, drawn anew, to be changed and saved for a paper.

        Its study is done again for that, which takes some seconds, once for all its figures.

        Args:
            name: one of `figure_names`, such as `rotation_profile`.
            width: in inches, at which it will stand on the page: it is laid out and lettered for
                that, and then to be scaled to it. None: the figure's own.
            style: what goes before odograph's own: settings of matplotlib, such as
                `{"font.family": "serif"}`, or the name of one of its style sheets. Colours, dashes
                and markers of groups stay.
            card: whether the card stands under it: model, texts, n, null.
            labels: what is to be written where the figure says something else (in the legend, on
                an axis, as a title); "" leaves it out.

        Raises:
            UsageError: no study drew a figure of that name, or it does not say a label.
        """
        from odograph.api.figures import drawn, known_style, relabelled, study_of

        result, over = self.result_of(study_of(self, name)), known_style(style)
        figure = drawn(result, name, card=card, width=width, style=over)
        return relabelled(figure, labels)

    def result_of(self, study: str) -> "StudyResult":
        """What a study gives of the run, with nothing written; the first time it is asked for."""
        from odograph.api.figures import done_again

        if study not in self._results:
            self._results[study] = done_again(self, study)
        return self._results[study]

    @cached_property
    def _results(self) -> "dict[str, StudyResult]":
        return {}

    def plot(self, measure: str, words: str | Sequence[str] = ()) -> "Figure":
        """A measure by layer: for each word the mean of its occurrences, with its 95 % interval.

        Args:
            measure: a column of `layers`, such as `rotation`, `path` or `turned`.
            words: words of the texts; by default the targets of the run.

        Raises:
            UsageError: no such measure, or a word that is not in the texts.
        """
        from odograph.api.plot import plotted

        return plotted(self, measure, [words] if isinstance(words, str) else words)

    def table(self, name: str) -> "duckdb.DuckDBPyRelation":
        """A table of the run (`layers`, `tokens`) or of a study (`rotation_profile`).

        Returns:
            A DuckDB relation, which a notebook shows: `.df()`, `.pl()`, `.arrow()`.

        Raises:
            UsageError: there is none of that name.
        """
        from odograph.api.tables import table

        return table(self, name)

    def words(self) -> "duckdb.DuckDBPyRelation":
        """The words of the texts: one row a word, with what its last token went through.

        Columns: passage, word, text, position of its last token, pieces, sink, role, group, and
        over all blocks the `path` (model units) and `turned` (degrees) of that token.
        """
        from odograph.api.tables import words

        return words(self)

    def _repr_html_(self) -> str:
        from odograph.api.shown import shown

        return shown(self)


def shown_as_run(function: Callable[P, RunFolder]) -> Callable[P, Run]:
    """The function, giving a run with all that Python offers."""

    @wraps(function)
    def gives(*args: P.args, **kwargs: P.kwargs) -> Run:
        return Run.of(function(*args, **kwargs))

    gives.__annotations__ = {**function.__annotations__, "return": Run}
    return gives


open = shown_as_run(open_run)
