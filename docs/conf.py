"""The documentation site: Sphinx with MyST; its notebooks are run when `make docs` builds it."""

import re
import tomllib
from pathlib import Path

from sphinx.application import Sphinx

import odograph

project = "odograph"
author = "the odograph developers"
copyright = author
release = version = odograph.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "README.md"]
html_theme = "furo"
html_title = "odograph"
html_favicon = "figures/icon.svg"
html_static_path: list[str] = []
html_copy_source = False
# The project's address stands in pyproject.toml alone; without one the site has no links to source.
_declared = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
if repository := _declared["project"].get("urls", {}).get("Repository"):
    html_theme_options = {"source_repository": repository, "source_directory": "docs/"}

default_role = "literal"  # docstrings mark code with single backticks
autodoc_typehints = "none"  # they stand in the signature
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

nb_execution_mode = "force"  # what a cell shows depends on all of odograph
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True

#: Files outside docs/ that are pages of the site.
INCLUDED = {
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "calibration/README.md": "calibration.md",
}


def setup(app: Sphinx) -> None:
    """Paths for links out of docs/."""
    app.connect("source-read", _name_files_outside)


def _name_files_outside(_app: Sphinx, page: str, source: list[str]) -> None:
    """A link out of docs/ leads to the page that includes the file, or names its path."""
    depth = page.count("/")
    outside = re.compile(
        rf"\[([^\]\n]+)\]\({re.escape('../' * (depth + 1))}((?!\.\.)[^)\s#]+)([^)\s]*)\)"
    )

    def named(link: re.Match[str]) -> str:
        if link[2] in INCLUDED:
            return f"[{link[1]}]({'../' * depth}{INCLUDED[link[2]]}{link[3]})"
        return f"{link[1]} (`{link[2]}` in the repository)"

    source[0] = outside.sub(named, source[0])
