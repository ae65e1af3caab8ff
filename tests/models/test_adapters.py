"""PEFT adapters on a base: measured as one model, the same as one merged by hand."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny
from made_adapters import BUILD, WHERE, trained
from made_hub import on_the_hub, shown

from odograph.errors import ModelError, UsageError
from odograph.folder.card import card_of
from odograph.models.loading import load
from odograph.models.pretrained import network_of
from odograph.models.sources import LoadOptions
from odograph.run.measure import Order, measure_both
from odograph.run.options import make_config

peft = pytest.importorskip("peft", reason="peft is not installed: adapters are not tested")

# peft asks transformers for a name that is to go; only the making of test adapters shows it.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")


def merged_by_hand(name, base, folder):
    """Base weights plus what the adapter's own two matrices make, without peft."""
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM

    network = AutoModelForCausalLM.from_pretrained(base, dtype="float32")
    given = load_file(folder / "adapter_model.safetensors")
    weights = dict(network.named_parameters())
    for key, first in given.items():
        if "lora_A" not in key:
            continue
        change = 2.0 * given[key.replace("lora_A", "lora_B")] @ first
        place = key.removeprefix("base_model.model.").replace("lora_A.", "")
        weights[place].data += change.T if name == "gpt2" else change
    return network


@pytest.fixture(params=list(BUILD))
def adapter(request, tmp_path, gpt2_folder, llama_folder):
    base = {"gpt2": gpt2_folder, "llama": llama_folder}[request.param]
    return request.param, base, trained(request.param, base, tmp_path / "adapter")


def values(run):
    rows = run.sql("select norm, rotation, step from layers order by passage, position, layer")
    return np.array(rows.fetchall(), dtype=float)


def test_an_adapter_gives_what_its_base_with_merged_weights_gives(adapter, measured, tmp_path):
    name, base, folder = adapter
    whole = merged_by_hand(name, base, folder)
    whole.save_pretrained(tmp_path / "merged")
    tiny.tokenizer(begins=name == "llama").save_pretrained(tmp_path / "merged")
    options = {"logits": "full", "targets": ["her"]}
    ours = measured(folder, tiny.TEXTS[:4], **options)
    theirs = measured(tmp_path / "merged", tiny.TEXTS[:4], **options)
    alone = measured(base, tiny.TEXTS[:4], **options)
    np.testing.assert_allclose(values(ours), values(theirs), rtol=1e-5, atol=1e-4)
    assert np.nanmax(np.abs(values(ours) - values(alone))) > 1
    sql = "select next_logprob from tokens order by passage, position"
    given, expected = (np.array(run.sql(sql).fetchall(), float) for run in (ours, theirs))
    np.testing.assert_allclose(given, expected, atol=1e-4)
    assert all(check["passed"] is not False for check in ours.manifest["self_check"])
    card = card_of(ours.manifest, unit="1 passage", test="none")["model"]
    assert f"), LORA adapter merged into {base.name}, " in card
    assert "adapter" not in card_of(theirs.manifest, unit="1 passage", test="none")["model"]


def test_base_and_adapter_are_recorded(adapter):
    _, base, folder = adapter
    loaded = load(folder)
    same = load(base)
    one, other = loaded.identity, same.identity
    assert (one.name, one.base, one.adapter) == (str(folder), str(base), "LORA")
    assert (one.revision, one.base_revision) == (None, None)
    assert (other.base, other.adapter) == (None, None)
    assert one.architecture == other.architecture
    assert one.parameters == other.parameters
    assert one.fingerprint != other.fingerprint
    assert loaded.tokenizer is not None


def test_the_fingerprint_covers_base_and_adapter_but_not_their_places(adapter, tmp_path):
    name, base, folder = adapter
    before = load(folder).identity.fingerprint
    moved = shutil.copytree(base, tmp_path / "elsewhere")
    settings = json.loads((folder / "adapter_config.json").read_text())
    settings["base_model_name_or_path"] = str(moved)
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    assert load(folder).identity.fingerprint == before
    tiny.scatter(BUILD[name](), seed=99).save_pretrained(moved)
    other_base = load(folder).identity.fingerprint
    assert other_base != before
    settings["lora_alpha"] = 16
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    assert load(folder).identity.fingerprint not in (before, other_base)


def test_an_adapters_own_tokenizer_is_taken(adapter):
    _, _, folder = adapter
    own = tiny.tokenizer(begins=True)
    own.add_tokens(["<own>"])
    own.save_pretrained(folder)
    assert "<own>" in load(folder).tokenizer.get_vocab()


def refusal(folder):
    with pytest.raises(ModelError) as caught:
        load(folder)
    return str(caught.value)


def test_an_adapter_that_cannot_be_loaded_is_refused_by_name(adapter, tmp_path, monkeypatch):
    _, base, folder = adapter
    written = folder / "adapter_config.json"
    good = json.loads(written.read_text())

    def change(**what):
        written.write_text(json.dumps(good | what))

    change(base_model_name_or_path="")
    assert f"the adapter '{folder}' does not name its base model" in refusal(folder)
    change(base_model_name_or_path=str(tmp_path / "nowhere"))
    assert refusal(folder) == (
        f"the base of the adapter '{folder}': no model folder '{tmp_path / 'nowhere'}'. It is "
        "named in adapter_config.json, at base_model_name_or_path."
    )
    prompts = {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 4}
    written.write_text(json.dumps(prompts | {"base_model_name_or_path": str(base)}))
    assert "puts trained vectors before the text (PROMPT_TUNING)" in refusal(folder)
    change(of_a_later_version=1)
    assert f"the adapter '{folder}' cannot be merged into '{base}'" in refusal(folder)
    change()
    shutil.copy(base / "config.json", folder)
    assert f"'{folder}' holds a whole model and an adapter" in refusal(folder)
    (folder / "config.json").unlink()
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    assert f"the adapter '{folder}' has no safetensors weights" in refusal(folder)
    (folder / "adapter_model.bin").rename(folder / "adapter_model.safetensors")
    monkeypatch.setitem(sys.modules, "peft", None)
    assert refusal(folder).endswith("Install it with: pip install 'odograph[peft]'.")


def test_an_adapter_of_another_base_is_refused(tmp_path, gpt2_folder, llama_folder):
    folder = trained("llama", gpt2_folder, tmp_path / "adapter")
    assert f"the adapter '{folder}' cannot be merged into '{gpt2_folder}'" in refusal(folder)
    shorter = trained("gpt2", gpt2_folder, tmp_path / "short", layers_to_transform=[0])
    settings = json.loads((shorter / "adapter_config.json").read_text())
    (shorter / "adapter_config.json").write_text(
        json.dumps(settings | {"layers_to_transform": [1]})
    )
    assert "missing adapter keys" in refusal(shorter)


def test_a_model_that_peft_has_wrapped_is_told_how_to_be_given():
    settings = peft.LoraConfig(r=2, task_type="CAUSAL_LM", **WHERE["llama"])
    with pytest.raises(UsageError) as caught:
        load(peft.get_peft_model(tiny.build_llama(), settings))
    assert str(caught.value) == (
        "a model wrapped by peft: expected the model with the adapter merged into its weights, "
        "got PeftModelForCausalLM. Give model.merge_and_unload(), or the folder of the adapter."
    )


def test_a_quantised_base_is_refused(adapter, monkeypatch):
    _, base, folder = adapter
    from odograph.models import adapters

    def quantised(*given):
        network, fit = adapters_network(*given)
        network.config.quantization_config = {"quant_method": "bitsandbytes"}
        return network, fit

    adapters_network = adapters.network_of
    monkeypatch.setattr(adapters, "network_of", quantised)
    assert f"the base '{base}' of the adapter '{folder}' is quantised" in refusal(folder)


def test_commits_of_a_hub_model_and_of_an_adapter_with_its_base_are_recorded(tmp_path, gpt2_folder):
    cache, of_base, of_adapter = tmp_path / "cache", "a" * 40, "b" * 40
    adapter = trained("gpt2", "some/base", tmp_path / "adapter")
    on_the_hub(cache, gpt2_folder, "some/base", of_base)
    on_the_hub(cache, adapter, "some/adapter", of_adapter)
    base = shown(cache, "some/base")
    assert (base["name"], base["revision"], base["base"]) == ("some/base", of_base, None)
    both = shown(cache, "some/adapter")
    assert (both["revision"], both["base"], both["base_revision"], both["adapter"]) == (
        of_adapter,
        "some/base",
        of_base,
        "LORA",
    )
    assert both["fingerprint"] != base["fingerprint"]


def test_a_folder_has_no_commit(gpt2_folder):
    assert load(Path(gpt2_folder), LoadOptions(offline=True)).identity.revision is None


def test_base_and_adapter_are_loaded_once_and_give_what_each_gives_alone(
    adapter, measured, tmp_path, monkeypatch
):
    _, base, folder = adapter
    (tmp_path / "a.txt").write_text("\n".join(tiny.TEXTS[:3]))
    alone = [measured(model, [tmp_path / "a.txt"], untrained=2) for model in (base, folder)]
    loaded = []

    def read(*asked):
        loaded.append(asked[0].place)
        return network_of(*asked)

    for module in ("loading", "adapters"):
        monkeypatch.setattr(f"odograph.models.{module}.network_of", read)
    orders = [
        Order(
            make_config({"model": str(model), "texts": [str(tmp_path / "a.txt")], "untrained": 2}),
            *(tmp_path / f"both-{place}", "odograph study", False, False),
        )
        for place, model in enumerate((base, folder))
    ]
    both = measure_both(*orders)
    assert loaded == [str(base)]
    for own, other in zip(both, alone, strict=True):
        for one, beside in zip((own, *own.untrained), (other, *other.untrained), strict=True):
            np.testing.assert_array_equal(values(one), values(beside))
            assert one.manifest["model"] == beside.manifest["model"]
        own.close()
    assert np.nanmax(np.abs(values(both[0]) - values(both[1]))) > 1
