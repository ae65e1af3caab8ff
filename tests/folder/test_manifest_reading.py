"""The manifest is read once on the way of a command, and what is wrong in it is named."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_damage import changed, manifest_of, write
from tiny import TEXTS

import odograph
from odograph.cli import run
from odograph.errors import RunError
from odograph.folder import manifest
from odograph.folder.manifest import read_manifest

Opened = Callable[..., list[int]]


@pytest.fixture
def manifests_opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """How often each manifest is opened on the way of a command; a wall keeps others from it."""
    opened: Counter[Path] = Counter()
    real = manifest._parsed

    def counted(path: Path) -> dict[str, Any]:
        opened[path.resolve()] += 1
        return real(path)

    monkeypatch.setattr(manifest, "_parsed", counted)

    def give(*arguments: object) -> list[int]:
        opened.clear()
        assert run([str(argument) for argument in arguments]) == 0
        return list(opened.values())

    return give


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "texts.txt"
    path.write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    return path


def test_a_command_opens_each_manifest_once(
    gpt2_folder: Path, llama_folder: Path, texts: Path, tmp_path: Path, manifests_opened: Opened
) -> None:
    asked = ["--texts", texts, "--target", "her", "--untrained", 1, "--quiet"]
    one, other = tmp_path / "one", tmp_path / "other"
    study = ["study", "rotation", "--model", gpt2_folder, *asked, "--shuffled", 1, "--out", one]
    assert manifests_opened(*study) == [1, 1], "those of the twin and of the shuffled texts"
    measure = ["measure", "--model", llama_folder, *asked, "--out", other]
    assert manifests_opened(*measure) == [], "what was just written is not read"
    assert manifests_opened(*measure, "--resume") == [1, 1]
    assert manifests_opened("analyse", one, "rotation") == [1, 1, 1]
    assert manifests_opened("sql", one, "select count(*) from layers") == [1]
    both = tmp_path / "both"
    compare = ["compare", one, other, "--study", "rotation", "--out", both]
    assert set(manifests_opened(*compare)) == {1}
    assert set(manifests_opened("report", both)) == {1}
    assert set(manifests_opened("report", one, other, "--out", tmp_path / "r.html")) == {1}


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("kind", "ran", "expected run or comparison or difference, got 'ran'"),
        ("kind", ..., "expected run or comparison or difference, got nothing"),
        ("seed", "0", "expected a valid integer, got '0'"),
        ("seed", -1, "expected greater than or equal to 0, got -1"),
        ("seed", True, "expected a valid integer, got True"),
        ("model", [], "expected a valid dictionary"),
        ("model.blocks", 0, "expected greater than or equal to 1, got 0"),
        ("model.blocks", "four", "expected a valid integer, got 'four'"),
        ("model.width", None, "expected a valid integer, got None"),
        ("model.name", 7, "expected a valid string, got 7"),
        ("config", "none", "expected a valid dictionary"),
        ("config.targets", "her", "expected a valid list, got 'her'"),
        ("config.keep_first", "yes", "expected a valid boolean, got 'yes'"),
        ("convention", "flow", "expected 'stream', 'hf' or 'lens', got 'flow'"),
        ("corpus", None, "expected a valid dictionary"),
        ("corpus.passages", 1.5, "expected a valid integer, got 1.5"),
        ("exclusions.sinks", ..., "expected a value, got nothing"),
        ("shards", {}, "expected a valid list, got {}"),
        ("shards.0.files", ["a"], "expected a valid dictionary, got ['a']"),
        ("untrained", "untrained/seed-1", "expected a valid list"),
        ("untrained.0", "../other", "String should match pattern"),
        ("shuffled.0", "/etc", "String should match pattern"),
        ("complete", "yes", "expected a valid boolean, got 'yes'"),
        ("time.wall_s", "long", "expected a valid number, got 'long'"),
        ("self_check.0.passed", "perhaps", "expected a valid boolean, got 'perhaps'"),
        ("versions.torch", 2, "expected a valid string, got 2"),
    ],
)
def test_a_wrong_value_in_a_manifest_is_named_with_what_is_expected(
    key: str, value: Any, told: str, whole: Path, edited: Path
) -> None:
    write(edited, changed(manifest_of(whole), key, value))
    with pytest.raises(RunError) as error:
        read_manifest(edited)
    assert f"manifest.json' is damaged at {key}: " in str(error.value)
    assert told in str(error.value)
    assert "Bring the file back" in str(error.value)


@pytest.mark.parametrize("more", [-1, 1])
def test_blocks_that_the_layers_do_not_have_are_refused_before_a_study_meets_them(
    more: int, whole: Path, edited: Path
) -> None:
    blocks = manifest_of(whole)["model"]["blocks"]
    write(edited, changed(manifest_of(whole), "model.blocks", blocks + more))
    told = f"at model.blocks: expected {blocks}, as in layers/, got {blocks + more}"
    with pytest.raises(RunError, match=told):
        odograph.study("rotation", edited)
    with pytest.raises(RunError, match=told):
        odograph.open(edited).sql("select count(*) from layers")


@pytest.mark.parametrize(
    "name",
    [
        "../layers/part-00000.parquet",
        "/etc/passwd",
        "layers/../../part-00000.parquet",
        "layers/part-00000.parquet/../x",
        "layers\\part-00000.parquet",
        "layers/part-00000.csv",
        "layers/other.parquet",
        "part-00000.parquet",
        "layers/part-00000.parquet\n",
        "",
    ],
)
def test_a_name_that_odograph_does_not_write_is_refused(
    name: str, whole: Path, edited: Path
) -> None:
    record = manifest_of(whole)
    record["shards"][0]["files"][name] = "0" * 64
    write(edited, record)
    with pytest.raises(RunError, match=r"damaged at 'shards\.0\.files|damaged at shards\.0\.files"):
        read_manifest(edited)


def test_what_a_manifest_says_beyond_what_is_read_stays(whole: Path, edited: Path) -> None:
    record = manifest_of(whole) | {"remark": {"by": ["the user"]}}
    record["model"]["nickname"] = "tiny"
    write(edited, record)
    assert read_manifest(edited) == record
