"""Pictures that no study draws: `python docs/pictures.py FOLDER`, after `odograph demo`.

The unrolled path and the nulls of the bundled model, one picture each. docs/real_model.py draws
what only a real model has: the coordinates and the tokens that are far longer than all others.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

import odograph
from odograph.figures import Band, Curve, Labels, draw_profile, save
from odograph.figures.profile import draw_log_profile
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


def draw_sinks(run: odograph.Run, folder: Path) -> None:
    """Length of the attention sinks by layer, over that of the other tokens."""
    sinks = run.sql("""
        select place, list(block order by block), list(norm order by block)
        from sinks group by place order by place desc""").fetchall()
    others = run.sql("""
        select layer, quantile_cont(norm, .25) as low, median(norm) as middle,
            quantile_cont(norm, .75) as high
        from layers where layer > 0 and position > 0 group by layer order by layer""").fetchnumpy()
    curves = [Curve(place, blocks, norms) for place, blocks, norms in sinks]
    band = Band(
        "all other tokens, middle half",
        others["layer"],
        others["low"],
        others["high"],
        others["middle"],
    )
    labels = Labels("Length of the state, mean of the sinks", "block", "norm (model units)")
    _write(draw_log_profile(curves, labels, bands=[band]), folder / "sinks")


def draw_outliers(run: odograph.Run, folder: Path) -> None:
    """What each outlier coordinate holds of the squared length, by layer."""
    pilot = load_file(run.folder / run.manifest["pilot"]["file"])
    layers = np.arange(len(pilot["shares"]))
    curves = [
        Curve(f"coordinate {each}", layers, 100 * pilot["shares"][:, each])
        for each in pilot["coordinates"]
    ]
    title = f"Share of {len(curves)} coordinates of {pilot['shares'].shape[1]}, mean of the tokens"
    labels = Labels(title, "layer", "share of the squared length (%)")
    _write(draw_profile(curves, labels), folder / "outliers")


def _write(figure: Any, stem: Path) -> None:
    """The picture as SVG alone."""
    _, png = save(figure, stem, {})
    png.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
