"""What several tests of studies look at."""

from typing import Any

import pytest

from odograph.folder.database import Database


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many rows each query gives, by its text."""
    rows: dict[str, int] = {}
    sql = Database.sql

    def counted(self: Database, query: str) -> Any:
        found = sql(self, query)
        rows[query] = found.shape[0]
        return found

    monkeypatch.setattr(Database, "sql", counted)
    return rows
