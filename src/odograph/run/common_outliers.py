"""Models of one command, read without the outlier coordinates of all of them.

What is an outlier in one model may be none in another that was made of it; angles without other
coordinates each would differ by these. So the pilot of every model is run before any is measured.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from odograph.errors import OdographError
from odograph.folder.pilot import Pilot, read_pilot
from odograph.models.outline import outline_of
from odograph.run.config import HERE
from odograph.run.measure import Order
from odograph.run.memory import announce_memory
from odograph.run.pilot import measure_pilot
from odograph.run.preparing import encode, load_checked, load_options, read_texts
from odograph.run.shared_weights import SharedWeights


def with_common_outliers(orders: Sequence[Order]) -> list[Order]:
    """The orders, each with the outlier coordinates of all models that are as wide as its own.

    A model is loaded once more for it, one at a time; one that is alone in its width is not. What
    goes wrong with a model goes wrong again when it is measured, and is told then. Runs on a
    cluster stay as they are: their pilot is run there.
    """
    widths = [_width(order) for order in orders]
    together = [n for n, width in enumerate(widths) if width and widths.count(width) > 1]
    weights = SharedWeights()
    found = {n: _outliers(orders[n], weights) for n in together}
    weights.release()
    return [
        replace(order, outliers=_union([found[m] for m in found if widths[m] == widths[n]]))
        for n, order in enumerate(orders)
    ]


def _union(found: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """All coordinates once, in the order in which they come."""
    return tuple(dict.fromkeys(coordinate for each in found for coordinate in each))


def _width(order: Order) -> int:
    """As the config says; 0 where that is not known, or the run is measured elsewhere."""
    if order.config.on != HERE:
        return 0
    with suppress(OdographError):
        return outline_of(order.config.model, load_options(order.config)).width
    return 0


def _outliers(order: Order, weights: SharedWeights) -> tuple[int, ...]:
    """The outlier coordinates of a model, from its pilot; none where it cannot be run."""
    with suppress(OdographError):
        earlier = read_pilot(order.out) if order.resume else None
        return tuple((earlier or _pilot(order, weights)).coordinates.tolist())
    return ()


def _pilot(order: Order, weights: SharedWeights) -> Pilot:
    config, job = order.config, replace(order.job, progress=False)
    source = order.source(weights.load)
    reading = read_texts(source, config)
    if order.progress:
        announce_memory(config.model, load_options(config))
    loaded = load_checked(source, config, show=False)
    return measure_pilot(loaded, encode(reading, loaded, job).encoded, config)
