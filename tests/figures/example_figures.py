"""Plausible pictures of every kind, drawn from a seeded generator: material for the tests."""

from collections.abc import Callable

import numpy as np

from odograph.figures import (
    Angles,
    Band,
    Cluster,
    Correlation,
    Curve,
    Density,
    Difference,
    Dot,
    GridEntry,
    HeatMap,
    Labels,
    LastStep,
    Panel,
    Path,
    Points,
    Reference,
    Scree,
    Triangle,
    draw_angles,
    draw_difference,
    draw_grid,
    draw_heatmap,
    draw_last_step,
    draw_log_scatter,
    draw_model_differences,
    draw_paths,
    draw_profile,
    draw_scatter,
    draw_scree,
    draw_triangles,
    relative,
)

CARD = {
    "model": "gpt2 (revision 607a30d)",
    "precision": "float32, cpu, sdpa",
    "convention": "stream",
    "BOS": "none",
    "tokens excluded": "54 first positions, 0 sinks",
    "unit and n": "passage, n = 54",
    "test and family": "sign-flip permutation, max-T over 12 layers",
    "null shown": "3 untrained twins, 5-95 %",
    "versions": "odograph 0.1.0, torch 2.6, transformers 5.3",
    "seed": "0",
}
SENTENCE = [
    "After",
    " the",
    " long",
    " walk",
    " home",
    ",",
    " Maria",
    " told",
    " her",
    " sister",
    " that",
    " nobody",
    " had",
    " seen",
    " her",
    " or",
    " the",
    " unbeliev",
    "ably",
    " old",
    " car",
    ".",
    "\n",
]


def generator() -> np.random.Generator:
    return np.random.default_rng(7)


def curve(label: str, layers: int, shift: float = 0.0) -> Curve:
    x = np.arange(1, layers + 1)
    depth = x / max(layers, 2)
    mean = 12 + 60 * np.exp(-9 * depth) + 14 * depth**6 + shift
    mean = mean + generator().normal(0, 0.4, layers)
    half = 1.2 + 1.5 * depth
    return Curve(label, x, mean, mean - half, mean + half)


def twins(layers: int) -> Band:
    x = np.arange(1, layers + 1)
    middle = np.degrees(np.arctan(1 / np.sqrt(x)))
    return Band("untrained twins, 5-95 %", x, middle - 2, middle + 2, middle)


def profile(layers: int = 12, groups: int = 3):
    names = [
        "target (her)",
        "non-target (the word before)",
        "other tokens",
        "a",
        "b",
        "c",
        "d",
        "e",
    ]
    x = np.arange(1, layers + 1)
    curves = [curve(names[i], layers, 3.0 * i) for i in range(groups)]
    mismatched = Band("mismatched step", x, np.full(layers, 68.0), np.full(layers, 80.0))
    return draw_profile(
        curves,
        Labels("How far a token turns in each block", "block", "rotation (degrees)"),
        bands=[twins(layers), mismatched],
        references=[Reference("90 degrees: orthogonal", 90)],
    )


def difference(layers: int = 12):
    x = np.arange(1, layers + 1)
    mean = -4 * np.exp(-((x - layers * 0.4) ** 2) / max(layers, 2)) + generator().normal(
        0, 0.3, layers
    )
    clusters = [Cluster(x[layers // 4], x[layers // 2], 0.0004), Cluster(x[-1], x[-1], 0.31)]
    value = Difference(x, mean, mean - 1, mean + 1, "54 passages", mean < -1.5, clusters)
    return draw_difference(
        value, Labels("Target minus the token before it", "block", "rotation difference (degrees)")
    )


def angles():
    rng = generator()
    x = np.linspace(0, 180, 361)
    density = np.sin(np.radians(x)) ** 126
    return draw_angles(
        [
            Angles("same layer, other passage", rng.normal(66, 9, 5000)),
            Angles("any position, any layer", rng.normal(76, 14, 5000)),
            Angles("mismatched step", np.append(rng.normal(70, 8, 400), [np.nan] * 3)),
        ],
        Labels("Angles between random pairs", "angle (degrees)"),
        expectation=Density(
            "isotropic directions in 128 dimensions", x, density / density.sum() * 2
        ),
    )


def heatmap(tokens=tuple(SENTENCE), layers: int = 12):
    rng = generator()
    values = rng.gamma(3, 4, (len(tokens), layers)) + 60 * np.exp(-np.arange(layers))
    where = [i for i, token in enumerate(tokens) if token == " her"]
    return draw_heatmap(
        HeatMap(tokens, np.arange(1, layers + 1), values, where, (0,)),
        Labels("One sentence, block by block", "block", "rotation (degrees)"),
    )


def scatter(n: int = 338, panels: int = 2):
    rng = generator()
    made = []
    for index in range(panels):
        scale = 8 if index % 2 else 1
        confidence = -rng.exponential(3, n)
        step = scale * (120 + 5 * confidence + rng.normal(0, 12, n))
        points = [
            Points("other tokens", step[::2], confidence[::2]),
            Points("names", step[1::2], confidence[1::2]),
            Points("attention sink", [scale * 3000.0], [-4.0], sink=True),
        ]
        r = Correlation("Spearman", Dot(-0.31, -0.42, -0.19), n)
        made.append(Panel("hf" if index % 2 else "stream", points, (r,)))
    return draw_scatter(
        made,
        Labels(
            "Length of the last step and how likely the next token was",
            "last step (model units)",
            "log-probability of the next token (nats)",
        ),
    )


def grid():
    rng = generator()
    entries = []
    for convention in ("stream", "hf"):
        for measure in ("logit", "log-probability", "entropy"):
            for kind in ("Pearson", "Spearman"):
                for column in ("raw", "partial"):
                    for series in ("without sinks", "with sinks"):
                        r = float(rng.uniform(-0.6, 0.4))
                        dot = Dot(r, r - 0.12, r + 0.1)
                        if (measure, column, series) == ("entropy", "partial", "with sinks"):
                            dot = Dot(float("nan"))
                        entries.append(
                            GridEntry(f"{convention} · {measure} · {kind}", column, series, dot)
                        )
    return draw_grid(entries, Labels("Last step and confidence: all combinations", "correlation r"))


def triangle(name: str, blocks: int, seed: int = 0) -> Triangle:
    rng = np.random.default_rng(seed)
    runs = [(s, n) for n in range(1, blocks + 1) for s in range(1, blocks - n + 2)]
    first, lengths = np.array(runs).T
    depth = 0.4 * np.exp(1 - first) + 0.1 * np.exp(first + lengths - 1 - blocks)
    values = np.minimum(1, 0.08 * np.sqrt(lengths) + depth + rng.normal(0, 0.003, len(runs)))
    best = []
    for n in range(1, blocks):
        there = np.flatnonzero(lengths == n)
        best.append((int(first[there[values[there].argmin()]]), n))
    return Triangle(name, first, lengths, values, best)


def triangles(blocks: int = 12):
    return draw_triangles(
        [triangle("the model", blocks), triangle("untrained, mean of 3 seeds", blocks, 1)],
        Labels(
            "How far every run of blocks turns the state",
            "first block of the run",
            "angular distance (half turns)",
        ),
    )


def named_points(count: int = 12, least: float = 0.01):
    rng = generator()
    x = rng.gamma(1, 0.1, count) + least
    points = Points(
        "a block", x, x * rng.gamma(4, 1, count), names=[str(n + 1) for n in range(count)]
    )
    return draw_log_scatter(
        [Panel("", [points], (Correlation("Spearman", Dot(0.62, 0.31, 0.7), count),))],
        Labels("Influence and loss", "block influence", "change in loss (nats a token)"),
    )


def last_step():
    steps = [
        LastStep(
            "target", Dot(17, 16, 18), Dot(17.4, 16.4, 18.2), Dot(12, 11, 13), Dot(98, 95, 101)
        ),
        LastStep("non-target", Dot(21, 20, 22), Dot(22, 21, 23), Dot(14, 13, 15), Dot(90, 86, 93)),
        LastStep("other tokens", Dot(19), Dot(12), Dot(16), Dot(8)),
    ]
    return draw_last_step(steps, "The last step, before and after the final norm")


def models(count: int = 4):
    sizes = [("gpt2", 12), ("gpt2-medium", 24), ("gpt2-large", 36), ("gpt2-xl", 48)][:count]
    return draw_profile(
        [relative(curve(name, n, 4.0 * i), n) for i, (name, n) in enumerate(sizes)],
        Labels("Rotation in four models", "relative depth (block / blocks)", "rotation (degrees)"),
    )


def model_differences():
    return draw_model_differences(
        [
            ("gpt2-medium − gpt2", Dot(-0.11, -0.2, -0.02)),
            ("gpt2-large − gpt2", Dot(-0.02, -0.12, 0.08)),
            ("gpt2-xl − gpt2", Dot(0.05, -0.04, 0.15)),
        ],
        Labels("Difference of correlations on the same tokens", "r (larger) − r (gpt2)"),
    )


def paths(axes: int = 2, states: int = 13, words: int = 54, groups: int = 3):
    rng = generator()
    walks = rng.normal(size=(groups, states, 3)).cumsum(axis=1)
    drawn = [
        Path(f"group {k}", walk, walk + rng.normal(0, 0.4, (words, states, 3)))
        for k, walk in enumerate(walks)
    ]
    old = Path("group 0 (earlier)", walks[0] + 1, old=True)
    labels = [f"PC{k + 1} (20 % of variance)" for k in range(axes)]
    walk = Path("one random walk", rng.normal(size=(states, 3)).cumsum(axis=0))
    return draw_paths([old, *drawn], "Paths through common axes", labels, walk=walk)


def scree(components: int = 10):
    k = np.arange(1, components + 1)
    walk = 6 / (np.pi * k) ** 2
    band = Band("random walks (5-95 %)", k, walk * 0.9, walk * 1.1, walk)
    twins = Band("untrained twins (range of 3 seeds)", k, walk * 0.5, walk * 0.6)
    limit = Curve("endless random walk", k, walk)
    panels = [
        Scree("the mean path", walk**0.8, [band, twins], limit),
        Scree("all words", walk * 0.7, [twins]),
    ]
    return draw_scree(panels, Labels("Share of variance", "component", "share (%)"))


KINDS: dict[str, Callable[[], object]] = {
    "profile": profile,
    "difference": difference,
    "angles": angles,
    "heatmap": heatmap,
    "scatter": scatter,
    "scatter_image": lambda: scatter(6000),
    "grid": grid,
    "last_step": last_step,
    "triangles": triangles,
    "named_points": named_points,
    "paths": paths,
    "paths_deep": lambda: paths(3),
    "scree": scree,
    "models": models,
    "model_differences": model_differences,
}
ODD_TOKENS = (
    "<|endoftext|>",
    "漢字",
    "😀",
    "",
    "\n\n",
    "\t",
    "\x00",
    "\ud800",
    "$x_1$",
    "a" * 80,
    "नमस्ते",
    "שלום",
    "<script>",
    "&amp;",
    "�",
)
EDGES: dict[str, Callable[[], object]] = {
    "paths_two_states": lambda: paths(2, 2, 1, 1),
    "paths_49_states": lambda: paths(2, 49, 300, 8),
    "paths_deep_many": lambda: paths(3, 49, 300, 8),
    "paths_nothing": lambda: draw_paths(
        [Path("no number", np.full((3, 2), np.nan))], "nothing", ["PC1", "PC2"]
    ),
    "scree_one": lambda: scree(1),
    "profile_one_layer": lambda: profile(1),
    "profile_48_layers": lambda: profile(48, 8),
    "profile_nothing": lambda: draw_profile([], Labels("empty", "block", "rotation (degrees)")),
    "profile_nan": lambda: draw_profile(
        [
            Curve("all NaN", [1, 2], [np.nan, np.nan], [np.nan] * 2, [np.nan] * 2),
            Curve("gap", [1, 2, 3, 4], [1, np.nan, 3, 4]),
        ],
        Labels("$gaps$ 漢 😀 " + "very long title " * 9, "block", "rotation (degrees)"),
    ),
    "difference_one_layer": lambda: draw_difference(
        Difference([1], [2.0], [1.0], [3.0], "1 passage"), Labels("one layer", "block", "degrees")
    ),
    "difference_48_layers": lambda: difference(48),
    "difference_nan": lambda: draw_difference(
        Difference([1, 2], [np.nan] * 2, [np.nan] * 2, [np.nan] * 2, "0 passages", [False, False]),
        Labels("none", "block", "degrees"),
    ),
    "difference_many_clusters": lambda: draw_difference(
        Difference(
            np.arange(1, 13),
            np.ones(12),
            np.zeros(12),
            np.full(12, 2.0),
            "9 passages",
            np.ones(12, bool),
            [Cluster(i, i, i / 10) for i in range(1, 8)],
        ),
        Labels("many clusters", "block", "degrees"),
    ),
    "angles_none": lambda: draw_angles([Angles("none", [])], Labels("none", "angle (degrees)")),
    "angles_one": lambda: draw_angles([Angles("one", [90.0])], Labels("one", "angle (degrees)")),
    "heatmap_one_token": lambda: heatmap((" her",), 1),
    "heatmap_odd_tokens": lambda: heatmap(ODD_TOKENS, 48),
    "heatmap_long": lambda: heatmap(tuple(SENTENCE) * 4, 24),
    "heatmap_only_sinks": lambda: draw_heatmap(
        HeatMap(["a", "b"], [1, 2], np.ones((2, 2)), sinks=(0, 1)), Labels("sinks", "block", "x")
    ),
    "scatter_one_point": lambda: draw_scatter(
        [Panel("one", [Points("a", [1.0], [2.0])])], Labels("one point", "x", "y")
    ),
    "scatter_only_sinks": lambda: draw_scatter(
        [Panel("sinks", [Points("sink", [1.0], [2.0], sink=True)])], Labels("sinks", "x", "y")
    ),
    "scatter_nothing": lambda: draw_scatter(
        [Panel("none", [Points("a", [], []), Points("b", [np.nan], [1.0])])],
        Labels("nothing", "x", "y"),
    ),
    "scatter_four_models": lambda: scatter(50, 4),
    "scatter_one_sided": lambda: scatter(50, 3),
    "grid_one": lambda: draw_grid(
        [GridEntry("a" * 60, "raw", "all", Dot(0.1))], Labels("one", "correlation r")
    ),
    "last_step_one": lambda: draw_last_step(
        [LastStep("only", Dot(float("nan")), Dot(1), Dot(0), Dot(2))], "one"
    ),
    "triangles_48_blocks": lambda: triangles(48),
    "triangle_one_block": lambda: draw_triangles(
        [Triangle("one", [1], [1], [0.3])], Labels("one block", "first block", "distance")
    ),
    "triangle_nan": lambda: draw_triangles(
        [Triangle("none", [1, 2, 1], [1, 1, 2], [np.nan] * 3)], Labels("none", "first", "distance")
    ),
    "named_points_one": lambda: named_points(1),
    "models_one": lambda: models(1),
    "models_of_one_block": lambda: draw_profile(
        [Curve("a", [1], [3.0]), Curve("b", [1], [4.0])], Labels("t", "depth", "y")
    ),
}
