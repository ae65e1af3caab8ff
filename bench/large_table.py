"""The table of docs/how-to/large-runs.md: what a trial of `bench.large` found.

`python -m bench.large_table` prints it from the lines that bench/large.jsonl keeps of one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.large import KEEPS, RANKS, WORKERS
from bench.peaks import ROOT

KEPT = ROOT / "bench" / "large.jsonl"
_WAYS = {"ranks": f"{RANKS} ranks", "ray": f"Ray, {WORKERS} actors"}
_SHOWN = {"page": "page", "rotation": "curves of `rotation`", "heading": "curves of `heading`"}
Line = Mapping[str, Any]


def kept_lines() -> list[Line]:
    """The lines of the trial that the documentation tells of."""
    return [json.loads(line) for line in KEPT.read_text("utf-8").splitlines()]


def table(lines: Sequence[Line]) -> str:
    """What a trial found, as a table of the documentation."""
    rows = [("what", "found"), ("---", "---"), *_differing(lines), *_numbers(lines)]
    return "\n".join(f"| {what} | {found} |" for what, found in rows)


def _differing(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """What was compared, and how much of it was not equal."""
    killed = {line["run"]: line["killed"] for line in lines if "killed" in line}
    for line in lines:
        if "against" in line:
            kept, _, way = line["run"].partition("-")
            what = f"{kept}: files of {_WAYS[way]} (killed: {killed[line['run']]})"
            yield f"{what} unlike one process's", f"{line['differ']} of {line['files']:,}"
        elif "means of documents" in line:
            what = "means of documents from sums unlike those from rows, the last bit included"
            yield what, f"{line['differ']} of {line['means of documents']:,}"
        elif "findings" in line:
            found = f"{line['differ']} of {line['of all']}"
            yield "findings from sums unlike those from rows", found
            yield "beside them, findings of drawn documents or drawn pairs", f"{line['of drawn']}"


def _numbers(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """What was measured, of the run with rows and of the one with sums."""

    def of_both(what: str, key: str, name: str) -> tuple[str, str]:
        found = {line[key]: line[name] for line in lines if key in line and name in line}
        return f"{what}: {'; '.join(KEEPS)}", "; ".join(f"{found[keep]:g}" for keep in KEEPS)

    yield of_both("gigabytes on disk", "run", "GB")
    yield of_both("megabytes of the report", "report of", "MB")
    for name, shown in _SHOWN.items():
        yield of_both(f"seconds to the {shown} in the explorer", "explorer of", name)
    peaks = "; ".join(_peak([one for one in lines if one.get("of") == keep]) for keep in KEEPS)
    yield f"largest peak memory of a study: {'; '.join(KEEPS)}", peaks


def _peak(studies: Sequence[Line]) -> str:
    most = max(studies, key=lambda one: float(one["MB"]))
    return f"{most['MB']:,} MB ({most['study']})"


if __name__ == "__main__":
    print(table(kept_lines()))
