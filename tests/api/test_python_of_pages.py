"""The Python of the how-to pages runs, on small models."""

import re
import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import pandas
import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

import odograph as og

DOCS = Path(__file__).parents[2] / "docs"


def code_of(page: str) -> list[str]:
    """The Python blocks of a page."""
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.S)


@pytest.fixture
def workplace(gpt2_folder, tmp_path, monkeypatch):
    """A folder with the models and stimuli that the pages name."""
    for name in ("gpt2", "checkpoints/step0", "checkpoints/step512"):
        shutil.copytree(gpt2_folder, tmp_path / name)
    rows = [("her", "a", 1), ("him", "b", 1), ("her", "a", 2), ("them", "b", 2)]
    lines = [f"They told {word} a {item} of it.,{kind},{item}" for word, kind, item in rows]
    (tmp_path / "stimuli.csv").write_text("\n".join(["text,condition,item", *lines]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_figures_and_curves_of_the_page_are_drawn(analysed, workplace):
    shutil.copytree(analysed.folder, "runs/her")
    names = {"og": og, "plt": plt}
    for block in code_of("how-to/figure.md"):
        exec(block, names)
    assert Path("rotation.pdf").stat().st_size > 0
    assert len(plt.gca().lines) >= 2
    plt.close("all")
    names["run"].close()


def test_a_model_in_memory_is_measured_as_the_page_says(workplace):
    names = {"og": og}
    [block] = code_of("how-to/model.md")
    exec(block, names)
    assert names["run"].words().fetchall()
    names["run"].close()


def test_a_frame_of_stimuli_is_measured_as_the_page_says(workplace):
    made = {"model": AutoModelForCausalLM, "tokenizer": AutoTokenizer}
    names = {name: kind.from_pretrained("gpt2") for name, kind in made.items()}
    names |= {"og": og, "pandas": pandas}
    exec(code_of("python.md")[0], names)
    assert names["run"].sql("select count(distinct document) from tokens").fetchall() == [(2,)]
    names["run"].close()


def test_checkpoints_are_compared_as_the_page_says(workplace):
    [block] = code_of("how-to/checkpoints.md")
    texts = [f"They told her a tale of {word}." for word in ("a", "an", "the", "he", "she", "it")]
    names = {"og": og, "texts": texts, "steps": ["step0", "step512"]}
    with pytest.raises(og.OdographError, match="same weights"):
        exec(block.replace("EleutherAI/pythia-70m@", "checkpoints/"), names)
    for run in names["runs"]:
        run.close()
