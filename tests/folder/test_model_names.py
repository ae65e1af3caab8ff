"""Models that are called alike are told apart, as shortly as can be."""

import doctest

import pytest

from odograph.folder import model_names
from odograph.folder.model_names import Called, names_apart, own_name


def test_the_examples_are_true() -> None:
    found = doctest.testmod(model_names)
    assert found.attempted == 2
    assert not found.failed


@pytest.mark.parametrize(
    ("models", "names"),
    [
        ([Called("gpt2")], ["gpt2"]),
        ([Called("EleutherAI/pythia-160m"), Called("gpt2")], ["pythia-160m", "gpt2"]),
        ([Called("/runs/a/model"), Called("/runs/b/model/")], ["a/model", "b/model"]),
        ([Called("/a/x/model"), Called("/b/x/model")], ["a/x/model", "b/x/model"]),
        ([Called("a/m", "s1"), Called("b/m", "s1")], ["a/m", "b/m"]),
        ([Called("a/m", "s1"), Called("a/m", "s2"), Called("b/m")], ["a/m@s1", "a/m@s2", "b/m"]),
        ([Called("m", folder="/x/her"), Called("m", folder="/x/him")], ["m (her)", "m (him)"]),
        ([Called("m", folder="/a/r"), Called("m", folder="/b/r")], ["m (a/r)", "m (b/r)"]),
        ([Called("m", name="before"), Called("m", name="after")], ["before", "after"]),
        (
            [Called("m", name="same", folder="a"), Called("n", name="same", folder="b")],
            ["same (a)", "same (b)"],
        ),
    ],
)
def test_names_are_the_shortest_that_differ(models: list[Called], names: list[str]) -> None:
    assert names_apart(models) == names


def test_a_run_by_itself_is_called_by_its_model_with_the_revision_that_was_asked_for() -> None:
    model = {"name": "EleutherAI/pythia-160m", "revision": "0" * 40}
    manifest = {"model": model, "config": {}}
    assert own_name(manifest) == "EleutherAI/pythia-160m"
    assert own_name(manifest | {"config": {"revision": "step1"}}) == "EleutherAI/pythia-160m@step1"
    assert own_name(manifest | {"config": {"revision": "step1", "name": "young"}}) == "young"
    assert own_name({"model": {"name": "/long/way/model"}, "config": {}}) == "model"
