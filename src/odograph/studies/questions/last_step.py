"""The last step under `stream` and `hf`, side by side: what of it is the final norm."""

from odograph.figures.drawing import later
from odograph.figures.last_step import LastStep, draw_last_step
from odograph.figures.marks import Dot
from odograph.folder.samples.last_steps import LastStepOfGroup, LastSteps, last_steps
from odograph.measures import MODEL_UNITS
from odograph.sentences.final_norm import with_norm, without_norm
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
    """The leading group's last step under both conventions; told once where there is no norm."""
    group = last.groups[0]
    means, sample = group.means, defaults.counted(group.n)
    stream, hf = (means[f"last_step_{convention}"] for convention in ("stream", "hf"))
    if not last.normed:
        interval = group.intervals["last_step_stream"]
        words = without_norm(group.name, means, interval, sample)
        return defaults.finding_of(words, stream, interval, unit=MODEL_UNITS, n=group.n)
    return defaults.finding_of(
        with_norm(group.name, means, group.ratio, sample),
        hf / stream,
        group.ratio,
        unit="1",
        n=group.n,
        null="1: the final norm changes nothing",
    )
