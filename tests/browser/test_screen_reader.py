"""What a screen reader is told, as the browser's accessibility tree has it.

It is no test with a screen reader, nor with people who use one.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser import steps

pytestmark = pytest.mark.long

Window = Callable[..., Tab]


def opened(window: Window, page: str) -> Tab:
    tab = window()
    steps.begin(tab)
    tab.goto(f"/questions/{page}")
    return tab


def test_of_the_body_map_the_list_is_read_and_not_the_picture(window: Window) -> None:
    tab = opened(window, "pain_areas")
    steps.fill(tab, {"pain_areas": ["neck"]})
    expect(tab.locator("main form")).to_match_aria_snapshot("""
        - group "In the past 7 days, in which of these places have you had pain or tenderness?":
          - paragraph: Left and right are your own. Head, hands and feet are not part of this question.
          - group "Upper left":
            - checkbox "Left side of jaw"
            - checkbox "Left shoulder"
          - group "Middle":
            - checkbox "Neck" [checked]
            - checkbox "Upper back"
        """)  # noqa: E501
    told = tab.locator("main form").aria_snapshot()
    assert told.count("checkbox ") == 20  # 19 places, and none of them
    assert "img" not in told
    assert "not asked" not in told


def test_a_scale_names_its_question_and_each_answer(window: Window) -> None:
    tab = opened(window, "mood")
    tab.locator('input[name="phq9_1"][value="2"]').check()
    expect(tab.locator("main fieldset").first).to_match_aria_snapshot("""
        - radiogroup "Little interest or pleasure in doing things":
          - radio "Not at all"
          - radio "Several days"
          - radio "More than half the days" [checked]
          - radio "Nearly every day"
        """)
    stem = tab.get_by_role("group", name="Over the last 2 weeks, how often")
    expect(stem.get_by_role("radiogroup")).to_have_count(9)


def test_an_error_is_announced_and_belongs_to_its_field(window: Window) -> None:
    tab = opened(window, "about_you")
    tab.locator('[name="pain_average"]').fill("eleven")
    steps.forward(tab)
    message = "Average pain, past 7 days: Enter a whole number from 0 to 10. Or leave it blank."
    expect(tab.locator("main")).to_match_aria_snapshot(f"""
        - alert "There is a problem":
          - heading "There is a problem" [level=2]
          - list:
            - listitem:
              - 'link "{message}"'
        - heading "You and your pain" [level=1]
        """)
    field = tab.get_by_role("textbox", name="Average pain in the past 7 days")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(f"0 is none, 10 the worst. Error: {message} of 10")
    expect(tab.locator("[data-error-summary]")).to_be_focused()


def test_the_type_ahead_says_what_it_is_and_what_enter_takes(window: Window) -> None:
    tab = opened(window, "medicines_tried")
    box = tab.get_by_role("combobox", name="Type a name")
    box.press_sequentially("sert")
    expect(box).to_have_attribute("aria-expanded", "true")
    status = tab.get_by_role("status")
    expect(status.filter(has_text="1 name fits. Enter takes Sertraline (Zoloft).")).to_have_count(1)
    tab.keyboard.press("Enter")
    expect(status.filter(has_text="Sertraline added. 1 chosen.")).to_have_count(1)
    expect(tab.locator(".sc-finder")).to_match_aria_snapshot("""
        - combobox "Type a name"
        - list "Chosen":
          - listitem:
            - text: Sertraline
            - button "Remove Sertraline"
        """)
    box.press_sequentially("amitr")
    tab.keyboard.press("ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    assert active
    expect(tab.locator(f"[id='{active}']")).to_have_attribute("aria-selected", "true")


def test_what_appears_is_announced_and_comes_after_its_question(window: Window) -> None:
    tab = opened(window, "exercise_and_therapy")
    told = tab.locator("[data-revealed]")
    expect(told).to_have_attribute("role", "status")
    expect(told).to_be_empty()
    weeks = tab.get_by_role("textbox", name="Longest exercise program since the pain began")
    weeks.fill("8 weeks")
    expect(told).to_contain_text("Added on this page: Sessions a week then")
    assert "How much did the exercise help?" in (told.text_content() or "")
    order = tab.locator("main form").aria_snapshot()
    places = [order.index(text) for text in ("exercise program", "Sessions a week", "told you not")]
    assert places == sorted(places)


def test_sections_of_the_check_page_say_whether_they_are_open(window: Window) -> None:
    tab = window()
    steps.begin(tab)
    tab.goto("/check")
    expect(tab.locator("main")).to_match_aria_snapshot("""
        - heading "Check your answers before you send them" [level=1]
        - heading "Your answers" [level=2]
        - heading "Send the form" [level=2]
        - button "Send my answers"
        """)
    fold = tab.locator("main details", has_text="How to reach you")
    assert fold.first.get_attribute("open") is None
    expect(fold.first.locator("summary")).to_have_text("How to reach you")
    fold.first.locator("summary").press("Enter")
    expect(fold.first).to_have_attribute("open", "")
    link = tab.get_by_role("link", name="Full name")
    expect(link).to_have_count(1)
