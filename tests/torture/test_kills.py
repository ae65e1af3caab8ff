"""Commands killed at random moments: afterwards everything opens or goes on to equal bytes.

20 rounds in every test run; `make torture` does 200 and prints the table of docs/promises.md.
"""

import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from tiny import TEXTS

import odograph
from odograph.cli import run as give
from odograph.errors import RunError
from odograph.folder.leftovers import leftovers
from odograph.folder.lock import LOCK

ROUNDS = int(os.environ.get("ODOGRAPH_TORTURE_ROUNDS", "20"))
COMMANDS = ("measure", "measure with workers", "analyse", "report")
#: Seconds for a command on a computer that is busy with other things.
_PATIENCE = 600
SIGNALS = ("SIGKILL", "SIGKILL", "SIGKILL", "SIGTERM", "SIGINT")

pytestmark = pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(),
    reason="processes are made from one that has loaded torch already; Windows has none",
)


def command(words: list[str]) -> None:
    """A process of its own that does a command."""
    from odograph.cli import main

    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where tests run in background
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silence, stream)
    sys.argv = ["odograph", *words]
    main()


@dataclass(frozen=True)
class Place:
    """Where all rounds write, so that paths in files are the same, and what they begin with."""

    run: Path
    model: Path
    texts: Path
    base: Path

    def words(self, name: str, *more: str) -> list[str]:
        """The words of a command."""
        if not name.startswith("measure"):
            return [name, str(self.run), *(["rotation"] if name == "analyse" else []), *more]
        workers = "2" if name.endswith("workers") else "1"
        asked = ["--model", self.model, "--texts", self.texts, "--target", "her", "--vectors", "4"]
        shape = ["--shard-tokens", "60", "--untrained", "1", "--shuffled", "1"]
        out = ["--workers", workers, "--out", self.run, "--quiet"]
        return ["measure", *map(str, [*asked, *shape, *out]), *more]

    def begin(self, name: str) -> None:
        """The folder as it is before the command."""
        shutil.rmtree(self.run, ignore_errors=True)
        if not name.startswith("measure"):
            shutil.copytree(self.base, self.run)

    def contents(self) -> dict[str, bytes]:
        """All files but for what differs by nature: time and command in manifests."""
        found = {}
        for path in sorted(self.run.rglob("*")):
            if path.is_file():
                found[path.relative_to(self.run).as_posix()] = path.read_bytes()
        for name in [name for name in found if name.endswith("manifest.json")]:
            record = json.loads(found[name])
            for key in ("time", "command", "skips"):
                record.pop(key, None)
            record["config"].pop("workers")
            found[name] = json.dumps(record, sort_keys=True).encode()
        return found


@pytest.fixture(scope="module")
def place(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("torture")
    texts = folder / "texts.txt"
    texts.write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    made = Place(folder / "run", gpt2_folder, texts, folder / "base")
    assert give(made.words("measure")) == 0
    shutil.copytree(made.run, made.base)
    assert give(made.words("analyse")) == 0
    shutil.rmtree(made.base)
    shutil.copytree(made.run, made.base)
    return made


@dataclass(frozen=True)
class Undisturbed:
    """What a command gives if nobody disturbs it, and in how many seconds."""

    contents: dict[str, bytes]
    seconds: float


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["odograph.cli", "odograph.run.measure", "odograph.studies"])
    return context


@pytest.fixture(scope="module")
def undisturbed(
    place: Place, processes: multiprocessing.context.ForkServerContext
) -> dict[str, Undisturbed]:
    found = {}
    for name in COMMANDS:
        place.begin(name)
        process = processes.Process(target=command, args=(place.words(name),))
        begun = time.monotonic()
        process.start()
        process.join(_PATIENCE)
        assert process.exitcode == 0, name
        found[name] = Undisturbed(place.contents(), time.monotonic() - begun)
    return found


TABLE: Counter[tuple[str, str, str]] = Counter()


@pytest.mark.parametrize("number", range(ROUNDS))
def test_what_is_killed_opens_or_goes_on_to_equal_bytes(
    number: int,
    place: Place,
    undisturbed: dict[str, Undisturbed],
    processes: multiprocessing.context.ForkServerContext,
    capfd: pytest.CaptureFixture[str],
) -> None:
    draw = random.Random(number)
    name, how = COMMANDS[number % len(COMMANDS)], draw.choice(SIGNALS)
    place.begin(name)
    process = processes.Process(target=command, args=(place.words(name),))
    process.start()
    time.sleep(draw.uniform(0, undisturbed[name].seconds))
    alive = process.is_alive()
    with suppress(ProcessLookupError):
        os.kill(process.pid or 0, getattr(signal, how))
    process.join(_PATIENCE)
    assert process.exitcode is not None, f"{how} did not end it"
    left = bool(list(leftovers(place.run)))
    opens_or_says_why(place.run)
    capfd.readouterr()
    more = ["--resume"] if name.startswith("measure") else []
    assert give(place.words(name, *more)) == 0, capfd.readouterr().err
    assert place.contents() == undisturbed[name].contents
    assert not (place.run / LOCK).exists()
    assert not list(leftovers(place.run))
    TABLE[(name, how, "while it went on" if alive else "when it had ended")] += 1
    TABLE[(name, how, "left half-written files")] += left


def opens_or_says_why(folder: Path) -> None:
    """A run folder as a command left it is read, or refused for a reason; nothing else happens."""
    with suppress(RunError), odograph.open(folder) as run:
        run.arrow("layers")
        assert isinstance(run.findings, list)


def test_the_rounds_were_not_all_too_late() -> None:
    """Else nothing was tried. With `-s` the table is printed."""
    print("\n| command | signal | rounds | killed while it went on | left half-written files |")
    print("|---|---|---|---|---|")
    for name in COMMANDS:
        for how in dict.fromkeys(SIGNALS):
            alive, late = (
                TABLE[(name, how, when)] for when in ("while it went on", "when it had ended")
            )
            if alive + late:
                left = TABLE[(name, how, "left half-written files")]
                print(f"| {name} | {how} | {alive + late} | {alive} | {left} |")
    killed = sum(count for (_, _, what), count in TABLE.items() if what == "while it went on")
    assert killed >= sum(TABLE.values()) // 3 or killed >= ROUNDS // 2
