"""Which studies there are: odograph's own, and those that installed packages bring.

A package brings one by an entry point of the group `odograph.studies`, named as its study. Names
are known without loading any study.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from odograph.errors import StudyError, UsageError
from odograph.folder.told import tell_once

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from odograph.folder.run import Run
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
#: What is asked of the difference of two runs, and of no run.
OF_DIFFERENCES: tuple[str, ...] = ("minus",)


def study_names() -> tuple[str, ...]:
    """All studies: odograph's own in their order, behind them those of packages by name."""
    return (*BUILT_IN, *_brought())


def _own() -> tuple[str, ...]:
    return (*BUILT_IN, *OF_DIFFERENCES)


def find(name: str) -> "Study":
    """The study of that name.

    Raises:
        UsageError: there is none; names those there are.
        StudyError: a package brings it, and it cannot be loaded; names both and why.
    """
    for package in sorted(_refused(name)):
        tell_once(
            f"the study {name} of the package '{package}' is not taken: another has that name, and "
            "it must be renamed"
        )
    if name in _own():
        own: Study = import_module(f"odograph.studies.{name.replace('-', '_')}").STUDY
        return own
    check_name(name)
    return _loaded(_brought()[name])


def names_for(run: "Run") -> tuple[str, ...]:
    """The studies that a folder is there for: those of runs, or those of differences."""
    return study_names() if run.minus is None else OF_DIFFERENCES


def check_name(name: str) -> None:
    """Nothing, if there is a study of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in (*study_names(), *OF_DIFFERENCES):
        raise UsageError("unknown study", expected=", ".join(study_names()), given=f"'{name}'")


@cache
def _entries() -> "tuple[EntryPoint, ...]":
    """What packages bring, by the names of the studies and of the packages."""
    from importlib.metadata import entry_points

    return tuple(sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, _package(entry))))


def _brought() -> "dict[str, EntryPoint]":
    """The entry points of packages by the names of their studies; no name of odograph's own.

    Of several packages with a study of one name the first is taken.
    """
    first = {entry.name: entry for entry in reversed(_entries())}
    return {name: first[name] for name in sorted(first) if name not in _own()}


def _refused(name: str) -> set[str]:
    """Packages whose study of that name is not taken: odograph or another package has it."""
    packages = [_package(entry) for entry in _entries() if entry.name == name]
    return set(packages) if name in _own() else set(packages) - set(packages[:1])


def _package(entry: "EntryPoint") -> str:
    return entry.dist.name if entry.dist is not None else entry.module


def _loaded(entry: "EntryPoint") -> "Study":
    from odograph.studies.study import Study

    problem = f"the study {entry.name} of the package '{_package(entry)}' cannot be loaded"
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
