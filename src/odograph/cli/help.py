"""Help in two levels: what most need on one screen, and everything by what it serves.

`odograph study NAME --help` shows what that study takes unless the user says otherwise.
"""

import shlex
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
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
        *("targets", "target_file", "target_columns", "companion_columns", "marks"),
        *("ignore_case", "match", "pieces", "tags", "variants", "groups", "words"),
        *("context", "after", "whole_words", "frequencies"),
    ),
    "Design": ("template", "values", "keep_columns", "contrast", "pair"),
    "What is read": ("dry_run", "bos", "chat", "too_long", "select", "strict"),
    "One model minus another": ("minus", "states", "allow_unrelated"),
    "A series": ("revisions", "series", "axis", "allow_same"),
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
#: What an option serves that no group is named for.
_OTHERS = "What is shown"
_GAP, _INDENT, _WIDEST_FLAG = 2, 2, 26
#: A list that is longer is left to --help-all.
_LONG = 90


class LevelledCommand(TyperCommand):
    """A command of which --help shows no more than one screen: the options that most need."""

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
    levelled = any(p.name == "help_all" for p in command.params)
    panelled = (*RunConfig.model_fields, *(name for names in _PANELS.values() for name in names))
    behind = {*_FIRST, *(panelled if levelled else ())}
    order = [*(name for name in options if name not in behind), *_FIRST]
    shown = [options[name] for name in order if name in options and name not in needs]
    lines = _head(command, command.help if study is None else study.question, study)
    if needs:
        rows = (_needed(options[name], value) for name, value in needs.items())
        lines += ["", f"{study.name if study else ''} takes, unless you say otherwise:"]
        lines += _rows(rows)
    more = len(options) - len(shown) - len(needs)
    lines += [
        "",
        *_rows((_flags(o), _clause(o.help) if levelled else _whole(o)) for o in shown),
        "",
    ]
    rest = f"{more} more: odograph {command.name} --help-all. " if more else ""
    lines += _filled(f"{rest}{_way(command, study)}")
    return "\n".join(lines) + "\n"


def _way(command: Any, study: "Study | None") -> str:
    if command.name != "study":
        return "All commands: odograph --help."
    if study is None:
        return "What one study takes: odograph study NAME --help."
    return "Other studies: odograph study --help."


def _head(command: Any, said: str, study: "Study | None" = None) -> list[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    placed = [(a, a.metavar or a.name.upper()) for a in arguments]
    names = [name if a.required else f"[{name}]" for a, name in placed]
    named = names if study is None else [study.name]
    required = [_flags(option) for option in _options(command) if _is_required(command, option)]
    taken = ["[options]"] if _options(command) else []
    lines = [" ".join(["Usage: odograph", command.name, *named, *required, *taken]), ""]
    lines += _filled(" ".join(said.split()))
    told = [f"{name}: {a.help}" for a, name in placed if study is None and a.help]
    return [*lines, *chain.from_iterable(map(_filled, told))]


def _is_required(command: Any, option: Any) -> bool:
    """Whether an option must be given; what is measured is written into --out, a dry run is not."""
    may_be_dry = any(each.name == "dry_run" for each in _options(command))
    return bool(option.required or (option.name == "out" and may_be_dry))


def _options(command: Any) -> list[Any]:
    return [p for p in command.params if p.param_type_name == "option" and p.name != "help_all"]


def _panel(option: Any) -> str:
    panels = (panel for panel, names in _PANELS.items() if option.name in names)
    return next(panels, option.rich_help_panel or _OTHERS)


def _flags(option: Any) -> str:
    """What is typed; of what is done by default, what leaves it."""
    field = RunConfig.model_fields.get(option.name)
    done = option.default is True or (field is not None and field.default is True)
    flag = (option.secondary_opts if done and option.secondary_opts else option.opts)[0]
    return flag if option.is_flag else f"{flag} {option.metavar or 'TEXT'}"


def _needed(option: Any, value: object) -> tuple[str, str]:
    """The flag as a user would type what a study takes by itself, and what it does."""
    listed = ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    flag = option.opts[0] if value is True else f"{option.opts[0]} {listed}"
    return flag, _clause(option.help)


def _whole(option: Any) -> str:
    """The help text with the default, where there is one that it does not say."""
    shown = isinstance(option.default, str | int | float) and not isinstance(option.default, bool)
    return f"{option.help} Default: {option.default}." if shown else str(option.help)


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
