"""Which targets have a usable token before them, a row an occurrence, and why others have none."""

from typing import Any

import numpy as np

from odograph.folder.run import Run
from odograph.folder.selection import numbers, usable

#: The SQL condition for an occurrence whose target and token before it are of as many pieces.
LIKE_PIECES = "count(distinct coalesce(pieces, 1)) = 1"

#: Why a pair is not used; the first that holds.
AT_START = "the target is at position 0"
AFTER_START = "the token before it is at position 0"
NONE_BEFORE = "the token before it is another target, covers two words or was put in front"
SINK = "the target is a sink"
SINK_BEFORE = "the token before it is a sink"


def target_pairs(run: Run) -> dict[str, Any]:
    """A row for each occurrence of a target: columns by name, in the order of the text.

    `passage`, `document`, `position` (of the token that is read, of several the last),
    `control_position` and `control_token` (missing where there is none), the `pieces` and
    `control_pieces` of their words, whether the pair is `used`, and the `reason` why not.
    """
    found = numbers(
        run.sql(f"""
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
