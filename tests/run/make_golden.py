"""Writes run folders of the present format with their values: `python tests/run/make_golden.py`.

Made once for each format number; what an older release wrote must stay readable with the same
values, so an existing folder is never written anew. `format-N` is a plain run, `format-N-whole`
one with every folder that can be asked for, `format-N-outlier` one of a model whose states have an
outlier coordinate.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
GOLDEN = Path(__file__).parent / "golden"
_PLAIN = {
    "layers": "norm, rotation, step, bend, relative_step, growth, path, turned, influence",
    "tokens": "next_logit, next_logprob, entropy, rank, displacement, straightness, "
    "last_rotation_stream, last_step_stream, last_step_hf",
    "pairs": "angle",
}
_PARTS = "attention_step, mlp_step, update_cosine, attention_cosine, mlp_cosine"
_NEIGHBOURS = "neighbour_angle, neighbour_angle_2, token_bend"
_WHOLE = {
    "layers": f"passage, position, layer, {_PARTS}, {_NEIGHBOURS}",
    "tokens": "document, position, next_logit",
    "words": "passage, word, position, text_position, pieces, frequency",
    "spans": "passage, layer, blocks, angle, last_angle, tokens",
    "skips": "first, blocks, passage, loss, tokens",
}
_READ = "angle, angle_trimmed, angle_centred"
_OUTLIER = {
    "layers": "outlier_share, rotation_trimmed, rotation_centred, influence_trimmed, "
    "influence_centred, neighbour_angle_trimmed, neighbour_angle_centred, heading",
    "pairs": _READ,
    "spans": f"{_READ}, block_distance_trimmed",
    "sinks": "block, norm_before, norm, growth, attention_growth, mlp_growth, coordinate, share",
}
#: What is written for a format number: the columns whose values are kept beside each folder.
COLUMNS = {"": _PLAIN, "-whole": _WHOLE, "-outlier": _OUTLIER}


def columns_of(name: str) -> dict[str, str]:
    """The columns by table whose values stand beside the folder of that name."""
    return COLUMNS[_end_of(name)]


def _end_of(name: str) -> str:
    return next((end for end in COLUMNS if end and name.endswith(end)), "")


def sums_of(folder: Path) -> dict[str, float]:
    """What the kept vectors and the moments of a run add up to, each with its own weights."""
    import numpy as np

    from odograph.folder.run import open_run
    from odograph.folder.vectors import kept_parts, kept_states, summed_moments

    run = open_run(folder)
    arrays = dict(summed_moments(run))
    for name in ("stream", "lens", "attention", "mlp"):
        read = kept_states if name in ("stream", "lens") else kept_parts
        for number, one in enumerate(read(run, name)):
            arrays[f"{name}-{number}"] = one.values
            arrays[f"{name}-{number}-places"] = np.stack([one.passage, one.position])
    return {
        name: float((np.ravel(a).astype(float) * np.arange(1, a.size + 1)).sum())
        for name, a in arrays.items()
    }


def _rounded(rows: list[Any]) -> list[Any]:
    """To 8 digits, which is more than a float32 has."""
    return [[float(f"{v:.8g}") if isinstance(v, float) else v for v in row] for row in rows]


def _options(name: str) -> dict[str, Any]:
    if name.endswith("-outlier"):
        measures = ["neighbour_angle", "block_distance"]
        return {"measures": measures, "targets": ["her"], "select": "targets", "logits": "none"}
    if not name.endswith("-whole"):
        measures = ["bend,straightness"]
        return {"measures": measures, "logits": "full", "targets": ["her"], "shard_tokens": 14}
    return {
        "measures": [_PARTS, _NEIGHBOURS, "block_distance"],
        "targets": ["saw", "met"],
        "variants": True,
        "tags": "conllu",
        "vectors": 3,
        "parts": 4,
        "skip_blocks": True,
        "shard_tokens": 16,
    }


def _texts(name: str) -> list[Any]:
    from tiny import TEXTS

    from odograph.corpus.passages import Passage, Word

    if name.endswith("-outlier"):  # a mean state takes 200 tokens, though few get rows
        return [f"{text} And {text.lower()} That was her." for text in TEXTS]
    if not name.endswith("-whole"):
        return list(TEXTS[:4:3])
    made = []
    for text in ("We saw her again on the bridge.", "A dog saw us there."):
        at = [(0, text.index(" "), "PRON"), (text.index("saw"), text.index("saw") + 3, "VERB")]
        words = [Word(text[a:b], a, b, tag, text[a:b].lower()) for a, b, tag in at]
        made.append(Passage(text[:2].strip(), text, "golden", tuple(words)))
    return made


def _write(name: str) -> None:
    from tiny import build_gpt2, tokenizer

    import odograph

    folder = GOLDEN / name
    with tempfile.TemporaryDirectory() as place:
        model = Path(place) / "gpt2-tiny"
        network = build_gpt2(blocks=2)
        if name.endswith("-outlier"):
            network.transformer.wpe.weight.data[:, 7] += 12
            network.transformer.wpe.weight.data[0] *= 40  # a sink
        network.save_pretrained(model)
        tokenizer(begins=False).save_pretrained(model)
        options = _options(name)
        run = odograph.measure(model, _texts(name), out=Path(place) / "run", pairs=6, **options)
        values: dict[str, Any] = {
            table: _rounded(run.sql(f"select {names} from {table} order by all").fetchall())
            for table, names in columns_of(name).items()
        }
        run.close()
        values["sums"] = sums_of(run.folder)
        shutil.copytree(run.folder, folder)
        described = (folder / "manifest.json").read_text("utf-8").replace(str(model), "gpt2-tiny")
        (folder / "manifest.json").write_text(described, encoding="utf-8")
    text = json.dumps(values, indent=None).replace("], [", "],\n[")
    (GOLDEN / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    from odograph.folder.columns import FORMAT

    for end in COLUMNS:
        name = f"format-{FORMAT}{end}"
        if (GOLDEN / name).exists():
            print(f"{name} is there and stays as it was written")
        else:
            _write(name)


if __name__ == "__main__":
    main()
