"""What a command found, on one screen: a small table, three headlines, and where the rest lies."""

import re
import shutil
import textwrap
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from odograph.sentences.english import several
from odograph.sentences.headline import headline_of
from odograph.sentences.numbers import number
from odograph.terminal import shell_command, show

if TYPE_CHECKING:
    from odograph.folder.glance import Seen
    from odograph.folder.run import Run

#: Wider lines are hard to read, whatever the terminal's width.
_WIDEST, _NARROWEST = 100, 40
_HEADLINES = 3
_PREFIX = "odograph"
#: What leaving one unit out does to a finding, in its statement.
_HINGES = re.compile(r"\b(hinges on .+?)\.(?= |$)")


def terminal_width() -> int:
    """Characters a line: those of the terminal, at most 100."""
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((80, 24)).columns))


def show_study(run: "Run", name: str, report: Path) -> None:
    """One study of a run or comparison: head, table, headlines, notes, and where the rest lies."""
    width = terminal_width()
    findings = _led([f for f in run.findings if f["study"] == name])
    lines = [f"{name}, {subject(run)}: {_counted(run)}", *_left_out(run, name, width), ""]
    lines += _table(run, name, width)
    for place, finding in enumerate(findings[:_HEADLINES], start=1):
        lines += _wrapped(f"{place}  ", headline_of(finding), width)
    notes = [line for note in _notes(run, findings) for line in _wrapped("Note: ", note, width)]
    more = len(findings) - _HEADLINES
    rest = f"({several(more, 'finding')} more, tests, figures)" if more > 0 else ""
    lines += ["", *notes, *([""] if notes else []), *_place(report, rest, width)]
    lines += [f"as text    {shell_command(_PREFIX, 'show', run.folder, name)}"]
    show("\n".join(lines))


def _left_out(run: "Run", name: str, width: int) -> list[str]:
    """Which tokens and pairs are not counted, and why; nothing of several runs."""
    from odograph.folder.card import excluded_words

    if run.manifest["kind"] != "run":
        return []
    words = excluded_words(run.manifest).removeprefix("0 at position 0, ")
    said = [words.replace(", 0 later sinks", "")] if words != "0 later sinks" else []
    pairs = f"{name.replace('-', '_')}_pairs"
    if run.result(f"tables/{pairs}.parquet") is not None:
        rows = run.sql(
            f"select reason, count(*) from tables.{pairs} where not used group by 1 order by 2 desc"
        ).fetchall()
        said += [f"{several(count, 'pair')}: {reason}" for reason, count in rows]
    return _wrapped("left out: ", "; ".join(said), width) if said else []


def _place(report: Path, rest: str, width: int) -> list[str]:
    """Where the report is, and what else is in it: on a line of its own where one has no room."""
    line = f"report     {report}"
    if len(line) + 2 + len(rest) <= width:
        return [f"{line}  {rest}".rstrip()]
    return [line, f"           {rest}"]


def show_studies(runs: "Sequence[Run]", report: Path) -> None:
    """Every study of several runs: its first headline."""
    width = terminal_width()
    for run in runs:
        names = dict.fromkeys(finding["study"] for finding in run.findings)
        for name in names:
            first = _led([f for f in run.findings if f["study"] == name])[0]
            show("\n".join(_wrapped(f"{name}: ", headline_of(first), width)))
    show(f"\nreport     {report}")
    for run in runs:
        show(f"as text    {shell_command(_PREFIX, 'show', run.folder)}")


def subject(run: "Run") -> str:
    """What a run is about: its model, or the models that are compared."""
    from odograph.folder.model_names import own_name

    if run.manifest["kind"] == "comparison":
        return " and ".join(run.manifest["models"])
    return f"{own_name(run.manifest)} ({several(run.blocks, 'block')})"


def _led(findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What leads comes first; of the same weight in the order of the study."""
    return sorted(findings, key=lambda finding: -finding.get("weight", 0))


def _counted(run: "Run") -> str:
    if run.manifest["kind"] == "comparison":
        return "compared"
    corpus = run.manifest["corpus"]
    return f"{several(corpus['passages'], 'passage')}, {several(corpus['tokens'], 'token')}"


def _wrapped(lead: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=lead,
        subsequent_indent=" " * (3 if len(lead) > 6 else len(lead)),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(run: "Run", name: str, width: int) -> list[str]:
    """The study's numbers at a glance; no lines where it shows none."""
    from odograph.errors import OdographError
    from odograph.folder.glance import seen_at_a_glance
    from odograph.studies import find

    if run.manifest["kind"] != "run":
        return []
    try:
        glance = find(name).glance
    except OdographError:  # a study of another package that is not there
        return []
    seen = None if glance is None else seen_at_a_glance(glance, run)
    return [] if seen is None else [*table_lines(seen, width), ""]


def table_lines(seen: "Seen", width: int) -> list[str]:
    """The table as lines of at most `width` characters; columns that find no room are said."""
    label = max(len(text) for text in (*seen.labels, f"{seen.unit} {seen.along}"))
    cells = [[_cell(*pair) for pair in zip(*row, strict=True)] for row in _pairs(seen)]
    size = max(len(cell) for row in (*cells, seen.keys) for cell in row) + 2
    room = max(2, (width - label) // size)
    shown = _chosen(len(seen.keys), room)
    head = f"{seen.unit} {seen.along}".strip().rjust(label)
    rows = [(head, seen.keys), *zip(seen.labels, cells, strict=True)]
    lines = [
        text.ljust(label) + "".join(row[place].rjust(size) for place in shown) for text, row in rows
    ]
    if any(map(any, seen.significant)):
        lines.append("* p < .05, corrected for the number of tests".rjust(width))
    left = len(seen.keys) - len(shown)
    if left:
        lines.append(f"({several(left, seen.along)} not shown; the report has all)")
    return lines


def _pairs(seen: "Seen") -> list[tuple[Sequence[float | None], Sequence[bool]]]:
    return list(zip(seen.values, seen.significant, strict=True))


def _cell(value: float | None, significant: bool) -> str:
    text = "" if value is None else number(value)
    return f"{text}*" if significant else text


def _chosen(count: int, room: int) -> list[int]:
    """Places of so many that are shown: all, or some at even distances with the first and last."""
    if count <= room:
        return list(range(count))
    return [round(step * (count - 1) / (room - 1)) for step in range(room)]


def _notes(run: "Run", findings: Sequence[dict[str, Any]]) -> list[str]:
    """Where a number of this run could mislead."""
    notes = []
    if run.manifest["kind"] == "run":
        notes += _notes_on_units(run)
        notes += _notes_on_pieces(run, findings)
        if any("the token before it" in finding["statement"] for finding in findings):
            notes += _notes_on_controls(run)
    for place, finding in enumerate(findings[:_HEADLINES], start=1):
        hinges = _HINGES.search(finding["statement"])
        if hinges is not None:
            notes.append(f"{place} {hinges[1]}.")
    return notes


def _notes_on_units(run: "Run") -> list[str]:
    from odograph.folder.kept_rows import kept_sentence

    corpus, excluded = run.manifest["corpus"], run.manifest["exclusions"]
    notes = []
    if corpus["passages"] < 6:
        notes.append("fewer than 6 passages: nothing is tested.")
    documents = corpus.get("documents")
    if documents is not None and documents < corpus["passages"]:
        notes.append(
            f"{several(corpus['passages'], 'passage')} are {several(documents, 'document')}; the "
            "document is what is counted."
        )
    if corpus["skipped"]:
        notes.append(
            f"{several(len(corpus['skipped']), 'passage')} of the input could not be read."
        )
    if kept := kept_sentence(run.manifest):
        notes.append(f"t{kept[1:]}")
    windows = excluded.get("passages_windowed", 0)
    if windows:
        notes.append(f"long passages were read in {several(windows, 'window')}.")
    return notes


def _notes_on_pieces(run: "Run", findings: Sequence[dict[str, Any]]) -> list[str]:
    """Which of their tokens stands for targets of several, where findings speak of targets."""
    from odograph.folder.targets import target_names

    names = target_names(run)
    if not any(f"'{name}'" in finding["statement"] for finding in findings for name in names):
        return []
    excluded = run.manifest["exclusions"]
    cases = excluded.get("target_in_several_pieces", 0) - excluded.get("dropped_several_pieces", 0)
    if not cases:
        return []
    which = "the mean of them" if run.manifest["config"].get("pieces") == "mean" else "the last"
    of = f"'{names[0]}'" if len(names) == 1 else "a target"
    return [f"{of} is several tokens in {several(cases, 'case')}; {which} is measured."]


def _notes_on_controls(run: "Run") -> list[str]:
    """What the tokens before the targets are made of."""
    from odograph.folder.targets import has_targets

    if not has_targets(run):
        return []
    rows = run.chosen.sql(
        "select trim(lower(token)), count(*), count(*) filter (where pieces > 1) from tokens "
        "where role = 'non-target' group by 1 order by 2 desc"
    ).fetchall()
    total, pieces = sum(row[1] for row in rows), sum(row[2] for row in rows)
    if not total:
        return []
    notes = []
    if 2 * rows[0][1] > total:
        most = f"'{rows[0][0]}'" if rows[0][0] else "white space"
        notes.append(f"the token before is {most} in {rows[0][1]} of {total} cases.")
    if pieces:
        are = "is a piece of a word" if pieces == 1 else "are pieces of words"
        notes.append(f"{pieces} of {total} tokens before the target {are}.")
    return notes


def only_studies(runs: "Iterable[Run]", only: Collection[str]) -> "list[tuple[Run, str]]":
    """Every run with each of its studies, or each of `only` some."""
    return [
        (run, name)
        for run in runs
        for name in dict.fromkeys(finding["study"] for finding in run.findings)
        if not only or name in only
    ]
