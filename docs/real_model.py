"""A real model on the site: its runs, the numbers of docs/lessons.md, and its pictures.

    python docs/real_model.py FOLDER MODEL    measures what is not there yet, analyses, writes
    python docs/real_model.py FOLDER          writes page and pictures of runs that are there

The runs are those of `odograph demo`, with fewer twins and less that is read again: 30 blocks take
their time.
"""

import sys
from pathlib import Path

from pictures import draw_unrolled
from written import FIGURES, GALLERY, OF_REAL, REAL, copy_figures, run_of, write

from odograph.cli.demo import DemoPart
from odograph.folder.run import Run
from odograph.report import write_report
from odograph.run.measure import measure_config
from odograph.run.options import make_config
from odograph.studies import analyse
from odograph.studies.demo import DemoRun, united
from odograph.studies.registry import find

HER, PROSE, TAGGED = (
    ("bundled:her",),
    ("bundled:nietzsche", "bundled:passages"),
    ("bundled:tagged",),
)
#: Texts, options and studies of each run.
RUNS = (
    (
        HER,
        {"targets": ("her",), "shuffled": 1},
        ("rotation", "neighbours", "commitment"),
    ),
    (PROSE, {}, ("path-length", "decomposition", "contributions")),
    (HER, {"targets": ("her", "him", "round")}, ("trajectories",)),
    (TAGGED, {"untrained": 3}, ("parts-of-speech", "nouns-adjectives")),
    (HER, {"skip_blocks": False, "untrained": 1}, ("pruning",)),
    (HER, {"targets": ("her",), "tokens": 100, "untrained": 1}, ("ablation",)),
)


def main(folder: Path, model: str | None) -> None:
    """Measures where a model is named, then writes."""
    if model:
        runs = [_analysed(model, part, folder / part.folder) for part in _parts()]
        write_report(runs, folder / "report.html", command=f"odograph demo, on {model}")
    write(REAL, folder, OF_REAL)
    copy_figures(GALLERY.read_text(encoding="utf-8"), folder, FIGURES / OF_REAL)
    draw_unrolled(run_of(folder, "rotation"), FIGURES / OF_REAL)


def _parts() -> list[DemoPart]:
    return [
        DemoPart(DemoRun(texts, {"untrained": 5, **options}), tuple(map(find, studies)))
        for texts, options, studies in RUNS
    ]


def _analysed(model: str, part: DemoPart, out: Path) -> Run:
    """The run, measured unless it is there, and its studies."""
    options = {**part.run.options, "texts": part.run.texts, "model": model}
    config = make_config(united([study.needs for study in part.studies], options))
    run = measure_config(config, out, command="", resume=out.exists(), progress=True)
    return analyse(run, [study.name for study in part.studies])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if sys.argv[2:] else None)
