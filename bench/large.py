"""A large run made in every way, and whether all ways give the same.

    python -m bench.large FOLDER [--tokens 3000000] [--seed 0]

Into FOLDER come the texts and the runs: rows and sums by one process, by three ranks of which one
is killed at a random moment, and by Ray, of whose two workers one is killed. One JSON line for each
result: files that differ, findings that differ, seconds, MB. What is there already is not made
again, so that an interrupted trial goes on. About 3 GB and an hour on two cores for 3 million
tokens. Ray is left out where it is not installed.
"""

import argparse
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.analysing import passages, plain
from bench.peaks import ROOT
from odograph.folder.manifest import found_manifest, read_manifest
from odograph.folder.receipts import attempts

STUDIES = ("rotation", "path-length", "decomposition", "contributions")
MEASURES = "norm,rotation,step,straightness,attention_step,mlp_step,update_cosine"
OPTIONS = ("--target", "her", "--untrained", "1", "--measures", MEASURES)
KEEPS = ("rows", "sums")
RANKS, WORKERS = 3, 2


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tokens", type=int, default=3_000_000)
    parser.add_argument("--seed", type=int, default=0, help="of the moments of killing")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    trial = Trial(given.folder.resolve(), random.Random(given.seed))
    for line in trial.lines(given.tokens):
        print(json.dumps(line), flush=True)


class Trial:
    """The runs of a folder, one after the other.

    Args:
        folder: where they lie.
        draw: gives the moments of killing.
    """

    def __init__(self, folder: Path, draw: random.Random) -> None:
        self.folder, self.draw = folder, draw
        self.texts = folder / "texts.txt"

    def lines(self, tokens: int) -> Iterator[dict[str, Any]]:
        """What is found, result by result."""
        if not self.texts.is_file():
            self.texts.write_text("\n".join(map(plain, passages(tokens))), encoding="utf-8")
        ways: dict[str, Callable[[str, Path], str]] = {"ranks": self.by_ranks}
        if importlib.util.find_spec("ray"):
            ways["ray"] = self.by_ray
        for keep in KEEPS:
            alone = self.folder / keep
            yield from self.made(alone, lambda out, keep=keep: self.by_one(keep, out))
            for way, make in ways.items():
                out = self.folder / f"{keep}-{way}"
                yield from self.made(out, lambda out, keep=keep, make=make: make(keep, out))
                yield {"run": out.name, "against": keep, **differing_files(alone, out)}
        yield from self.studies()
        yield differing_sums(self.folder / "rows", self.folder / "sums")
        yield differing_findings(self.folder / "rows", self.folder / "sums")
        for keep in KEEPS:
            yield {"report of": keep, "MB": megabytes(self.folder / keep / "report.html")}
            yield explored(self.folder / keep)

    def made(self, out: Path, make: Callable[[Path], str]) -> Iterator[dict[str, Any]]:
        """Makes a run that is not there; says how long that took, and what was killed."""
        found = found_manifest(out)
        if found is not None and found["complete"]:
            return
        started = time.time()
        said = make(out)
        corpus = read_manifest(out)["corpus"]
        took = {"run": out.name, "tokens": corpus["tokens"], "seconds": since(started)}
        yield took | ({"killed": said} if said else {}) | {"GB": folder_gigabytes(out)}

    def by_one(self, keep: str, out: Path) -> str:
        """One process measures."""
        finish(started(*self.words(keep, out), "--resume"))
        return ""

    def by_ranks(self, keep: str, out: Path) -> str:
        """Ranks measure, one of them until it is killed; then the run is closed."""
        ranks = [
            started(*self.words(keep, out), "--rank", str(rank), "--of", str(RANKS))
            for rank in range(RANKS)
        ]
        victim = self.draw.randrange(RANKS)
        moment = self.moment()
        until_done(out, moment, ranks[victim])
        ranks[victim].kill()
        ranks[victim].communicate()
        for rank in ranks[:victim] + ranks[victim + 1 :]:
            finish(rank)
        finish(started("merge", str(out)))
        return f"rank {victim} after {moment} receipts"

    def by_ray(self, keep: str, out: Path) -> str:
        """Actors measure, one of them until it is killed."""
        asked = ("--on", "ray", "--workers", str(WORKERS))
        driver = started(*self.words(keep, out), *asked)
        moment = self.moment()
        until_done(out, moment, driver)
        victim = at_work(out, driver)
        if victim:
            os.kill(victim, signal.SIGKILL)
        finish(driver)
        return f"an actor after {moment} receipts" if victim else "nobody: the run had ended"

    def moment(self) -> int:
        """Receipts after which a process is killed: in the first half of the shards."""
        shards = len(read_manifest(self.folder / "rows")["shards"])
        return self.draw.randint(2, max(2, shards // 2))

    def words(self, keep: str, out: Path) -> list[str]:
        """The command that measures."""
        texts = ("--texts", str(self.texts), "--out", str(out), "--keep", keep)
        return ["measure", "--model", "bundled", *texts, *OPTIONS]

    def studies(self) -> Iterator[dict[str, Any]]:
        """Every study on both runs, each in a process alone."""
        for keep in KEEPS:
            for study in STUDIES:
                run = self.folder / keep
                started_at = time.time()
                _, peak = waited(started("analyse", str(run), study))
                yield {"study": study, "of": keep, "seconds": since(started_at), "MB": peak}
            finish(started("report", str(self.folder / keep)))


def started(*words: str) -> "subprocess.Popen[bytes]":
    """An odograph command in a process of its own, on one thread."""
    program = "from odograph.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def finish(process: "subprocess.Popen[bytes]") -> None:
    """Waits until a command has done its work.

    Raises:
        RuntimeError: it could not; says why.
    """
    _, said = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{process.args}: {process.returncode}\n{said.decode()[-2000:]}")


def waited(process: "subprocess.Popen[bytes]") -> tuple[int, float]:
    """Exit status and peak memory in MB of a command that has little to say."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    finish(process)
    return process.returncode, round(used.ru_maxrss / 1000)


def until_done(out: Path, count: int, process: "subprocess.Popen[bytes]") -> None:
    """Returns when so many pieces of work have their receipt, or the process has ended."""
    places = (out, out / "encoding")
    while process.poll() is None:
        if sum(one.done for place in places for one in attempts(place)) >= count:
            return
        time.sleep(0.02)


def at_work(out: Path, driver: "subprocess.Popen[bytes]") -> int:
    """The number of a process that has begun a piece of work; 0 where the run ends before."""
    while driver.poll() is None:
        for place in (out, out / "encoding"):
            for one in attempts(place):
                with suppress(OSError, ValueError):  # it is just being written, or done
                    if not one.done:
                        return int(json.loads(one.path.read_text("utf-8"))["process"])
        time.sleep(0.01)
    return 0


def differing_files(alone: Path, other: Path) -> dict[str, Any]:
    """How many files of two runs, and of the runs beside them, are not equal, byte by byte."""
    one, two = contents(alone), contents(other)
    names = one.keys() | two.keys()
    return {"files": len(names), "differ": sum(one.get(n) != two.get(n) for n in names)}


def contents(run: Path) -> dict[tuple[str, int, str], str]:
    """Checksum of every table of a run and of its twins, whoever has written it."""
    return {
        (beside.name if beside != run else "", shard["index"], name.split("/")[0]): digest
        for beside in (run, *sorted((run / "untrained").glob("*/")))
        for shard in read_manifest(beside)["shards"]
        for name, digest in shard["files"].items()
    }


def differing_sums(rows: Path, sums: Path) -> dict[str, Any]:
    """Means of documents from rows against those from sums: numbers that are not equal."""
    import numpy as np

    import odograph
    from odograph.folder.selection import columns_of, profile_means
    from odograph.folder.sums import expressions_by_set, layer_expressions
    from odograph.folder.token_sets import token_sets

    compared = differ = 0
    with odograph.open(rows) as one, odograph.open(sums) as two:
        asked = expressions_by_set(layer_expressions(columns_of(one, "layers")))
        for tokens, expressions in asked.items():
            where = token_sets(keep_first=False)[tokens]
            for expression in expressions.values():
                found = [profile_means(run, expression, where, 1).values for run in (one, two)]
                compared += found[0].size
                differ += found[0].size
                if found[0].shape == found[1].shape:
                    differ -= int(np.equal(*found).sum())
    return {"means of documents": compared, "differ": differ}


def differing_findings(rows: Path, sums: Path) -> dict[str, Any]:
    """Findings from sums that say something else than those from rows.

    Counted apart: those of drawn documents, and of drawn pairs, of which there are fewer with sums.
    """
    one, two = (json.loads((run / "findings.json").read_text("utf-8")) for run in (rows, sums))
    whole = {(f["study"], f["n"], f["estimate"]) for f in one}
    counts = {f["n"] for f in one}
    of_all = [f for f in two if "drawn by hash" not in f["statement"] and f["n"] in counts]
    other = [f for f in of_all if (f["study"], f["n"], f["estimate"]) not in whole]
    told = {"of all": len(of_all), "differ": len(other), "of drawn": len(two) - len(of_all)}
    return {"findings": len(two), **told, "which": [f["headline"] for f in other]}


#: Asks an explorer in a process of its own for pages; prints the seconds that each took.
_ASK = """
import json, sys, time
from pathlib import Path
from starlette.testclient import TestClient
from odograph.explorer.server import Explorer, application
began = time.perf_counter()
explorer = Explorer([Path(sys.argv[1])], "x")
made = application(explorer, ["testserver"], "t" * 24)
client = TestClient(made)
client.get("/session", headers={"authorization": "Bearer " + "t" * 24})
for address in sys.argv[2:]:
    client.get(address).raise_for_status()
    print(json.dumps(round(time.perf_counter() - began, 2)))
    began = time.perf_counter()
explorer.close()
"""


def explored(run: Path) -> dict[str, Any]:
    """Seconds in which the explorer of a run answers, the libraries imported."""
    asked = {"page": "/api/page"}
    asked |= {m: f"/api/profile?run=0&measure={m}" for m in ("rotation", "heading")}
    words = (sys.executable, "-c", _ASK, str(run), *asked.values())
    done = subprocess.run(words, check=True, cwd=ROOT, capture_output=True, text=True)
    return {
        "explorer of": run.name,
        **dict(zip(asked, map(float, done.stdout.split()), strict=True)),
    }


def since(started_at: float) -> float:
    return round(time.time() - started_at, 1)


def megabytes(file: Path) -> float:
    return round(file.stat().st_size / 1e6, 2)


def folder_gigabytes(folder: Path) -> float:
    return round(sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e9, 3)


if __name__ == "__main__":
    main()
