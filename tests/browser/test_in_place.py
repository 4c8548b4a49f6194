"""Follow-ups appear with the answer that they follow from, and go with it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from playwright.sync_api import Page as Tab

from tests.browser import steps
from tests.browser.conftest import PHONE, Live
from tests.browser.test_unsaved import answers_of, somebody, take_over  # noqa: F401
from tests.every_page import PROTOCOL, RULEBOOK
from tests.forms.follow_ups import many

Window = Callable[..., Tab]
SESSIONS = "ect_sessions"
CONDITIONS = Path("assets/src/script/conditions.js")
SHOWN = """
return pages.map(({ entered, when }) => {
  const values = { ...entered };
  return when.filter(([name, condition]) => {
    const isShown = holds(condition, (field) => values[field] ?? []);
    if (!isShown) delete values[name];
    return isShown;
  }).map(([name]) => name);
});
"""


def box(tab: Tab, name: str, value: str) -> Locator:
    return tab.locator(f'input[name="{name}"][value="{value}"]')


@pytest.fixture
def treatments(window: Window) -> Tab:
    """Return a window on the page of other treatments."""
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/questions/current_medicines")
    return tab


def posted(tab: Tab) -> dict[str, Any]:
    """Return what the form would send, by name."""
    pairs = tab.evaluate("[...new FormData(document.querySelector('form[data-questionnaire]'))]")
    return dict(pairs)


def test_a_follow_up_comes_and_goes_and_is_announced(treatments: Tab) -> None:
    tab = treatments
    sessions = tab.locator(f"#{SESSIONS}")
    expect(sessions).to_be_hidden()
    expect(sessions).to_be_disabled()
    box(tab, "other_treatments", "ect").check()
    expect(sessions).to_be_visible()
    status = tab.locator("[data-revealed]")
    expect(status).to_have_attribute("role", "status")
    expect(status).to_contain_text(PROTOCOL.questions[SESSIONS].text)
    steps.fits(tab)
    # The next stop of the keyboard after the list is the question that came.
    box(tab, "other_treatments", "none").focus()
    tab.keyboard.press("Tab")
    expect(sessions).to_be_focused()
    sessions.fill("12")
    assert SESSIONS in posted(tab) and SESSIONS in json.loads(posted(tab)["page-shown"])
    box(tab, "other_treatments", "none").check()
    expect(sessions).to_be_hidden()
    assert SESSIONS not in posted(tab)
    assert SESSIONS not in json.loads(posted(tab)["page-shown"])
    # Ticked again, what was typed is still there.
    box(tab, "other_treatments", "ect").check()
    expect(sessions).to_have_value("12")


def test_a_page_with_its_follow_ups_leads_past_the_step_that_would_ask_them(
    treatments: Tab,
) -> None:
    tab = treatments
    box(tab, "other_treatments", "ect").check()
    tab.locator(f"#{SESSIONS}").fill("12")
    steps.forward(tab)
    expect(tab).to_have_url(re.compile("/questions/medicines_tried$"))
    tab.goto("/questions/current_medicines")
    expect(tab.locator(f"#{SESSIONS}")).to_have_value("12")
    # Left blank it was seen, and is not asked again.
    tab.locator(f"#{SESSIONS}").fill("")
    box(tab, "other_treatments", "tms").check()
    steps.forward(tab)
    expect(tab).to_have_url(re.compile("/questions/medicines_tried$"))


def test_what_is_hidden_when_the_page_is_saved_is_dropped(treatments: Tab) -> None:
    tab = treatments
    steps.fill(tab, {"other_treatments": ["ect"]})
    tab.locator(f"#{SESSIONS}").fill("many")
    steps.forward(tab)
    expect(tab.locator("[data-error-summary]")).to_be_visible()
    expect(tab.locator(f"#{SESSIONS}")).to_have_value("many")
    box(tab, "other_treatments", "none").check()
    expect(tab.locator(f"#{SESSIONS}")).to_be_hidden()
    steps.forward(tab)
    expect(tab).to_have_url(re.compile("/questions/medicines_tried$"))
    tab.goto("/questions/current_medicines")
    box(tab, "other_treatments", "ect").check()
    expect(tab.locator(f"#{SESSIONS}")).to_have_value("")


def test_a_chain_of_follow_ups_hides_together(window: Window) -> None:
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/questions/sleep")
    box(tab, "post_exertional_malaise", "half_the_time_or_more").check()
    box(tab, "activity_drop_6_months", "yes").check()
    kinds = tab.locator('input[name="tiredness_kind"]').first
    expect(kinds).to_be_visible()
    box(tab, "post_exertional_malaise", "never").check()
    expect(kinds).to_be_hidden()
    expect(box(tab, "activity_drop_6_months", "yes")).to_be_hidden()
    expect(kinds).to_be_disabled()


def test_what_the_browser_keeps_is_put_back_with_its_follow_ups(window: Window) -> None:
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/questions/exercise_and_therapy")
    tab.locator("#exercise_weeks").fill("6 weeks")
    tab.locator("#exercise_per_week").fill("3")
    tab.locator("#therapy_sessions").fill("4")
    box(tab, "therapy_types", "cbt").check()
    tab.locator("#therapy_sessions").fill("0")
    expect(box(tab, "therapy_types", "cbt")).to_be_hidden()
    kept = tab.evaluate("sessionStorage.getItem('screener-typing')")
    assert "exercise_per_week" in kept and "therapy_types" not in kept
    tab.reload()
    expect(tab.locator("#exercise_per_week")).to_have_value("3")
    expect(tab.locator("#exercise_per_week")).to_be_visible()
    tab.get_by_role("button", name="Go back to what is saved").click()
    expect(tab.locator("#exercise_per_week")).to_be_hidden()
    assert "exercise_per_week" not in json.loads(posted(tab)["page-shown"])


def test_a_medicine_is_one_page_with_scripts(window: Window) -> None:
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/questions/medicines_tried")
    steps.fill(tab, {"medicines_tried": {"duloxetine": {}}})
    steps.forward(tab)
    expect(tab.locator("#dose_mg")).to_be_hidden()
    expect(tab.locator("#stopped_also")).to_be_hidden()
    box(tab, "taken_for", "pain").check()
    tab.locator("#dose_mg").fill("60")
    tab.locator("#weeks").fill("12")
    expect(tab.locator("#mood_benefit")).to_be_hidden()
    steps.fits(tab)
    steps.forward(tab)
    assert "step=" not in tab.url and "duloxetine" not in tab.url


def test_two_windows_keep_what_either_was_told(
    window: Window,
    live: Live,
    somebody: Callable[..., Any],  # noqa: F811
) -> None:
    client = somebody({"other_treatments": ["ect"], SESSIONS: 12}, "current_medicines")
    old, new = window(PHONE), window(PHONE)
    for tab in (old, new):
        take_over(tab, live, client)
        tab.goto("/questions/current_medicines")
    new.locator(f"#{SESSIONS}").fill("14")
    steps.forward(new)
    # The old window says something else of the list, so that its question is hidden there.
    box(old, "other_treatments", "none").check()
    steps.forward(old)
    stored = answers_of(live, client)
    assert stored["other_treatments"] == ["none"] and SESSIONS not in stored
    # And a window that never showed the question does not take its answer away.
    late = window(PHONE)
    take_over(late, live, client)
    late.goto("/questions/current_medicines")
    take_over(new, live, client)
    new.goto("/questions/current_medicines")
    box(new, "other_treatments", "ect").check()
    new.locator(f"#{SESSIONS}").fill("9")
    steps.forward(new)
    steps.forward(late)
    assert answers_of(live, client)[SESSIONS] == 9


def test_the_script_shows_what_the_engine_asks(treatments: Tab) -> None:
    fills = [filled for protocol in RULEBOOK.protocols.values() for filled in many(protocol, 11)]
    told = [
        {"entered": filled.entered, "when": [[id, f.when] for id, f in filled.follow_ups.items()]}
        for filled in fills
    ]
    code = CONDITIONS.read_text()
    shown = treatments.evaluate(f"(pages) => {{ {code} {SHOWN} }}", told)
    assert [frozenset(names) for names in shown] == [filled.asked for filled in fills]
    assert sum(map(len, shown)) > 100
    assert treatments.evaluate(
        f"""(typings) => {{ {code}
          const seven = {{ number: "weeks", at_most: 7, blank: true }};
          return typings.map((typed) => holds(seven, () => [typed])); }}""",
        ["7", " 7 ", "8", "", "about 7", "7 weeks", "1 month", "2 Months", "1 year"],
    ) == [True, True, False, True, None, True, True, False, False]
