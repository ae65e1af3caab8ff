"""The neighbours study's tables are what raw states, read by hooks of the test's own, give."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import recomputed
from tiny import TEXTS

import odograph
from odograph.folder.samples.neighbours import NEEDED
from odograph.studies import find
from odograph.studies.result import StudyResult

LAGS = (1, 2, 4, 8)


def table(result: StudyResult, name: str) -> dict[str, np.ndarray]:
    [found] = [t for t in result.tables if t.name == name]
    return {column: np.asarray(values) for column, values in found.columns.items()}


class Raw:
    """Angles of neighbours in every passage, from states read by hooks of the test's own."""

    def __init__(self, folder: Path, run: Any) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        model = AutoModelForCausalLM.from_pretrained(folder).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        tokens = run.to_pandas("tokens")
        self.passages: list[np.ndarray] = []
        self.usable: list[np.ndarray] = []
        self.roles: list[np.ndarray] = []
        for number, text in enumerate(TEXTS):
            rows = tokens[tokens.passage == number].sort_values("position")
            ids = tokenizer(text)["input_ids"]
            assert ids == rows.token_id.tolist()
            self.passages.append(recomputed.states_of(model, ids)[0])
            self.usable.append((rows.position > 0).to_numpy() & ~rows.sink.to_numpy())
            self.roles.append(rows.role.to_numpy())

    def mean(self, values: Callable[[np.ndarray], np.ndarray], *offsets: int) -> np.ndarray:
        """Mean over passages of the mean over tokens whose neighbours at `offsets` are usable."""
        means = []
        for states, usable in zip(self.passages, self.usable, strict=True):
            places = [
                i
                for i in range(states.shape[1])
                if all(0 <= i + o < len(usable) and usable[i + o] for o in (0, *offsets))
            ]
            if places:
                means.append(np.nanmean(values(states)[:, places], axis=1))
        return np.array(means)


def to_the_one_before(states: np.ndarray, lag: int) -> np.ndarray:
    """angle(x[i - lag], x[i]) at every state and token, [L+1, tokens]."""
    angles = np.full(states.shape[:2], np.nan)
    angles[:, lag:] = recomputed.angle(states[:, :-lag], states[:, lag:])
    return angles


def bends(states: np.ndarray) -> np.ndarray:
    """NaN where the same token comes twice in a row: at state 0 there is no way between them."""
    steps = np.diff(states, axis=1)
    angles = np.full(states.shape[:2], np.nan)
    angles[:, 1:-1] = recomputed.angle(steps[:, :-1], steps[:, 1:])
    return angles


@pytest.fixture(scope="module")
def stories(stories_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("stories") / "run"
    run = odograph.measure(
        stories_folder, list(TEXTS), out=out, targets=["her"], untrained=1, measures=[*NEEDED]
    )
    result = find("neighbours").analyse(run)
    return run, result, Raw(stories_folder, run)


def test_tables_are_what_raw_states_give(stories: Any) -> None:
    _, result, raw = stories
    profile = table(result, "neighbours_profile")
    near = raw.mean(lambda states: to_the_one_before(states, 1), -1)
    np.testing.assert_allclose(profile["mean_all_pairs"], near.mean(axis=0), atol=1e-4)
    bend = raw.mean(bends, -1, 1)
    np.testing.assert_allclose(table(result, "token_bend")["mean"], bend.mean(axis=0), atol=1e-4)
    place = table(result, "neighbours_positions")
    for second in (1, 2, 5):
        fixed = [to_the_one_before(s, 1)[:, second] for s in raw.passages if s.shape[1] > second]
        rows = place["second"] == second
        np.testing.assert_allclose(place["mean"][rows], np.mean(fixed, axis=0), atol=1e-4)
        assert set(place["n"][rows]) == {len(fixed)}


def test_lags_are_what_raw_states_give_in_passages_long_enough_for_all(stories: Any) -> None:
    _, result, raw = stories
    lags = table(result, "neighbours_lags")
    long = [i for i, u in enumerate(raw.usable) if (u[8:] & u[:-8]).any()]
    kept = Raw.__new__(Raw)
    kept.passages = [raw.passages[i] for i in long]
    kept.usable = [raw.usable[i] for i in long]
    for lag in LAGS:
        rows = lags["lag"] == lag
        wanted = kept.mean(lambda states, lag=lag: to_the_one_before(states, lag), -lag)
        np.testing.assert_allclose(lags["mean"][rows], wanted.mean(axis=0), atol=1e-4)
        assert set(lags["n"][rows]) == {len(long)}
    assert 0 < len(long) < len(raw.passages)


def test_target_pairs_and_other_pairs_are_what_raw_states_give(stories: Any) -> None:
    _, result, raw = stories
    targets, others = [], []
    for states, usable, roles in zip(raw.passages, raw.usable, raw.roles, strict=True):
        angles = to_the_one_before(states, 1)
        pairs = [i for i in range(1, len(usable)) if usable[i] and usable[i - 1]]
        hit = [i for i in pairs if roles[i] == "target" and roles[i - 1] == "non-target"]
        other = [i for i in pairs if "target" not in (roles[i], roles[i - 1])]
        if hit and other:
            targets.append(angles[:, hit].mean(axis=1))
            others.append(angles[:, other].mean(axis=1))
    found = table(result, "neighbours_targets")
    assert set(found["n"]) == {len(targets)}
    assert len(targets) > 1
    np.testing.assert_allclose(found["mean_target"], np.mean(targets, axis=0), atol=1e-4)
    np.testing.assert_allclose(found["mean_control"], np.mean(others, axis=0), atol=1e-4)


@pytest.mark.parametrize("width", [7, 48, 129])
def test_there_is_no_way_between_equal_vectors_however_long(width: int) -> None:
    """What rounding leaves of such a way must not be taken for a direction."""
    import torch

    from odograph.observe.neighbours import Neighbours
    from odograph.products import row_squares

    generator = torch.Generator().manual_seed(width)
    one, other = 300 * torch.randn(2, width, generator=generator)
    near = one + 1e-2 * torch.randn(width, generator=generator)
    rows = torch.stack([one, one, other, near, one, one, one, other])
    seen = Neighbours((), bend=True)
    seen.state(0, rows, row_squares(rows))
    found = seen.finish()["token_bend"][:, 0]
    assert torch.isnan(found).tolist() == [True, True, False, False, True, True, True, True]
    wanted = recomputed.angle(*np.diff(rows[1:5].double().numpy(), axis=0)[[1, 2]])
    assert found[3].item() == pytest.approx(float(wanted), abs=1e-4)
