"""A rank killed at any write while texts become tokens, or while copies are joined."""

import multiprocessing
import signal
from pathlib import Path

import pytest
from made_encoding import PASSAGES, encode_and_die, encoded

from odograph.corpus import Encoding, encode_passages
from odograph.corpus.stored import documents_of
from odograph.folder import receipts
from odograph.folder.encoding import ENCODING
from odograph.folder.receipts import attempts
from odograph.run import encoders

#: What processes are made with, so that each is there at once.
LOADED = ["odograph.run.encoding_in_turns", "pyarrow.ipc", "scipy.sparse.csgraph"]

pytestmark = pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(), reason="Windows has no SIGKILL"
)


@pytest.fixture(autouse=True)
def constants_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `encoded` changes in this process."""
    monkeypatch.setattr(encoders, "_LEAST", encoders._LEAST)
    monkeypatch.setattr(receipts, "LEFT", receipts.LEFT)


def told(encoding: Encoding) -> tuple[object, ...]:
    """All that is known of the passages, and their documents."""
    passages = [(p.passage_id, p.token_id.tolist(), p.document) for p in encoding.encoded]
    return passages, documents_of(encoding.encoded).number.tolist(), dict(encoding.exclusions)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_rank_killed_at_any_write_is_made_good_by_another(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    writes = context.Value("i", 0, lock=False)
    alone = told(encode_passages(PASSAGES))
    write, killed = 0, True
    while killed:
        write, writes.value = write + 1, 0
        out = tmp_path / f"{write}"
        process = context.Process(target=encode_and_die, args=(out, write, writes))
        process.start()
        process.join()
        killed = process.exitcode == -signal.SIGKILL
        assert killed or process.exitcode == 0
        assert told(encoded(out, "1" * 12)) == alone, f"killed at write {write}"
        assert all(a.done for a in attempts(out / ENCODING) if a.attempt == "1" * 12)
    # Of each range a mark, three files and a receipt, of the join one file: opened, then renamed.
    assert write - 1 >= 2 * (2 * 5) + 2 * 3
