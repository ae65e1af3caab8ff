"""Passages and documents of several runs, told by what they say."""

from collections.abc import Mapping, Sequence

import numpy as np

from odograph.folder.document_names import texts_in
from odograph.folder.run import Run
from odograph.folder.selection import columns_of, numbers


class Texts:
    """Numbers for passages and documents, the same in every run that has the same text."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._digests = {run.folder: _digests(run) for run in runs}
        self.by_text = None not in self._digests.values()
        self._numbers: dict[object, int] = {}

    def of(self, run: Run) -> tuple[dict[int, int], dict[int, int]]:
        """Number of the text of each passage, and number of the document it belongs to."""
        passages, documents = self._listed(run)
        names = self._names(run, documents)
        texts = {
            passage: self._number((names[document], self._digest(run, passage)))
            for passage, document in zip(passages, documents, strict=True)
        }
        units = {
            passage: self._number(names[document])
            for passage, document in zip(passages, documents, strict=True)
        }
        return texts, units

    def documents(self, run: Run) -> dict[int, int]:
        """Number of each document, by the one that it has in the run itself."""
        _, documents = self._listed(run)
        return {own: self._number(name) for own, name in self._names(run, documents).items()}

    def _listed(self, run: Run) -> tuple[list[int], list[int]]:
        """The passages of the run, document by document, and the document of each."""
        asked = f"select distinct passage, document from {texts_in(run)} order by document, passage"
        found = numbers(run.sql(asked))
        passages, documents = (found[name].astype(np.int64) for name in ("passage", "document"))
        return passages.tolist(), documents.tolist()

    def _names(self, run: Run, documents: Sequence[int]) -> dict[int, object]:
        """What tells a document from others, by its number in the run."""
        names: dict[int, object] = {}
        met: dict[str, int] = {}
        for document in dict.fromkeys(documents):
            text = self._digest(run, document)
            # The same text twice is two passages: the k-th of one run is the k-th of the other.
            met[text] = met.get(text, 0) + 1
            names[document] = (text, met[text])
        return names

    def _digest(self, run: Run, passage: int) -> str:
        digests = self._digests[run.folder] if self.by_text else None
        if digests is not None:
            return digests[passage]
        # Runs made before texts had digests: only the very same texts, ids and order, can match.
        return f"{run.manifest['corpus']['fingerprint']} {passage}"

    def _number(self, name: object) -> int:
        return self._numbers.setdefault(name, len(self._numbers))


def _digests(run: Run) -> Mapping[int, str] | None:
    """What tells the text of each passage, by its number; None in runs of old releases."""
    if "text_digest" in columns_of(run, "passages"):
        found = run.sql("select passage, text_digest from passages").fetchall()
        return {int(passage): str(digest) for passage, digest in found}
    # Until the table had them they stood in the manifest.
    listed = run.manifest["corpus"].get("texts")
    return None if listed is None else dict(enumerate(listed))
