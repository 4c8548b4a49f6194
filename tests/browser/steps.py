"""What people do on the site, step by step, in a browser."""

from typing import Any

from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from screener.engine.protocol import Protocol
from tests.every_page import PASSWORD, PROTOCOL, written

SAVE = "Save and continue"


def begin(tab: Tab, start: str = "/") -> None:
    """From the start page to the task list."""
    tab.goto(start)
    fits(tab)
    tab.get_by_role("link", name="Start now").click()
    forward(tab)
    for part, typed in (("Month", "4"), ("Day", "27"), ("Year", "1979")):
        tab.get_by_label(part, exact=True).fill(typed)
    forward(tab)
    tab.get_by_label("Full name").fill("Ana Test")
    tab.get_by_label("Phone number", exact=True).fill("(555) 555-0142")
    tab.get_by_label("Where are you right now?").fill("Springfield, IL")
    forward(tab)
    assert "/questions/" in tab.url, tab.url
    tab.goto("/questions")
    heading(tab, "Your form")


def fill(tab: Tab, answers: dict[str, Any]) -> None:
    """Answer what this screen asks, as far as `answers` go; a list that is folded is opened."""
    names = tab.locator("main form [name]").evaluate_all("fields => fields.map(f => f.name)")
    for name in dict.fromkeys(names):
        answer = answers.get(name)
        if tab.locator(f'[name="{name}"]').first.is_disabled():
            continue  # a follow-up that does not apply
        if isinstance(answer, list | tuple | dict):
            for option in answer:
                box = tab.locator(f'input[name="{name}"][value="{option}"]')
                whole = tab.get_by_role("button", name="Show the whole list")
                if whole.count() and not box.is_visible():
                    whole.click()
                folded = tab.locator("details:not([open])", has=box)
                if folded.count():
                    folded.locator("summary").click()
                box.check()
        elif answer is not None:
            control = tab.locator(f'[name="{name}"]')
            if control.first.get_attribute("type") == "radio":
                tab.locator(f'input[name="{name}"][value="{answer}"]').check()
            else:
                control.fill(written(name, answer))


def answer_everything(
    tab: Tab, answers: dict[str, Any], protocol: Protocol = PROTOCOL
) -> list[str]:
    """Go through all parts of the form to the check page; return the headings on the way."""
    with tab.expect_navigation():
        tab.get_by_role("link", name="Start the questions").click()
    seen = []
    rows = answers.get(protocol.table.id, {})
    while "/questions/" in tab.url:
        seen.append(tab.locator("h1").inner_text().split("\n")[-1])
        fits(tab)
        medicine = medicine_of(tab, protocol)
        fill(tab, rows[medicine] if medicine else answers)
        assert len(seen) < 60, seen
        forward(tab)
    return seen


def medicine_of(tab: Tab, protocol: Protocol) -> str:
    """Return the medicine that the page is about, by the name on it; "" for any other page."""
    name = tab.locator(".sc-medicine strong")
    if not name.count():
        return ""
    text = name.inner_text()
    return next(id for id, medicine in protocol.medicines.items() if medicine.name == text)


def forward(tab: Tab) -> None:
    """Press the button that sends the form, and wait for what comes next."""
    with tab.expect_navigation():
        tab.locator("main form button[type=submit]").first.click()


def sign_in(tab: Tab, role: str) -> None:
    """Sign in as staff; the queue is next."""
    tab.goto("/staff/")
    heading(tab, "Staff sign-in")
    fits(tab)
    tab.get_by_label("Email").fill(f"{role}@demo.example")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    heading(tab, "Queue")


def heading(tab: Tab, text: str) -> None:
    """Wait for the page with this main heading."""
    expect(tab.locator("main h1")).to_contain_text(text)


def fits(tab: Tab) -> None:
    """Nothing sticks out at the right."""
    tab.wait_for_load_state("load")  # a page without its styles yet is as wide as it likes
    over = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 0, f"{tab.url} is {over} px too wide"
