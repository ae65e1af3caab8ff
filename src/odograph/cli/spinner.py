"""A sign of life on stderr while something without a progress bar of its own goes on."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from odograph.terminal import visible


@contextmanager
def waiting(what: str, *, show: bool) -> Iterator[None]:
    """Shows what is going on as long as it does; on a terminal only."""
    if not (show and sys.stderr.isatty()):
        yield
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(visible(what))):
        yield


@contextmanager
def studying(names: Sequence[str], *, show: bool) -> Iterator[Callable[[str], None] | None]:
    """A bar over the questions of studies, with the study at work and the time left.

    Gives what is to be called for each question that is answered; None where there is no terminal.
    """
    if not (show and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} questions"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(visible(names[0] if names else ""), total=_questions(names))
        yield lambda study: bar.update(task, advance=1, description=visible(study))


def _questions(names: Sequence[str]) -> int:
    """How many questions studies ask; a study that cannot be loaded asks none."""
    from odograph.errors import StudyError
    from odograph.studies import find

    count = 0
    for name in names:
        with suppress(StudyError):
            count += len(find(name).sections)
    return count
