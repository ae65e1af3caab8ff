"""Runs in an order: what they are ordered by, where each stands, and which may not be members."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from odograph.errors import StudyError, UsageError
from odograph.folder.model_names import called, names_apart
from odograph.folder.run import Run

#: What checkpoints are ordered by, where nothing else is said.
TRAINING_STEP = "training step"
_STEP = r"(?:step|checkpoint|ckpt|iter(?:ation)?|epoch)s?[-_ ]?"
_MARKED = re.compile(rf"{_STEP}(\d+(?:\.\d+)?)([km]?)(?![a-z0-9])", re.IGNORECASE)
_BARE = re.compile(r"\d+(?:\.\d+)?")
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}


@dataclass(frozen=True)
class Axis:
    """What a series is ordered by.

    Attributes:
        name: "training step", "bits".
        values: of the members, in the order in which they were named; () to be read from names.
    """

    name: str = TRAINING_STEP
    values: tuple[float, ...] = ()

    def read(self, names: Sequence[str]) -> tuple[float, ...]:
        """Where each member stands: as given, or as its name says.

        Raises:
            UsageError: not one number a member, or two members at one place.
        """
        values = self.values or steps_in(names, self.name)
        if len(values) != len(names):
            raise UsageError(
                f"a number on the axis '{self.name}' for each member of the series",
                expected=f"{len(names)}, in the order of the members",
                given=str(len(values)),
            )
        twice = [name for name, v in zip(names, values, strict=True) if values.count(v) > 1]
        if twice:
            raise UsageError(
                f"members of the series stand at one place of the axis '{self.name}'",
                given=", ".join(twice),
                remedy=f"Say where each stands: --axis '{self.name}=1,2,3'.",
            )
        return values


def axis_of(text: str) -> Axis:
    """An axis as it is written: "NAME", or "NAME=1,2,3" with a number for each member.

    Raises:
        UsageError: no name, or something that is no number.

    >>> axis_of("bits=2,4.5,8")
    Axis(name='bits', values=(2.0, 4.5, 8.0))
    """
    name, equals, listed = text.partition("=")
    try:
        values = tuple(float(part) for part in listed.split(",")) if equals else ()
    except ValueError:
        values = (float("nan"),)
    if not name.strip() or any(value != value or abs(value) == float("inf") for value in values):
        raise UsageError(
            "the axis of a series",
            expected="NAME, or NAME=1,2,3 with a number a member",
            given=text,
        )
    return Axis(name.strip(), values)


def steps_in(names: Sequence[str], axis: str = TRAINING_STEP) -> tuple[float, ...]:
    """The number in each name: behind "step", "checkpoint" and the like, else the only one in it.

    Raises:
        UsageError: a name has none, or several.

    >>> steps_in(["suite@step1000", "suite@step2k", "suite@step0"])
    (1000.0, 2000.0, 0.0)
    >>> steps_in(["100/model", "20/model"])
    (100.0, 20.0)
    """
    marked = [_MARKED.findall(name) for name in names]
    if all(marked):
        return tuple(float(found[-1][0]) * _TIMES[found[-1][1].lower()] for found in marked)
    bare = [_BARE.findall(name) for name in names]
    if any(marked) or any(len(found) != 1 for found in bare):
        unread = [n for n, m, b in zip(names, marked, bare, strict=True) if not m and len(b) != 1]
        unread = unread or [n for n, m in zip(names, marked, strict=True) if not m]
        raise UsageError(
            f"the {axis} cannot be read from a name",
            expected="names such as step1000 or checkpoint-500 for all members",
            given=", ".join(unread),
            remedy=f"Say where each member stands, in their order: --axis '{axis}=1,2,3'.",
        )
    return tuple(float(found[0]) for found in bare)


@dataclass(frozen=True)
class Series:
    """Runs in the order of an axis.

    Attributes:
        axis: what they are ordered by.
        values: of the runs, ascending.
        runs: the members; () where they are not at hand.
    """

    axis: str
    values: tuple[float, ...]
    runs: tuple[Run, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """Where each stands, as it is written: ("0", "512", "4.5")."""
        return tuple(f"{v:.0f}" if v == int(v) else f"{v:g}" for v in self.values)

    def record(self) -> dict[str, Any]:
        """What the manifest of a comparison keeps of it."""
        return {"axis": self.axis, "values": list(self.values)}


def recorded_series(manifest: Mapping[str, Any]) -> Series | None:
    """Where the runs of a comparison stand; None of a run, and where they are in no order."""
    record = manifest.get("series")
    return None if not record else Series(record["axis"], tuple(record["values"]))


def series_of(runs: Sequence[Run], axis: Axis, *, allow_same: bool = False) -> Series:
    """The runs in the order of the axis, and where each stands.

    Raises:
        UsageError: as `Axis.read`.
        StudyError: two members have the same weights, unless that is allowed.
    """
    names = names_apart([called(one.manifest, str(one.folder.resolve())) for one in runs])
    if not allow_same:
        refuse_same_weights([weights_of(run.manifest) for run in runs], names)
    values = axis.read(names)
    order = sorted(range(len(runs)), key=values.__getitem__)
    return Series(axis.name, tuple(values[k] for k in order), tuple(runs[k] for k in order))


def weights_of(manifest: Mapping[str, Any]) -> str | None:
    """What tells the weights of a run's model from others; None where it was not recorded."""
    model = manifest["model"]
    if model.get("weights_sha256"):
        return str(model["weights_sha256"])
    # Of hub models, fingerprints were of the config alone before weights were recorded.
    return None if model["revision"] else str(model["fingerprint"])


def refuse_same_weights(weights: Sequence[str | None], names: Sequence[str]) -> None:
    """Nothing, if every member has weights of its own, as far as they are known.

    Raises:
        StudyError: names those that have the same.
    """
    known = [one for one in weights if one is not None]
    twice = next((one for one in known if known.count(one) > 1), None)
    if twice is None:
        return
    same = [name for name, one in zip(names, weights, strict=True) if one == twice]
    raise StudyError(
        "members of the series have the same weights",
        expected="weights of its own for each",
        given=", ".join(f"'{name}'" for name in same),
        remedy="Leave out those that are not what they are called, or keep all with --allow-same "
        "(allow_same=True in Python).",
    )
