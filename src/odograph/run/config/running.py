"""Options that say how the work is done, and how it is shown; none changes a number."""

from odograph.run.config.fields import Options, count, option


class RunningOptions(Options):
    """How the work is done, and how it is shown."""

    batch_tokens: int = count(
        0,
        "Tokens a batch; 0 chooses 512 on a CPU, 8192 on a GPU, fewer where memory is short. "
        "Halved when it runs out. Changes no result.",
        group="Running",
    )
    shard_tokens: int = count(
        16_384,
        "Tokens a shard: about what is lost when a run is interrupted.",
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
