"""Options checked and read: from Python, the command line and YAML."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from odograph.corpus.target_list import read_targets
from odograph.errors import UsageError
from odograph.run.config import RunConfig


def make_config(options: dict[str, Any], *, place: str = "") -> RunConfig:
    """The config for the options given, with one message for the first thing wrong in them.

    What a file of targets lists are targets of the config, which then names no file: what is
    listed decides the numbers.

    Raises:
        UsageError: unknown option, wrong value; names the place, the value and what is possible.
        TextError: a file of targets that cannot be read.
    """
    try:
        config = RunConfig.model_validate(options)
    except ValidationError as error:
        raise _explain(error, place) from None
    except UsageError as error:
        raise error.at(place) from None
    if config.target_file is None:
        return config
    targets = (*config.targets, *read_targets(config.target_file))
    return config.model_copy(update={"targets": targets, "target_file": None})


def _explain(error: ValidationError, place: str) -> UsageError:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][:1])
    where = f"{place}: " if place else ""
    if first["type"] == "extra_forbidden":
        import difflib

        close = difflib.get_close_matches(name, RunConfig.model_fields, n=1)
        return UsageError(
            f"{where}unknown option '{name}'",
            remedy=f"Did you mean '{close[0]}'?"
            if close
            else "Options: " + ", ".join(RunConfig.model_fields),
        )
    message = first["msg"].removeprefix("Value error, ")
    expected = first.get("ctx", {}).get("expected") or message[:1].lower() + message[1:]
    return UsageError(f"{where}option '{name}'", expected=str(expected), given=repr(first["input"]))


def read_yaml(path: Path) -> dict[str, Any]:
    """The options of a YAML file, unchecked but for being a mapping.

    Raises:
        UsageError: the file is missing, is not YAML, or is not a mapping.
    """
    import yaml

    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the config '{path}' cannot be read", given=str(error)) from error
    except RecursionError as error:
        raise UsageError(
            f"'{path}' is not YAML that can be read", given="one value inside the other, too deep"
        ) from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that is none
        raise UsageError(f"'{path}' is not YAML", given=" ".join(str(error).split())) from error
    if not isinstance(loaded, dict):
        raise UsageError(f"'{path}'", expected="a mapping of options", given=type(loaded).__name__)
    return loaded
