"""Each part's step against the state that it is added to, and how exactly the parts add up."""

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Reference
from odograph.figures.profiles import ProfilePanel, draw_profiles
from odograph.sentences.english import capital
from odograph.sentences.nulls import in_order
from odograph.studies.claim import Claim
from odograph.studies.decomposition.cosines import (
    Profile,
    cosine_beside_twins,
    defaults_of,
    inside,
    interval_caption,
    null_of,
    outside_words,
    read_cosine,
    three,
)
from odograph.studies.parts import closure_of, closure_words
from odograph.studies.random_order import beside_random_order
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer


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
        beside_random_order(profile.shuffled, "", seed=analysis.run.seed) for _, profile in parts
    ]
    statement = f"{capital(said[0])}; {said[1]}.{in_order(orders)}"
    plain = (
        "A step with a positive cosine lengthens the vector it is added to, one with a negative "
        "cosine points partly back along it."
    )
    defaults = defaults_of(analysis)
    return Claim(defaults.finding(statement, plain, attention.value, attention.interval))


def _one_with_state(name: str, profile: Profile) -> str:
    by_layer = profile.mean.mean
    return (
        f"{name} step has a mean cosine of {three(profile.value)} "
        f"({inside(profile)}) with the state it is added to, from {three(float(by_layer.min()))} "
        f"in block {int(by_layer.argmin()) + 1} to {three(float(by_layer.max()))} in block "
        f"{int(by_layer.argmax()) + 1} ({cosine_beside_twins(profile.twins)}"
        f"{outside_words(profile)})"
    )


def closure(analysis: Analysis) -> Answer:
    """How exactly the parts add up."""
    found = closure_of(analysis.run)
    statement = f"{closure_words(found).removesuffix('.')} (n = 1 prompt)."
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
    return Plot(
        "decomposition_state",
        title,
        f"{interval_caption(attention)} Above 0 the step lengthens the state, below 0 it points "
        "partly back along it. Grey: the nulls, 5 to 95 % of their texts.",
        f"{null_of(analysis.run, attention)}; 0: at right angles",
        later(
            draw_profiles,
            panels,
            Labels(title, "block", "cosine"),
            references=[Reference("0: at right angles", 0.0)],
        ),
    )
