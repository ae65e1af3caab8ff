"""Time and memory of every study on ever more tokens of the bundled model, each in a process alone.

`python -m bench.analysing RUN STUDY THREADS` does one study and prints both.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import torch

import odograph
from bench import shapes
from bench.peaks import ROOT, resident
from bench.rounds import Scale, say
from bench.rows import Row, row
from odograph.corpus.bundled import bundled_path
from odograph.corpus.tags import LEAST_WORDS
from odograph.folder.manifest import read_manifest
from odograph.run.config import RunConfig
from odograph.run.measure import measure_config
from odograph.run.options import make_config
from odograph.studies import find
from odograph.studies.demo import DemoRun, united
from odograph.studies.registry import BUILT_IN

SIZES = (1_000, 10_000, 100_000, 1_000_000)
#: Words of a passage, and where in it stand the targets of the demonstration.
WORDS, TARGETS = 150, {50: ("her", "PRON"), 90: ("him", "PRON"), 120: ("round", "ADV")}
TIME, MEMORY = "time", "peak memory of the process"
Word = tuple[str, str]


def rows(scale: Scale) -> Iterator[Row]:
    sizes = (1_500, 3_000) if scale.quick else SIZES
    found: dict[str, list[tuple[float, float]]] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            for study, tokens, seconds, megabytes in analysed(size, Path(folder), scale.threads):
                where = ("analysing", f"{study}, {tokens:,} tokens")
                yield row(where, TIME, [seconds], "s")
                yield row(where, MEMORY, [megabytes], "MB", "under 1500")
                found.setdefault(study, []).append((tokens, seconds))
    for study, times in found.items():
        (few, short), (many, long) = times[-2:]
        slope = float(np.log(long / short) / np.log(many / few))
        setting = f"{study}, {few:,} to {many:,} tokens"
        yield row(("analysing", setting), "slope of log time over log tokens", [slope], "",
                  "at most 1.05")  # fmt: skip


def analysed(size: int, folder: Path, threads: int) -> Iterator[tuple[str, int, float, float]]:
    """Each study with its tokens, seconds and MB, on runs of about so many tokens."""
    texts = passages(size)
    for number, (demo, names) in enumerate(runs()):
        say(f"  {size} tokens for {', '.join(names)}")
        run = measured(demo, names, texts, size, folder / f"run{number}")
        for name in names:
            yield name, read_manifest(run)["corpus"]["tokens"], *alone(run, name, threads)


def runs() -> list[tuple[DemoRun, list[str]]]:
    """The runs of the demonstration, and the studies of each; one that draws words has its own."""
    found: list[tuple[DemoRun, list[str]]] = []
    for name in BUILT_IN:
        demo = find(name).demo
        shared = [names for one, names in found if one is demo and not _draws([name, *names])]
        if shared:
            shared[0].append(name)
        elif demo is not None:
            found.append((demo, [name]))
    return found


def alone(run: Path, study: str, threads: int) -> tuple[float, float]:
    """Seconds and MB of a study, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.analysing", str(run), study, str(threads)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
    return seconds, megabytes


def passages(tokens: int) -> list[list[Word]]:
    """Words with tags, each drawn after the one before as in the bundled tagged text.

    Every passage has the targets once, and none is another's copy.
    """
    words = _tagged()
    places: dict[str, list[int]] = {}
    for place, (word, _) in enumerate(words[:-1]):
        places.setdefault(word, []).append(place)
    generator = np.random.default_rng(0)
    tokenizer = shapes.tokenizer()

    def passage() -> list[Word]:
        place, made = int(generator.integers(len(words) - 1)), []
        for index in range(WORDS):
            made.append(TARGETS.get(index, words[place]))
            after = places.get(words[place][0], [0])
            place = after[int(generator.integers(len(after)))] + 1
        return made

    first = [passage() for _ in range(20)]  # they say how many tokens a passage has
    usual = median(len(tokenizer(plain(words)).input_ids) for words in first)
    count = max(2, round(tokens / usual))
    return [*first[:count], *(passage() for _ in range(count - len(first)))]


def plain(words: Sequence[Word]) -> str:
    return " ".join(word for word, _ in words)


def measured(
    demo: DemoRun,
    names: Sequence[str],
    texts: list[list[Word]],
    size: int,
    out: Path,
    *,
    resume: bool = False,
) -> Path:
    """A run with what the studies need, one twin, and the demonstration's options.

    Where words are drawn, each with the tokens before it, so many that these are about `size`.
    """
    tagged = "bundled:tagged" in demo.texts
    file = out.with_suffix(".conllu" if tagged else ".txt")
    file.write_text(_conllu(texts) if tagged else "\n".join(map(plain, texts)), encoding="utf-8")
    options = {**demo.options, "untrained": 1, "shuffled": 0, "model": "bundled", "texts": [file]}
    if groups := _draws(names):
        options["words"] = max(LEAST_WORDS, size // (groups * RunConfig().context))
    config = make_config(united([find(name).needs for name in names], options))
    measure_config(config, out, command="", resume=resume)
    return out


def _draws(names: Sequence[str]) -> int:
    """Of how many groups words are drawn for these studies."""
    return max(len(find(name).needs.get("groups", ())) for name in names)


def _tagged() -> list[Word]:
    lines = bundled_path("tagged").read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines if line[:1].isdigit()]
    return [(cell[1], cell[3]) for cell in cells if cell[0].isdigit()]


def _conllu(texts: list[list[Word]]) -> str:
    lines = []
    for number, words in enumerate(texts):
        lines.append(f"# newdoc id = {number}\n# sent_id = {number}\n# text = {plain(words)}")
        for index, (word, tag) in enumerate(words, 1):
            lines.append("\t".join([str(index), word, word.lower(), tag, *["_"] * 6]))
        lines.append("")
    return "\n".join([*lines, ""])


def main() -> None:
    run, study, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    started = perf_counter()
    odograph.study(study, odograph.open(run))
    print(json.dumps([perf_counter() - started, resident("VmHWM")]))


if __name__ == "__main__":
    main()
