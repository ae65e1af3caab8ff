"""Every finding names a state of the page that shows it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from views import views_that_lack_something

import odograph
from odograph.folder.run import open_run
from odograph.folder.target_pairs import first_tokens

TEXTS = ["They gave her a book, and her dog.", "He saw her there.", "A dog told her of him."]


def test_every_finding_names_a_run_a_measure_and_tokens_that_are_there(
    measured: Callable[..., Any], gpt2_folder: Path
) -> None:
    run = measured(gpt2_folder, TEXTS, targets=["her"], untrained=1, logits="full")
    for study in ("rotation", "path-length"):
        odograph.study(study, run)
    with open_run(run.folder) as done:
        assert views_that_lack_something(done) == []
        views = [finding["show"] for finding in done.findings]
        assert {view["measure"] for view in views} >= {"rotation", "turned", "step"}
        assert any(view.get("minus") for view in views)
        assert any("layer" in view for view in views)


def test_a_target_stands_beside_the_word_before_it_or_a_target_of_another_group(
    measured: Callable[..., Any], gpt2_folder: Path
) -> None:
    one = measured(gpt2_folder, TEXTS, targets=["her"])
    view = first_tokens(one)
    a, b = (int(str(view[pin]).partition(".")[2]) for pin in ("a", "b"))
    assert (view["passage"], a - b) == (0, 1)
    two = measured(gpt2_folder, TEXTS, targets=["her", "him"])
    assert str(first_tokens(two)["b"]).startswith("2.")
    assert first_tokens(measured(gpt2_folder, TEXTS)) == {}
