"""The site on a port of this machine, and browsers that look at it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Request,
    Route,
    expect,
    sync_playwright,
)
from playwright.sync_api import Page as Tab
from werkzeug.serving import WSGIRequestHandler, make_server

from screener import store
from screener.headers import HARMLESS
from tests.browser import chromium
from tests.clock import PATIENCE
from tests.every_page import Page, Site, add_staff
from tests.web import make_app

T = TypeVar("T")
NARROW, PHONE, DESK = 320, 390, 1280  # pixels wide
Show = Callable[[Page, int], Tab]
# What a browser says of a request that found no network: some tests are about that.
NO_NETWORK = ("net::ERR_INTERNET_DISCONNECTED", "net::ERR_CONNECTION_REFUSED")
expect.set_options(timeout=PATIENCE * 1000)


class Quiet(WSGIRequestHandler):
    """A server that does not print every request."""

    def log(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class Live:
    """A running site, and a thread for what a test does to it without a browser.

    The browser's own thread runs an event loop, in which the app's tear-down refuses to work.
    """

    app: Flask
    url: str
    beside: ThreadPoolExecutor

    def do(self, what: Callable[..., T], *given: Any, **more: Any) -> T:
        """Call a function beside the browser and return what it returns."""
        return self.beside.submit(what, *given, **more).result()


@contextmanager
def served(app: Flask) -> Iterator[Live]:
    """Serve an app on a free local port."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with ThreadPoolExecutor(1) as beside:
        yield Live(app, f"http://127.0.0.1:{server.port}", beside)
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        store.db.engine.dispose()


@pytest.fixture(scope="package")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Yield the whole site, with an account for each role, served on a free local port."""
    app = make_app(tmp_path_factory.mktemp("live"), limit_start="1000/60")
    add_staff(app)
    with served(app) as live:
        yield live


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Live]:
    """Yield a site of a test's own: whoever it adds stands on the first page of the list."""
    app = make_app(tmp_path, limit_start="1000/60")
    add_staff(app)
    with served(app) as live:
        yield live


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Yield a browser without a screen.

    Gone before any other test runs in this process: its event loop would be in their way.
    """
    path = chromium.find()
    assert path is not None, chromium.CURE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=chromium.FLAGS, timeout=PATIENCE * 1000
        )
        yield browser
        browser.close()


@dataclass
class Watch:
    """What must not happen in any window: requests elsewhere, and complaints of the browser."""

    live: Live
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Fail if there was any since the last time."""
        elsewhere, self.elsewhere = self.elsewhere, []
        complaints, self.complaints = self.complaints, []
        assert elsewhere == []
        assert complaints == []

    def over(self, context: BrowserContext) -> None:
        """Watch every window of a browser context."""
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _request(self, request: Request) -> None:
        # Where "Leave" leads is answered here, see below.
        if request.url != HARMLESS and not request.url.startswith(f"{self.live.url}/"):
            self.elsewhere.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        # That a page was answered with 4xx is what some tests are about.
        expected = ("the server responded with", *NO_NETWORK)
        if message.type in ("error", "warning") and not any(
            words in message.text for words in expected
        ):
            self.complaints.append(message.text)


@contextmanager
def windows(live: Live, browser: Browser) -> Iterator[tuple[Callable[..., Tab], Watch]]:
    """Yield a function that opens a window of a given width as somebody new, and what watches them.

    Nothing that any window does may leave this machine or make the browser complain.
    """
    watch = Watch(live)
    contexts: list[BrowserContext] = []

    def open_window(width: int = PHONE, *, scripts: bool = True, **more: Any) -> Tab:
        context = browser.new_context(
            viewport={"width": width, "height": 900 if width == DESK else 844},
            java_script_enabled=scripts,
            base_url=live.url,
            has_touch=width != DESK,
            **more,
        )
        context.set_default_timeout(PATIENCE * 1000)
        context.route(HARMLESS, lambda route: route.fulfill(body="Sunny"))
        watch.over(context)
        contexts.append(context)
        return context.new_page()

    yield open_window, watch
    for context in contexts:
        context.close()
    watch.check()


@pytest.fixture
def window(live: Live, browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Return a function that opens a window of a given width as somebody new."""
    with windows(live, browser) as (open_window, _):
        yield open_window


@pytest.fixture(scope="module")
def site(live: Live) -> Site:
    """Return people in every state."""
    return live.do(Site, live.app)


@pytest.fixture(scope="module")
def looked_through(live: Live, browser: Browser) -> Iterator[tuple[dict[int, Tab], Watch]]:
    """Yield one window of each width for all pages: opening one is slower than checking a page."""
    with windows(live, browser) as (open_window, watch):
        yield {width: open_window(width) for width in (NARROW, PHONE, DESK)}, watch


@pytest.fixture
def show(site: Site, live: Live, looked_through: tuple[dict[int, Tab], Watch]) -> Iterator[Show]:
    """Return a function that shows a page of tests/every_page.py in the window of a width.

    It is what that person was answered, with the real styles and scripts around it. No page leaves
    anything to the next.
    """
    tabs, watch = looked_through

    def open_page(page: Page, width: int) -> Tab:
        answer = live.do(site.open, page)
        tab, shown = tabs[width], f"{live.url}/shown"

        def fulfil(route: Route) -> None:
            route.fulfill(status=200, headers=dict(answer.headers), body=answer.text)

        tab.route(shown, fulfil)
        tab.goto(shown)
        tab.evaluate("document.fonts.ready")
        return tab

    yield open_page
    watch.check()
    for tab in tabs.values():
        tab.unroute_all()
        tab.evaluate("if (location.host) { localStorage.clear(); sessionStorage.clear() }")
        tab.context.clear_cookies()
