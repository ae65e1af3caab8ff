"""By keyboard alone everything is reached, moved and chosen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from watching import wait_until

Opened = Callable[..., Any]


def with_tokens(page: Any) -> Any:
    page.wait_for_selector(".words .token")
    page.wait_for_selector(".scatter svg")
    return page


def state(page: Any) -> dict[str, str]:
    return dict(page.evaluate("Object.fromEntries(new URLSearchParams(location.hash.slice(1)))"))


def sides(page: Any) -> list[float]:
    """The box that the address has."""
    return [float(side) for side in state(page)["box"].split(",")]


def chosen(page: Any, told: str) -> int:
    """How many tokens are chosen, once the page has told of the box that it was asked for."""
    wait_until(page, f"document.querySelector('{told} .reading').textContent")
    wait_until(page, "document.querySelector('#chosen-count')")
    return int(page.text_content("#chosen-count").split()[0].replace(",", ""))


def between(run: Any, sides: list[float], margin: float) -> int:
    """How many tokens of block 2 lie in a box, or in a range of the rotation, wider by a margin."""
    low, high, *up = sides
    also = f"and entropy between {up[0] - margin} and {up[1] + margin}" if up else ""
    ((count,),) = run.sql(f"""
        select count(*) from layers join tokens using (passage, position)
        where layer = 2 and position > 0 and not sink
        and rotation between {low - margin} and {high + margin} {also}""").fetchall()
    return int(count)


def test_the_keyboard_alone_reaches_everything(opened: Opened, report: Path) -> None:
    reachable = """[...document.querySelectorAll(
        "button, select, input, summary, a[href], [tabindex='0']"
    )].filter((e) => !e.disabled && e.checkVisibility()).length"""
    with opened(report) as page:
        wanted = with_tokens(page).evaluate(reachable)
        page.evaluate("window.seen = new Set()")
        for _ in range(wanted + 5):
            page.keyboard.press("Tab")
            page.evaluate("window.seen.add(document.activeElement)")
        assert page.evaluate("window.seen.delete(document.body), window.seen.size") >= wanted


def test_arrows_inside_the_text_move_the_tokens_and_not_the_block(
    opened: Opened, report: Path
) -> None:
    with opened(report, "#block=2&passage=0&a=0.2&b=0.3") as page:
        with_tokens(page).focus(".words")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        assert (state(page)["a"], state(page)["b"]) == ("0.3", "0.4")
        assert state(page)["block"] == "2"


def test_arrows_in_the_scatter_make_a_box_and_move_it(
    opened: Opened, report: Path, run: Any
) -> None:
    with opened(report, "#block=2&measure=rotation&against=entropy") as page:
        with_tokens(page).focus(".scatter .brushed")
        page.keyboard.press("ArrowRight")
        first = sides(page)
        count = chosen(page, ".scatter")
        assert between(run, first, -0.01) <= count <= between(run, first, 0.01)
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Shift+ArrowRight")
        left, right, low, high = sides(page)
        assert left == first[0]
        assert right > first[1]
        assert low > first[2]
        assert high - low == approx(first[3] - first[2])
        assert state(page)["block"] == "2"
        page.keyboard.press("Escape")
        page.wait_for_selector("#chosen-count", state="detached")


def test_arrows_choose_the_tokens_of_bars(opened: Opened, report: Path, run: Any) -> None:
    with opened(report, "#block=2&measure=rotation") as page:
        with_tokens(page).focus(".distribution [tabindex='0']")
        page.keyboard.press("ArrowRight")
        (low, high), count = sides(page), chosen(page, ".distribution")
        assert between(run, [low, high], -0.01) <= count <= between(run, [low, high], 0.01)
        assert f": {count} token" in page.text_content(".distribution .reading")
        page.keyboard.press("Shift+ArrowRight")
        assert sides(page)[0] == low
        assert sides(page)[1] == approx(high + (high - low))
        page.keyboard.press("ArrowLeft")
        assert sides(page) == approx([low - (high - low), low])
        assert page.locator(".distribution .bar.chosen").count() == 1


def approx(value: Any) -> Any:
    """The address has seven digits."""
    return pytest.approx(value, rel=1e-5, abs=1e-5)
