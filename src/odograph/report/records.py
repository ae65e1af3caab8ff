"""What a run's manifest says of itself, as pairs of label and text."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from odograph.report import words
from odograph.report.numbers import number, significant

UNKNOWN = "not recorded"
Pairs = list[tuple[str, str]]


def run_card(manifest: Mapping[str, Any]) -> Pairs:
    """Model, precision, texts and time of a run."""
    model, corpus = mapping(manifest.get("model")), mapping(manifest.get("corpus"))
    time = mapping(manifest.get("time"))
    seed = model.get("untrained_seed")
    pace = f"{number(time.get('wall_s'))} s, {number(time.get('tokens_per_s'))} tokens/s"
    return [
        ("model", text_of(model.get("name"))),
        ("revision", text_of(model.get("revision") or model.get("fingerprint"))),
        ("weights", "trained" if seed is None else f"untrained, seed {seed}"),
        ("shape", _shape(model)),
        ("precision", " · ".join(text_of(manifest.get(k)) for k in ("dtype", "device", "kernel"))),
        ("convention", text_of(manifest.get("convention"))),
        ("BOS", text_of(manifest.get("bos"))),
        ("texts", ", ".join(map(str, corpus.get("sources") or [])) or UNKNOWN),
        ("passages", number(corpus.get("passages"))),
        ("tokens", number(corpus.get("tokens"))),
        ("not a number", _not_a_number(mapping(manifest.get("not_a_number")))),
        ("seed", text_of(manifest.get("seed"))),
        ("measured", f"{text_of(time.get('started'))}, {pace}"),
    ]


def _shape(model: Mapping[str, Any]) -> str:
    return (
        f"{text_of(model.get('architecture'))}, {number(model.get('blocks'))} blocks "
        f"({text_of(model.get('layout'))}), width {number(model.get('width'))}, "
        f"{number(model.get('parameters'))} parameters"
    )


def _not_a_number(counts: Mapping[str, Any]) -> str:
    found = [f"{name}: {number(count)}" for name, count in counts.items() if count]
    return ", ".join(found) or "none"


def comparison_card(manifest: Mapping[str, Any]) -> Pairs:
    """Which runs a comparison compares, and what they are ordered by, if by anything."""
    series = mapping(manifest.get("series"))
    places = ", ".join(f"{value:g}" for value in series.get("values") or [])
    return [
        ("runs compared", ", ".join(map(str, manifest.get("runs") or [])) or UNKNOWN),
        *([(f"in the order of {series.get('axis')}", places)] if series else []),
        ("seed", text_of(manifest.get("seed"))),
    ]


def minus(manifest: Mapping[str, Any]) -> dict[str, str] | None:
    """Of a difference: the folders' names of its run and of its base, and both models."""
    if manifest.get("kind") != "difference":
        return None
    base, run = (PurePosixPath(str(folder)).name for folder in manifest["runs"])
    less, model = map(str, manifest["models"])
    return {"run": run, "base": base, "model": model, "less": less}


def reproduce(manifest: Mapping[str, Any]) -> Pairs:
    """Versions, seed and fingerprints: what the same numbers take."""
    versions = {"odograph": manifest.get("odograph"), **mapping(manifest.get("versions"))}
    shown = [f"{name} {version}" for name, version in versions.items() if version]
    return [
        ("versions", ", ".join(shown) or UNKNOWN),
        ("seed", text_of(manifest.get("seed"))),
        ("config", text_of(manifest.get("config_hash"))),
        ("model fingerprint", text_of(mapping(manifest.get("model")).get("fingerprint"))),
        ("weights, sha256", text_of(mapping(manifest.get("model")).get("weights_sha256"))),
        ("text fingerprint", text_of(mapping(manifest.get("corpus")).get("fingerprint"))),
    ]


def checks(manifest: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each self-check: what it says, and how it went."""
    return [_check(check) for check in dicts(manifest.get("self_check"))]


def _check(check: Mapping[str, Any]) -> dict[str, str]:
    name = text_of(check.get("name"))
    return {
        "name": name,
        "meaning": words.SELF_CHECKS.get(name, ""),
        "result": words.check_result(check.get("passed")),
        "error": significant(check.get("error"), 2),
        "tolerance": significant(check.get("tolerance"), 2),
        "detail": str(check.get("detail") or ""),
    }


def exclusions(manifest: Mapping[str, Any]) -> tuple[Pairs, int]:
    """What was left out, count and reason, and for how many reasons nothing was."""
    counts = mapping(manifest.get("exclusions"))
    left_out = [(number(n), words.exclusion(reason)) for reason, n in counts.items() if n]
    return left_out, sum(not count for count in counts.values())


def skipped(manifest: Mapping[str, Any]) -> Pairs:
    """Passages that could not be read: place and reason."""
    entries = dicts(mapping(manifest.get("corpus")).get("skipped"))
    return [(text_of(entry.get("place")), text_of(entry.get("reason"))) for entry in entries]


def text_of(value: Any) -> str:
    """The value as text, or that it is not recorded."""
    return UNKNOWN if value is None or value == "" else str(value)


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it maps; else an empty one: a folder may be a stranger's."""
    return value if isinstance(value, Mapping) else {}


def dicts(value: Any) -> list[Mapping[str, Any]]:
    """Those entries of a list that map; none of anything else."""
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list) else []
