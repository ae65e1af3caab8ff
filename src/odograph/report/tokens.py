"""The tokens of a run as a page holds them: texts, places, and measures packed."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run
from odograph.folder.selection import Floats, numbers, places_in, usable
from odograph.folder.targets import has_targets
from odograph.measures import DEGREES, MEASURES, MODEL_UNITS, PRIMITIVES, TOKEN
from odograph.report.packing import packed_integers, packed_numbers
from odograph.report.profiles import layer_measures
from odograph.report.sample import chosen_passages
from odograph.report.texts import ShownText, shown_texts

#: What a token and state take in a page, in bytes, for each measure that is packed; rounded up.
BYTES_PER_NUMBER = 2.1
BYTES_PER_TOKEN = 12
#: Follow in the page from `norm` and `rotation`.
_FOLLOWING = ("step", "relative_step", "growth", "path", "turned", "influence", "heading")
#: In nats, ranks, and shares of a path: no reader sees more.
_ONCE_ERROR = 5e-4
#: How much farther off the twins' numbers may be: their seeds lie much wider apart.
_TWIN = 8
#: Smaller than any step of a difference.
_FINEST = 1e-12
_ROLES = ("other", "non-target", "target")


def token_data(run: Run, room: int, named: Collection[int] = ()) -> dict[str, Any]:
    """Passages with their tokens and all measures at every state, in about `room` bytes.

    What `step`, `relative_step` and the like are follows from `norm` and `rotation`. Numbers of
    the untrained twins are means over the seeds. Arrays of states are [L+1, tokens], flat.

    Args:
        run: a finished run.
        room: bytes of text that the data may take; a passage is whole or not there, but for a
            single one that is longer than all the room.
        named: passages that come first.
    """
    counts = passage_tokens(run)
    a_token = BYTES_PER_TOKEN + BYTES_PER_NUMBER * (run.blocks + 1) * (
        len(_packed_measures(run)) * (1 + bool(run.untrained))
    )
    fit = max(1, int(room / a_token))
    chosen = chosen_passages(counts, fit, first=named, seed=run.seed)
    rows = _Rows(None if sum(counts.values()) <= fit else chosen, fit)
    return _data(run, rows, counts)


def tokens_of_passages(run: Run, passages: Sequence[int], counts: dict[int, int]) -> dict[str, Any]:
    """The same of these passages, whole, with the numbers of those before and after them.

    Args:
        run: a finished run.
        passages: which follow each other in the run.
        counts: how many tokens each passage of the run has that has rows; of a run that keeps sums
            only passages drawn by hash have.
    """
    ordered = list(counts)
    first, last = ordered.index(passages[0]), ordered.index(passages[-1])
    return {
        **_data(run, _Rows(passages, _NO_END), counts),
        "before": ordered[first - 1] if first else None,
        "after": ordered[last + 1] if last + 1 < len(ordered) else None,
    }


def passages_from(counts: dict[int, int], passage: int, tokens: int = 2000) -> list[int]:
    """The passage and those after it, of about so many tokens; the first where it is not there.

    Args:
        counts: how many tokens each passage of the run has.
        passage: the number of one.
        tokens: how many are wanted.
    """
    first = passage if passage in counts else next(iter(counts))
    found: list[int] = []
    left = tokens
    for number, count in counts.items():
        if number == first or (found and count <= left):
            found.append(number)
            left -= count
        elif found:
            break
    return found


def _data(run: Run, rows: "_Rows", counts: dict[int, int]) -> dict[str, Any]:
    corpus, measures = run.manifest["corpus"], _packed_measures(run)
    tokens = numbers(
        run.sql(
            f"select *, {usable(run)} as usable from tokens {rows.where()}"
            " order by passage, position"
        )
    )
    there = len(tokens["passage"])
    pack = _packed_states if run.minus is None else _packed_differences
    texts = shown_texts(run, tokens)
    # Pairs of seeds are each other's opposites: their mean over a token says nothing.
    beside = run.untrained if run.minus is None else ()
    twins = [_twin_states(twin, measures, rows, tokens) for twin in beside]
    return {
        "tokens": there,
        "of_tokens": corpus["tokens"] if run.keeps_sums else sum(counts.values()),
        "of_passages": corpus["passages"] if run.keeps_sums else len(counts),
        "passages_with_rows": len(counts),
        "whole_texts": all(text.whole for text in texts),
        "passages": _passages(tokens, texts),
        "columns": _columns(tokens, texts),
        "labels": _labels(run, tokens),
        "states": pack(_states(run, measures, rows, there)),
        "twin": pack(_mean(twins), _TWIN),
        "twins": len(twins),
        "once": _once(tokens),
    }


_NO_END = 2**31 - 1


class _Rows:
    """Which rows of `tokens` and `layers` a page holds, as SQL."""

    def __init__(self, passages: Sequence[int] | None, longest: int) -> None:
        self.passages = passages
        self.longest = longest

    def where(self) -> str:
        """The condition; nothing where all are held."""
        if self.passages is None:
            return ""
        listed = ", ".join(map(str, self.passages))
        # The range goes through the joins behind `tokens`, so that only its part is read.
        span = f"passage between {min(self.passages)} and {max(self.passages)}"
        return f"where {span} and passage in ({listed}) and position < {self.longest}"


def passage_tokens(run: Run) -> dict[int, int]:
    """How many tokens each passage has."""
    found = run.sql("select passage, count(*) from tokens group by passage order by passage")
    return {int(passage): int(count) for passage, count in found.fetchall()}


def _packed_measures(run: Run) -> tuple[str, ...]:
    """All that does not follow in the page; of differences nothing follows from another one."""
    follows = _FOLLOWING if run.minus is None else ()
    return tuple(name for name in layer_measures(run) if name not in follows)


def _states(run: Run, names: Sequence[str], rows: _Rows, tokens: int) -> dict[str, Floats]:
    """Each measure, [L+1, tokens], NaN where there is none."""
    columns = set(layer_measures(run))
    there = [name for name in names if name in columns]
    found = numbers(
        run.sql(
            f"select {', '.join(there)} from layers {rows.where()}"
            " order by layer, passage, position"
        )
    )
    return {
        name: values.astype(np.float64).reshape(run.blocks + 1, -1)
        for name, values in found.items()
        if values.size == (run.blocks + 1) * tokens
    }


def _twin_states(
    twin: Run, names: Sequence[str], rows: _Rows, tokens: dict[str, NDArray[Any]]
) -> dict[str, Floats]:
    """The same of a twin at the tokens of its model; NaN where the twin has not read them."""
    place = f"select passage, position from tokens {rows.where()} order by passage, position"
    own = numbers(twin.sql(place))
    at = places_in((tokens["passage"], tokens["position"]), (own["passage"], own["position"]))
    found = {}
    for name, values in _states(twin, names, rows, len(at)).items():
        found[name] = np.full((len(values), len(tokens["passage"])), np.nan)
        found[name][:, at] = values
    return found


def _mean(twins: Sequence[dict[str, Floats]]) -> dict[str, Floats]:
    """The mean over twins of the measures that all of them have."""
    if not twins:
        return {}
    return {
        name: np.mean([twin[name] for twin in twins], axis=0)
        for name in twins[0]
        if all(name in twin for twin in twins)
    }


def _packed_states(states: dict[str, Floats], coarser: float = 1) -> dict[str, Any]:
    return {
        name: packed_numbers(
            values, error=coarser * _error(name), logarithmic=MEASURES[name].unit == MODEL_UNITS
        )
        for name, values in states.items()
    }


def _packed_differences(states: dict[str, Floats], coarser: float = 1) -> dict[str, Any]:
    """Differences lie about 0, however small: each layer in all the steps that 16 bits have."""
    finest = coarser * _FINEST
    return {name: packed_numbers(values, error=finest) for name, values in states.items()}


def _error(name: str) -> float:
    """How far a number may be off in a page: .0014 degrees and 4e-5, from which others follow."""
    unit = MEASURES[name].unit
    if name in PRIMITIVES:
        return 4e-5 if unit == MODEL_UNITS else 0.0014
    return {MODEL_UNITS: 0.001, DEGREES: 0.03}.get(unit, 0.0007)


def _columns(tokens: dict[str, NDArray[Any]], texts: Sequence[ShownText]) -> dict[str, Any]:
    """Places and flags of the tokens, exact; `gap` is from the last end to the start."""
    before = [np.concatenate([[0], text.end[:-1]]) for text in texts]
    gap = [text.start - ends for text, ends in zip(texts, before, strict=True)]
    length = [text.end - text.start for text in texts]
    role = np.array([_ROLES.index(r) if r in _ROLES else 0 for r in tokens["role"]], np.int64)
    return {
        "position": packed_integers(tokens["position"]),
        "gap": packed_integers(_one(gap)),
        "length": packed_integers(_one(length)),
        "sink": packed_integers(tokens["sink"].astype(np.int64)),
        "usable": packed_integers(tokens["usable"].astype(np.int64)),
        "role": packed_integers(role),
    }


def _labels(run: Run, tokens: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Words beside the tokens that come again and again: `group`, and `tag` where there are."""
    wanted = [("group", has_targets(run)), ("tag", "tag" in tokens)]
    made = {}
    for name, there in wanted:
        if there:
            texts = [None if text is None or text != text else str(text) for text in tokens[name]]
            known = sorted({text for text in texts if text is not None})
            codes = np.array([-1 if t is None else known.index(t) for t in texts], np.int64)
            made[name] = {"known": known, "codes": packed_integers(codes)}
    return made


def _once(tokens: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """What there is once a token: the prediction, displacement, straightness."""
    return {
        name: packed_numbers(tokens[name].astype(np.float64), error=_ONCE_ERROR)
        for name, measure in MEASURES.items()
        if measure.axis == TOKEN and name in tokens
    }


def _passages(tokens: dict[str, NDArray[Any]], texts: Sequence[ShownText]) -> list[dict[str, Any]]:
    """Each passage: number, name, how many tokens, text, pieces that no text shows."""
    made, row = [], 0
    for text in texts:
        passage: dict[str, Any] = {
            "passage": int(tokens["passage"][row]),
            "name": str(tokens["passage_id"][row]),
            "tokens": len(text.start),
            "text": text.text,
        }
        if text.pieces:
            passage["pieces"] = text.pieces
        made.append(passage)
        row += len(text.start)
    return made


def _one(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
