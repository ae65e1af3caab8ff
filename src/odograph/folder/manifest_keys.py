"""What the manifest of a run, a comparison or a difference says, key by key."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from odograph.folder.keys import Count, Digest, Fault, Keys, fault_finder

#: Of such a length as a program can use: Python's integers have no end.
Seed = Annotated[int, Field(ge=0, lt=2**63)]
Size = Annotated[int, Field(ge=1, lt=2**31)]
#: A file of a shard: a folder of ours, a number, and which try wrote it where there were several.
ShardFile = Annotated[
    str, Field(pattern=r"^[a-z_]+/part-[0-9]{5,}(-[A-Za-z0-9]+)?\.(parquet|safetensors)$")
]
NullFolder = Annotated[str, Field(pattern=r"^(untrained|shuffled)/seed-[0-9]+$")]


class Versions(Keys):
    """Versions by library."""

    model_config = ConfigDict(strict=True, extra="allow")
    __pydantic_extra__: dict[str, str]
    torch: str
    transformers: str


class FinalExclusions(Keys):
    """What was left out, and how many of it, once all is measured."""

    model_config = ConfigDict(strict=True, extra="allow")
    __pydantic_extra__: dict[str, Count]
    first_position: Count
    sinks: Count


class WeightFit(Keys):
    """Which weights of the files are not in the model, and the other way round."""

    ignored: list[str] = []
    unused: list[str] = []
    random: list[str] = []


class Rounding(Keys):
    """What half precision costs."""

    tokens: Count
    rotation: float
    rotation_median: float
    norm: float
    cosine: float | None


class Model(Keys):
    """Which model was measured."""

    name: str
    revision: str | None
    fingerprint: str
    blocks: Size
    width: Size
    layout: str
    parameters: Count = 0
    architecture: str = ""
    untrained_seed: Seed | None = None
    weights_sha256: str | None = None
    base: str | None = None
    base_revision: str | None = None
    adapter: str | None = None
    file: str | None = None
    quantised: str | None = None
    weights: WeightFit | None = None


class Config(Keys):
    """The options that decide how a run is read."""

    targets: list[str]
    select: str
    keep_first: bool
    variants: bool = False
    groups: list[str] = []
    words: Count = 0
    frequencies: str | None = None
    split: bool = False
    chat: bool = False
    csv_safe: bool = True
    card: bool = False
    axes: str | None = None
    revision: str | None = None
    name: str | None = None
    at: str = "all"
    sinks: str = "leave"


class Skipped(Keys):
    """A passage that could not be read."""

    place: str
    reason: str


class Corpus(Keys):
    """The texts."""

    passages: Count
    tokens: Count
    fingerprint: str
    rows: Count = 0
    documents: Count = 0
    notes: list[str] = []
    sources: list[str] = []
    texts: list[str] = []
    skipped: list[Skipped] = []
    tagger: str = ""


class Shard(Keys):
    """The receipt of a shard."""

    index: Count
    tokens: Count
    files: dict[ShardFile, Digest]
    not_a_number: dict[str, Count] = {}
    first_not_a_number: str = ""


class KeptRows(Keys):
    """Whether sums are kept of all tokens, and then of how much there are rows."""

    sums: bool = False
    documents: Count = 0
    passages: Count = 0
    tokens: Count = 0


class SkipsFile(Keys):
    """The table of losses with blocks skipped; without a file where the try was interrupted."""

    file: ShardFile | None = None
    sha256: Digest | None = None
    tokens: Count = 0
    passages: Count = 0
    of_passages: Count = 0
    ways: Count = 0
    wall_s: float = 0.0


class Ablations(Keys):
    """The tables of what undoing something in blocks does; some are missing after an interruption.

    `files` are all parts that are whole, `undone` what was undone in each block.
    """

    files: dict[ShardFile, Digest] = {}
    undone: list[str] = []
    passages: Count = 0
    tokens: Count = 0
    of_passages: Count = 0
    wall_s: float = 0.0


class Lens(Keys):
    """The table of predictions read at every depth; parts are missing after an interruption.

    `files` are all parts that are whole, `tuned_lens` the checksum of the maps that were used.
    """

    files: dict[ShardFile, Digest] = {}
    passages: Count = 0
    tokens: Count = 0
    of_passages: Count = 0
    tuned_lens: Digest | None = None
    wall_s: float = 0.0


class PilotFile(Keys):
    """What the pilot found, and the file in which it is kept."""

    file: Literal["pilot.safetensors"] | None = None
    sha256: Digest | None = None
    tokens: Count = 0
    coordinates: list[Count] = []
    peaks: list[float] = []
    readings: list[str] = []
    missing: dict[str, str] = {}


class SinkCounts(Keys):
    """How many passages have tokens at position 0, and in how many these are sinks."""

    first: Count = 0
    first_sinks: Count = 0


class Check(Keys):
    """One check of the model."""

    name: str
    passed: bool | None
    error: float | None
    tolerance: float | None
    detail: str


class Time(Keys):
    """When, and how long."""

    started: str
    wall_s: float
    tokens_per_s: float | None = None


class RunKeys(Keys):
    """The manifest of a run."""

    kind: Literal["run"]
    odograph: str
    versions: Versions
    command: str
    config: Config
    config_hash: str
    model: Model
    dtype: str
    rounding: Rounding | None = None
    device: str
    kernel: str
    convention: Literal["stream", "hf", "lens"]
    bos: str
    seed: Seed
    self_check: list[Check]
    decomposition: str
    exclusions: dict[str, Count]
    corpus: Corpus
    shards: list[Shard]
    not_a_number: dict[str, Count]
    untrained: list[NullFolder]
    shuffled: list[NullFolder] = []
    kept: KeptRows = KeptRows()
    skips: SkipsFile = SkipsFile()
    ablations: Ablations = Ablations()
    lens: Lens = Lens()
    pilot: PilotFile = PilotFile()
    sinks: SinkCounts = SinkCounts()
    time: Time
    complete: bool


class FinishedRunKeys(RunKeys):
    """The manifest of a run that is complete."""

    exclusions: FinalExclusions  # type: ignore[assignment]  # the same counts, two of them certain


class SeriesRecord(Keys):
    """What the runs of a comparison are ordered by, and where each stands."""

    axis: str
    values: list[float]


class DifferenceKeys(RunKeys):
    """The manifest of the difference of two runs: the second minus the first."""

    kind: Literal["difference"]  # type: ignore[assignment]  # it reads like a run
    runs: Annotated[list[str], Field(min_length=2, max_length=2)]
    models: Annotated[list[str], Field(min_length=2, max_length=2)]


class ComparisonKeys(Keys):
    """The manifest of a comparison."""

    kind: Literal["comparison"]
    odograph: str
    command: str
    runs: list[str]
    models: list[str]
    series: SeriesRecord | None = None
    complete: bool = True


_KINDS = {
    "run": fault_finder(RunKeys),
    "comparison": fault_finder(ComparisonKeys),
    "difference": fault_finder(DifferenceKeys),
}
_of_finished_run = fault_finder(FinishedRunKeys)


def first_fault(record: dict[str, Any]) -> Fault | None:
    """The first key whose value is of the wrong kind; None where all is right."""
    kind = record.get("kind", ...)
    if not isinstance(kind, str) or kind not in _KINDS:
        return Fault("kind", " or ".join(_KINDS), kind)
    finished = kind == "run" and record.get("complete") is True
    return _of_finished_run(record) if finished else _KINDS[kind](record)
