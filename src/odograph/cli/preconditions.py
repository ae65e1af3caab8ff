"""Whether a study can be done with these options and this model, told before anything is measured.

What depends on the measured run, the study says itself.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from odograph.errors import StudyError, UsageError

if TYPE_CHECKING:
    from odograph.models.loading import Loaded
    from odograph.run.config import RunConfig
    from odograph.studies.study import Study


def check_groups(study: "Study", config: "RunConfig") -> None:
    """Makes sure that a study of two groups of words gets two.

    Raises:
        UsageError: one group, or more than two; says how they can be compared all the same.
    """
    if "groups" not in study.needs or len(config.groups) == 2:
        return
    more = len(config.groups) > 2
    raise UsageError(
        f"the study {study.name} compares two groups of words",
        expected="two tags, for example --groups NOUN,ADJ",
        given=f"--groups {','.join(config.groups)}" if config.groups else "none",
        remedy=f"Take two at a time, a run for each pair: --groups {','.join(config.groups[:2])}."
        if more
        else "Name the tag to compare it with.",
    )


def check_parts(study: "Study", loaded: "Loaded") -> None:
    """Makes sure that attention and MLP can be told apart, where the study is about them.

    Raises:
        StudyError: the model's self-check refuses it; names why.
    """
    from odograph.observe.parts import NAMES as PART_MEASURES
    from odograph.run.observers import has_parts

    if has_parts(loaded) or not _measures_of(study.needs).intersection(PART_MEASURES):
        return
    raise StudyError(
        f"the study {study.name} cannot be done with {loaded.identity.name}: its attention and "
        "MLP cannot be told apart",
        expected="x_{l-1} + a_l + m_l = x_l in every block",
        given=loaded.checks.decomposition,
        remedy="Nothing was measured. Studies of whole steps, such as path-length, can be done.",
    )


def _measures_of(needs: Mapping[str, object]) -> set[str]:
    named = needs.get("measures", ())
    return set(named) if isinstance(named, tuple | list) else {str(named)}
