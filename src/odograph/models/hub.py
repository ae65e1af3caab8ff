"""Files of the model hub and the commits they belong to."""

from pathlib import Path

from odograph.models.sources import LoadOptions, Source


def hub_file(place: str, name: str, options: LoadOptions) -> Path | None:
    """A file of a hub id on this machine, fetched if it may be; None where it cannot be had.

    Why it cannot is not said here: what is loaded next meets the same hindrance.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, HFValidationError

    try:
        found = hf_hub_download(
            place, name, revision=options.revision, local_files_only=options.offline
        )
    except (EntryNotFoundError, HfHubHTTPError, HFValidationError, OSError, ValueError):
        return None
    return Path(found)


def commit_of(source: Source, options: LoadOptions) -> str | None:
    """The commit that the revision of a hub id stands for; None of a folder, or if unknown."""
    if Path(source.place).exists():
        return None
    for name in (source.gguf, "config.json", "adapter_config.json"):
        path = None if name is None else hub_file(source.place, name, options)
        parts = path.parts if path is not None else ()
        if "snapshots" in parts:
            # The cache keeps the files of each commit in snapshots/COMMIT.
            return parts[parts.index("snapshots") + 1]
    return None
