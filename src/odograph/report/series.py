"""The members of a series in one page: where each stands, and one scale of colours for all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from odograph.folder.run import Run
from odograph.folder.series import recorded_series

Page = dict[str, Any]
Ends = list[float | None]
Scale = list[Ends]


def place_members(opened: Sequence[Run], pages: Sequence[Page]) -> None:
    """Says of the members of each series among the runs where they stand."""
    for axis, members in members_shown(opened):
        for number, at in members:
            pages[number]["place"] = {"axis": axis, "at": at}


def share_scales(opened: Sequence[Run], pages: Sequence[Page]) -> None:
    """Gives the members of each series among the runs one scale of colours for each measure."""
    for _, members in members_shown(opened):
        _share([pages[number]["profiles"] for number, _ in members])


def members_shown(opened: Sequence[Run]) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """The axis of each series, and of its members among the runs number and place."""
    shown = {run.folder.resolve(): number for number, run in enumerate(opened)}
    for comparison in opened:
        series = recorded_series(comparison.manifest)
        if series is not None:
            folders = [(comparison.folder / n).resolve() for n in comparison.manifest["runs"]]
            # A damaged manifest may name other numbers of them: it shows what it can.
            members = zip(folders, series.members, strict=False)
            yield series.axis, [(shown[folder], at) for folder, at in members if folder in shown]


def joined_scale(scales: Sequence[Scale]) -> Scale:
    """One scale of colours for several runs: at each layer from the least to the largest end.

    Runs with other numbers of layers have none in common: that of the first.
    """
    if len({len(scale) for scale in scales}) != 1:
        return scales[0]
    return [_joined(ends) for ends in zip(*scales, strict=True)]


def _share(profiles: Sequence[Mapping[str, Any]]) -> None:
    """Profiles of each member, by measure."""
    for measure in set().union(*profiles):
        shown = [one[measure] for one in profiles if measure in one]
        scales = [one["scale"] for one in shown]
        for k, one in enumerate(shown):
            one["scale"] = joined_scale([scales[k], *scales[:k], *scales[k + 1 :]])


def _joined(ends: Iterable[Ends]) -> Ends:
    """From the least to the largest; None where no member has a number."""
    low, high = zip(*ends, strict=True)
    return [
        min((v for v in low if v is not None), default=None),
        max((v for v in high if v is not None), default=None),
    ]
