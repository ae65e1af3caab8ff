"""What is read of tables beside the text, as the options of a run say."""

from odograph.corpus.places import Places, check_marks, place_columns
from odograph.corpus.rows import Columns
from odograph.corpus.tags import tag_column
from odograph.run.config import RunConfig


def columns_of(config: RunConfig) -> Columns:
    """What is read of tables, and the marks in texts of any kind.

    Raises:
        UsageError: places of words that cannot be understood, or two ways to give them.
    """
    return Columns(
        config.text_column,
        tag_column(config.tags),
        config.document_column,
        not config.no_header,
        Places(
            place_columns(config.target_columns, "target_columns"),
            place_columns(config.companion_columns, "companion_columns"),
            check_marks(config.marks),
            config.targets,
            config.ignore_case,
        ),
        kept_columns(config),
    )


def kept_columns(config: RunConfig) -> tuple[str, ...]:
    """The columns that go with the passages: those that are asked for, and those of the design."""
    asked = (*config.keep_columns, config.contrast, config.pair)
    return tuple(dict.fromkeys(name for name in asked if name is not None))
