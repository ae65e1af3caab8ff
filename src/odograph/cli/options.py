"""The options of the commands, made out of `RunConfig`: each is declared there and nowhere else."""

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer

from odograph.cli.help import show_all
from odograph.errors import UsageError
from odograph.run.config import RunConfig
from odograph.run.options import make_config, read_yaml
from odograph.studies.demo import united

OUTPUT = "Output"
#: An option of a command that is none of `RunConfig`.
output_option = partial(typer.Option, rich_help_panel=OUTPUT)
_METAVARS: dict[Any, str | None] = {bool: None, int: "N", str: "TEXT"}

Out = Annotated[
    Path,
    output_option("--out", metavar="DIR", help="Folder to write."),
]
OutUnlessDry = Annotated[
    Path | None,
    output_option(
        "--out",
        metavar="DIR",
        help="Folder to write. Required, but for --dry-run.",
        show_default=False,
    ),
]
Resume = Annotated[
    bool,
    output_option("--resume", help="Do what is missing of an interrupted run."),
]
Overwrite = Annotated[bool, output_option("--overwrite", help="Replace what is there.")]
DryRun = Annotated[
    bool,
    output_option(
        "--dry-run",
        help="Measure nothing: tell tokens, targets and cost, documents, copies and conditions.",
    ),
]
AsJson = Annotated[
    bool,
    output_option("--json", help="Print a JSON array and nothing else."),
]
Quiet = Annotated[
    bool,
    output_option("--quiet", help="No progress, no messages but errors."),
]
CsvSafe = Annotated[
    bool | None,
    output_option(
        "--csv-safe/--no-csv-safe",
        help="Put an apostrophe before texts in CSV tables that a spreadsheet would run as a "
        "formula; by default as measured.",
        show_default=False,
    ),
]
ShowCard = Annotated[
    bool | None,
    output_option(
        "--card/--no-card",
        help="Draw the card (model, precision, what was left out) under each figure; it is in the "
        "description of the file in any case. By default as measured.",
        show_default=False,
    ),
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
Runs = Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders.")]


def needed_folder(out: Path | None) -> Path:
    """The folder to write, where something is to be written.

    Raises:
        UsageError: none is given.
    """
    if out is None:
        raise UsageError(
            "missing option '--out'",
            expected="--out DIR, the folder to write",
            remedy="With --dry-run nothing is written, and none is needed.",
        )
    return out


@dataclass(frozen=True)
class Given:
    """What the user really gave: the flags typed, and the config file under them."""

    flags: Mapping[str, Any]
    file: Path | None = None

    def config(self, needs: Mapping[str, Any] | None = None, **more: Any) -> RunConfig:
        """The config: a study's needs, over them the file, over it the flags, over them `more`.

        The measures that a study needs are taken beside those that were given.

        Raises:
            UsageError: an unknown option or a wrong value; names the file if it stands there.
        """
        written = read_yaml(self.file) if self.file else {}
        make_config(written, place=str(self.file))
        return make_config(united([needs or {}], {**written, **self.flags, **more}))


def takes_options(
    *, only: Sequence[str] = (), repeated: Sequence[str] = (), without: Sequence[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the options of `RunConfig`; it receives those that were typed as `given`.

    Args:
        only: groups of options to take; all by default.
        repeated: options that may be given several times here, though a config has one.
        without: options that the command has in a way of its own.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        names = _names(only, without)
        made = [_parameter(name, several=name in repeated) for name in names]

        @wraps(command)
        def filled(config: Path | None = None, **values: Any) -> None:
            typed = {name: values.pop(name) for name in names}
            flags = {name: value for name, value in typed.items() if value not in (None, [])}
            values.pop("help_all", None)  # it has been shown, or was not asked for
            command(given=Given(flags, config), **values)

        own = [p for p in inspect.signature(command).parameters.values() if p.name != "given"]
        own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        _sign(filled, [*own, _CONFIG, *made, _HELP_ALL])
        return filled

    return decorate


def _names(only: Sequence[str], without: Sequence[str]) -> list[str]:
    fields = RunConfig.model_fields
    return [n for n in fields if n not in without and (not only or _extra(n)["group"] in only)]


def _extra(name: str) -> dict[str, Any]:
    extra = RunConfig.model_fields[name].json_schema_extra
    return extra if isinstance(extra, dict) else {"flag": "", "group": OUTPUT}


def _parameter(name: str, *, several: bool) -> inspect.Parameter:
    """A field of the config as a parameter; None says that it was not typed."""
    field = RunConfig.model_fields[name]
    kind, many = _kind(field.annotation)
    flag = _extra(name)["flag"] or f"--{name.replace('_', '-')}"
    least = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    option = typer.Option(
        None,
        f"{flag}/--no-{flag[2:]}" if kind is bool else flag,
        metavar=_METAVARS.get(kind, "CHOICE"),
        help=_help(name, kind, several=several),
        rich_help_panel=_extra(name)["group"],
        min=least,
    )
    annotation = Union[list[kind] if many or several else kind, None]  # type: ignore[valid-type]  # noqa: UP007
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=annotation
    )


def _kind(annotation: Any) -> tuple[Any, bool]:
    """The type of one value, and whether there may be several."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return next(a for a in get_args(annotation) if a is not type(None)), False
    if origin is tuple:
        return get_args(annotation)[0], True
    return annotation if origin in (None, Literal) else str, False


def _help(name: str, kind: Any, *, several: bool) -> str:
    """What the option does, its choices and its default (which is not what None stands for)."""
    field = RunConfig.model_fields[name]
    default = field.get_default(call_default_factory=True)
    shown = ",".join(default) if isinstance(default, tuple) else default
    parts = [field.description or ""]
    parts += ["Repeatable."] if several else []
    parts += [f"One of {', '.join(get_args(kind))}."] if get_origin(kind) is Literal else []
    parts += [f"Default: {shown}."] if shown not in (None, False, "") else []
    return " ".join(parts)


_CONFIG = inspect.Parameter(
    "config",
    inspect.Parameter.KEYWORD_ONLY,
    default=output_option(
        None,
        "--config",
        metavar="FILE",
        help="YAML file of options, named as the flags with _ for -; a flag wins over it.",
    ),
    annotation=Path | None,
)


_HELP_ALL = inspect.Parameter(
    "help_all",
    inspect.Parameter.KEYWORD_ONLY,
    default=output_option(
        False, "--help-all", help="Show all options and exit.", is_eager=True, callback=show_all
    ),
    annotation=bool,
)


def _sign(function: Any, parameters: Sequence[inspect.Parameter]) -> None:
    function.__signature__ = inspect.Signature(parameters)
    function.__annotations__ = {p.name: p.annotation for p in parameters}
