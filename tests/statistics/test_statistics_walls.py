"""Statistics are arrays and keys: numpy and scipy only, of odograph errors only, no prose."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from odograph import statistics
from odograph.sentences import names
from odograph.statistics.keys import IntervalKind, Null, SignificanceTest

FOLDER = Path(statistics.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))
#: What an array library may stand on.
LIBRARIES = {"numpy", "scipy", *sys.stdlib_module_names}


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_statistics_import_numpy_scipy_and_themselves_only(module: Path) -> None:
    for name in imported(ast.parse(module.read_text("utf-8"))):
        own = name.startswith("odograph.statistics") or name == "odograph.errors"
        assert own or name.partition(".")[0] in LIBRARIES, name


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_statistics_say_nothing_but_errors(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    raised = (node for node in ast.walk(tree) if isinstance(node, ast.Raise))
    allowed = {id(part) for node in raised for part in ast.walk(node)}
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node):
            allowed.add(id(node.body[0].value))
        if isinstance(node, ast.Expr):
            allowed.add(id(node.value))
    said = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in allowed
    ]
    assert [text for text in said if len(text.split()) > 3] == []


def test_every_key_has_words_of_its_own() -> None:
    tests = [names.name_of_test(key) for key in SignificanceTest]
    nulls = [names.name_of_null(key) for key in Null]
    intervals = [names.name_of_interval(names.IntervalMethod(kind)) for kind in IntervalKind]
    for keys, words in ((SignificanceTest, tests), (Null, nulls), (IntervalKind, intervals)):
        assert not set(words) & {key.value for key in keys}
        assert len(set(words)) == len(keys)


def test_what_is_no_key_is_said_already() -> None:
    assert names.name_of_test("my own test") == "my own test"
    assert names.name_of_null("nothing") == "nothing"
    assert names.name_of_interval("my bootstrap") == "my bootstrap"
    assert names.name_of_interval(None) == "none"
