"""Every random draw comes from a generator with a seed, and the manifest names both."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import odograph
from odograph.run.manifest import GENERATORS

SOURCE = Path(odograph.__file__).parent
MAKERS = {"default_rng", "RandomState", "manual_seed", "SeedSequence"}
#: Of numpy.random that no draw goes through: they would share one hidden generator.
HIDDEN = {"seed", "rand", "randn", "random", "choice", "permutation", "shuffle", "normal"}


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Where, the call, and the name of what is called, in all of the package."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                where = f"{path.relative_to(SOURCE)}:{node.lineno}"
                yield where, node, ast.unparse(node.func)


def test_every_generator_has_a_seed_that_is_handed_to_it() -> None:
    makers = [(w, c) for w, c, name in calls() if name.rpartition(".")[2] in MAKERS]
    assert len(makers) > 15
    for where, call in makers:
        assert call.args, f"{where}: no seed"
        named = [node for node in ast.walk(call.args[0]) if isinstance(node, ast.Name)]
        assert any("seed" in ast.unparse(node) or node.id == "config" for node in named), where


def test_nothing_is_drawn_from_a_generator_without_name() -> None:
    for where, _, name in calls():
        module, _, function = name.rpartition(".")
        assert not (module in ("np.random", "random") and function in HIDDEN), where
        assert module != "torch" or not function.startswith("rand"), where


def test_no_seed_is_a_number_in_the_code() -> None:
    for where, call, name in calls():
        for given in call.keywords:
            fixed = given.arg == "seed" and isinstance(given.value, ast.Constant)
            assert not fixed, (where, name)


def test_the_manifest_names_seed_and_generators(
    gpt2_folder: Path, measured: Callable[..., Any]
) -> None:
    run = measured(gpt2_folder, ["The old man saw her."], seed=3)
    assert (run.manifest["seed"], run.seed) == (3, 3)
    assert run.manifest["generators"] == GENERATORS
    assert "default_rng (PCG64)" in GENERATORS["draws"]
