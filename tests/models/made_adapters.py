"""LoRA adapters with random weights, as peft saves them."""

import json

import tiny

BUILD = {"gpt2": tiny.build_gpt2, "llama": tiny.build_llama}
WHERE = {
    "gpt2": {"target_modules": ["c_attn", "c_proj", "c_fc"], "fan_in_fan_out": True},
    "llama": {"target_modules": ["q_proj", "v_proj", "down_proj", "lm_head"]},
}


def trained(name, base, folder, build=None, **more):
    """A LoRA adapter with random weights, none of them zero, saved to a folder."""
    import peft
    import torch

    settings = peft.LoraConfig(r=4, lora_alpha=8, task_type="CAUSAL_LM", **(WHERE[name] | more))
    network = (build or BUILD[name])()
    network.name_or_path = str(base)
    network.config._name_or_path = str(base)
    adapted = peft.get_peft_model(network, settings)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for key, weight in adapted.named_parameters():
            if "lora_" in key:
                weight.copy_(torch.randn(weight.shape, generator=generator) * 0.2)
    # Whether embeddings were changed peft would look up in the base; none were here.
    adapted.save_pretrained(folder, save_embedding_layers=False)
    written = folder / "adapter_config.json"
    settings = json.loads(written.read_text()) | {"base_model_name_or_path": str(base)}
    written.write_text(json.dumps(settings))
    return folder
