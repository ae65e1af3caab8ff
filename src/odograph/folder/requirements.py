"""What a study asks of a run, and how the run is refused that has not got it."""

from collections.abc import Sequence

from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.folder.selection import Floats, columns_of


def require_columns(run: Run, table: str, columns: Sequence[str], remedy: str) -> None:
    """Nothing, if the table is there and has these columns.

    Raises:
        StudyError: one is missing; `remedy` says with which options the run has it.
    """
    missing = [name for name in columns if name not in columns_of(run, table)]
    if missing:
        raise StudyError(f"the run has no {', '.join(missing)} in its {table}", remedy=remedy)


def require_table(run: Run, table: str, problem: str, *, expected: str, remedy: str) -> None:
    """Nothing, if the run has the table.

    Raises:
        StudyError: it has not; in the words given.
    """
    if not columns_of(run, table):
        raise StudyError(problem, expected=expected, remedy=remedy)


def require_tokens(run: Run, stage: str) -> None:
    """Nothing, if a stage that runs the texts again found tokens that count, or did not run.

    Raises:
        StudyError: all passages were too short for it.
    """
    if (run.manifest.get(stage) or {}).get("passages") == 0:
        raise StudyError(
            "no passage has a token that counts",
            expected="a token behind position 0 that another follows, and no attention sink",
            remedy="Give longer texts.",
        )


def require_rows(profiles: Floats, what: str) -> Floats:
    """The profiles, if there is at least one.

    Raises:
        StudyError: nothing is left after the exclusions.
    """
    if len(profiles) == 0:
        raise StudyError(
            f"no {what} is left after the exclusions",
            expected="at least one passage with a usable token",
            remedy="Give more or longer texts, or keep position 0 with --keep-first.",
        )
    return profiles


def require_all_tokens(run: Run, study: str) -> None:
    """Nothing, if the run holds all tokens of a passage.

    Raises:
        StudyError: it holds only targets and the tokens before them.
    """
    if run.manifest["config"]["select"] == "targets":
        raise StudyError(
            f"{study} looks at all tokens of a passage",
            expected="a run of all tokens",
            given="--select targets",
            remedy="Measure it again with --select all.",
        )
