"""A run as a notebook shows it: what it is, its headlines, its first figure, where the page is."""

import base64
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from odograph.folder.run import Run

_HEADLINES = 3


def shown(run: "Run") -> str:
    """HTML without scripts; all text of the run is escaped, and its picture is a PNG."""
    parts = [f"<p><code>{escape(repr(run))}</code></p>"]
    findings = sorted(run.findings, key=lambda finding: -finding.get("weight", 0))
    if findings:
        items = [f"<li>{escape(_headline(finding))}</li>" for finding in findings[:_HEADLINES]]
        parts.append(f"<ol>{''.join(items)}</ol>")
    parts += [_picture(run), _link(run)]
    return "\n".join(part for part in parts if part)


def _headline(finding: dict[str, object]) -> str:
    return str(finding.get("headline") or finding["statement"])


def _picture(run: "Run") -> str:
    """The first figure of the study that leads; nothing before any study."""
    for section in run.sections.values():
        for figure in section["figures"]:
            path = run.result(f"figures/{figure['name']}.png")
            if path is not None:
                data = base64.b64encode(path.read_bytes()).decode("ascii")
                title = escape(str(figure["title"]), quote=True)
                return f'<img alt="{title}" src="data:image/png;base64,{data}" width="600">'
    return ""


def _link(run: "Run") -> str:
    page = run.folder / "report.html"
    if page.is_file():
        return f'<p><a href="{escape(str(page), quote=True)}">{escape(str(page))}</a></p>'
    what = "All of it: <code>run.report()</code>, <code>run.view()</code>."
    return f"<p>{what}</p>" if run.sections else ""
