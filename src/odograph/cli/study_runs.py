"""The runs of `odograph study`: one a model, measured, with the study's results in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from odograph.cli.minus import MINUS, Together
from odograph.cli.preconditions import check_parts
from odograph.cli.series import asked_names
from odograph.cli.spinner import studying
from odograph.errors import OdographError

if TYPE_CHECKING:
    from odograph.folder.run import Run
    from odograph.folder.series import Axis
    from odograph.run.config import RunConfig
    from odograph.run.measure import Order
    from odograph.run.measured_twins import MeasuredTwins
    from odograph.studies.study import Study


@dataclass(frozen=True)
class Job:
    """How the runs are made, whatever the model."""

    study: "Study"
    command: str
    resume: bool
    overwrite: bool
    progress: bool
    axis: "Axis | None" = None
    allow_same: bool = False
    together: Together | None = None

    @cached_property
    def measured_twins(self) -> "MeasuredTwins":
        """The untrained twins that were measured for the models before."""
        from odograph.run.measured_twins import MeasuredTwins

        return MeasuredTwins()

    @property
    def compared(self) -> list[str]:
        """The studies that look at both models together."""
        own = [self.study.name] if self.study.compare is not None else []
        return own if self.together is None else [*own, MINUS]


def order_of(config: "RunConfig", out: Path, job: Job) -> "Order":
    """The run of one model, before it is measured."""
    from odograph.run.measure import Order

    return Order(
        config,
        out,
        job.command,
        resume=job.resume,
        overwrite=job.overwrite,
        progress=job.progress,
        accept=lambda loaded: check_parts(job.study, loaded),
        measured_twins=job.measured_twins,
    )


def orders_of(configs: "Sequence[RunConfig]", out: Path, job: Job) -> "list[Order]":
    """The runs of several models, each in a folder of its own, read without the same outliers."""
    from odograph.run.common_outliers import with_common_outliers
    from odograph.run.manifest import folder_names

    names = folder_names(asked_names(configs))
    return with_common_outliers(
        [order_of(one, out / name, job) for one, name in zip(configs, names, strict=True)]
    )


def measured_run(order: "Order", job: Job) -> "Run":
    """The run of one model, with the study's results in it."""
    from odograph.run.measure import measure_order

    return _analysed(measure_order(order), job)


def both_runs(configs: "Sequence[RunConfig]", out: Path, job: Job) -> "list[Run]":
    """The runs of a base and a model, with the study's results in them.

    Raises:
        ModelError: one cannot be taken from the other; before anything is measured.
    """
    from odograph.run.config import HERE
    from odograph.run.measure import measure_both
    from odograph.run.two_models import refuse_unlike

    base, model = configs
    refuse_unlike(base, model)
    orders = orders_of(configs, out, job)
    if base.on != HERE:
        return [measured_run(order, job) for order in orders]
    return [_analysed(run, job) for run in measure_both(*orders)]


def _analysed(run: "Run", job: Job) -> "Run":
    from odograph.figures.painters import spare
    from odograph.studies import analyse

    if job.study.reads != "run":
        return run
    with studying([job.study.name], show=job.progress) as answered:
        return analyse(run, [job.study.name], painters=spare(), answered=answered)


def each_run(
    configs: "Sequence[RunConfig]", out: Path, job: Job
) -> "tuple[list[Run], list[int], list[str]]":
    """The runs, of which model each is, and what went wrong with the others."""
    runs: list[Run] = []
    places: list[int] = []
    failed: list[str] = []
    for place, order in enumerate(orders_of(configs, out, job)):
        try:
            runs.append(measured_run(order, job))
            places.append(place)
        except OdographError as error:
            failed.append(f"{order.config.model}: {error}")
    return runs, places, failed
