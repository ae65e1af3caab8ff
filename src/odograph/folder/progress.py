"""How far the ranks of a run are, from the plan and the receipts alone."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from odograph.errors import RunError
from odograph.folder.encoding import encoding_progress
from odograph.folder.manifest import found_manifest
from odograph.folder.plan import PLAN, RunPlan, found_plan
from odograph.folder.receipts import MOST_ATTEMPTS, attempts_begun, ended, first_receipts
from odograph.folder.units import UNITS, units_done
from odograph.sentences.english import duration, several

_NAMED = 8


def progress_of(folder: Path) -> dict[str, Any]:
    """How far a run is that ranks measure.

    Returns:
        `shards` and `tokens` as [done, all]; `ranks`: rank, host, device, shards, tokens, units and
        the time of the last receipt; `tokens_per_s` from the plan to now (to the last receipt once
        all shards are done); `seconds_left` of the shards, None before the first receipt; `begun`
        and `set_aside`: shards without a receipt that somebody has begun, and that ended three
        processes; `units`, of what comes after the shards: the names of those that are `done`,
        `begun`, `set_aside`, and `waiting`; `closed`: whether the run has been closed. Before there
        is a plan `encoding` alone: `ranges` of texts that are tokens as [done, all], and `tokens`.

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
    record = found_manifest(folder)
    closed = record is not None and bool(record["complete"])
    found, units = first_receipts(folder, plan.short), units_done(folder, plan)
    receipts = list(found.values())
    begun, aside = _left(folder, plan, found)
    tokens = sum(receipt["tokens"] for receipt in receipts)
    every = sum(shard.tokens for shard in plan.shards)
    rate = tokens / _seconds(plan, receipts, whole=tokens == every) if tokens else None
    return {
        "shards": [len(receipts), len(plan.shards)],
        "tokens": [tokens, every],
        "tokens_per_s": None if rate is None else round(rate, 1),
        "seconds_left": None if rate is None else round((every - tokens) / rate),
        "ranks": _by_rank(receipts, list(units.values())),
        "begun": begun,
        "set_aside": aside,
        # What closes a run moves its units to their places, and removes their receipts.
        "units": _units(folder, plan, range(len(plan.units)) if closed else units),
        "closed": closed,
    }


def set_aside(folder: Path, plan: RunPlan) -> list[str]:
    """The shards and units that have ended three processes, as they are called."""
    shards = _left(folder, plan, first_receipts(folder, plan.short))[1]
    units: list[str] = _units(folder, plan, units_done(folder, plan))["set_aside"]
    return [*(f"shard {index}" for index in shards), *units]


def _left(folder: Path, plan: RunPlan, done: Collection[int]) -> tuple[list[int], list[int]]:
    """What is begun and not done, and what is set aside."""
    begun = {i: its for i, its in attempts_begun(folder, plan.short).items() if i not in done}
    aside = [index for index, its in begun.items() if ended(its) >= MOST_ATTEMPTS]
    return [index for index in begun if index not in aside], aside


def _units(folder: Path, plan: RunPlan, done: Collection[int]) -> dict[str, list[str]]:
    """The names of units by how far they are."""
    begun, aside = _left(folder / UNITS, plan, done)
    waiting = set(range(len(plan.units))).difference(done, begun, aside)
    states = {"done": done, "begun": begun, "set_aside": aside, "waiting": waiting}
    return {state: [plan.units[i] for i in sorted(its)] for state, its in states.items()}


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
        more = "" if shards == of_shards else f", about {duration(found['seconds_left'])} left"
        lines[0] += f", {found['tokens_per_s']:,.0f} tokens/s{more}"
    units = found["units"]
    if any(units.values()):
        lines.append(f"after the shards: {_by_stage(units)}")
    lines += [
        f"rank {r['rank']} on {r['host']} ({r['device']}): {r['shards']:,} shards, "
        f"{r['tokens']:,} tokens{_and_units(r['units'])}, last {r['last']}"
        for r in found["ranks"]
    ]
    for state, said in {
        "begun": "begun",
        "set_aside": f"set aside, each ended {MOST_ATTEMPTS} processes",
    }.items():
        if named := [*_listed(found[state]), *units[state]]:
            lines.append(f"{said}: {', '.join(named)}")
    left = any(units[state] for state in ("begun", "set_aside", "waiting"))
    if found["closed"]:
        lines.append("the run is closed")
    elif shards == of_shards and not left:
        lines.append("all is measured: close the run with `odograph merge`")
    return "\n".join(lines)


def _seconds(plan: RunPlan, receipts: Sequence[Mapping[str, Any]], *, whole: bool) -> float:
    """Since the plan was written, to the last receipt of a run that is whole, else to now."""
    started = datetime.fromisoformat(plan.manifest["time"]["started"])
    last = max(datetime.fromisoformat(receipt["by"]["time"]) for receipt in receipts)
    end = last if whole else datetime.now(UTC)
    return max(0.001, (end - started).total_seconds())


def _by_rank(
    shards: Sequence[Mapping[str, Any]], units: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What each rank has done, from the receipts of shards and of units."""
    ranks: dict[tuple[int, str], dict[str, Any]] = {}
    for what, receipts in {"shards": shards, "units": units}.items():
        for receipt in receipts:
            by = receipt["by"]
            empty = {"rank": by["rank"], "host": by["host"], "device": by["device"]}
            empty |= {"shards": 0, "tokens": 0, "units": 0, "last": ""}
            one = ranks.setdefault((by["rank"], by["host"]), empty)
            one[what] += 1
            one["tokens"] += receipt["tokens"] if what == "shards" else 0
            one["last"] = max(one["last"], by["time"])
    return [ranks[key] for key in sorted(ranks)]


def _by_stage(units: Mapping[str, Sequence[str]]) -> str:
    """How many units of each stage are done: "undo 1 of 1, untrained 2 of 5"."""
    every = Counter(name.split("/")[0] for names in units.values() for name in names)
    done = Counter(name.split("/")[0] for name in units["done"])
    return ", ".join(f"{stage} {done[stage]} of {count}" for stage, count in sorted(every.items()))


def _and_units(count: int) -> str:
    return f", {several(count, 'unit')}" if count else ""


def _listed(shards: Sequence[int]) -> list[str]:
    more = f" and {len(shards) - _NAMED} more" if len(shards) > _NAMED else ""
    return ["shard " + ", ".join(map(str, shards[:_NAMED])) + more] if shards else []
