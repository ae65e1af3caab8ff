"""Which of several processes this one is, as it is told or as a scheduler says."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from odograph.errors import UsageError

AUTO = "auto"
_REMEDY = "Name them, for example --rank 0 --of 4."


@dataclass(frozen=True)
class Share:
    """One of several processes that measure a run together.

    Attributes:
        rank: which, from 0.
        of: how many there are.
        local: which of those on this computer, from 0: on several GPUs each takes its own.
    """

    rank: int
    of: int
    local: int = 0


def share_of(rank: str, of: int | None, environment: Mapping[str, str] = os.environ) -> Share:
    """The share that `--rank` and `--of` name; `auto` reads it off what a scheduler has set.

    torchrun (RANK, WORLD_SIZE), arrays of jobs and tasks of Slurm (both together, too), and
    Kubernetes (JOB_COMPLETION_INDEX, with --of).

    Raises:
        UsageError: it is no share, or nothing says which.
    """
    if rank != AUTO:
        share = Share(_number("--rank", rank), 0 if of is None else of)
    else:
        found, count = _scheduled(environment)
        share = Share(found, count if of is None else of)
    if of is None and share.of == 0:
        raise UsageError(
            f"--rank {rank} without --of", expected="how many ranks there are", remedy=_REMEDY
        )
    if not 0 <= share.rank < share.of:
        raise UsageError(
            f"rank {share.rank} of {share.of}",
            expected=f"a rank from 0 to {share.of - 1}" if share.of > 0 else "one rank or more",
            remedy=_REMEDY,
        )
    return Share(share.rank, share.of, _local(environment, share.rank))


def _scheduled(environment: Mapping[str, str]) -> tuple[int, int]:
    """Rank and count as a scheduler has set them; 0 for a count that none says."""
    if "RANK" in environment and "WORLD_SIZE" in environment:
        return _of(environment, "RANK"), _of(environment, "WORLD_SIZE")
    if "JOB_COMPLETION_INDEX" in environment:
        return _of(environment, "JOB_COMPLETION_INDEX"), 0
    rank, count = 0, 1
    known = False
    if "SLURM_PROCID" in environment:
        rank, count = _of(environment, "SLURM_PROCID"), _of(environment, "SLURM_NTASKS")
        known = True
    if "SLURM_ARRAY_TASK_ID" in environment:
        first = _of(environment, "SLURM_ARRAY_TASK_MIN")
        jobs = _of(environment, "SLURM_ARRAY_TASK_COUNT")
        rank += count * (_of(environment, "SLURM_ARRAY_TASK_ID") - first)
        count *= jobs
        known = True
    if not known:
        raise UsageError(
            "--rank auto, and no scheduler says which rank this is",
            expected="the variables of Slurm, torchrun or Kubernetes",
            remedy=_REMEDY,
        )
    return rank, count


def _local(environment: Mapping[str, str], rank: int) -> int:
    for name in ("LOCAL_RANK", "SLURM_LOCALID"):
        if name in environment:
            return _of(environment, name)
    return rank


def _of(environment: Mapping[str, str], name: str) -> int:
    return _number(name, environment.get(name, ""))


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise UsageError(
            f"{name} is no whole number", expected="0, 1, 2, ...", given=repr(text), remedy=_REMEDY
        )
    return int(text)
