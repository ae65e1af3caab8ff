"""A study as a page shows it: question, figures, tables, notes."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from odograph.figures.style import NOT_IN_CARD_LINE
from odograph.folder.run import Run
from odograph.report.packing import packed_text
from odograph.report.pictures import UnreadablePictureError, is_plain_name, picture_of
from odograph.report.records import dicts, mapping
from odograph.report.room import Room
from odograph.report.tables import Table, read_table

#: A table whose file is longer is named only: the page shows its first rows.
LONGEST_TABLE = 60_000
#: Of a figure's card: what its caption says anyway, or the card of the whole study.
_ELSEWHERE = {"null", *NOT_IN_CARD_LINE}


def shown_study(run: Run, name: str, room: Room) -> dict[str, Any]:
    """What studies.json says of the study; its figures and tables as far as there is room."""
    study = mapping(run.sections.get(name))
    return {
        "name": name,
        "question": str(study.get("question") or ""),
        "figures": [_figure(run, f, room) for f in dicts(study.get("figures"))],
        "tables": [_table(run, t, room) for t in dicts(study.get("tables"))],
        "notes": [str(note) for note in study.get("notes") or []],
        "card": [(str(k), str(v)) for k, v in mapping(study.get("card")).items()],
    }


def _figure(run: Run, figure: Mapping[str, Any], room: Room) -> dict[str, Any]:
    name = str(figure.get("name") or "")
    shown: dict[str, Any] = {
        "name": name,
        "title": str(figure.get("title") or name),
        "caption": str(figure.get("caption") or ""),
        "null": str(figure.get("null") or ""),
        "card": [],
        "data": "",
        "problem": "",
    }
    try:
        picture = picture_of(run, name)
    except UnreadablePictureError as reason:
        return shown | {"problem": str(reason)}
    shown["card"] = [(label, text) for label, text in picture.card if label not in _ELSEWHERE]
    if not room.takes(len(picture.packed)):
        return shown | {"problem": f"this page has no room for it: it lies in figures/{name}.svg"}
    return shown | {"data": picture.packed}


def _table(run: Run, table: Mapping[str, Any], room: Room) -> dict[str, Any]:
    name = str(table.get("name") or "")
    shown = {"name": name, "title": str(table.get("title") or name), "path": "", "data": ""}
    if not is_plain_name(name):
        problem = f"{name!r} is not the name of a table"
        return shown | Table((), (), (), 0, problem).record()
    packed = _whole_table(run, name)
    data = packed if packed and room.takes(len(packed)) else ""
    path = f"{run.name}/tables/{name}.parquet"
    return shown | {"path": path, "data": data} | read_table(run, name).record()


def _whole_table(run: Run, name: str) -> str:
    """tables/NAME.csv, packed; nothing where it is not there, too long, or no table of text."""
    path = run.result(f"tables/{name}.csv")
    if path is None:
        return ""
    try:
        if path.stat().st_size > LONGEST_TABLE:
            return ""
        text = path.read_text(encoding="utf-8")
        next(csv.reader(io.StringIO(text)), None)
    except (OSError, ValueError, csv.Error):
        return ""
    return packed_text(text.encode("utf-8"))
