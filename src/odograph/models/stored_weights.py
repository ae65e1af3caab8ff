"""The weights that a name stands for, told apart before any model is loaded."""

from dataclasses import replace

from odograph.errors import OdographError
from odograph.models.fingerprints import weights_sha256
from odograph.models.located import locate
from odograph.models.sources import LoadOptions


def stored_weights(name: str, options: LoadOptions) -> str | None:
    """sha256 of the weights of a folder, a file or a hub id, as far as they are on this machine.

    None of an adapter, and where they are not here; what is wrong with a name is said on loading.
    """
    try:
        place = locate(name, replace(options, offline=True))
        return None if place.adapter else weights_sha256(place.source, place.options)
    except (OdographError, OSError):
        return None
