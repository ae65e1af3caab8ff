"""The documentation site: it is built without a warning, and what its pages name is there."""

import csv
import re
import subprocess
import sys
import tomllib
from itertools import product
from pathlib import Path

import pytest

import odograph
from bench import encoding
from docs import columns_page
from odograph.cli.reference import commands_page
from odograph.folder.pilot import LEAST_CENTRED, LEAST_TRIMMED, LONG
from odograph.folder.receipts import LEFT, MOST_ATTEMPTS
from odograph.models.file_digests import LEAST_KEPT
from odograph.models.kinship import LEAST_CORRELATION
from odograph.run.config import RunConfig
from odograph.run.pilot import ENOUGH, MOST
from odograph.run.turns import _BEAT
from odograph.sentences.names import name_of_interval, name_of_test
from odograph.sentences.record import DESCRIPTION, PRIMARY, SURVIVES, TESTED
from odograph.sentences.verdicts import VERDICTS
from odograph.statistics.correlations.own_pairing import MOST_PASSAGES
from odograph.statistics.keys import IntervalKind, SignificanceTest
from odograph.statistics.leave_one_out import MOST_UNITS
from odograph.statistics.values import IntervalMethod
from odograph.studies.registry import BUILT_IN
from odograph.studies.result import FEWEST_WITHOUT_CSV

DOCS = Path(__file__).parents[1] / "docs"
PACKAGE = DOCS.parent / "src" / "odograph"
PAGES = sorted(DOCS.rglob("*.md"))
#: Pages of which every measured number stands between marks.
NUMBERLESS = [
    page
    for page in PAGES
    if page.parent.name in ("ideas", "tutorials", "studies") or page.stem in ("gallery", "lessons")
]
NARROW = re.compile(r"by (\d+) to (\d+) at (\d+) to (\d+) steps")
#: Written in a sentence for "an option": no flag of odograph.
OTHERS = {"--index-url", "--torch-backend"}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_site_is_built_and_its_notebooks_run_without_a_warning(tmp_path):
    pytest.importorskip("sphinx", reason="the extra docs is not installed: no site is built")
    places = ["-b", "html", "-d", str(tmp_path / "trees"), str(DOCS), str(tmp_path / "site")]
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", *places]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    shown = (tmp_path / "site" / "tutorials" / "your-text.html").read_text(encoding="utf-8")
    assert "54 passages, 935 tokens" in shown
    assert "srcdoc=" in shown
    api = (tmp_path / "site" / "python.html").read_text(encoding="utf-8")
    assert all(f'id="odograph.{name}"' in api for name in ("measure", "Run.figure", "power"))


def commands_of(page: Path) -> list[str]:
    """The commands that a page shows, a line each."""
    return re.findall(r"^ {4,}(?:\$ )?odograph ([a-z].*)$", page.read_text("utf-8"), re.M)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_command_on_a_page_exists_with_its_options(page):
    reference = commands_page()
    for line in commands_of(page):
        assert f"## odograph {line.split()[0]}\n" in reference, line
        flags = set(re.findall(r"(?<=\s)--[a-z-]+", line)) - OTHERS
        assert [flag for flag in flags if f"`{flag}" not in reference] == [], line


def test_the_columns_of_a_run_folder_are_those_of_its_schemas():
    written = (DOCS / "run-folder.md").read_text(encoding="utf-8")
    assert written == columns_page.page(), "python docs/columns_page.py > docs/run-folder.md"


def test_pages_of_studies_are_of_studies_and_listed():
    pages = {page.stem for page in (DOCS / "studies").glob("*.md")} - {"index"}
    assert pages <= set(BUILT_IN)
    index = (DOCS / "studies" / "index.md").read_text(encoding="utf-8")
    assert all(f"[{name}]({name}.md)" in index for name in pages)


def prose_of(page: Path) -> str:
    """What was written by hand: without parts between marks, code, tables and addresses."""
    text = page.read_text(encoding="utf-8")
    for left_out in (r"<!-- written:.*?<!-- end -->", r"```.*?```", r"`[^`]*`"):
        text = re.sub(left_out, "", text, flags=re.S)
    text = re.sub(r"^(?: {4,}|\|).*$", "", text, flags=re.M)
    return re.sub(r"\]\([^)]*\)", "]", text)


@pytest.mark.parametrize("page", NUMBERLESS, ids=lambda page: str(page.relative_to(DOCS)))
def test_no_measured_number_is_written_by_hand(page):
    by_hand = re.findall(r"(?<![\w.])\d+\.\d+", prose_of(page))
    assert by_hand == [], "put it between marks: docs/written.py"


@pytest.mark.parametrize("page", NUMBERLESS, ids=lambda page: str(page.relative_to(DOCS)))
def test_thousands_that_studies_count_are_written_alike(page):
    counted = re.findall(
        r"\b\d{4,} (?:tokens|words|lemmas|pairs|places|passages|documents)",
        page.read_text(encoding="utf-8"),
    )
    assert not counted, "write them with a comma: f'{count:,}'"


def test_numbers_about_the_training_are_those_of_its_table():
    with (DOCS.parent / "training" / "series.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    members = sorted({int(row["member"]) for row in rows})
    turns = {m: [float(row["mean"]) for row in rows if int(row["member"]) == m] for m in members}
    first, *between, last = members
    gallery = (DOCS / "gallery.md").read_text(encoding="utf-8")
    assert f"(from {turns[first][0]:.0f} to {turns[last][0]:.0f} degrees)" in gallery
    page = " ".join((DOCS / "how-to" / "checkpoints.md").read_text(encoding="utf-8").split())
    assert f"turns by {sum(turns[first]):.0f} degrees untrained" in page
    assert f"and by {sum(turns[last]):.0f} at the end" in page
    low, high, since, until = map(int, NARROW.search(page).groups())
    inside = [member for member in between if since <= member <= until]
    assert all(low <= sum(turns[member]) <= high for member in inside)
    assert (since, until) == (inside[0], inside[-1])


def test_numbers_of_kinship_are_those_of_the_checkpoints():
    with (DOCS.parent / "training" / "embeddings.csv").open(encoding="utf-8") as file:
        rows = {int(row["member"]): float(row["correlation"]) for row in csv.DictReader(file)}
    page = " ".join((DOCS / "how-to" / "minus.md").read_text(encoding="utf-8").split())
    at = {step: short(correlation, 2) for step, correlation in rows.items()}
    assert f"at {at[32]} and {at[64]} with its end (step {max(rows)})" in page
    assert f"at {at[0]} to {at[16]}: these are refused" in page
    assert rows[16] < LEAST_CORRELATION < rows[32]


SHIFT = "a shift of 8 seed standard deviations in one of 12 blocks"
LATER = "8 members, heavy noise, the last 3 larger by 0.5 standard deviations"


def simulated(method: str, n: int, setting: str) -> float:
    """A number of the simulations, by their table."""
    with (DOCS.parent / "calibration" / "results.csv").open(encoding="utf-8") as file:
        found = [row for row in csv.DictReader(file) if row["method"] == method]
    [row] = [row for row in found if row["n"] == str(n) and row["setting"] == setting]
    return float(row["estimate"])


def test_numbers_of_simulations_in_the_references_are_those_of_the_tables():
    level = simulated("t over seeds, Holm", 5, "12 blocks, one more random network")
    few, many = (simulated("t over seeds, Holm", n, SHIFT) for n in (5, 8))
    page = " ".join((DOCS / "statistics.md").read_text(encoding="utf-8").split())
    assert f"one more random network is told apart in {short(level, 2)} of cases" in page
    assert f"found in {short(few, 2)} of them with 5 twins, in {short(many, 2)} with 8" in page

    methods = ("trend along a series", "change point of a series")
    noises = ("8 members, heavy noise", "8 members, skewed noise")
    levels = [simulated(*key) for key in product(methods, (12, 24, 54), noises)]
    found = {n: [simulated(m, n, LATER) for m in methods] for n in (12, 54)}
    page = " ".join((DOCS / "comparisons.md").read_text(encoding="utf-8").split())
    assert f"found in {short(min(levels), 3)} to {short(max(levels), 3)} of them" in page
    assert f"in {short(min(found[12]), 2)} to {short(max(found[12]), 2)} of the series" in page
    assert f"in {short(min(found[54]), 2)} of those of 54" in page


def test_what_a_rank_does_over_all_texts_is_as_small_as_it_is_said() -> None:
    with (DOCS.parent / "bench" / "results.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == "encoding"]
    value = {row["what"]: float(row["value"]) for row in rows}
    shared, joined, alone, handed = (value[what] for what in encoding.PARTS)
    page = " ".join((DOCS / "how-to" / "large-runs.md").read_text(encoding="utf-8").split())
    assert "takes a three-hundredth of the time of encoding" in page
    assert 1 / 350 < alone / shared < 1 / 250
    assert joined < shared / 100
    assert "costs a sixtieth of encoding them" in page
    assert 1 / 70 < handed / shared < 1 / 50


def short(number: float, digits: int) -> str:
    """A share as it is written: .05."""
    return f"{number:.{digits}f}".removeprefix("0")


#: What the references say with a number that a constant of the code decides.
DECIDED = {
    "method.md": (
        f"until about {ENOUGH:,} tokens",
        f"the first {MOST:,})",
        f"more than {LONG:.0f} times as long as the layer's median",
        f"With fewer than {LEAST_TRIMMED} tokens none is looked for",
        f"with fewer than {LEAST_CENTRED} nothing is centred",
        f"at most {RunConfig.model_fields['twin_passages'].default} documents",
        f"{PRIMARY} for the primary test of its study, {TESTED} for other tests",
        f"{DESCRIPTION} for all else that was not tested; {SURVIVES} more for what survives",
    ),
    "statistics.md": (
        f"Above {MOST_PASSAGES:,} passages documents are drawn",
        f"without each passage, pair or lemma (up to {MOST_UNITS} passages",
    ),
    "tables.md": (f"below {FEWEST_WITHOUT_CSV:,} rows, as CSV",),
    "weights.md": (f"other files over {LEAST_KEPT // 2**20} MB",),
    "how-to/minus.md": (f"correlate by {short(LEAST_CORRELATION, 2)} or more",),
    "how-to/large-runs.md": (
        f"beyond {RunConfig.model_fields['keep_budget'].default:.0f} GB",
        f"A shard or unit that ended {('no', 'one', 'two', 'three')[MOST_ATTEMPTS]} processes",
        f"says so every {_BEAT:.0f} seconds, and what nobody has spoken of for {LEFT:.0f} is",
    ),
}


@pytest.mark.parametrize("name", DECIDED)
def test_numbers_of_a_reference_are_those_that_the_code_decides_by(name):
    page = " ".join((DOCS / name).read_text(encoding="utf-8").split())
    assert [said for said in DECIDED[name] if said not in page] == []


def test_every_file_that_a_page_shows_is_there():
    missing = [
        (page.name, link)
        for page in PAGES
        for link in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).is_file()
    ]
    assert missing == []


#: Said by DuckDB and by the shell, not by odograph.
OF_OTHERS = {"not found in FROM clause", "odograph: command not found"}


def test_messages_that_the_page_of_troubles_quotes_are_given():
    page = (DOCS / "how-to" / "trouble.md").read_text(encoding="utf-8")
    quoted = set(re.findall(r"^\| `([^`]+)`", page, re.M)) - OF_OTHERS
    code = "".join(f.read_text(encoding="utf-8") for f in PACKAGE.rglob("*.py"))
    assert len(quoted) > 10
    assert [message for message in sorted(quoted) if message not in code] == []


def test_the_version_is_the_same_wherever_it_stands():
    root = DOCS.parent
    declared = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = re.search(r"^version: (.+)$", (root / "CITATION.cff").read_text("utf-8"), re.M)
    entry = re.search(r"version = \{(.+)\}", (DOCS / "cite.md").read_text(encoding="utf-8"))
    assert {declared["version"], cited[1], entry[1]} == {odograph.__version__}


def glossary() -> str:
    """The page, in lower case: words, what they mean, options."""
    return (DOCS / "glossary.md").read_text(encoding="utf-8").lower()


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            *map(name_of_test, SignificanceTest),
            *(name_of_interval(IntervalMethod(kind)) for kind in IntervalKind),
        }
    ),
    ids=lambda name: name[:40],
)
def test_the_glossary_has_a_word_of_every_test_and_interval(name):
    rows = re.findall(r"^\| ([^|]+) \|", glossary(), re.M)
    terms = [term.strip() for row in rows for term in re.split(r"[,(]", row) if len(term) > 3]
    if not name.startswith("none"):
        assert [term for term in terms if term in name.lower()], name


def test_the_glossary_has_every_verdict_and_convention():
    assert [
        word for word in (*VERDICTS, "stream`", "`hf`", "`lens`") if word not in glossary()
    ] == []


def test_options_that_the_glossary_names_exist():
    flags = set(re.findall(r"--[a-z][a-z-]*", glossary()))
    assert [flag for flag in sorted(flags) if f"`{flag}" not in commands_page()] == []
