"""The findings of a run as a table, a row each, made of findings.json when it is asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

NULLS = pa.struct(
    [
        ("name", pa.string()),
        *((key, pa.float64()) for key in ("estimate", "low", "high")),
        ("seeds", pa.int64()),
    ]
)
_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("study", pa.string(), "Name of the study."),
    ("headline", pa.string(), "What was found."),
    ("evidence", pa.list_(pa.string()), "Who was counted, and what each null gives."),
    ("verdict", pa.string(), "beyond, like, describes or undecided beside its null."),
    ("weight", pa.float64(), "What leads: the larger, the further to the front."),
    ("estimate", pa.float64(), "The number that was found, in its unit."),
    ("low", pa.float64(), "Lower end of its interval."),
    ("high", pa.float64(), "Upper end of its interval."),
    ("estimate_of", pa.string(), "What that number is, where the headline does not say it."),
    ("unit", pa.string(), "Unit of these numbers; 1 for none."),
    ("n", pa.int64(), "Units that it rests on."),
    ("unit_of_inference", pa.string(), "What is counted: passage, document, lemma ..."),
    ("excluded", pa.int64(), "Units left out."),
    ("test", pa.string(), "The leading test; none: and why where there is none."),
    ("family", pa.string(), "How many tests p_adjusted is corrected for."),
    ("p", pa.float64(), "p of the leading test by itself."),
    ("p_adjusted", pa.float64(), "The same, corrected for its family."),
    ("d_z", pa.float64(), "The mean that is tested, in standard deviations of its units."),
    ("null", pa.string(), "What the leading test tests against."),
    ("null_values", pa.list_(NULLS), "What each null gives of the same quantity."),
    ("survives", pa.bool_(), "Whether all its readings say the same; null where there is one."),
    ("statement", pa.string(), "The long form with its statistics."),
    ("plain", pa.string(), "The same to a student."),
)


def findings_schema() -> pa.Schema:
    """The columns with what they hold."""
    return pa.schema(
        [
            pa.field(name, kind, metadata={"definition": definition})
            for name, kind, definition in _COLUMNS
        ]
    )


def findings_table(findings: Sequence[Mapping[str, Any]]) -> pa.Table:
    """A row a finding in their order; what a record of an earlier release lacks is null."""
    return pa.Table.from_pylist([_row(record) for record in findings], findings_schema())


def _row(record: Mapping[str, Any]) -> dict[str, Any]:
    low, high = record.get("interval") or (None, None)
    return {"low": low, "high": high} | {
        name: record.get(name) for name, *_ in _COLUMNS if name not in ("low", "high")
    }
