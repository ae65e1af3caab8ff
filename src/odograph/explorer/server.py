"""The application: the viewer's files, and questions about the runs, all of them reading."""

import json
import math
import secrets
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from odograph.explorer.answers import (
    Axes,
    Box,
    choose_answer,
    cloud_answer,
    column_answer,
    ranks_answer,
)
from odograph.explorer.columns import Columns
from odograph.explorer.guard import Guard
from odograph.explorer.profile import colour_scale, profile_answer, profile_unread
from odograph.folder.run import Run, open_unfinished
from odograph.report.axes import axes_data
from odograph.report.page import as_json, page_frame
from odograph.report.room import WHOLE, Room
from odograph.report.series import joined_scale, members_shown
from odograph.report.studies import shown_study
from odograph.report.tokens import passages_from, tokens_of_passages
from odograph.report.write import viewer_file

_MOST_MEASURES = 64
_SHELL = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/><title>odograph</title>
<link rel="icon" href="data:,"/><link rel="stylesheet" href="/viewer.css"/></head>
<body><div id="page"></div><noscript>This page needs its script.</noscript>
<script src="/viewer.js"></script></body></html>
"""


class Explorer:
    """The runs that are explored, opened once.

    Args:
        folders: run folders, and comparisons, which have findings but no tokens.
        command: what was typed, for the page.
    """

    def __init__(self, folders: Sequence[Path], command: str) -> None:
        self.runs = [open_unfinished(folder) for folder in folders]
        self.command = command
        self.columns: list[Columns | None] = [_columns_of(run) for run in self.runs]

    @cached_property
    def page(self) -> str:
        """The page as JSON, of each run only the first tokens; the page asks for curves itself."""
        title = f"odograph: {', '.join(run.name for run in self.runs)}"
        value, room = page_frame(self.runs, self.command, title), Room(WHOLE)
        for run, columns, shown in zip(self.runs, self.columns, value["runs"], strict=True):
            shown["studies"] = [shown_study(run, name, room) for name in run.study_names]
            if columns is not None:
                with columns.lock:
                    shown["profiles"] = {name: profile_unread(columns) for name in columns.names}
                    shown["axes"] = axes_data(run)
                    shown["data"] = _tokens_from(columns, 0)
        return as_json(value)

    def of(self, request: Request) -> Columns:
        """The columns of the run that a request names by its number in the page.

        Raises:
            HTTPException: there is no such run, or it has no tokens.
        """
        found = self.columns[_whole(request, "run", len(self.runs) - 1)]
        if found is None:
            raise HTTPException(400, "this run has no tokens")
        return found

    def beside(self, columns: Columns) -> list[Columns]:
        """The other members of the series that a run is a member of."""
        shown = [[self.columns[k] for k, _ in members] for _, members in members_shown(self.runs)]
        members = next((those for those in shown if columns in those), [])
        return [one for one in members if one is not None and one is not columns]

    def close(self) -> None:
        """Closes all runs."""
        for run in self.runs:
            run.close()


def _columns_of(run: Run) -> Columns | None:
    """The columns of a run; None of a comparison, which has no tokens of its own."""
    if run.manifest["kind"] == "comparison":
        return None
    run.check_whole()
    return Columns(run)


def application(explorer: Explorer, hosts: Sequence[str], token: str) -> Guard:
    """What a server runs; see `guard` for who is let in."""
    routes = [
        Route("/", _file(_SHELL, "text/html")),
        Route("/viewer.js", _file(viewer_file("viewer.js"), "text/javascript")),
        Route("/viewer.css", _file(viewer_file("viewer.css"), "text/css")),
        Route("/api/page", lambda _: _json_text(explorer.page)),
        Route("/api/tokens", _asked(explorer, _tokens)),
        Route("/api/profile", _profile(explorer)),
        Route("/api/column", _asked(explorer, _column)),
        Route("/api/ranks", _asked(explorer, _ranks)),
        Route("/api/cloud", _asked(explorer, _cloud)),
        Route("/api/choose", _asked(explorer, _choose)),
    ]
    errors: Any = {
        HTTPException: lambda _, error: PlainTextResponse(error.detail, error.status_code)
    }
    return Guard(Starlette(routes=routes, exception_handlers=errors), hosts, token)


def new_token() -> str:
    """A token for one start of the server."""
    return secrets.token_urlsafe(24)


def _tokens(columns: Columns, request: Request) -> Any:
    return _tokens_from(columns, _whole(request, "passage", 2**62))


def _tokens_from(columns: Columns, passage: int) -> dict[str, Any]:
    counts = columns.passage_tokens
    return tokens_of_passages(columns.run, passages_from(counts, passage), counts)


def _profile(explorer: Explorer) -> Any:
    """Curves of one run; its colours run as those of the series that it is a member of."""

    def endpoint(request: Request) -> Response:
        columns = explorer.of(request)
        measure = _measure(columns, request, "measure")
        if measure not in columns.measures:
            raise HTTPException(400, "measure: not a measure of the layers of this run")
        with columns.lock:
            found = profile_answer(columns, measure)
        scales = [found["scale"]]
        for other in explorer.beside(columns):
            if measure in other.measures:
                with other.lock:  # one lock at a time, so that no two requests wait for each other
                    scales.append(colour_scale(other, measure))
        return _json_text(json.dumps(found | {"scale": joined_scale(scales)}, allow_nan=False))

    return endpoint


def _column(columns: Columns, request: Request) -> Any:
    measure, layer = _measure(columns, request, "measure"), _layer(columns, request)
    return column_answer(columns, measure, layer, minus=_minus(request))


def _ranks(columns: Columns, request: Request) -> Any:
    names, layer = request.query_params.get("measures", "").split(","), _layer(columns, request)
    wanted = [_known(columns, name, "measures") for name in names[:_MOST_MEASURES]]
    rows = [_row(columns, request, name) for name in ("a", "b")]
    return ranks_answer(columns, wanted, layer, rows)


def _row(columns: Columns, request: Request, name: str) -> int | None:
    """The row of the token that a request names as "passage.position"; None of none."""
    passage, _, position = request.query_params.get(name, "").partition(".")
    if not passage:
        return None
    return columns.row(_number_of(passage, name, 2**62), _number_of(position, name, 2**31))


def _cloud(columns: Columns, request: Request) -> Any:
    return cloud_answer(columns, _axes(columns, request))


def _choose(columns: Columns, request: Request) -> Any:
    sides = [_number(request, name) for name in ("left", "right", "low", "high")]
    box = Box((sides[0], sides[1]), (sides[2], sides[3]))
    shown = passages_from(columns.passage_tokens, _whole(request, "passage", 2**62))
    return choose_answer(columns, _axes(columns, request), box, shown)


def _axes(columns: Columns, request: Request) -> Axes:
    x, y = (_measure(columns, request, name) for name in ("x", "y"))
    return Axes(x, y, _layer(columns, request), _minus(request))


def _asked(explorer: Explorer, answer: Any) -> Any:
    def endpoint(request: Request) -> Response:
        columns = explorer.of(request)
        with columns.lock:
            found = answer(columns, request)
        return _json_text(json.dumps(found, allow_nan=False))

    return endpoint


def _file(text: str, kind: str) -> Any:
    return lambda _: Response(text, media_type=f"{kind}; charset=utf-8")


def _json_text(text: str) -> Response:
    return Response(text.encode("utf-8", "replace"), media_type="application/json")


def _measure(columns: Columns, request: Request, name: str) -> str:
    return _known(columns, request.query_params.get(name, ""), name)


def _known(columns: Columns, given: str, name: str) -> str:
    """A measure that the run has: names from a browser are compared, never put into SQL unseen."""
    if not columns.knows(given):
        raise HTTPException(400, f"{name}: not a measure of this run")
    return given


def _layer(columns: Columns, request: Request) -> int:
    return _whole(request, "layer", columns.run.blocks)


def _minus(request: Request) -> bool:
    return request.query_params.get("minus") == "1"


def _whole(request: Request, name: str, most: int) -> int:
    return _number_of(request.query_params.get(name, ""), name, most)


def _number_of(text: str, name: str, most: int) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or int(text) > most:
        raise HTTPException(400, f"{name}: a whole number up to {most} is expected")
    return int(text)


def _number(request: Request, name: str) -> float:
    try:
        value = float(request.query_params.get(name, ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise HTTPException(400, f"{name}: a number is expected")
    return value
