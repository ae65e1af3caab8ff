"""The pictures of the decomposition study."""

import numpy as np

from odograph.figures.cosines import Counted, draw_cosines
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve, Reference, draw_profile
from odograph.figures.profiles import ProfilePanel, draw_profiles
from odograph.sentences.names import name_of_interval
from odograph.studies.curves import twin_bands
from odograph.studies.decomposition.measured import Measured, Profile, counts_of
from odograph.studies.decomposition.words import chance_words
from odograph.studies.phrases import over_passages, twin_null
from odograph.studies.random_order import random_order_bands, with_random_order
from odograph.studies.result import Plot
from odograph.studies.selection import Ints

_BLOCK = "block"
_COSINE = "cosine"


def plots(measured: Measured) -> list[Plot]:
    """All pictures that the run allows, the profile first."""
    return [_profile(measured), _histogram(measured), _with_state(measured)]


def _layers(measured: Measured) -> Ints:
    return np.arange(1, measured.run.blocks + 1)


def _curve(label: str, layers: Ints, profile: Profile) -> Curve:
    return Curve(label, layers, profile.mean.mean, profile.mean.low, profile.mean.high)


def _bands(profile: Profile, layers: Ints) -> list[Band]:
    """The untrained twins, and the same words in random order."""
    return [*twin_bands(profile.twins, layers), *random_order_bands(profile.shuffled, layers)]


def _null(measured: Measured, profile: Profile) -> str:
    return with_random_order(twin_null(measured.run), profile.shuffled)


def _interval(profile: Profile) -> str:
    """What the pale area is, in a caption."""
    if profile.mean.interval is None:
        return f"Mean {over_passages(profile.mean.n)}."
    over = "Mean over the tokens of one text" if profile.mean.n == 1 else "Mean"
    passages = "" if profile.mean.n == 1 else f" over {profile.mean.n} passages"
    ending = "; it describes this text alone" if profile.mean.n == 1 else ""
    return (
        f"{over}{passages} with its 95 % interval "
        f"({name_of_interval(profile.mean.interval)}{ending})."
    )


def _profile(measured: Measured) -> Plot:
    layers = _layers(measured)
    curves = [_curve("all tokens", layers, measured.update)]
    if measured.centred is not None:
        curves.append(_curve("drawn tokens, mean update taken out", layers, measured.centred))
    chance = np.full(len(layers), measured.chance)
    bands = _bands(measured.update, layers)
    bands.append(Band("chance: ±1/sqrt(width), one sd of a random pair", layers, -chance, chance))
    title = "Cosine between what attention and what the MLP add in each block"
    return Plot(
        "decomposition_profile",
        title,
        f"{_interval(measured.update)} Grey: the nulls, 5 to 95 % of their passages, and one "
        "standard deviation of the cosine of two random directions (95 % of such pairs lie "
        "within 1.96 of it; the mean of many tokens is no such pair).",
        f"{_null(measured, measured.update)}; {chance_words(measured)}",
        later(
            draw_profile,
            curves,
            Labels(title, _BLOCK, _COSINE),
            bands=bands,
            references=[Reference("0: at right angles", 0.0)],
        ),
    )


def _histogram(measured: Measured) -> Plot:
    samples = [Counted("all tokens", measured.counts.counts, measured.counts.mean)]
    if measured.drawn is not None:
        kinds = {
            "drawn tokens, mean update taken out": measured.drawn.centred,
            "attention of one drawn token, MLP of another": measured.drawn.mismatched,
        }
        for label, values in kinds.items():
            counts = counts_of(values)
            samples.append(Counted(label, counts.counts, counts.mean))
    title = "Cosine between what attention and what the MLP add, over tokens and blocks"
    return Plot(
        "decomposition_histogram",
        title,
        "Every token in every block counts once; sinks are left out. Tokens of one passage and "
        "blocks of one token are not independent: the picture describes, it tests nothing.",
        f"{chance_words(measured)}; attention and MLP of different tokens",
        later(draw_cosines, samples, Labels(title, _COSINE, "density"), chance=measured.chance),
        unit="tokens and blocks, descriptive",
    )


def _with_state(measured: Measured) -> Plot:
    layers = _layers(measured)
    parts = (("attention", measured.attention), ("MLP", measured.mlp))
    panels = [
        ProfilePanel(name, [_curve("mean over passages", layers, p)], _bands(p, layers))
        for name, p in parts
    ]
    title = "Cosine of each part's step with the state that it is added to"
    return Plot(
        "decomposition_state",
        title,
        f"{_interval(measured.attention)} Above 0 the step lengthens the state, below 0 it points "
        "partly back along it. Grey: the nulls, 5 to 95 % of their passages.",
        f"{_null(measured, measured.attention)}; 0: at right angles",
        later(
            draw_profiles,
            panels,
            Labels(title, _BLOCK, _COSINE),
            references=[Reference("0: at right angles", 0.0)],
        ),
    )
