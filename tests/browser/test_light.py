"""What the pages of a patient weigh on the wire, as a browser counts it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.browser import steps
from tests.browser.conftest import PHONE, Live
from tests.every_page import case

FIRST, LATER = 50_000, 20_000  # bytes with headers, styles, scripts and font


@dataclass
class Wire:
    """Counts what a window fetches from the network, not from the browser's cache."""

    tab: Tab
    names: dict[str, str] = field(default_factory=dict)
    fetched: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin to count."""
        session = self.tab.context.new_cdp_session(self.tab)
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.requestServedFromCache", lambda event: self._drop(event["requestId"]))
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def take(self) -> dict[str, int]:
        """Return bytes by path since the last time, and begin anew."""
        self.tab.wait_for_load_state("networkidle")
        fetched, self.fetched = self.fetched, {}
        return fetched

    def _sent(self, event: dict[str, Any]) -> None:
        # A redirect has the same id: its headers count with what it leads to.
        self.names[event["requestId"]] = urlsplit(event["request"]["url"]).path

    def _answered(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self._drop(event["requestId"])

    def _finished(self, event: dict[str, Any]) -> None:
        name = self.names.pop(event["requestId"], None)
        if name is not None:
            self.fetched[name] = self.fetched.get(name, 0) + int(event["encodedDataLength"])

    def _drop(self, request: str) -> None:
        self.names.pop(request, None)


@pytest.fixture
def tab(live: Live, browser: Browser) -> Iterator[Tab]:
    """Yield a window with a cache: one whose requests a test may answer has none."""
    context = browser.new_context(
        viewport={"width": PHONE, "height": 844}, base_url=live.url, has_touch=True
    )
    yield context.new_page()
    context.close()


def test_the_first_page_and_all_later_ones_are_light(tab: Tab) -> None:
    wire = Wire(tab)
    tab.goto("/")
    first = wire.take()
    static = {name for name in first if name.startswith("/static/")}
    files = [name.rpartition("/")[2] for name in static]
    assert set(files) >= {"screener.css", "screener.js", "public-sans-latin.woff2"}, first
    assert len(files) == len(set(files)), "once each"
    assert sum(first.values()) <= FIRST, first
    steps.begin(tab)
    # On the way the first question page was shown, and began to fetch what later ones need.
    begun = wire.take()
    fetched = {name for name in begun if name.startswith("/static/")}
    assert static.isdisjoint(fetched)
    assert begun["/questions/about_you"] + sum(begun[name] for name in fetched) <= LATER, begun
    static |= fetched
    answers = case("V01")
    with tab.expect_navigation():
        tab.get_by_role("link", name="Start the questions").click()
    for _ in range(12):
        _is_light(wire, static)
        steps.fill(tab, answers)
        steps.forward(tab)
    for path in ("/questions", "/check", "/help", "/learn/", "/questions/medicines_tried"):
        wire.take()
        tab.goto(path)
        _is_light(wire, static)


def _is_light(wire: Wire, fetched_before: set[str]) -> None:
    """Look at one page, with the script that only it needs; no file is asked for twice."""
    fetched = wire.take()
    assert fetched, "the page itself is asked for each time"
    static = [name for name in fetched if name.startswith("/static/")]
    assert fetched_before.isdisjoint(static)
    fetched_before.update(static)
    assert sum(fetched.values()) <= LATER, fetched
