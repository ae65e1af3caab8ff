"""The figures of the model card and of the documentation page."""

import csv
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#6B6B6B"
MEASURES = {
    "rotation": "rotation (degrees)",
    "relative_step": "relative step (1)",
    "norm": "norm (model units)",
}
TICKS = (0.5, 1, 2, 5, 10, 20, 50, 100)
STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "odograph",
    "font.family": "sans-serif",
}
Profile = dict[tuple[int, int], dict[str, dict[int, float]]]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_profiles(path: Path) -> Profile:
    """Profiles by (tokens seen, seed), then measure, then layer."""
    profiles: Profile = {}
    for row in read_rows(path):
        moment = profiles.setdefault((int(row["tokens_seen"]), int(row["seed"])), {})
        moment.setdefault(row["measure"], {})[int(row["layer"])] = float(row["mean"])
    return profiles


def moments(profiles: Profile, seed: int = 0) -> dict[int, dict[str, dict[int, float]]]:
    """Profiles of the trained model by tokens seen, the untrained one first."""
    return {seen: found for (seen, s), found in sorted(profiles.items()) if s == seed}


def millions(tokens: int) -> str:
    """A number of tokens in millions, with two significant digits where it is small."""
    if tokens == 0:
        return "untrained"
    return f"{tokens / 1e6:.2f} M" if tokens < 1e6 else f"{tokens / 1e6:.1f} M"


def draw_measure(axes: Axes, measure: str, profiles: Profile) -> None:
    """One measure over the layers, a line for each moment, untrained in dashes."""
    trained = moments(profiles)
    colours = plt.get_cmap("viridis_r")(np.linspace(0.12, 1, len(trained) - 1))
    for (seen, found), colour in zip(trained.items(), [GREY, *colours], strict=True):
        values = found[measure]
        last = seen == max(trained)
        axes.plot(
            list(values),
            list(values.values()),
            color=colour,
            linestyle="--" if seen == 0 else "-",
            linewidth=2.4 if last or seen == 0 else 1.2,
            marker="o" if last else None,
            markersize=4,
            label=millions(seen),
        )
    axes.set_xlabel("layer")
    axes.set_ylabel(MEASURES[measure])
    if measure == "rotation":
        axes.set_ylim(bottom=0)
    else:
        axes.set_yscale("log")


def draw_profiles(profiles: Profile) -> Figure:
    """Rotation, relative step and norm over the layers as the model learns."""
    figure, panels = plt.subplots(1, 3, figsize=(9.6, 3.3), layout="constrained")
    for axes, measure in zip(panels, MEASURES, strict=True):
        draw_measure(axes, measure, profiles)
    figure.legend(
        *panels[0].get_legend_handles_labels(),
        title="tokens seen",
        loc="outside right center",
        frameon=False,
        fontsize=8,
    )
    return figure


def draw_curve(rows: list[dict[str, str]], baseline: float) -> Figure:
    """Loss over the tokens seen, with the 3-gram's loss as a line to cross."""
    figure, axes = plt.subplots(figsize=(6.2, 3.3), layout="constrained")
    seen = [float(row["tokens_seen"]) / 1e6 for row in rows]
    for column, colour, style, label in (
        ("train_loss", BLUE, "-", "training text"),
        ("held_out_loss", ORANGE, "--", "held-out text (32 rows)"),
    ):
        losses = [float(row[column]) for row in rows]
        axes.plot(seen, losses, style, color=colour, label=label, marker="o", markersize=2.5)
    axes.axhline(baseline, color=GREY, linewidth=1)
    axes.annotate("3-gram, held-out text", (min(seen), baseline), va="bottom", color=GREY)
    axes.set_xscale("log")
    axes.set_xticks([tick for tick in TICKS if min(seen) <= tick <= max(seen)])
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("tokens seen (millions)")
    axes.set_ylabel("loss (nats per token)")
    axes.legend(frameon=False)
    return figure


def save(figure: Figure, *paths: Path) -> None:
    """Writes a figure to each path, the same bytes each time."""
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, dpi=130, metadata=metadata)
    plt.close(figure)


def write_figures(folder: Path, docs: Path) -> None:
    """Writes the figures beside the card and for the documentation."""
    facts = json.loads((folder / "quality.json").read_text(encoding="utf-8"))
    baseline = facts["three_gram_loss"]["all"]["nats_per_token"]
    with plt.rc_context(STYLE):
        save(
            draw_profiles(read_profiles(folder / "profiles.csv")),
            folder / "profiles.svg",
            docs / "bundled-profiles.svg",
        )
        save(
            draw_curve(read_rows(folder / "curve.csv"), baseline),
            folder / "curve.svg",
            docs / "bundled-curve.svg",
        )
