"""The site on a port of this machine, and browsers that look at it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from flask import Flask, Response
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Request,
    expect,
    sync_playwright,
)
from playwright.sync_api import Page as Tab
from werkzeug.serving import WSGIRequestHandler, make_server

from screener import store
from screener.headers import HARMLESS
from tests.browser import chromium
from tests.clock import PATIENCE
from tests.every_page import add_staff
from tests.web import make_app

T = TypeVar("T")
PHONE, DESK = 390, 1280  # pixels wide
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


@pytest.fixture(scope="package")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Yield the whole site, with an account for each role, served on a free local port."""
    app = make_app(tmp_path_factory.mktemp("live"), limit_start="1000/60")
    add_staff(app)
    app.after_request(_whole)
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


def _whole(response: Response) -> Response:
    """Read a file before it is sent: this server leaves it open when the browser goes away."""
    if response.direct_passthrough:
        response.direct_passthrough = False
        content = response.get_data()
        response.close()
        response.set_data(content)
    return response


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
            viewport={"width": width, "height": 844 if width == PHONE else 900},
            java_script_enabled=scripts,
            base_url=live.url,
            has_touch=width == PHONE,
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
