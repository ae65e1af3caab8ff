"""Peak memory of each way above the loaded model over the bare trunk's, at 12 and 24 blocks."""

from collections.abc import Iterator

from bench import freed, shapes
from bench.peaks import median_ratio, peaks
from bench.rounds import Scale, say
from bench.rows import Row, row
from bench.ways import PATH, PATH_AND_PARTS, RUN, TRUNK, WAYS, WITH_NEIGHBOURS, WITH_PARTS

GOALS = dict.fromkeys((RUN, WITH_PARTS, WITH_NEIGHBOURS), "at most 1.25")
DEPTHS = (12, 24)


def rows(scale: Scale) -> Iterator[Row]:
    size = (4, 64) if scale.quick else (4, 1024)
    megabytes: dict[tuple[int, str], list[float]] = {}
    for blocks in DEPTHS:
        names = (
            tuple(name for name in WAYS if name not in (PATH, PATH_AND_PARTS))
            if blocks == DEPTHS[0]
            else (TRUNK, RUN)
        )
        say(f"  {blocks} blocks: {scale.rounds(7)} processes for each of {len(names)} ways")
        shape = {"name": shapes.GPT2, "quick": scale.quick, "n_layer": blocks}
        jobs = [(name, *size) for name in names]
        found = peaks(shape, jobs, scale.rounds(7), scale.threads)
        megabytes |= {(blocks, name): values for (name, *_), values in found.items()}
        yield from at_depth(f"{size[0]} x {size[1]} tokens, {blocks} blocks", blocks, megabytes)
    where = ("memory", f"{size[0]} x {size[1]} tokens, {DEPTHS[1]} over {DEPTHS[0]} blocks")
    for name, goal in ((TRUNK, ""), (RUN, "at most 1.05")):
        few, many = megabytes[DEPTHS[0], name], megabytes[DEPTHS[1], name]
        yield row(where, name, median_ratio(many, few), "times", goal)
    say("  whole runs")
    yield from freed.rows(scale)


def at_depth(
    setting: str, blocks: int, megabytes: dict[tuple[int, str], list[float]]
) -> Iterator[Row]:
    where = ("memory", setting)
    base = megabytes[blocks, TRUNK]
    for (depth, name), values in megabytes.items():
        if depth == blocks and name == TRUNK:
            yield row(where, name, values, "MB")
        elif depth == blocks:
            yield row(where, name, median_ratio(values, base), "times", GOALS.get(name, ""))
