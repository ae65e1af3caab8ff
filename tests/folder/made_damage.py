"""Files of a run folder with a value changed, and a run used in every way."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as some

import odograph
from odograph.cli import run as give
from odograph.folder.card import card_of
from odograph.report import write_report


def manifest_of(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return record


def write(folder: Path, record: object, name: str = "manifest.json") -> None:
    (folder / name).write_text(json.dumps(record), encoding="utf-8")


def changed(record: Any, key: str, value: Any) -> Any:
    """The record with another value at a key such as `model.blocks`; `...` takes the key out."""
    made = copy.deepcopy(record)
    *way, last = key.split(".")
    place: Any = made
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    step = int(last) if isinstance(place, list) else last
    if value is ...:
        del place[step]
    else:
        place[step] = value
    return made


def paths(value: Any, way: tuple[str, ...] = ()) -> Iterator[str]:
    """The key of every value inside."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in inside:
        if "." in str(key):  # a file's name is no way
            continue
        yield ".".join((*way, str(key)))
        if isinstance(one, dict | list) and one:
            yield from paths(one, (*way, str(key)))


VALUES = some.one_of(
    some.just(...),
    some.none(),
    some.booleans(),
    some.integers(),
    some.floats(),
    some.text(max_size=8),
    some.sampled_from([[], {}, [None], {"a": None}, [[]], "../..", "x' or 1 --", 10**30]),
)


def use(folder: Path) -> None:
    """Reads a run in every way, Python's and the command line's."""
    give(["show", str(folder)])
    with odograph.open(folder) as opened:
        for table in ("layers", "tokens", "pairs", "spans", "skips"):
            opened.arrow(table)
        opened.to_xarray()
        assert repr(opened)
        for twin in opened.untrained:
            assert twin.sql("select count(*) from tokens").fetchall()
        assert isinstance(opened.shuffled, tuple)
        assert card_of(opened.manifest, unit="", test="")
    write_report([folder], folder / "report.html", command="odograph report")
