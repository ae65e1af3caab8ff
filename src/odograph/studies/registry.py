"""Which studies there are: odograph's own, and those that installed packages bring.

A package brings one by an entry point of the group `odograph.studies`, named as its study. Names
are known without loading any study.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from odograph.errors import StudyError, UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from odograph.studies.study import Study

GROUP = "odograph.studies"

#: Odograph's own, in the order in which they are done and shown; a module is named as its study,
#: with _ for -, and holds it as `STUDY`.
BUILT_IN: tuple[str, ...] = (
    "rotation",
    "neighbours",
    "path-length",
    "decomposition",
    "contributions",
    "trajectories",
    "parts-of-speech",
    "nouns-adjectives",
    "pruning",
    "ablation",
    "commitment",
)


def study_names() -> tuple[str, ...]:
    """All studies: odograph's own in their order, behind them those of packages by name."""
    return (*BUILT_IN, *_brought())


def find(name: str) -> "Study":
    """The study of that name.

    Raises:
        UsageError: there is none; names those there are.
        StudyError: a package brings it, and it cannot be loaded; names both and why.
    """
    if name in BUILT_IN:
        own: Study = import_module(f"odograph.studies.{name.replace('-', '_')}").STUDY
        return own
    check_name(name)
    return _loaded(_brought()[name])


def check_name(name: str) -> None:
    """Nothing, if there is a study of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in study_names():
        raise UsageError("unknown study", expected=", ".join(study_names()), given=f"'{name}'")


@cache
def _brought() -> "dict[str, EntryPoint]":
    """The entry points of packages by the names of their studies; no name of odograph's own."""
    from importlib.metadata import entry_points

    by_name = {entry.name: entry for entry in entry_points(group=GROUP)}
    return {name: by_name[name] for name in sorted(by_name) if name not in BUILT_IN}


def _loaded(entry: "EntryPoint") -> "Study":
    from odograph.studies.study import Study

    package = entry.dist.name if entry.dist is not None else entry.module
    problem = f"the study {entry.name} of the package '{package}' cannot be loaded"
    try:
        study = entry.load()
    except Exception as error:  # whatever a package of others does, odograph goes on
        reason = f"{type(error).__name__}: {error}"
        raise StudyError(problem, given=reason, remedy="Mend or remove the package.") from error
    if not isinstance(study, Study) or study.name != entry.name:
        found = study.name if isinstance(study, Study) else type(study).__name__
        raise StudyError(
            problem, expected=f"a Study named '{entry.name}' at {entry.value}", given=found
        )
    return study
