"""Somebody who has a keyboard and nothing else: Tab, Space, arrows, Enter, and letters.

Where the focus is decides what is done, as for a person. Every stop is looked at: it can be seen to
have the focus, and nothing lies over it (WCAG 2.4.7, 2.4.11).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Question
from screener.forms.pages import typed
from tests.browser import steps

LETTERS = 5  # of a name that are typed, before it is among those offered
MOST_STOPS = 160  # of one page
MOST_PAGES = 90
PERSON = {
    "date_of_birth-month": "4",
    "date_of_birth-day": "27",
    "date_of_birth-year": "1979",
    "name": "Ana Test (synthetic)",
    "phone": "(555) 555-0142",
    "location": "Springfield, IL",
}
# How what has the focus is drawn: itself, and the label beside it that stands for it.
_DRAWN = """
const drawn = (element) => [element, element.nextElementSibling].filter(Boolean)
  .flatMap((part) => ["", "::before"].map((pseudo) => getComputedStyle(part, pseudo)))
  .map((style) => [style.outline, style.boxShadow, style.backgroundColor, style.border].join())
  .join("|");
"""
_REMEMBER = f"""() => {{ {_DRAWN}
  window.leaving = document.activeElement;
  window.leavingDrawn = drawn(document.activeElement);
}}"""
# What has the focus now, and what is wrong with this stop or with the one before.
_LOOK = f"""() => {{ {_DRAWN}
  const at = document.activeElement;
  const before = window.leaving;
  const wrong = [];
  if (before && before !== at && before !== document.body && before.isConnected
      && before.checkVisibility() && drawn(before) === window.leavingDrawn) {{
    wrong.push(`it cannot be seen that ${{before.outerHTML.slice(0, 200)}} has the focus`);
  }}
  const {{ left, top, right, bottom, width, height }} = at.getBoundingClientRect();
  const bar = document.querySelector(".sc-help");
  const inBar = bar?.contains(at) || at.matches(".nhsuk-skip-link");
  const skip = at === document.body || at.id === "main";
  if (bar && !inBar && !skip) {{
    const under = bar.getBoundingClientRect().bottom;
    if (top < under - 0.5) wrong.push("the bar of help lies over it");
    if (bottom <= 0 || top >= innerHeight) wrong.push("it is out of sight");
    const x = (left + right) / 2, y = Math.min((top + bottom) / 2, innerHeight - 1);
    const over = document.elementFromPoint(x, y);
    if (!width || !height) wrong.push("it has no size");
    else if (over && y > 0 && !at.contains(over) && !over.contains(at)
        && over.closest("label")?.control !== at) {{
      wrong.push(`${{over.outerHTML.slice(0, 120)}} lies over it`);
    }}
  }}
  const fold = at.matches("summary") && !at.parentElement.open ? at.parentElement : null;
  return {{
    tag: at.tagName, type: at.type ?? "", name: at.name ?? "", value: at.value ?? "",
    id: at.id, text: (at.innerText ?? "").trim(), checked: at.checked ?? false,
    isMain: Boolean(at.closest("main form:not(#leave)")), isSkip: at.matches(".nhsuk-skip-link"),
    holds: fold ? [...fold.querySelectorAll("input")].map((box) => [box.name, box.value]) : [],
    html: at.outerHTML.slice(0, 300), wrong,
  }};
}}"""


@dataclass
class Stop:
    """What has the focus."""

    tag: str
    type: str
    name: str
    value: str
    id: str
    text: str
    checked: bool
    isMain: bool
    isSkip: bool
    holds: list[list[str]]
    html: str
    wrong: list[str]


class Keys:
    """A person with a keyboard in a window."""

    def __init__(self, tab: Tab, protocol: Protocol, answers: Answers) -> None:
        """Take a window and what the person answers."""
        self.tab = tab
        self.protocol = protocol
        self.answers = answers
        self.stops = 0

    def step(self) -> Stop:
        """Press Tab; the stop that is reached must be seen and not covered."""
        self.tab.evaluate(_REMEMBER)
        self.tab.keyboard.press("Tab")
        self.stops += 1
        return self.look()

    def look(self) -> Stop:
        """Return what has the focus."""
        stop = Stop(**self.tab.evaluate(_LOOK))
        assert stop.wrong == [], f"{self.tab.url}: {stop.html}: {stop.wrong}"
        return stop

    def to(self, is_it: Callable[[Stop], bool]) -> Stop:
        """Press Tab until something has the focus."""
        for _ in range(MOST_STOPS):
            stop = self.step()
            if is_it(stop):
                return stop
        raise AssertionError(f"{self.tab.url}: not reached by the keyboard")

    def skip_to_main(self) -> None:
        """Pass over the top of the page, by the link that is there for it."""
        self.to(lambda stop: stop.isSkip)
        self.tab.keyboard.press("Enter")
        expect(self.tab.locator("#main")).to_be_focused()

    def press(self, name: str) -> None:
        """Go to the link or button with this text, press it and wait for the next page."""
        self.to(lambda stop: stop.text == name)
        self.go()

    def go(self) -> None:
        """Press what has the focus and wait for the next page."""
        with self.tab.expect_navigation():
            self.tab.keyboard.press("Enter")

    def send(self) -> None:
        """Send a page whose button has the focus."""
        self.go()

    def page(self) -> None:
        """Answer what this page asks, in the order of its stops, and send it."""
        self.skip_to_main()
        row = steps.medicine_of(self.tab, self.protocol)
        questions: Mapping[str, Question] = self.protocol.questions
        given: Mapping[str, Any] = self.answers
        if row:
            rows: Any = self.answers.get(self.protocol.table.id, {})
            given = rows.get(row, {})
            questions = {column.id: column for column in self.protocol.table.columns}
        wanted = {id: list(typed(questions[id], given[id])) for id in given if id in questions}
        wanted |= {
            name: [text] for name, text in PERSON.items() if "/questions/" not in self.tab.url
        }
        for _ in range(MOST_STOPS):
            stop = self.step()
            if stop.isMain and stop.type == "submit":
                self.send()
                return
            self.answer(stop, wanted)
        raise AssertionError(f"{self.tab.url}: the button is not reached by the keyboard")

    def answer(self, stop: Stop, wanted: Mapping[str, list[str]]) -> None:
        """Do what this stop asks for."""
        keyboard = self.tab.keyboard
        texts = wanted.get(stop.name, [])
        if stop.tag == "SUMMARY":
            if any(value in wanted.get(name, []) for name, value in stop.holds):
                keyboard.press("Enter")
        elif stop.id.endswith("-find"):
            self.find(stop, wanted)
        elif stop.type == "checkbox":
            if (stop.value in texts) != stop.checked:
                keyboard.press("Space")
        elif stop.type == "radio" and texts:
            self.choose(stop, texts[0])
        elif stop.tag in ("INPUT", "TEXTAREA") and texts and stop.value != texts[0]:
            keyboard.type(texts[0])

    def choose(self, stop: Stop, value: str) -> None:
        """Choose one of a group of radios: Space where the focus is, arrows to the others."""
        if not stop.checked and stop.value == value:
            self.tab.keyboard.press("Space")
        for _ in range(20):
            if stop.value == value:
                assert self.look().checked
                return
            self.tab.keyboard.press("ArrowDown")
            stop = self.look()
        raise AssertionError(f"{self.tab.url}: no arrow leads to {value}")

    def find(self, stop: Stop, wanted: Mapping[str, list[str]]) -> None:
        """Type the beginning of each name, and choose it from what is offered."""
        list_id = stop.id.removesuffix("-find")
        for value in wanted.get(list_id, []):
            box = self.tab.locator(f'input[name="{list_id}"][value="{value}"]')
            if box.is_checked() or box.get_attribute("data-exclusive") is not None:
                continue
            name = self.tab.locator(f'label[for="{box.get_attribute("id")}"]').text_content() or ""
            self.tab.keyboard.type(name[:LETTERS])
            options = self.tab.get_by_role("option")
            options.filter(has_text=name).first.wait_for()
            offered = [f"{text} (".startswith(f"{name} (") for text in options.all_inner_texts()]
            for _ in range(offered.index(True)):
                self.tab.keyboard.press("ArrowDown")
            self.tab.keyboard.press("Enter")
            expect(box).to_be_checked()

    def begin(self, start: str = "/") -> None:
        """Go from the start page to the first question."""
        self.tab.goto(start)
        self.to(lambda stop: stop.tag == "A" and "nhsuk-button" in stop.html)
        self.go()
        while "/questions/" not in self.tab.url:
            self.page()

    def everything(self) -> int:
        """Answer all pages up to the check page; return how many there were."""
        pages = 0
        while "/questions/" in self.tab.url:
            self.page()
            pages += 1
            assert pages < MOST_PAGES, self.tab.url
        assert self.tab.url.endswith("/check"), self.tab.url
        return pages

    def finish(self) -> None:
        """Send the whole form; the results are next."""
        self.skip_to_main()
        self.to(lambda stop: stop.isMain and stop.type == "submit")
        self.send()
        while "/results" not in self.tab.url:
            self.skip_to_main()
            self.to(lambda stop: stop.isMain and stop.type == "submit")
            self.go()


class LosesTheLine(Keys):
    """Whose line is lost whenever a page is sent, and comes back."""

    def send(self) -> None:
        """Send a page without a line, read what is said, and wait for the line."""
        entered = "[...new FormData(document.querySelector('main form[data-send]'))].join()"
        before = self.tab.evaluate(entered)
        self.tab.context.set_offline(True)
        self.tab.keyboard.press("Enter")
        notice = self.tab.locator("[data-not-saved]")
        expect(notice).to_be_focused()
        assert self.tab.evaluate(entered) == before, "everything is still there"
        with self.tab.expect_navigation():
            self.tab.context.set_offline(False)
