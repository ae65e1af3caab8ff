"""A finding's record as a page shows it; what an older folder lacks is made from what it has."""

import math
from collections.abc import Mapping
from typing import Any

from odograph.report.numbers import NOTHING, in_unit, number, p_value, with_width
from odograph.report.records import mapping
from odograph.sentences.record import first_clause
from odograph.sentences.verdicts import BEYOND, DESCRIBES, UNDECIDED, VERDICTS
from odograph.statistics.permutation import ALPHA

_LONGEST_HEADLINE = 150


def shown_finding(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Headline, verdict, numbers, nulls, statistics in a line, and the view that shows it."""
    statement = str(finding["statement"])
    evidence = finding.get("evidence")
    return {
        "study": str(finding["study"]),
        "headline": _shortened(str(finding.get("headline") or first_clause(statement))),
        "evidence": "; ".join(map(str, evidence)) if isinstance(evidence, list) else "",
        "statement": statement,
        "plain": str(finding.get("plain") or ""),
        "verdict": _verdict(finding),
        "estimate": _finite(finding.get("estimate")),
        "interval": _pair(finding.get("interval")),
        "unit": str(finding.get("unit") or ""),
        "nulls": _nulls(finding.get("null_values")),
        "line": finding_line(finding),
        "weight": _finite(finding.get("weight")) or 0.0,
        "show": _view(finding),
    }


def finding_line(finding: Mapping[str, Any]) -> list[str]:
    """Effect with interval, n, test, family, p and null, each as a short text."""
    line = []
    if number(finding.get("estimate")) != NOTHING:
        bounds = finding.get("interval")
        unit = str(finding.get("unit") or "")
        shown, span = in_unit(finding["estimate"], unit), ", no interval"
        if bounds:
            shown, low, high = with_width(finding["estimate"], bounds[0], bounds[1], unit)
            span = f" [{low}, {high}]"
        line.append(f"{shown} {unit if unit != '1' else ''}".strip() + span)
    line.append(f"{units(finding)} ({number(finding.get('excluded'))} left out)")
    line.append(str(finding.get("test") or "not recorded"))
    if finding.get("family"):
        line.append(f"family: {finding['family']}")
    if finding.get("p") is not None:
        line.append(p_value(finding["p"]))
    if finding.get("p_adjusted") is not None:
        line.append(f"adjusted {p_value(finding['p_adjusted'])}")
    line.append(f"null: {finding.get('null') or 'none shown'}")
    return line


def units(finding: Mapping[str, Any]) -> str:
    """How many units and what one is: "n = 54 passages", whether the record says one or many."""
    unit = str(finding.get("unit_of_inference") or "units")
    head, of, rest = unit.partition(" of ")
    single = head.endswith("s") or finding.get("n") == 1
    return f"n = {number(finding.get('n'))} {head if single else f'{head}s'}{of}{rest}"


def _shortened(headline: str) -> str:
    if len(headline) <= _LONGEST_HEADLINE:
        return headline
    return headline[:_LONGEST_HEADLINE].rsplit(" ", 1)[0] + " …"


def _verdict(finding: Mapping[str, Any]) -> str:
    """The recorded verdict; of older records, what the p-value says."""
    recorded = finding.get("verdict")
    if recorded in VERDICTS:
        return str(recorded)
    adjusted = finding.get("p_adjusted")
    p = _finite(finding.get("p") if adjusted is None else adjusted)
    if p is None:
        return DESCRIBES
    return BEYOND if p < ALPHA else UNDECIDED


def _nulls(values: Any) -> list[dict[str, Any]]:
    """Each null that has numbers: name, estimate, low, high."""
    return [
        {
            "name": str(null.get("name") or "null"),
            **{end: _finite(null.get(end)) for end in ("estimate", "low", "high")},
        }
        for null in (values if isinstance(values, list) else [])
        if isinstance(null, Mapping)
    ]


def _view(finding: Mapping[str, Any]) -> dict[str, Any]:
    """The view that the record names; none of older records."""
    return {str(k): v for k, v in mapping(finding.get("show")).items() if isinstance(v, str | int)}


def _pair(value: Any) -> list[float | None] | None:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    return [_finite(bound) for bound in value]


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
