"""`odograph.from_states`: a run out of states that another tool has recorded."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from odograph.api.run import Run
from odograph.errors import UsageError
from odograph.run import measure as measuring
from odograph.run.recorded_texts import TokenNames, Tokens, recorded_texts
from odograph.run.typed_options import RunOptions

if TYPE_CHECKING:
    from torch import Tensor

    from odograph.models.recorded import RecordedStates

#: What such a run is called, unless it is given a name.
RECORDED = "recorded states"
#: What needs the model itself, and what an option has where it asks for none of that.
_OF_THE_MODEL: dict[str, Any] = {
    "untrained": 0,
    "shuffled": 0,
    "parts": 0,
    "logits": "none",
    "convention": "stream",
    "undo": (),
    "lens": False,
    "skip_blocks": False,
    "variants": False,
    "chat": False,
}


def from_states(
    states: Any,
    tokens: "Tokens | Sequence[Tokens]",
    /,
    *,
    out: str | Path,
    tokenizer: Any = None,
    columns: Sequence[Mapping[str, Any]] | None = None,
    overwrite: bool = False,
    **options: Unpack[RunOptions],
) -> Run:
    """Measures states that were recorded elsewhere, writes the run folder `out` and opens it.

    The folder is as that of `odograph.measure`, without what needs the model: predictions, parts of
    blocks, twins, whatever is run again. Its model is called `name`, of the family "recorded
    states".

    Args:
        states: of a passage the array [layers 0..L, tokens, width] (numpy, torch), a list with an
            array a layer, a cache by names (TransformerLens, nnsight), or a .npz or .safetensors
            file; of several passages a list of these. Layer 0 is what enters the first block, l
            what block l gives: the last one before the final norm.
        tokens: the passage's tokens, as texts (" her") or as ids; of several passages a list of
            these.
        out: the run folder to make.
        tokenizer: gives the text of ids.
        columns: of each passage what is kept, for `contrast` and `pair`.
        overwrite: replace what is there.
        **options: as of `odograph.measure`, e.g. `targets=["her"]`, `name="mine"`.

    Raises:
        UsageError: states and tokens that do not fit each other, or an option that needs the model.
        ModelError: a file that cannot be read.
    """
    _check_options(options)
    plain: Any = tokens.tolist() if hasattr(tokens, "tolist") else tokens
    several = bool(plain) and not isinstance(plain[0], str | int)
    listed = list(plain) if several else [plain]
    found = _fitting(list(states) if several else [states], listed)
    texts = recorded_texts(listed, tokenizer, columns)
    given: Any = {**_OF_THE_MODEL, "name": RECORDED, "overwrite": overwrite, **options}
    network, names = _network(found), TokenNames(texts.names)
    return Run.of(measuring.measure(network, texts.passages, out=out, tokenizer=names, **given))


def _network(states: "list[Tensor]") -> "RecordedStates":
    """The states of all passages, one after the other, as a network that gives them again."""
    import torch

    from odograph.models.recorded import RecordedStates

    return RecordedStates(list(torch.cat(states, dim=1)))


def _fitting(states: Sequence[Any], tokens: Sequence[Tokens]) -> "list[Tensor]":
    """The states of each passage, all of the same layers and width.

    Raises:
        UsageError: they are not, or have not as many tokens as the passage.
    """
    from odograph.models.caches import layers_of

    if len(states) != len(tokens):
        raise UsageError("states", expected=f"{len(tokens)}, one a passage", given=str(len(states)))
    found = [layers_of(own, f"passage {n}") for n, own in enumerate(states, start=1)]
    for number, (own, its_tokens) in enumerate(zip(found, tokens, strict=True), start=1):
        wanted = [found[0].shape[0], len(its_tokens), found[0].shape[2]]
        if list(own.shape) != wanted:
            raise UsageError(
                f"passage {number}: its states",
                expected=f"[layers, tokens, width] = {wanted}",
                given=str(list(own.shape)),
            )
    return found


def _check_options(options: Mapping[str, Any]) -> None:
    """Nothing, if no option needs the model.

    Raises:
        UsageError: names the first that does.
    """
    for name, without in _OF_THE_MODEL.items():
        if options.get(name, without) != without:
            raise UsageError(
                f"option '{name}' with states that were recorded",
                expected="options that need no model",
                given=repr(options[name]),
                remedy="Measure the model itself with odograph.measure.",
            )
