"""How an option is declared: default, help, flag and panel of the command line."""

from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict


class Options(BaseModel):
    """Options of a run: frozen, and none that is not declared."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


def option(default: Any, help_text: str, *, flag: str = "", group: str = "Measuring") -> Any:
    """A field with what the command line needs: help, flag (by default the name), panel."""
    extra: JsonDict = {"flag": flag, "group": group}
    if isinstance(default, tuple):
        return Field(
            default_factory=lambda: default, description=help_text, json_schema_extra=extra
        )
    return Field(default=default, description=help_text, json_schema_extra=extra)


#: Options of the panels that have most of them.
text_option, model_option = partial(option, group="Texts"), partial(option, group="Model")


def count(default: int, help_text: str, *, least: int = 0, group: str = "Measuring") -> Any:
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
