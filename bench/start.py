"""How long the commands take as a user runs them, each in a process of its own, imports included.

    python bench/start.py [--repeats 7] [--only NAME ...] [--demo] [--quick]

One JSON line for each command with its medians in seconds, on the clock and of processor time (user
and system, of the command and of the painters that it starts), and the goal for the clock on two
quiet cores. Where other work shares the machine, processor time is the one to compare, or the least
on the clock. The run that is analysed is measured before the clock starts.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

TEXTS = ("--model", "bundled", "--texts", "bundled:her", "--target", "her")


@dataclass(frozen=True)
class Timed:
    """A command, and the seconds that it may take; 0 for no goal."""

    name: str
    arguments: tuple[str, ...]
    goal: float = 0

    def line(self, times: list[tuple[float, float]]) -> dict[str, object]:
        """What is printed of (clock, processor) times; the second half is for `python -m bench`."""
        clock, processor = ([round(t, 2) for t in column] for column in zip(*times, strict=True))
        goal = f"under {self.goal:g}" if self.goal else ""
        return {
            "command": self.name,
            "seconds": round(median(clock), 2),
            "processor": round(median(processor), 2),
            "goal": goal,
            "what": f"odograph {self.name}",
            "value": round(median(clock), 2),
            "unit": "s",
            "rounds": len(times),
            "low": min(clock),
            "high": max(clock),
        }


def commands(run: Path, out: Path, *, demo: bool) -> list[Timed]:
    study = ("study", "rotation", *TEXTS, "--out", str(out / "study"), "--overwrite")
    timed = [
        Timed("--version", ("--version",)),
        Timed("analyse RUN rotation", ("analyse", str(run), "rotation"), 3),
        Timed("analyse RUN", ("analyse", str(run)), 3),
        Timed("study rotation --untrained 0", (*study, "--untrained", "0"), 15),
        Timed("study rotation", study, 15),
    ]
    return [*timed, Timed("demo", ("demo", "--out", str(out / "demo")))] if demo else timed


def once(arguments: tuple[str, ...]) -> tuple[float, float]:
    """Seconds on the clock and of processor time of one command that may use two threads."""
    before, began = _processor(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", "from odograph.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        env={"OMP_NUM_THREADS": "2", **os.environ},
        check=False,
    )
    took = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"odograph {' '.join(arguments)}: {done.stderr}")
    return took, _processor() - before


def _processor() -> float:
    """User and system seconds of all commands so far, and of the processes they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--only", nargs="*", help="names of the commands to time")
    parser.add_argument("--demo", action="store_true", help="the demonstration too")
    parser.add_argument("--quick", action="store_true", help="each once, to see that it works")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run, out = Path(folder) / "run", Path(folder)
        once(("measure", *TEXTS, "--untrained", "3", "--out", str(run)))
        for timed in commands(run, out, demo=given.demo):
            if not given.only or timed.name in given.only:
                times = [once(timed.arguments) for _ in range(1 if given.quick else given.repeats)]
                print(json.dumps(timed.line(times)), flush=True)


if __name__ == "__main__":
    main()
