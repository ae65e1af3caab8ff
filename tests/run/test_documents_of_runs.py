"""Documents in a run folder: one number in `tokens`, one name in `passages`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import odograph
from odograph.errors import RunError
from odograph.folder.card import card_of, documents_joined

Measured = Callable[..., Any]
COPIES = [
    "The clerk met her at the station.",
    "Rain.",
    "the clerk  met her at the station.",
    "Then the clerk met her at the station.",
    "A dog ran after her.",
]
SENTENCE = "1\t{}\t_\t_\t_\t_\t_\t_\t_\t_\n\n"


def documents(run: Any) -> list[int]:
    query = "select distinct passage, document from tokens order by passage"
    return [document for _, document in run.sql(query).fetchall()]


def test_copies_and_near_copies_are_one_document_in_every_view(
    gpt2_folder: Path, measured: Measured
) -> None:
    run = measured(gpt2_folder, COPIES, untrained=1, shuffled=1, logits="none", shard_tokens=1)
    assert documents(run) == [0, 1, 0, 0, 4]
    assert documents(run.untrained[0]) == [0, 1, 0, 0, 4]
    assert documents(run.shuffled[0]) == [0, 1, 0, 0, 4]
    exclusions = run.manifest["exclusions"]
    assert (exclusions["copies"], exclusions["near_copies"]) == (1, 1)
    assert run.manifest["corpus"]["documents"] == 3
    card = card_of(run.manifest, unit="", test="")
    assert card["documents"] == "5 passages of 3 documents"
    assert card["copies"] == "1 copy and 1 near-copy joined with what they copy"
    assert run.unit == "document"
    passages = run.to_pandas("passages")
    assert list(passages.document) == ["text:1", "text:2", "text:1", "text:1", "text:5"]
    assert passages.hash[0] == passages.hash[2] != passages.hash[3]
    assert [len(numbers) for numbers in passages.min_hash] == [16] * 5
    assert list(passages.tokens) == [
        n
        for (n,) in run.sql(
            "select count(*) from tokens group by passage order by passage"
        ).fetchall()
    ]


def test_documents_of_a_file_are_units_and_belong_to_the_texts(
    gpt2_folder: Path, measured: Measured, tmp_path: Path
) -> None:
    file = tmp_path / "a.conllu"
    words = [SENTENCE.format(word) for word in ("horses", "bridge", "evening", "island")]
    marks = ["# newdoc id = a\n", "", "# newdoc id = b\n", ""]
    file.write_text("".join(m + w for m, w in zip(marks, words, strict=True)), "utf-8")
    run = measured(gpt2_folder, [file], logits="none", out=tmp_path / "run")
    assert documents(run) == [0, 0, 2, 2]
    run.close()
    file.write_text("".join(words), "utf-8")
    with pytest.raises(RunError, match="was measured with other texts"):
        odograph.measure(gpt2_folder, [file], logits="none", out=tmp_path / "run", resume=True)


def test_variants_and_windows_are_of_one_document(gpt2_folder: Path, measured: Measured) -> None:
    options = {"targets": ["her", "him"], "variants": True, "logits": "none"}
    run = measured(gpt2_folder, [COPIES[0], COPIES[4]], **options)
    assert documents(run) == [0, 0, 2, 2]
    assert run.manifest["exclusions"]["near_copies"] == 0
    assert documents_joined(run.manifest) == {"documents": "4 passages of 2 documents"}


def test_a_folder_without_the_table_of_passages_keeps_its_documents() -> None:
    golden = Path(__file__).parent / "golden" / "format-1"
    assert not (golden / "passages").exists()
    with odograph.open(golden) as run:
        assert documents_joined(run.manifest) == {}
        assert documents(run) == [
            n for (n,) in run.sql("select distinct passage from tokens order by 1").fetchall()
        ]
