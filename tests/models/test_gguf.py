"""GGUF files are measured like folders: the same states, what they are is said, what fails too."""

import hashlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny

import odograph

pytest.importorskip("gguf", reason="gguf is not installed: GGUF files are not tested")
import made_gguf

from odograph.errors import ModelError
from odograph.models.loading import load
from odograph.models.sources import LoadOptions, Source, find_source
from odograph.models.twins import twin_plan, untrained_twin

Measured = Callable[..., Any]


@pytest.fixture(scope="module")
def model() -> Any:
    return made_gguf.build()


@pytest.fixture(scope="module")
def file(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_gguf.write(model, tmp_path_factory.mktemp("gguf") / "tiny.F32.gguf")


def test_a_gguf_file_is_measured_as_the_folder_of_the_same_weights(
    model: Any, file: Path, tmp_path: Path, measured: Measured
) -> None:
    folder = tiny.saved(model, tmp_path / "folder", begins=False)
    one, other = (measured(m, bos="always", logits="full") for m in (file, folder))
    for table in ("layers", "tokens"):
        given, wanted = one.arrow(table), other.arrow(table)
        assert given.column_names == wanted.column_names
        for name in given.column_names:
            a, b = given[name].to_numpy(), wanted[name].to_numpy()
            if b.dtype.kind == "f":
                np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-3, err_msg=name)
            else:
                assert a.tolist() == b.tolist(), name


def test_a_header_is_read_once_for_transformers_and_once_for_what_is_told_of_it(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gguf
    from gguf.gguf_reader import GGUFReader

    read: list[str] = []
    begun = GGUFReader.__init__

    def counted(reader: Any, path: Any, mode: Any = "r") -> None:
        read.append(str(path))
        begun(reader, path, mode)

    monkeypatch.setattr(GGUFReader, "__init__", counted)
    copy = shutil.copy(file, tmp_path / "copy.gguf")
    loaded = load(str(copy))
    assert len(read) == 2  # by transformers, for config, weights and tokenizer; for what is stored
    load(str(copy))
    assert len(read) == 3
    assert (gguf.GGUFReader, gguf.gguf_reader.GGUFReader) == (GGUFReader, GGUFReader)
    assert loaded.tokenizer is not None


def test_the_manifest_names_file_quantisation_and_fingerprint(
    model: Any, tmp_path: Path, measured: Measured
) -> None:
    from odograph.folder.card import card_of

    file = made_gguf.write(model, tmp_path / "tiny.Q8_0.gguf", kind="Q8_0")
    manifest = measured(file, untrained=1).manifest
    known = manifest["model"]
    assert (known["name"], known["file"]) == (str(file), "tiny.Q8_0.gguf")
    assert known["quantised"] == "Q8_0"
    assert known["fingerprint"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (manifest["dtype"], manifest["decomposition"]) == ("float32", "exact")
    assert manifest["untrained"] == ["untrained/seed-1"]
    card = card_of(manifest, unit="", test="")
    assert card["model"].startswith(f"tiny.Q8_0.gguf ({known['fingerprint'][:12]}), 3 sequential")
    assert card["model"].endswith("from a file of Q8_0 weights")


def test_a_file_a_folder_and_a_file_of_a_folder_name_the_same_model(
    file: Path, tmp_path: Path
) -> None:
    wanted = Source(str(file.parent), file.name)
    assert find_source(str(file)) == wanted
    assert find_source(str(file.parent)) == wanted
    assert find_source(f"{file.parent}:{file.name}") == wanted
    assert find_source(f"someone/tiny:{file.name}") == Source("someone/tiny", file.name)
    shutil.copy(file, tmp_path / "a.gguf")
    shutil.copy(file, tmp_path / "b.gguf")
    with pytest.raises(ModelError, match=rf"holds 2 GGUF files: .* Give it as {tmp_path}:a\.gguf"):
        find_source(str(tmp_path))
    with pytest.raises(ModelError, match=r"no 'c\.gguf' in .*, got a\.gguf, b\.gguf\."):
        find_source(f"{tmp_path}:c.gguf")
    with pytest.raises(ModelError, match=r"no file '.*none\.gguf'"):
        find_source(str(tmp_path / "none.gguf"))


def test_a_twin_of_a_gguf_file_is_of_its_architecture(file: Path) -> None:
    loaded = load(file)
    twin = untrained_twin(twin_plan(loaded), 1)
    assert twin.identity.untrained_seed == 1
    assert twin.anatomy.quantised is None
    twin.checks.refuse_if_failed(logits=True)


@pytest.mark.parametrize("absent", ["gguf", "accelerate"])
def test_what_has_to_be_installed_is_said(
    absent: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(ModelError, match=r"Install it with: pip install 'odograph\[gguf\]'"):
        load(file)
    # The memory that a run takes is told before the model is loaded, from the same file.
    with pytest.raises(ModelError, match=r"Install it with: pip install 'odograph\[gguf\]'"):
        odograph.measure(file, ["The dog ran home."], out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_damaged_file_and_a_pointer_are_told(file: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.gguf"
    short.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(ModelError, match="Check that the file is whole"):
        load(short)
    short.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    with pytest.raises(ModelError, match="is a Git LFS pointer"):
        load(short)


def test_more_blocks_in_the_file_than_its_header_says_are_refused(
    model: Any, tmp_path: Path
) -> None:
    file = made_gguf.write(model, tmp_path / "tiny.gguf", blocks=2)
    with pytest.raises(ModelError, match=r"more than .*'blk\.2\.\* \(9 weights\)'"):
        load(file)
    assert load(file, LoadOptions(allow_unused_weights=True)).identity.blocks == 2


def test_check_names_the_file(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from odograph.cli import run

    assert run(["check", str(file)]) == 0
    said = capfd.readouterr()
    assert "file         tiny.F32.gguf, most weights stored as F32" in said.out
    assert said.err == "", "no bar of another library"


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_a_real_quantised_model_is_read_with_its_tokenizer(shared_data: Path) -> None:
    folder = shared_data / "models" / "smollm2-135m"
    if not folder.is_dir():
        pytest.skip("smollm2-135m is absent from the shared data")
    loaded = load(folder)
    assert loaded.identity.quantised == "Q4_1"
    assert (loaded.identity.blocks, loaded.identity.width) == (30, 576)
    assert loaded.checks.decomposition == "exact"
    loaded.checks.refuse_if_failed(logits=True)
    tokens = loaded.tokenizer("The boat was gone.", return_offsets_mapping=True)
    assert [tuple(place)[1] for place in tokens.offset_mapping] == [3, 8, 12, 17, 18]
