"""Cosines of drawn tokens with the layer's mean update in them, and what is left without it."""

import math

import numpy as np

from odograph.figures.cosines import Counted, draw_cosines
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.folder.histograms import histogram_source
from odograph.folder.requirements import require_rows
from odograph.folder.run import Run
from odograph.folder.samples.drawn_parts import Drawn, drawn_parts
from odograph.folder.samples.nulls import NO_NULLS, Nulls
from odograph.folder.samples.part_lengths import cosine_counts
from odograph.folder.selection import Floats
from odograph.sentences.nulls import beside_twins
from odograph.sentences.numbers import cosine
from odograph.studies.claim import Claim
from odograph.studies.decomposition.cosines import (
    chance,
    chance_words,
    defaults_of,
    inside,
)
from odograph.studies.profile import Profile, outside_words, profile_of
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer

#: Bins of the histogram between -1 and 1, each of them four that a run keeps.
BINS = 64


def drawn_tokens(analysis: Analysis) -> Drawn | None:
    """The tokens of which vectors of parts were kept; None for none."""
    return drawn_parts(analysis.run)


def mean_update(analysis: Analysis) -> Answer:
    """The cosine without the mean update, and the histogram over tokens and blocks."""
    drawn, centred = analysis.once(drawn_tokens), analysis.once(without_mean_update)
    plots = [_histogram(analysis.run, drawn)]
    if drawn is None or centred is None:
        return Answer(plots=plots, notes=["No vectors of parts were kept; --parts 400 keeps them."])
    notes = [
        f"Mean updates are those of {drawn.means_of}; cosines without them are of {drawn.tokens} "
        "drawn tokens."
    ]
    if analysis.run.shuffled:
        notes.append(
            "No vectors of parts are kept in random order: it has no cosines without them."
        )
    return Answer([_claim(analysis, drawn, centred)], plots, notes=notes)


def without_mean_update(analysis: Analysis) -> Profile | None:
    """The cosine without the layer's mean update; None where no vectors of parts were kept."""
    run, drawn = analysis.run, analysis.once(drawn_tokens)
    if drawn is None:
        return None
    values = require_rows(drawn.by_document(drawn.centred), "drawn token")
    tokens = drawn.centred if len(values) == 1 else None
    twins = [found for found in (drawn_parts(twin) for twin in run.untrained) if found is not None]
    profiles = [twin.by_document(twin.centred) for twin in twins]
    whole = len({len(p) for p in profiles}) == 1
    every = len(np.unique(drawn.document))
    nulls = Nulls(np.stack(profiles), values) if profiles and whole else NO_NULLS
    return profile_of(run, values, tokens, nulls, every - len(values))


def all_counts(run: Run) -> Counted:
    """The histogram of update_cosine over all usable tokens and layers, counted in the database."""
    return Counted("all tokens", *cosine_counts(run, BINS))


def _counts(label: str, values: Floats) -> Counted:
    """The same histogram of values at hand; what is not a number is left out."""
    finite = values[np.isfinite(values)]
    counts, _ = np.histogram(np.clip(finite, -1, 1), np.linspace(-1, 1, BINS + 1))
    return Counted(label, counts, float(finite.mean()) if len(finite) else math.nan)


def _claim(analysis: Analysis, drawn: Drawn, centred: Profile) -> Claim:
    """What is left of the cosine once the layer's mean update is taken out."""
    raw, other = (
        float(drawn.by_document(values).mean()) for values in (drawn.raw, drawn.mismatched)
    )
    shares = {name: 100 * float(np.nanmean(share)) for name, share in drawn.shared.items()}
    statement = (
        f"Without the layer's mean update (that of {drawn.means_of}) the mean cosine of "
        f"{drawn.tokens} drawn tokens is {cosine(centred.value)} "
        f"({inside(centred)}); with it, at the same tokens, {cosine(raw)}, and between "
        f"attention's step of one token and the MLP's of another {cosine(other)}. The mean "
        f"update makes {shares['attention']:.0f} % of attention's squared length and "
        f"{shares['mlp']:.0f} % of the MLP's, averaged over the blocks. Without the mean, "
        f"{beside_twins(centred.nulls.twins, 'cosine')}{outside_words(centred)}."
    )
    plain = (
        "A part of what is added is the same at every token. Only what is left without it is about "
        "the token at hand."
    )
    finding = defaults_of(analysis).finding(
        statement,
        plain,
        centred.value,
        centred.interval,
        headline="Without the layer's mean update, the two parts push at a mean cosine of "
        f"{cosine(centred.value)}",
        n=len(centred.passages),
        excluded=centred.excluded,
    )
    return Claim(finding)


def _histogram(run: Run, drawn: Drawn | None) -> Plot:
    samples = [all_counts(run)]
    if drawn is not None:
        samples.append(_counts("drawn tokens, mean update taken out", drawn.centred))
        samples.append(_counts("attention of one drawn token, MLP of another", drawn.mismatched))
    title = "Cosine between what attention and what the MLP add, over tokens and blocks"
    return Plot(
        "decomposition_histogram",
        title,
        f"Every token in every block counts once{histogram_source(run, 'update_cosine')}; sinks "
        "are left out. Tokens of one passage and blocks of one token are not independent: the "
        "picture describes, it tests nothing.",
        f"{chance_words(run)}; attention and MLP of different tokens",
        later(draw_cosines, samples, Labels(title, "cosine", "density"), chance=chance(run)),
        unit="tokens and blocks, descriptive",
    )
