"""Cosines of what the parts add: with the state, of drawn tokens, without the mean update."""

import math
from functools import partial

import numpy as np

from odograph.figures.cosines import Counted, draw_cosines
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profiles import ProfilePanel
from odograph.folder.histograms import histogram_source
from odograph.folder.requirements import require_rows
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null
from odograph.folder.samples.closure import closure_of
from odograph.folder.samples.drawn_parts import Drawn, drawn_parts
from odograph.folder.samples.nulls import NO_NULLS, Nulls, beside_random_order
from odograph.folder.samples.part_lengths import cosine_counts, step_values
from odograph.folder.selection import Floats, profile_means
from odograph.sentences.cosines import (
    DrawnCosines,
    MeanCosine,
    along_the_state,
    chance_words,
    sd_of_chance,
    without_the_mean,
)
from odograph.studies.claim import Claim
from odograph.studies.curves import profiles_plot
from odograph.studies.defaults import FindingDefaults
from odograph.studies.parts import closure_words_of
from odograph.studies.profile import (
    Profile,
    interval_caption,
    profile_of,
    read_profile,
)
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer


def read_cosine(run: Run, measure: str) -> Profile:
    """A measured cosine in a run and all its nulls."""
    return read_profile(
        run, partial(profile_means, expression=measure), partial(step_values, measure=measure)
    )


def update(analysis: Analysis) -> Profile:
    """The cosine between the steps of attention and of the MLP."""
    return read_cosine(analysis.run, "update_cosine")


def width_of(run: Run) -> int:
    """How many dimensions a state has."""
    return int(run.manifest["model"]["width"])


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    null = f"{chance_words(width_of(analysis.run))}; {twin_null(analysis.run)}"
    return analysis.once(update).defaults(analysis, null)


def mean_cosine(profile: Profile) -> MeanCosine:
    """The profile as sentences tell it."""
    nulls = profile.nulls
    return MeanCosine(
        profile.value,
        profile.interval,
        profile.mean.mean,
        len(profile.passages),
        profile.unit,
        nulls.twins,
        nulls.over_seeds,
        beside_random_order(nulls.shuffled, "", seed=profile.seed),
    )


def with_state(analysis: Analysis) -> dict[str, Profile]:
    """The cosine of each part's step with the state before it, attention first."""
    names = ("attention_cosine", "mlp_cosine")
    return {name: read_cosine(analysis.run, name) for name in names}


def state_cosine(analysis: Analysis) -> Answer:
    """Each part against the state that it is added to."""
    return Answer([_claim(analysis)], [_plot(analysis)])


def _claim(analysis: Analysis) -> Claim:
    attention, mlp = analysis.once(with_state).values()
    words = along_the_state(mean_cosine(attention), mean_cosine(mlp))
    finding = defaults_of(analysis).finding_of(words, attention.value, attention.interval)
    return Claim(finding)


def closure(analysis: Analysis) -> Answer:
    """How exactly the parts add up."""
    found = closure_of(analysis.run)
    finding = defaults_of(analysis).finding_of(
        closure_words_of(found),
        found.error,
        n=1,
        unit_of_inference="prompt",
        excluded=0,
        test="none: a check against a tolerance",
        null=f"tolerance {found.tolerance:.0e}",
    )
    return Answer([Claim(finding)])


def _plot(analysis: Analysis) -> Plot:
    attention, mlp = analysis.once(with_state).values()
    parts = (("attention", attention), ("MLP", mlp))
    panels = [ProfilePanel(name, [p.curve("mean over texts")], p.bands) for name, p in parts]
    title = "Cosine of each part's step with the state that it is added to"
    return profiles_plot(
        "decomposition_state",
        Labels(title, "block", "cosine"),
        f"{interval_caption(attention)} Above 0 the step lengthens the state, below 0 it points "
        "partly back along it. Grey: the nulls, 5 to 95 % of their texts.",
        f"{attention.nulls.words(analysis.run)}; 0: at right angles",
        panels,
        "0: at right angles",
    )


#: Bins of the histogram between -1 and 1, each of them four that a run keeps.
BINS = 64


def mean_update(analysis: Analysis) -> Answer:
    """The cosine without the mean update, and the histogram over tokens and blocks."""
    drawn, centred = analysis.read(drawn_parts), analysis.once(without_mean_update)
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
    return Answer([_centred_claim(analysis, drawn, centred)], plots, notes=notes)


def without_mean_update(analysis: Analysis) -> Profile | None:
    """The cosine without the layer's mean update; None where no vectors of parts were kept."""
    run, drawn = analysis.run, analysis.read(drawn_parts)
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


def _centred_claim(analysis: Analysis, drawn: Drawn, centred: Profile) -> Claim:
    """What is left of the cosine once the layer's mean update is taken out."""
    raw, other = (
        float(drawn.by_document(values).mean()) for values in (drawn.raw, drawn.mismatched)
    )
    attention, mlp = (100 * float(np.nanmean(drawn.shared[part])) for part in ("attention", "mlp"))
    told = DrawnCosines(drawn.tokens, drawn.means_of, raw, other, (attention, mlp))
    finding = defaults_of(analysis).finding_of(
        without_the_mean(mean_cosine(centred), told),
        centred.value,
        centred.interval,
        n=len(centred.passages),
        excluded=centred.excluded,
    )
    return Claim(finding)


def _histogram(run: Run, drawn: Drawn | None) -> Plot:
    samples, width = [all_counts(run)], width_of(run)
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
        f"{chance_words(width)}; attention and MLP of different tokens",
        later(
            draw_cosines,
            samples,
            Labels(title, "cosine", "density"),
            chance=sd_of_chance(width_of(run)),
        ),
        unit="tokens and blocks, descriptive",
    )
