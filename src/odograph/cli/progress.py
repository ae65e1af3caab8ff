"""`odograph progress`: how far the ranks of a run are."""

import json

from odograph.cli.options import AsJson, Run
from odograph.terminal import show


def progress(run: Run, as_json: AsJson = False) -> None:
    """Say how far the ranks of a run are: shards, what comes after them, by whom, time left."""
    from odograph.folder.progress import progress_of, progress_text
    from odograph.folder.store import mounted

    with mounted(run) as folder:
        found = progress_of(folder)
    show(json.dumps(found, indent=1) if as_json else progress_text(found))
