"""`odograph slurm`: the job file of a run that many ranks measure."""

import shlex
from typing import Annotated

import typer

from odograph.cli.measure import GO_ON_LATER
from odograph.errors import UsageError
from odograph.terminal import show

#: Slurm sends SIGTERM so long before it ends a job: a shard is written in less.
_WARNING = 120


def slurm(
    invocation: typer.Context,
    ranks: Annotated[int, typer.Option("--ranks", metavar="N", min=1, help="How many ranks.")],
    gpus: Annotated[
        int, typer.Option("--gpus-per-rank", metavar="N", min=0, help="GPUs of each rank, 0 or 1.")
    ] = 0,
    cores: Annotated[
        int, typer.Option("--cores-per-rank", metavar="N", min=1, help="Cores of each rank.")
    ] = 4,
    time: Annotated[
        str, typer.Option("--time", metavar="HH:MM:SS", help="Longest time of the job.")
    ] = "04:00:00",
) -> None:
    """Print a Slurm job file: `odograph slurm --ranks 64 measure --model M --texts T --out RUN`.

    What stands behind the options is the command that every rank runs. The job is put in the queue
    again when it was ended before all was measured, and closes the run with `odograph merge`.
    """
    command = [*invocation.args]
    out = _out_of(command)
    show(
        f"""#!/bin/bash
#SBATCH --job-name=odograph
#SBATCH --ntasks={ranks}
#SBATCH --cpus-per-task={cores}{f"{chr(10)}#SBATCH --gpus-per-task={gpus}" if gpus else ""}
#SBATCH --time={time}
#SBATCH --requeue
#SBATCH --signal=TERM@{_WARNING}
#SBATCH --output=odograph-%j.log
#SBATCH --open-mode=append

srun --kill-on-bad-exit=0 odograph {shlex.join(command)} --rank auto
code=$?
if [ $code -eq {GO_ON_LATER} ]; then
    exec scontrol requeue "$SLURM_JOB_ID"
fi
[ $code -eq 0 ] && odograph merge {shlex.quote(out)}
"""
    )


def _out_of(command: list[str]) -> str:
    """The run folder that a command of `odograph measure` names.

    Raises:
        UsageError: it is no such command, or names none, or a rank.
    """
    expected = "odograph slurm --ranks N measure --model M --texts FILE --out RUN"
    if not command or command[0] != "measure":
        raise UsageError(
            "odograph slurm", expected=expected, given=shlex.join(command) or "no command"
        )
    if any(part.partition("=")[0] in ("--rank", "--of") for part in command):
        raise UsageError("--rank in the command", expected="the command without it: Slurm says it")
    for before, part in zip(command, [*command[1:], ""], strict=True):
        if before == "--out" and part:
            return part
        if before.startswith("--out="):
            return before.removeprefix("--out=")
    raise UsageError("the command has no --out", expected=expected)
