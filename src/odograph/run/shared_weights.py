"""Weights that a model and an adapter of it share: loaded once, for one after the other."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from odograph.models.loading import Loaded, load, load_onto
from odograph.models.sources import LoadOptions

if TYPE_CHECKING:
    from torch import nn


class SharedWeights:
    """Loads models one after the other; an adapter is merged into the weights of its base.

    Whoever has measured the base has done with it then: it is no longer what it was.
    """

    def __init__(self) -> None:
        self._last: Loaded | None = None

    def load(
        self, model: "str | Path | nn.Module", options: LoadOptions, tokenizer: Any = None
    ) -> Loaded:
        """As `models.loading.load`; the model before this one is let go of.

        Raises:
            ModelError, UsageError: as there.
        """
        base, self._last = self._last, None
        found = None if base is None else load_onto(base, str(model), options)
        del base
        self._last = load(model, options, tokenizer) if found is None else found
        return self._last

    def release(self) -> None:
        """Lets go of the last one, too."""
        self._last = None
