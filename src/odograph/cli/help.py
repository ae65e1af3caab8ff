"""Help in two levels: what most need on one screen, and everything by what it serves.

`odograph study NAME --help` shows what that study takes unless the user says otherwise.
"""

import shlex
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from odograph.cli.summary import terminal_width
from odograph.run.config import RunConfig
from odograph.terminal import show

if TYPE_CHECKING:
    from odograph.studies.study import Study

#: On the first screen, in this order.
_FIRST = (
    *("model", "revision", "texts", "text_column", "whole", "targets", "ignore_case"),
    *("out", "overwrite", "resume", "untrained", "logits", "device", "offline"),
    *("config", "as_json", "quiet"),
)
#: What an option serves; those that are not here stand under the group that `RunConfig` names.
_PANELS = {
    "Words and tags": (
        *("targets", "ignore_case", "match", "pieces", "tags", "variants", "groups", "words"),
        *("context", "after", "whole_words", "frequencies"),
    ),
    "What is read": ("bos", "chat", "too_long", "select", "strict"),
    "Nulls and tests": ("untrained", "shuffled", "pairs", "seed", "split", "keep_first"),
    "For one study": (
        *("vectors", "axes", "parts", "skip_blocks", "undo", "at", "sinks", "tokens", "lens"),
        "tuned_lens",
    ),
    "Model in detail": (
        *("name", "dtype", "attention", "part", "trust_remote_code", "allow_unused_weights"),
        "convention",
    ),
}
_GAP, _INDENT, _WIDEST_FLAG = 2, 2, 26
#: A list that is longer is left to --help-all.
_LONG = 90


class LevelledCommand(TyperCommand):
    """A command with so many options that --help shows those that most need."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes the first screen."""
        formatter.write(_first_screen(self, _study_named(ctx)))


def show_all(context: typer.Context, asked: bool) -> None:
    """For `--help-all`: prints every option under what it serves, and ends the command."""
    if not asked:
        return
    command: Any = context.command
    panels: dict[str, list[Any]] = {}
    for option in _options(command):
        panels.setdefault(_panel(option), []).append(option)
    lines = _head(command, command.help)
    for panel, options in panels.items():
        lines += ["", f"{panel}:", *_rows((_flags(o), o.help or "") for o in options)]
    show("\n".join(lines))
    raise typer.Exit


def _first_screen(command: Any, study: "Study | None") -> str:
    options = {option.name: option for option in _options(command)}
    needs = {} if study is None else study.needs
    shown = [options[name] for name in _FIRST if name in options and name not in needs]
    lines = _head(command, command.help if study is None else study.question, study)
    if needs:
        rows = (_needed(options[name], value) for name, value in needs.items())
        lines += ["", f"{study.name if study else ''} takes, unless you say otherwise:"]
        lines += _rows(rows)
    more = len(options) - len(shown) - len(needs)
    lines += ["", *_rows((_flags(o), _clause(o.help)) for o in shown), ""]
    lines += _filled(f"{more} more: odograph {command.name} --help-all. {_way(command, study)}")
    return "\n".join(lines) + "\n"


def _way(command: Any, study: "Study | None") -> str:
    if command.name != "study":
        return ""
    if study is None:
        return "What one study takes: odograph study NAME --help."
    return "Other studies: odograph study --help."


def _head(command: Any, said: str, study: "Study | None" = None) -> list[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    named = [study.name] if study is not None else [a.metavar for a in arguments]
    lines = [" ".join(["Usage: odograph", command.name, *named, "--out DIR [options]"]), ""]
    lines += _filled(" ".join(said.split()))
    return [*lines, *(line for a in arguments if study is None for line in _filled(a.help))]


def _options(command: Any) -> list[Any]:
    return [p for p in command.params if p.param_type_name == "option" and p.name != "help_all"]


def _panel(option: Any) -> str:
    panels = (panel for panel, names in _PANELS.items() if option.name in names)
    return next(panels, str(option.rich_help_panel))


def _flags(option: Any) -> str:
    """What is typed; of what is done by default, what leaves it."""
    field = RunConfig.model_fields.get(option.name)
    flag = (option.secondary_opts if field and field.default is True else option.opts)[0]
    return f"{flag} {option.metavar or ''}".rstrip()


def _needed(option: Any, value: object) -> tuple[str, str]:
    """The flag as a user would type what a study takes by itself, and what it does."""
    listed = ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    flag = option.opts[0] if value is True else f"{option.opts[0]} {listed}"
    return flag, _clause(option.help)


def _clause(said: str) -> str:
    """The first clause of a help text."""
    for end in (". ", "; "):
        said = said.split(end)[0]
    name, _, listed = said.partition(": ")
    return f"{(name if len(listed) > _LONG else said).rstrip('.')}."


def _rows(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Two columns; a flag that is too wide for its own has a line to itself."""
    rows: Sequence[tuple[str, str]] = list(pairs)
    wide = max(len(flag) for flag, _ in rows if len(flag) <= _WIDEST_FLAG or len(rows) == 1)
    margin = " " * (_INDENT + min(wide, _WIDEST_FLAG) + _GAP)
    lines = []
    for flag, said in rows:
        first = f"{' ' * _INDENT}{flag}"
        if len(first) + _GAP > len(margin):
            lines.append(first)
            first = ""
        wrapped = textwrap.wrap(said, terminal_width() - len(margin)) or [""]
        lines.append((first.ljust(len(margin)) + wrapped[0]).rstrip())
        lines += [margin + line for line in wrapped[1:]]
    return lines


def _filled(text: str) -> list[str]:
    return textwrap.wrap(text, terminal_width())


def _study_named(context: Any) -> "Study | None":
    """The study whose name stands in the command; None where none does."""
    from odograph.studies import find, study_names

    typed: Mapping[str, object] | str = context.find_root().obj
    words = shlex.split(typed) if isinstance(typed, str) else []
    names = [word for word in words[2:] if word in study_names()]
    return find(names[0]) if names and context.command.name == "study" else None
