"""What `--dry-run` shows: a table for each model, and nothing is measured."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from odograph.terminal import show

if TYPE_CHECKING:
    from odograph.run.config import RunConfig


def show_forecasts(configs: "Sequence[RunConfig]") -> None:
    """What the runs of these configs would read, find and cost, on stdout."""
    from odograph.cli.silence import silence_libraries
    from odograph.run.dry_run import forecast

    silence_libraries(quiet=True)
    for number, config in enumerate(configs):
        if number:
            show("")
        show(f"{'model':<11} {config.name or config.model}")
        show(forecast(config))
