"""Whether two runs have the same tokens, so that one can be taken from the other number by number.

Where their tokenizers differ there is no such difference: `alignment` compares them by characters.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from odograph.errors import StudyError
from odograph.folder.halves import measured_with_split
from odograph.folder.run import Run
from odograph.folder.selection import numbers

_REMEDY = "Measure both again on the same texts and with the same options, but for the model."


def require_same_tokens(base: Run, run: Run) -> None:
    """Nothing, if every token of one run is the same token in the other, in as many layers.

    Raises:
        StudyError: it is not, or that cannot be known; names the first thing that differs.
    """
    own, other = _facts(base), _facts(run)
    for what, value in own.items():
        if other[what] != value:
            raise _different(what, str(value), str(other[what]))
    tokens = [_tokens(one) for one in (base, run)]
    if any(np.isnan(each["token_id"]).any() for each in tokens):
        raise StudyError(
            "nothing can be taken away token by token",
            expected="runs that keep what their tokens are",
            given="a run measured with --no-texts",
            remedy=_REMEDY,
        )
    _refuse_other_tokens(run, *tokens)


def _facts(run: Run) -> dict[str, object]:
    """What must be equal before any token is looked at."""
    manifest = run.manifest
    return {
        "kind of folder": manifest["kind"],
        "number of blocks": run.blocks,
        "convention": manifest["convention"],
        "--keep-first": manifest["config"]["keep_first"],
        "--split and its --seed": run.seed if measured_with_split(manifest) else None,
    }


def _tokens(run: Run) -> dict[str, Any]:
    """Place, id and characters of every token, by passage and position."""
    found = numbers(
        run.sql(
            'select passage, position, token_id, start, "end" from tokens'
            " order by passage, position"
        )
    )
    return {name: values.astype(np.float64) for name, values in found.items()}


def _refuse_other_tokens(run: Run, own: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    counts = [len(tokens["passage"]) for tokens in (own, other)]
    shared = min(counts)
    differ = np.any([own[name][:shared] != other[name][:shared] for name in own], axis=0)
    if not differ.any() and counts[0] == counts[1]:
        return
    where = "after the last token that both have"
    if differ.any():
        place = int(np.argmax(differ))
        passage, position = int(other["passage"][place]), int(other["position"][place])
        (name,) = run.sql(
            f"select min(passage_id) from tokens where passage = {passage}"
        ).fetchall()[0]
        where = f"first at token {position} of passage '{name}'"
    raise _different("tokens", f"{counts[0]} tokens, all equal", f"{counts[1]} tokens; {where}")


def _different(what: str, expected: str, given: str) -> StudyError:
    return StudyError(
        f"nothing can be taken away token by token: the runs differ in {what}",
        expected=expected,
        given=given,
        remedy=_REMEDY,
    )
