"""From start to results: by keyboard alone, by touch, without scripts, and with a lost line.

Every way leads to the same stored answers.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page as Tab

from tests.browser import steps, walk
from tests.browser.conftest import DESK, PHONE, Live
from tests.browser.hands import Keys, LosesTheLine
from tests.browser.test_coming_back import answers_of
from tests.every_page import PROTOCOL, case

pytestmark = pytest.mark.long

Window = Callable[..., Tab]


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """Return what is stored of the synthetic person V01, whichever way they fill in the form."""
    return dict(case("V01"))


def must_be_stored(live: Live, tab: Tab, expected: dict[str, Any]) -> None:
    stored = {id: _plain(answer) for id, answer in answers_of(live, tab).items()}
    assert stored == {id: _plain(answer) for id, answer in expected.items() if id != "age"}


def _plain(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {key: _plain(value) for key, value in answer.items()}
    return sorted(answer) if isinstance(answer, list | tuple | frozenset) else answer


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_by_keyboard_alone(live: Live, window: Window, width: int, expected: Any) -> None:
    keys = Keys(window(width), PROTOCOL, expected)
    keys.begin()
    assert keys.everything() > 15
    keys.finish()
    steps.heading(keys.tab, "Received")
    must_be_stored(live, keys.tab, expected)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_by_touch_alone(live: Live, window: Window, scripts: bool, expected: Any) -> None:
    tab = window(PHONE, scripts=scripts, is_mobile=True)
    cost, _ = walk.walk(tab, PROTOCOL, expected)
    assert cost.pages > 20
    steps.heading(tab, "Received")
    steps.fits(tab)
    must_be_stored(live, tab, expected)


def test_with_a_line_that_is_lost_on_every_page(live: Live, window: Window, expected: Any) -> None:
    keys = LosesTheLine(window(PHONE), PROTOCOL, expected)
    keys.begin()
    keys.everything()
    keys.finish()
    steps.heading(keys.tab, "Received")
    must_be_stored(live, keys.tab, expected)
