"""The last step under `stream` and `hf`, side by side: what of it is the final norm."""

from dataclasses import dataclass

from odograph.figures.drawing import later
from odograph.figures.last_step import LastStep, draw_last_step
from odograph.figures.marks import Dot
from odograph.folder.run import Run
from odograph.folder.selection import passage_means, with_a_pair
from odograph.folder.target_pairs import target_words
from odograph.sentences.evidence import interval_words
from odograph.sentences.numbers import number
from odograph.sentences.record import Finding
from odograph.statistics.intervals import mean_interval, ratio_interval
from odograph.statistics.values import Interval, bounds
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.tidy import Columns, stacked, tidy

CONVENTIONS = ("stream", "hf")
MEASURES = ("rotation", "step", "norm")
_COLUMNS = tuple(f"last_{m}_{c}" for c in CONVENTIONS for m in MEASURES)


@dataclass(frozen=True)
class Group:
    """One group's last step: means and intervals over passages, name of the column to value.

    `ratio` is the interval of the ratio of the mean lengths, hf over stream.
    """

    name: str
    n: int
    means: dict[str, float]
    intervals: dict[str, Interval | None]
    ratio: Interval | None


@dataclass(frozen=True)
class LastSteps:
    """The last step of each group."""

    groups: tuple[Group, ...]

    @property
    def normed(self) -> bool:
        """Whether the two conventions differ: without a final norm hf is stream."""
        return any(
            group.means[f"last_{measure}_stream"] != group.means[f"last_{measure}_hf"]
            for group in self.groups
            for measure in MEASURES
        )

    def columns(self, excluded: int) -> Columns:
        """Tidy: one row a group, convention and measure."""
        parts = [
            {
                "group": [group.name],
                "convention": [convention],
                "measure": [measure],
                "n": [group.n],
                "mean": [group.means[name]],
                "low": [bounds(group.intervals[name])[0]],
                "high": [bounds(group.intervals[name])[1]],
                "unit": ["degrees" if measure == "rotation" else "model units"],
            }
            for group in self.groups
            for convention in CONVENTIONS
            for measure in MEASURES
            for name in [f"last_{measure}_{convention}"]
        ]
        return tidy(stacked(parts), n=0, excluded=excluded, unit="")


def last_steps(run: Run, with_targets: bool) -> LastSteps:
    """The last step of targets, the tokens before them and all tokens; the first group leads."""
    groups = [("all tokens", "true")]
    if with_targets:
        groups = [
            (target_words(run), with_a_pair(run, "target")),
            ("the token before it", with_a_pair(run, "non-target")),
            *groups,
        ]
    seed = run.seed
    return LastSteps(tuple(_group(run, name, where, seed) for name, where in groups))


def _group(run: Run, name: str, where: str, seed: int) -> Group:
    means = passage_means(run, _COLUMNS, where)
    return Group(
        name=name,
        n=len(means[_COLUMNS[0]]),
        means={c: float(v.mean()) for c, v in means.items()},
        intervals={c: mean_interval(v, seed=seed) for c, v in means.items()},
        ratio=ratio_interval(means["last_step_hf"], means["last_step_stream"], seed=seed),
    )


def last_step(asked: Quantity) -> Section:
    """The last step of those whose quantity leads, beside that of all tokens."""

    def section(analysis: Analysis) -> Answer:
        sample = analysis.sample(asked)
        last = last_steps(analysis.run, sample.groups is not None)
        title = "The last step under stream and hf"
        table = Table(f"{analysis.prefix}_last_step", title, last.columns(sample.excluded))
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


def _last(group: Group) -> LastStep:
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


def _without_norm(defaults: FindingDefaults, group: Group) -> Finding:
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
