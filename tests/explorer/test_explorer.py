"""The explorer gives what the run holds, to the browser that was opened, and to nobody else."""

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pyarrow
import pytest
from serving import TOKEN, serving

from odograph.errors import UsageError
from odograph.explorer.answers import Axes, cloud_answer, ranks_answer
from odograph.explorer.columns import Columns
from odograph.explorer.derived import derived
from odograph.explorer.guard import HEADERS
from odograph.explorer.listen import address_of, listening
from odograph.explorer.network import _by_state
from odograph.explorer.profile import profile_answer
from odograph.folder.run import open_run as odograph_open
from odograph.folder.selection import numbers
from odograph.report.packing import unpacked
from odograph.report.profiles import profiles_of

TEXTS = ["They gave her a book, and her dog.", "He saw her there, in Röcken.", "Nothing at all."]
ROTATION = {"run": 0, "layer": 2, "minus": 0}


@dataclass
class Server:
    """A running explorer, and the run that it shows."""

    name: str
    run: Any
    cookie: str = ""

    def get(self, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self.name, timeout=60)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode("utf-8")  # type: ignore[attr-defined]
        connection.close()
        return answer

    def ask(self, what: str, **fields: Any) -> Any:
        answer = self.get(f"/api/{what}?{urlencode(fields)}", Cookie=self.cookie)
        assert answer.status == 200, answer.text
        return json.loads(answer.text)


@pytest.fixture(scope="module")
def server(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    import odograph

    out = tmp_path_factory.mktemp("explored") / "run"
    run = odograph.measure(gpt2_folder, TEXTS, targets=["her"], untrained=2, logits="full", out=out)
    with serving(out) as name:
        made = Server(name, run)
        answer = made.get("/session", Authorization=f"Bearer {TOKEN}")
        made.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        yield made


PRIVATE = ("/api/page", "/api/tokens?run=0&passage=0", "/api/column?run=0&measure=norm&layer=0")


@pytest.mark.parametrize("path", PRIVATE)
@pytest.mark.parametrize("cookie", ["", "odograph=", "odograph=wrong"])
def test_without_the_cookie_nothing_of_a_run_is_given(
    server: Server, path: str, cookie: str
) -> None:
    answer = server.get(path, Cookie=cookie)
    assert answer.status == 401
    assert "gave" not in answer.text


def test_only_the_token_buys_the_cookie_which_scripts_and_other_sites_cannot_use(
    server: Server,
) -> None:
    for given in ("", "Bearer ", "Bearer wrong", TOKEN):
        assert server.get("/session", Authorization=given).status == 401
    answer = server.get("/session", Authorization=f"Bearer {TOKEN}")
    cookie = answer.headers["Set-Cookie"]
    assert answer.status == 204
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


@pytest.mark.parametrize("path", ["/", "/viewer.js", "/session", *PRIVATE])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost.evil.example:80", ""])
def test_a_foreign_host_gets_400(server: Server, path: str, host: str) -> None:
    answer = server.get(path, Host=host, Cookie=server.cookie, Authorization=f"Bearer {TOKEN}")
    assert answer.status == 400


@pytest.mark.parametrize("path", ["/", "/viewer.js", "/viewer.css", "/nothing", *PRIVATE])
def test_every_answer_has_the_headers_and_none_lets_other_sites_in(
    server: Server, path: str
) -> None:
    answer = server.get(path, Cookie=server.cookie, Origin="http://evil.example")
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_only_gives(server: Server, method: str) -> None:
    assert server.get("/api/page", method, Cookie=server.cookie).status == 405


@pytest.mark.parametrize(
    "query",
    [
        "column?run=0&measure=norm;drop table layers&layer=1",
        "column?run=0&measure=1)--&layer=1",
        "column?run=0&measure=norm&layer=1 or 1=1",
        "column?run=0&measure=norm&layer=99",
        "column?run=7&measure=norm&layer=1",
        "column?run=-1&measure=norm&layer=1",
        "column?run=../../etc&measure=norm&layer=1",
        "profile?run=0&measure=entropy",
        "profile?run=0&measure=norm from layers--",
        "ranks?run=0&measures=norm,1&layer=1&a=0.1",
        "ranks?run=0&measures=norm&layer=1&a=0.x",
        "ranks?run=0&measures=norm&layer=1&a=0",
        "cloud?run=0&x=norm&y=token&layer=1",
        "choose?run=0&x=norm&y=entropy&layer=1&passage=0&left=a&right=1&low=0&high=1",
        "choose?run=0&x=norm&y=entropy&layer=1&passage=0&left=nan&right=1&low=0&high=inf",
        "tokens?run=0&passage=' or ''='",
        "tokens?run=0",
    ],
)
def test_what_is_no_measure_and_no_number_is_refused(server: Server, query: str) -> None:
    answer = server.get(f"/api/{query.replace(' ', '%20')}", Cookie=server.cookie)
    assert answer.status == 400
    assert "expected" in answer.text or "not a measure" in answer.text or "no tokens" in answer.text


def test_files_of_the_machine_cannot_be_asked_for(server: Server) -> None:
    for path in ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/manifest.json", "/api/"):
        assert server.get(path, Cookie=server.cookie).status == 404


def usable(run: Any, measure: str) -> np.ndarray:
    found = run.sql(f"""select {measure}::double as value from layers join tokens
        using (passage, position) where layer = 2 and position > 0 and not sink""")
    return np.sort(np.asarray(found.fetchnumpy()["value"]))


def test_percentiles_and_bars_are_those_of_the_run(server: Server) -> None:
    column = server.ask("column", measure="turned", **ROTATION)
    values = usable(server.run, "turned")
    assert column["count"] == sum(column["counts"]) == len(values)
    assert column["percentiles"] == pytest.approx(np.quantile(values, np.arange(101) / 100))
    assert sum(column["twin"]) == len(values)


def test_a_rank_is_the_share_of_tokens_that_lie_below(server: Server) -> None:
    values = usable(server.run, "rotation")
    own = server.run.sql("select rotation from layers where (passage, position, layer) = (0, 3, 2)")
    found = server.ask("ranks", measures="rotation,next_logprob", a="0.3", b="", **ROTATION)
    assert found["rotation"] == [pytest.approx(np.mean(values < own.fetchall()[0][0])), None]
    assert 0 <= found["next_logprob"][0] <= 1
    assert server.ask("ranks", measures="norm", a="0.99", **ROTATION)["norm"] == [None, None]


def test_the_page_comes_before_its_curves_which_are_asked_for(server: Server) -> None:
    profiles = server.ask("page")["runs"][0]["profiles"]
    assert not [name for name, profile in profiles.items() if profile["curves"]]
    assert len(profiles["turned"]["twins"]) == 2
    assert server.ask("profile", run=0, measure="turned")["curves"][0]["label"] == "all tokens"


def flat(value: Any) -> list[Any]:
    """All that is in lists and dictionaries, in order, None as NaN."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for part in value for leaf in flat(part)]
    return [float("nan") if value is None else value]


@pytest.mark.parametrize("most", [0, 2**26], ids=["a layer at a time", "all states at once"])
def test_what_follows_from_the_stored_measures_is_what_the_database_derives(
    server: Server, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("odograph.explorer.columns.MOST_NUMBERS", most)
    with odograph_open(server.run.folder) as run:
        columns, expected = Columns(run), profiles_of(run)
        assert "straightness" in columns.once
        for once in columns.once:
            query = f"select {once} from tokens order by passage, position"
            stored = numbers(run.sql(query))[once]
            assert columns.at(once, 3) == pytest.approx(stored, rel=1e-6, nan_ok=True)
        for measure in columns.names:
            query = f"select {measure} from layers where layer = 3 order by passage, position"
            derived = run.sql(query).fetchnumpy()[measure]
            assert columns.at(measure, 3) == pytest.approx(np.asarray(derived), rel=1e-6, abs=1e-7)
            assert np.isnan(columns.at(measure, 0)).all() == (measure != "norm")
            shown = profile_answer(columns, measure)
            assert shown.keys() == expected[measure].keys()
            for mine, other in zip(flat(shown), flat(expected[measure]), strict=True):
                assert mine == (other if isinstance(other, str) else approx(other))


def test_what_follows_is_the_same_however_many_tokens_are_taken_at_a_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with odograph_open(server.run.folder) as run:
        at_once, in_parts = Columns(run).network(run), Columns(run).network(run)
        follow = [name for name in Columns(run).names if derived(name) is not None]
        assert {"heading", "path", "growth"} <= set(follow)
        for measure in follow:
            whole = at_once.at(measure, 3)
            with monkeypatch.context() as patch:
                patch.setattr("odograph.explorer.network._STRETCH", 7)
                assert np.array_equal(in_parts.at(measure, 3), whole, equal_nan=True)
            assert len(whole) > 7


def test_a_heading_keeps_its_digits_and_is_none_where_nothing_was_added() -> None:
    before = np.array([3.0, 3.0, 3.0, 2.0, 2.0, 0.0])
    added = np.array([[0.0, 0.0], [0.0, 3e-6], [-6.0, 0.0], [0.0, 2.0], [1e-9, 0.0], [1.0, 1.0]])
    after = np.stack([before, np.zeros(6)], 1) + added
    norm = [before, np.hypot(after[:, 0], after[:, 1])]
    rotation = np.degrees(np.arctan2(after[:, 1], after[:, 0]))
    stored = {"norm": norm, "rotation": [None, rotation], "step": [None, np.hypot(*added.T)]}
    how = derived("heading")
    assert how is not None
    found = how.formula(lambda name, layer: stored[name][layer], 1)
    exact = np.degrees(np.arctan2(added[:5, 1], added[:5, 0]))
    assert found[1:5] == pytest.approx(exact[1:], rel=1e-6)
    assert np.isnan(found[0])


@pytest.mark.parametrize("size", [1, 7, 1000], ids=str)
def test_columns_that_go_token_by_token_are_turned_whatever_the_size_of_a_batch(size: int) -> None:
    rows = np.arange(60, dtype=np.float32)
    table = pyarrow.table({"a": rows, "b": -rows})
    a, b = _by_state(table.to_batches(size), [np.empty((3, 20), np.float32) for _ in range(2)])
    assert np.array_equal(a, rows.reshape(20, 3).T)
    assert np.array_equal(b, -a)


def approx(value: float) -> Any:
    return pytest.approx(value, rel=1e-5, abs=1e-6, nan_ok=True)


def test_another_block_asks_the_database_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with odograph_open(server.run.folder) as run:
        columns = Columns(run)
        axes = [Axes("heading", "path", layer, minus=True) for layer in (2, 3)]
        ranks_answer(columns, columns.names, 2, [0, 1])
        cloud_answer(columns, axes[0])
        for one in (run, *run.untrained):
            monkeypatch.setattr(one, "sql", lambda _: pytest.fail("a query was made"))
        assert ranks_answer(columns, columns.names, 3, [0, 1]).keys() == columns.measures
        assert cloud_answer(columns, axes[1]) is not None


def test_states_are_read_in_the_order_of_the_text_wherever_they_lie(server: Server) -> None:
    with odograph_open(server.run.folder) as run:
        columns = Columns(run)
        as_stored = columns.network(run)
        again = Columns(run).network(run)
        assert as_stored._lies_in_order()
        again._sorting = "order by passage, position, layer"
        states = [network.states("rotation") for network in (as_stored, again)]
        assert np.array_equal(*states, equal_nan=True)


def test_a_box_holds_as_many_tokens_as_the_database_says(server: Server) -> None:
    fields = {"x": "rotation", "y": "next_logprob", "passage": 0, **ROTATION}
    box = {"left": 5, "right": 70, "low": -8, "high": -2}
    (count,) = server.run.sql("""
        select count(*) from layers join tokens using (passage, position)
        where layer = 2 and position > 0 and not sink and rotation between 5 and 70
        and next_logprob between -8 and -2""").fetchall()[0]
    found = server.ask("choose", **fields, **box)
    assert found["count"] == count > 0
    assert len(found["places"]) == count
    assert 0 < len(found["examples"]) <= 6


def test_points_minus_the_twins_are_differences_to_their_mean(server: Server) -> None:
    fields = ROTATION | {"minus": 1}
    found = server.ask("cloud", x="rotation", y="position", **fields)
    mean = np.mean([usable(twin, "rotation").mean() for twin in server.run.untrained])
    own = usable(server.run, "rotation").mean()
    assert unpacked(found["x"]).mean() == pytest.approx(own - mean, abs=1e-3)
    assert found["of"] == len(usable(server.run, "rotation"))


def test_the_page_and_its_tokens_are_given_to_the_cookie(server: Server) -> None:
    page = server.ask("page")
    (run,) = page["runs"]
    assert run["data"]["of_passages"] == 3
    assert server.ask("tokens", run=0, passage=2)["passages"][0]["text"] == TEXTS[2]
    assert server.ask("tokens", run=0, passage=77)["passages"][0]["text"] == TEXTS[0]


def test_a_port_that_is_taken_is_named() -> None:
    with listening("127.0.0.1", 0) as socket:
        port = socket.getsockname()[1]
        with pytest.raises(UsageError, match=f"cannot listen at 127.0.0.1:{port}"):
            listening("127.0.0.1", port).__enter__()


def test_an_address_of_the_sixth_version_stands_in_brackets() -> None:
    with listening("127.0.0.1", 0) as socket:
        assert address_of(socket).startswith("127.0.0.1:")
