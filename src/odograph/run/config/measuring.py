"""Options that say what is measured, and against which nulls."""

from typing import Literal

from pydantic import Field

from odograph.measures import DEFAULT_MEASURES
from odograph.run.config.fields import Options, count, option

Convention = Literal["stream", "hf", "lens"]


class MeasuringOptions(Options):
    """What is measured, and against which nulls."""

    convention: Convention = option(
        "stream", "Last state: x_L (stream), N(x_L) (hf), or N at every layer (lens)."
    )
    measures: tuple[str, ...] = option(
        DEFAULT_MEASURES, "Measures, separated by commas; norm, rotation and step are always taken."
    )
    logits: Literal["none", "target", "full"] = option(
        "target", "Of the next token: nothing, its logit, or also log-probability, entropy, rank."
    )
    untrained: int = count(
        0, "Untrained twins (same architecture, random weights) to measure as well."
    )
    twin_passages: str = option(
        "200",
        "Documents that the twins read, drawn by the hash of their text, the same in each; or all, "
        "as always under --vectors.",
    )
    shuffled: int = count(
        0, "Times that the same passages are measured again with their tokens in random order."
    )
    split: bool = option(
        False,
        "Halve the passages: look on one half, test what was chosen there on the other.",
    )
    keep_first: bool = option(
        False, "Keep position 0, an attention sink, in statistics, figures and draws."
    )
    keep: Literal["auto", "rows", "sums"] = option(
        "auto",
        "rows of every token; sums: of every passage and layer what studies ask of all its tokens, "
        "with rows of the targets and of whole documents drawn by hash alone; or auto, sums where "
        "rows would take more than --keep-budget.",
    )
    keep_budget: float = Field(
        default=20.0,
        gt=0,
        description="Gigabytes on disk that rows of every token may take under --keep auto.",
        json_schema_extra={"flag": "", "group": "Measuring"},
    )
    sample_passages: int = count(
        1000,
        "Documents of which a run that keeps sums has every row, drawn by the hash of their text. "
        "Twins, random orders, states of words and what is run again are of these alone.",
        least=1,
    )
    no_texts: bool = option(
        False,
        "Keep neither the texts nor what the tokens are: no page shows them, and what needs a "
        "token's frequency is not done.",
    )
    pairs: int = count(256, "Random pairs drawn for each null and layer of a shard.")
    vectors: int = count(
        0, "Texts a group of which the targets' states are kept at every layer, for trajectories."
    )
    parts: int = count(
        0, "Tokens of which what attention and the MLP add is kept, for the decomposition."
    )
    axes: str | None = option(None, "Earlier run in whose axes trajectories are shown as well.")
    seed: int = count(0, "Seed of every random draw.")
    skip_blocks: bool = option(
        False,
        "Run the texts again with each block, and each run of blocks that turns least, skipped; "
        "needs --measures block_distance.",
    )
    undo: tuple[str, ...] = option(
        (),
        "Run the texts again with something undone in one block at a time: turn, growth, "
        "attention, mlp, block, separated by commas, or all.",
    )
    lens: bool = option(
        False,
        "Read the prediction at every depth with the final norm and the head: when it settles.",
    )
    tuned_lens: str | None = option(
        None,
        "Tuned lens for --lens: a .safetensors file with an affine map for each depth "
        "(0.weight, 0.bias, ...), added to the state before the final norm.",
    )
    at: Literal["all", "targets"] = option(
        "all", "Tokens at which --undo undoes it and --lens reads: all, or the targets alone."
    )
    sinks: Literal["leave", "too"] = option(
        "leave",
        "Under --undo leave position 0 and attention sinks as they are and count them nowhere, or "
        "undo and count them too.",
    )
    tokens: int = count(
        4096,
        "Tokens of whole passages, drawn by hash, that --skip-blocks, --undo and --lens run again.",
        least=1,
    )
