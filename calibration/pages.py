"""The tables of README.md and docs/statistics.md, made from results.csv."""

from collections.abc import Iterable
from pathlib import Path

from calibration import (
    covering,
    distances,
    drift,
    effects,
    family_wise,
    hard_data,
    orders,
    random_networks,
    series,
)
from calibration.analyses import PUBLISHED
from calibration.rows import FALSE_ALARMS, FOUND, Row
from odograph.sentences.numbers import coefficient

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.csv"
FIGURE, HARD_FIGURE = FOLDER / "calibration", FOLDER / "hard-data"
PAGES = (FOLDER / "README.md", FOLDER.parent / "docs" / "statistics.md")


_HARD = (*hard_data.METHODS, *random_networks.METHODS)


def filled(page: str, rows: list[Row]) -> str:
    """The page with every table between `<!-- name -->` and `<!-- end -->` made anew."""
    for name, table in tables(rows).items():
        start = f"<!-- {name} -->\n"
        if start in page:
            before, rest = page.split(start, 1)
            page = f"{before}{start}{table}\n<!-- end -->{rest.split('<!-- end -->', 1)[1]}"
    return page


def tables(rows: list[Row]) -> dict[str, str]:
    """All tables as Markdown, by name."""
    plain = [row for row in rows if not row.setting.startswith("published")]
    return {
        "false alarms": _by_n([r for r in plain if r.method in family_wise.METHODS]),
        "hard data": _by_n([row for row in plain if row.method in _HARD]),
        "analyses": _analyses([row for row in rows if row.setting.startswith("published")]),
        "means": _by_n([row for row in rows if row.method == covering.MEAN]),
        "inverted": _by_n([row for row in rows if row.method == covering.INVERTED]),
        "intervals": _by_n(
            [r for r in rows if r.method in (covering.LEMMA, covering.TORN, covering.PASSAGES)],
            setting=False,
        ),
        "one text": _by_n(
            [
                row
                for method in (covering.CORRELATION, covering.ONE_TEXT, covering.TEXT_MEAN)
                for row in rows
                if row.method == method
            ]
        ),
        "effects": _by_n(
            [r for r in rows if r.method in (effects.D_Z, effects.EXACT, effects.RATIO)]
        ),
        "changes": _by_n([row for row in rows if row.method == effects.CHANGE]),
        "distances": _by_n([row for row in rows if row.method == distances.DISTANCE]),
        "series": _by_n([row for row in rows if row.method in series.METHODS]),
        "orders": _by_n([row for row in rows if row.method == orders.ORDER]),
        "blocks": _by_n([row for row in rows if row.method == covering.BLOCKS]),
        "drift": _by_n(
            [
                r
                for r in plain
                if r.method in (drift.OWN, drift.POOLED, drift.BETWEEN, drift.PERMUTED)
            ]
        ),
        "power": _by_n([row for row in rows if row.method.startswith("power")]),
    }


def _by_n(rows: list[Row], *, setting: bool = True) -> str:
    """A line for each method and setting, a column for each n."""
    sizes = sorted({row.n for row in rows})
    lines: dict[tuple[str, str], dict[int, Row]] = {}
    for row in rows:
        key = (row.method, _setting(row) if setting else "")
        lines.setdefault(key, {})[row.n] = row
    head = ["method", *(["setting"] if setting else []), *(str(n) for n in sizes), "runs"]
    body = [
        [
            method,
            *([where] if setting else []),
            *(_cell(found.get(n)) for n in sizes),
            _runs(found.values()),
        ]
        for (method, where), found in lines.items()
    ]
    return _markdown(head, body)


def _setting(row: Row) -> str:
    return row.setting.removesuffix(", 1 to 3 tokens a sentence").removeprefix("48 layers, ")


def _runs(rows: Iterable[Row]) -> str:
    counts = sorted({row.runs for row in rows})
    return " to ".join(str(count) for count in dict.fromkeys((counts[0], counts[-1])))


def _cell(row: Row | None) -> str:
    """The share; what does not keep its promise with the verdict."""
    if row is None:
        return ""
    share = coefficient(row.estimate) if row.what == FOUND else _thousandths(row.estimate)
    return share if row.verdict in ("holds", "") else f"{share} {row.verdict}"


def _thousandths(share: float) -> str:
    return f"{share:.3f}".removeprefix("0") if share < 1 else "1.000"


def _analyses(rows: list[Row]) -> str:
    head = ["analysis", "false alarms", "published", "found", "published", "runs"]
    body = []
    for name in PUBLISHED:
        pair = {row.what: row for row in rows if row.method == name}
        cells = [
            text
            for what in (FALSE_ALARMS, FOUND)
            for text in (_interval(pair[what]), coefficient(pair[what].nominal or 0))
        ]
        body.append([name, *cells, str(pair[FOUND].runs)])
    return _markdown(head, body)


def _interval(row: Row) -> str:
    return f"{coefficient(row.estimate)} ({coefficient(row.low)} to {coefficient(row.high)})"


def _markdown(head: list[str], body: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def printed(rows: list[Row]) -> str:
    """All rows as one plain table."""
    lines = [
        f"{row.what:<17} {row.method:<45} {row.n:>5}  {row.estimate:>6.3f}  "
        f"{row.low:.3f} to {row.high:.3f} {row.runs:>5}  "
        f"{'' if row.nominal is None else format(row.nominal, '.2f'):<5} {row.verdict:<9} "
        f"{row.setting}"
        for row in rows
    ]
    head = (
        f"{'what':<17} {'method':<45} {'n':>5}  {'share':>6}  {'Monte-Carlo':<14} {'runs':>5}  "
        f"{'prom.':<5} {'verdict':<9} setting"
    )
    return "\n".join([head, *lines])
