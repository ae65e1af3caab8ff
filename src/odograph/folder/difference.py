"""The difference of two runs as a folder that reads like a run: each number is one less the other.

`layers` and `tokens` hold the second run minus the first for every measure that both have, derived
ones too: a difference of ratios is no ratio of differences. Under untrained/ lie differences of
untrained twins, one seed of the second run's minus another seed of the first's: what two draws of
random weights differ by.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as compute

from odograph.errors import StudyError
from odograph.folder import columns
from odograph.folder.checksums import checksum
from odograph.folder.common_columns import common_columns
from odograph.folder.difference_manifest import difference_manifest
from odograph.folder.listed import listed_files
from odograph.folder.manifest import MANIFEST, found_manifest
from odograph.folder.run import Run
from odograph.folder.same_tokens import require_same_tokens
from odograph.folder.selection import columns_of
from odograph.folder.writer import write_json, write_parquet

#: Tokens whose layers are held at once.
_PART = 20_000
_KEYS = {"tokens": ("passage", "position"), "layers": ("passage", "position", "layer")}

#: More columns of `layers` for passages `first` to `last`, by token and layer: name to values.
MoreColumns = Callable[[int, int], Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class Subtraction:
    """Two runs with the same tokens, and what they are called.

    Attributes:
        base: what is taken away.
        run: what it is taken from.
        names: of both models, the base's first.
        more: measured of both models together; None for nothing.
        facts: what the manifest says of that.
    """

    base: Run
    run: Run
    names: tuple[str, str]
    more: MoreColumns | None = None
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class TwoRuns:
    """Two runs that are compared, and what was measured of both models together."""

    runs: tuple[Run, Run]
    more: MoreColumns


def write_difference(asked: Subtraction, out: Path, command: str) -> None:
    """Writes the folder, in the place of an earlier difference; until it is whole it says so.

    Raises:
        StudyError: the runs have not the same tokens.
    """
    require_same_tokens(asked.base, asked.run)
    remove_difference(out)
    record = difference_manifest(asked.base, asked.run, asked.names, out)
    record |= {"command": command, **(asked.facts or {})}
    write_json(record, out / MANIFEST)
    for seed, (base, run) in enumerate(_seed_pairs(asked), start=1):
        name = f"untrained/seed-{seed}"
        with suppress(StudyError):  # other documents were drawn for the twins of the other run
            require_same_tokens(base, run)
            twins = Subtraction(base, run, asked.names)
            shards, _ = _write_tables(twins, out / name)
            own = difference_manifest(base, run, asked.names, out / name) | {"command": command}
            own["model"]["untrained_seed"] = seed
            write_json(own | {"shards": shards, "complete": True}, out / name / MANIFEST)
            record["untrained"].append(name)
    record["shards"], record["exclusions"]["sinks"] = _write_tables(asked, out)
    write_json(record | {"complete": True}, out / MANIFEST)


def remove_difference(out: Path) -> None:
    """Removes the tables of a difference that was written there before; the results stay."""
    earlier = found_manifest(out)
    if earlier is None or earlier["kind"] != "difference":
        return
    write_json(earlier | {"complete": False}, out / MANIFEST)
    for name in earlier["untrained"]:
        shutil.rmtree(out / name, ignore_errors=True)
    for name in listed_files(earlier):
        (out / name).unlink(missing_ok=True)


def _seed_pairs(asked: Subtraction) -> list[tuple[Run, Run]]:
    """Twins of two seeds: the base's first and the run's second, ..., its last and the first."""
    base, run = asked.base.untrained, asked.run.untrained
    count = min(len(base), len(run))
    if count < 2:
        return []
    return [(base[k], run[(k + 1) % count]) for k in range(count)]


def _write_tables(asked: Subtraction, out: Path) -> tuple[list[dict[str, Any]], int]:
    """Writes the tables in parts; gives a receipt of each, and how many later tokens are sinks."""
    shards, sinks = [], 0
    for number, (first, last) in enumerate(_parts(asked.base)):
        part = f"part-{number:05d}.parquet"
        tokens = _tokens(asked, first, last)
        files = [f"tokens/{part}", f"layers/{part}"]
        for name, table in zip(files, (tokens, _layers(asked, first, last)), strict=True):
            write_parquet(table, out / name)
        if not number:
            files += _copied(asked.base, out)
        listed = {name: checksum(out / name) for name in files}
        shards.append({"index": number, "tokens": len(tokens), "files": listed})
        sinks += _later_sinks(tokens)
    return shards, sinks


def _parts(run: Run) -> Iterator[tuple[int, int]]:
    """First and last passage of neighbours that have about 20,000 tokens together."""
    counts = run.sql("select passage, count(*) from tokens group by passage order by passage")
    first, held = None, 0
    for passage, count in counts.fetchall():
        first = passage if first is None else first
        held += count
        if held >= _PART:
            yield first, passage
            first, held = None, 0
    if first is not None:
        yield first, passage


def _copied(base: Run, out: Path) -> list[str]:
    """The passages and texts of the runs, which are the same in both; twins keep no texts."""
    names = [*base.listed.names("passages"), *base.listed.names("texts")]
    for name in names:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(base.folder / name, out / name)
    return names


def _tokens(asked: Subtraction, first: int, last: int) -> pa.Table:
    """The tokens as the base has them; what is a sink in one of the runs is one."""
    names = common_columns((asked.base, asked.run), "tokens").shared
    tagged = "tag" in columns_of(asked.base, "tokens")
    schema = columns.tokens_schema(names, tagged=tagged)
    there = columns_of(asked.base, "tokens")
    kept = [name for name in schema.names if name in there and name not in (*names, "sink")]
    own, other = _both(asked, "tokens", [*kept, "sink", *names], first, last)
    made = {name: own[name] for name in kept}
    made["sink"] = compute.or_(own["sink"], other["sink"])
    return _table(schema, made | _differences(own, other, names))


def _layers(asked: Subtraction, first: int, last: int) -> pa.Table:
    names = common_columns((asked.base, asked.run), "layers").shared
    own, other = _both(asked, "layers", [*_KEYS["layers"], *names], first, last)
    made = {key: own[key] for key in _KEYS["layers"]} | _differences(own, other, names)
    more = {} if asked.more is None else asked.more(first, last)
    made |= {name: pa.chunked_array([pa.array(values)]) for name, values in more.items()}
    return _table(columns.layers_schema([*names, *more]), made)


def _both(
    asked: Subtraction, table: str, names: Sequence[str], first: int, last: int
) -> tuple[pa.Table, pa.Table]:
    listed = ", ".join(f'"{name}"' for name in names)
    query = (
        f"select {listed} from {table} where passage between {first} and {last} "
        f"order by {', '.join(_KEYS[table])}"
    )
    own, other = (one.sql(query).to_arrow_table() for one in (asked.base, asked.run))
    return own, other


def _differences(own: pa.Table, other: pa.Table, names: Sequence[str]) -> dict[str, Any]:
    """The run minus the base; null where one of them has no value."""
    return {
        name: compute.subtract(other[name].cast(pa.float64()), own[name].cast(pa.float64()))
        for name in names
    }


def _table(schema: pa.Schema, made: Mapping[str, Any]) -> pa.Table:
    """The columns in the types of the schema; what is not there is null."""
    rows = len(next(iter(made.values())))
    arrays = [
        made[field.name].cast(field.type) if field.name in made else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _later_sinks(tokens: pa.Table) -> int:
    """How many tokens beyond position 0 are sinks in one of the runs."""
    later = compute.greater(tokens["position"], 0)
    return int(compute.sum(compute.and_(tokens["sink"], later)).as_py() or 0)
