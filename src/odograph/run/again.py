"""Texts that are run again, to see what becomes of their prediction."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from odograph.corpus.encoded import Encoded
from odograph.errors import UsageError
from odograph.models.loading import Loaded
from odograph.run.ablations import run_ablations
from odograph.run.config import RunConfig
from odograph.run.execute import Job
from odograph.run.lens import run_lens
from odograph.run.manifest import Manifest
from odograph.run.sinks import Sinks, read_sinks
from odograph.run.skips import planned_skips, run_skips
from odograph.run.stages import LENS, UNDO


@dataclass(frozen=True)
class MeasuredShards:
    """The run whose shards say what is run again: which blocks are skipped, what are sinks.

    Attributes:
        folder: of the run.
        record: its manifest, all shards measured.
    """

    folder: Path
    record: Manifest

    @cached_property
    def sinks(self) -> Sinks:
        """Its attention sinks, which count for twins, too."""
        return read_sinks(self.folder, self.record)


def run_again(
    stage: str,
    loaded: Loaded,
    encoded: Sequence[Encoded],
    job: Job,
    out: Path,
    record: Manifest,
    shards: MeasuredShards,
) -> None:
    """Reads texts again with something undone, at every depth, or with blocks left out.

    Args:
        stage: which of these.
        loaded: the model, or an untrained twin.
        encoded: the passages of the run.
        job: who does it, and whether it is told on stderr.
        out: where it is written.
        record: the manifest there, which then says what was written.
        shards: by which it is decided what is run.
    """
    if stage == UNDO:
        run_ablations(loaded, encoded, job, out, record, shards.sinks)
    elif stage == LENS:
        run_lens(loaded, encoded, job, out, record, shards.sinks)
    else:
        skips = partial(planned_skips, shards.folder, shards.record)
        run_skips(loaded, encoded, job, out, record, skips)


def check_again_options(config: RunConfig) -> None:
    """Refuses options of which nothing would come.

    Raises:
        UsageError: names the option.
    """
    for name, serves, needed in (
        ("at", bool(config.undo) or config.lens, "--undo or --lens"),
        ("sinks", bool(config.undo), "--undo"),
        ("tuned_lens", config.lens, "--lens"),
    ):
        value = getattr(config, name)
        if not serves and value != type(config).model_fields[name].default:
            flag = name.replace("_", "-")
            raise UsageError(
                f"option '{name}' without {needed}",
                expected=needed,
                given=f"--{flag} {value}",
                remedy=f"Add {needed}, or leave the option out.",
            )
    if config.at == "targets" and not config.follows:
        raise UsageError(
            "--at targets without targets",
            expected="the words at which the texts are run again",
            given="none",
            remedy="Name them with --target, or leave out --at.",
        )
