"""Writes a run folder of the present format with its values: `python tests/run/make_golden.py`.

Made once for each format number; what an older release wrote must stay readable with the same
values, so an existing folder is never written anew.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
GOLDEN = Path(__file__).parent / "golden"
COLUMNS = {
    "layers": "norm, rotation, step, bend, relative_step, growth, path, turned, influence",
    "tokens": "next_logit, next_logprob, entropy, rank, displacement, straightness, "
    "last_rotation_stream, last_step_stream, last_step_hf",
    "pairs": "angle",
}


def main() -> None:
    from tiny import TEXTS, build_gpt2, tokenizer

    import odograph
    from odograph.run.columns import FORMAT

    folder = GOLDEN / f"format-{FORMAT}"
    if folder.exists():
        sys.exit(f"{folder.name} is there and stays as it was written")
    with tempfile.TemporaryDirectory() as place:
        model = Path(place) / "gpt2-tiny"
        build_gpt2(blocks=2).save_pretrained(model)
        tokenizer(begins=False).save_pretrained(model)
        run = odograph.measure(
            model,
            TEXTS[:4:3],
            out=Path(place) / "run",
            measures=["bend,straightness"],
            logits="full",
            targets=["her"],
            pairs=6,
            shard_tokens=14,
        )
        values = {
            table: run.sql(f"select {names} from {table} order by all").fetchall()
            for table, names in COLUMNS.items()
        }
        run.close()
        shutil.copytree(run.folder, folder)
        described = (folder / "manifest.json").read_text("utf-8").replace(str(model), "gpt2-tiny")
        (folder / "manifest.json").write_text(described, encoding="utf-8")
    text = json.dumps(values, indent=None).replace("], [", "],\n[")
    (GOLDEN / f"format-{FORMAT}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
