"""`odograph study --minus`: one model taken from another, measured and compared in one command."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from odograph.cli.options import Given, output_option
from odograph.errors import UsageError

if TYPE_CHECKING:
    from odograph.studies.study import Study

MINUS = "minus"
Minus = Annotated[
    str | None,
    output_option(
        "--minus",
        metavar="MODEL",
        help="Model of which --model is taken away, token by token and layer by layer: an adapter "
        "of it, a quantised copy, another MODEL@REVISION.",
    ),
]


@dataclass(frozen=True)
class Together:
    """How two models are seen together, one minus the other."""

    states: bool
    allow_unrelated: bool


def with_minus(
    given: Given, minus: str | None, chosen: "Study", together: Together
) -> tuple[Given, Together | None]:
    """The options with the model of --minus behind the one that is taken from it.

    With how both are seen together; None without --minus.

    Raises:
        UsageError: several models are given besides, or what needs --minus stands without it.
    """
    if minus is None:
        if together.states or chosen.reads != "run":
            what = "--states" if together.states else f"the study {chosen.name}"
            raise UsageError(f"{what} is of two models", remedy="Name the other one with --minus.")
        return given, None
    models = given.flags.get("model") or [given.config().model]
    if len(models) != 1:
        raise UsageError("--minus", expected="one --model", given=f"{len(models)} of them")
    return Given({**given.flags, "model": [*models, minus]}, given.file), together
