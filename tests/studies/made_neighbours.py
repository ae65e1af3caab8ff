"""Run folders whose angles between neighbours the test has chosen, on top of `made_runs`."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from made_runs import TARGET, TOKENS, made_run
from relisted import listed_again

from odograph.folder.run import Run, open_run
from odograph.measures import LAGS

PASSAGES, BLOCKS = 24, 5
STATES = BLOCKS + 1
SHAPE = (PASSAGES, TOKENS, STATES)


def one_hump(generator: np.random.Generator) -> np.ndarray:
    """Angles [passages, tokens, states] about 60 degrees; passages, tokens and states depend."""
    own = generator.normal(size=SHAPE) @ (np.eye(STATES) + 0.5 * np.eye(STATES, k=1))
    of_token = generator.normal(size=(PASSAGES, TOKENS, 1))
    return 60 + 4 * generator.normal(size=(PASSAGES, 1, 1)) + 3 * of_token + 3 * own


def made_neighbours(
    folder: Path, seed: int, angle: np.ndarray, sinks: np.ndarray | None = None
) -> Run:
    """A run with these angles to the token before; the other lags and the bend are drawn.

    sinks: [passages, tokens], which tokens are sinks.
    """
    made_run(folder, seed, passages=PASSAGES, blocks=BLOCKS).close()
    generator = np.random.default_rng([seed, 9])
    columns = {"neighbour_angle": (1, 0, angle)}
    for lag in LAGS:
        columns[f"neighbour_angle_{lag}"] = (lag, 0, angle + generator.normal(0, 2, SHAPE))
    columns["token_bend"] = (1, 1, 120 + generator.normal(0, 3, SHAPE))
    path = folder / "layers" / "part-00000.parquet"
    table = parquet.read_table(path)
    for name, (first, last, values) in columns.items():
        place = np.broadcast_to(np.arange(TOKENS)[None, :, None], SHAPE)
        absent = (place < first) | (place >= TOKENS - last)
        found = pa.array(values.ravel().astype(np.float32), mask=absent.ravel())
        table = table.append_column(name, found)
    parquet.write_table(table, path)
    if sinks is not None:
        _flag(folder / "tokens" / "part-00000.parquet", sinks)
    listed_again(folder)
    return open_run(folder)


def _flag(path: Path, sinks: np.ndarray) -> None:
    table = parquet.read_table(path)
    column = table.schema.get_field_index("sink")
    parquet.write_table(table.set_column(column, "sink", pa.array(sinks.ravel())), path)


def with_config(run: Run, **options: object) -> Run:
    """The run with other options in its manifest."""
    path = run.folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["config"] |= options
    path.write_text(json.dumps(manifest), "utf-8")
    run.close()
    return open_run(run.folder)


__all__ = ["PASSAGES", "SHAPE", "STATES", "TARGET", "made_neighbours", "one_hump", "with_config"]
