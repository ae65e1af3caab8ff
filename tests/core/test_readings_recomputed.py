"""Trimmed and centred angles, shares and the pilot are what plain hooks give in float64."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import recomputed
import torch
from record_rules import assert_well_said
from tiny import HUGE, TEXTS, build_outlier_gpt2, saved
from transformers import AutoModelForCausalLM, AutoTokenizer

import odograph
from odograph.folder.pilot import read_pilot
from odograph.studies import find

Measured = Callable[..., Any]
MANY = (*TEXTS, *(text.upper() for text in TEXTS))
ASKED = {"measures": ["neighbour_angle,block_distance"], "logits": "none", "targets": ["her"]}


@pytest.fixture(scope="module")
def outlier_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny GPT-2, one coordinate of which holds most of every state's squared length."""
    return saved(build_outlier_gpt2(), tmp_path_factory.mktemp("models") / "outlier", begins=False)


class Truth:
    """The states of every passage, [L + 1, tokens, width], float64, and what follows of them."""

    def __init__(self, folder: Path, texts: tuple[str, ...], convention: str) -> None:
        model = AutoModelForCausalLM.from_pretrained(folder).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        self.states = []
        for text in texts:
            raw, normed, _ = recomputed.states_of(model, tokenizer(text)["input_ids"])
            self.states.append(recomputed.seen(raw, normed, convention))
        later = np.concatenate([x[:, 1:] for x in self.states], axis=1)
        self.mean = later.mean(axis=1)
        shares = later**2 / (later**2).sum(-1, keepdims=True)
        self.shares = shares.mean(axis=1)
        self.coordinates = [
            j for j in np.argsort(-self.shares[1:].max(axis=0)) if self.shares[1:, j].max() >= 0.25
        ]

    def read(self, reading: str) -> list[np.ndarray]:
        """The states of every passage in a reading."""
        if reading == "centred":
            return [x - self.mean[:, None] for x in self.states]
        kept = np.ones(self.mean.shape[1])
        kept[self.coordinates] = 0
        return [x * kept for x in self.states]

    def of(self, values: Callable[[np.ndarray], np.ndarray], reading: str) -> np.ndarray:
        """Values [layers, tokens] of all passages as rows of `layers`."""
        return np.concatenate([values(x).T.reshape(-1) for x in self.read(reading)])


def turned(x: np.ndarray) -> np.ndarray:
    return np.pad(recomputed.angle(x[:-1], x[1:]), ((1, 0), (0, 0)), constant_values=np.nan)


def beside(x: np.ndarray) -> np.ndarray:
    angles = recomputed.angle(x[:, :-1], x[:, 1:])
    return np.pad(angles, ((0, 0), (1, 0)), constant_values=np.nan)


def column(run: Any, name: str) -> np.ndarray:
    found = run.sql(f"select {name} from layers order by passage, position, layer").fetchnumpy()
    return np.ma.filled(found[name].astype(float), np.nan)


def assert_read_as(truth: Truth, run: Any, degrees: float = 1e-4) -> None:
    """All readings of a run of whole passages are those of the truth."""
    pilot = read_pilot(run.folder)
    assert pilot is not None
    assert pilot.coordinates.tolist() == truth.coordinates == run.manifest["pilot"]["coordinates"]
    np.testing.assert_allclose(pilot.means, truth.mean, atol=1e-5 * np.abs(truth.mean).max())
    np.testing.assert_allclose(pilot.shares, truth.shares, atol=1e-6)
    share = np.concatenate(
        [
            ((x[..., truth.coordinates] ** 2).sum(-1) / (x**2).sum(-1)).T.reshape(-1)
            for x in truth.states
        ]
    )
    np.testing.assert_allclose(column(run, "outlier_share"), share, atol=degrees / 50)
    for reading in ("trimmed", "centred"):
        rotation = truth.of(turned, reading)
        np.testing.assert_allclose(column(run, f"rotation_{reading}"), rotation, atol=degrees)
        influence = 1 - np.cos(np.radians(rotation))
        found = column(run, f"influence_{reading}")
        np.testing.assert_allclose(found, influence, atol=np.radians(degrees))
        found = column(run, f"neighbour_angle_{reading}")
        np.testing.assert_allclose(found, truth.of(beside, reading), atol=degrees)
        assert_pairs(truth.read(reading), run, reading, degrees)
        assert_spans(truth.read(reading), run, reading, degrees)


def assert_pairs(states: list[np.ndarray], run: Any, reading: str, degrees: float) -> None:
    keys = 'passage, position, layer, other_passage, other_position, other_layer, "null"'
    rows = run.sql(f"select {keys}, angle_{reading} from pairs").fetchall()
    assert len(rows) > 100
    for passage, position, layer, other, other_position, other_layer, null, found in rows:
        # The layer of a mismatched step is that of its second state.
        first = layer - (null == "mismatched-step")
        u, v = states[passage][first, position], states[other][other_layer, other_position]
        assert found == pytest.approx(recomputed.angle(u, v), abs=degrees)


def assert_spans(states: list[np.ndarray], run: Any, reading: str, degrees: float) -> None:
    columns = f"passage, layer, blocks, angle_{reading}, block_distance_{reading}"
    rows = run.sql(f"select {columns} from spans where tokens > 0").fetchall()
    assert rows
    for passage, layer, blocks, angle, distance in rows:
        x = states[passage][:, 1:]
        wanted = recomputed.angle(x[layer], x[layer + blocks]).mean()
        assert angle == pytest.approx(wanted, abs=degrees)
        assert distance == pytest.approx(wanted / 180, abs=degrees / 100)


@pytest.mark.parametrize("convention", ["stream", "hf", "lens"])
def test_the_readings_are_those_of_each_passage_alone(
    convention: str, outlier_folder: Path, measured: Measured
) -> None:
    truth = Truth(outlier_folder, MANY, convention)
    assert truth.coordinates[0] == HUGE
    run = measured(outlier_folder, MANY, convention=convention, **ASKED)
    assert run.manifest["pilot"]["readings"] == ["trimmed", "centred"]
    assert_read_as(truth, run)


@pytest.mark.parametrize(
    "options",
    [
        {"measures": ["neighbour_angle,block_distance,bend"]},
        {"measures": ["neighbour_angle,block_distance,update_cosine"]},
        {"batch_tokens": 16},
        {"shard_tokens": 20, "batch_tokens": 100_000},
    ],
    ids=str,
)
def test_whatever_is_asked_for_besides_the_readings_are_the_same(
    options: dict[str, Any], outlier_folder: Path, measured: Measured
) -> None:
    """With bends the states are taken one by one, with parts in another loop."""
    run = measured(outlier_folder, MANY, **ASKED | options)
    assert_read_as(Truth(outlier_folder, MANY, "stream"), run)


def test_without_outliers_nothing_is_trimmed_and_nothing_said(
    gpt2_folder: Path, measured: Measured
) -> None:
    run = measured(gpt2_folder, MANY, **ASKED)
    assert run.manifest["pilot"]["coordinates"] == []
    assert run.manifest["pilot"]["readings"] == []
    for table in ("layers", "pairs", "spans"):
        names = run.arrow(table).column_names
        assert not [n for n in names if "trimmed" in n or "centred" in n or "outlier" in n]


def test_what_is_asked_for_is_centred_without_outliers_too(
    gpt2_folder: Path, measured: Measured
) -> None:
    run = measured(gpt2_folder, MANY, measures=["rotation_centred"], logits="none")
    assert run.manifest["pilot"]["readings"] == ["centred"]
    truth = Truth(gpt2_folder, MANY, "stream")
    found = column(run, "rotation_centred")
    np.testing.assert_allclose(found, truth.of(turned, "centred"), atol=1e-4)


@pytest.mark.parametrize(("texts", "readings"), [(MANY[:3], ["trimmed"]), (MANY[:1], [])])
def test_few_tokens_give_no_reading_and_the_manifest_says_why(
    texts: tuple[str, ...], readings: list[str], outlier_folder: Path, measured: Measured
) -> None:
    pilot = measured(outlier_folder, texts, **ASKED).manifest["pilot"]
    assert pilot["readings"] == readings
    missing = {"trimmed", "centred"} - set(readings)
    assert set(pilot["missing"]) == missing
    assert pilot["missing"]["centred"] == (
        f"the pilot has {pilot['tokens']} tokens, 200 are needed"
    )


def test_a_twin_has_its_own_means_and_the_coordinates_of_its_model(
    outlier_folder: Path, measured: Measured
) -> None:
    run = measured(outlier_folder, MANY, untrained=1, shuffled=1, **ASKED)
    model = read_pilot(run.folder)
    assert model is not None
    for other in (*run.untrained, *run.shuffled):
        pilot = read_pilot(other.folder)
        assert pilot is not None
        assert pilot.coordinates.tolist() == model.coordinates.tolist()
        assert not np.allclose(pilot.means, model.means, atol=1e-2)
        assert "rotation_trimmed" in other.arrow("layers").column_names


@pytest.fixture(scope="module")
def smollm2(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SmolLM2-135M as a folder, from its GGUF file."""
    for package in ("gguf", "accelerate"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    place = shared_data / "models" / "smollm2-135m"
    files = sorted(place.glob("*.gguf"))
    if not files:
        pytest.skip("SmolLM2 is absent from the shared data")
    options: dict[str, Any] = {"gguf_file": files[0].name}
    model = AutoModelForCausalLM.from_pretrained(place, dtype=torch.float32, **options)
    del model.config.quantization_config
    model.hf_quantizer = None
    folder = tmp_path_factory.mktemp("smollm2")
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(place, **options).save_pretrained(folder)
    return folder


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_smollm2_has_three_outlier_coordinates_and_turns_otherwise_without_them(
    smollm2: Path, tmp_path: Path
) -> None:
    from odograph.corpus import bundled_path

    texts = tuple(bundled_path("her").read_text("utf-8").splitlines()[:16])
    with odograph.measure(smollm2, list(texts), out=tmp_path / "run", **ASKED) as run:
        assert run.manifest["pilot"]["coordinates"] == [17, 507, 247]
        assert run.manifest["sinks"]["first_sinks"] == len(texts)
        assert run.manifest["sinks"]["words"][0]["word"] == " the"
        carried = run.manifest["pilot"]["sinks"]["position 0"]
        named = [carried["written"][key] for key in ("block", "part", "coordinate")]
        assert named == [12, "mlp", 507]
        assert carried["written"]["growth"] > 20_000
        assert carried["removed"]["block"] == 29
        assert_read_as(Truth(smollm2, texts, "stream"), run, degrees=5e-4)
        for study in ("rotation", "path-length"):
            assert_well_said(f.record() for f in find(study).analyse(run).findings)
        raw, trimmed = (
            run.sql(
                f"select avg({name}) from layers where position > 0 and layer in (25, 30) "
                "group by layer order by layer"
            ).fetchall()
            for name in ("rotation", "rotation_trimmed")
        )
    assert raw[0][0] - trimmed[0][0] > 8
    assert trimmed[1][0] - raw[1][0] > 12
