"""The small table of a terminal: rows of several tables over the same places."""

from typing import ClassVar

import duckdb

from odograph.folder.glance import Glance, Row, seen_at_a_glance


class Tables:
    """What a run offers a glance: its studies' tables by SQL."""

    manifest: ClassVar = {"config": {"targets": ["her"]}}

    def __init__(self, **tables):
        self._database = duckdb.connect()
        self._database.execute("create schema tables")
        for name, query in tables.items():
            self._database.execute(f"create table tables.{name} as {query}")
        listed = ", ".join(f"('{name}')" for name in tables)
        self._database.execute(f"create view tables as select * from (values {listed}) t(name)")

    def sql(self, query):
        return self._database.sql(query)


def test_a_row_that_leaves_places_out_stands_under_its_own():
    run = Tables(
        blocks="select unnest([1, 2, 3]) as layer, unnest([.1, .2, .3]) as worth",
        tested="select unnest([2]) as layer, unnest([9.]) as difference, unnest([.01]) as p",
    )
    rows = (Row("worth", "worth"), Row("difference", "difference", "tested", "p"))
    seen = seen_at_a_glance(Glance("blocks", rows), run)
    assert seen.keys == ("1", "2", "3")
    assert seen.values == ((0.1, 0.2, 0.3), (None, 9.0, None))
    assert seen.significant == ((False,) * 3, (False, True, False))


def test_a_row_without_any_number_is_left_out():
    run = Tables(
        blocks="select unnest([1, 2]) as layer, unnest([.1, .2]) as worth, "
        "unnest(['nan', 'nan'])::double as untrained, null::double as never"
    )
    rows = (Row("worth", "worth"), Row("untrained", "untrained"), Row("never", "never"))
    seen = seen_at_a_glance(Glance("blocks", rows), run)
    assert seen.labels == ("worth",)
    assert seen.values == ((0.1, 0.2),)


def test_the_row_of_the_untrained_twins_is_the_mean_of_all_of_them():
    run = Tables(
        blocks="select unnest([1, 2]) as layer, unnest([4., 3.]) as untrained_seed_1, "
        "unnest([2., 5.]) as untrained_seed_2, unnest([9., 9.]) as target"
    )
    glance = Glance("blocks", (Row("untrained", "untrained_seed_*"),))
    assert seen_at_a_glance(glance, run).values == ((3.0, 4.0),)
