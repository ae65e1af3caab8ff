"""Conditions of a design in every study that compares tokens, and why not in the others."""

from collections.abc import Iterator
from typing import Any

import pytest
from soundness import assert_sound
from tiny import build_gpt2, tokenizer

import odograph
from odograph.sentences.record import PRIMARY
from odograph.studies import find
from odograph.studies.registry import BUILT_IN

FRAMES = (
    "They saw the {} of the old house in the morning and waited there until it was dark.",
    "In the evening the captain asked for the {} again, but nobody had told him.",
    "We left the {} open and walked down to the river in the rain.",
    "A dog ran after the {} and the children followed it across the bridge.",
    "The fire was still warm, the {} empty and the lamps were lit.",
    "Nobody had told her that the {} was gone and the boat with it.",
    "The old man turned round and looked at the {} for a long time.",
    "On the island they found a {} that was as old as the house.",
)
NEAR = ("bridge", "stone", "horses", "boat", "river", "lamps", "door", "map")
FAR = ("field", "letter", "evening", "captain", "children", "brother", "fire", "dark")
#: What a study compares of the conditions, as its primary test says it.
COMPARED = {
    "rotation": "rotation summed over all blocks",
    "path-length": "block-averaged relative step",
    "decomposition": "block-averaged cosine of attention's and mlp's step",
    "contributions": "block-averaged attention's share of the lengths of both steps",
    "pruning": "block-averaged block influence",
    "ablation": "block-averaged worth of the turn",
    "commitment": "commitment depth in blocks",
    "neighbours": "layer-averaged angle",
}
NOT_COMPARED = {"trajectories", "parts-of-speech", "nouns-adjectives"}


def rows() -> list[dict[str, str]]:
    return [
        {"text": frame.format(word), "place": place, "item": f"i{n}"}
        for n, frame in enumerate(FRAMES)
        for place, word in (("near", NEAR[n]), ("far", FAR[n]))
    ]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    made = odograph.measure(
        build_gpt2(),
        rows(),
        tokenizer=tokenizer(begins=False),
        for_study=list(COMPARED),
        contrast="place",
        pair="item",
        untrained=2,
        out=tmp_path_factory.mktemp("designed") / "run",
    )
    yield made
    made.close()
    import matplotlib.pyplot

    matplotlib.pyplot.close("all")


def test_every_study_compares_conditions_or_says_why_not() -> None:
    assert {*COMPARED, *NOT_COMPARED} == {*BUILT_IN} - {"minus"}
    assert {name for name in BUILT_IN if find(name).no_conditions} == NOT_COMPARED


@pytest.mark.parametrize("name", sorted(COMPARED))
def test_the_conditions_are_the_primary_test(name: str, run: Any) -> None:
    result = find(name).analyse(run)
    assert_sound(result)
    of_conditions = [f for f in result.findings if "of place 'near'" in f.statement]
    total = of_conditions[0]
    assert COMPARED[name] in total.statement.lower()
    assert total.n == 8
    assert total.tested
    assert [f for f in result.findings if f.weight == PRIMARY] == [total]
    assert [null.name for null in total.null_values] == ["untrained twins"]
    assert any(table.name.endswith("_conditions") for table in result.tables)
    assert any(plot.name.endswith("_conditions") for plot in result.plots)


def test_a_study_that_compares_none_says_so(run: Any) -> None:
    (note,) = find("trajectories")._design_notes(run)
    assert note == (
        "The values of 'place' are not compared by this study: it compares words; give each "
        "condition a word of its own."
    )
