"""Draws docs/figures/unrolled.svg and icon.svg from the bundled model and texts: `make docs`."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import odograph
from odograph.figures.unrolled import Way, icon_svg, unrolled_svg

HERE = Path(__file__).parent / "figures"
TITLE = "Paths of tokens through the bundled model, unrolled: 'her' in blue, others behind it"


def main() -> None:
    """Writes both pictures."""
    with TemporaryDirectory() as scratch:
        texts = [Path("bundled:her")]
        run = odograph.measure(
            "bundled", texts, targets=["her"], pairs=0, out=Path(scratch) / "run"
        )
        with run:
            ways = paths(run)
    (HERE / "unrolled.svg").write_text(unrolled_svg(ways, TITLE), encoding="utf-8")
    (HERE / "icon.svg").write_text(icon_svg(next(w for w in ways if w.label)), encoding="utf-8")


def paths(run: odograph.Run) -> list[Way]:
    """Every fourth token, and the first target by name."""
    rows = run.sql("""
        select passage, position, role, list(norm order by layer), list(rotation order by layer)
        from layers join tokens using (passage, position)
        where position > 0 and not sink group by all order by passage, position""").fetchall()
    first = next(k for k, row in enumerate(rows) if row[2] == "target")
    ways = [way(row, "her" if k == first else "") for k, row in enumerate(rows)]
    return [each for k, each in enumerate(ways) if each.label or k % 4 == 0]


def way(row: tuple[Any, ...], label: str) -> Way:
    """A token's path."""
    norm, rotation = (np.array([0.0 if v is None else v for v in values]) for values in row[3:])
    return Way(norm, rotation, label)


if __name__ == "__main__":
    main()
