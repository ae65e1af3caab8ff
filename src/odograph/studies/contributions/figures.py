"""The pictures of the contributions study."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.heatmaps import MapPanel, MapTokens, draw_heatmaps
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve, Reference, draw_profile
from odograph.figures.profiles import ProfilePanel, draw_profiles
from odograph.statistics.correlations.coefficients import METHODS
from odograph.statistics.correlations.sums import ShuffledTies
from odograph.statistics.intervals import band
from odograph.studies.contributions.measured import Measured, Profile, Ties, first_passage
from odograph.studies.contributions.tokens import PARTS
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.phrases import over_passages, passages_counted, twin_null
from odograph.studies.random_order import random_order_bands, with_random_order
from odograph.studies.result import Plot
from odograph.studies.selection import Floats, Ints

_BLOCK = "block"
_TWINS = "untrained twins"
_SHUFFLED = "same words in random order"


def plots(measured: Measured) -> list[Plot]:
    """All pictures that the run allows, the maps first."""
    found = [_maps(measured)]
    if measured.ties is not None:
        found += [_correlations(measured, measured.ties, i) for i in range(len(METHODS))]
        found.append(_beyond(measured, measured.ties))
    return [*found, _shares(measured), _sizes(measured)]


def _layers(measured: Measured) -> Ints:
    return np.arange(1, measured.run.blocks + 1)


def _maps(measured: Measured) -> Plot:
    name, lengths, tokens, sinks = first_passage(measured.run)
    titles = {
        "attention": "|a|: what attention adds",
        "mlp": "|m|: what the MLP adds",
        "whole": "|a + m|: the whole step",
    }
    title = f"Length of each part's step and of the whole, {name}"
    return Plot(
        "contributions_maps",
        title,
        f"One passage of {len(tokens)} tokens, descriptive. One logarithmic colour scale for all "
        "three; it ends at 1 and 99 % of the values without position 0 and sinks (triangles), "
        "which are drawn in their place and may lie beyond its ends.",
        "none: a single passage; the profiles show the nulls",
        later(
            draw_heatmaps,
            [MapPanel(titles[part], values) for part, values in lengths.items()],
            _layers(measured),
            MapTokens(tokens, sinks),
            Labels(title, "position" if len(tokens) > 40 else "token", _BLOCK),
        ),
        unit="one passage, descriptive",
    )


def _correlations(measured: Measured, ties: Ties, method: int) -> Plot:
    name = METHODS[method].capitalize()
    panels = [_panel(measured, ties, method, part) for part in range(len(PARTS))]
    title = f"Correlation ({name}) of each part's length with that of the whole step"
    over = (
        "Inside one text with a moving-block bootstrap interval, which describes that text alone"
        if ties.without.passages == 1
        else f"Means over {passages_counted(ties.without.passages)} of the correlation in each "
        f"of them, with 95 % intervals ({ties.without.interval})"
    )
    return Plot(
        f"contributions_{METHODS[method]}",
        title,
        f"{over}. Arithmetic: a part is correlated with a sum that it is in; there the cosines of "
        "the two parts, or the lengths of attention as well, are dealt out anew among the tokens "
        "(5 to 95 % of the draws). Grey: the other nulls, 5 to 95 % of their passages.",
        f"{_null(measured)}; cosines dealt out anew ({ties.cosines.draws} draws)",
        later(
            draw_profiles,
            panels,
            Labels(title, _BLOCK, f"{name} correlation"),
            references=[Reference("0: no correlation", 0.0)],
        ),
    )


def _panel(measured: Measured, ties: Ties, method: int, part: int) -> ProfilePanel:
    layers, rows = _layers(measured), _rows(measured, part)
    without, first = ties.without, ties.with_first
    curves = [
        Curve(
            "without position 0 and sinks",
            layers,
            without.r[method, rows],
            without.low[method, rows],
            without.high[method, rows],
        ),
        Curve("with them", layers, first.r[method, rows]),
        _arithmetic("arithmetic: cosines dealt out anew", layers, ties.cosines, method, rows),
        _arithmetic("arithmetic: lengths dealt out as well", layers, ties.pairs, method, rows),
    ]
    given = {_TWINS: ties.twins, _SHUFFLED: ties.shuffled}
    bands = [
        _band(label, values[:, :, method, rows], layers)
        for label, values in given.items()
        if values is not None
    ]
    return ProfilePanel(PARTS[part], curves, bands)


def _arithmetic(
    label: str, layers: Ints, shuffled: ShuffledTies, method: int, rows: slice
) -> Curve:
    """What is arithmetic of a part's ties, 5 to 95 % of the draws."""
    low, mean, high = (v[method, rows] for v in (shuffled.low, shuffled.mean, shuffled.high))
    return Curve(label, layers, mean, low, high)


def _rows(measured: Measured, part: int) -> slice:
    """The rows of a part among those of all ties."""
    return slice(part * measured.run.blocks, (part + 1) * measured.run.blocks)


def _null(measured: Measured) -> str:
    """Twins and random order, as the captions of all figures have them."""
    return with_random_order(twin_null(measured.run), measured.share.shuffled)


def _band(label: str, values: Floats, layers: Ints) -> Band:
    """5-95 % of a null's passages: [runs, passages, L]; those without a number are left out."""
    low, high = band(values.reshape(-1, values.shape[-1]))
    return Band(label, layers, low, high, np.nanmean(values, axis=(0, 1)))


def _beyond(measured: Measured, ties: Ties) -> Plot:
    """Spearman, which leads: what of each tie is not arithmetic."""
    panels = [_beyond_panel(measured, ties, part) for part in range(len(PARTS))]
    mean = ties.beyond
    title = "What of each part's tie with the whole step is not arithmetic (Spearman)"
    interval = "" if mean.n == 1 else f" Intervals: 95 %, {mean.interval}."
    return Plot(
        "contributions_beyond",
        title,
        "Correlation minus its mean where the cosines of the two parts are dealt out anew among "
        "the tokens of a passage: what is left comes from which cosine goes with which lengths."
        f"{interval} Position 0 and sinks are left out.",
        f"{_null(measured)}; cosines dealt out anew ({ties.cosines.draws} draws)",
        later(
            draw_profiles,
            panels,
            Labels(title, _BLOCK, "difference of r"),
            references=[Reference("0: all of it is arithmetic", 0.0)],
        ),
    )


def _beyond_panel(measured: Measured, ties: Ties, part: int) -> ProfilePanel:
    layers, blocks, own = _layers(measured), measured.run.blocks, _rows(measured, part)
    # Spearman's rows are the second half.
    rows = slice((2 + part) * blocks, (3 + part) * blocks)
    mean, shuffled = ties.beyond, ties.cosines
    curve = Curve(
        "r minus what is arithmetic", layers, mean.mean[rows], mean.low[rows], mean.high[rows]
    )
    centre = shuffled.mean[1, own]
    low, high = shuffled.low[1, own] - centre, shuffled.high[1, own] - centre
    bands = [Band("cosines dealt out anew, 5 to 95 %", layers, low, high)]
    for label, values in ((_SHUFFLED, ties.shuffled_beyond), (_TWINS, ties.twins_beyond)):
        if values is not None:
            bands.insert(0, _band(label, values[:, :, 1, own], layers))
    return ProfilePanel(PARTS[part], [curve], bands)


def _profile_bands(profile: Profile, layers: Ints) -> list[Band]:
    return [*twin_bands(profile.twins, layers), *random_order_bands(profile.shuffled, layers)]


def _shares(measured: Measured) -> Plot:
    layers, share = _layers(measured), measured.share
    labels = Labels(
        "Each part's share of the squared length of the whole step", _BLOCK, "share of |a + m|²"
    )
    curves = [
        mean_curve("attention: (|a|² + a·m) / |a + m|²", layers, share.passages, measured.run.seed),
        mean_curve("MLP: 1 minus it", layers, 1 - share.passages, measured.run.seed),
    ]
    return Plot(
        "contributions_shares",
        labels.title,
        f"Sums over the tokens of a passage, mean {over_passages(measured.passages)}. The shares "
        "add up to 1; one lies below 0 where the other part is longer and points against it. Grey: "
        "attention's share in the nulls.",
        f"{_null(measured)}; one half each",
        later(
            draw_profile,
            curves,
            labels,
            bands=_profile_bands(share, layers),
            references=[Reference("one half", 0.5)],
        ),
    )


def _sizes(measured: Measured) -> Plot:
    layers = _layers(measured)
    panels = [
        ProfilePanel(
            part,
            [mean_curve("mean over passages", layers, profile.passages, measured.run.seed)],
            _profile_bands(profile, layers),
        )
        for part, profile in measured.sizes.items()
    ]
    labels = Labels(
        "Length of each part's step in units of the state before the block",
        _BLOCK,
        "length / |state before the block|",
    )
    return Plot(
        "contributions_sizes",
        labels.title,
        f"Mean {over_passages(measured.passages)}, on a logarithmic axis. "
        "Grey: the nulls, 5 to 95 % of their passages.",
        _null(measured),
        later(draw_profiles, panels, labels, log=True),
    )
