"""The values that the template shows: text and numbers written out, nothing left to decide."""

from dataclasses import dataclass

from odograph.report.tables import Table

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FindingView:
    """A finding: its statement, the compact line under it, and the same in plain words."""

    anchor: str
    statement: str
    line: tuple[str, ...]
    plain: str


@dataclass(frozen=True)
class FigureView:
    """A figure: its SVG, or the reason why there is none; caption and null."""

    title: str
    svg: str
    problem: str
    caption: str
    null: str
    wide: bool


@dataclass(frozen=True)
class TableView:
    """A table with its title and the path of the whole."""

    title: str
    path: str
    table: Table


@dataclass(frozen=True)
class StudyView:
    """A study of one run."""

    name: str
    anchor: str
    question: str
    findings: tuple[FindingView, ...]
    figures: tuple[FigureView, ...]
    tables: tuple[TableView, ...]
    notes: tuple[str, ...]
    card: Pairs


@dataclass(frozen=True)
class CheckView:
    """One self-check: what it says, and how it went."""

    name: str
    meaning: str
    result: str
    error: str
    tolerance: str
    detail: str


@dataclass(frozen=True)
class RunView:
    """One run or comparison folder; `never` counts the reasons for which nothing was left out."""

    name: str
    anchor: str
    kind: str
    complete: bool
    card: Pairs
    checks: tuple[CheckView, ...]
    exclusions: Pairs
    never: int
    skipped: Pairs
    studies: tuple[StudyView, ...]
    reproduce: Pairs
    command: str
    config: str


#: From more findings than this on, those behind the first two of a study are folded away.
_A_FEW = 16


@dataclass(frozen=True)
class ReportView:
    """The whole report."""

    title: str
    command: str
    runs: tuple[RunView, ...]
    limits: Pairs

    @property
    def short(self) -> bool:
        """Whether all findings fit a page or two; of a longer list each study's first are open."""
        return sum(len(s.findings) for run in self.runs for s in run.studies) <= _A_FEW
