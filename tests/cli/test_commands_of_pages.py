"""Every study and measurement that a page shows can be given: it is planned, on small models."""

import re
import shlex
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from odograph.corpus.bundled import bundled_path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
MODELS = (
    "gpt2",
    "gpt2-medium",
    "gpt2-large",
    "gpt2-xl",
    "base",
    "my/model",
    "EleutherAI/pythia-160m",
)
#: What needs a file of another kind, a hub or a cluster.
ELSEWHERE = (".gguf", "adapter", "--revisions", "ray://", "[options]", "@step")
SENTENCE = "The old man followed {} to the river, and {} sat down by the water of the river."


def commands() -> list[tuple[str, str]]:
    """Page and command of each, lines that go on joined."""
    found = []
    for page in PAGES:
        given = r"^ {4,}(?:\$ )?odograph ((?:study|measure) .*(?:\n {8,}.*)*)"
        for text in re.findall(given, page.read_text(encoding="utf-8"), re.M):
            command = re.sub(r"\s*\\?\n\s*", " ", text).removesuffix(" ...")
            if not any(other in command for other in ELSEWHERE):
                found.append((page.name, command))
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def workplace(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the models and texts that the pages name."""
    place = tmp_path_factory.mktemp("pages")
    for name in (*MODELS, "checkpoints/step0", "checkpoints/step500"):
        shutil.copytree(tiny_model, place / name)
    words = ("her", "him", "round", "them", "me", "us", "you", "it")
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
@pytest.mark.parametrize(("page", "command"), commands(), ids=lambda text: text[:80])
def test_every_study_of_a_page_can_be_planned(page, command, workplace, odograph, monkeypatch):
    monkeypatch.chdir(workplace)
    ended = odograph(*shlex.split(command), "--dry-run")
    assert ended.code == 0, f"{page}: {command}\n{ended.err}"
    assert "to read" in ended.out
