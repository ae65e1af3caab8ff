"""The card under a figure: what a reader must know to doubt it, in the words of the manifest."""

from typing import Any

Card = dict[str, str]


def card_of(manifest: dict[str, Any], *, unit: str, test: str) -> Card:
    """The card of a run: model, precision, convention, BOS, exclusions, unit, test, versions, seed.

    Args:
        manifest: the run's.
        unit: unit of inference and n ("54 passages").
        test: tests and the size of their family.
    """
    model = manifest["model"]
    revision = model["revision"] or model["fingerprint"][:12]
    layout = f"{model['blocks']} {model['layout']} blocks of width {model['width']}"
    return {
        "model": f"{short_name(model['name'])} ({revision}), {layout}",
        "precision": f"{manifest['dtype']} on {manifest['device']}, {manifest['kernel']} attention",
        "convention": CONVENTIONS[manifest["convention"]],
        "BOS": manifest["bos"],
        "left out": excluded_words(manifest),
        "unit": unit,
        "test": test,
        "versions": f"odograph {manifest['odograph']}, "
        + ", ".join(f"{n} {manifest['versions'][n]}" for n in ("torch", "transformers")),
        "seed": str(manifest["seed"]),
    }


def short_name(model: str) -> str:
    """A model's name without the folders before it; a hub id keeps its owner."""
    parts = model.rstrip("/").split("/")
    return model if len(parts) <= 2 and not model.startswith((".", "/")) else parts[-1]


CONVENTIONS = {
    "stream": "stream (last state x_L, before the final norm)",
    "hf": "hf (last state N(x_L), after the final norm)",
    "lens": "lens (every state after the final norm)",
}


def excluded_words(manifest: dict[str, Any]) -> str:
    """Which tokens the statistics leave out, and how many."""
    exclusions = manifest["exclusions"]
    parts = []
    if manifest["config"]["keep_first"]:
        parts.append("position 0 is kept")
    else:
        parts.append(f"{exclusions['first_position']} at position 0 (attention sink)")
    parts.append(f"{exclusions['sinks']} later sinks")
    bad = sum(manifest["not_a_number"].values())
    if bad:
        parts.append(f"{bad} values that are not a number")
    return ", ".join(parts)
