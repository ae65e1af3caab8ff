"""Where a page shows what a finding says: a view state made of the record's own values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from odograph.folder.run import Run
from odograph.folder.selection import columns_of
from odograph.folder.target_pairs import View
from odograph.sentences.record import Finding
from odograph.studies.section import Answer

#: What is shown where a run has no measure that a finding speaks of.
_ELSE = "rotation"


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
