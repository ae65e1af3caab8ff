"""The report as one HTML file."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from odograph.errors import RunError
from odograph.folder.lock import holding
from odograph.folder.manifest import MANIFEST
from odograph.folder.own_files import refuse_foreign_report
from odograph.folder.run import Run, open_unfinished
from odograph.folder.writer import write_with
from odograph.report.page import as_json, page_value
from odograph.report.room import WHOLE


def write_report(runs: Sequence[Run | Path], out: Path, *, command: str, title: str = "") -> Path:
    """Writes one HTML file about these runs or comparisons, and gives its path.

    The file asks for nothing outside itself: texts, tokens, figures and the code that shows them
    are in it. It appears whole or not at all. What is missing in a folder is said in the report.

    Args:
        runs: what `odograph study`, `measure` or `compare` wrote, opened or by its folder, in the
            order to be shown; a run may be unfinished.
        out: the HTML file.
        command: the command that made this report, as a reader would repeat it.
        title: heading of the report; by default the names of the folders.

    Raises:
        RunError: no folder is given, or one is no run folder or is damaged; the place is that of
            another file, or another command writes in its folder.
    """
    if not runs:
        raise RunError(
            "a report needs something to report",
            expected="at least one run folder",
            given="none",
            remedy="Name the folders: `odograph report RUN`.",
        )
    opened = [run if isinstance(run, Run) else open_unfinished(run) for run in runs]
    refuse_foreign_report(out)
    ours = (out.parent / MANIFEST).is_file()
    with holding(out.parent, command) if ours else nullcontext():
        html = report_page(opened, command, title)
        # A lone surrogate in a token has no UTF-8: it becomes "?".
        write_with(lambda path: path.write_bytes(html.encode("utf-8", "replace")), out)
    return out


def with_compared(run: Run) -> list[Run]:
    """A folder, and the runs that it is of, where these are still found."""
    try:
        return [run, *run.compared]
    except RunError:
        return [run]


def report_page(
    runs: Sequence[Run],
    command: str,
    title: str,
    *,
    room: int = WHOLE,
    view: Mapping[str, object] = MappingProxyType({}),
) -> str:
    """The HTML of the report, in about `room` bytes beside its code, opened at a view."""
    import jinja2

    script, style = viewer_file("viewer.js"), viewer_file("viewer.css")
    value = page_value(runs, command, title, len(script) + len(style), room)
    value["view"] = dict(view)
    template = files("odograph.report").joinpath("template.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(template).render(
        policy=content_policy(script, style),
        title=value["title"],
        folders=", ".join(run.name for run in runs),
        statements=[f["statement"] for run in value["runs"] for f in run["findings"]],
        style=style,
        script=script,
        data=as_json(value),
    )


def viewer_file(name: str) -> str:
    """A file of the viewer, as `viewer/` at the repository's root builds it."""
    return files("odograph.viewer").joinpath(name).read_text(encoding="utf-8")


def content_policy(script: str, style: str) -> str:
    """The Content-Security-Policy: this script, this style, images that are in the page.

    With trusted types no text can become markup, whatever the script does.
    """
    return (
        f"default-src 'none'; img-src data: blob:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
