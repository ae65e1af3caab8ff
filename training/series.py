"""Measures the ladder of checkpoints that training leaves, and shows its film in the documentation.

Run as `python training/series.py`, or `make series`, after `training/train.py`, whole or up to a
`--last-step`: where the ladder ends before the bundled model does, that is its last member.
"""

import argparse
import csv
import shutil
from pathlib import Path

import numpy as np
import train
from export import FOLDER
from film import film_svg

import odograph
from odograph.cli import run
from odograph.models.kinship import kinship
from odograph.models.loading import load

HERE = Path(__file__).parent
FIGURES = HERE.parent / "docs/figures/series"
SHOWN = ("rotation_series_turned", "rotation_series_map")
TITLE = "How far each block turns 'her', while the bundled model is trained"


def ladder(work: Path) -> list[tuple[int, Path]]:
    """Step and folder of each checkpoint, the bundled model behind them if it is not among them.

    Raises:
        FileNotFoundError: no checkpoint was left.
    """
    found = [(int(f.name.removeprefix("step")), f) for f in (work / "ladder").glob("step*")]
    if not found:
        raise FileNotFoundError(f"no checkpoints in {work / 'ladder'}: run training/train.py first")
    with (FOLDER / "curve.csv").open(encoding="utf-8") as file:
        *_, last = csv.DictReader(file)
    step = round(float(last["tokens_seen"]) / train.Plan(tokens=0).step_tokens)
    return sorted({step: FOLDER, **dict(found)}.items())


def measure(members: list[tuple[int, Path]], out: Path) -> int:
    """The study of the series, as anybody would give it; the exit code."""
    series = [part for _, folder in members for part in ("--series", str(folder))]
    axis = ",".join(str(step) for step, _ in members)
    texts = ["--texts", "bundled:her", "--target", "her", "--untrained", "5"]
    names = [part for step, _ in members for part in ("--name", f"step{step}")]
    asked = [*series, *names, "--axis", f"training step={axis}", *texts, "--out", str(out)]
    return run(["study", "rotation", *asked, "--overwrite"])


def show(out: Path) -> None:
    """Figures, film and table of the series, into the documentation and beside this file."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    for name in SHOWN:
        shutil.copyfile(out / "figures" / f"{name}.svg", FIGURES / f"{name}.svg")
    shutil.copyfile(out / "tables" / "rotation_series_curves.csv", HERE / "series.csv")
    compared = odograph.open(out)
    rows = compared.sql(
        "select member, list(mean order by depth) from tables.rotation_series_curves group by all"
    ).fetchall()
    rows.sort(key=lambda row: int(row[0]))
    curves = np.array([values for _, values in rows])
    members = [f"training step {member}" for member, _ in rows]
    film = film_svg(curves, members, TITLE, "degrees")
    (FIGURES / "film.svg").write_text(film, encoding="utf-8")


def relate(members: list[tuple[int, Path]]) -> None:
    """Writes, beside this file, how the embeddings of each checkpoint correlate with the last's."""
    *_, (_, last) = members
    end = load(str(last))
    with (HERE / "embeddings.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["member", "correlation"])
        rows.writerows(
            [step, f"{kinship(end, load(str(folder))).correlation:.6f}"] for step, folder in members
        )


def main() -> None:
    """Measures and shows."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--out", type=Path, default=HERE.parent / "build/series")
    chosen = parser.parse_args()
    members = ladder(chosen.work)
    relate(members)
    code = measure(members, chosen.out)
    if code:
        raise SystemExit(code)
    show(chosen.out)


if __name__ == "__main__":
    main()
