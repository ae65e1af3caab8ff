"""The columns that tables of estimates have in common, whatever the study.

`layer` is the block or state, `low` and `high` bound the 95 % interval of the estimate (`NAME_low`
and `NAME_high` that of the column NAME). `n` are the units of inference used, `excluded` those left
out, `unit` that of the estimates. `p` is the p of one test, `p_...` one corrected as its name says,
`test` and `family` say which test and of how many.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from odograph.statistics.paired import MAX_T_TEST, PairedProfile


def tidy(
    columns: Mapping[str, Any],
    *,
    n: int,
    excluded: int,
    unit: str,
    test: str = "none: descriptive",
    family: int = 0,
) -> dict[str, Any]:
    """The columns, and behind them those in common that they have not; one value in every row."""
    rows = len(next(iter(columns.values())))
    told = {"n": n, "excluded": excluded, "unit": unit, "test": test, "family": family}
    missing = {name: value for name, value in told.items() if name not in columns}
    return {**columns, **{name: np.full(rows, value) for name, value in missing.items()}}


def paired_table(profile: PairedProfile, unit: str) -> dict[str, Any]:
    """The paired difference by layer; `test` is that of `p_max_t`."""
    tested = bool(profile.family)
    return tidy(
        profile.table(),
        n=profile.n,
        excluded=profile.excluded,
        unit=unit,
        test=MAX_T_TEST if tested else "none: too few pairs",
        family=profile.family,
    )
