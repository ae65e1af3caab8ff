"""Which tokens a number is the mean of, as SQL conditions over `tokens`; each has a name.

Sums are kept of these sets, in every shard while it is written; what is asked of others is answered
from rows.
"""

#: The view of tokens without the columns that follow from other rows.
PLAIN_TOKENS = "plain_tokens"
_OF_OTHER_ROWS = ("word_text", "commitment_depth", "straightness")

ALL, AFTER, BETWEEN, OTHER_PAIRS = "all", "after", "between", "other pairs"
#: Distances to the left at which neighbours are compared, the next one first.
_LAGS = (1, 2, 4, 8)
TARGETS = "role = 'target'"
_ROLES = (TARGETS, "role = 'non-target'", "role in ('target', 'non-target')")


def usable_where(table: str = "", *, keep_first: bool) -> str:
    """The condition for tokens that statistics may use: no sink, position 0 only if kept."""
    dot = f"{table}." if table else ""
    if keep_first:
        return f"({dot}position = 0 or not {dot}sink)"
    return f"({dot}position > 0 and not {dot}sink)"


def tokens_with(*used: str) -> str:
    """The view of tokens that has the columns named in some SQL: the plain one where it is enough.

    DuckDB works out the columns of `tokens` that follow from other rows for nearly every query,
    whether it asks for them or not: the words again, and sums over all layers.
    """
    return "tokens" if any(name in sql for name in _OF_OTHER_ROWS for sql in used) else PLAIN_TOKENS


def beside_where(lag: int, *, keep_first: bool) -> str:
    """The condition that the token so many places before (after, if negative) is usable."""
    usable = usable_where(keep_first=keep_first)
    return (
        f"(passage, position - ({lag})) in "
        f"(select (passage, position) from {PLAIN_TOKENS} where {usable})"
    )


def other_pairs_where(*, keep_first: bool) -> str:
    """The condition for the second token of two neighbours of which neither is a target."""
    return (
        f"role <> 'target' and {beside_where(1, keep_first=keep_first)} and (passage, position - 1)"
        f" not in (select (passage, position) from {PLAIN_TOKENS} where role = 'target')"
    )


def token_sets(*, keep_first: bool) -> dict[str, str]:
    """The sets that sums are kept of, by name; usable tokens all of them."""
    before, behind = (beside_where(lag, keep_first=keep_first) for lag in (1, -1))
    lags = {after(lag): beside_where(lag, keep_first=keep_first) for lag in _LAGS}
    others = {
        BETWEEN: f"{before} and {behind}",
        OTHER_PAIRS: other_pairs_where(keep_first=keep_first),
    }
    return {ALL: "true", **lags, **others}


def after(lag: int) -> str:
    """The name of the tokens that have a usable one so many places before them."""
    return AFTER if lag == 1 else f"{AFTER} {lag}"


def set_named(where: str, *, keep_first: bool) -> str | None:
    """The name of the set that a condition chooses; None for one that no sums are kept of."""
    sets = {plain(sql): name for name, sql in token_sets(keep_first=keep_first).items()}
    return sets.get(plain(where))


def plain(sql: str) -> str:
    """SQL with one space where it has any white space, and without what restricts nothing."""
    return " ".join(sql.split()).removesuffix(" and true")


def is_of_targets(where: str) -> bool:
    """Whether a condition chooses targets and the tokens before them alone: it begins so."""
    return plain(where).startswith(_ROLES)
