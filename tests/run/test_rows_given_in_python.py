"""Texts that Python gives as rows: dictionaries and frames, with their columns; names of models."""

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from tiny import build_gpt2, build_llama, tokenizer

import odograph
from odograph.corpus.words import Target
from odograph.errors import TextError
from odograph.models.fingerprints import fingerprint_in_memory
from odograph.run.frames_given import listed
from odograph.run.inputs import read_given
from odograph.run.options import make_config

ROWS = [
    {"id": "a", "text": "They gave her the letter.", "kind": "x", "word": "her", "at": 10, "n": 1},
    {"id": "b", "text": "We saw him again.", "kind": "y", "word": "him", "at": 7, "n": 2},
]
FRAMES = {
    "dicts": list,
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "pyarrow": pa.Table.from_pylist,
}


def read(texts, **options):
    return read_given(listed(texts), make_config(options))


@pytest.mark.parametrize("kind", FRAMES)
def test_rows_bring_their_columns_whatever_holds_them(kind):
    options = {"keep_columns": ["kind", "n"], "target_columns": ["word,at"]}
    passages = read(FRAMES[kind](ROWS), document_column="kind", **options).passages
    assert [p.id for p in passages] == ["a", "b"]
    assert [p.document for p in passages] == ["x", "y"]
    assert passages[1].columns == (("kind", "y"), ("n", "2"))
    assert passages[1].targets == (Target("him", 7, 10),)


def test_a_bad_row_is_left_out_and_named():
    reading = read([ROWS[0], {"text": None}, {"text": " "}, "a text"])
    assert [p.id for p in reading.passages] == ["a", "text:4"]
    assert [s.place for s in reading.skipped] == ["text 2", "text 3"]
    with pytest.raises(TextError, match="text 2: column 'text': expected a string, got null"):
        read([{"text": "a"}, {"text": None}], strict=True)
    with pytest.raises(TextError, match=r"no texts given.*text 1: no column 'text'"):
        read([{"txt": "a", "b": "c"}])


def test_an_empty_cell_of_a_frame_is_no_value():
    frame = pd.DataFrame([ROWS[0], {"text": "A dog."}])
    assert read(frame, keep_columns=["kind"]).passages[1].columns == (("kind", None),)


def test_a_frame_is_measured_and_its_columns_can_be_asked_for(measured, gpt2_folder):
    run = odograph.measure(
        gpt2_folder,
        pd.DataFrame(ROWS),
        targets=["her", "him"],
        keep_columns=["kind"],
        out=measured(gpt2_folder).folder.parent / "frame",
    )
    assert run.sql("select kind from passages order by 1").fetchall() == [("x",), ("y",)]


def test_a_model_given_as_an_object_has_the_name_that_is_given(measured):
    run = measured(build_gpt2(), ["A dog ran."], tokenizer=tokenizer(False), name="mine")
    assert run.manifest["model"]["name"] == "mine"
    assert "mine" in repr(run)


class Packed(torch.nn.Linear):
    """A layer that packs its weights, as quantised ones do: no tensor by itself in the state."""

    def _save_to_state_dict(self, destination, prefix, keep_vars):  # noqa: ARG002
        destination[f"{prefix}_packed"] = (torch.qint8, (self.weight.detach(), None))


def test_a_model_that_packs_its_weights_is_measured_and_told_apart_by_them(measured):
    model, prints = build_llama(), []
    layer = model.model.layers[1].mlp
    layer.down_proj.__class__ = Packed
    for value in (0.5, 0.25, 0.25):
        with torch.no_grad():
            layer.down_proj.weight.fill_(value)
        prints.append(fingerprint_in_memory(model))
    assert prints[0] != prints[1] == prints[2]
    run = measured(model, ["A dog ran."], tokenizer=tokenizer(False))
    assert run.manifest["model"]["fingerprint"] == prints[2].whole
