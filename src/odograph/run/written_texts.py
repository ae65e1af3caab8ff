"""Texts that templates give, with values from a table."""

from dataclasses import replace

from odograph.corpus.readers import Reading, read_sources
from odograph.corpus.rows import Columns
from odograph.corpus.templates import ITEM, expand, read_template
from odograph.errors import UsageError
from odograph.run.columns import kept_columns
from odograph.run.config import RunConfig


def joined(first: Reading, second: Reading) -> Reading:
    """Both readings in one; passages are not copied where the other has none."""
    passages = first.passages or second.passages
    if first.passages and second.passages:
        passages = (*first.passages, *second.passages)
    return replace(
        first,
        passages=passages,
        skipped=(*first.skipped, *second.skipped),
        notes=(*first.notes, *second.notes),
    )


def from_templates(config: RunConfig) -> Reading:
    """The passages that the templates give; none without any.

    Raises:
        UsageError: values without a template that needs them, or the other way round.
        TextError: values that cannot be read.
    """
    slots = dict.fromkeys(name for text in config.template for name in read_template(text).columns)
    if bool(slots) != (config.values is not None):
        raise UsageError(
            "templates and their values",
            expected="--values FILE exactly where a slot of --template is a column of it",
            given=f"slots {', '.join(slots) or 'with words of their own only'}; "
            f"--values {config.values or 'not given'}",
        )
    if config.values is None:
        return Reading(tuple(expand(config.template, (), config.contrast)))
    first, *others = slots
    written = {slot.name for text in config.template for slot in read_template(text).choices}
    kept = [n for n in kept_columns(config) if n not in (first, ITEM, *written)]
    columns = Columns(first, kept=(*others, *kept), header=not config.no_header)
    read = read_sources([config.values], columns, strict=config.strict)
    rows = [{first: p.text.strip(), **dict(p.columns)} for p in read.passages]
    return replace(read, passages=tuple(expand(config.template, rows, config.contrast)))
