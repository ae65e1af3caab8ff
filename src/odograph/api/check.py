"""A model looked at before it is measured: its anatomy, its self-check, what can be measured."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from odograph.models.loading import Loaded, left_as_it_was
from odograph.models.precision import load_compared
from odograph.run.config import RunConfig
from odograph.run.options import make_config
from odograph.run.preparing import load_options
from odograph.run.typed_options import RunOptions

if TYPE_CHECKING:
    from torch import nn

    from odograph.models.selfcheck import Check
    from odograph.models.weights import WeightFit

_VERDICTS = {True: "passed", False: "failed", None: "not applicable"}
_HEAD = ("check", "outcome", "error", "tolerance", "detail")


@dataclass(frozen=True)
class Checked:
    """What is known of a model before it is measured.

    Attributes:
        anatomy: what it is made of: label to value.
        checks: the outcome of each check.
        decomposition: whether attention and MLP are told apart, and why not.
    """

    anatomy: dict[str, str]
    checks: "tuple[Check, ...]"
    decomposition: str

    @property
    def passed(self) -> bool:
        """Whether the model can be measured; its logits may have failed alone."""
        return all(each.passed is not False for each in self.checks[1:] if each.name != "head")

    @property
    def logits(self) -> bool:
        """Whether its logits can be measured too."""
        return all(each.passed is not False for each in self.checks if each.name == "head")

    def __str__(self) -> str:
        anatomy = [f"{label:<12} {value}" for label, value in self.anatomy.items()]
        rows = ["{:<12} {:<15} {:>9} {:>10}  {}".format(*row) for row in [_HEAD, *self._rows()]]
        return "\n".join([*anatomy, "", *rows, "", self._parts()])

    def _repr_html_(self) -> str:
        anatomy = "".join(_row("td", pair) for pair in self.anatomy.items())
        checks = "".join(_row("td", row) for row in self._rows())
        return (
            f"<table>{anatomy}</table><table>{_row('th', _HEAD)}{checks}</table>"
            f"<p>{escape(self._parts())}</p>"
        )

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                each.name,
                _VERDICTS[each.passed],
                "" if each.error is None else f"{each.error:.2g}",
                "" if each.tolerance is None else f"{each.tolerance:.2g}",
                each.detail,
            )
            for each in self.checks
        ]

    def _parts(self) -> str:
        return f"decomposition into attention and MLP: {self.decomposition}"


def _row(cell: str, texts: tuple[str, ...]) -> str:
    return f"<tr>{''.join(f'<{cell}>{escape(text)}</{cell}>' for text in texts)}</tr>"


def check(
    model: "str | Path | nn.Module", *, tokenizer: Any = None, **options: Unpack[RunOptions]
) -> Checked:
    """A model's anatomy and self-check, as `odograph check` shows them; nothing is measured.

    Args:
        model: hub id, folder, .gguf file, `bundled`, or a transformers model.
        tokenizer: the fast tokenizer of a model given as an object.
        **options: those that say how a model is loaded, e.g. `dtype="float32"`.

    Raises:
        ModelError: it cannot be loaded, or is of a kind that cannot be measured.
    """
    named = model if isinstance(model, str | Path) else type(model).__name__
    config = make_config({"model": str(named), **options})
    with left_as_it_was(model):
        found = config.model if isinstance(model, str | Path) else model
        return checked(load(found, config, tokenizer))


def load(model: "str | Path | nn.Module", config: RunConfig, tokenizer: Any = None) -> Loaded:
    """The model, loaded and checked."""
    return load_compared(model, load_options(config), tokenizer)


def checked(loaded: Loaded) -> Checked:
    """What was found when the model was loaded."""
    return Checked(anatomy_rows(loaded), loaded.checks.checks, loaded.checks.decomposition)


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
