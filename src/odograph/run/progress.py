"""What a long run tells on stderr: what is left out or run again, a bar with rate and time left."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

from odograph.folder.model_names import short_name
from odograph.run.estimate import head_seconds, tokens_per_second
from odograph.run.notebook import NotebookBar, in_notebook
from odograph.sentences.english import duration
from odograph.terminal import tell, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from odograph.corpus.encoded import Encoding
    from odograph.corpus.readers import Reading
    from odograph.models.loading import Loaded

#: From how many tokens on, all ways together, it is announced that they are run again.
LARGE_AGAIN = 100_000
#: How many left-out passages are named one by one.
_MOST = 5


class Progress:
    """A progress bar, on a terminal or in a notebook; nothing in a file or a pipe.

    Args:
        label: what is done.
        total: how much there is to do.
        show: whether to show it.
        unit: of what.
    """

    def __init__(self, label: str, total: int, *, show: bool, unit: str = "tokens") -> None:
        self._bar: Any = None
        self._unit = unit
        if show and in_notebook():
            self._bar = NotebookBar(unit)
        elif show and sys.stderr.isatty():
            self._bar = _bar(unit)
        if self._bar is not None:
            self._task = self._bar.add_task(visible(label), total=total, rate="")

    def advance(self, done: int) -> None:
        """Says that so many more are done."""
        if self._bar is not None:
            self._bar.advance(self._task, done)
            speed = self._bar.tasks[0].speed
            self._bar.update(self._task, rate=f"{speed:,.0f} {self._unit}/s" if speed else "")

    def __enter__(self) -> "Progress":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def label_of(loaded: "Loaded") -> str:
    """What is measured, as it stands before a bar."""
    seed = loaded.identity.untrained_seed
    return short_name(loaded.identity.name) if seed is None else f"untrained twin, seed {seed}"


def _bar(unit: str) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} " + unit),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def announce_again(
    loaded: "Loaded", entered: "Sequence[int]", tokens: int, how: str, *, show: bool
) -> None:
    """Before tokens are run again in many ways, says on stderr how often, and about how long.

    Args:
        loaded: the model.
        entered: for each way the first block that is run, L + 1 for the head alone.
        tokens: of the passages that are run.
        how: what is different, as a phrase.
        show: whether to say anything; little work is not announced either.
    """
    if not show or tokens * len(entered) < LARGE_AGAIN:
        return
    blocks = len(loaded.anatomy.blocks)
    trunks = 1 + sum(blocks + 1 - block for block in entered) / blocks
    seconds = tokens * (trunks / tokens_per_second(loaded) + len(entered) * head_seconds(loaded))
    tell(
        f"{tokens:,} tokens run again {len(entered)} times through "
        f"{short_name(loaded.identity.name)} {how}: "
        f"about {duration(seconds)} on {loaded.device}"
    )


def announce_lens(loaded: "Loaded", tokens: int, *, show: bool) -> None:
    """Before the prediction of tokens is read at every depth, says on stderr about how long.

    Little work is not announced.
    """
    depths = len(loaded.anatomy.blocks) + 1
    if not show or tokens * depths < LARGE_AGAIN:
        return
    seconds = tokens * (1 / tokens_per_second(loaded) + depths * head_seconds(loaded))
    tell(
        f"the prediction of {tokens:,} tokens read at {depths} depths of {loaded.identity.name}: "
        f"about {duration(seconds)} on {loaded.device}"
    )


def announce_left_out(reading: "Reading", encoding: "Encoding") -> None:
    """Says on stderr which passages are not measured, or not whole."""
    exclusions = encoding.exclusions
    messages = [*reading.notes]
    messages += [f"{place.place}: left out, {place.reason}" for place in reading.skipped[:_MOST]]
    if len(reading.skipped) > _MOST:
        messages.append(f"{len(reading.skipped) - _MOST} more passages left out, see the manifest")
    if exclusions["passages_cut"]:
        cut = exclusions["passages_cut"]
        messages.append(
            f"{_passages(cut)} longer than the model's positions and cut there; --too-long window "
            f"reads {'it' if cut == 1 else 'them'} whole, in windows"
        )
    if exclusions["passages_windowed"]:
        messages.append(
            f"long passages were read in {exclusions['passages_windowed']} windows, each a passage "
            "of its own"
        )
    if exclusions["drawn_fewer"]:
        messages.append(
            f"the groups have {exclusions['drawn_fewer']} words fewer than asked for: each is as "
            "large as the smallest"
        )
    if exclusions["variants_met_twice"]:
        messages.append(
            f"{_passages(exclusions['variants_met_twice'])} left out: the variants are those of "
            "another passage"
        )
    for kind, name in {"copies": "a copy", "near_copies": "a near-copy"}.items():
        if exclusions[kind]:
            messages.append(
                f"{_passages(exclusions[kind])} {name} of another: one document with it"
            )
    if exclusions["passages_without_target"]:
        messages.append(f"{_passages(exclusions['passages_without_target'])} without a target")
    for message in messages:
        tell(message)


def _passages(count: int) -> str:
    """The subject and verb of a sentence: "1 passage is", "2 passages are"."""
    return f"{count} passage is" if count == 1 else f"{count} passages are"


def announce_pilot(pilot: dict[str, Any]) -> None:
    """Says on stderr which coordinates are outliers, and which reading of angles has to be missed.

    Nothing where there are none.
    """
    coordinates, missing = pilot["coordinates"], pilot["missing"]
    messages = []
    if coordinates:
        listed = ", ".join(
            f"{number} ({peak:.0%})"
            for number, peak in zip(coordinates, pilot["peaks"], strict=True)
        )
        messages.append(
            f"outlier coordinates with their share of the squared length, at most: {listed}; "
            "angles are read without them, too"
        )
    if coordinates and "centred" in missing:
        messages.append(f"no angle is read about the mean state: {missing['centred']}")
    if "trimmed" in missing:
        messages.append(f"outlier coordinates are not looked for: {missing['trimmed']}")
    for message in messages:
        tell(message)


def announce_no_prediction(loaded: "Loaded") -> None:
    """Says on stderr that a model has no next token to predict, and what goes on."""
    why = "has no output head" if loaded.anatomy.causal else "is not causal"
    tell(f"{loaded.identity.name} {why}: no logit of a next token; everything else is measured")


def announce_refused(loaded: "Loaded") -> None:
    """Says on stderr that attention and MLP cannot be told apart, and what goes on."""
    tell(
        f"attention and MLP of {loaded.identity.name} are not told apart "
        f"({loaded.checks.decomposition}); everything else is measured"
    )
