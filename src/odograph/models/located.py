"""What a model's name stands for: files here or at the hub, and the commit that they are of."""

from dataclasses import dataclass, replace

from odograph.models.adapters import Adapter, find_adapter
from odograph.models.bundled_model import bundled_model
from odograph.models.hub import commit_of
from odograph.models.sources import GGUF, LoadOptions, Source, find_source

BUNDLED = "bundled"


@dataclass(frozen=True)
class Located:
    """Where a model is; of an adapter, `source` is that of its base.

    Config, weights and tokenizer are of one commit, should the hub change in between: `options`
    name it.
    """

    source: Source
    options: LoadOptions
    commit: str | None = None
    adapter: Adapter | None = None


def locate(name: str, options: LoadOptions) -> Located:
    """The place of a model's files.

    Raises:
        ModelError: no such path, or what lies there is no model that is read.
    """
    place = str(bundled_model()) if name == BUNDLED else name
    is_file = place.lower().endswith(GGUF)
    source = find_source(place) if is_file else Source(place)
    commit = commit_of(source, options)
    options = replace(options, revision=commit or options.revision)
    adapter = None if is_file else find_adapter(place, options)
    if adapter is not None:
        return Located(Source(adapter.base), options, commit, adapter)
    return Located(find_source(place), options, commit)
