"""How a token's vector turns and travels on its way through the layers of a language model.

    import odograph as og
    run = og.measure("gpt2", texts, targets=["her"], out="runs/her")
    og.study("rotation", run).findings

Names are loaded when they are first used, so that importing odograph is quick.
"""

import sys
import warnings
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from odograph.api.check import check as check
    from odograph.api.measure import measure as measure
    from odograph.api.measure import plan as plan
    from odograph.api.power import power as power
    from odograph.api.run import Run as Run
    from odograph.api.run import open as open
    from odograph.api.states import from_states as from_states
    from odograph.api.studies import compare as compare
    from odograph.api.studies import study as study
    from odograph.api.texts import texts as texts
    from odograph.errors import OdographError as OdographError
    from odograph.models.bundled_model import bundled_model as bundled_model
    from odograph.report.notebook import view as view

__version__ = version("odograph")

_PLACES = {
    "OdographError": "odograph.errors",
    "Run": "odograph.api.run",
    "bundled_model": "odograph.models.bundled_model",
    "check": "odograph.api.check",
    "compare": "odograph.api.studies",
    "from_states": "odograph.api.states",
    "measure": "odograph.api.measure",
    "open": "odograph.api.run",
    "plan": "odograph.api.measure",
    "power": "odograph.api.power",
    "study": "odograph.api.studies",
    "texts": "odograph.api.texts",
    "view": "odograph.report.notebook",
}

__all__ = [
    "OdographError",
    "Run",
    "bundled_model",
    "check",
    "compare",
    "from_states",
    "measure",
    "open",
    "plan",
    "power",
    "study",
    "texts",
    "view",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'odograph' has no attribute '{name}'")
    if "ipykernel" in sys.modules:
        _load_bars_quietly()
    return getattr(import_module(_PLACES[name]), name)


def _load_bars_quietly() -> None:
    """Imports the bars of other libraries, which warn of a missing ipywidgets when first loaded."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="IProgress not found")
        import_module("tqdm.auto")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
