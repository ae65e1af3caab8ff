"""How a token's vector turns and travels on its way through the layers of a language model.

    import odograph as og
    run = og.measure("gpt2", texts, targets=["her"], out="runs/her")
    og.study("rotation", run).findings

Names are loaded when they are first used, so that importing odograph is quick.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from odograph.errors import OdographError as OdographError
    from odograph.folder.run import Run as Run
    from odograph.folder.run import open_run as open
    from odograph.models.bundled_model import bundled_model as bundled_model
    from odograph.report.notebook import view as view
    from odograph.run.measure import measure as measure
    from odograph.studies import study as study

__version__ = version("odograph")

_PLACES = {
    "OdographError": ("odograph.errors", "OdographError"),
    "Run": ("odograph.folder.run", "Run"),
    "bundled_model": ("odograph.models.bundled_model", "bundled_model"),
    "measure": ("odograph.run.measure", "measure"),
    "open": ("odograph.folder.run", "open_run"),
    "study": ("odograph.studies", "study"),
    "view": ("odograph.report.notebook", "view"),
}

__all__ = ["OdographError", "Run", "bundled_model", "measure", "open", "study", "view"]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'odograph' has no attribute '{name}'")
    module, attribute = _PLACES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
