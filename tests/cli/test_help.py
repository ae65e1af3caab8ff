"""The help is there at once and says everything, out of the config."""

import json
import resource
import subprocess
import sys

import pytest

from odograph.run.config import RunConfig
from odograph.studies import find
from odograph.studies.registry import BUILT_IN

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
    "verify",
    "figure",
    "show",
    "power",
    "merge",
    "progress",
    "slurm",
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
    shown = odograph("measure", "--help-all").out
    for name, field in RunConfig.model_fields.items():
        flag = field.json_schema_extra["flag"] or f"--{name.replace('_', '-')}"
        on = field.default is True
        assert f"--no-{flag[2:]}" in shown if on else f"{flag} " in shown, flag


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_is_one_screen(command, columns, odograph, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    ended = odograph(command, "--help")
    lines = ended.out.splitlines()
    assert ended.code == 0
    assert lines[0].startswith(f"Usage: odograph {command} ")
    assert len(lines) <= (42 if columns == 60 else 32)
    assert max(map(len, lines)) <= columns


@pytest.mark.parametrize("command", ["study", "measure", "look", "check"])
def test_what_the_first_help_leaves_out_is_counted_and_a_flag_away(command, odograph):
    first, every = odograph(command, "--help").out, odograph(command, "--help-all").out
    assert f"more: odograph {command} --help-all" in " ".join(first.split())
    assert "--dtype" not in first
    assert "  --dtype CHOICE" in every


def test_a_command_without_a_second_level_tells_every_option_with_its_default(odograph):
    shown = " ".join(odograph("power", "--help").out.split())
    assert "--help-all" not in shown
    assert "--layers N Layers tested together: the family. Default: 12." in shown


def test_all_options_stand_once_under_what_they_serve(odograph):
    first, every = odograph("study", "--help").out, odograph("study", "--help-all").out
    flags = [line.split()[0] for line in every.splitlines() if line.startswith("  --")]
    assert len(flags) == len(set(flags))
    assert all(line.split()[0] in flags for line in first.splitlines() if line.startswith("  --"))
    panels = {line[:-1] for line in every.splitlines() if line.endswith(":") and line[0] != " "}
    assert {"Model", "Words and tags", "Nulls and tests", "For one study", "Running"} <= panels
    assert "--no-csv-safe" in flags, "what is done by default is shown as what leaves it"


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_help_of_a_study_shows_what_it_takes_by_itself(name, odograph):
    study = find(name)
    shown = odograph("study", name, "--help").out
    assert " ".join(shown.split()).startswith(
        f"Usage: odograph study {name} --out DIR [options] {study.question}"
    )
    taken = shown[shown.index("unless you say otherwise:") :].split("\n\n")[0]
    assert "--untrained 8" in taken
    assert taken.count("\n  --") == len(study.needs)


def test_the_help_lists_the_studies(odograph):
    shown = " ".join(odograph("--help").out.split())
    assert f"Studies: {', '.join(BUILT_IN)}" in shown


def test_without_arguments_the_help_is_shown(odograph):
    ended = odograph()
    assert ended.code == 0
    assert all(name in ended.out for name in COMMANDS)


def test_version(odograph):
    from odograph import __version__

    assert odograph("--version").out == f"odograph {__version__}\n"


def test_the_command_is_a_module_too(odograph):
    asked = [sys.executable, "-m", "odograph", "--version"]
    assert subprocess.check_output(asked, text=True) == odograph("--version").out
