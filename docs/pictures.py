"""Pictures that no study draws: `python docs/pictures.py FOLDER`, after `odograph demo`.

The unrolled path and the nulls of the bundled model, one picture each.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

import odograph
from odograph.figures import Band, Curve, Labels, draw_profile, save
from odograph.figures.unrolled import Way, icon_svg, unrolled_svg

FIGURES = Path(__file__).parent / "figures"
_DEGREES = "rotation (degrees)"
#: What is drawn of the table `rotation_nulls`, and what it is called.
_NULLS = {
    "shuffled": ("'her', words in random order", "shuffled_seed_1"),
    "mismatched_step": ("another token's step, 5 to 95 %", "mismatched_step"),
    "matched_token": ("matched token, 5 to 95 %", "matched_token"),
}


def main(demo: Path) -> None:
    """Draws all that the demonstration serves."""
    run = odograph.open(demo / "rotation")
    draw_unrolled(run, FIGURES)
    (FIGURES / "icon.svg").write_text(icon_svg(paths(run)[0]), encoding="utf-8")
    draw_nulls(run, FIGURES / "nulls")


def draw_unrolled(run: odograph.Run, folder: Path) -> None:
    """The path of the first target by name, every fourth other token behind it."""
    title = "Paths of tokens, unrolled: 'her' in blue, others behind it"
    picture = unrolled_svg(paths(run), title)
    (folder / "unrolled.svg").write_text(picture, encoding="utf-8")


def paths(run: odograph.Run) -> list[Way]:
    """The first target, and every fourth token that is no sink."""
    rows = run.sql("""
        select list(norm order by layer), list(rotation order by layer), role = 'target'
        from layers join tokens using (passage, position)
        where position > 0 and not sink
        group by passage, position, role order by passage, position""").fetchall()
    first = next(k for k, (_, _, target) in enumerate(rows) if target)
    others = [_way(row) for k, row in enumerate(rows) if k % 4 == 0 and k != first]
    return [_way(rows[first], "her"), *others]


def _way(row: tuple[Any, ...], label: str = "") -> Way:
    norm, rotation = (np.array([0.0 if v is None else v for v in values]) for values in row[:2])
    return Way(norm, rotation, label)


def draw_nulls(run: odograph.Run, folder: Path) -> None:
    """Rotation of the target by block, beside one null in each picture."""
    folder.mkdir(parents=True, exist_ok=True)
    nulls = run.table("rotation_nulls").order("layer").fetchnumpy()
    blocks, target = nulls["layer"], nulls["mean_target"]
    seeds = np.stack([values for name, values in nulls.items() if name.startswith("untrained_")])
    bands = {"untrained": Band("untrained twins", blocks, seeds.min(0), seeds.max(0))}
    for name, (label, column) in _NULLS.items():
        drawn = [f"{column}_low", f"{column}_high"] if f"{column}_low" in nulls else [column] * 2
        bands[name] = Band(label, blocks, *(nulls[each] for each in drawn))
    for name, band in bands.items():
        labels = Labels("Rotation of 'her' in the bundled model", "block", _DEGREES)
        figure = draw_profile([Curve("'her'", blocks, target)], labels, bands=[band])
        _write(figure, folder / name)


def _write(figure: Any, stem: Path) -> None:
    """The picture as SVG alone."""
    _, png = save(figure, stem, {})
    png.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
