"""A model larger than one GPU: its blocks over all of them."""

from typing import Any

from odograph.errors import ModelError

#: The device that is all GPUs: blocks lie on one after the other.
SPREAD = "spread"


def require_accelerate() -> None:
    """Makes sure that blocks can be spread.

    Raises:
        ModelError: accelerate is not installed.
    """
    try:
        import accelerate  # noqa: F401
    except ImportError as error:
        raise ModelError(
            "accelerate is not installed",
            given=f"--device {SPREAD}",
            remedy="Install it with: pip install 'odograph[spread]'",
        ) from error


def spread(network: Any) -> Any:
    """The network with its blocks over all GPUs, about as many bytes on each."""
    from accelerate import dispatch_model, infer_auto_device_map
    from accelerate.utils import get_balanced_memory

    whole = network._no_split_modules  # a block lies on one card
    memory = get_balanced_memory(network, no_split_module_classes=whole)
    places = infer_auto_device_map(network, memory, no_split_module_classes=whole)
    return dispatch_model(network, device_map=places)
