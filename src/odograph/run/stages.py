"""What is done of a run one after the other; it is complete when the last of it is there."""

from odograph.models.loading import Loaded
from odograph.run.config import RunConfig

MEASURE, UNDO, LENS, SKIPS = "measure", "undo", "lens", "skip_blocks"
SHUFFLED, UNTRAINED = "shuffled", "untrained"
#: In which the texts are run again, and those of a twin, which skips nothing.
AGAIN, OF_A_TWIN = (UNDO, LENS, SKIPS), (UNDO, LENS)
#: What the manifest says of them, by the name there.
RECORDED = {UNDO: "ablations", LENS: "lens", SKIPS: "skips"}


def asked(stages: tuple[str, ...], config: RunConfig) -> tuple[str, ...]:
    """Those of some stages that a config asks for: each by the option of its name."""
    return tuple(stage for stage in stages if getattr(config, stage))


def is_last(stage: str, config: RunConfig, loaded: Loaded) -> bool:
    """Whether nothing that a config asks for comes after a stage, in a model or in a twin."""
    of_a_model = (*AGAIN, SHUFFLED, UNTRAINED)
    stages = (MEASURE, *(of_a_model if loaded.identity.untrained_seed is None else OF_A_TWIN))
    return not asked(stages[stages.index(stage) + 1 :], config)


def seeds(stage: str, config: RunConfig) -> list[str]:
    """The folders of runs in random order, or of untrained twins: `untrained/seed-1`."""
    return [f"{stage}/seed-{seed}" for seed in range(1, getattr(config, stage) + 1)]


def units_of(config: RunConfig) -> tuple[str, ...]:
    """What comes after the shards of a model, each of which a process may do alone.

    What the model itself is needed for stands first: then it is let go, and twins are built.
    """
    return (*asked(AGAIN, config), *seeds(SHUFFLED, config), *seeds(UNTRAINED, config))
