"""The help is there at once and says everything, out of the config."""

import json
import resource
import subprocess
import sys

import pytest

from odograph.run.config import RunConfig

COMMANDS = (
    "demo",
    "study",
    "measure",
    "analyse",
    "compare",
    "report",
    "explore",
    "look",
    "check",
    "sql",
    "power",
)
HEAVY = ("torch", "transformers", "numpy", "scipy", "pyarrow", "duckdb", "matplotlib")
PROGRAM = f"""
import json, sys
from odograph.cli import run
code = run(sys.argv[1:])
loaded = [name for name in {HEAVY!r} if name in sys.modules]
print(json.dumps([code, loaded]), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_imports_nothing_heavy(arguments):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stderr) == [0, []]
    assert "--help" in done.stdout


def test_help_takes_less_than_half_a_second():
    def seconds() -> float:
        # Time of the processor, not of the clock: others may be at work on the machine.
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-c", PROGRAM, "study", "--help"], capture_output=True, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(3)) < 0.5


def test_every_option_of_the_config_is_a_flag_of_measure(odograph, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    shown = odograph("measure", "--help").out
    for name, field in RunConfig.model_fields.items():
        flag = field.json_schema_extra["flag"] or f"--{name.replace('_', '-')}"
        assert f"{flag} " in shown, flag


def test_without_arguments_the_help_is_shown(odograph):
    ended = odograph()
    assert ended.code == 0
    assert all(name in ended.out for name in COMMANDS)


def test_version(odograph):
    from odograph import __version__

    assert odograph("--version").out == f"odograph {__version__}\n"
