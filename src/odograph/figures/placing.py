"""What can only be placed when the size of the axes is known: done before each drawing."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def before_drawing(axes: "Axes", place: Callable[[], None]) -> None:
    """Does something whenever the axes are drawn, before all else in them."""
    from matplotlib.artist import Artist

    class Placer(Artist):
        """Draws nothing, and stands behind everything else."""

        zorder = -1

        def draw(self, _: Any) -> None:
            place()

    placer = Placer()
    placer.set_in_layout(False)
    axes.add_artist(placer)
