"""What findings.json and studies.json say, key by key."""

from typing import Annotated, Any

from pydantic import Field

from odograph.folder.keys import Count, Digest, Keys, fault_finder

Number = Annotated[float, Field(allow_inf_nan=False)]
#: A file of a study: letters, digits, _ and - alone make its name.
ResultFile = Annotated[
    str,
    Field(pattern=r"^(tables|figures)/[A-Za-z0-9_][A-Za-z0-9_-]*\.(parquet|csv|svg|png)$"),
]


class NullKeys(Keys):
    """What a null gives."""

    name: str
    estimate: Number | None = None
    low: Number | None = None
    high: Number | None = None


class ReadingKeys(Keys):
    """The same in another reading of an angle."""

    name: str
    estimate: Number | None = None
    interval: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    p_adjusted: Number | None = None
    places: dict[str, Count] = {}


class FindingKeys(Keys):
    """A finding."""

    study: str
    statement: str
    plain: str = ""
    headline: str = ""
    estimate_of: str = ""
    evidence: list[str] = []
    verdict: str = ""
    estimate: Number | None = None
    interval: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    unit: str = ""
    n: Count = 0
    unit_of_inference: str = ""
    excluded: Count = 0
    test: str = ""
    family: str = ""
    null: str = ""
    null_values: list[NullKeys] = []
    p: Number | None = None
    p_adjusted: Number | None = None
    weight: Number = 0
    card: dict[str, str] = {}
    show: dict[str, Any] = {}
    readings: list[ReadingKeys] = []
    survives: bool | None = None


class FigureKeys(Keys):
    """A figure or a table in the section of a study."""

    name: str
    title: str = ""
    caption: str = ""
    null: str = ""


class SectionKeys(Keys):
    """The section of a study."""

    question: str = ""
    figures: list[FigureKeys] = []
    tables: list[FigureKeys] = []
    notes: list[str] = []
    card: dict[str, str] = {}
    files: dict[ResultFile, Digest] = {}
    findings: Digest = "0" * 64
    undone: bool = False


fault_of_findings = fault_finder(list[FindingKeys])
fault_of_sections = fault_finder(dict[str, SectionKeys])
