"""Medicines in a browser: found by a name, by touch and by keyboard, and without scripts."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_axe import RULES

pytestmark = pytest.mark.long

Window = Callable[..., Tab]
NOW, TRIED = "/questions/current_medicines", "/questions/medicines_tried"
SAVE = "Save and continue"


def opened(window: Window, page: str, width: int = PHONE, **more: bool) -> Tab:
    tab = window(width, **more)
    steps.begin(tab)
    tab.goto(page)
    return tab


def offered(tab: Tab, typed: str) -> list[str]:
    """Type a name and return what is offered for it, best first."""
    tab.get_by_label("Type a name").fill(typed)
    options = tab.get_by_role("option")
    expect(options.first).to_be_visible()
    tab.wait_for_timeout(150)  # until what was offered before is gone
    return options.all_inner_texts()


def ticked(tab: Tab, name: str) -> list[str]:
    boxes = tab.locator(f'input[name="{name}"]:checked')
    values: list[str] = boxes.evaluate_all("boxes => boxes.map(box => box.value)")
    return values


def chosen(tab: Tab) -> list[str]:
    return tab.get_by_role("list", name="Chosen").locator(".sc-chosen__name").all_inner_texts()


def save(tab: Tab) -> None:
    with tab.expect_navigation():
        tab.get_by_role("button", name=SAVE).click()


def test_a_name_finds_its_medicine(window: Window) -> None:
    tab = opened(window, NOW)
    ssri = "Other SSRI (Zoloft, Prozac, Paxil, Trintellix)"
    assert offered(tab, "zoloft") == [ssri]
    assert offered(tab, "Xan") == ["Benzodiazepine (Xanax, Ativan, Klonopin, Valium)"]
    for slip in ("sertalin", "setraline", "sertralien"):
        assert offered(tab, slip)[0] == f"Sertraline: {ssri}"
    assert offered(tab, "st johns")[0] == "St. John's wort"
    tab.goto(TRIED)
    assert offered(tab, "zoloft") == ["Sertraline (Zoloft)"]
    assert offered(tab, "amitryptiline")[0] == "Amitriptyline (Elavil)"
    assert offered(tab, "lyrica")[:2] == [
        "Pregabalin (Lyrica)",
        "Pregabalin CR (controlled release) (Lyrica CR)",
    ]


def test_a_screen_reader_is_told_how_names_are_chosen_in_the_language_of_the_page(
    window: Window,
) -> None:
    tab = opened(window, NOW)
    box = tab.locator("[id='current_medicines-find']")
    expect(box).to_have_accessible_description(re.compile("^Names appear while you type"))
    tab.goto("/?language=es")
    tab.goto(NOW)
    expect(box).to_have_accessible_description(re.compile("^Los nombres aparecen"))


def test_blanks_alone_break_nothing(window: Window) -> None:
    tab = opened(window, NOW)
    box = tab.get_by_label("Type a name")
    box.press_sequentially("  ")
    tab.wait_for_timeout(150)
    expect(tab.get_by_role("option").filter(has_text="Write")).to_have_count(0)
    box.press_sequentially("xan")
    expect(tab.get_by_role("option")).to_contain_text("Benzodiazepine")


def test_nothing_lies_over_what_holds_the_page_back(window: Window) -> None:
    tab = opened(window, NOW)
    assert offered(tab, "lyric")
    tab.get_by_role("button", name=SAVE).tap()
    hold = tab.locator(".sc-finder__hold")
    expect(hold).to_be_visible()
    expect(tab.get_by_role("option")).to_be_visible()
    assert hold.evaluate(
        """hold => {
          const { left, top, width, height } = hold.getBoundingClientRect();
          return hold === document.elementFromPoint(left + width / 2, top + height / 2);
        }"""
    )


def test_by_touch_a_medicine_is_chosen_removed_and_written_below(window: Window) -> None:
    tab = opened(window, NOW)
    for typed in ("zoloft", "xanax", "tylenol pm"):
        offered(tab, typed)
        tab.get_by_role("option").first.tap()
        expect(tab.get_by_label("Type a name")).to_have_value("")
    assert ticked(tab, "current_medicines") == ["benzodiazepine", "ssri"]
    assert len(chosen(tab)) == 2
    expect(tab.get_by_label("What else?")).to_have_value("tylenol pm")
    steps.fits(tab)
    tab.get_by_role("button", name="Remove Benzodiazepine").tap()
    expect(tab.get_by_role("status").filter(has_text="removed. 1 chosen.")).to_have_count(1)
    assert ticked(tab, "current_medicines") == ["ssri"]
    # "None of these" stays at hand, stands alone, and gives way.
    none = tab.locator('input[name="current_medicines"][value="none"]')
    none.check()
    assert ticked(tab, "current_medicines") == ["none"]
    expect(tab.get_by_role("list", name="Chosen")).to_be_hidden()
    offered(tab, "zoloft")
    tab.get_by_role("option").first.tap()
    assert ticked(tab, "current_medicines") == ["ssri"]
    save(tab)
    tab.goto(NOW)
    assert chosen(tab) == ["Other SSRI (Zoloft, Prozac, Paxil, Trintellix)"]


def test_by_keyboard_a_medicine_is_chosen_and_its_page_filled_in(window: Window) -> None:
    tab = opened(window, TRIED, DESK)
    tab.get_by_label("Type a name").focus()
    tab.keyboard.type("lex")
    expect(tab.get_by_role("option")).to_have_count(1)
    tab.keyboard.press("Enter")
    tab.keyboard.type("tramadol")
    expect(tab.get_by_role("option")).to_have_count(1)
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    assert ticked(tab, "medicines_tried") == ["escitalopram", "tramadol"]
    tab.keyboard.press("Tab")
    assert "Remove" in tab.evaluate("document.activeElement.textContent")
    tab.get_by_role("button", name="Show the whole list").press("Enter")
    expect(tab.get_by_text("SNRI antidepressants")).to_be_visible()
    with tab.expect_navigation():
        tab.get_by_role("button", name=SAVE).press("Enter")
    expect(tab.locator(".sc-medicine")).to_contain_text("Escitalopram")
    tab.get_by_role("button", name="20 mg").press("Enter")
    expect(tab.locator("#dose_mg")).to_have_value("20")
    tab.locator("#weeks").focus()
    tab.keyboard.type("6")
    for _ in range(2):
        tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    expect(tab.locator("#weeks")).to_have_value("6 months")
    expect(tab.get_by_text("about 26 weeks")).to_be_visible()
    with tab.expect_navigation():
        tab.get_by_role("button", name=SAVE).press("Enter")
    expect(tab.locator(".sc-medicine")).to_contain_text("Tramadol")
    with tab.expect_navigation():
        tab.get_by_role("button", name="Skip these medicines").press("Enter")
    steps.heading(tab, "Exercise")
    # The list leads back to each page.
    tab.goto(TRIED)
    with tab.expect_navigation():
        tab.get_by_role("link", name="Edit Escitalopram").press("Enter")
    expect(tab.locator("#weeks")).to_have_value("26 weeks")


def test_buttons_write_into_the_box_and_take_back(window: Window) -> None:
    tab = opened(window, TRIED)
    offered(tab, "zoloft")
    tab.get_by_role("option").first.tap()
    save(tab)
    dose, length = tab.locator("#dose_mg"), tab.locator("#weeks")
    doses = tab.get_by_role("group", name="Highest daily dose")
    pick = doses.get_by_role("button", name="50 mg")
    pick.tap()
    expect(dose).to_have_value("50")
    expect(pick).to_have_attribute("aria-pressed", "true")
    pick.tap()
    expect(dose).to_have_value("")
    dose.fill("75")
    expect(pick).to_have_attribute("aria-pressed", "false")
    doses.get_by_role("button", name="I don't remember").tap()
    expect(dose).to_have_value("I don't remember")
    lengths = tab.get_by_role("group", name="How long")
    # The unit first, then the number.
    lengths.get_by_role("button", name="years").tap()
    expect(length).to_be_focused()
    tab.keyboard.type("2")
    tab.keyboard.press("Tab")
    expect(length).to_have_value("2 years")
    lengths.get_by_role("button", name="months").tap()
    expect(length).to_have_value("2 months")
    for button in (pick, lengths.get_by_role("button", name="months")):
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 44
    save(tab)
    tab.goto(f"{TRIED}/1")
    expect(dose).to_have_value("")
    expect(length).to_have_value("8 weeks")


def test_a_name_left_in_the_box_is_not_lost(window: Window) -> None:
    tab = opened(window, TRIED)
    offered(tab, "zoloft")
    tab.get_by_role("button", name=SAVE).click()
    expect(tab.get_by_role("alert").filter(has_text="Choose “zoloft” from")).to_be_visible()
    expect(tab.get_by_label("Type a name")).to_be_focused()
    save(tab)
    tab.goto(TRIED)
    expect(tab.get_by_label("Another medicine")).to_have_value("zoloft")


def test_what_was_chosen_survives_a_slip_a_reload_and_a_lost_line(window: Window) -> None:
    tab = opened(window, TRIED)
    offered(tab, "zoloft")
    tab.get_by_role("option").first.tap()
    tab.reload()
    assert chosen(tab) == ["Sertraline"]
    save(tab)
    tab.locator("#dose_mg").fill("150 g")
    tab.locator("#weeks").fill("6")
    tab.get_by_role("group", name="How long").get_by_role("button", name="months").tap()
    tab.reload()
    expect(tab.locator("#weeks")).to_have_value("6 months")
    tab.context.set_offline(True)
    tab.get_by_role("button", name=SAVE).click()
    expect(tab.locator("[data-not-saved]").first).to_be_visible()
    expect(tab.locator("#dose_mg")).to_have_value("150 g")
    tab.context.set_offline(False)
    save(tab)
    expect(tab.get_by_role("link", name="and we need mg")).to_be_visible()
    expect(tab.locator("#dose_mg")).to_have_value("150 g")
    expect(tab.locator("#weeks")).to_have_value("26 weeks")
    steps.fits(tab)


def test_without_scripts_the_list_and_the_boxes_do_the_same(window: Window) -> None:
    tab = opened(window, TRIED, scripts=False)
    expect(tab.get_by_label("Type a name")).to_have_count(0)
    tab.get_by_text("SSRI antidepressants", exact=True).click()
    tab.get_by_label("Sertraline").check()
    tab.get_by_role("button", name=SAVE).click()
    expect(tab.locator(".sc-medicine")).to_contain_text("Sertraline")
    expect(tab.get_by_text("Write it as “6 months”.")).to_be_visible()
    expect(tab.get_by_role("button", name="50 mg")).to_have_count(0)
    tab.locator("#dose_mg").fill("1,200 mg")
    tab.locator("#weeks").fill("half a year")
    tab.get_by_role("button", name="I don't remember the rest").click()
    steps.heading(tab, "Exercise")
    tab.goto("/check")
    expect(tab.get_by_text("1200 mg")).to_be_visible()
    expect(tab.get_by_text("26 weeks (about 6 months)")).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, DESK, 320])
def test_axe_finds_nothing_while_names_are_offered(window: Window, width: int) -> None:
    tab = opened(window, NOW, width)
    for typed in ("zoloft", "xanax"):
        offered(tab, typed)
        tab.keyboard.press("Enter")
    offered(tab, "tri")
    steps.fits(tab)
    results = Axe().run(tab, options=RULES)
    assert results.violations_count == 0, results.generate_report()
