"""Cosines of what the parts add: how they are read and said, and each part against its state."""

import math
from functools import partial

from odograph.figures.marks import Labels
from odograph.figures.profiles import ProfilePanel
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null
from odograph.folder.samples.closure import closure_of
from odograph.folder.samples.nulls import beside_random_order
from odograph.folder.samples.part_lengths import step_values
from odograph.folder.selection import profile_means
from odograph.sentences.english import capital, counted
from odograph.sentences.evidence import interval_words
from odograph.sentences.nulls import beside_twins, in_order
from odograph.sentences.numbers import cosine
from odograph.studies.claim import Claim
from odograph.studies.curves import profiles_plot
from odograph.studies.defaults import FindingDefaults
from odograph.studies.parts import closure_words
from odograph.studies.profile import Profile, interval_caption, outside_words, read_profile
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


def chance(run: Run) -> float:
    """One standard deviation of the cosine of two random directions: 1/sqrt(width)."""
    return 1 / math.sqrt(int(run.manifest["model"]["width"]))


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    null = f"{chance_words(analysis.run)}; {twin_null(analysis.run)}"
    return analysis.once(update).defaults(analysis, null)


def chance_words(run: Run) -> str:
    """What two random directions give."""
    width, sd = run.manifest["model"]["width"], chance(run)
    return (
        f"random directions in {width} dimensions: 0 ± {cosine(sd)} (one "
        "standard deviation of a pair, 1/sqrt(width); 95 % within ±"
        f"{cosine(1.96 * sd)})"
    )


def inside(profile: Profile) -> str:
    """Interval and n of a mean over all blocks, for a bracket."""
    count = counted(len(profile.passages), profile.unit)
    one = " of one text" if profile.mean.n == 1 else ""
    interval = interval_words(profile.interval, "cosine")
    return f"{interval}; {count}; descriptive{one}"


def with_state(analysis: Analysis) -> dict[str, Profile]:
    """The cosine of each part's step with the state before it, attention first."""
    names = ("attention_cosine", "mlp_cosine")
    return {name: read_cosine(analysis.run, name) for name in names}


def state_cosine(analysis: Analysis) -> Answer:
    """Each part against the state that it is added to."""
    return Answer([_claim(analysis)], [_plot(analysis)])


def _claim(analysis: Analysis) -> Claim:
    attention, mlp = analysis.once(with_state).values()
    parts = (("attention's", attention), ("the MLP's", mlp))
    said = [_one_with_state(name, profile) for name, profile in parts]
    orders = [
        beside_random_order(profile.nulls.shuffled, "", seed=analysis.run.seed)
        for _, profile in parts
    ]
    statement = f"{capital(said[0])}; {said[1]}.{in_order(orders)}"
    plain = (
        "A step with a positive cosine lengthens the vector it is added to, one with a negative "
        "cosine points partly back along it."
    )
    defaults = defaults_of(analysis)
    headline = (
        f"Attention's step stands at a mean cosine of {cosine(attention.value)} to the state it is "
        "added to"
    )
    finding = defaults.finding(
        statement, plain, attention.value, attention.interval, headline=headline
    )
    return Claim(finding)


def _one_with_state(name: str, profile: Profile) -> str:
    by_layer = profile.mean.mean
    return (
        f"{name} step has a mean cosine of {cosine(profile.value)} "
        f"({inside(profile)}) with the state it is added to, from {cosine(float(by_layer.min()))} "
        f"in block {int(by_layer.argmin()) + 1} to {cosine(float(by_layer.max()))} in block "
        f"{int(by_layer.argmax()) + 1} ({beside_twins(profile.nulls.twins, 'cosine')}"
        f"{outside_words(profile)})"
    )


def closure(analysis: Analysis) -> Answer:
    """How exactly the parts add up."""
    found = closure_of(analysis.run)
    statement = closure_words(found)
    plain = (
        "What is called attention's and the MLP's step here is what each really adds: together "
        "they make the whole step of the block but for rounding."
    )
    finding = defaults_of(analysis).finding(
        statement,
        plain,
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
