"""Waiting until a page shows something, without code of ours inside the page.

The page's own policy forbids strings as code; a browser library that polls inside the page is
refused at its second look.
"""

import time
from typing import Any

#: How long a page may take to show what it was asked for, in seconds.
PATIENCE = 30


def wait_until(page: Any, expression: str) -> None:
    """Returns when the expression is true in the page.

    Raises:
        TimeoutError: it is not within `PATIENCE` seconds.
    """
    end = time.monotonic() + PATIENCE
    while not page.evaluate(f"Boolean({expression})"):
        if time.monotonic() > end:
            raise TimeoutError(f"expected within {PATIENCE} s: {expression}")
        page.wait_for_timeout(20)
