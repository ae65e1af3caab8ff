"""Scripts that time whole commands and the writing of tables: their JSON lines as rows."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from bench.peaks import ROOT
from bench.rounds import Scale, say
from bench.rows import Row, row


def writing(scale: Scale) -> Iterator[Row]:
    """Speed of writing `layers`, MB of the table in memory a second."""
    wanted = 100_000 if scale.quick else 10_000_000
    found = [_lines("writing", "--rows", str(wanted))[0] for _ in range(scale.rounds(3))]
    where = ("writing", f"{wanted} rows of `layers`")
    yield row(where, "from measures to a synced file", [f["MB/s"] for f in found], "MB/s",
              "at least 100")  # fmt: skip
    yield row(where, "on disk", [f["MB_on_disk/s"] for f in found], "MB/s")


def start(scale: Scale) -> Iterator[Row]:
    """Whole commands, import and figures included; low and high are the least and the most."""
    options = ("--quick",) if scale.quick else ("--repeats", str(scale.rounds(3)))
    for line in _lines("start", *options):
        numbers = (line[name] for name in ("value", "unit", "rounds", "low", "high", "goal"))
        yield Row("start", "bundled model, 54 sentences", f"`{line['what']}`", *numbers)


def _lines(script: str, *options: str) -> Sequence[dict[str, Any]]:
    """What bench/SCRIPT.py prints; nothing where there is no such script."""
    path = ROOT / "bench" / f"{script}.py"
    if not path.is_file():
        say(f"  no {path.name}")
        return []
    command = [sys.executable, str(path), *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
