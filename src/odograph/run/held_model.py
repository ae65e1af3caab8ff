"""The one model that a process of several holds."""

from collections.abc import Callable

from odograph.models.loading import Loaded
from odograph.models.twins import twin_plan, untrained_twin


class HeldModel:
    """The model of a run, then one of its twins after the other; never two of them at once.

    Args:
        load: loads the model, at the beginning and wherever it is needed after a twin.
    """

    def __init__(self, load: Callable[[], Loaded]) -> None:
        self._load = load
        self._held: Loaded | None = load()
        self._plan = twin_plan(self._held)

    def of(self, seed: int | None = None) -> Loaded:
        """The model itself, or its twin of a seed; what was held before is let go first."""
        if self._held is None or self._held.identity.untrained_seed != seed:
            self._held = None
            self._held = self._load() if seed is None else untrained_twin(self._plan, seed)
        return self._held
