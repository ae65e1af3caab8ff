"""A run in a notebook: the page with few tokens and no figures, in a frame that reaches nothing."""

from dataclasses import dataclass
from html import escape

from odograph.errors import UsageError
from odograph.folder.run import Run
from odograph.report.write import report_page

#: Bytes of text that curves and tokens may take: about 2,000 tokens of a small model.
ROOM = 600_000
STATES = ("measure", "block", "layer", "passage", "a", "b", "minus", "against", "tab")


@dataclass(frozen=True)
class View:
    """A page as a notebook shows it; as a value, its HTML."""

    html: str
    height: int = 900

    def _repr_html_(self) -> str:
        """A frame with scripts of its own, without the notebook's origin, which it cannot reach."""
        return (
            f'<iframe sandbox="allow-scripts" srcdoc="{escape(self.html, quote=True)}" '
            f'width="100%" height="{self.height}" style="border:0" title="odograph"></iframe>'
        )


def view(run: Run, **state: object) -> View:
    """The page about a run for a notebook, opened where `state` says.

    Args:
        run: an opened run or comparison.
        **state: `measure`, `block` (or `layer`), `passage`, `a` and `b` ("passage.position"),
            `minus` the untrained twins, `against`: what stands on the vertical axis,
            `tab`: "axes" for the path in common axes.

    Raises:
        UsageError: another name.
    """
    for name in state:
        if name not in STATES:
            raise UsageError("a view", expected=", ".join(STATES), given=f"'{name}'")
    return View(report_page([run], "odograph.view(run)", "", room=ROOM, view=state))
