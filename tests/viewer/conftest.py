"""A real browser, a run with a study, and its page; all is skipped where there is no browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tiny import TEXTS

HOSTILE = "<img src=x onerror=alert(1)></script><b>bold</b> told her 😀 so."
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if find_spec("playwright") is None or program is None:
        absent = "playwright" if program else "chromium"
        # Where everything can be installed, a page that nobody tried is a failure.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"{absent} is absent: the page is not tried in a browser"
        )
    from playwright import sync_api

    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS.split())
        yield started
        started.close()


@pytest.fixture(scope="session")
def run(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A small run with targets, twins and predictions, and the rotation study on it."""
    import odograph

    texts = [*TEXTS, HOSTILE]
    out = tmp_path_factory.mktemp("viewer") / "run"
    run = odograph.measure(gpt2_folder, texts, targets=["her"], untrained=2, logits="full", out=out)
    return odograph.study("rotation", run)


@pytest.fixture(scope="session")
def report(run: Any) -> Path:
    """The report about the run."""
    from odograph.report import write_report

    path = Path(run.folder).parent / "report.html"
    return write_report([run.folder], path, command="odograph report run")


@pytest.fixture
def opened(browser: Any) -> Callable[..., Any]:
    """Opens a file; the page's `log` has every console line, error and request."""

    @contextmanager
    def give(path: Path, fragment: str = "", width: int = 1300, **options: Any) -> Iterator[Any]:
        page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        page.log = []
        page.on("console", lambda message: page.log.append(message.text))
        page.on("pageerror", lambda error: page.log.append(str(error)))
        page.on("request", lambda request: page.log.append(request.url))
        page.goto(f"{path.as_uri()}{fragment}")
        page.wait_for_selector("footer")
        yield page
        page.close()

    return give
