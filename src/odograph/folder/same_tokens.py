"""Whether two runs have the same tokens, so that one can be taken from the other number by number.

Where their tokenizers differ there is no such difference: `alignment` compares them by characters.
"""

from typing import Any

import numpy as np

from odograph.errors import StudyError
from odograph.folder.halves import measured_with_split
from odograph.folder.kept_rows import drawn_words
from odograph.folder.run import Run
from odograph.folder.selection import numbers
from odograph.folder.token_sets import PLAIN_TOKENS

#: What of a token must be equal: its place, its id and its characters.
_TOKEN = ("position", "token_id", "start", '"end"')
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
    passages = [_passages(one) for one in (base, run)]
    if any(each["unknown"].any() for each in passages):
        raise StudyError(
            "nothing can be taken away token by token",
            expected="runs that keep what their tokens are",
            given="a run measured with --no-texts",
            remedy=_REMEDY,
        )
    _refuse_other_passages((base, run), passages)


def _facts(run: Run) -> dict[str, object]:
    """What must be equal before any token is looked at."""
    manifest = run.manifest
    return {
        "kind of folder": manifest["kind"],
        "number of blocks": run.blocks,
        "convention": manifest["convention"],
        "--keep-first": manifest["config"]["keep_first"],
        "rows kept": drawn_words(manifest) or "all",
        "--split and its --seed": run.seed if measured_with_split(manifest) else None,
    }


def _passages(run: Run) -> dict[str, Any]:
    """Of every passage: its number of tokens, how many are not known, and a hash of all of them."""
    return numbers(
        run.sql(
            f"""select passage, count(*) as tokens, count(*) - count(token_id) as unknown,
                   bit_xor(hash({", ".join(_TOKEN)})) as digest
            from {PLAIN_TOKENS} group by passage order by passage"""
        )
    )


def _refuse_other_passages(runs: tuple[Run, Run], passages: list[dict[str, Any]]) -> None:
    own, other = passages
    shared = min(len(own["passage"]), len(other["passage"]))
    differ = np.any([own[name][:shared] != other[name][:shared] for name in own], axis=0)
    counts = [int(each["tokens"].sum()) for each in passages]
    if not differ.any() and counts[0] == counts[1]:
        return
    where = "after the last token that both have"
    if differ.any():
        place = int(np.argmax(differ))
        where = _first_other(runs, int(min(own["passage"][place], other["passage"][place])))
    raise _different("tokens", f"{counts[0]} tokens, all equal", f"{counts[1]} tokens; {where}")


def _first_other(runs: tuple[Run, Run], passage: int) -> str:
    """Where in a passage the first token stands that is not the same in both."""
    query = f"select {', '.join(_TOKEN)} from tokens where passage = {passage} order by position"
    own, other = (run.sql(query).fetchall() for run in runs)
    equal = (one == two for one, two in zip(own, other, strict=False))
    position = next((k for k, same in enumerate(equal) if not same), min(len(own), len(other)))
    named = f"select min(passage_id) from tokens where passage = {passage}"
    names = (run.sql(named).fetchall()[0][0] for run in runs)
    return f"first at token {position} of passage '{next(name for name in names if name)}'"


def _different(what: str, expected: str, given: str) -> StudyError:
    return StudyError(
        f"nothing can be taken away token by token: the runs differ in {what}",
        expected=expected,
        given=given,
        remedy=_REMEDY,
    )
