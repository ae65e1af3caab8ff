"""Documents are what is counted: their passages are averaged first, and the words say so."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_parts import made_parts, random_parts
from relisted import listed_again

import odograph
from odograph.folder import columns
from odograph.folder.manifest import MANIFEST, read_manifest
from odograph.folder.selection import pairs, profile_means, token_means
from odograph.folder.writer import write_json, write_parquet
from odograph.studies import find
from odograph.studies.result import StudyResult

Measured = Callable[..., Any]
#: How many passages each document has: 24 in 8.
SIZES = (1, 1, 2, 2, 3, 4, 5, 6)
_COUNTED = re.compile(r"(?<!of )\b\d+ (passages?|sentences?)\b(?! of \d+ documents)")


def in_documents(run: Any) -> Any:
    """The run with its passages in documents of unequal sizes, 3 of them copies."""
    owners = np.repeat(np.arange(len(SIZES)), SIZES)
    run.close()
    for folder in (run.folder, *(twin.folder for twin in run.untrained)):
        count = len(owners)
        table = {
            "passage": np.arange(count),
            "passage_id": [f"text:{n + 1}" for n in range(count)],
            "document": [f"document {one}" for one in owners],
            "tokens": np.full(count, 14),
            "hash": [f"{n}" for n in range(count)],
            "text_digest": [f"{n}" for n in range(count)],
            "min_hash": [None] * count,
        }
        made = columns.table(table, columns.passages_schema())
        write_parquet(made, folder / "passages" / "part-00000.parquet")
        record = dict(read_manifest(folder))
        record["corpus"] |= {"documents": len(SIZES)}
        record["exclusions"] |= {"copies": 3}
        write_json(record, folder / MANIFEST)
    listed_again(run.folder)
    return odograph.open(run.folder)


@pytest.fixture
def run(tmp_path: Path) -> Any:
    made = in_documents(made_parts(tmp_path, random_parts(3, sum(SIZES)), twins=1))
    yield made
    made.close()


def by_document(run: Any, where: str, column: str = "rotation") -> np.ndarray:
    """The means over passages of the means over tokens, [documents, L], without any SQL of ours."""
    rows = run.sql(
        f"select document, passage, layer, {column}::double from layers "
        f"join tokens using (passage, position) where layer > 0 and {where}"
    ).fetchall()
    found: dict[Any, dict[Any, dict[Any, list[float]]]] = {}
    for document, passage, layer, value in rows:
        found.setdefault(document, {}).setdefault(layer, {}).setdefault(passage, []).append(value)
    return np.array(
        [
            [np.mean([np.mean(values) for values in layers[k].values()]) for k in sorted(layers)]
            for _, layers in sorted(found.items())
        ]
    )


def test_a_documents_value_is_the_mean_over_its_passages(run: Any) -> None:
    usable = "position > 0 and not sink"
    # One passage of the last document is long: it counts no more than the others of it.
    extra = "(passage <> 23 or position < 3)"
    means = profile_means(run, "rotation", extra)
    np.testing.assert_allclose(means.values, by_document(run, f"{usable} and {extra}"), rtol=1e-6)
    assert len(means.units) == len(SIZES)
    found = pairs(run, "rotation")
    np.testing.assert_allclose(found.target, by_document(run, "role = 'target'"), rtol=1e-6)
    np.testing.assert_allclose(found.control, by_document(run, "role = 'non-target'"), rtol=1e-6)
    lengths = by_document(run, f"{usable} and layer = 1", "straightness")[:, 0]
    np.testing.assert_allclose(token_means(run, "straightness").values, lengths, rtol=1e-5)


def said(result: StudyResult) -> list[str]:
    """What findings, cards and captions say."""
    texts = [*result.card.values(), *(plot.caption for plot in result.plots)]
    for finding in result.findings:
        texts += [finding.statement, finding.plain, finding.test, finding.unit, *finding.evidence]
    return texts


@pytest.mark.parametrize("name", ["rotation", "path-length", "decomposition"])
def test_n_counts_documents_and_every_sentence_calls_them_so(run: Any, name: str) -> None:
    result = find(name).analyse(run)
    assert result.card["documents"] == "24 passages of 8 documents"
    for finding in result.findings:
        if finding.unit_of_inference in ("passage", "document"):
            assert finding.unit_of_inference == "document"
            assert finding.n <= len(SIZES)
            assert "3 copies joined" in finding.record()["evidence"]
    assert [text for text in said(result) if _COUNTED.search(text)] == []
    for table in result.tables:
        assert "passage" not in set(map(str, table.columns.get("unit_of_inference", ())))


def test_documents_of_one_passage_each_are_called_passages(tmp_path: Path) -> None:
    with made_parts(tmp_path, random_parts(3, 8)) as run:
        result = find("rotation").analyse(run)
        assert run.unit == "passage"
        assert {f.unit_of_inference for f in result.findings} == {"passage", "drawn pair"}
        assert "copies" not in result.card
