"""Commands that are killed: at a random moment, or at one of their own writes."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMANDS = ("measure", "measure with workers", "analyse", "report")
#: What a round does: one command, or several that are started together and write in one folder.
ROUNDS_OF: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in COMMANDS},
    "analyse beside measure": ("measure", "analyse"),
    "report beside analyse": ("analyse", "report"),
}
#: By which a command says that another one has the folder, or has not made it yet.
REFUSALS = ("is being written by another command", "is not finished", "not a run folder")
_WRITING = os.O_WRONLY | os.O_RDWR


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

    def again(self, name: str) -> list[str]:
        """The words of a command that was killed, or came too early."""
        return self.words(name, *(["--resume"] if name.startswith("measure") else []))

    def begin(self, kind: str) -> None:
        """The folder as it is before a round."""
        shutil.rmtree(self.run, ignore_errors=True)
        if not ROUNDS_OF[kind][0].startswith("measure"):
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


@dataclass(frozen=True)
class Death:
    """At which of its own writes in a folder a command gets a signal; 0 for none."""

    folder: Path
    write: int = 0
    how: str = "SIGKILL"


def command(words: list[str], said: Path, death: Death, writes: Any) -> None:
    """A process of its own that does a command.

    Args:
        words: of the command.
        said: the file that takes its stderr.
        death: when it dies by its own hand.
        writes: counts, for others too, the writes that it has come to.
    """
    from odograph.cli import main

    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where tests run in background
    silence, words_of = os.open(os.devnull, os.O_WRONLY), os.open(said, os.O_WRONLY | os.O_CREAT)
    os.dup2(silence, 1)
    os.dup2(words_of, 2)
    sys.addaudithook(_watch(death, writes))
    sys.argv = ["odograph", *words]
    main()


def _watch(death: Death, writes: Any) -> Callable[[str, tuple[Any, ...]], None]:
    """Counts files that are opened to write, renamed or removed; at one of them comes the signal.

    It comes just before: between a figure and the record that lists it, for instance.
    """
    folder = str(death.folder)

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event not in ("open", "os.rename", "os.remove") or isinstance(given[0], int):
            return
        if event == "open" and not (given[2] or 0) & _WRITING:
            return
        if os.fsdecode(given[0]).startswith(folder):
            writes.value += 1
            if writes.value == death.write:
                os.kill(os.getpid(), getattr(signal, death.how))

    return hook
