"""One finding and one table of a result, by what they begin with or are called."""

from typing import Any

import numpy as np


def finding_that(result: Any, begins: str) -> Any:
    [found] = [f for f in result.findings if f.statement.startswith(begins)]
    return found


def table_of(result: Any, name: str) -> dict[str, np.ndarray]:
    [table] = [t for t in result.tables if t.name == name]
    return {column: np.asarray(values) for column, values in table.columns.items()}
