"""The report as one HTML file."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from odograph.errors import RunError
from odograph.figures.style import write_whole
from odograph.report.folder import read_folder
from odograph.report.view import report_view

if TYPE_CHECKING:
    import jinja2


def write_report(folders: Sequence[Path], out: Path, *, command: str, title: str = "") -> Path:
    """Writes one HTML file about these run or comparison folders, and gives its path.

    The file asks for nothing outside itself: styles and figures are in it. It appears whole or
    not at all. What is missing in a folder (studies, a figure) is said in the report.

    Args:
        folders: what `odograph study`, `measure` or `compare` wrote, in the order to be shown.
        out: the HTML file.
        command: the command that made this report, as a reader would repeat it.
        title: heading of the report; by default the names of the models.

    Raises:
        RunError: no folder is given, or one is no run folder or is damaged.
    """
    if not folders:
        raise RunError(
            "a report needs something to report",
            expected="at least one run folder",
            given="none",
            remedy="Name the folders: `odograph report RUN`.",
        )
    view = report_view([read_folder(Path(folder)) for folder in folders], command, title)
    here = files("odograph.report")
    html = _template().render(
        report=view,
        style=here.joinpath("style.css").read_text(encoding="utf-8"),
        script=here.joinpath("script.js").read_text(encoding="utf-8"),
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    # A lone surrogate in a token has no UTF-8: it becomes "?".
    write_whole(out, html.encode("utf-8", "replace"))
    return out


def _template() -> "jinja2.Template":
    import jinja2

    source = files("odograph.report").joinpath("template.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(source)
