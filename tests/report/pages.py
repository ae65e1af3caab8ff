"""A report read again: what a browser would find in it."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from odograph.report import write_report


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.texts: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside.append(f"{tag}#{dict(attrs).get('id') or ''}")

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop().partition("#")[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for name in self.inside:
            self.texts.setdefault(name, []).append(data)


class Page:
    """The elements of a report, its data, its script and style."""

    def __init__(self, html: str) -> None:
        self.html = html
        reader = _Reader()
        reader.feed(html)
        self.tags = reader.tags
        self.data: dict[str, Any] = json.loads("".join(reader.texts["script#data"]))
        self.script = "".join(reader.texts["script#"])
        self.style = "".join(reader.texts["style#"])
        self.without_script = re.sub(r"\s+", " ", "".join(reader.texts["noscript#"]))

    @property
    def run(self) -> dict[str, Any]:
        """The first run."""
        run: dict[str, Any] = self.data["runs"][0]
        return run


def page_of(*folders: Path, out: Path | None = None, title: str = "") -> Page:
    """Writes the report about these folders and reads it."""
    path = out or folders[0].parent / "report.html"
    assert write_report(folders, path, command="odograph report R", title=title) == path
    return Page(path.read_text(encoding="utf-8"))
