"""The pilot: a few passages run before all else, from which it is known how states are to be read.

It depends on the texts alone and not on how they are cut into shards, and is written into the run
folder: every worker and every later try has the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoded
from odograph.corpus.facts import counted
from odograph.corpus.stored import facts_of
from odograph.folder import columns
from odograph.folder.checksums import checksum
from odograph.folder.pilot import (
    LEAST_CENTRED,
    LEAST_TRIMMED,
    PILOT,
    SINK_PLACES,
    Pilot,
    outliers,
    read_pilot,
    write_pilot,
)
from odograph.folder.writer import write_parquet
from odograph.measures import CENTRED, PRIMITIVES, TRIMMED
from odograph.models.loading import Loaded
from odograph.observe.readings import Readings
from odograph.run.batches import WINDOW, Batch, make_batches
from odograph.run.budget import usual_budget
from odograph.run.config import RunConfig
from odograph.run.kept_tokens import Keep
from odograph.run.manifest import part_name
from odograph.run.manifest_writer import Ledger
from odograph.run.observers import Observers
from odograph.run.shards import Draw, Shard
from odograph.run.sink_writers import chosen_sinks, describe_sinks, sink_columns
from odograph.run.sinks import long_states, median_norms, sinks_of

#: Tokens at which no further passage is taken, and the most of a passage that is longer.
ENOUGH, MOST = 2000, 4096

Ints = NDArray[np.int64]


def pilot_passages(encoded: Sequence[Encoded], *, variants: bool = False) -> tuple[Encoded, ...]:
    """The first passages, in the order of their texts' hashes, with 2,000 tokens that count.

    All where they have fewer. Passages without such a token are passed over, and with `variants`
    all but the first variant of a text: what they have in common counts once.
    """
    facts = facts_of(encoded)
    usable = np.zeros(len(encoded), np.bool_)
    usable[list(_first_variants(encoded)) if variants else slice(None)] = True
    numbers = np.flatnonzero(usable & (facts.counted > 0))
    order = numbers[np.argsort(facts.text[numbers], kind="stable")]
    total = np.cumsum(facts.counted[order], dtype=np.int64)
    chosen = order[: 1 + int(np.searchsorted(total, ENOUGH))]
    return tuple(encoded[number] for number in chosen.tolist())


def _first_variants(encoded: Sequence[Encoded]) -> Iterator[int]:
    """Where the first variant of each text stands, and of each window of it."""
    base, windows = "", set[str]()
    for number, passage in enumerate(encoded):
        if passage.base != base:  # the variants of a text stand together
            base, windows = passage.base, set()
        found = WINDOW.search(passage.passage_id)
        window = found[0] if found else ""
        if window not in windows:
            windows.add(window)
            yield number


def measure_pilot(
    loaded: Loaded,
    encoded: Sequence[Encoded],
    config: RunConfig,
    coordinates: Ints | None = None,
) -> Pilot:
    """Runs the pilot's passages.

    Args:
        loaded: the model.
        encoded: all passages of the run.
        config: the run's.
        coordinates: the outlier coordinates of the model, for its twins; by default those found.
    """
    passages = pilot_passages(encoded, variants=config.variants)
    places = [np.flatnonzero(counted(passage)) for passage in passages]
    numbers = np.repeat(np.arange(len(passages)), [len(its) for its in places])
    tokens = np.stack([numbers, np.concatenate([np.empty(0, int), *places])], axis=1)[:MOST]
    states, norms, first = _states(loaded, passages, tokens, config)
    pilot = pilot_of(states, norms, coordinates)
    del states  # they take as much memory as all else together
    long, long_first = (long_states(lengths, pilot.medians) for lengths in (norms, first))
    sinks = chosen_sinks(long_first, long, tokens)
    return replace(pilot, sinks=sink_columns(loaded, passages, sinks, config))


def pilot_of(
    states: NDArray[np.float32], norms: NDArray[np.float32], coordinates: Ints | None = None
) -> Pilot:
    """What states [L + 1, tokens, width] and lengths of raw states [tokens, L + 1] come to."""
    medians = median_norms(norms)
    calm = ~sinks_of(long_states(norms, medians))
    shares = np.zeros((len(states), states.shape[2]), np.float32)
    means = np.zeros(shares.shape)
    for layer, rows in enumerate(states):
        wide = rows[calm].astype(np.float64)
        squares = np.square(wide).sum(axis=1, keepdims=True)
        usable = (np.isfinite(squares) & (squares > 0))[:, 0]
        if usable.any():
            shares[layer] = (np.square(wide[usable]) / squares[usable]).mean(axis=0)
            means[layer] = wide[np.isfinite(squares)[:, 0]].mean(axis=0)
    tokens = int(calm.sum())
    found = outliers(shares, tokens) if coordinates is None else coordinates
    return Pilot(found, shares, means, medians, tokens)


def readings_of(pilot: Pilot, config: RunConfig) -> Readings:
    """The readings that a run stores: those beside the raw one where there are outliers.

    Centred ones also where they are asked for; none of them with fewer than 200 tokens.
    """
    asked = any(name.endswith(CENTRED) for name in config.measures)
    centred = pilot.tokens >= LEAST_CENTRED and (len(pilot.coordinates) > 0 or asked)
    means = torch.from_numpy(pilot.means) if centred else None
    return Readings(torch.from_numpy(pilot.coordinates), means)


def kept_pilot(
    ledger: Ledger, config: RunConfig, run: Callable[[], Pilot], others: Sequence[int] = ()
) -> Pilot:
    """The pilot of a run folder, run and written if it is not there; the manifest names it.

    others: outlier coordinates of the models that this one is compared with.
    """
    record, out = ledger.record, ledger.out
    there = (out / PILOT).is_file() and record["pilot"].get("sha256") == checksum(out / PILOT)
    pilot = read_pilot(out) if there else None
    if pilot is None:
        pilot = run().without(others)
        write_pilot(pilot, out)
    record["pilot"] = pilot_record(pilot, config, out)
    ledger.save()
    return pilot


def pilot_record(pilot: Pilot, config: RunConfig, out: Path) -> dict[str, Any]:
    """What the manifest says of the pilot that lies in a folder."""
    return _described(pilot, readings_of(pilot, config)) | {
        "sinks": describe_sinks(pilot.sinks),
        "file": PILOT,
        "sha256": checksum(out / PILOT),
    }


def write_sinks(pilot: Pilot, out: Path, part: str = part_name(0)) -> None:
    """Writes the table `sinks`; like the words it is a file of the first shard."""
    named = pilot.sinks | {"place": [SINK_PLACES[place] for place in pilot.sinks["place"]]}
    table = columns.table(named, columns.sinks_schema())
    write_parquet(table, out / "sinks" / f"{part}.parquet")


def _described(pilot: Pilot, readings: Readings) -> dict[str, Any]:
    """What the manifest says of a pilot; `missing` why a reading could not be taken."""
    least = {TRIMMED: LEAST_TRIMMED, CENTRED: LEAST_CENTRED}
    return {
        "tokens": pilot.tokens,
        "coordinates": pilot.coordinates.tolist(),
        "peaks": [round(peak, 4) for peak in pilot.peaks],
        "readings": list(readings.names),
        "missing": {
            name: f"the pilot has {pilot.tokens} tokens, {number} are needed"
            for name, number in least.items()
            if pilot.tokens < number
        },
    }


def _states(
    loaded: Loaded, passages: tuple[Encoded, ...], tokens: Ints, config: RunConfig
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """States in the run's convention, [L + 1, tokens, width], and lengths of the raw ones.

    Those of the tokens, [tokens, L + 1], and at position 0 of the passages, [passages, L + 1].
    """
    shard, none = Shard(0, passages), np.empty((0, 2), dtype=np.int64)
    draw = Draw(tokens, none, np.empty((0, 4), dtype=np.int64))
    plain = config.model_copy(update={"measures": PRIMITIVES, "parts": 0, "vectors": 0})
    observers = Observers(loaded, shard, plain, draw, Keep(none, none))
    layers = len(loaded.anatomy.blocks) + 1
    norms, first = (np.empty((rows, layers), np.float32) for rows in (len(tokens), len(passages)))
    budget = usual_budget(config, loaded)
    batches = make_batches(passages, budget.tokens, padding=budget.padding)
    for batch, found in budget.run(batches, partial(_lengths, observers)):
        for number, places in zip(batch.numbers, batch.places, strict=True):
            own = tokens[:, 0] == number
            norms[own], first[number] = found[places[tokens[own, 1]]], found[places[0]]
    return observers.pairs.kept.numpy(), norms, first


def _lengths(observers: Observers, batch: Batch) -> NDArray[np.float32]:
    """Runs a batch; gives the lengths of its raw states, [rows, L + 1]."""
    with torch.inference_mode():
        values, _ = observers.measure(batch)
    observers.commit()
    lengths: NDArray[np.float32] = values.get("stream_norm", values["norm"]).float().cpu().numpy()
    return lengths
