"""The manifest of a run while its shards come in: receipts, and the time spent so far."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from odograph.run import manifest
from odograph.run.sinks import add_sinks

#: A manifest names every passage: of a large corpus it is saved so that this share of the time is
#: spent on it at most, and the growth with the corpus stays linear.
_SHARE = 0.05


class Ledger:
    """Keeps the manifest of a run that is being measured.

    Args:
        record: the manifest; `shards` and `time` are kept here.
        out: the run folder.
        earlier: the manifest that an interrupted try has left; empty for none.
        receipts: of the shards that are done already.
    """

    def __init__(
        self,
        record: manifest.Manifest,
        out: Path,
        earlier: Mapping[str, Any],
        receipts: Iterable[dict[str, Any]],
    ) -> None:
        self.record, self.out = record, out
        record["shards"] = list(receipts)
        for name in ("skips", "ablations", "lens", "pilot"):
            record[name] = earlier.get(name) or {}
        time = earlier.get("time") or record["time"]
        record["time"] = {key: time[key] for key in ("started", "wall_s")}
        self._before: float = time["wall_s"]
        self._started = self._saved = perf_counter()
        self._cost = 0.0

    def add(self, receipt: dict[str, Any]) -> None:
        """Keeps the receipt of a shard; it is on disk at once, or soon where that takes long."""
        self.record["shards"].append(receipt)
        if (perf_counter() - self._saved) * _SHARE >= self._cost:
            self.save()

    def save(self) -> None:
        """Writes the manifest with all receipts and the time of all tries together."""
        begun = perf_counter()
        self.record["shards"].sort(key=lambda shard: shard["index"])
        seconds = self._before + begun - self._started
        tokens = sum(shard["tokens"] for shard in self.record["shards"])
        self.record["time"]["wall_s"] = round(seconds, 3)
        self.record["time"]["tokens_per_s"] = round(tokens / seconds, 1) if tokens else None
        manifest.save(self.record, self.out)
        self._saved = perf_counter()
        self._cost = self._saved - begun


def sum_up(record: manifest.Manifest) -> None:
    """Adds up, over the shards of a manifest, values that are not numbers, sinks, left-out rows."""
    manifest.sum_bad_values(record)
    sinks = record["sinks"] = add_sinks(shard["sinks"] for shard in record["shards"])
    record["exclusions"]["sinks"] = sinks["later"]
    record["exclusions"]["first_position"] = 0 if record["config"]["keep_first"] else sinks["first"]
