"""Makes the bundled model from the text: trains, exports, measures, writes card and page.

Run as `python training/make.py --data ../shared/data/training`.
"""

import shutil
from pathlib import Path

import card
import figures
import quality
import torch
import train
from export import FOLDER, export

DOCS = Path(__file__).parent.parent / "docs"


def write_passage(folder: Path, run: train.Run) -> None:
    """Writes the fixed passage of the profiles and of the card."""
    (folder / "passage.txt").write_text(run.passage_text, encoding="utf-8")


def bundle(run: train.Run, data: Path, folder: Path, docs: Path) -> None:
    """Writes the model folder, its card and the documentation page from a work folder."""
    export(run.work, folder, train.new_model(run.plan, run.tokenizer.eos_token_id, 0))
    run.write_tables(folder)
    shutil.copyfile(folder / "profiles.csv", Path(__file__).parent / "profiles.csv")
    write_passage(folder, run)
    quality.write_quality(data, folder)
    figures.write_figures(folder, docs / "figures")
    card.write_texts(folder, docs, run.plan)


def main() -> None:
    """Trains where the plan is not done yet, and bundles what the last checkpoint holds."""
    chosen = train.options()
    torch.set_num_threads(chosen.threads)
    run = train.started(chosen)
    run.note_end()
    bundle(run, chosen.data, FOLDER, DOCS)


if __name__ == "__main__":
    main()
