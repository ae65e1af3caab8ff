"""`odograph demo`: the main job on the model and the texts that come with odograph."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from odograph.cli.findings import print_findings, tell_report
from odograph.cli.options import AsJson, Out, Quiet
from odograph.cli.spinner import waiting

if TYPE_CHECKING:
    from odograph.folder.run import Run


@dataclass(frozen=True)
class Part:
    """One run of the demonstration and the studies it serves; the first names its folder.

    `options` are those beyond what the studies need, and decide where they need different things.
    """

    studies: tuple[str, ...]
    texts: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The name of the run's folder."""
        return self.studies[0]


#: Every study has its part; a test holds this list against `studies.NAMES`.
PARTS = (
    Part(
        ("rotation", "neighbours"),
        ("bundled:her",),
        {"targets": ("her",), "untrained": 3, "shuffled": 1},
    ),
    Part(
        ("path-length", "decomposition", "contributions", "pruning"),
        ("bundled:nietzsche", "bundled:passages"),
        {"untrained": 3, "skip_tokens": 2400},
    ),
    Part(("trajectories",), ("bundled:her",), {"targets": ("her", "him", "round")}),
    Part(("parts-of-speech", "nouns-adjectives"), ("bundled:tagged",)),
)


def demo(
    context: typer.Context,
    out: Out = Path("odograph-demo"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Do all studies on the bundled model and texts; needs no network. Replaces its last output."""
    from odograph.cli.silence import silence_libraries
    from odograph.report import write_report

    silence_libraries(quiet=quiet)
    runs = [_done(part, out / part.folder, context.obj, progress=not quiet) for part in PARTS]
    path = write_report(
        [run.folder for run in runs],
        out / "report.html",
        command=context.obj,
        title="odograph demo: the bundled model",
    )
    print_findings(runs, as_json=as_json)
    tell_report(path, quiet=quiet)


def _done(part: Part, out: Path, command: str, *, progress: bool) -> "Run":
    from odograph.figures.painters import spare
    from odograph.run.config import make_config
    from odograph.run.measure import measure_config
    from odograph.studies import analyse, find
    from odograph.studies.needs import united

    needs = [find(name).needs for name in part.studies]
    options = united(needs, {**part.options, "texts": part.texts})
    run = measure_config(
        make_config(options), out, command=command, overwrite=True, progress=progress
    )
    with waiting(f"{', '.join(part.studies)}: analysing", show=progress):
        return analyse(run, part.studies, painters=spare())
