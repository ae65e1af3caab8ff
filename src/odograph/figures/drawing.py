"""A picture that is still to be drawn, as a plain value: what is drawn of what, and where it goes.

A study says what its pictures are; they are drawn when they are saved, here or by a painter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ParamSpec

from odograph.figures.saving import save
from odograph.figures.style import drawn_at

if TYPE_CHECKING:
    from matplotlib.figure import Figure

P = ParamSpec("P")


@dataclass(frozen=True)
class Drawing:
    """A `draw_*` function and what it will be given; it can be sent to another process."""

    draw: "Callable[..., Figure]"
    given: tuple[Any, ...]
    named: Mapping[str, Any]

    def figure(
        self, width: float | None = None, style: Mapping[str, Any] = MappingProxyType({})
    ) -> "Figure":
        """The figure, drawn anew each time, for a width in inches; None: its own.

        style: settings of matplotlib that go before those of odograph.

        Raises:
            UsageError: what is given does not fit together, as `draw` says.
        """
        with drawn_at(width, style):
            return self.draw(*self.given, **self.named)


def later(draw: "Callable[P, Figure]", *given: P.args, **named: P.kwargs) -> Drawing:
    """What `draw(...)` gives, not drawn yet."""
    return Drawing(draw, given, named)


@dataclass(frozen=True)
class Order:
    """A picture to be saved as STEM.svg and STEM.png.

    Attributes:
        drawing: what is drawn.
        stem: folder and name without an ending.
        card: in the files, and with `show_card` under the picture as well.
        show_card: whether it is drawn.
        width: in inches; None: the picture's own.
    """

    drawing: Drawing
    stem: Path
    card: Mapping[str, str]
    show_card: bool = False
    width: float | None = None

    def carry_out(self) -> None:
        """Draws the picture and writes its files, each whole or not at all."""
        figure = self.drawing.figure(self.width)
        save(figure, self.stem, self.card, show_card=self.show_card, width=self.width)
