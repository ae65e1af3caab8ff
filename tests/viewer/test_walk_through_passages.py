"""From passage to passage: of a run that keeps sums, through those that have tokens."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from serving import TOKEN, serving
from watching import wait_until

import odograph

WORDS = np.random.default_rng(0).permutation([f"w{number}" for number in range(90)])
TEXTS = [" ".join(words) for words in WORDS.reshape(9, 10)]


def test_steps_go_through_the_drawn_passages_and_the_page_says_what_is_of_all(
    browser: Any, gpt2_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = odograph.measure(
        gpt2_folder,
        TEXTS,
        out=tmp_path / "run",
        keep="sums",
        sample_passages=4,
        shuffled=0,
        logits="full",
    )
    drawn = [n for (n,) in run.sql("select distinct passage from tokens order by 1").fetchall()]
    assert len(drawn) == 4
    assert drawn != list(range(drawn[0], drawn[0] + 4))
    # As of a run whose passages are long: each is asked for by itself.
    monkeypatch.setattr("odograph.explorer.server.passages_from", lambda _, passage: [passage])
    with serving(run.folder) as name:
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.goto(f"http://{name}/#token={TOKEN.replace(' ', '+')}&passage={drawn[0]}")
        for button, expected in (("Next passage", drawn[1:]), ("Passage before", drawn[-2::-1])):
            for passage in expected:
                page.get_by_role("button", name=button).click()
                shown = f"document.querySelector('#text select')?.value === '{passage}'"
                wait_until(page, shown)
        before = page.get_by_role("button", name="Passage before")
        assert before.get_attribute("aria-disabled") == "true"
        assert "Of 9 passages 4, drawn by hash, have tokens in this run" in page.text_content(
            "#text"
        )
        tokens = run.manifest["corpus"]["tokens"]
        for panel, words in (("distribution", "From"), ("scatter", "Cells:")):
            said = f"{words} the histogram of all {tokens} tokens but first ones and sinks"
            wait_until(page, f"document.querySelector('#{panel}').textContent.includes('{said}')")
        page.close()
