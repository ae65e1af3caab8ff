"""Everything that a run says is what plain hooks on each passage alone give."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import recomputed
import torch
from tiny import TEXTS
from transformers import AutoModelForCausalLM, AutoTokenizer

ALL = {
    "measures": ["norm,rotation,step,bend,straightness,displacement"],
    "logits": "full",
    "targets": ["her"],
}
CONVENTIONS = ("stream", "hf", "lens")
DEGREES = ("rotation", "turned", "bend", "heading", "last_rotation_stream", "last_rotation_hf")
#: Absolute where the unit is degrees or nats, relative where it is a length.
CLOSE = {"degrees": 1e-4, "length": 1e-5, "logits": 1e-4}
#: A step of relative length r has its direction known to (float32 rounding / r): 1e-7 rad / r.
DIRECTION = 1e-3

Measured = Callable[..., Any]


class Truth:
    """A model loaded a second time, and the measures of passages run alone."""

    def __init__(self, folder: Path, dtype: torch.dtype = torch.float32) -> None:
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self._states: dict[tuple[int, ...], Any] = {}

    def of(self, ids: list[int], convention: str) -> dict[str, np.ndarray]:
        key = tuple(ids)
        if key not in self._states:
            self._states[key] = recomputed.states_of(self.model, ids)
        raw, normed, logits = self._states[key]
        layers = recomputed.layer_measures(raw, normed, convention)
        return layers | recomputed.token_measures(raw, normed, logits, ids, convention)


@pytest.fixture(scope="module", params=["gpt2", "llama", "stories"])
def truth(request: pytest.FixtureRequest) -> tuple[Path, Truth]:
    folder = request.getfixturevalue(f"{request.param}_folder")
    return folder, Truth(folder)


def columns(run: Any, table: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The passage of every row, and all numbers of a table, in order of token and layer."""
    found = run.arrow(table)
    return found["passage"].to_numpy(), {
        name: found[name].to_numpy().astype(float)
        for name in found.column_names
        if found.schema.field(name).type in (pa.float32(), pa.int32(), pa.int16())
    }


def error_of(name: str, given: np.ndarray, wanted: np.ndarray) -> float:
    """The worst error in the measure's own scale; infinite where only one has a value."""
    if not np.array_equal(np.isnan(given), np.isnan(wanted)):
        return float("inf")
    apart = np.abs(given - wanted)
    if name in DEGREES or name in ("next_logit", "next_logprob", "entropy", "rank"):
        scale: Any = 1.0
    elif name == "influence":  # 1 - cos: an angle's error times its sine
        scale = np.sqrt(np.maximum(2 * wanted, 1e-12))
    else:
        scale = np.abs(wanted)
    return float(np.nanmax(apart / scale, initial=0.0))


def limit(name: str, layers: int = 1) -> float:
    if name in ("bend", "heading"):
        return DIRECTION
    if name == "turned":
        return CLOSE["degrees"] * layers
    if name in DEGREES:
        return CLOSE["degrees"]
    if name == "rank":
        return 0.0
    return CLOSE["logits" if name in ("next_logit", "next_logprob", "entropy") else "length"]


def compare(run: Any, known: Truth, convention: str, texts: Any = TEXTS) -> dict[str, float]:
    """The worst error of every measure over all passages, which are found by their text."""
    worst: dict[str, float] = {}
    tables = {table: columns(run, table) for table in ("layers", "tokens")}
    listed = run.sql("select distinct passage, passage_id from tokens order by passage").fetchall()
    for passage, passage_id in listed:
        text = texts[int(passage_id.removeprefix("text:")) - 1]
        front = run.manifest["bos"] != "none"
        ids = known.tokenizer(text, add_special_tokens=False)["input_ids"]
        ids = [known.tokenizer.bos_token_id, *ids] if front else ids
        wanted = known.of(ids, convention)
        per_layer = [n for n, v in wanted.items() if v.ndim == 2]
        per_token = [n for n, v in wanted.items() if v.ndim == 1]
        layers, tokens = (
            {n: values[of == passage] for n, values in found.items()}
            for of, found in tables.values()
        )
        assert set(per_layer) <= set(layers), "a measure is missing from the run"
        assert set(per_token) <= set(tokens), "a measure is missing from the run"
        rows = tokens["position"].astype(int)
        for name in [*per_layer, *per_token]:
            right = wanted[name][rows]
            given = (layers if name in per_layer else tokens)[name].reshape(right.shape)
            worst[name] = max(worst.get(name, 0.0), error_of(name, given, right))
    assert len(listed) >= 1
    return worst


def assert_close(worst: dict[str, float], layers: int) -> None:
    wrong = {n: e for n, e in worst.items() if not e <= limit(n, layers)}
    assert not wrong, wrong


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_all_measures_are_those_of_each_passage_alone(
    truth: tuple[Path, Truth], convention: str, measured: Measured
) -> None:
    folder, known = truth
    run = measured(folder, convention=convention, **ALL)
    assert run.manifest["corpus"]["passages"] == len(TEXTS)
    assert_close(compare(run, known, convention), run.blocks)


@pytest.mark.parametrize(
    "options",
    [
        {"batch_tokens": 16},
        {"batch_tokens": 64},
        {"batch_tokens": 100_000},
        {"shard_tokens": 20},
        {"shard_tokens": 60, "batch_tokens": 30},
        {"bos": "always"},
        {"bos": "never"},
        {"select": "targets"},
        {"attention": "eager"},
    ],
    ids=lambda o: ",".join(f"{k}={v}" for k, v in o.items()),
)
def test_batches_shards_bos_and_selection_change_no_value(
    truth: tuple[Path, Truth], options: dict[str, Any], measured: Measured
) -> None:
    folder, known = truth
    run = measured(folder, **ALL, **options)
    assert_close(compare(run, known, "stream"), run.blocks)


def test_the_order_of_passages_and_their_company_change_no_value(
    truth: tuple[Path, Truth], measured: Measured
) -> None:
    folder, known = truth
    turned_round = TEXTS[::-1]
    run = measured(folder, turned_round, **ALL)
    assert_close(compare(run, known, "stream", turned_round), run.blocks)
    company = (*TEXTS, *(t.upper() for t in TEXTS), " ".join(TEXTS)[:400])
    run = measured(folder, company, **ALL)
    assert_close(compare(run, known, "stream", company), run.blocks)


def test_float64_is_recomputed_to_the_precision_of_the_columns(
    gpt2_folder: Path, measured: Measured
) -> None:
    known = Truth(gpt2_folder, torch.float64)
    for convention in CONVENTIONS:
        run = measured(gpt2_folder, convention=convention, dtype="float64", **ALL)
        worst = compare(run, known, convention)
        loose = {"next_logprob": 2e-5, "entropy": 2e-5, "next_logit": 2e-5}
        loose |= {"turned": 4e-5, "heading": 1e-4}
        wrong = {n: e for n, e in worst.items() if e > loose.get(n, 1e-5)}
        assert not wrong, wrong


def test_targets_only_gives_the_rows_of_all(gpt2_folder: Path, measured: Measured) -> None:
    everything = measured(gpt2_folder, **ALL)
    chosen = measured(gpt2_folder, select="targets", **ALL)
    keys = 'passage_id, position, token, role, "group", occurrence, word, start, "end"'
    wanted = everything.sql(
        f"select {keys} from tokens where role <> 'other' order by 1, 2"
    ).fetchall()
    assert chosen.sql(f"select {keys} from tokens order by 1, 2").fetchall() == wanted
    both = []
    for run in (everything, chosen):
        both.append(
            run.sql(
                "select norm, rotation, step, bend "
                "from layers join tokens using (passage, position) "
                "where role <> 'other' order by passage_id, position, layer"
            ).fetchnumpy()
        )
    for name in both[0]:
        np.testing.assert_allclose(
            np.ma.filled(both[0][name], np.nan),
            np.ma.filled(both[1][name], np.nan),
            rtol=2e-6,
            atol=1e-4 if name == "bend" else 2e-5,
        )


def test_a_bos_in_front_is_said_and_counted_as_a_position(
    gpt2_folder: Path, llama_folder: Path, measured: Measured
) -> None:
    with_bos = measured(gpt2_folder, bos="always")
    assert with_bos.manifest["bos"] == "<|end|> (put in front)"
    assert measured(gpt2_folder).manifest["bos"] == "none"
    assert measured(llama_folder).manifest["bos"] == "<|end|> (tokenizer's own)"
    first = with_bos.sql("select distinct token from tokens where position = 0").fetchall()
    assert first == [("<|end|>",)]


def test_in_half_precision_the_prediction_is_that_of_the_exact_logits(
    gpt2_folder: Path, measured: Measured
) -> None:
    """Rounded to bfloat16, logits of 20 would be wrong by 0.06 and log-probabilities pass 0."""
    run = measured(gpt2_folder, dtype="bfloat16", logits="full")
    model = AutoModelForCausalLM.from_pretrained(gpt2_folder, dtype=torch.bfloat16).eval()
    tokenizer = AutoTokenizer.from_pretrained(gpt2_folder)
    ids = tokenizer(TEXTS[2], add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        normed = model.base_model(torch.tensor([ids]), use_cache=False)[0][0]
        logits = normed.double() @ model.lm_head.weight.double().T
    logp = logits.log_softmax(-1)
    found = run.sql(
        "select next_logprob, entropy, rank from tokens where passage = 2 order by position"
    ).fetchnumpy()
    following = logp[:-1].gather(1, torch.tensor(ids[1:])[:, None])
    np.testing.assert_allclose(found["next_logprob"][:-1], following[:, 0], atol=1e-3)
    np.testing.assert_allclose(found["entropy"], -(logp.exp() * logp).sum(-1), atol=1e-3)
    np.testing.assert_array_equal(found["rank"][:-1], (logp[:-1] > following).sum(-1) + 1)
