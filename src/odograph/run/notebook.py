"""How far a run is, in a notebook: one line, written over as tokens are done."""

import sys
from dataclasses import dataclass
from html import escape
from time import monotonic
from typing import Any

#: Seconds between two writings of the line.
_PAUSE = 0.5


def in_notebook() -> bool:
    """Whether cells of a notebook are run, by Jupyter or what speaks its protocol."""
    shell = sys.modules.get("IPython")
    found = None if shell is None else shell.get_ipython()
    return found is not None and hasattr(found, "kernel")


@dataclass
class _Task:
    description: str
    total: int
    completed: int = 0
    speed: float = 0.0


class NotebookBar:
    """What `Progress` asks of a bar, as text that a notebook shows in one place.

    Args:
        unit: of what is counted.
    """

    def __init__(self, unit: str = "tokens") -> None:
        self._unit = unit
        self.tasks: list[_Task] = []
        self._handle: Any = None
        self._started = self._written = monotonic()

    def add_task(self, description: str, *, total: int, rate: str) -> int:
        """Begins a line; its number."""
        self.tasks.append(_Task(description, total, speed=0.0 if not rate else float(rate)))
        return len(self.tasks) - 1

    def advance(self, task: int, done: int) -> None:
        """So many more are done."""
        seen = self.tasks[task]
        seen.completed += done
        seen.speed = seen.completed / max(monotonic() - self._started, 1e-6)

    def update(self, task: int, *, rate: str) -> None:
        """Writes the line again, not too often."""
        if monotonic() - self._written >= _PAUSE:
            self._written = monotonic()
            self._show(self.tasks[task], rate)

    def start(self) -> None:
        """Shows the line for the first time."""
        self._show(self.tasks[0], "")

    def stop(self) -> None:
        """Says at last how many were done in what time."""
        self._show(self.tasks[0], f"{monotonic() - self._started:.1f} s")

    def _show(self, task: _Task, rate: str) -> None:
        from IPython.display import HTML, display

        done = f"{task.completed:,} of {task.total:,} {self._unit}"
        line = HTML(f"<small>{escape(f'{task.description}: {done} {rate}'.strip())}</small>")
        if self._handle is None:
            self._handle = display(line, display_id=True)
        else:
            self._handle.update(line)
