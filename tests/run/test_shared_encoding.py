"""Ranks share the encoding of the texts: a range each in turn, and the tokens of one process."""

import os
import signal
import time
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from made_ranks import OPTIONS, files_by_table, rank, start
from safetensors.numpy import load, save
from tiny import TEXTS

import odograph
from odograph.corpus.encoded import Encoded
from odograph.errors import RunError
from odograph.folder import receipts
from odograph.folder.encoding import ENCODING, encoded_ranges, encoding_files
from odograph.folder.manifest import read_manifest
from odograph.folder.plan import PLAN
from odograph.folder.progress import progress_of, progress_text
from odograph.folder.receipts import RECEIPTS, Attempt, attempts, mark_name
from odograph.run import encoders, encoding_in_turns, manifest, turns
from odograph.run.merging import merge

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges of a few texts; what another has begun is taken over at once."""
    monkeypatch.setattr(encoders, "_LEAST", 60)
    monkeypatch.setattr(receipts, "LEFT", 0.0)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With copies and near-copies that lie in other ranges."""
    path = tmp_path_factory.mktemp("texts") / "texts.txt"
    more = [TEXTS[0].upper(), f"{TEXTS[1]} again", *(f"{text} {n}" for n in "ab" for text in TEXTS)]
    path.write_text("\n".join([*TEXTS, *more]), encoding="utf-8")
    return path


class StoppedError(Exception):
    """The process ends here."""


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the ranges that were encoded in this process."""
    found: list[int] = []
    real = encoding_in_turns.write_range

    def write(encoded: Any, keys: Any, folder: Path, name: str) -> dict[str, Any]:
        found.append(int(name.split("-")[1]))
        return real(encoded, keys, folder, name)

    monkeypatch.setattr(encoding_in_turns, "write_range", write)
    return found


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"select": "targets"},
        {"keep": "sums", "sample_passages": 3},
        {"targets": ["her", "him"], "variants": True},
        {"bos": "never", "vectors": 2},
    ],
    ids=["all tokens", "targets", "sums", "variants", "vectors"],
)
def test_what_ranks_encode_in_turns_is_what_one_process_encodes(
    more: dict[str, Any], gpt2_folder: Path, texts: Path, tmp_path: Path, encoded: list[int]
) -> None:
    out, options = tmp_path / "run", {**OPTIONS, **more}
    odograph.measure(gpt2_folder, [texts], out=tmp_path / "alone", **options).close()
    for number in (1, 2, 0):
        rank(gpt2_folder, texts, out, number, 3, **more)
    assert len(encoded) > 3
    assert sorted(encoded) == list(range(len(encoded)))  # each once, by the first that came
    record, before = merge(out), read_manifest(tmp_path / "alone")
    assert files_by_table(out) == files_by_table(tmp_path / "alone")
    assert {key for key in before if record[key] != before[key]} <= {"command", "shards", "time"}
    assert not (out / ENCODING).exists()


def test_a_range_that_a_killed_rank_had_begun_is_encoded_by_another(
    gpt2_folder: Path, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    odograph.measure(gpt2_folder, [texts], out=tmp_path / "alone", **OPTIONS).close()

    def stop(*rest: Any) -> None:
        raise StoppedError

    with monkeypatch.context() as patched:
        patched.setattr(encoding_in_turns.TakingTurns, "_tidy", lambda *_: None)  # as killed
        patched.setattr(turns, "write_receipt", stop)
        with pytest.raises(StoppedError):
            rank(gpt2_folder, texts, out, 0, 2)
    orphans = [path.name for path in encoding_files(out)]
    assert [name.endswith(".begun") for name in orphans] == [False, False, False, True]
    rank(gpt2_folder, texts, out, 1, 2)
    merge(out)
    assert files_by_table(out) == files_by_table(tmp_path / "alone")
    assert not (out / ENCODING).exists()


def test_a_rank_that_stops_while_it_encodes_leaves_nothing_half_done(
    gpt2_folder: Path, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, real = tmp_path / "run", encoding_in_turns.encode_range

    def stop(given: Any, part: range, *rest: Any) -> Any:
        if part.start:
            raise StoppedError
        return real(given, part, *rest)

    monkeypatch.setattr(encoding_in_turns, "encode_range", stop)
    with pytest.raises(StoppedError):
        rank(gpt2_folder, texts, out, 0, 1)
    (done,) = attempts(out / ENCODING)
    assert done.done
    assert len(list(encoding_files(out))) == 4  # passages, facts, keys, receipt
    found = progress_of(out)["encoding"]
    assert found["ranges"][0] == 1 < found["ranges"][1]
    assert progress_text(progress_of(out)).startswith("the texts become tokens: 1 of ")


def test_ranks_of_one_host_name_and_process_number_do_not_meet(
    gpt2_folder: Path, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Containers may have both alike: names of files have more in them."""
    out = tmp_path / "run"
    monkeypatch.setattr(os, "getpid", lambda: 7)
    rank(gpt2_folder, texts, out, 0, 2)
    kept = sorted((out / ENCODING / RECEIPTS).iterdir())
    for path in kept[:2]:
        path.unlink()
    rank(gpt2_folder, texts, out, 1, 2)
    assert len({attempt.attempt for attempt in attempts(out / ENCODING)}) == 2
    files = [path.name for path in (out / ENCODING).glob("part-*")]
    assert len(files) == 3 * (len(kept) - 1 + 2) + 1  # of each range three, of all documents one
    merge(out)
    assert not (out / ENCODING).exists()


def test_texts_that_ended_three_processes_are_named(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    victim = next(a for a in attempts(out / ENCODING) if a.index == 1)
    victim.path.unlink()
    for number in range(3):
        name = mark_name(1, victim.key, f"{number:012x}")
        (out / ENCODING / name).write_text("{}", "utf-8")
    with pytest.raises(RunError, match=r"from '.*' to '.*' ended 3 processes.*part-00001-\*.begun"):
        rank(gpt2_folder, texts, out, 0, 1)
    (out / ENCODING / mark_name(1, victim.key, f"{0:012x}")).unlink()
    rank(gpt2_folder, texts, out, 0, 1)
    merge(out)


@pytest.mark.parametrize("ending", [".passages", ".safetensors", ".keys"])
def test_a_damaged_range_is_refused(
    ending: str, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    path = next((out / ENCODING).glob(f"part-00001-*{ending}"))
    path.write_bytes(path.read_bytes()[:-1])
    remove_documents(out)
    with pytest.raises(RunError, match=r"part-00001-.*is damaged: .*Remove '.*encoding'"):
        rank(gpt2_folder, texts, out, 0, 1)


def test_a_passage_that_is_not_what_was_written_is_refused_before_it_is_unpacked(
    gpt2_folder: Path, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file may be as long as it was."""
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    path = next((out / ENCODING).glob("part-00001-*.passages"))
    path.write_bytes(bytes(byte ^ 255 for byte in path.read_bytes()))
    unpacked: list[bytes] = []
    real = Encoded.from_bytes

    def from_bytes(data: bytes, *rest: Any) -> Encoded:
        unpacked.append(data)
        return real(data, *rest)

    monkeypatch.setattr(Encoded, "from_bytes", staticmethod(from_bytes))
    for name in ("plan.json", "pilot.safetensors"):
        (out / name).unlink()
    with pytest.raises(RunError, match=r"part-00001-.*is damaged: it is not what was written"):
        rank(gpt2_folder, texts, out, 0, 1)
    damaged = path.read_bytes()
    assert not any(data in damaged for data in unpacked)


def test_copies_are_joined_by_one_rank_and_by_another_where_that_was_killed(
    gpt2_folder: Path, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, joined, real = tmp_path / "run", [], encoding_in_turns.join_documents

    def join(ranges: Any, **how: Any) -> Any:
        joined.append(len(ranges))
        return real(ranges, **how)

    monkeypatch.setattr(encoding_in_turns, "join_documents", join)
    with monkeypatch.context() as patched:
        patched.setattr(encoding_in_turns.TakingTurns, "_tidy", lambda *_: None)  # as killed
        patched.setattr(encoding_in_turns, "write_documents", None)
        with pytest.raises(TypeError):
            rank(gpt2_folder, texts, out, 0, 3)
    for number in (1, 2, 0):
        rank(gpt2_folder, texts, out, number, 3)
    assert len(joined) == 2, "begun, and done"
    merge(out)
    odograph.measure(gpt2_folder, [texts], out=tmp_path / "alone", **OPTIONS).close()
    assert files_by_table(out) == files_by_table(tmp_path / "alone")


def test_a_join_that_ended_three_processes_is_told(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    victim = remove_documents(out)
    for number in range(3):
        name = mark_name(victim.index, victim.key, f"{number:012x}")
        (out / ENCODING / name).write_text("{}", "utf-8")
    with pytest.raises(RunError, match=r"3 processes ended that joined copies.*remove part-000"):
        rank(gpt2_folder, texts, out, 0, 1)


def test_ranks_that_join_copies_in_the_same_moment_have_not_ended(
    gpt2_folder: Path, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many that wait for the last range, some see no mark of another yet."""
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    victim = remove_documents(out)
    monkeypatch.setattr(receipts, "LEFT", 3600.0)
    marks = [out / ENCODING / mark_name(victim.index, victim.key, f"{n:012x}") for n in range(3)]
    for mark in marks:
        mark.write_text("{}", "utf-8")

    def end(seconds: float) -> None:  # while this rank waits for them, they are left
        for mark in marks[1:]:
            mark.unlink(missing_ok=True)
        os.utime(marks[0], (0, 0))

    monkeypatch.setattr(turns.time, "sleep", end)
    rank(gpt2_folder, texts, out, 0, 1)
    merge(out)


def remove_documents(out: Path) -> Attempt:
    """Copies are not joined yet; gives whose receipt of that was removed."""
    last = max(attempts(out / ENCODING), key=lambda attempt: attempt.index)
    last.path.unlink()
    return last


def plant(path: Path, content: bytes) -> None:
    """Puts a file in another's place, with a receipt that vouches for it."""
    number = path.name.split("-")[1]
    (receipt,) = (path.parent / RECEIPTS).glob(f"part-{number}-*.json")
    before, after = (sha256(its).hexdigest() for its in (path.read_bytes(), content))
    path.write_bytes(content)
    receipt.write_text(receipt.read_text("utf-8").replace(before, after), "utf-8")


@pytest.mark.parametrize(
    "facts", [b"no tensors", save({"ends": np.zeros(1)})], ids=["no tensors", "others"]
)
def test_what_a_receipt_vouches_for_and_is_none_of_ours_is_one_message(
    facts: bytes, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    plant(next((out / ENCODING).glob("part-00001-*.safetensors")), facts)
    with pytest.raises(RunError, match=r"part-00001-.*safetensors' is damaged: "):
        rank(gpt2_folder, texts, out, 0, 1)


def test_arrays_that_do_not_fit_together_are_one_message_whatever_they_are(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    """Planted so that every checksum is right."""
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    facts, *others = sorted((out / ENCODING).glob("part-*.safetensors"))
    documents, keys = others[-1], next((out / ENCODING).glob("part-00001-*.keys"))

    def refused(path: Path, content: bytes, told: str) -> None:
        before = path.read_bytes()
        plant(path, content)
        with pytest.raises(RunError, match=rf"{path.stem}.*' is damaged: .*{told}.* Remove '"):
            rank(gpt2_folder, texts, out, 0, 1)
        plant(path, before)

    right = load(facts.read_bytes())
    for name, its in right.items():
        for wrong in (its[1:], np.concatenate((its, its)), its.astype(np.float64), its[None]):
            refused(facts, save(right | {name: wrong}), "an array does not fit: expected '")
    refused(facts, save(right | {"ends": right["ends"][::-1].copy()}), "one after the other")
    right = load(documents.read_bytes())
    refused(documents, save(right | {"number": right["number"][1:]}), "expected 'number' with")
    refused(documents, save(right | {"number": right["number"] - 1}), "numbers from 0 to")
    refused(documents, save(right | {"names": right["names"][1:]}), "")
    remove_documents(out)
    with pyarrow.memory_map(str(keys)) as file:
        table = pyarrow.ipc.open_file(file).read_all()
    for name in table.column_names:
        if name != "names":
            its = table[name].chunk(0).values
            rest = pyarrow.LargeListArray.from_arrays([0, len(its) - 1], its[1:])
            column = table.column_names.index(name)
            refused(keys, arrow(table.set_column(column, name, rest)), "an array does not fit")
    refused(keys, arrow(table.drop_columns(["unit"])), "unit")
    refused(keys, arrow(table.slice(0, 0)), "")
    rank(gpt2_folder, texts, out, 0, 1)


def test_a_passage_that_does_not_fit_what_is_said_of_it_is_one_message(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    """Planted so that its digest is right, too."""
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    for name in ("plan.json", "pilot.safetensors"):
        (out / name).unlink()
    facts = next((out / ENCODING).glob("part-00000-*.safetensors"))
    passages = facts.with_suffix(".passages")
    content, right = passages.read_bytes(), load(facts.read_bytes())
    end, tokens = int(right["ends"][1]), int(right["tokens"][0])
    for wrong in (tokens - 1, 10**6, -1):
        first = content[:4] + np.array([wrong], np.int32).tobytes() + content[8:end]
        plant(passages, first + content[end:])
        digest = int.from_bytes(blake2b(first, digest_size=8).digest(), "little")
        plant(facts, save(right | {"digests": np.array([digest, *right["digests"][1:]], "u8")}))
        with pytest.raises(RunError, match=rf"a passage does not fit: expected {tokens} tokens"):
            rank(gpt2_folder, texts, out, 0, 1)


def arrow(table: Any) -> bytes:
    """A file of Arrow."""
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_file(sink, table.schema) as file:
        file.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def test_a_rank_of_another_release_takes_no_range_of_others(
    gpt2_folder: Path, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    monkeypatch.setattr(manifest, "release", lambda: "9.9")
    with pytest.raises(RunError, match="planned with other versions"):
        rank(gpt2_folder, texts, out, 0, 1)
    assert len({attempt.key for attempt in attempts(out / ENCODING)}) == 2


def test_a_rank_that_comes_again_encodes_nothing(
    gpt2_folder: Path, texts: Path, tmp_path: Path, encoded: list[int]
) -> None:
    rank(gpt2_folder, texts, tmp_path / "run", 0, 2)
    encoded.clear()
    rank(gpt2_folder, texts, tmp_path / "run", 1, 2)
    assert encoded == []


def test_a_rank_with_another_tokenizer_or_other_options_takes_no_range_of_others(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    with pytest.raises(RunError, match="planned with other options"):
        rank(gpt2_folder, texts, out, 0, 1, bos="always")
    keys = {attempt.key for attempt in attempts(out / ENCODING)}
    assert len(keys) == 2
    merge(out)
    assert not (out / ENCODING).exists()


def test_tagged_words_and_a_corpus_of_one_range_are_encoded_by_each_rank(
    gpt2_folder: Path, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagged = tmp_path / "tagged.conllu"
    rows = [[n, w, w, "NOUN", *"______"] for n, w in enumerate(TEXTS[0].split(), start=1)]
    sentence = "\n".join("\t".join(map(str, row)) for row in rows)
    tagged.write_text("\n\n".join([sentence] * 6) + "\n\n", encoding="utf-8")
    rank(gpt2_folder, tagged, tmp_path / "tagged", 0, 2, tags="conllu")
    monkeypatch.setattr(encoders, "_LEAST", 10**6)
    rank(gpt2_folder, texts, tmp_path / "small", 0, 2)
    for folder in (tmp_path / "tagged", tmp_path / "small"):
        assert not (folder / ENCODING).exists()
        merge(folder)


@pytest.mark.slow
def test_a_rank_killed_while_it_encodes_is_made_good_by_another(
    gpt2_folder: Path, tmp_path: Path
) -> None:
    many = tmp_path / "many.txt"
    many.write_text("\n".join(f"{text} {n}" for n in range(1800) for text in TEXTS[:5]), "utf-8")
    out = tmp_path / "run"
    killed = start(gpt2_folder, many, out, 0, 2)
    while killed.poll() is None and not any(a.done for a in attempts(out / ENCODING)):
        time.sleep(0.01)
    killed.kill()
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    other = start(gpt2_folder, many, out, 1, 2)
    while other.poll() is None and not (out / PLAN).is_file():
        time.sleep(0.01)
    other.send_signal(signal.SIGTERM)
    _, said = other.communicate()
    assert other.returncode == 75, said
    (key,) = {attempt.key for attempt in attempts(out / ENCODING)}
    found = encoded_ranges(out, key)
    assert list(found) == list(range(found[0]["ranges"] + 1)), "each range, and the documents"
