"""The last step under `stream` and `hf`, side by side: what of it is the final norm."""

from odograph.figures.drawing import later
from odograph.figures.last_step import LastStep, draw_last_step
from odograph.figures.marks import Dot
from odograph.folder.samples.last_steps import LastStepOfGroup, LastSteps, last_steps
from odograph.sentences.evidence import interval_words
from odograph.sentences.numbers import number
from odograph.sentences.record import Finding
from odograph.statistics.values import bounds
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.tidy import tidy


def last_step(asked: Quantity) -> Section:
    """The last step of those whose quantity leads, beside that of all tokens."""

    def section(analysis: Analysis) -> Answer:
        sample = analysis.sample(asked)
        last = last_steps(analysis.run, sample.groups is not None)
        title = "The last step under stream and hf"
        columns = tidy(last.columns(), n=0, excluded=sample.excluded, unit="")
        table = Table(f"{analysis.prefix}_last_step", title, columns)
        claim = Claim(last_step_finding(analysis.defaults(sample), last))
        return Answer([claim], [last_step_plot(last, analysis.prefix)], [table])

    return section


def last_step_plot(last: LastSteps, study: str) -> Plot:
    """The last step under both conventions, a row for each group."""
    title = "The last step before and after the final norm"
    return Plot(
        f"{study}_last_step",
        title,
        "Means with 95 % intervals (BCa). What lies between the two marks is made by "
        "the final norm, not by the last block.",
        "stream: the step without the norm",
        later(draw_last_step, [_last(group) for group in last.groups], title),
    )


def _last(group: LastStepOfGroup) -> LastStep:
    def dot(measure: str, convention: str) -> Dot:
        name = f"last_{measure}_{convention}"
        return Dot(group.means[name], *bounds(group.intervals[name]))

    return LastStep(
        group.name,
        dot("rotation", "stream"),
        dot("rotation", "hf"),
        dot("step", "stream"),
        dot("step", "hf"),
    )


def last_step_finding(defaults: FindingDefaults, last: LastSteps) -> Finding:
    """The leading group's last step under both conventions, and the norm's share of it."""
    group = last.groups[0]
    if not last.normed:
        return _without_norm(defaults, group)
    stream, hf = group.means["last_step_stream"], group.means["last_step_hf"]
    turned, turned_hf = group.means["last_rotation_stream"], group.means["last_rotation_hf"]
    share = (
        f"; without the norm it is {100 * (1 - stream / hf):.0f} % shorter" if hf > stream else ""
    )
    statement = (
        f"The last step of {group.name} is {number(stream)} model units long under stream and "
        f"{number(hf)} under hf, {number(hf / stream)} times as long "
        f"(of that ratio: {interval_words(group.ratio)}; "
        f"{defaults.counted(group.n)}; descriptive, no test){share}; "
        f"it turns by {number(turned)} degrees under stream and "
        f"{number(turned_hf)} under hf."
    )
    plain = (
        "The state that Hugging Face returns last has already been through the final norm; the "
        "length of the last step measured on it is not the length of what the last block adds."
    )
    return defaults.finding(
        statement,
        plain,
        hf / stream,
        group.ratio,
        unit="1",
        n=group.n,
        null="1: the final norm changes nothing",
        headline=f"Read after the final norm, the last step is {number(hf / stream)} times as long",
    )


def _without_norm(defaults: FindingDefaults, group: LastStepOfGroup) -> Finding:
    """The last step of a model that has no final norm, told once."""
    length, turned = group.means["last_step_stream"], group.means["last_rotation_stream"]
    interval = group.intervals["last_step_stream"]
    statement = (
        f"The last step of {group.name} is {number(length)} model units long and turns by "
        f"{number(turned)} degrees ({interval_words(interval, 'model units')}; "
        f"{defaults.counted(group.n)}; descriptive, no test). There is no "
        "final norm: hf is the same as stream."
    )
    plain = "No norm stands behind the last block: what Hugging Face returns last is its output."
    headline = f"The last step of {group.name} is {number(length)} model units long"
    return defaults.finding(
        statement, plain, length, interval, unit="model units", n=group.n, headline=headline
    )
