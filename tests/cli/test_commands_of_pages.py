"""Every command that a page shows is given: page by page, on small models, in its order."""

import glob
import re
import shlex
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tiny
from models import made_adapters, made_gguf

from odograph.corpus.bundled import bundled_path

# peft asks transformers for a name that is to go; only the making of test adapters shows it.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
#: Commands on the bundled model and on SmolLM2: the demonstration's and those of the lessons.
PLANNED = ("gallery.md",)
#: Lists of all options, and a notebook, which runs when the site is made.
LISTED = ("commands.md", "one-word.md")
#: What needs a hub, a cluster or a store, what ends only when it is stopped, and what takes
#: minutes; each has tests of its own.
ELSEWHERE = ("--revisions", "@step", "ray://", "s3://", "[options]", "explore ", "demo ", "power ")
#: Runs that a page takes to be there.
THERE = {
    "figure.md": ("study rotation --model gpt2 --texts my.txt --target her --out runs/her",),
    "run-folder.md": ("measure --model gpt2 --texts my.txt --keep sums --out RUN",),
    "tables.md": ("study rotation --model gpt2 --texts my.txt --target her --out RUN",),
    "checkpoints.md": (
        "measure --model checkpoints/step0 --texts my.txt --target her --out runs/step0",
        "measure --model checkpoints/step500 --texts my.txt --target her --out runs/step500",
    ),
}
MODELS = ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "EleutherAI/pythia-160m")
SENTENCE = "The old man followed {} to the river, and {} sat down by the water of the river."


def commands_of(page: Path) -> list[str]:
    """The commands of a page in their order, lines that go on joined."""
    given = r"^ {4,}(?:\$ )?odograph ([a-z].*(?:\n {8,}.*)*)"
    found = re.findall(given, page.read_text(encoding="utf-8"), re.M)
    joined = [re.sub(r"\s*\\?\n\s*", " ", text).removesuffix(" ...") for text in found]
    return [command for command in joined if not any(o in f"{command} " for o in ELSEWHERE)]


def pages(*, planned: bool) -> list[Path]:
    """Those whose commands are given, or whose studies are planned only."""
    shown = [page for page in PAGES if page.name not in LISTED and commands_of(page)]
    return [page for page in shown if (page.name in PLANNED) == planned]


def arguments_of(command: str) -> list[str]:
    """As a shell makes them: no comment, no redirection, names of several files written out."""
    words = shlex.split(command, comments=True)
    words = words[: words.index(">")] if ">" in words else words
    parts = [sorted(glob.glob(word)) if "*" in word and " " not in word else [] for word in words]
    return [name for word, names in zip(words, parts, strict=True) for name in (names or [word])]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the models and texts that the pages name."""
    for module in ("peft", "gguf"):
        pytest.importorskip(module, reason=f"{module} is not installed: not all pages can be tried")
    place = tmp_path_factory.mktemp("pages")
    for seed, name in enumerate((*MODELS, "checkpoints/step0", "checkpoints/step500")):
        tiny.saved(tiny.scatter(tiny.build_gpt2(blocks=2), seed), place / name, begins=False)
    base = tiny.saved(made_gguf.build(), place / "base", begins=False)
    made_adapters.trained("llama", base, place / "my/adapter", build=made_gguf.build)
    for name in ("base.gguf", "smollm2.gguf"):
        made_gguf.write(made_gguf.build(), place / name, kind="Q8_0")
    words = ("her", "him", "round", "them")
    lines = [SENTENCE.format(word, other) for word in words for other in words if other != word]
    (place / "my.txt").write_text("\n".join(lines), encoding="utf-8")
    pq.write_table(pa.table({"text": lines}), place / "corpus.parquet")
    shutil.copy(bundled_path("tagged"), place / "my.conllu")
    stimuli = [
        f"The cook came to the {word} in the rain.,{kind},{item}"
        for item, pair in enumerate([("river", "table"), ("garden", "spoon"), ("house", "button")])
        for kind, word in zip(("plausible", "implausible"), pair, strict=True)
    ]
    (place / "stimuli.csv").write_text("\n".join(["text,condition,item", *stimuli]))
    (place / "jobs.csv").write_text("job\ncook\ndoctor\npilot\n")
    gap = ["Text\tPronoun\tPronoun-offset\tA\tA-offset\tB\tB-offset"]
    gap += ["Ann saw Bea when she came home.\tshe\t17\tAnn\t0\tBea\t8"] * 2
    (place / "gap-development.tsv").write_text("\n".join(gap))
    return place


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("page", pages(planned=False), ids=lambda page: page.stem)
def test_every_command_of_a_page_does_what_it_shows(
    page, workplace, odograph, tmp_path, monkeypatch
):
    for given in workplace.iterdir():
        (tmp_path / given.name).symlink_to(given)
    monkeypatch.chdir(tmp_path)
    for command in (*THERE.get(page.name, ()), *commands_of(page)):
        ended = odograph(*arguments_of(command))
        assert ended.code == 0, f"{page.name}: {command}\n{ended.err}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [command for page in pages(planned=True) for command in commands_of(page)],
    ids=lambda text: text[:80],
)
def test_every_study_of_the_gallery_can_be_planned(command, workplace, odograph, monkeypatch):
    monkeypatch.chdir(workplace)
    if command.startswith("study"):
        ended = odograph(*arguments_of(command), "--dry-run")
        assert ended.code == 0, f"{command}\n{ended.err}"
        assert "to read" in ended.out
