"""The explorer in a real browser shows what the frozen page shows, and stays quiet."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import TOKEN, serving
from watching import wait_until

Opened = Callable[..., Any]
VIEW = "measure=turned&block=3&passage=0&a=0.3&b=0.2&against=entropy"
PANELS = (".profile .reading", ".path .reading", ".distribution .reading")
#: Without the percentiles: a packed number may lie on the other side of one.
NUMBERS = "[...document.querySelectorAll('.pair td')].map((cell) => cell.firstChild.textContent)"


@pytest.fixture(scope="module")
def address(run: Any) -> Iterator[str]:
    with serving(run.folder) as name:
        yield f"http://{name}/"


@pytest.fixture
def live(browser: Any, address: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    page = context.new_page()
    page.log = []
    page.on("console", lambda message: page.log.append(message.text))
    page.on("pageerror", lambda error: page.log.append(str(error)))
    page.on("request", lambda request: page.log.append(request.url))
    yield page
    context.close()


def told(page: Any) -> list[str]:
    page.wait_for_selector(".words .token")
    wait_until(page, "document.querySelector('.pair td small')")
    wait_until(page, "document.querySelector('.scatter .reading').textContent")
    return [page.text_content(panel) for panel in PANELS] + page.evaluate(NUMBERS)


def test_frozen_and_live_show_the_same(
    opened: Opened, report: Path, live: Any, address: str
) -> None:
    live.goto(f"{address}#token={TOKEN.replace(' ', '+')}&{VIEW}")
    shown = told(live)
    with opened(report, f"#{VIEW}") as page:
        assert told(page) == shown
    assert all(line.startswith(address) for line in live.log), live.log


def test_the_token_leaves_the_address_at_once_and_a_box_finds_tokens(
    live: Any, address: str
) -> None:
    live.goto(f"{address}#token={TOKEN.replace(' ', '+')}&{VIEW}&box=0,400,0,10")
    live.wait_for_selector("#chosen-count")
    assert "token" not in live.evaluate("location.hash")
    assert live.locator(".found li").count() > 0
    assert live.locator(".words .chosen").count() > 0


def test_without_the_token_the_page_says_what_to_open(live: Any, address: str) -> None:
    live.goto(address)
    wait_until(live, "document.body.textContent.includes('cannot be shown')")
    assert "open the address that `odograph explore` printed" in live.text_content("#page")
