"""Which targets have a usable token before them, a row an occurrence, and why others have none."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from odograph.folder.run import Run
from odograph.folder.selection import columns_of, numbers, usable
from odograph.folder.targets import has_targets, target_names

#: The SQL condition for an occurrence whose target and token before it are of as many pieces.
LIKE_PIECES = "count(distinct coalesce(pieces, 1)) = 1"

#: Why a pair is not used; the first that holds.
AT_START = "the target is at position 0"
AFTER_START = "the token before it is at position 0"
NONE_BEFORE = "the token before it is another target, covers two words or was put in front"
SINK = "the target is a sink"
SINK_BEFORE = "the token before it is a sink"
#: More marked words than that are not named one by one.
_MOST_NAMED = 3


def target_pairs(run: Run) -> dict[str, Any]:
    """A row for each occurrence of a target: columns by name, in the order of the text.

    `passage`, `document`, `position` (of the token that is read, of several the last),
    `control_position` and `control_token` (missing where there is none), the `pieces` and
    `control_pieces` of their words, whether the pair is `used`, and the `reason` why not.
    """
    found = numbers(
        run.chosen.sql(f"""
        with target as (
            select passage, document, occurrence, max(position) as position,
                   any_value(coalesce(pieces, 1)) as pieces, bool_and({usable(run)}) as usable
            from tokens where role = 'target' group by all),
        control as (
            select passage, occurrence, position as control_position, token as control_token,
                   coalesce(pieces, 1) as control_pieces, {usable(run)} as control_usable
            from tokens where role = 'non-target')
        select passage, document, position, control_position, control_token, pieces,
               control_pieces, usable and coalesce(control_usable, false) as used,
               case when usable and coalesce(control_usable, false) then ''
                    when position = 0 then '{AT_START}'
                    when not usable then '{SINK}'
                    when control_position is null and position = 1 then '{AFTER_START}'
                    when control_position is null then '{NONE_BEFORE}'
                    when control_position = 0 then '{AFTER_START}'
                    else '{SINK_BEFORE}' end as reason
        from target left join control using (passage, occurrence)
        order by passage, position""")
    )
    there = np.isfinite(np.asarray(found["control_position"], dtype=np.float64))
    for name in ("control_position", "control_pieces"):
        numbered = np.where(there, found[name], 0).astype(np.int64)
        found[name] = np.ma.MaskedArray(numbered, mask=~there)
    tokens = zip(found["control_token"].tolist(), there.tolist(), strict=True)
    return found | {"control_token": [str(token) if known else None for token, known in tokens]}


View = Mapping[str, Any]


def first_tokens(run: Run) -> View:
    """A target and the token that it is held against, where targets were marked.

    That is the word before it; with several groups of targets, the first target of the next group.
    """
    if not has_targets(run) or "role" not in columns_of(run, "tokens"):
        return {}
    rows = run.sql(f"""
        select passage, position, role, "group" from tokens
        where role in ('target', 'non-target') and {usable(run)} order by passage, position
        """).fetchall()
    first = next((row for row in rows if row[2] == "target"), None)
    if first is None:
        return {}
    others = [row for row in rows if row[2] == "target" and row[3] != first[3]]
    before = [row for row in rows if row[2] == "non-target" and row[0] == first[0]]
    beside = next(iter(others or before), None)
    view = {"passage": int(first[0]), "a": _place(first)}
    return view if beside is None else view | {"b": _place(beside)}


def _place(row: tuple[Any, ...]) -> str:
    return f"{row[0]}.{row[1]}"


def target_words(run: Run) -> str:
    """The targets as they stand in a sentence: `'her'`, `'her' or 'him'`, `a marked word`."""
    names = target_names(run)
    if len(names) > _MOST_NAMED and not run.manifest["config"]["targets"]:
        return "a marked word"
    return " or ".join(f"'{target}'" for target in names)


def unlike_pieces(run: Run) -> tuple[int, int]:
    """How many used pairs are of words of unlike numbers of pieces, and of how many."""
    found = target_pairs(run)
    used = found["used"]
    unlike = used & (np.ma.filled(found["control_pieces"], 0) != found["pieces"])
    return int(unlike.sum()), int(used.sum())
