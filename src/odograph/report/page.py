"""Everything that a page shows, as one value of plain lists and dictionaries."""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from odograph.errors import OdographError
from odograph.folder.model_names import own_name
from odograph.folder.run import Run
from odograph.folder.told import tell_once
from odograph.measures import MEASURES
from odograph.report import records, words
from odograph.report.axes import axes_data
from odograph.report.findings import shown_finding
from odograph.report.profiles import profiles_of
from odograph.report.room import PAGE, WHOLE, Room
from odograph.report.series import place_members, share_scales
from odograph.report.studies import shown_study
from odograph.report.tokens import token_data

Value = dict[str, Any]


def page_value(
    opened: Sequence[Run], command: str, title: str, code: int = 0, whole: int = WHOLE
) -> Value:
    """What the page about these runs shows.

    Args:
        opened: runs and comparisons in the order to be shown.
        command: that made the page.
        title: heading; by default the names of the folders.
        code: bytes of script and style in the page, which count too.
        whole: bytes of the page; in fewer than usual, figures and whole tables go first.
    """
    value = page_frame(opened, command, title)
    runs = value["runs"]
    _add_tokens(opened, runs, min(PAGE - code, whole) - size_of(value))
    share_scales(opened, runs)
    room = Room(whole - code - size_of(value) - _MARGIN)
    for run, shown in zip(opened, runs, strict=True):
        shown["studies"] = [shown_study(run, name, room) for name in run.study_names]
    return value


def page_frame(opened: Sequence[Run], command: str, title: str) -> Value:
    """The page without curves, tokens, figures and tables: what every folder says of itself."""
    runs = [_run(run) for run in opened]
    place_members(opened, runs)
    names = ", ".join(dict.fromkeys(run["name"] for run in runs))
    return {
        "format": 1,
        "title": title or f"odograph report: {names}",
        "command": command,
        "measures": {name: _measure(name) for name in MEASURES},
        "limits": list(words.LIMITS),
        "runs": runs,
    }


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


def _run(run: Run) -> Value:
    manifest = run.manifest
    comparison = manifest.get("kind") == "comparison"
    model = records.mapping(manifest.get("model"))
    left_out, never = records.exclusions(manifest)
    config = manifest.get("config")
    return {
        "name": run.name,
        "kind": "comparison" if comparison else "run",
        "complete": manifest.get("complete") is not False,
        "model": "" if comparison else own_name(manifest),
        "minus": records.minus(manifest),
        "blocks": model.get("blocks") if isinstance(model.get("blocks"), int) else 0,
        "unit": run.unit,
        "card": records.comparison_card(manifest) if comparison else records.run_card(manifest),
        "checks": records.checks(manifest),
        "exclusions": left_out,
        "never": never,
        "skipped": records.skipped(manifest),
        "reproduce": records.reproduce(manifest),
        "command": str(manifest.get("command") or ""),
        "config": json.dumps(config, indent=2, ensure_ascii=False) if config else "",
        "findings": [shown_finding(finding) for finding in run.findings],
        "studies": [],
        "profiles": {},
        "axes": None,
        "data": None,
        "place": None,
        "problem": "a comparison has no tokens of its own" if comparison else "",
    }


def _add_tokens(opened: Sequence[Run], runs: Sequence[Value], room: int) -> None:
    """Puts profiles and tokens into the runs that have them, the smallest first."""
    waiting = [
        (run, shown)
        for run, shown in zip(opened, runs, strict=True)
        if shown["kind"] == "run" and _is_measured(run, shown)
    ]
    waiting.sort(key=lambda pair: _tokens(pair[0].manifest))
    for number, (run, shown) in enumerate(waiting):
        try:
            run.check_whole()
            with closing(run):
                shown["profiles"], shown["axes"] = profiles_of(run), axes_data(run)
                room -= size_of([shown["profiles"], shown["axes"]])
                own = room // (len(waiting) - number)
                shown["data"] = _fitting(run, own, _named(shown["findings"]))
                room -= size_of(shown["data"])
        except (OdographError, OSError) as error:
            shown.update(profiles={}, axes=None, data=None, problem=str(error))
            tell_once(f"the page shows no tokens of '{run.folder}': {error}")


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


def _is_measured(run: Run, shown: Value) -> bool:
    """Whether the run holds tokens; says why not."""
    if not shown["complete"]:
        shown["problem"] = "the run is not complete"
    elif not run.manifest.get("shards"):
        shown["problem"] = "no tokens are kept in this folder"
    return not shown["problem"]


def _tokens(manifest: Mapping[str, Any]) -> int:
    corpus = records.mapping(manifest.get("corpus"))
    tokens = corpus.get("rows", corpus.get("tokens"))
    return tokens if isinstance(tokens, int) else 0


def _named(findings: Sequence[Value]) -> list[int]:
    """The passages that findings point at."""
    return [f["show"]["passage"] for f in findings if isinstance(f["show"].get("passage"), int)]
