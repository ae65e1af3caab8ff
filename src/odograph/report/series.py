"""The members of a series in one page: the same colour means the same value in each of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from odograph.folder.run import Run

Page = dict[str, Any]
Ends = list[float | None]


def share_scales(opened: Sequence[Run], pages: Sequence[Page]) -> None:
    """Gives the members of each series among the runs one scale of colours for each measure.

    At each layer it is from the least to the largest end of theirs. Members with other numbers of
    layers keep their own.
    """
    shown = dict(zip((run.folder.resolve() for run in opened), pages, strict=True))
    for comparison in opened:
        if comparison.manifest.get("series"):
            places = [(comparison.folder / name).resolve() for name in comparison.manifest["runs"]]
            _share([shown[place]["profiles"] for place in places if place in shown])


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
