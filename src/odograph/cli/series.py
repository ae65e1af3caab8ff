"""A series on the command line: which models are its members, and where each stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from odograph.cli.options import output_option
from odograph.errors import UsageError
from odograph.folder.model_names import Called, names_apart

if TYPE_CHECKING:
    from odograph.folder.series import Axis
    from odograph.run.config import RunConfig

GGUF = ".gguf"
Revisions = Annotated[
    str | None,
    output_option(
        "--revisions",
        metavar="A,B,C",
        help="Revisions of the one --model, as the members of a series.",
    ),
]
Members = Annotated[
    list[str] | None,
    output_option(
        "--series",
        metavar="FOLDER",
        help="Folder of checkpoints, each a member of a series; or one member, repeatable.",
    ),
]
OnAxis = Annotated[
    str | None,
    output_option(
        "--axis",
        metavar="NAME=1,2,3",
        help="What the members are ordered by, and a number for each in the order given; by "
        "default the training step, read from their names.",
    ),
]
AllowSame = Annotated[
    bool,
    output_option("--allow-same", help="Keep members of a series that have the same weights."),
]


@dataclass(frozen=True)
class MemberOptions:
    """What was typed of a series; nothing of it where there is none."""

    revisions: str | None = None
    series: Sequence[str] = ()
    axis: str | None = None
    allow_same: bool = False

    @property
    def asked(self) -> bool:
        """Whether the models are the members of a series."""
        return bool(self.revisions or self.series or self.axis)

    def models(self, models: Sequence[str]) -> list[dict[str, str]]:
        """The options that make each model: of --model, or of the members.

        Raises:
            UsageError: no one model to have revisions of, models beside members, or one member.
        """
        if self.revisions and self.series:
            raise UsageError("--revisions and --series both name the members", expected="one")
        found = [{"model": model} for model in models]
        if self.revisions:
            if len(models) != 1:
                raise UsageError(
                    "--revisions are those of one model", expected="--model once", given=str(found)
                )
            names = [part.strip() for part in self.revisions.split(",") if part.strip()]
            found = [{"model": models[0], "revision": name} for name in names]
        if self.series:
            if models:
                raise UsageError("--series names the models", expected="no --model beside it")
            found = [{"model": one} for folder in self.series for one in members_in(folder)]
        if self.asked and len(found) < 2:
            raise UsageError(
                "a series",
                expected="two members or more",
                given=f"{len(found)} ({', '.join(self.series) or self.revisions or 'one --model'})",
                remedy="Name a folder with models in it, or each member.",
            )
        return found

    def placed(self, configs: "Sequence[RunConfig]") -> "Axis | None":
        """Where each member stands, known before anything is measured; None without a series.

        Raises:
            UsageError: where one stands cannot be told.
        """
        if not self.asked:
            return None
        from odograph.folder.series import Axis, axis_of

        axis = Axis() if self.axis is None else axis_of(self.axis)
        return Axis(axis.name, axis.read(names_apart(asked_names(configs))))


def asked_names(configs: "Sequence[RunConfig]") -> list[Called]:
    """What the models may be called by, before there is a run of them."""
    return [Called(one.model, one.revision or "", one.name or "") for one in configs]


def members_in(place: str) -> list[str]:
    """The models in a folder of checkpoints, by the numbers in their names; else the place itself.

    >>> members_in("some/model")
    ['some/model']
    """
    folder = Path(place)
    inside = list(folder.iterdir()) if folder.is_dir() else []
    return [str(each) for each in sorted(filter(_is_model, inside), key=_by_numbers)] or [place]


def _is_model(path: Path) -> bool:
    configs = (path / name for name in ("config.json", "adapter_config.json"))
    return path.suffix.lower() == GGUF or any(config.is_file() for config in configs)


def _by_numbers(path: Path) -> list[tuple[int, str]]:
    """So that step20 stands before step100."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def refuse_same_members(configs: "Sequence[RunConfig]") -> None:
    """Refuses members with the same weights before any is measured, as far as files are here.

    Raises:
        StudyError: names those that have the same.
    """
    from odograph.folder.series import refuse_same_weights
    from odograph.models.stored_weights import stored_weights
    from odograph.run.preparing import load_options

    weights = [stored_weights(one.model, load_options(one)) for one in configs]
    refuse_same_weights(weights, names_apart(asked_names(configs)))
