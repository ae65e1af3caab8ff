"""Where results of several runs may be written."""

from pathlib import Path

from odograph.errors import RunError


def check_group_place(out: Path, *, replace: bool) -> None:
    """Nothing, if `out` may take a comparison: it is new, empty, or (to `replace`) holds one.

    Raises:
        RunError: something else lies there, which would be lost.
    """
    from odograph.folder.lock import is_empty
    from odograph.folder.manifest import found_manifest

    if is_empty(out):
        return
    earlier = found_manifest(out)
    if earlier is not None and earlier["kind"] == "run":
        raise RunError(f"'{out}' is the run of one model", remedy="Choose another --out.")
    if not replace:
        raise RunError(
            f"'{out}' is not empty",
            remedy="Choose another --out, continue with --resume, or replace it with --overwrite.",
        )
