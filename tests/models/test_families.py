"""Every family is read rightly in both precisions, or refused by name."""

from pathlib import Path
from typing import Any

import pytest
import torch
from families import DTYPES, EXAMPLES, Example, build, found, page

from odograph.models import families as table
from odograph.models.observed import observe
from odograph.models.probe import dissect
from odograph.models.selfcheck import self_check

DOCUMENT = Path(__file__).parents[2] / "docs" / "families.md"
every_family = pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)


@pytest.mark.parametrize("dtype", DTYPES)
@every_family
def test_a_family_gets_its_verdict(example: Example, dtype: str) -> None:
    given = found(example, dtype)
    assert given.decomposition.startswith(example.decomposition)
    assert (given.layout, given.causal) == (example.layout, example.causal)
    assert given.failed == ()


@every_family
def test_states_are_those_that_transformers_returns(example: Example) -> None:
    model = build(example)
    anatomy = dissect(model, example.part)
    prompt = [3, 14, 15, 92, 65, 35, 89, 79, 32, 38, 46, 26]
    seen = observe(anatomy, [prompt])
    trunk: Any = getattr(anatomy.trunk, "trunk", anatomy.trunk)
    with torch.no_grad():
        own = trunk(torch.tensor([prompt]), use_cache=False, output_hidden_states=True)
    blocks = len(anatomy.blocks)
    assert len(own.hidden_states) == blocks + 1
    # Mamba leaves out the state that enters the first block: one more reason to read by hooks.
    first = 1 if example.family.startswith("mamba") else 0
    for layer in range(first, blocks):
        torch.testing.assert_close(seen.states[layer], own.hidden_states[layer - first][0])


def test_every_row_of_the_table_is_tried() -> None:
    assert set(table.FAMILIES) <= {example.family for example in EXAMPLES}


@every_family
def test_without_its_row_a_family_is_read_alike_or_refused(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "FAMILIES", {})
    model = build(example)
    anatomy = dissect(model, example.part)
    checks = self_check(model, anatomy)
    if not checks.decomposition.startswith("refused: "):
        assert checks.decomposition == example.decomposition
        assert anatomy.layout == example.layout


def test_the_table_in_the_documentation_is_what_is_found() -> None:
    assert DOCUMENT.read_text("utf-8") == page(), "python tests/models/families.py writes it"
