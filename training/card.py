"""The model card and the documentation page, filled in from what was measured."""

import json
from pathlib import Path
from string import Template

from figures import MEASURES, Profile, millions, moments, read_profiles, read_rows
from train import Plan

HERE = Path(__file__).parent
Facts = dict[str, object]


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, its first column to the left and the numbers to the right."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *rows])


def profile_table(profiles: Profile, measure: str, digits: int) -> str:
    """A measure at each moment of training, one column a layer."""
    trained = moments(profiles)
    layers = list(trained[0][measure])
    rows = [
        [millions(seen), *[f"{found[measure][layer]:.{digits}f}" for layer in layers]]
        for seen, found in trained.items()
    ]
    return table(["tokens seen", *[f"layer {layer}" for layer in layers]], rows)


def twin_table(profiles: Profile) -> str:
    """Rotation of the trained model beside its untrained twins, by layer."""
    last = max(seen for seen, _ in profiles)
    twins = [found["rotation"] for (seen, _), found in profiles.items() if seen == 0]
    rows = []
    for layer, trained in profiles[last, 0]["rotation"].items():
        values = [twin[layer] for twin in twins]
        mean = sum(values) / len(values)
        spread = max(values) - min(values)
        rows.append(
            [str(layer), f"{trained:.1f}", f"{mean:.1f}", f"{spread:.1f}", f"{trained - mean:+.1f}"]
        )
    header = ["layer", "trained", "untrained", "spread of seeds", "difference"]
    return table(header, rows)


def story(profiles: Profile) -> str:
    """What happens to the first and the last step during training, in numbers."""
    trained = moments(profiles)
    end = max(trained)
    last = max(trained[0]["rotation"])
    late = {seen: found["rotation"][last] for seen, found in trained.items()}
    least = min(late, key=late.__getitem__)
    first = [trained[seen]["rotation"][1] for seen in (0, end)]
    norms = [trained[seen]["norm"][last] for seen in (0, end)]
    return (
        "Untrained, each block turns the state a little less than the one before it, as "
        "independent steps of equal size do. In training the first block's rotation goes from "
        f"{first[0]:.0f} to {first[1]:.0f} degrees: the state it leaves is nearly at right angles "
        f"to the embedding. The last block's rotation goes from {late[0]:.0f} degrees to "
        f"{late[least]:.0f} after {millions(least)} tokens and to {late[end]:.0f} at the end: "
        "early on the later blocks do little, and what the end of the stack does is learned late. "
        f"The last state's norm goes from {norms[0]:.1f} to {norms[1]:.0f}, so rotation and "
        "relative step, not the step itself, are what can be compared across moments."
    )


def loss_table(facts: Facts) -> str:
    """Losses of the model and of the 3-gram on the held-out text and its two parts."""
    rows = []
    for part, label in (("all", "all"), ("books", "books"), ("stories", "short stories")):
        own, baseline = facts["held_out_loss"][part], facts["three_gram_loss"][part]
        below = 100 * (1 - own["bits_per_character"] / baseline["bits_per_character"])
        rows.append(
            [
                label,
                f"{own['tokens']:,}",
                f"{own['characters']:,}",
                f"{own['nats_per_token']:.3f}",
                f"{own['bits_per_character']:.3f}",
                f"{baseline['nats_per_token']:.3f}",
                f"{baseline['bits_per_character']:.3f}",
                f"{below:.1f} %",
            ]
        )
    header = ["held-out text", "tokens", "characters", "nats per token", "bits per character"]
    header += ["3-gram, nats per token", "3-gram, bits per character", "below it"]
    return table(header, rows)


def pair_table(facts: Facts) -> str:
    """Minimal pairs the model finds likelier the right way round, by kind."""
    rows = [[kind, str(right), str(n)] for kind, (right, n) in facts["pairs_right"].items()]
    return table(["pair", "right", "of"], rows)


def quoted(continuations: list[list[str]]) -> str:
    """Prompts in bold with their continuations, as quotations."""
    shown = []
    for prompt, continuation in continuations:
        lines = f"**{prompt}**{continuation}".split("\n")
        shown.append("\n".join(f"> {line}  " if line else ">" for line in lines).rstrip())
    return "\n\n".join(shown)


def gap(rows: list[dict[str, str]]) -> str:
    """A sentence on points of the learning curve without a held-out loss, where there are any."""
    missing = [int(float(r["tokens_seen"])) for r in rows if r["held_out_loss"] == "nan"]
    if not missing:
        return ""
    return (
        f"No held-out loss of this kind was taken from {millions(missing[0])} to "
        f"{millions(missing[-1])} tokens."
    )


def plan_values(plan: Plan) -> dict[str, str]:
    """What the card says of the training plan, as text."""
    return {
        "plan_tokens": str(plan.tokens),
        "step_tokens": f"{plan.step_tokens:,}",
        "rate": str(plan.learning_rate),
        "short_share": f"{100 * plan.short_share:.0f}",
        "decay_share": f"{100 * plan.decay_share:.0f}",
        "long_share": f"{100 * plan.long_share:.0f}",
        "long_every": str(plan.long_every),
    }


def values(folder: Path, plan: Plan) -> dict[str, str]:
    """Everything the templates ask for, as text."""
    facts = json.loads((folder / "quality.json").read_text(encoding="utf-8"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    profiles = read_profiles(folder / "profiles.csv")
    curve = read_rows(folder / "curve.csv")
    last = curve[-1]
    return {
        **plan_values(plan),
        "sha256": facts["weights_sha256"],
        "parameters": f"{facts['parameters']:,}",
        "blocks": str(config["n_layer"]),
        "width": str(config["n_embd"]),
        "heads": str(config["n_head"]),
        "context": str(config["n_positions"]),
        "vocabulary": f"{config['vocab_size']:,}",
        "tokens_seen": f"{float(last['tokens_seen']) / 1e6:.1f} million",
        "training_characters": f"{facts['training_characters'] / 1e6:.1f} million",
        "training_tokens": f"{facts['training_tokens'] / 1e6:.2f} million",
        "epochs": f"{float(last['tokens_seen']) / facts['training_tokens']:.1f}",
        "hours": f"{float(last['hours']):.1f}",
        "nats": f"{facts['held_out_loss']['all']['nats_per_token']:.3f}",
        "bits": f"{facts['held_out_loss']['all']['bits_per_character']:.3f}",
        "baseline_nats": f"{facts['three_gram_loss']['all']['nats_per_token']:.3f}",
        "baseline_bits": f"{facts['three_gram_loss']['all']['bits_per_character']:.3f}",
        "gap": gap(curve),
        "notes": (HERE / "card.notes.md").read_text(encoding="utf-8").strip(),
        "story": story(profiles),
        "below": f"{facts['below_three_gram_percent']:.1f}",
        "passage_loss": f"{facts['passage_nats_per_token']:.4f}",
        "pairs": f"{facts['pairs_right_percent']:.0f}",
        "loss_table": loss_table(facts),
        "pair_table": pair_table(facts),
        "greedy": quoted(facts["greedy"]),
        "sampled": quoted(facts["sampled"]),
        "twin_table": twin_table(profiles),
        **{
            f"{measure}_table": profile_table(profiles, measure, 1 if measure == "rotation" else 2)
            for measure in MEASURES
        },
    }


def fill(template: str, filled: dict[str, str]) -> str:
    """A template of this folder with its values; one that is missing is an error."""
    return Template((HERE / template).read_text(encoding="utf-8")).substitute(filled)


def write_texts(folder: Path, docs: Path, plan: Plan) -> None:
    """Writes the model card and the documentation page."""
    filled = values(folder, plan)
    (folder / "README.md").write_text(fill("card.template.md", filled), encoding="utf-8")
    page = fill("page.template.md", filled)
    (docs / "bundled-model.md").write_text(page, encoding="utf-8")
