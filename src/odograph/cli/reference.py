"""The reference pages, made from the code: `python -m odograph.cli.reference [PAGE]`.

docs/commands.md and docs/measures.md are what this prints, and `options` is the module of the
options that Python takes, src/odograph/run/typed_options.py; a test compares them.
"""

import sys
import textwrap
import types
from collections.abc import Iterable, Iterator
from typing import Any, Literal, Union, get_args, get_origin

import typer

from odograph.cli.app import PROGRAM, app
from odograph.cli.options import OUTPUT
from odograph.errors import UsageError
from odograph.measures import (
    ABLATED,
    CENTRED,
    DEFAULT_MEASURES,
    LENSED,
    MEASURES,
    OF_OUTLIERS,
    OPTIONAL,
    PRIMITIVES,
    UNDONE_TURNS,
)
from odograph.run.config import RunConfig

_NOTE = "Made by `python -m odograph.cli.reference{}`; do not edit."
_ALONG = {
    "state": "every state, 0 to L",
    "step": "every step, 1 to L",
    "token": "once a token",
    "span": "every run of neighbouring blocks, once a passage",
    "undone": "each thing undone in each block, 1 to L, once a passage",
}
_LOGITS = {"next_logit": "target", "next_logprob": "full", "entropy": "full", "rank": "full"}


def commands_page() -> str:
    """The page of all commands with their arguments and options, as Markdown."""
    root: Any = typer.main.get_command(app)
    sections = [_command_section(each) for each in root.commands.values()]
    groups = _by_panel(root.commands["measure"])
    shared = [_table(groups[panel], f"### {panel}") for panel in _shared(groups)]
    return (
        "\n\n".join(
            ["# Commands", _NOTE.format(""), _COMMON, *sections, "## Options of a run", *shared, ""]
        ).rstrip()
        + "\n"
    )


_COMMON = """\
stdout carries data, stderr progress and messages. The exit code is 0 for done, 1 for could not,
2 for wrong use; an error is one message with its remedy, and `ODOGRAPH_DEBUG=1` adds the traceback.
Options may stand in a YAML file (`--config run.yaml`, with `_` for `-` and `targets` for
`--target`); a flag wins over the file, and both over what a study asks for by itself; its
measures are taken beside those given."""


def _command_section(command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join([PROGRAM, command.name, *(_usage(a) for a in arguments), "[options]"])
    groups = _by_panel(command)
    lines = [f"## {PROGRAM} {command.name}", command.help, f"    {usage}"]
    lines += ["\n".join(f"- `{_usage(a)}`: {a.help}" for a in arguments)] if arguments else []
    lines += [_table(group, "") for panel, group in groups.items() if panel not in _shared(groups)]
    if _shared(groups):
        links = ", ".join(f"[{panel}](#{panel.lower()})" for panel in _shared(groups))
        several = any(o.name == "model" and o.multiple for o in groups["Model"])
        ending = "; here `--model` may be given several times." if several else "."
        lines += [f"Takes the options of a run, too: {links}{ending}"]
    return "\n\n".join(lines)


def _by_panel(command: Any) -> dict[str, list[Any]]:
    """The options of a command by their panel in its help."""
    options = [p for p in command.params if p.param_type_name == "option"]
    panels = dict.fromkeys(str(o.rich_help_panel or OUTPUT) for o in options)
    return {p: [o for o in options if str(o.rich_help_panel or OUTPUT) == p] for p in panels}


def _shared(groups: Iterable[str]) -> list[str]:
    return [panel for panel in groups if panel != OUTPUT]


def _usage(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return str(name if argument.required else f"[{name}]")


def _table(options: list[Any], title: str) -> str:
    rows = "\n".join(f"| {_flags(o)} | {_escaped(_described(o))} |" for o in options)
    heading = f"{title}\n\n" if title else ""
    return f"{heading}| option | |\n|---|---|\n{rows}"


def _flags(option: Any) -> str:
    value = f" {option.metavar}" if option.metavar else ""
    return ", ".join(f"`{flag}{value}`" for flag in [*option.opts, *option.secondary_opts])


def _described(option: Any) -> str:
    """The help of an option, with its default where the help does not say it."""
    shown = option.show_default if isinstance(option.show_default, str) else option.default
    parts = [option.help or ""]
    parts += [f"Default: {shown}."] if shown and not option.required else []
    parts += ["Required."] if option.required else []
    return " ".join(parts)


def measures_page() -> str:
    """The page of all measures, as Markdown."""
    sections = "\n\n".join(_measure_section(name) for name in MEASURES)
    return "\n\n".join(["# Measures", _NOTE.format(" measures"), _STATES, sections]) + "\n"


_STATES = """\
A decoder of L blocks carries one vector per token, the *state*: x_0 enters the first block, x_l is
what block l returns. Steps and rotations belong to blocks 1 to L and are null at layer 0. An angle
is 2 atan2(|u/|u| - v/|v||, |u/|u| + v/|v||), computed in double precision; the angle with a zero
vector is not a number, counted and reported."""


def _measure_section(name: str) -> str:
    measure = MEASURES[name]
    lines = [
        f"## {name}",
        measure.definition,
        f"- formula: `{measure.formula}`",
        f"- unit: {measure.unit}",
        f"- along the path: {_ALONG[measure.axis]}",
        f"- taken: {_when(name)}",
    ]
    lines += [f"- source: {measure.source}"] if measure.source else []
    return "\n".join([*lines[:1], "", *lines[1:2], "", *lines[2:]])


def _when(name: str) -> str:
    if name in PRIMITIVES:
        return "always"
    if name in _LOGITS:
        default = RunConfig().logits == _LOGITS[name]
        return f"with `--logits {_LOGITS[name]}`" + (" (the default)" if default else "")
    if name in OF_OUTLIERS and MEASURES[name].stored:
        asked = f", or with `--measures {name}`" if name.endswith(CENTRED) else ""
        also = " with `--measures neighbour_angle`" if name.startswith("neighbour") else ""
        return f"where the pilot finds outlier coordinates{also}{asked}"
    if name in (*ABLATED, *UNDONE_TURNS):
        return "with `--undo`"
    if name in LENSED:
        return "with `--lens`"
    default = name in DEFAULT_MEASURES
    if name in OPTIONAL:
        return f"with `--measures {name}`" + (" (the default)" if default else "")
    return "derived on reading"


def options_module() -> str:
    """The module of the options that `odograph.measure` takes, for editors and type checkers."""
    named = [name for name in RunConfig.model_fields if name not in ("model", "texts")]
    return "\n".join([_TYPED, *map(_typed_option, named)])


_TYPED = '''\
"""The options of a run as keyword arguments, typed: what an editor completes and a checker checks.

Made by `python -m odograph.cli.reference options` from `RunConfig`; do not edit.
"""

from collections.abc import Sequence
from typing import Literal, TypedDict


class RunOptions(TypedDict, total=False):
    """Every option of `RunConfig` but the model and the texts; what is left out has its default."""
'''


def _typed_option(name: str) -> str:
    field = RunConfig.model_fields[name]
    says = textwrap.fill(
        f'"""{_described_option(name)}"""', 100, initial_indent="    ", subsequent_indent="    "
    )
    return f"    {name}: {_spelled(field.annotation)}\n{says}\n"


def _described_option(name: str) -> str:
    field = RunConfig.model_fields[name]
    default = field.get_default(call_default_factory=True)
    return f"{field.description} Default: {default!r}."


def _spelled(annotation: Any) -> str:
    """A type as it is written in code."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return " | ".join("None" if a is type(None) else _spelled(a) for a in inside)
    if origin is Literal:
        choices = ", ".join(f'"{choice}"' for choice in inside)
        return f"Literal[{choices}]"
    if origin is tuple:
        return f"{_spelled(inside[0])} | Sequence[{_spelled(inside[0])}]"
    return str(annotation.__name__)


def studies_table() -> str:
    """The studies and what they ask, as the README shows them."""
    from odograph.studies.registry import BUILT_IN, find

    rows = "\n".join(f"| `{name}` | {find(name).question} |" for name in BUILT_IN)
    return f"| study | question |\n|---|---|\n{rows}"


def _escaped(text: str) -> str:
    """The text in a table's cell, where a bar would end it."""
    return text.replace("|", "\\|")


def _pages() -> Iterator[tuple[str, Any]]:
    yield "commands", commands_page
    yield "measures", measures_page
    yield "options", options_module


def main(arguments: list[str]) -> None:
    """Prints the page named, by default that of the commands."""
    pages = dict(_pages())
    name = arguments[0] if arguments else "commands"
    if name not in pages:
        raise UsageError("no such page", expected=", ".join(pages), given=f"'{name}'")
    sys.stdout.write(pages[name]())


if __name__ == "__main__":
    main(sys.argv[1:])
