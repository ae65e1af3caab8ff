"""`odograph.measure`: from texts and a model to a run; `odograph.plan`: what that would cost."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, cast

from odograph.api.run import Run
from odograph.run import measure as measuring
from odograph.run.frames_given import Frame, listed
from odograph.run.inputs import Texts
from odograph.run.typed_options import RunOptions
from odograph.studies import find
from odograph.studies.demo import united

if TYPE_CHECKING:
    from torch import nn

    from odograph.run.dry_run import Forecast


class MeasureOptions(RunOptions, total=False):
    """What the command line has, and what only Python has."""

    tokenizer: Any
    """The fast tokenizer of a model given as an object; not needed for token ids."""

    progress: bool | None
    """Whether to show how far it is, and what is left out; None: in notebooks only."""


def measure(
    model: "str | Path | nn.Module",
    texts: "Sequence[Texts] | Frame",
    *,
    out: str | Path,
    for_study: str | Sequence[str] = (),
    resume: bool = False,
    overwrite: bool = False,
    **options: Unpack[MeasureOptions],
) -> Run:
    """Measures texts with a model, writes the run folder `out` and opens it.

    Args:
        model: hub id (also ID@REVISION), folder, `bundled`, a transformers model, or a network of
            any class that keeps its blocks in a ModuleList.
        texts: each a text (str), a file (Path), a `Passage`, a row (a dict with a key `text`), or a
            sequence of token ids; or a frame of pandas, polars or pyarrow. Columns are named as
            for files (`text_column`, `document_column`, `keep_columns`, `target_columns`, ...).
        out: the run folder to make.
        for_study: a study, or several, that the run is to serve: what `odograph study` would
            measure for it (twins, measures, ...) is measured unless `options` say otherwise.
        resume: do what is missing of an interrupted run of the same config.
        overwrite: replace what is there.
        **options: what the command line has, e.g. `targets=["her"]`, `convention="hf"`; besides
            `tokenizer`, of a model given as an object, and `progress`.

    Raises:
        UsageError, TextError, ModelError, RunError: see their messages.
    """
    given = listed(texts)
    taken = cast("MeasureOptions", _needed(for_study, {**options, "texts": given}))
    return Run.of(
        measuring.measure(model, given, out=out, resume=resume, overwrite=overwrite, **taken)
    )


def plan(
    model: "str | Path | nn.Module",
    texts: "Sequence[Texts] | Frame",
    *,
    for_study: str | Sequence[str] = (),
    tokenizer: Any = None,
    **options: Unpack[RunOptions],
) -> "Forecast":
    """What `measure` would read, find and cost; nothing is measured, no weight is read.

    Printed, or shown in a notebook, it is what `--dry-run` tells: passages, documents, copies and
    tokens, how often each target was found, how many passages each condition has, about what will
    be read and kept. Its `tokens`, `documents` and `targets()` are numbers.

    Args:
        model: as for `measure`.
        texts: as for `measure`.
        for_study: as for `measure`.
        tokenizer: of a model given as an object.
        **options: as for `measure`.

    Raises:
        UsageError, TextError, ModelError: what measuring would refuse, as far as that is known.
    """
    from odograph.run.dry_run import forecast_given

    given = listed(texts)
    return forecast_given(model, given, tokenizer, _needed(for_study, {**options, "texts": given}))


def _needed(for_study: str | Sequence[str], options: dict[str, Any]) -> dict[str, Any]:
    """The options with what the studies need besides; without the texts."""
    names = [for_study] if isinstance(for_study, str) else for_study
    needed = united([find(name).needs for name in names], options)
    needed.pop("texts", None)
    return needed
