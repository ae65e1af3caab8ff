"""The card under a figure: what a reader must know to doubt it, in the words of the manifest."""

from collections.abc import Mapping
from typing import Any

from odograph.folder.kept_rows import drawn_words
from odograph.folder.model_names import short_name

Card = dict[str, str]


def card_of(manifest: dict[str, Any], *, unit: str, test: str) -> Card:
    """The card of a run: model, precision, convention, BOS, exclusions, unit, test, versions, seed.

    Args:
        manifest: the run's.
        unit: unit of inference and n ("54 passages").
        test: tests and the size of their family.
    """
    model = manifest["model"]
    name = manifest["config"].get("name") or short_name(model["name"])
    revision = model["revision"] or model["fingerprint"][:12]
    layout = f"{model['blocks']} {model['layout']} blocks of width {model['width']}"
    halves = {"halves": halves_words(manifest)} if "halves" in manifest else {}
    drawn = drawn_words(manifest)
    sums = "" if manifest["kind"] == "difference" else "sums of all tokens; "
    rows = {"rows": f"{sums}rows of {drawn}"} if drawn else {}
    return {
        "model": f"{name} ({revision}){_base_words(model)}, {layout}{_weights_words(model)}",
        "precision": f"{manifest['dtype']} on {manifest['device']}, {manifest['kernel']} attention"
        f"{_rounding_words(manifest)}",
        "convention": CONVENTIONS[manifest["convention"]],
        "BOS": manifest["bos"],
        "left out": excluded_words(manifest),
        "unit": unit,
        **documents_joined(manifest),
        **halves,
        **rows,
        "test": test,
        "versions": f"odograph {manifest['odograph']}, "
        + ", ".join(f"{n} {manifest['versions'][n]}" for n in ("torch", "transformers")),
        "seed": str(manifest["seed"]),
    }


#: Entries of a card: how many documents the passages are, and how many of them are copies.
DOCUMENTS, COPIES = "documents", "copies"


def documents_joined(manifest: dict[str, Any]) -> Card:
    """How many documents the passages are, where these are fewer, and how many are copies.

    Entries of the card, or none; folders from before documents were counted have none.
    """
    corpus, exclusions = manifest["corpus"], manifest["exclusions"]
    documents, passages = corpus.get("documents") or corpus["passages"], corpus["passages"]
    if documents == passages:
        return {}
    card = {DOCUMENTS: f"{passages:,} passages of {documents:,} documents"}
    joined = {"copies": ("copy", "copies"), "near_copies": ("near-copy", "near-copies")}
    counts = [
        f"{count} {one if count == 1 else several}"
        for kind, (one, several) in joined.items()
        if (count := exclusions.get(kind, 0))
    ]
    if counts:
        card[COPIES] = f"{' and '.join(counts)} joined with what they copy"
    return card


def _base_words(model: dict[str, Any]) -> str:
    """What an adapter stands on; nothing for a model of its own, and in runs of old releases."""
    if not model.get("adapter"):
        return ""
    base = short_name(model["base"])
    revision = f" ({model['base_revision']})" if model["base_revision"] else ""
    return f", {model['adapter']} adapter merged into {base}{revision}"


def _weights_words(model: dict[str, Any]) -> str:
    """How the weights are stored, and which were left out or random; usually nothing.

    Runs of old releases do not say it.
    """
    fit = model.get("weights") or {}
    words = f", from a file of {model['quantised']} weights" if model.get("file") else ""
    for label, groups in (("left out", fit.get("unused")), ("random", fit.get("random"))):
        words += f"; {label}: {', '.join(groups)}" if groups else ""
    return words


def _rounding_words(manifest: Mapping[str, Any]) -> str:
    """What half precision costs on the self-check's prompt; nothing in float32.

    Runs of old releases do not say it.
    """
    found = manifest.get("rounding")
    if not found:
        half = manifest["dtype"] in ("bfloat16", "float16")
        return ", error against float32 not known" if half else ""
    return f", {rounding_words(found)}"


def rounding_words(found: Mapping[str, Any]) -> str:
    """The errors of half precision: "against float32 up to 3.8 degrees off (median .055), ...".

    Args:
        found: the fields of `models.rounding.Rounding`.
    """
    cosine = "" if found["cosine"] is None else f", cosines {found['cosine']:.2g}"
    return (
        f"against float32 rotation up to {found['rotation']:.2g} degrees off (median "
        f"{found['rotation_median']:.2g}), norms {found['norm']:.1%}{cosine}, on a prompt of "
        f"{found['tokens']} tokens"
    )


def halves_words(manifest: dict[str, Any]) -> str:
    """How a run was halved: "exploration on 27 passages, confirmation on 27 others, seed 0"."""
    halves = manifest["halves"]
    return (
        f"exploration on {halves['exploration']} passages, confirmation on "
        f"{halves['confirmation']} others, seed {manifest['seed']}"
    )


CONVENTIONS = {
    "stream": "stream (last state x_L, before the final norm)",
    "hf": "hf (last state N(x_L), after the final norm)",
    "lens": "lens (every state after the final norm)",
}


def excluded_words(manifest: dict[str, Any]) -> str:
    """Which tokens the statistics leave out, and how many."""
    exclusions = manifest["exclusions"]
    parts = []
    if manifest["config"].get("chat"):
        parts.append("the chat template's tokens are read and not measured")
    elif manifest["config"]["keep_first"]:
        parts.append(f"position 0 is kept{_sinks_words(manifest)}")
    else:
        parts.append(_first_words(manifest))
    parts.append(f"{exclusions['sinks']} later sinks")
    bad = sum(manifest["not_a_number"].values())
    if bad:
        parts.append(f"{bad} values that are not a number")
    return ", ".join(parts)


def _first_words(manifest: dict[str, Any]) -> str:
    """How many tokens at position 0 are left out, and how many of them are attention sinks.

    That was not measured in runs of old releases.
    """
    return f"{manifest['exclusions']['first_position']} at position 0{_sinks_words(manifest)}"


def _sinks_words(manifest: dict[str, Any]) -> str:
    """In how many passages position 0 is a sink; nothing where none of them has it."""
    sinks = manifest.get("sinks")
    if not sinks or not sinks["first"]:
        return ""
    return f" (an attention sink in {sinks['first_sinks']} of {sinks['first']} passages)"


def excluded_in_each(manifests: Mapping[str, dict[str, Any]]) -> str:
    """What the statistics of several models leave out, by the name of each."""
    return "; ".join(f"{name}: {excluded_words(one)}" for name, one in manifests.items())
