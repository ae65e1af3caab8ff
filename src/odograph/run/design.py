"""The design of a run: which columns go with its passages, their conditions, and their items."""

from dataclasses import replace

from odograph.corpus.items import in_items, levels_of, mark_differences, with_like_columns
from odograph.corpus.look_alikes import quoted
from odograph.corpus.readers import Reading
from odograph.errors import UsageError
from odograph.folder.columns import PASSAGE_COLUMNS
from odograph.run.config import RunConfig

#: More conditions than that are compared by nobody.
MOST_LEVELS = 6


def designed(reading: Reading, config: RunConfig) -> Reading:
    """The passages as the design asks for: like columns, items as documents, their differences.

    Raises:
        UsageError: a column that is not there or cannot be kept, too few or too many conditions.
    """
    passages = with_like_columns(reading.passages)
    there = [name for name, _ in passages[0].columns] if passages else []
    _check_names(there)
    for option in ("contrast", "pair"):
        column = getattr(config, option)
        if column is not None and column not in there:
            raise UsageError(
                f"--{option} {column}",
                expected="a column of the texts",
                given=", ".join(map(quoted, there)) or "texts without columns",
            )
    if config.contrast is not None:
        _check_levels(config.contrast, levels_of(passages, config.contrast))
    if config.pair is not None:
        passages = in_items(passages, config.pair)
        if config.finds_differences:
            passages = mark_differences(passages, config.pair)
    return replace(reading, passages=passages)


def _check_names(names: list[str]) -> None:
    """Nothing, if the table of passages has room for columns of these names."""
    taken = {name for name, _, _ in PASSAGE_COLUMNS}
    for name in names:
        if name.lower() in taken:
            raise UsageError(
                f"the column {quoted(name)} cannot be kept",
                expected=f"another name than {', '.join(sorted(taken))}",
                remedy="Rename it.",
            )
        taken.add(name.lower())


def _check_levels(column: str, levels: tuple[str, ...]) -> None:
    if not 2 <= len(levels) <= MOST_LEVELS:
        raise UsageError(
            f"--contrast {column}",
            expected=f"a column with 2 to {MOST_LEVELS} values",
            given=f"{len(levels)}: {', '.join(map(quoted, levels[:MOST_LEVELS]))}",
        )
