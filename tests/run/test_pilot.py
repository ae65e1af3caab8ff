"""The pilot: which passages it takes, what it finds, and that a folder keeps the one it has."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import TEXTS, tokenizer

import odograph
from odograph.corpus import bundled_path
from odograph.corpus.encoded import Encoded
from odograph.corpus.facts import counted
from odograph.corpus.passages import Passage
from odograph.corpus.tokens import encode_passages
from odograph.errors import RunError
from odograph.folder.checksums import checksum
from odograph.folder.pilot import OUTLIER, PILOT, outliers, read_pilot
from odograph.run import execute
from odograph.run.pilot import ENOUGH, pilot_of, pilot_passages

Measured = Callable[..., Any]


def encoded(texts: list[str], **options: Any) -> Any:
    passages = [Passage(str(number), text, "here") for number, text in enumerate(texts)]
    return encode_passages(passages, tokenizer(begins=True), **options).encoded


def texts_of(passages: tuple[Encoded, ...]) -> list[str]:
    return [passage.text for passage in passages]


MANY = [f"{TEXTS[n % 8]} That was day {n} of the journey." for n in range(300)]


def test_passages_are_taken_whole_by_the_hash_of_their_text_until_there_are_enough() -> None:
    everything = encoded(MANY)
    taken = pilot_passages(everything)
    in_order = sorted(everything, key=lambda passage: passage.text)
    assert texts_of(taken) == texts_of(tuple(in_order[: len(taken)]))
    tokens = [int(counted(passage).sum()) for passage in taken]
    assert sum(tokens) >= ENOUGH > sum(tokens[:-1])


def test_the_order_of_the_texts_changes_nothing_and_few_are_taken_all() -> None:
    assert texts_of(pilot_passages(encoded(MANY))) == texts_of(pilot_passages(encoded(MANY[::-1])))
    assert len(pilot_passages(encoded(MANY[:20]))) == 20


def test_position_0_does_not_count_and_tokens_without_rows_do() -> None:
    from odograph.corpus.options import EncodeOptions

    options = EncodeOptions(targets=("her",), select="targets")
    (passage,) = encode_passages(
        [Passage("a", TEXTS[0], "here")], tokenizer(begins=True), options
    ).encoded
    assert counted(passage).tolist() == [False] + [True] * (len(passage) - 1)
    assert passage.row.sum() == 2


def test_of_the_variants_of_a_text_the_first_is_taken() -> None:
    from odograph.corpus.options import EncodeOptions

    options = EncodeOptions(targets=("her", "him", "round"), variants=True)
    passages = [Passage(str(number), text, "here") for number, text in enumerate(TEXTS)]
    everything = encode_passages(passages, tokenizer(begins=True), options).encoded
    taken = pilot_passages(everything, variants=True)
    bases = {passage.base for passage in everything}
    assert len(everything) > len(bases) == len(taken) > 1
    assert {passage.passage_id.rpartition("#")[2] for passage in taken} == {"v1"}
    assert len(pilot_passages(everything)) == len(everything)


def test_a_passage_of_one_token_is_passed_over() -> None:
    alone = encode_passages([Passage("a", "", "here", ids=(3,))]).encoded
    assert pilot_passages(alone) == ()


def test_sinks_have_no_part_in_shares_and_means_and_zero_states_none_in_shares() -> None:
    generator = np.random.default_rng(0)
    states = generator.normal(size=(5, 60, 16)).astype(np.float32)
    states[:, 7] *= 1000
    states[2, 9] = 0
    norms = np.linalg.norm(states, axis=2).T
    found = pilot_of(states, norms)
    calm = np.delete(states.astype(np.float64), 7, axis=1)
    assert found.tokens == 59
    np.testing.assert_allclose(found.means, calm.mean(axis=1), rtol=1e-12)
    there = np.delete(calm[2], 8, axis=0)
    shares = there**2 / (there**2).sum(1, keepdims=True)
    np.testing.assert_allclose(found.shares[2], shares.mean(axis=0), rtol=1e-6)
    assert found.medians.tolist() == np.median(norms, axis=0).tolist()


def test_outliers_hold_a_quarter_somewhere_after_the_first_state_the_largest_first() -> None:
    shares = np.zeros((4, 6), np.float32)
    shares[0, 5] = 0.9
    shares[1, 2], shares[3, 2], shares[2, 4], shares[2, 0] = 0.1, OUTLIER, 0.6, 0.24
    assert outliers(shares, 50).tolist() == [4, 2]
    assert outliers(shares, 49).tolist() == []


def test_a_run_that_goes_on_keeps_its_pilot_and_a_damaged_one_is_measured_again(
    gpt2_folder: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real, times = execute.measure_pilot, []

    def counting(*given: Any) -> Any:
        times.append(1)
        if len(times) == 1:
            return real(*given)
        raise AssertionError("measured again")

    monkeypatch.setattr(execute, "measure_pilot", counting)
    out = tmp_path / "run"
    run = measured(gpt2_folder, shard_tokens=20, out=out)
    whole = (out / PILOT).read_bytes()
    assert run.manifest["pilot"]["sha256"] == checksum(out / PILOT)
    first = next((out / "layers").glob("part-*"))
    first.unlink()
    measured(gpt2_folder, shard_tokens=20, out=out, resume=True)
    assert len(times) == 1
    (out / PILOT).write_bytes(b"nothing")
    first.unlink()
    monkeypatch.setattr(execute, "measure_pilot", real)
    measured(gpt2_folder, shard_tokens=20, out=out, resume=True)
    assert (out / PILOT).read_bytes() == whole


def test_a_lost_or_damaged_pilot_is_said(gpt2_folder: Path, measured: Measured) -> None:
    folder = measured(gpt2_folder).folder
    (folder / PILOT).write_bytes(b"nothing")
    with pytest.raises(RunError, match=f"is damaged: {PILOT}"):
        read_pilot(folder)
    (folder / PILOT).unlink()
    assert read_pilot(folder) is None
    with pytest.raises(RunError, match=f"has lost 1 of its .* files, first {PILOT}"):
        odograph.open(folder)


def test_what_is_known_of_two_models_comes_out(stories_folder: Path, measured: Measured) -> None:
    """The trained story teller has one outlier coordinate, its twin and the bundled model none."""
    text = [bundled_path("nietzsche")]
    stories = measured(stories_folder, text, logits="none", untrained=1)
    assert stories.manifest["pilot"]["coordinates"] == [20]
    assert stories.manifest["pilot"]["peaks"] == pytest.approx([0.32], abs=0.02)
    assert measured("bundled", text, logits="none").manifest["pilot"]["coordinates"] == []
    (twin,) = stories.untrained
    pilot = read_pilot(twin.folder)
    assert pilot is not None
    assert pilot.shares[1:].max() < OUTLIER
