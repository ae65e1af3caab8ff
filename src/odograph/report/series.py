"""The members of a series in one page: where each stands, and one scale of colours for all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from odograph.folder.run import Run
from odograph.folder.series import recorded_series

Page = dict[str, Any]
Ends = list[float | None]


def place_members(opened: Sequence[Run], pages: Sequence[Page]) -> None:
    """Says of the members of each series among the runs where they stand."""
    for axis, members in _members(opened, pages):
        for page, at in members:
            page["place"] = {"axis": axis, "at": at}


def share_scales(opened: Sequence[Run], pages: Sequence[Page]) -> None:
    """Gives the members of each series among the runs one scale of colours for each measure.

    At each layer it is from the least to the largest end of theirs. Members with other numbers of
    layers keep their own.
    """
    for _, members in _members(opened, pages):
        _share([page["profiles"] for page, _ in members])


def _members(
    opened: Sequence[Run], pages: Sequence[Page]
) -> Iterator[tuple[str, list[tuple[Page, str]]]]:
    """The axis of each series, and of its members that are shown page and place."""
    shown = dict(zip((run.folder.resolve() for run in opened), pages, strict=True))
    for comparison in opened:
        series = recorded_series(comparison.manifest)
        if series is not None:
            folders = [(comparison.folder / n).resolve() for n in comparison.manifest["runs"]]
            # A damaged manifest may name other numbers of them: it shows what it can.
            members = zip(folders, series.members, strict=False)
            yield series.axis, [(shown[folder], at) for folder, at in members if folder in shown]


def _share(profiles: Sequence[Mapping[str, Any]]) -> None:
    """Profiles of each member, by measure."""
    for measure in set().union(*profiles):
        scales = [one[measure]["scale"] for one in profiles if measure in one]
        if len({len(scale) for scale in scales}) == 1:
            joined = [_joined(ends) for ends in zip(*scales, strict=True)]
            for one in profiles:
                if measure in one:
                    one[measure]["scale"] = joined


def _joined(ends: Iterable[Ends]) -> Ends:
    """From the least to the largest; None where no member has a number."""
    low, high = zip(*ends, strict=True)
    return [
        min((v for v in low if v is not None), default=None),
        max((v for v in high if v is not None), default=None),
    ]
