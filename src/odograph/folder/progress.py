"""How far the ranks of a run are, from the plan and the receipts alone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from odograph.errors import RunError
from odograph.folder.encoding import encoding_progress
from odograph.folder.plan import PLAN, RunPlan, found_plan
from odograph.folder.receipts import MOST_ATTEMPTS, attempts_begun, receipts_of
from odograph.sentences.english import duration

_NAMED = 8


def progress_of(folder: Path) -> dict[str, Any]:
    """How far a run is that ranks measure.

    Returns:
        `shards` and `tokens` as [done, all]; `ranks`: rank, host, device, shards, tokens and the
        time of the last receipt; `tokens_per_s` from the plan to now (to the last receipt once all
        is done); `seconds_left`, None before the first receipt; `begun` and `set_aside`: shards
        without a receipt that somebody has begun, and that ended three processes. Before there is
        a plan `encoding` alone: `ranges` of texts that are tokens as [done, all], and `tokens`.

    Raises:
        RunError: no rank has begun there.
    """
    plan = found_plan(folder)
    if plan is None and (encoded := encoding_progress(folder)) is not None:
        ranges, every, tokens = encoded
        return {"encoding": {"ranges": [ranges, every], "tokens": tokens}}
    if plan is None:
        raise RunError(
            f"'{folder}' has no {PLAN}",
            expected="a folder in which `odograph measure --rank` has begun",
        )
    found = {receipt["index"]: receipt for _, receipt in receipts_of(folder, plan.short)}
    receipts, done = list(found.values()), found.keys()
    begun = {i: its for i, its in attempts_begun(folder, plan.short).items() if i not in done}
    aside = [index for index, its in begun.items() if len(its) >= MOST_ATTEMPTS]
    tokens = sum(receipt["tokens"] for receipt in receipts)
    every = sum(shard.tokens for shard in plan.shards)
    rate = tokens / _seconds(plan, receipts, whole=tokens == every) if tokens else None
    return {
        "shards": [len(receipts), len(plan.shards)],
        "tokens": [tokens, every],
        "tokens_per_s": None if rate is None else round(rate, 1),
        "seconds_left": None if rate is None else round((every - tokens) / rate),
        "ranks": _by_rank(receipts),
        "begun": [index for index in begun if index not in aside],
        "set_aside": aside,
    }


def progress_text(found: Mapping[str, Any]) -> str:
    """The same for people, a line for each rank."""
    if encoded := found.get("encoding"):
        done, every = encoded["ranges"]
        return (
            f"the texts become tokens: {done:,} of {every:,} ranges, {encoded['tokens']:,} tokens"
            + "; nothing is measured yet"
        )
    (shards, of_shards), (tokens, of_tokens) = found["shards"], found["tokens"]
    lines = [f"{shards:,} of {of_shards:,} shards, {tokens:,} of {of_tokens:,} tokens"]
    if found["tokens_per_s"] is not None:
        left = "" if shards == of_shards else f", about {duration(found['seconds_left'])} left"
        lines[0] += f", {found['tokens_per_s']:,.0f} tokens/s{left}"
    lines += [
        f"rank {r['rank']} on {r['host']} ({r['device']}): {r['shards']:,} shards, "
        f"{r['tokens']:,} tokens, last {r['last']}"
        for r in found["ranks"]
    ]
    if found["begun"]:
        lines.append(f"begun: {_listed(found['begun'])}")
    if found["set_aside"]:
        lines.append(
            f"set aside, each ended {MOST_ATTEMPTS} processes: {_listed(found['set_aside'])}"
        )
    if shards == of_shards:
        lines.append("all is measured: close the run with `odograph merge`")
    return "\n".join(lines)


def _seconds(plan: RunPlan, receipts: Sequence[Mapping[str, Any]], *, whole: bool) -> float:
    """Since the plan was written, to the last receipt of a run that is whole, else to now."""
    started = datetime.fromisoformat(plan.manifest["time"]["started"])
    last = max(datetime.fromisoformat(receipt["by"]["time"]) for receipt in receipts)
    end = last if whole else datetime.now(UTC)
    return max(0.001, (end - started).total_seconds())


def _by_rank(receipts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    ranks: dict[tuple[int, str], dict[str, Any]] = {}
    for receipt in receipts:
        by = receipt["by"]
        empty = {"rank": by["rank"], "host": by["host"], "device": by["device"]}
        one = ranks.setdefault(
            (by["rank"], by["host"]), {**empty, "shards": 0, "tokens": 0, "last": ""}
        )
        one["shards"] += 1
        one["tokens"] += receipt["tokens"]
        one["last"] = max(one["last"], by["time"])
    return [ranks[key] for key in sorted(ranks)]


def _listed(shards: Sequence[int]) -> str:
    more = f" and {len(shards) - _NAMED} more" if len(shards) > _NAMED else ""
    return "shard " + ", ".join(map(str, shards[:_NAMED])) + more
