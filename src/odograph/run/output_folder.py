"""The folder of a run before and after it is measured: may it be written, what is left of it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from odograph.corpus.encoded import Encoding
from odograph.corpus.readers import Origin
from odograph.errors import RunError, WriteError
from odograph.folder.columns import FOLDERS
from odograph.folder.lock import is_empty
from odograph.folder.manifest import MANIFEST, found_manifest
from odograph.folder.pilot import PILOT
from odograph.folder.plan import PLAN
from odograph.models.identity import Identity
from odograph.models.loading import Loaded
from odograph.run.config import RunConfig


def check_folder(
    out: Path, config: RunConfig, *, resume: bool, overwrite: bool
) -> dict[str, Any] | None:
    """Makes sure that `out` can be written; nothing is measured before that is known.

    Returns:
        The manifest of the run that is there already, to be continued or replaced; None for none.

    Raises:
        RunError: a file, a folder that is no run, a run that is not to be touched or continued, or
            the run whose axes are asked for.
    """
    if is_empty(out):
        return None
    earlier = found_manifest(out) if overwrite or resume else None
    if overwrite:
        _check_replaced(out, config, earlier)
    elif not resume:
        raise RunError(
            f"'{out}' is not empty",
            remedy="Choose another --out, continue with --resume, or replace it with --overwrite.",
        )
    elif earlier is None and (out / PLAN).is_file():
        raise RunError(
            f"'{out}' is measured by several ranks and is not closed",
            remedy=f"Close it with `odograph merge {out}` first.",
        )
    elif earlier is None or earlier.get("config_hash") != config.hash:
        raise RunError(
            f"'{out}' was measured with another config",
            expected="the same options as before",
            given="a folder without a manifest" if earlier is None else "",
            remedy="Choose another --out, or replace it with --overwrite.",
        )
    return earlier


def _check_replaced(out: Path, config: RunConfig, earlier: dict[str, Any] | None) -> None:
    """Nothing, if what lies there is a run that may be replaced."""
    if earlier is None:
        raise RunError(
            f"'{out}' is not a run folder and is not overwritten", remedy="Choose another --out."
        )
    if config.axes is not None and _within(Path(config.axes), out):
        raise RunError(
            f"--overwrite would remove '{out}', which --axes needs",
            expected="an earlier run in another folder",
            given=f"--axes {config.axes}",
            remedy="Choose another --out.",
        )
    if out.is_symlink() or earlier["kind"] != "run":
        raise RunError(
            f"'{out}' is a comparison or a link and is not overwritten",
            remedy="Choose another --out, or remove it yourself.",
        )


def _within(place: Path, folder: Path) -> bool:
    return place.resolve().is_relative_to(folder.resolve())


def refuse_changed(
    out: Path, before: dict[str, Any], loaded: Loaded, origin: Origin, encoding: Encoding
) -> None:
    """Refuses to continue a run with other texts, weights or precision under the same names.

    What stands in front of passages is looked at too: chat templates may put the date there.

    Args:
        out: the run folder.
        before: its manifest.
        loaded: the model as it is now.
        origin: where the texts come from now.
        encoding: the texts as they are now.

    Raises:
        RunError: names what has changed.
    """
    model, now = before["model"], loaded.identity
    same = {
        "texts": before["corpus"]["fingerprint"] == origin.fingerprint,
        "weights": _same_weights(model, now),
        # `--dtype auto` is another precision on another device.
        "precision": before["dtype"] == loaded.dtype,
        "tokens in front": before["bos"] == encoding.bos,
    }
    changed = [what for what, is_same in same.items() if not is_same]
    if changed:
        raise RunError(
            f"'{out}' was measured with other {' and other '.join(changed)}",
            expected="the same texts, weights, precision and tokens in front as before",
            remedy="Choose another --out, or replace it with --overwrite.",
        )


def _same_weights(before: dict[str, Any], now: Identity) -> bool:
    """Whether a run was measured with these weights.

    Before `weights_sha256` was recorded, fingerprints of hub models were of the config alone: of
    such runs the commits say it.
    """
    commits = (before["revision"], before.get("base_revision"))
    same_commits = commits == (now.revision, now.base_revision)
    if any(commits) and "weights_sha256" not in before:
        return same_commits
    return same_commits and before["fingerprint"] == now.fingerprint


def remove_unfinished(out: Path, existed: bool) -> None:
    """Removes what was written of a run of which no shard was finished."""
    for folder in FOLDERS:
        shutil.rmtree(out / folder, ignore_errors=True)
    for name in (PILOT, MANIFEST):
        (out / name).unlink(missing_ok=True)
    if not existed and out.is_dir() and not any(out.iterdir()):
        out.rmdir()


@contextmanager
def saying_how_to_resume() -> Iterator[None]:
    """Adds to the error of a file that could not be written how the run goes on from Python.

    Raises:
        WriteError: a file could not be written in here.
    """
    try:
        yield
    except WriteError as error:
        remedy = f"{error.remedy} What was finished is whole: continue with resume=True."
        raise WriteError(error.problem, remedy=remedy) from error
