"""Commands killed at random moments: afterwards everything opens or goes on to equal bytes.

A moment is one in time, or one of the command's own writes: between two files, or a file and the
record that lists it. 20 rounds in every test run; `make torture` does 200 and prints the table of
docs/promises.md.
"""

import multiprocessing
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import pytest
from killed import COMMANDS, REFUSALS, ROUNDS_OF, Death, Place, command
from tiny import TEXTS

import odograph
from odograph.cli import run as give
from odograph.errors import RunError
from odograph.folder.leftovers import leftovers
from odograph.folder.lock import LOCK

ROUNDS = int(os.environ.get("ODOGRAPH_TORTURE_ROUNDS", "20"))
#: Seconds for a command on a computer that is busy with other things.
_PATIENCE = 600
SIGNALS = ("SIGKILL", "SIGKILL", "SIGKILL", "SIGTERM", "SIGINT")

pytestmark = pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(),
    reason="processes are made from one that has loaded torch already; Windows has none",
)


class Stage:
    """Where processes are started, and what they say."""

    def __init__(self, place: Place, said: Path) -> None:
        self.place = place
        self._said = said
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(
            ["odograph.cli", "odograph.run.measure", "odograph.studies"]
        )
        self.writes = self._context.Value("i", 0, lock=False)

    def start(self, name: str, death: Death | None = None) -> ForkServerProcess:
        """A process that does a command."""
        self.writes.value = 0
        said = self.said(name)
        said.unlink(missing_ok=True)
        given = (self.place.words(name), said, death or Death(self.place.run), self.writes)
        process = self._context.Process(target=command, args=given)
        process.start()
        return process

    def said(self, name: str) -> Path:
        """The file with what a command said on stderr."""
        return self._said / name


@dataclass(frozen=True)
class Undisturbed:
    """What a command gives if nobody disturbs it, in how many seconds and writes of its own."""

    contents: dict[str, bytes]
    seconds: float
    writes: int


@pytest.fixture(scope="module")
def stage(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("torture")
    texts = folder / "texts.txt"
    texts.write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    place = Place(folder / "run", gpt2_folder, texts, folder / "base")
    for words in (place.words("measure"), place.words("analyse")):
        assert give(words) == 0
    shutil.copytree(place.run, place.base)
    (folder / "said").mkdir()
    return Stage(place, folder / "said")


@pytest.fixture(scope="module")
def undisturbed(stage: Stage) -> dict[str, Undisturbed]:
    """Of every command, and of every round with several: the last one on what the first left."""
    alone = {name: undisturbed_command(stage, name) for name in COMMANDS}
    return {kind: together([alone[name] for name in names]) for kind, names in ROUNDS_OF.items()}


def undisturbed_command(stage: Stage, name: str) -> Undisturbed:
    stage.place.begin(name)
    begun = time.monotonic()
    process = stage.start(name)
    process.join(_PATIENCE)
    assert process.exitcode == 0, stage.said(name).read_text("utf-8")
    seconds = time.monotonic() - begun
    return Undisturbed(stage.place.contents(), seconds, stage.writes.value)


def together(commands: Sequence[Undisturbed]) -> Undisturbed:
    """Commands one after the other."""
    last = commands[-1]
    return Undisturbed(last.contents, sum(each.seconds for each in commands), last.writes)


TABLE: Counter[tuple[str, str, str]] = Counter()


@pytest.mark.timeout(4 * _PATIENCE)  # a round waits for several commands, each with patience
@pytest.mark.parametrize("number", range(ROUNDS))
def test_what_is_killed_opens_or_goes_on_to_equal_bytes(
    number: int,
    stage: Stage,
    undisturbed: dict[str, Undisturbed],
    capfd: pytest.CaptureFixture[str],
) -> None:
    draw = random.Random(number)
    kind = list(ROUNDS_OF)[number % len(ROUNDS_OF)]
    how, place = draw.choice(SIGNALS), stage.place
    place.begin(kind)
    alive = killed_in(stage, kind, how, undisturbed[kind], draw)
    left = bool(list(leftovers(place.run)))
    opens_or_says_why(place.run)
    for name in ROUNDS_OF[kind]:
        capfd.readouterr()
        assert give(place.again(name)) == 0, capfd.readouterr().err
    assert compared(kind, place.contents()) == compared(kind, undisturbed[kind].contents)
    assert not (place.run / LOCK).exists()
    assert not list(leftovers(place.run))
    TABLE[(kind, how, "while it went on" if alive else "when it had ended")] += 1
    TABLE[(kind, how, "left half-written files")] += left


def compared(kind: str, contents: dict[str, bytes]) -> dict[str, bytes]:
    """The report tells by which command the run was measured, here one with --resume."""
    return {n: c for n, c in contents.items() if n != "report.html" or "measure" not in kind}


def killed_in(stage: Stage, kind: str, how: str, usual: Undisturbed, draw: random.Random) -> bool:
    """Starts what a round does and kills one command of it; gives whether that was at work."""
    names = ROUNDS_OF[kind]
    if len(names) == 1 and draw.random() < 0.5:
        return killed_at_a_write(stage, names[0], how, draw.randint(1, usual.writes))
    processes = {}
    for name in names:
        processes[name] = stage.start(name)
        time.sleep(draw.uniform(0, usual.seconds / len(names)))
    opens_or_says_why(stage.place.run)
    going_on = [process for process in processes.values() if process.is_alive()]
    victim = draw.choice(going_on or list(processes.values()))
    with suppress(ProcessLookupError):
        os.kill(victim.pid or 0, getattr(signal, how))
    for name, process in processes.items():
        process.join(_PATIENCE)
        assert process.exitcode is not None, f"{how} did not end {name}"
        if process is not victim and process.exitcode != 0:
            said = stage.said(name).read_text("utf-8")
            assert any(words in said for words in REFUSALS), said
    return bool(going_on)


def killed_at_a_write(stage: Stage, name: str, how: str, write: int) -> bool:
    """Starts a command that gets the signal at one of its writes; gives whether it came to it."""
    process = stage.start(name, Death(stage.place.run, write, how))
    process.join(_PATIENCE)
    assert process.exitcode is not None, f"{how} did not end it"
    return bool(stage.writes.value >= write)


def opens_or_says_why(folder: Path) -> None:
    """A run folder, whoever writes there, is read or refused for a reason; nothing else happens."""
    with suppress(RunError), odograph.open(folder) as run:
        run.arrow("layers")
        assert isinstance(run.findings, list)


def test_the_rounds_were_not_all_too_late() -> None:
    """Else nothing was tried. With `-s` the table is printed."""
    print("\n| command | signal | rounds | killed while it went on | left half-written files |")
    print("|---|---|---|---|---|")
    for kind in ROUNDS_OF:
        for how in dict.fromkeys(SIGNALS):
            alive, late = (
                TABLE[(kind, how, when)] for when in ("while it went on", "when it had ended")
            )
            if alive + late:
                left = TABLE[(kind, how, "left half-written files")]
                print(f"| {kind} | {how} | {alive + late} | {alive} | {left} |")
    killed = sum(count for (_, _, what), count in TABLE.items() if what == "while it went on")
    assert killed >= ROUNDS // 2
