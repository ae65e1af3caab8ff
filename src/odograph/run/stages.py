"""What is done of a run one after the other; it is complete when the last of it is there."""

from odograph.models.loading import Loaded
from odograph.run.config import RunConfig

MEASURE = "measure"
#: The first, then options of `RunConfig` that ask for more, in the order in which they are done.
_STAGES = (MEASURE, "undo", "lens", "skip_blocks", "shuffled", "untrained")
#: A twin has no twins, and skips nothing.
_OF_A_TWIN = (MEASURE, "undo", "lens")


def is_last(stage: str, config: RunConfig, loaded: Loaded) -> bool:
    """Whether nothing that a config asks for comes after a stage, in a model or in a twin."""
    stages = _STAGES if loaded.identity.untrained_seed is None else _OF_A_TWIN
    return not any(getattr(config, later) for later in stages[stages.index(stage) + 1 :])
