"""One config for flags, YAML and Python: every option, its default and its help, in one place."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.config import JsonDict

from odograph.corpus.tags import LEAST_WORDS, check_tags, clean_groups
from odograph.corpus.words import Match
from odograph.errors import UsageError
from odograph.measures import DEFAULT_MEASURES, check_names, check_undone

Convention = Literal["stream", "hf", "lens"]
ALL = "all"


def _option(default: Any, help_text: str, *, flag: str = "", group: str = "Measuring") -> Any:
    """A field with what the command line needs: help, flag (by default the name), panel."""
    extra: JsonDict = {"flag": flag, "group": group}
    if isinstance(default, tuple):
        return Field(
            default_factory=lambda: default, description=help_text, json_schema_extra=extra
        )
    return Field(default=default, description=help_text, json_schema_extra=extra)


def _count(default: int, help_text: str, *, least: int = 0, group: str = "Measuring") -> Any:
    """A field for a whole number that may not be below `least`."""
    extra: JsonDict = {"flag": "", "group": group}
    # Strict: YAML's `true` is no number. Below 2^63: no file holds a longer one.
    return Field(
        default=default,
        ge=least,
        lt=2**63,
        strict=True,
        description=help_text,
        json_schema_extra=extra,
    )


class RunConfig(BaseModel):
    """Everything that decides what a run measures; equal configs give equal numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    model: str = _option(
        "bundled",
        "Hub id, folder, .gguf file, FOLDER:NAME.gguf, or 'bundled' for the small model that "
        "odograph brings.",
        group="Model",
    )
    revision: str | None = _option(
        None, "Branch, tag or commit on the hub; or --model MODEL@REVISION.", group="Model"
    )
    name: str | None = _option(
        None,
        "What the model is called in figures, tables and reports; by default the shortest that "
        "tells it apart.",
        group="Model",
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16", "float64"] = _option(
        "auto", "Precision of the model; auto is float32 on a CPU, else as stored.", group="Model"
    )
    device: str = _option(
        "auto",
        "auto (first GPU, else CPU), cpu, cuda, cuda:1, mps, or spread: the blocks over all GPUs, "
        "for a model larger than one.",
        group="Model",
    )
    attention: Literal["auto", "sdpa", "eager", "flash_attention_2"] = _option(
        "auto", "Attention kernel; auto leaves the choice to transformers.", group="Model"
    )
    part: Literal["auto", "encoder", "decoder"] = _option(
        "auto",
        "Part that is measured; of a model that has both only the encoder can be.",
        group="Model",
    )
    offline: bool = _option(False, "Never touch the network.", group="Model")
    trust_remote_code: bool = _option(
        False, "Run model code that comes with the weights.", group="Model"
    )
    allow_unused_weights: bool = _option(
        False,
        "Measure a model although its files hold weights that it has no place for, or lack some, "
        "which are then random.",
        group="Model",
    )
    texts: tuple[str, ...] = _option(
        (),
        "File of texts: .txt (a passage per line), .jsonl, .json, .csv, .tsv, .parquet, .conllu, "
        "each also with .gz, '-' for stdin, or bundled:NAME (her, him, round, nietzsche, passages, "
        "tagged). Repeatable.",
        group="Texts",
    )
    text_column: str | None = _option(None, "Column or key that holds the text.", group="Texts")
    document_column: str | None = _option(
        None,
        "Column or key that names the document of each text; texts of one document are one unit.",
        group="Texts",
    )
    no_header: bool = _option(
        False,
        "The first line of .csv and .tsv files is a row; their columns are called 1, 2, ...",
        group="Texts",
    )
    whole: bool = _option(
        False,
        "Take each .txt file, and each document of a .conllu file, as one passage.",
        group="Texts",
    )
    strict: bool = _option(
        False,
        "Stop at the first bad passage instead of leaving it out and counting it.",
        group="Texts",
    )
    targets: tuple[str, ...] = _option(
        (),
        "Word to follow, found by characters as a whole word. Repeatable.",
        flag="--target",
        group="Texts",
    )
    ignore_case: bool = _option(False, "Find targets in upper and lower case.", group="Texts")
    match: Match = _option(
        "auto",
        "Find targets as whole words or by characters; auto is by words where spaces stand between "
        "them and by characters in scripts without, such as Chinese, Japanese and Thai.",
        group="Texts",
    )
    pieces: Literal["last", "mean", "drop"] = _option(
        "last",
        "Target of several tokens: its last one, the mean of all, or left out.",
        group="Texts",
    )
    tags: str = _option(
        "none",
        "Part of speech of each word: none, conllu (the gold words of .conllu files), spacy:NAME "
        "(a spaCy pipeline or the path of one), column or column:NAME (a list of tags, one per "
        "word, in the column 'tags' or NAME).",
        group="Texts",
    )
    variants: bool = _option(
        False,
        "Replace the first target in each passage by each of the targets in turn: one passage "
        "per target.",
        group="Texts",
    )
    groups: tuple[str, ...] = _option(
        (),
        "Tags, separated by commas, of which words are drawn; each drawn word becomes a passage "
        "of its own. Repeatable.",
        group="Texts",
    )
    words: int = _count(
        150, "Words drawn of each group; as many of each.", least=LEAST_WORDS, group="Texts"
    )
    context: int = _count(40, "Tokens read before a drawn word.", least=1, group="Texts")
    after: int = _count(
        0, "Tokens read after a drawn word, for encoders, which see them.", group="Texts"
    )
    whole_words: bool = _option(
        False,
        "Draw only words of 5 or more letters and one token, with white space on both sides.",
        group="Texts",
    )
    frequencies: str | None = _option(
        None,
        "File of words and counts, a tab between them; by default counted in the texts.",
        group="Texts",
    )
    select: Literal["all", "targets"] = _option(
        "all",
        "Tokens that get rows: all, or only targets and the tokens before them.",
        group="Texts",
    )
    bos: Literal["auto", "always", "never"] = _option(
        "auto",
        "BOS token in front of each passage; auto does as the tokenizer does.",
        group="Texts",
    )
    chat: bool = _option(
        False,
        "Put each passage, as a message of the user, into the chat template of the model's "
        "tokenizer; only the passage's own tokens are measured.",
        group="Texts",
    )
    too_long: Literal["cut", "window"] = _option(
        "cut",
        "Passage longer than the model's positions: cut it, or read it in windows.",
        group="Texts",
    )
    convention: Convention = _option(
        "stream", "Last state: x_L (stream), N(x_L) (hf), or N at every layer (lens)."
    )
    measures: tuple[str, ...] = _option(
        DEFAULT_MEASURES, "Measures, separated by commas; norm, rotation and step are always taken."
    )
    logits: Literal["none", "target", "full"] = _option(
        "target", "Of the next token: nothing, its logit, or also log-probability, entropy, rank."
    )
    untrained: int = _count(
        0, "Untrained twins (same architecture, random weights) to measure as well."
    )
    twin_passages: str = _option(
        "200",
        "Documents that the twins read, drawn by the hash of their text, the same in each; or all, "
        "as always under --vectors.",
    )
    shuffled: int = _count(
        0, "Times that the same passages are measured again with their tokens in random order."
    )
    split: bool = _option(
        False,
        "Halve the passages: look on one half, test what was chosen there on the other.",
    )
    keep_first: bool = _option(
        False, "Keep position 0, an attention sink, in statistics, figures and draws."
    )
    no_texts: bool = _option(
        False,
        "Keep neither the texts nor what the tokens are: no page shows them, and what needs a "
        "token's frequency is not done.",
    )
    pairs: int = _count(256, "Random pairs drawn for each null and layer of a shard.")
    vectors: int = _count(
        0, "Texts a group of which the targets' states are kept at every layer, for trajectories."
    )
    parts: int = _count(
        0, "Tokens of which what attention and the MLP add is kept, for the decomposition."
    )
    axes: str | None = _option(None, "Earlier run in whose axes trajectories are shown as well.")
    seed: int = _count(0, "Seed of every random draw.")
    skip_blocks: bool = _option(
        False,
        "Run the texts again with each block, and each run of blocks that turns least, skipped; "
        "needs --measures block_distance.",
    )
    undo: tuple[str, ...] = _option(
        (),
        "Run the texts again with something undone in one block at a time: turn, growth, "
        "attention, mlp, block, separated by commas, or all.",
    )
    lens: bool = _option(
        False,
        "Read the prediction at every depth with the final norm and the head: when it settles.",
    )
    tuned_lens: str | None = _option(
        None,
        "Tuned lens for --lens: a .safetensors file with an affine map for each depth "
        "(0.weight, 0.bias, ...), added to the state before the final norm.",
    )
    at: Literal["all", "targets"] = _option(
        "all", "Tokens at which --undo undoes it and --lens reads: all, or the targets alone."
    )
    sinks: Literal["leave", "too"] = _option(
        "leave",
        "Under --undo leave position 0 and attention sinks as they are and count them nowhere, or "
        "undo and count them too.",
    )
    tokens: int = _count(
        4096,
        "Tokens of whole passages, drawn by hash, that --skip-blocks, --undo and --lens run again.",
        least=1,
    )
    batch_tokens: int = _count(
        0,
        "Tokens a batch; 0 chooses 512 on a CPU, 8192 on a GPU, fewer where memory is short. "
        "Halved when it runs out. Changes no result.",
        group="Running",
    )
    shard_tokens: int = _count(
        16_384,
        "Tokens a shard: about what is lost when a run is interrupted.",
        least=1,
        group="Running",
    )
    workers: int = _count(
        1,
        "Processes that measure here, each with the model and its share of the cores; on several "
        "GPUs each takes the next. Changes no result.",
        least=1,
        group="Running",
    )

    csv_safe: bool = _option(
        True,
        "Put an apostrophe before texts in CSV tables that a spreadsheet would run as a formula, "
        "or leave them.",
        group="Running",
    )
    card: bool = _option(
        False,
        "Draw the card (model, precision, what was left out) under each figure; it is in the "
        "description of the file in any case.",
        group="Running",
    )

    @model_validator(mode="before")
    @classmethod
    def _revision_of_model(cls, options: Any) -> Any:
        """MODEL@REVISION taken apart; a folder or file may have an @ in its name."""
        model = options.get("model") if isinstance(options, dict) else None
        if not isinstance(model, str) or "@" not in model or Path(model).exists():
            return options
        name, _, revision = model.rpartition("@")
        besides = options.get("revision")
        if not revision or besides is not None:
            raise UsageError(
                "the model needs one revision",
                expected="MODEL@REVISION, or --revision",
                given=f"'{model}'" + (f" and --revision {besides}" if besides is not None else ""),
            )
        return {**options, "model": name, "revision": revision}

    @field_validator("texts", "targets", "groups", "measures", "undo", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        listed = (value,) if isinstance(value, str | Path) else value
        if not isinstance(listed, list | tuple):
            return listed
        return tuple(str(each) if isinstance(each, Path) else each for each in listed)

    @field_validator("model", "name", "device", "tags")
    @classmethod
    def _not_empty(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("a name that is not empty")
        return value

    @field_validator("texts")
    @classmethod
    def _none_empty(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            cls._not_empty(name)
        return value

    @field_validator("measures")
    @classmethod
    def _known_measures(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return check_names(_split(value, "the name of a measure"))

    @field_validator("undo")
    @classmethod
    def _known_undone(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return check_undone(_split(value, "what to undo"))

    @field_validator("tags")
    @classmethod
    def _known_tags(cls, value: str) -> str:
        return check_tags(value)

    @field_validator("axes", "tuned_lens")
    @classmethod
    def _from_anywhere(cls, value: str | None) -> str | None:
        # The run may be analysed from another folder than the one it was measured in.
        return None if value is None else os.path.abspath(value)

    @field_validator("twin_passages", mode="before")
    @classmethod
    def _number_or_all(cls, value: Any) -> str:
        text = str(value)
        if text != ALL and not (text.isascii() and text.isdigit() and int(text) > 0):
            raise ValueError(f"a number of documents, at least 1, or '{ALL}'")
        return text

    @field_validator("groups")
    @classmethod
    def _split_groups(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return clean_groups(value)

    @property
    def runs_again(self) -> bool:
        """Whether texts are run again, to see what becomes of their prediction."""
        return self.skip_blocks or self.lens or bool(self.undo)

    @property
    def hash(self) -> str:
        """sha256 of what decides the numbers; batch size, device and workers do not."""
        apart = {"batch_tokens", "card", "csv_safe", "device", "name", "offline", "workers"}
        kept = self.model_dump(mode="json", exclude=apart)
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _split(value: tuple[str, ...], expected: str) -> tuple[str, ...]:
    """Names given one by one or with commas between them; something given has a name in it."""
    split = tuple(n.strip() for part in value for n in part.split(",") if n.strip())
    if value and not split:
        raise ValueError(expected)
    return split
