"""One config for flags, YAML and Python: every option, its default and its help, in one place."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from pydantic import field_validator, model_validator

from odograph.corpus.tags import check_tags, clean_groups
from odograph.errors import UsageError
from odograph.measures import check_names, check_undone
from odograph.run.config.design import DesignOptions
from odograph.run.config.measuring import MeasuringOptions
from odograph.run.config.model import ModelOptions
from odograph.run.config.running import HERE, RunningOptions

__all__ = ["ALL", "HERE", "RunConfig"]

ALL = "all"
_LISTS = (
    *("texts", "targets", "target_columns", "companion_columns", "marks", "template"),
    *("keep_columns", "groups", "measures", "undo"),
)


# The fields of the last base come first.
class RunConfig(RunningOptions, MeasuringOptions, DesignOptions, ModelOptions):
    """Everything that decides what a run measures; equal configs give equal numbers."""

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

    @field_validator(*_LISTS, mode="before")
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

    @field_validator("on")
    @classmethod
    def _known_place(cls, value: str) -> str:
        if value not in (HERE, "ray") and not value.startswith("ray://"):
            raise ValueError("here, ray, or ray://ADDRESS")
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

    @field_validator("keep_columns")
    @classmethod
    def _split_columns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _split(value, "the name of a column")

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
        """sha256 of what decides the numbers; how and where it is done and shown does not."""
        apart = {"batch_tokens", "card", "csv_safe", "device", "name", "offline", "workers"}
        apart |= {"on", "gpus_per_worker"}
        kept = self.model_dump(mode="json", exclude=apart)
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _split(value: tuple[str, ...], expected: str) -> tuple[str, ...]:
    """Names given one by one or with commas between them; something given has a name in it."""
    split = tuple(n.strip() for part in value for n in part.split(",") if n.strip())
    if value and not split:
        raise ValueError(expected)
    return split
