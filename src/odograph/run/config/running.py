"""Options that say how the work is done, and how it is shown; none changes a number."""

from pydantic import Field

from odograph.run.config.fields import Options, count, option

HERE = "here"


class RunningOptions(Options):
    """How the work is done, and how it is shown."""

    batch_tokens: int = count(
        0,
        "Tokens a batch; 0 chooses 512 on a CPU, 8192 on a GPU, fewer where memory is short. "
        "Halved when it runs out. Changes the last digits of results alone.",
        group="Running",
    )
    shard_tokens: int = count(
        16_384,
        "Tokens a shard, about what is lost when a run is interrupted; more where that would make "
        "over 8,192 shards.",
        least=1,
        group="Running",
    )
    workers: int = count(
        1,
        "Processes that measure here, each with the model and its share of the cores; on several "
        "GPUs each takes the next. Changes no result.",
        least=1,
        group="Running",
    )
    on: str = option(
        HERE,
        "here, or on a Ray cluster: ray (a local one) or ray://ADDRESS; --workers then counts its "
        "processes, and --out is a folder that all its nodes reach. Changes no result.",
        group="Running",
    )
    gpus_per_worker: float = Field(
        default=0.0,
        ge=0,
        description="GPUs of each process on a Ray cluster; a part of one lets several share it.",
        json_schema_extra={"flag": "", "group": "Running"},
    )
    csv_safe: bool = option(
        True,
        "Put an apostrophe before texts in CSV tables that a spreadsheet would run as a formula, "
        "or leave them.",
        group="Running",
    )
    card: bool = option(
        False,
        "Draw the card (model, precision, what was left out) under each figure; it is in the "
        "description of the file in any case.",
        group="Running",
    )
