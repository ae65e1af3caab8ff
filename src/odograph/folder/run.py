"""Reading a run folder: SQL, data frames, findings. Never imports torch."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from odograph.errors import RunError
from odograph.folder import frames
from odograph.folder.addresses import refuse_store, store_address
from odograph.folder.beside import check_belongs, check_place
from odograph.folder.database import Database
from odograph.folder.documents import unit_of, window_endings
from odograph.folder.halves import CONFIRMATION, EXPLORATION, Halving, halving_by_seed, halving_of
from odograph.folder.listed import Listed
from odograph.folder.manifest import read_manifest
from odograph.folder.results import read_findings, read_sections, verified_result
from odograph.folder.strays import tell_strays_of
from odograph.sentences.english import several

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars
    import pyarrow
    import xarray


def open_run(folder: str | Path) -> "Run":
    """Opens a run folder for reading.

    Raises:
        RunError: no folder, no run, unfinished, or of another format.
    """
    run = open_unfinished(folder)
    run.check_whole()
    tell_strays_of(run.folder, run.listed.names(), run.sections)
    return run


def open_unfinished(folder: str | Path) -> "Run":
    """Opens a run folder for its manifest and what studies left; its tables may be missing.

    Raises:
        RunError: no folder, no run, or of another format.
    """
    path = Path(folder)
    refuse_store(path, f"Bring it here: `odograph merge {store_address(path)} --out DIR`.")
    return Run(path, read_manifest(path))


class Run:
    """A finished run: `with odograph.open(folder) as run: ...`.

    `manifest` says what was measured, with what; `listed` are the files of its shards.
    """

    def __init__(
        self,
        folder: Path,
        manifest: dict[str, Any],
        sinks_of: "Run | None" = None,
        halving: Halving | None = None,
        beside: "dict[str, Run] | None" = None,
        rows: str = "",
    ) -> None:
        self.folder = folder
        self._beside = {} if beside is None else beside
        self.manifest = manifest
        self.listed = Listed(folder, manifest)
        self._sinks_of = sinks_of
        self._halving = halving or halving_of(manifest)
        model = None if sinks_of is None else sinks_of.listed
        endings = window_endings(manifest)
        self._database = Database(folder, self.listed, model, endings, self._halving, rows)

    def __repr__(self) -> str:
        if self.manifest["kind"] == "comparison":
            return f"Run('{self.folder}': comparison of {', '.join(self.manifest['models'])})"
        corpus, model = self.manifest["corpus"], self.manifest["model"]["name"]
        counts = f"{corpus['passages']} passages, {corpus['tokens']} tokens"
        return f"Run('{self.folder}': {model}, {counts}, {self.manifest['convention']})"

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database connection; the run can be used again and then opens a new one."""
        self._database.close()

    def check_whole(self) -> None:
        """Nothing, if all was measured and every file is there; what is in them shows when read.

        Raises:
            RunError: the run is not finished, or has lost a file.
        """
        if self.manifest["kind"] != "comparison" and not self.manifest["complete"]:
            raise RunError(
                f"the run '{self.folder}' is not finished",
                expected="a complete run",
                given=several(len(self.manifest["shards"]), "finished shard"),
                remedy="Continue it with the command that measured it and --resume.",
            )
        self.listed.check_there()

    @property
    def name(self) -> str:
        """The folder's own name, without where it lies."""
        return self.folder.resolve().name

    @property
    def study_names(self) -> list[str]:
        """Every study that left something, in the order of the sections, then of the findings."""
        found = (finding["study"] for finding in self.findings)
        return list(dict.fromkeys([*self.sections, *found]))

    @property
    def unit(self) -> str:
        """What statistics of the run count: "document" where passages share one, else "passage"."""
        return unit_of(self.manifest)

    @property
    def blocks(self) -> int:
        """L, the number of blocks."""
        return int(self.manifest["model"]["blocks"])

    @property
    def minus(self) -> tuple[str, str] | None:
        """Of a difference, its model and the one that was taken from it; None of a run."""
        if self.manifest["kind"] != "difference":
            return None
        base, model = self.manifest["models"]
        return model, base

    @property
    def seed(self) -> int:
        """The number that all draws of a run, and of what is found in it, come from."""
        return int(self.manifest["seed"])

    @property
    def keeps_sums(self) -> bool:
        """Whether it keeps sums of all tokens and rows of drawn documents, not rows of all."""
        return bool((self.manifest.get("kept") or {}).get("sums"))

    @cached_property
    def chosen(self) -> "Run":
        """The run with rows of targets and the tokens before them alone, where sums are kept."""
        if not self.keeps_sums:
            return self
        return Run(self.folder, self.manifest, halving=self._halving, rows="chosen_")

    @cached_property
    def untrained(self) -> "tuple[Run, ...]":
        """The untrained twins that were measured beside the model.

        Seen from here, their `sink` is that of the model: the same tokens count in both.
        """
        twins = [self._open_beside(name) for name in self.manifest["untrained"]]
        halving = self._halving_beside
        return tuple(Run(twin.folder, twin.manifest, self, halving) for twin in twins)

    @cached_property
    def shuffled(self) -> "tuple[Run, ...]":
        """The same passages with their tokens in random order, through the same model."""
        names = self.manifest.get("shuffled", [])
        runs = [self._open_beside(name) for name in names]
        halving = self._halving_beside
        return tuple(Run(one.folder, one.manifest, halving=halving) for one in runs)

    @property
    def _halving_beside(self) -> Halving | None:
        """How what stands beside the run is halved: as the run, of which it may have read less."""
        if self._halving is None or not self.keeps_sums:
            return self._halving
        first = "select min(passage) from stored_passages group by document order by 1"
        return replace(self._halving, documents=tuple(n for (n,) in self.sql(first).fetchall()))

    def _open_beside(self, name: str) -> "Run":
        """A twin or shuffled run, opened once for all that is made of this run.

        Raises:
            RunError: it is not of the same texts in the same convention, or of another seed.
        """
        if name not in self._beside:
            check_place(self.folder, name)
            run = open_run(self.folder / name)
            check_belongs(self.folder, name, self.manifest, run.manifest)
            self._beside[name] = run
        return self._beside[name]

    @property
    def whole(self) -> "Run":
        """The run with all its passages."""
        return self if "halves" not in self.manifest else self.again()

    def again(self) -> Self:
        """The run opened anew: with all its passages, and with what studies have left since."""
        record = {key: value for key, value in self.manifest.items() if key != "halves"}
        return type(self)(self.folder, record, self._sinks_of, beside=self._beside)

    def half(self, name: str) -> "Run":
        """The run with the passages of one half alone: `exploration` or `confirmation`.

        Its manifest says under `halves` how many passages each half has.
        """
        halving = halving_by_seed(self.manifest, name)
        seen = Run(self.folder, dict(self.manifest), self._sinks_of, halving, self._beside)
        rows = seen.sql("select half, count(*) from halves group by half").fetchall()
        counts = {EXPLORATION: 0, CONFIRMATION: 0, **dict(rows)}
        seen.manifest["halves"] = {**counts, "seen": name}
        return seen

    @cached_property
    def exploration(self) -> "Run | None":
        """The half to look at, of a run that is seen by its half for tests; None of others."""
        halves = self.manifest.get("halves")
        return self.half(EXPLORATION) if halves and halves["seen"] == CONFIRMATION else None

    @property
    def compared(self) -> "tuple[Run, ...]":
        """The runs that a comparison compares, or a difference is of; none of a run."""
        return tuple(open_unfinished(self.folder / run) for run in self.manifest.get("runs", ()))

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What the studies found, in the order they were made; empty before any study."""
        return read_findings(self.folder, self.sections)

    @property
    def sections(self) -> dict[str, dict[str, Any]]:
        """Of every study that was done, question, figures, tables, notes and card."""
        return read_sections(self.folder)

    def result(self, name: str) -> Path | None:
        """Where a study's table or figure lies, such as `tables/rotation_profile.parquet`.

        None where the studies list no such file, or where it is gone.

        Raises:
            RunError: it is not what the study wrote.
        """
        return verified_result(self.folder, name, self.sections)

    def sql(self, query: str) -> "duckdb.DuckDBPyRelation":
        """The result of a query on the run's tables and the studies' tables.

        The run's are `layers`, `tokens`, `pairs`, `sinks`; `words`, `spans`, `skips`, `ablations`,
        `undone_turns`, `lens` if asked for; where sums are kept, `sums`, `token_sums`,
        `histograms`, `joint_histograms`, `extremes`, `chosen_tokens`, `chosen_layers`
        (`layers` and `tokens` are then of drawn documents);
        `findings` are those of its studies.
        `layers` and `tokens` have the derived measures beside the stored ones; a study's table NAME
        is `tables.NAME`, and `tables` lists them. Nothing can be changed.

        Returns:
            A DuckDB relation: `.df()`, `.pl()`, `.arrow()`, `.fetchnumpy()`, `.fetchall()`.

        Raises:
            UsageError: wrong SQL, or a statement that is no query.
            RunError: a file of the run is damaged.
        """
        return self._database.sql(query)

    def arrow(self, table: str) -> "pyarrow.Table":
        """A whole table as pyarrow, derived measures included, in the order of the text.

        Raises:
            UsageError: no such table, or none in this run; the message says what it is asked for
                by.
        """
        return self.sql(frames.query_of(table)).to_arrow_table()

    def to_pandas(self, table: str) -> "pandas.DataFrame":
        """A table of the run (`layers`, `tokens`, ...) as a pandas data frame."""
        return frames.to_pandas(self.arrow(table))

    def to_polars(self, table: str) -> "polars.DataFrame":
        """A table of the run (`layers`, `tokens`, ...) as a polars data frame."""
        return frames.to_polars(self.arrow(table))

    def to_xarray(self) -> "xarray.Dataset":
        """The `layers` as arrays [token, layer]; passage and position are coordinates of token."""
        return frames.to_xarray(self.arrow("layers"), self.blocks + 1)
