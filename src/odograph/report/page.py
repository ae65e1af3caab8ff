"""Everything that a page shows, as one value of plain lists and dictionaries."""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from odograph.errors import OdographError
from odograph.folder.run import open_run
from odograph.measures import MEASURES
from odograph.report import records, words
from odograph.report.findings import shown_finding
from odograph.report.folder import Folder
from odograph.report.profiles import profiles_of
from odograph.report.room import PAGE, WHOLE, Room
from odograph.report.studies import shown_study
from odograph.report.tokens import token_data

Value = dict[str, Any]


def page_value(folders: Sequence[Folder], command: str, title: str, code: int = 0) -> Value:
    """What the page about these folders shows.

    Args:
        folders: in the order to be shown.
        command: that made the page.
        title: heading; by default the names of the folders.
        code: bytes of script and style in the page, which count too.
    """
    runs = [_run(folder) for folder in folders]
    names = ", ".join(dict.fromkeys(run["name"] for run in runs))
    value: Value = {
        "format": 1,
        "title": title or f"odograph report: {names}",
        "command": command,
        "measures": {name: _measure(name) for name in MEASURES},
        "limits": list(words.LIMITS),
        "runs": runs,
    }
    _add_tokens(folders, runs, PAGE - code - size_of(value))
    room = Room(WHOLE - code - size_of(value) - _MARGIN)
    for folder, run in zip(folders, runs, strict=True):
        run["studies"] = [shown_study(folder, name, room) for name in folder.study_names]
    return value


#: Bytes kept free for titles, captions and first rows of tables, which are not counted.
_MARGIN = 600_000


def size_of(value: Any) -> int:
    """Bytes of the value in a page."""
    return len(as_json(value).encode("utf-8", "replace"))


def as_json(value: Any) -> str:
    """JSON that can stand in a script element whatever texts are in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _measure(name: str) -> dict[str, str]:
    measure = MEASURES[name]
    return {
        "label": measure.label,
        "unit": measure.unit,
        "axis": measure.axis,
        "formula": measure.formula,
        "definition": measure.definition,
    }


def _run(folder: Folder) -> Value:
    manifest = folder.manifest
    comparison = manifest.get("kind") == "comparison"
    model = records.mapping(manifest.get("model"))
    left_out, never = records.exclusions(manifest)
    config = manifest.get("config")
    return {
        "name": folder.name,
        "kind": "comparison" if comparison else "run",
        "complete": manifest.get("complete") is not False,
        "model": str(model.get("name") or ""),
        "blocks": model.get("blocks") if isinstance(model.get("blocks"), int) else 0,
        "card": records.comparison_card(manifest) if comparison else records.run_card(manifest),
        "checks": records.checks(manifest),
        "exclusions": left_out,
        "never": never,
        "skipped": records.skipped(manifest),
        "reproduce": records.reproduce(manifest),
        "command": str(manifest.get("command") or ""),
        "config": json.dumps(config, indent=2, ensure_ascii=False) if config else "",
        "findings": [shown_finding(finding) for finding in folder.findings],
        "studies": [],
        "profiles": {},
        "data": None,
        "problem": "a comparison has no tokens of its own" if comparison else "",
    }


def _add_tokens(folders: Sequence[Folder], runs: Sequence[Value], room: int) -> None:
    """Puts profiles and tokens into the runs that have them, the smallest first."""
    waiting = [
        (folder, run)
        for folder, run in zip(folders, runs, strict=True)
        if run["kind"] == "run" and _is_measured(folder, run)
    ]
    waiting.sort(key=lambda pair: _tokens(pair[0].manifest))
    for number, (folder, run) in enumerate(waiting):
        try:
            with closing(open_run(folder.path)) as opened:
                run["profiles"] = profiles_of(opened)
                room -= size_of(run["profiles"])
                own = room // (len(waiting) - number)
                run["data"] = _fitting(opened, own, _named(run["findings"]))
                room -= size_of(run["data"])
        except (OdographError, OSError) as error:
            run["profiles"], run["data"], run["problem"] = {}, None, str(error)


def _fitting(opened: Any, room: int, named: Sequence[int]) -> Value:
    """The tokens that fit; what was thought to fit and does not is chosen anew."""
    asked = max(room, 1)
    while True:
        data = token_data(opened, asked, named)
        size = size_of(data)
        if size <= room or asked < _SMALLEST:
            return data
        asked = int(asked * min(0.9, room / size))


_SMALLEST = 2_000


def _is_measured(folder: Folder, run: Value) -> bool:
    """Whether the folder holds tokens; says why not."""
    if not run["complete"]:
        run["problem"] = "the run is not complete"
    elif not folder.manifest.get("shards"):
        run["problem"] = "no tokens are kept in this folder"
    return not run["problem"]


def _tokens(manifest: Mapping[str, Any]) -> int:
    corpus = records.mapping(manifest.get("corpus"))
    tokens = corpus.get("rows", corpus.get("tokens"))
    return tokens if isinstance(tokens, int) else 0


def _named(findings: Sequence[Value]) -> list[int]:
    """The passages that findings point at."""
    return [f["show"]["passage"] for f in findings if isinstance(f["show"].get("passage"), int)]
