"""What ranks measure after the shards of a run, a unit at a time: a twin, a random order, the lens.

A unit is measured into a folder of its own, `units/part-00003-ATTEMPT`, with the files and under
the names that they will have in the run; its receipt lies beside it. Once all are there they come
to their places, and the folder is gone.
"""

import os
import re
import shutil
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from odograph.folder.checksums import checksum
from odograph.folder.keys import Digest, fault_finder
from odograph.folder.manifest import MANIFEST
from odograph.folder.plan import RunPlan
from odograph.folder.receipts import DoneKeys, Receipts, first_receipts, read_receipts

UNITS = "units"
#: The folder of a unit, and what may lie in it.
UNIT = r"part-[0-9]{5,}-[0-9a-f]{12}"
_FILE = r"manifest\.json|pilot\.safetensors|[a-z_]+/part-[0-9]{5,}\.(parquet|safetensors)"


class UnitKeys(DoneKeys):
    """What is read of the receipt of a unit."""

    files: dict[Annotated[str, Field(pattern=rf"^{UNIT}/({_FILE})$")], Digest]


_first_fault = fault_finder(UnitKeys)


def unit_folder(folder: Path, index: int, attempt: str) -> Path:
    """Where an attempt measures a unit of the run in `folder`."""
    return folder / UNITS / f"part-{index:05d}-{attempt}"


def unit_receipt(measured: Path, index: int, tokens: int) -> dict[str, Any]:
    """The receipt of a unit of so many tokens that was measured into a folder: all its files."""
    names = sorted(path.relative_to(measured).as_posix() for path in measured.rglob("*"))
    own = [name for name in names if re.fullmatch(_FILE, name)]
    files = {f"{measured.name}/{name}": checksum(measured / name) for name in own}
    return {"index": index, "tokens": tokens, "files": files}


def units_done(folder: Path, plan: RunPlan) -> dict[int, dict[str, Any]]:
    """Of each unit that is done the first receipt.

    Raises:
        RunError: one is damaged.
    """
    return first_receipts(folder / UNITS, plan.short, _first_fault)


def read_units(folder: Path, plan: RunPlan, *, accept_first: bool = False) -> Receipts:
    """The receipts of units whose files are what was written, and which of them count.

    Raises:
        RunError: two of one differ, or one is damaged.
    """
    return read_receipts(
        folder / UNITS,
        plan.short,
        lambda index: plan.units[index],
        fault_of=_first_fault,
        accept_first=accept_first,
    )


def measured_at(folder: Path, receipt: dict[str, Any]) -> Path:
    """The folder of the unit that a receipt is of."""
    file: str = next(iter(receipt["files"]))
    return folder / UNITS / file.split("/")[0]


def bring_to_place(folder: Path, name: str, receipt: dict[str, Any]) -> None:
    """Puts the files of a unit where a run has them; they stay in the unit's folder, too.

    Twins and random orders are runs of their own; what is run again belongs to the run itself.
    """
    measured, beside = measured_at(folder, receipt), "/" in name
    # The manifest last: until then it is no run.
    for file in sorted(receipt["files"], key=lambda file: file.endswith(MANIFEST)):
        own = file.removeprefix(f"{measured.name}/")
        if beside or own != MANIFEST:
            _copy(measured / own, (folder / name if beside else folder) / own)


def _copy(path: Path, to: Path) -> None:
    """The same file under another name; its bytes, where the file system has no links."""
    to.parent.mkdir(parents=True, exist_ok=True)
    to.unlink(missing_ok=True)
    try:
        os.link(path, to)
    except OSError:
        shutil.copyfile(path, to)
