"""The levels, the names and the lightness that the design asks for."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import odograph
from odograph import errors
from odograph.run.config import RunConfig

SOURCE = Path(odograph.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))
LEVELS = {
    "errors": 0,
    "viewer": 0,
    "terminal": 0,
    "geometry": 1,
    "measures": 1,
    "products": 1,
    "corpus": 1,
    "models": 1,
    "observe": 2,
    "statistics": 2,
    "folder": 3,
    "sentences": 3,
    "figures": 3,
    "run": 4,
    "studies": 5,
    "report": 5,
    "api": 6,
    "explorer": 6,
    "cli": 7,
}
TOP = SOURCE / "__init__.py"
#: Within one level, what may still not be imported: the first knows nothing of the second.
APART = [
    ("corpus", "models"),
    ("geometry", "models"),
    ("products", "models"),
    ("measures", "geometry"),
    ("observe", "statistics"),
    ("sentences", "folder"),
    ("folder", "figures"),
    ("studies", "report"),
]


def name_of(module: Path) -> str:
    """The module's dotted name."""
    return ".".join(["odograph", *module.relative_to(SOURCE).with_suffix("").parts])


def imported(module: Path) -> Iterator[tuple[int, str]]:
    """Line and name of every import of odograph's own, also inside functions and TYPE_CHECKING."""
    tree = ast.parse(module.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: relative import"
            from_root = node.module == "odograph"
            names = [f"odograph.{a.name}" for a in node.names] if from_root else [node.module or ""]
        else:
            continue
        for name in names:
            if name.startswith("odograph."):
                yield node.lineno, name.split(".")[1]


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_imports_only_from_its_level_or_lower(module: Path) -> None:
    if module in (TOP, SOURCE / "__main__.py"):
        return
    place = module.relative_to(SOURCE).parts[0].removesuffix(".py")
    assert place in LEVELS, f"{place} has no level in the design"
    for line, other in imported(module):
        if other in odograph.__all__ or other.startswith("__"):
            continue
        assert LEVELS[other] <= LEVELS[place], f"{module}:{line}: {place} imports {other}"
        assert (place, other) not in APART, f"{module}:{line}: {place} imports {other}"


def needs(module: Path) -> set[str]:
    """The modules of odograph that a module imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return found & {name_of(other) for other in MODULES} - {name_of(module)}


@pytest.mark.parametrize("package", sorted(LEVELS))
def test_no_modules_of_a_package_import_each_other_in_a_circle(package: str) -> None:
    inside = [m for m in MODULES if m.relative_to(SOURCE).parts[0] == package]
    TopologicalSorter({name_of(module): needs(module) for module in inside}).prepare()


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_name_stands_for_everything_and_nothing(module: Path) -> None:
    parts = {part.removesuffix(".py").strip("_") for part in module.relative_to(SOURCE).parts}
    assert not parts & {"utils", "util", "helpers", "helper", "common", "base", "misc", "core"}


#: What a folder of the package may not import at all, whatever the level of it is.
WALLS = [
    ("folder", "torch"),
    ("folder", "transformers"),
    ("folder", "odograph.run"),
    ("studies", "odograph.run"),
    ("report", "odograph.run"),
    ("figures", "odograph.run"),
    ("figures", "torch"),
    ("studies", "torch"),
    ("report", "torch"),
]


@pytest.mark.parametrize(("place", "wall"), WALLS)
def test_run_folders_are_read_through_folder_alone_and_without_torch(place: str, wall: str) -> None:
    modules = sorted((SOURCE / place).rglob("*.py"))
    assert modules
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            met = [name for name in names if name == wall or name.startswith(f"{wall}.")]
            assert not met, f"{module} imports {met[0]}"


@pytest.mark.parametrize("module", sorted((SOURCE / "studies").rglob("*.py")), ids=name_of)
def test_studies_read_tables_through_folder_and_ask_no_database(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        asked = isinstance(node, ast.Attribute) and node.attr in ("sql", "arrow")
        text = node.value if isinstance(node, ast.Constant) else ""
        # A row of a study's own table, named by a glance, is no question to a run's tables.
        asked |= bool(re.search(r"\bselect\b.*\bfrom (?!tables\.)", str(text), re.DOTALL))
        assert not asked, f"{module}:{node.lineno} reads tables itself; see folder/samples"


def words_written(node: ast.AST) -> list[str]:
    """What a call says as words of a finding: text of its own, in letters, and `finding` itself."""
    if not isinstance(node, ast.Call):
        return []
    called = node.func
    if isinstance(called, ast.Attribute) and called.attr == "finding":
        return [f"finding(...), line {node.lineno}"]
    given = [k.value for k in node.keywords if k.arg in ("statement", "plain", "headline")]
    if isinstance(called, ast.Name) and called.id == "Words":
        given += node.args
    return [
        f"{part.value!r}, line {part.lineno}"
        for value in given
        for part in ast.walk(value)
        if isinstance(part, ast.Constant) and re.search(r"[a-z]", str(part.value))
    ]


@pytest.mark.parametrize("module", sorted((SOURCE / "studies").rglob("*.py")), ids=name_of)
def test_a_study_hands_on_the_words_of_a_finding_and_writes_none(module: Path) -> None:
    if module.name == "defaults.py":  # where a study of others may hand on words as text
        return
    nodes = ast.walk(ast.parse(module.read_text("utf-8")))
    written = [said for node in nodes for said in words_written(node)]
    assert not written, f"{module} says {written}; a finding's words are rendered by sentences/"


def public_names(module: Path) -> Iterator[str]:
    """Functions, classes and constants of a module that others may import."""
    for node in ast.parse(module.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [one.id for one in node.targets if isinstance(one, ast.Name)]
        else:
            continue
        yield from (name for name in names if not name.startswith("_"))


def test_every_public_name_of_the_sentences_stands_in_one_module() -> None:
    modules = sorted((SOURCE / "sentences").rglob("*.py"))
    names = [name for module in modules for name in public_names(module)]
    assert len(names) > 300
    assert {name for name in names if names.count(name) > 1} == set()


def test_only_the_reader_of_the_manifest_knows_where_it_lies() -> None:
    allowed = {SOURCE / "folder" / "manifest.py"}
    for module in set(MODULES) - allowed:
        strings = [
            node.value
            for node in ast.walk(ast.parse(module.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert "manifest.json" not in strings, f"{module} reads or writes a manifest by itself"


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


HEAVY = (
    "sorted({'torch', 'transformers', 'scipy', 'matplotlib', 'duckdb', 'numpy'} & set(sys.modules))"
)


def test_importing_odograph_is_light_and_quick() -> None:
    seconds = run_python(
        "import sys, time; t = time.process_time(); import odograph; dir(odograph);"
        f"print(time.process_time() - t); assert {HEAVY} == [], {HEAVY}"
    )
    assert float(seconds) < 0.5


def test_reading_a_run_never_imports_torch_or_transformers() -> None:
    golden = Path(__file__).parent / "run" / "golden" / "format-1"
    run_python(f"""
import sys, odograph
with odograph.open({str(golden)!r}) as run:
    run.sql('select * from layers').fetchall()
    run.arrow('tokens'), run.to_xarray(), run.to_pandas('pairs'), run.findings, repr(run)
assert not {{'torch', 'transformers'}} & set(sys.modules), 'heavy'
""")


def test_a_study_never_imports_torch_or_transformers(tmp_path: Path) -> None:
    import shutil

    golden = Path(__file__).parent / "run" / "golden" / "format-1"
    shutil.copytree(golden, tmp_path / "run")
    run_python(f"""
import sys, warnings, odograph
odograph.study('rotation', {str(tmp_path / "run")!r})
assert not {{'torch', 'transformers'}} & set(sys.modules), 'heavy'
""")


def test_every_public_name_is_there_and_unknown_ones_are_said() -> None:
    for name in odograph.__all__:
        assert getattr(odograph, name) is not None
    with pytest.raises(AttributeError, match="module 'odograph' has no attribute 'measur'"):
        odograph.measur  # noqa: B018


def all_errors() -> list[type[errors.OdographError]]:
    found, waiting = [], [errors.OdographError]
    while waiting:
        found.append(waiting.pop())
        waiting += found[-1].__subclasses__()
    return found


def test_every_error_is_documented_and_has_an_exit_code() -> None:
    assert len(all_errors()) >= 6
    for error in all_errors():
        assert error.__doc__, error
        assert error.__doc__.strip().splitlines()[0].endswith("."), error
        assert error.exit_code == (2 if issubclass(error, errors.UsageError) else 1)


def test_an_error_reads_problem_expected_given_remedy() -> None:
    error = errors.RunError("a", expected="b", given="c", remedy="Do d.")
    assert str(error) == "a: expected b, got c. Do d."
    assert str(errors.RunError("a", given="c")) == "a: got c."
    assert str(errors.RunError("a")) == "a."


def test_every_option_is_read_somewhere() -> None:
    from odograph.corpus.tokens import EncodeOptions
    from odograph.models.sources import LoadOptions

    text = "\n".join(module.read_text("utf-8") for module in MODULES if module.name != "config.py")
    by_name = set(LoadOptions.__dataclass_fields__)  # load_options() copies these by name
    for option in RunConfig.model_fields:
        read = re.search(rf"\bconfig(?:\.get\(\"|\.|\[\"){option}\b", text)
        assert read or option in by_name, f"option {option} is read nowhere"
    for option in (*LoadOptions.__dataclass_fields__, *EncodeOptions.__dataclass_fields__):
        assert re.search(rf"\b(?:options|self)\.{option}\b", text), f"{option} is read nowhere"


def test_every_option_has_a_help_text_and_a_panel() -> None:
    for name, field in RunConfig.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert field.json_schema_extra["group"] in ("Model", "Texts", "Measuring", "Running")  # type: ignore[index]


def test_no_pickle_and_no_assert_for_input() -> None:
    for module in MODULES:
        text = module.read_text("utf-8")
        assert not re.search(r"^\s*(import|from) pickle\b|torch\.load\(", text, re.M), module


def functions_of(module: Path) -> Iterator[ast.FunctionDef]:
    """Every function and method of a module."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_module_has_over_300_lines_and_no_function_over_45(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= 300
    for function in functions_of(module):
        lines = (function.end_lineno or 0) - function.lineno + 1
        assert lines <= 45, f"{function.name} has {lines} lines"


#: Compiled loops, which get their arrays one by one.
COMPILED = ("odograph.products.fused._advance", "odograph.products.fused._advance_with_parts")


def parameters(function: ast.FunctionDef, place: str) -> list[str]:
    """What a caller must know: of a command no option, of the Python API none named by keyword."""
    given = function.args
    named = [*given.posonlyargs, *given.args]
    if place == "cli":
        named = named[: len(named) - len(given.defaults)]
    if place not in ("cli", "api"):
        named += given.kwonlyargs
    return [one.arg for one in named if one.arg not in ("self", "cls")]


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_function_takes_over_seven_parameters(module: Path) -> None:
    place = module.relative_to(SOURCE).parts[0]
    for function in functions_of(module):
        if f"{name_of(module)}.{function.name}" not in COMPILED:
            taken = parameters(function, place)
            assert len(taken) <= 7, f"{function.name} takes {', '.join(taken)}"


#: Lines and files that a package may have; who needs more deletes something first.
ROOM = {"studies": (12_950, 84)}


@pytest.mark.parametrize("package", sorted(ROOM))
def test_a_package_keeps_within_its_room(package: str) -> None:
    modules = sorted((SOURCE / package).rglob("*.py"))
    lines, files = ROOM[package]
    assert sum(len(module.read_text("utf-8").splitlines()) for module in modules) <= lines
    assert len(modules) <= files
