"""A block chosen on the exploration half, and one test of its mean on the confirmation half."""

from dataclasses import dataclass

from odograph.sentences.record import Finding
from odograph.sentences.templates import (
    interval_words,
    number,
    p_words,
)
from odograph.statistics.leave_one_out import max_t_without
from odograph.studies.defaults import FindingDefaults, tested_as
from odograph.studies.selection import Floats
from odograph.studies.sensitivity import with_sensitivity
from odograph.studies.single_tests import single_estimate, single_test
from odograph.studies.split import largest_effect


@dataclass(frozen=True)
class Chosen:
    """What is measured in every block, the value it is tested against, and the passages' names."""

    measure: str
    null: float
    names: tuple[str, ...]


def confirmed_mean(
    defaults: FindingDefaults, values: Floats, explored: Floats, said: Chosen, *, seed: int
) -> Finding | None:
    """The block whose mean is farthest from `said.null` on the first half, tested on the second.

    Args:
        defaults: of the study.
        values: of the second half, [passages, L].
        explored: of the first, [passages, L].
        said: what is measured, and against what.
        seed: of the flips and draws.
    """
    index = largest_effect(explored - said.null)
    if index is None:
        return None
    column, against = values[:, index], number(said.null)
    estimate = single_estimate(column, defaults.unit, seed=seed)
    tested = single_test(column, seed=seed, null=said.null)
    statement = (
        f"In block {index + 1} {said.measure} is {number(estimate.value)}, against {against} "
        f"({interval_words(estimate.interval)}; {defaults.sample}; {p_words(tested)}). Block "
        f"{index + 1} was chosen on the first half, as the one farthest from {against} "
        f"in standard errors in its {len(explored)} passages; the numbers are those of the second."
    )
    plain = (
        "A block that was chosen because it stands out is tested on passages that had no part in "
        "the choice."
    )
    made = defaults.finding(
        statement,
        plain,
        estimate.value,
        estimate.interval,
        null=f"{against}: signs of the passages' differences from it are exchangeable",
        **tested_as(tested),
    )
    away = (column - said.null)[:, None]
    return with_sensitivity(made, lambda: max_t_without(away, seed=seed).of_p, said.names)
