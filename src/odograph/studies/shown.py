"""Where a page shows what a finding says: a view state made of the record's own values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from odograph.folder.run import Run
from odograph.folder.selection import columns_of, has_targets, usable
from odograph.sentences.record import Finding
from odograph.studies.section import Answer

#: What is shown where a run has no measure that a finding speaks of.
_ELSE = "rotation"
View = Mapping[str, Any]


def with_views(
    findings: Sequence[Finding], answers: Sequence[Answer], run: Run, lead: str, tokens: View
) -> list[Finding]:
    """The findings of these answers, each with the view that shows it: see `with_view`."""
    claims = [claim for answer in answers for claim in answer.claims]
    return [
        with_view(finding, run, claim.places, lead, tokens)
        for finding, claim in zip(findings, claims, strict=True)
    ]


def with_view(
    finding: Finding, run: Run, places: Mapping[str, int], lead: str, tokens: View
) -> Finding:
    """The finding with the state of a page that shows it: run, measure, layer, passage, a, b.

    The measure is the finding's own, or else that of its study. The layer is the
    first of the places that the finding names.

    Args:
        finding: its `show` names what differs from the study: measure, minus.
        run: whose tokens are shown.
        places: the layers that the finding names.
        lead: the measure of its study.
        tokens: what `first_tokens` gives of the run.
    """
    own = dict(finding.show)
    there = columns_of(run, "layers")
    named = own.pop("measure", lead)
    measure = next((name for name in (named, lead, _ELSE) if name in there), None)
    if measure is None:
        return finding
    view = {"run": run.name, "measure": measure, **own}
    layer = next((layer for layer in places.values() if 0 <= layer <= run.blocks), None)
    return replace(finding, show=view | ({} if layer is None else {"layer": layer}) | dict(tokens))


def first_tokens(run: Run) -> View:
    """A target and the token that it is held against, where targets were marked.

    That is the word before it; with several groups of targets, the first target of the next group.
    """
    if not has_targets(run) or "role" not in columns_of(run, "tokens"):
        return {}
    rows = run.sql(f"""
        select passage, position, role, "group" from tokens
        where role in ('target', 'non-target') and {usable(run)} order by passage, position
        """).fetchall()
    first = next((row for row in rows if row[2] == "target"), None)
    if first is None:
        return {}
    others = [row for row in rows if row[2] == "target" and row[3] != first[3]]
    before = [row for row in rows if row[2] == "non-target" and row[0] == first[0]]
    beside = next(iter(others or before), None)
    view = {"passage": int(first[0]), "a": _place(first)}
    return view if beside is None else view | {"b": _place(beside)}


def _place(row: tuple[Any, ...]) -> str:
    return f"{row[0]}.{row[1]}"
