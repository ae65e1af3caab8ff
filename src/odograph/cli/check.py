"""`odograph check`: a model's anatomy, its self-check, and what can be measured."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from odograph.cli.options import AsJson, Given, Quiet, takes_options
from odograph.terminal import json_text, show, tell

if TYPE_CHECKING:
    from torch import nn

    from odograph.models.loading import Loaded
    from odograph.models.selfcheck import Check
    from odograph.models.weights import WeightFit

_MODEL = "Hub id, folder, .gguf file, or bundled."
_VERDICTS = {True: "passed", False: "failed", None: "not applicable"}


@takes_options(only=["Model"], without=["model"])
def check(
    given: Given,
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Hub id, folder, .gguf file, or bundled.")
    ],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show a model's anatomy, its self-check and what can be measured; exit 1 if it cannot be."""
    config = given.config(model=model)
    from odograph.cli.silence import silence_libraries
    from odograph.models.precision import load_compared
    from odograph.run.measure import load_options
    from odograph.run.memory import announce_memory

    silence_libraries(quiet=quiet)
    options = load_options(config)
    if not quiet:
        announce_memory(config.model, options)
    loaded = load_compared(config.model, options)
    checks = loaded.checks.checks
    if as_json:
        show(json_text([each.record() for each in checks], indent=1))
    else:
        _print_anatomy(loaded)
        _print_checks(checks)
        show(f"decomposition into attention and MLP: {loaded.checks.decomposition}")
    loaded.checks.refuse_if_failed(logits=False)
    if any(each.name == "head" and each.passed is False for each in checks):
        tell("its logits are not measured; all else is with --logits none")


def _print_anatomy(loaded: "Loaded") -> None:
    for label, value in anatomy_rows(loaded).items():
        show(f"{label:<12} {value}")
    show()


def anatomy_rows(loaded: "Loaded") -> dict[str, str]:
    """What the model is made of, in words: label to value."""
    from odograph.run.memory import in_words

    anatomy, identity = loaded.anatomy, loaded.identity
    norm, head = anatomy.final_norm, anatomy.head
    rows = {
        "model": identity.name,
        **_adapter_row(loaded),
        "family": anatomy.family,
        "class": identity.architecture,
        "blocks": str(identity.blocks),
        "width": str(identity.width),
        "parameters": f"{identity.parameters:,}",
        "layout": identity.layout,
        "final norm": "none" if norm is None else type(norm).__name__,
        "head": "none" if head is None else _shape(head),
        "dtype": loaded.dtype,
        "memory": f"{in_words(_weights_bytes(loaded))} of weights",
        "device": loaded.device,
        "kernel": loaded.kernel,
        "positions": "no limit stated" if anatomy.positions is None else str(anatomy.positions),
        "tokenizer": _tokenizer_words(loaded),
        "BOS": _bos_words(loaded),
        "chat": "template" if getattr(loaded.tokenizer, "chat_template", None) else "no template",
    }
    if not anatomy.causal:
        rows["direction"] = "both ways: a state depends on later tokens too"
    if identity.file is not None:
        rows["file"] = f"{identity.file}, most weights stored as {identity.quantised}"
    elif anatomy.quantised is not None:
        rows["weights"] = f"quantised: {anatomy.quantised}"
    return rows | _rounding_row(loaded) | _fit_rows(identity.weights)


def _rounding_row(loaded: "Loaded") -> dict[str, str]:
    """What half precision costs; no row in float32."""
    from dataclasses import asdict

    from odograph.folder.card import rounding_words

    if loaded.rounding is None:
        return {}
    return {"rounding": rounding_words(asdict(loaded.rounding))}


def _fit_rows(fit: "WeightFit") -> dict[str, str]:
    """Where files and model differ; no rows where they do not."""
    named = {"not read": fit.ignored, "left out": fit.unused, "random": fit.random}
    return {label: ", ".join(groups) for label, groups in named.items() if groups}


def _weights_bytes(loaded: "Loaded") -> int:
    return sum(p.numel() * p.element_size() for p in loaded.model.parameters())


def _adapter_row(loaded: "Loaded") -> dict[str, str]:
    """What an adapter stands on; no row for a model of its own."""
    identity = loaded.identity
    if identity.adapter is None:
        return {}
    return {"adapter": f"{identity.adapter}, merged into {identity.base}"}


def _shape(head: "nn.Module") -> str:
    """Vocabulary x width of the output embedding."""
    weight: Any = head.weight
    return " x ".join(str(size) for size in weight.shape)


def _tokenizer_words(loaded: "Loaded") -> str:
    tokenizer = loaded.tokenizer
    if tokenizer is None:
        return "none"
    fast = getattr(tokenizer, "is_fast", False)
    return f"{type(tokenizer).__name__}, {'fast' if fast else 'slow: words cannot be found'}"


def _bos_words(loaded: "Loaded") -> str:
    from odograph.corpus.pieces import front

    if loaded.tokenizer is None:
        return "none"
    return front(loaded.tokenizer, "auto", causal=loaded.anatomy.causal).name


def _print_checks(checks: "tuple[Check, ...]") -> None:
    show(f"{'check':<12} {'outcome':<15} {'error':>9} {'tolerance':>10}  detail")
    for each in checks:
        error = "" if each.error is None else f"{each.error:.2g}"
        tolerance = "" if each.tolerance is None else f"{each.tolerance:.2g}"
        show(
            f"{each.name:<12} {_VERDICTS[each.passed]:<15} {error:>9} {tolerance:>10}  "
            f"{each.detail}"
        )
    show()
