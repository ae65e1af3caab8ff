"""What is given wrongly is said in one message, with what was expected and what can be done."""

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from odograph.errors import ModelError, OdographError, TextError, UsageError
from odograph.models.loading import load
from odograph.models.sources import LoadOptions

Measured = Callable[..., Any]


def message(error: type[OdographError], call: Callable[[], Any]) -> str:
    with pytest.raises(error) as raised:
        call()
    return str(raised.value)


def without(folder: Path, tmp_path: Path, *patterns: str) -> Path:
    copy = tmp_path / "model"
    shutil.copytree(folder, copy)
    for pattern in patterns:
        for path in copy.glob(pattern):
            path.unlink()
    return copy


def test_a_missing_model_folder(measured: Measured) -> None:
    assert message(ModelError, lambda: measured("./no/such")) == (
        "no model folder './no/such'. Give an existing folder, a .gguf file, a hub id such as "
        "gpt2, or bundled."
    )


def test_a_file_and_an_empty_folder_are_no_models(tmp_path: Path, measured: Measured) -> None:
    (tmp_path / "model.bin").write_bytes(b"x")
    assert "is a file: expected a model folder or a .gguf file" in message(
        ModelError, lambda: measured(tmp_path / "model.bin")
    )
    (tmp_path / "empty").mkdir()
    assert message(ModelError, lambda: measured(tmp_path / "empty")).endswith(
        "is not a model folder: expected config.json, safetensors weights and a tokenizer in it, "
        "or a .gguf file, got an empty folder. Save one with model.save_pretrained(folder)."
    )


def test_a_folder_without_a_tokenizer(
    gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    folder = without(gpt2_folder, tmp_path, "tokenizer*", "special*", "vocab*", "merges*")
    said = message(ModelError, lambda: measured(folder))
    assert said.startswith(f"the tokenizer of '{folder}' cannot be loaded")
    assert said.endswith("Save it beside the weights with tokenizer.save_pretrained(folder).")


def test_pickles_are_not_loaded(gpt2_folder: Path, tmp_path: Path, measured: Measured) -> None:
    folder = without(gpt2_folder, tmp_path, "*.safetensors")
    assert "got no weights. Save the model again" in message(ModelError, lambda: measured(folder))
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    said = message(ModelError, lambda: measured(folder))
    assert "expected model.safetensors, got pytorch_model.bin. Pickle files can run code" in said
    (folder / "pytorch_model.bin").rename(folder / "pytorch_model-00001-of-00002.bin")
    (folder / "pytorch_model-00002-of-00002.bin").touch()
    said = message(ModelError, lambda: measured(folder))
    assert "got pytorch_model-00001-of-00002.bin, pytorch_model-00002-of-00002.bin. Pickle" in said


def test_a_pointer_of_git_lfs_is_called_one(
    gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    folder = without(gpt2_folder, tmp_path)
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 548105171\n"
    (folder / "model.safetensors").write_bytes(pointer)
    said = message(ModelError, lambda: measured(folder))
    assert said.startswith(f"'{folder / 'model.safetensors'}' is a Git LFS pointer: expected the ")
    assert said.endswith("Fetch it with `git lfs pull` in that folder, or give the hub id.")


def test_code_that_comes_with_the_weights_names_the_option_that_runs_it(
    gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    folder = without(gpt2_folder, tmp_path)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Config"}}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "mine.py").write_text("raise SystemExit('it ran')", "utf-8")
    said = message(ModelError, lambda: measured(folder))
    assert said.endswith("if you have read it and trust it, add --trust-remote-code.")


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_layer": "two"},
        {"n_head": 0},
        {"n_embd": None},
        {"n_layer": -1},
        {"vocab_size": [1]},
        {"layer_norm_epsilon": "small"},
        {"model_type": 3},
        {"tie_word_embeddings": "yes"},
    ],
)
def test_wrong_values_in_config_json_are_told_and_are_no_bug(
    wrong: dict[str, Any], gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    folder = without(gpt2_folder, tmp_path)
    config = json.loads((folder / "config.json").read_text("utf-8")) | wrong
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    assert f"'{folder}'" in message(ModelError, lambda: measured(folder))


@pytest.mark.parametrize("text", ["[]", "3", "{", "null", '{"model_type": "gpt2"}' * 2])
def test_a_config_json_that_is_no_config_is_told(
    text: str, gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    folder = without(gpt2_folder, tmp_path)
    (folder / "config.json").write_text(text, "utf-8")
    assert f"'{folder}'" in message(ModelError, lambda: measured(folder))


def test_a_revision_of_a_folder_is_refused(gpt2_folder: Path, measured: Measured) -> None:
    said = message(UsageError, lambda: measured(gpt2_folder, revision="main"))
    assert said.startswith("a revision is a branch, tag or commit of the hub: got --revision main")


def test_damaged_weights(gpt2_folder: Path, tmp_path: Path, measured: Measured) -> None:
    folder = without(gpt2_folder, tmp_path)
    (folder / "model.safetensors").write_bytes(b"\x00" * 100)
    said = message(ModelError, lambda: measured(folder))
    assert said.startswith(f"the model of '{folder}' cannot be loaded")
    assert said.endswith("Check config.json and the weights.")


def test_offline_never_touches_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []

    def refuse(*args: Any, **_: Any) -> Any:
        tried.append(args)
        raise OSError("the network was tried")

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    said = message(ModelError, lambda: load("nobody/no-such-model", LoadOptions(offline=True)))
    assert said.startswith("the model of 'nobody/no-such-model' cannot be loaded")
    assert said.endswith("It is not in the local cache; leave out --offline once to fetch it.")
    assert tried == []


def test_an_unknown_device_and_an_unknown_kernel(gpt2_folder: Path, measured: Measured) -> None:
    assert message(ModelError, lambda: measured(gpt2_folder, device="warp")).startswith(
        "device 'warp' is not available: expected auto, cpu"
    )
    said = message(ModelError, lambda: measured(gpt2_folder, attention="flash_attention_2"))
    assert said.startswith(f"the model of '{gpt2_folder}' cannot be loaded")


def test_texts_must_be_a_list_with_something_in_it(gpt2_folder: Path, measured: Measured) -> None:
    import odograph

    assert message(UsageError, lambda: odograph.measure(gpt2_folder, "one text", out="never")) == (
        "texts: expected a list, got str. Write [text] or [Path(file)]."
    )
    assert message(TextError, lambda: measured(gpt2_folder, [])) == (
        "no texts given: expected at least one text."
    )
    assert message(TextError, lambda: measured(gpt2_folder, ["", ""])) == (
        "nothing to measure in 2 passages: got 2 passages left out: they give no token. "
        "Give other texts or other targets."
    )
    assert not Path("never").exists()


def test_a_target_that_does_not_occur_has_suggestions(
    gpt2_folder: Path, measured: Measured
) -> None:
    said = message(TextError, lambda: measured(gpt2_folder, targets=["horse"]))
    assert said.startswith("no occurrence of the target 'horse' in 8 passages. ")
    assert "near words that occur: 'horses'" in said
    said = message(TextError, lambda: measured(gpt2_folder, ["Rain."], targets=["horse"]))
    assert said.startswith("no occurrence of the target 'horse' in 1 passage. ")


def test_a_slow_tokenizer_is_refused(
    gpt2_folder: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoTokenizer

    real = AutoTokenizer.from_pretrained

    class Slow:
        """Gives ids without offsets."""

        is_fast = False
        all_special_ids: tuple[int, ...] = ()
        bos_token_id = None

        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def __call__(self, *args: Any, **options: Any) -> Any:
            return self.inner(*args, **options)

        def __len__(self) -> int:
            return len(self.inner)

    monkeypatch.setattr(AutoTokenizer, "from_pretrained", lambda *a, **o: Slow(real(*a, **o)))
    assert message(ModelError, lambda: measured(gpt2_folder)) == (
        "the tokenizer gives no character offsets: expected a fast tokenizer (with a "
        "tokenizer.json), got Slow. Load it with AutoTokenizer, or convert it and save its "
        "tokenizer.json."
    )


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"convetion": "hf"}, "unknown option 'convetion'. Did you mean 'convention'?"),
        (
            {"convention": "last"},
            "option 'convention': expected 'stream', 'hf' or 'lens', got 'last'.",
        ),
        (
            {"untrained": -1},
            "option 'untrained': expected input should be greater than or equal to 0, got -1.",
        ),
        (
            {"measures": ["entropy"]},
            "measure 'entropy' is not asked for by --measures. Use --logits target (next_logit) or "
            "--logits full (all four).",
        ),
        ({"select": "targets"}, "select 'targets' without a target. Name one with --target."),
    ],
    ids=lambda value: str(value)[:20],
)
def test_wrong_options(
    options: dict[str, Any], wanted: str, gpt2_folder: Path, measured: Measured
) -> None:
    assert message(UsageError, lambda: measured(gpt2_folder, **options)) == wanted


def test_an_unknown_measure_lists_those_there_are(gpt2_folder: Path, measured: Measured) -> None:
    said = message(UsageError, lambda: measured(gpt2_folder, measures=["roation"]))
    assert said.startswith("unknown measure: expected norm, rotation, step,")
    assert said.endswith("got 'roation'.")


@pytest.mark.parametrize("ids", [[3, 400], [3, -1]], ids=str)
def test_token_ids_outside_the_vocabulary(
    ids: list[int], gpt2_folder: Path, measured: Measured
) -> None:
    with pytest.raises(OdographError, match="vocabulary"):
        measured(gpt2_folder, [ids])


def test_what_is_no_text_at_all(gpt2_folder: Path, measured: Measured) -> None:
    for texts in ([None], [3.5], [["a", "b"]]):
        with pytest.raises(UsageError, match="text"):
            measured(gpt2_folder, texts)


def test_nothing_is_written_where_something_is_wrong(
    gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    out = tmp_path / "never"
    for texts, options in (([""], {}), (["a b"], {"targets": ["her"]}), (["a"], {"x": 1})):
        with pytest.raises(OdographError):
            measured(gpt2_folder, texts, out=out, **options)
    assert not out.exists()
