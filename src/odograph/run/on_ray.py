"""A run measured on a Ray cluster: each process is a rank, started again if lost.

Ray starts the processes, places them on nodes and GPUs, and starts those again whose node is gone;
what is measured travels through the run folder, as between ranks everywhere. Tasks and no actors:
a rank has no state but the folder's, and a task is retried on whatever node there is.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from torch.nn import Module

from odograph.errors import RunError, UsageError
from odograph.folder.plan import PLAN
from odograph.folder.progress import progress_of
from odograph.run.config import HERE, RunConfig
from odograph.run.execute import Job
from odograph.run.manifest import Manifest
from odograph.run.progress import Progress
from odograph.run.share import Share
from odograph.run.worker import Failure, failure_of, told
from odograph.terminal import tell

_LOOK = 1.0  # seconds between two looks at how far it is
#: How often a process is started again whose node or memory was lost.
_RETRIES = 3


def run_on_ray(model: "str | Path | Module", job: Job, out: Path) -> Manifest:
    """Measures a run on a Ray cluster and closes it; gives its manifest.

    Raises:
        UsageError: Ray is not installed, or what is measured cannot travel there.
        RunError: the cluster cannot be reached, a process failed again and again, or as `merge`.
        OdographError: what a rank met.
    """
    from odograph.run.merging import merge

    _check(model, job.config)
    with _cluster(job.config.on) as ray:
        _run(ray, job, out)
    return merge(out, job.command)


def _check(model: "str | Path | Module", config: RunConfig) -> None:
    """Nothing, if all of a run can be read by other processes.

    Raises:
        UsageError: it cannot.
    """
    if isinstance(model, Module):
        raise UsageError(
            "a model given as an object on a Ray cluster",
            expected="a hub id or a folder, from which each process loads it",
            remedy="Save it with model.save_pretrained(folder), its tokenizer too.",
        )
    if not config.texts or "-" in config.texts:
        raise UsageError(
            "texts that no other process can read, on a Ray cluster",
            expected="files in a folder that all nodes reach",
            remedy="Write the texts into a file.",
        )


@contextmanager
def _cluster(place: str) -> Iterator[ModuleType]:
    """A cluster that is joined, or a local one that is begun and ended.

    Raises:
        UsageError: Ray is not installed.
        RunError: there is no cluster at the address.
    """
    try:
        import ray
    except ImportError as error:
        raise UsageError(
            "Ray is not installed", remedy='Install it with `pip install "odograph[ray]"`.'
        ) from error
    joined = ray.is_initialized()
    if not joined:
        address = None if place == "ray" else place
        try:
            ray.init(
                address,
                log_to_driver=False,
                logging_level=logging.ERROR,
                include_dashboard=None if address else False,
            )
        except (ConnectionError, TimeoutError, ValueError, RuntimeError) as error:
            raise RunError(
                f"no Ray cluster at '{place}': {' '.join(str(error).split())[:200]}",
                remedy="Start one with `ray start --head`, or use --on ray for a local one.",
            ) from error
    try:
        yield ray
    finally:
        if not joined:
            ray.shutdown()


def _run(ray: ModuleType, job: Job, out: Path) -> None:
    """Runs a task for each rank until all have ended."""
    count, gpus = job.config.workers, job.config.gpus_per_worker
    task = ray.remote(max_retries=_RETRIES, num_cpus=1, num_gpus=gpus)(measure_as_task)
    options = job.config.model_dump(mode="json") | {"on": HERE, "workers": 1}
    where = str(out.absolute())
    waiting = {
        task.remote(options, where, number, count, os.getcwd(), job.command): number
        for number in range(count)
    }
    lost: list[str] = []
    try:
        with _ClusterBar(out, show=job.progress) as far:
            while waiting:
                done, _ = ray.wait(list(waiting), timeout=_LOOK)
                far.look()
                for reference in done:
                    _take(ray, reference, waiting.pop(reference), lost)
    except BaseException:
        for reference in waiting:
            with suppress(Exception):
                ray.cancel(reference, force=True)
        raise
    if len(lost) == count:
        raise RunError(
            f"all {count} processes on the cluster were lost: {lost[-1]}",
            remedy="What was finished is whole: give the same command with --resume.",
        )


def _take(ray: ModuleType, reference: Any, number: int, lost: list[str]) -> None:
    """What a rank came to: nothing where it is done or lost, as others do what it has left.

    Raises:
        OdographError: what it met.
    """
    try:
        failure: Failure | None = ray.get(reference)
    except ray.exceptions.RayError as error:
        lost.append(" ".join(str(error).split())[:200])
        tell(f"process {number} on the cluster is lost; the others do what it has left")
        return
    if failure is not None:
        raise failure_of(number, failure)


def measure_as_task(
    options: dict[str, Any], out: str, rank: int, of: int, folder: str, command: str
) -> Failure | None:
    """The work of one rank, in a process of the cluster; gives the error that it met.

    Args:
        options: of the run.
        out: the run folder.
        rank: which rank it is.
        of: how many there are.
        folder: where names of files are relative to.
        command: what the manifest says.
    """
    from odograph.run.options import make_config
    from odograph.run.ranks import measure_share

    with suppress(OSError):  # on a node without that folder names must be whole
        os.chdir(folder)
    try:
        # Ray shows each process its own GPUs alone.
        share = Share(rank, of, 0)
        measure_share(make_config(options), Path(out), share, command=command, progress=False)
    except Exception as error:
        return told(error)
    return None


class _ClusterBar:
    """A bar of all ranks together, from the receipts in the run folder."""

    def __init__(self, out: Path, *, show: bool) -> None:
        self._out, self._show, self._tokens = out, show, 0
        self._bar: Progress | None = None

    def look(self) -> None:
        """Reads how far it is."""
        if not self._show or not (self._out / PLAN).is_file():
            return
        done, every = progress_of(self._out)["tokens"]
        if self._bar is None:
            self._bar = Progress("on the cluster", every, show=True)
            self._bar.__enter__()
        self._bar.advance(done - self._tokens)
        self._tokens = done

    def __enter__(self) -> "_ClusterBar":
        return self

    def __exit__(self, *error: Any) -> None:
        if self._bar is not None:
            self._bar.__exit__(*error)
