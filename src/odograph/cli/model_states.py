"""The options by which two models are run together over the texts of their runs."""

from typing import TYPE_CHECKING, Annotated

from odograph.cli.options import output_option
from odograph.errors import UsageError

if TYPE_CHECKING:
    from odograph.folder.difference import TwoRuns
    from odograph.folder.run import Run

States = Annotated[
    bool,
    output_option(
        "--states/--no-states",
        help="Run both models together over the texts: the angle and the distance between their "
        "states at each token and layer. For two models that share a start: an adapter and its "
        "base, checkpoints, a quantised copy.",
    ),
]
AllowUnrelated = Annotated[
    bool,
    output_option(
        "--allow-unrelated/--no-allow-unrelated",
        help="With --states also models whose coordinates have no common meaning.",
    ),
]


def both_models(
    runs: "list[Run]", *, states: bool, allow_unrelated: bool, quiet: bool
) -> "list[Run] | TwoRuns":
    """The runs, with what measures both models together where that is asked for.

    Raises:
        UsageError: not two runs, or unrelated models are allowed for nothing.
        StudyError: the runs have not the same tokens.
    """
    if not states:
        if allow_unrelated:
            raise UsageError("--allow-unrelated without --states", remedy="Add --states.")
        return runs
    if len(runs) != 2:
        raise UsageError("--states", expected="two runs", given=str(len(runs)))
    from odograph.cli.silence import silence_libraries
    from odograph.folder.difference import TwoRuns
    from odograph.folder.same_tokens import require_same_tokens

    base, run = runs
    require_same_tokens(base, run)
    silence_libraries(quiet=quiet)
    from odograph.run.model_states import states_between

    return TwoRuns((base, run), states_between(base, run, allow_unrelated=allow_unrelated))
