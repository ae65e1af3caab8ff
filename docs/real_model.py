"""The lessons of the course on a real model: `python docs/real_model.py MODEL FOLDER`.

The runs are those of `odograph demo`. `python docs/written.py FOLDER docs/lessons.md` then writes
the page.
"""

import sys
from pathlib import Path

from odograph.cli.demo import DemoPart, demo_parts
from odograph.folder.run import Run
from odograph.report import write_report
from odograph.run.measure import measure_config
from odograph.run.options import make_config
from odograph.studies import analyse
from odograph.studies.needs import united
from odograph.studies.registry import find

#: The studies that answer a lesson.
LESSONS = (
    *("rotation", "neighbours", "path-length", "decomposition", "contributions"),
    *("trajectories", "parts-of-speech", "nouns-adjectives"),
)


def main(model: str, out: Path) -> None:
    """Measures, analyses and reports; a run that is there is analysed again."""
    runs = [_analysed(model, part, out / part.folder) for part in demo_parts(map(find, LESSONS))]
    write_report(runs, out / "report.html", command=f"odograph demo, on {model}")


def _analysed(model: str, part: DemoPart, out: Path) -> Run:
    options = {**part.run.options, "texts": part.run.texts, "model": model}
    config = make_config(united([study.needs for study in part.studies], options))
    run = measure_config(config, out, command="", resume=out.exists(), progress=True)
    return analyse(run, [study.name for study in part.studies])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
