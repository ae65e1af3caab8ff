"""README and reference pages say what the code does."""

import re
from pathlib import Path

import pytest

from odograph.cli.app import app
from odograph.cli.demo import demo_parts
from odograph.cli.reference import commands_page, measures_page, options_module, studies_table
from odograph.run import typed_options
from odograph.studies.registry import BUILT_IN, find

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


@pytest.mark.parametrize(
    ("name", "page"), [("commands", commands_page), ("measures", measures_page)]
)
def test_reference_pages_are_what_the_code_gives(name, page):
    written = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert written == page(), f"make docs writes docs/{name}.md again"


def test_the_typed_options_of_python_are_those_of_the_config():
    written = Path(typed_options.__file__).read_text(encoding="utf-8")
    assert written == options_module(), (
        "python -m odograph.cli.reference options > src/odograph/run/typed_options.py"
    )


def test_readme_has_the_studies_as_declared():
    assert studies_table() in README.read_text(encoding="utf-8")


def test_readme_is_short():
    assert len(README.read_text(encoding="utf-8").splitlines()) < 150


def test_every_command_is_documented():
    pages = README.read_text(encoding="utf-8") + commands_page()
    names = [command.name or command.callback.__name__ for command in app.registered_commands]
    assert [name for name in names if f"odograph {name}" not in pages] == []


def test_every_command_in_the_readme_exists_with_its_options():
    page = commands_page()
    for line in re.findall(r"^    odograph (.*)$", README.read_text(encoding="utf-8"), re.M):
        name, options = line.split()[0], re.findall(r"--[a-z-]+", line)
        assert f"## odograph {name}\n" in page
        assert [option for option in options if f"`{option}" not in page] == []


def test_links_of_the_readme_lead_somewhere():
    links = re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_study_is_in_the_demonstration():
    shown = [study.name for part in demo_parts(map(find, BUILT_IN)) for study in part.studies]
    assert sorted(shown) == sorted(BUILT_IN)
