"""What models are called: as shortly as tells them apart, or as the user says."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Called(NamedTuple):
    """What a model may be called by.

    Attributes:
        model: hub id, folder or file.
        revision: the branch, tag or commit that was asked for; "" for none.
        name: what the user calls it; "" for nothing.
        folder: of its run; "" before there is one.
    """

    model: str
    revision: str = ""
    name: str = ""
    folder: str = ""


def called(manifest: Mapping[str, Any], folder: str = "") -> Called:
    """What the model of a run may be called by."""
    config = manifest["config"]
    given = (config.get("revision") or "", config.get("name") or "")
    return Called(manifest["model"]["name"], *given, folder)


def own_name(manifest: Mapping[str, Any]) -> str:
    """The model of a run by itself: the user's name for it, or its own without the folders."""
    model, revision, name, _ = called(manifest)
    return name or _marked(short_name(model), revision)


def short_name(model: str) -> str:
    """A model's name without the folders before it; a hub id keeps its owner."""
    parts = model.rstrip("/").split("/")
    return model if len(parts) <= 2 and not model.startswith((".", "/")) else parts[-1]


def names_apart(models: Sequence[Called]) -> list[str]:
    """The shortest names that differ.

    The user's own; else the last parts of a model's name, as many as it takes, with the revision
    where only that differs. What still is alike is told apart by the folders of the runs.

    >>> names_apart([Called("a/step-10/model"), Called("a/step-20/model"), Called("b/gpt2")])
    ['step-10/model', 'step-20/model', 'gpt2']
    >>> names_apart([Called("x/pythia", "step1"), Called("x/pythia", "step2"), Called("x/pythia")])
    ['pythia@step1', 'pythia@step2', 'pythia']
    """
    endings = _endings([one.model for one in models])
    names = [one.name or ending for one, ending in zip(models, endings, strict=True)]
    names = [
        _marked(name, one.revision) if names.count(name) > 1 and not one.name else name
        for name, one in zip(names, models, strict=True)
    ]
    folders = _endings([one.folder for one in models])
    return [
        f"{name} ({folder})" if names.count(name) > 1 and folder else name
        for name, folder in zip(names, folders, strict=True)
    ]


def _marked(name: str, revision: str) -> str:
    return f"{name}@{revision}" if revision else name


def _endings(paths: Sequence[str]) -> list[str]:
    """Of each path the last parts, as many as differ from those of every other path."""
    split = [tuple(path.rstrip("/").split("/")) for path in paths]
    return ["/".join(_ending(path, [other for other in split if other != path])) for path in split]


def _ending(path: tuple[str, ...], others: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    for count in range(1, len(path)):
        if all(other[-count:] != path[-count:] for other in others):
            return path[-count:]
    return path
