"""Whether what stands beside a run, its untrained twins and shuffled texts, is its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from odograph.errors import RunError
from odograph.folder.checksums import place_of
from odograph.folder.manifest import stands_for

_REMEDY = "Measure it again with the same command, in a folder of its own."


def check_place(folder: Path, name: str) -> None:
    """Nothing, if `untrained/seed-1` of a run is a folder there and no link to another one.

    Raises:
        RunError: says where the link leads; the same twin would count twice, or a run as its own.
    """
    place = place_of(folder, name)
    if place != folder.resolve() / name:
        raise RunError(
            f"'{folder / name}' does not belong to the run beside it",
            expected="a folder of its own",
            given=f"a link to '{place}'",
            remedy=_REMEDY,
        )


def check_belongs(folder: Path, name: str, own: Mapping[str, Any], its: Mapping[str, Any]) -> None:
    """Nothing, if a run has the texts, the convention and the seed of what stands beside it.

    Args:
        folder: of the run.
        name: of what stands beside it: `untrained/seed-1`.
        own: manifest of the run.
        its: manifest of what stands beside it.

    Raises:
        RunError: names what differs.
    """
    expected = dict(zip(("convention", "texts"), stands_for(dict(own)), strict=True))
    given = dict(zip(("convention", "texts"), stands_for(dict(its)), strict=True))
    if name.startswith("untrained/"):
        expected["seed"] = name.removeprefix("untrained/seed-")
        given["seed"] = str(its["model"].get("untrained_seed", expected["seed"]))
    for what, value in expected.items():
        if given[what] != value:
            raise RunError(
                f"'{folder / name}' does not belong to the run beside it: its {what} differs",
                expected=value,
                given=given[what],
                remedy=_REMEDY,
            )
