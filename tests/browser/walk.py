"""Walks the form as seven synthetic people do, on a phone, and prints what it costs them.

`python -m tests.browser.walk` (`make walk`) goes from the start page to the results. It counts

- pages that are opened, and how many phone screens they are high when they are done;
- taps: one for each box, button, link, folded list and field to type in;
- characters that are typed, and the keys of the phone's keyboard that go on to the next field, take
  the first name that is offered, or send a page from its last field;
- words: those in the middle of each page that can be seen when it is sent. What stands around
  every page (help bar, header, footer) counts once;
- bytes on the wire, with an empty cache at the start.
"""

import re
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, sync_playwright
from playwright.sync_api import Page as Tab
from werkzeug.serving import make_server

from screener.commands.burden import PERSONS
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Question
from screener.forms.pages import typed
from tests.browser import chromium
from tests.browser.conftest import PHONE, Quiet
from tests.shipped import RULEBOOK
from tests.web import make_app

HEIGHT = 844  # pixels that a phone of 390 pixels in width shows
WORDS_A_MINUTE = 150
SECONDS_A_TAP = 3
MOST = {"words": 5_000, "taps": 130, "screens": 70}
GOAL = "V01 with six medicines"
LETTERS = 5  # of a name that are typed, before it is among those offered
# A form asks again what was skipped and says so, so nobody meets more pages than this.
MOST_PAGES = 90


@dataclass
class Cost:
    """What one person meets and does. `frame` are the words around every page, counted once."""

    pages: int = 0
    taps: int = 0
    typed: int = 0
    screens: float = 0.0
    words: int = 0
    frame: int = 0
    bytes: int = 0
    headings: list[str] = field(default_factory=list)

    @property
    def minutes(self) -> float:
        """Return how long reading and tapping take, without thinking and typing."""
        return (self.words + self.frame) / WORDS_A_MINUTE + self.taps * SECONDS_A_TAP / 60

    def missed(self) -> list[str]:
        """Return a line for each part of the goal that was missed."""
        counts = asdict(self) | {"words": self.words + self.frame}
        return [
            f"{name}: {counts[name]:,.0f}, at most {most:,} wanted"
            for name, most in MOST.items()
            if counts[name] > most
        ]


_BOXES = """[...document.querySelectorAll('main form input[type="text"], main form textarea')]
  .filter(box => box.offsetParent)"""
_IS_NEXT = f"""box => {{
  const boxes = {_BOXES};
  const at = boxes.indexOf(document.activeElement);
  return at >= 0 && boxes[at + 1] === box;
}}"""
_IS_LAST = f"""() => {{
  const boxes = {_BOXES};
  return boxes.length > 0 && boxes.at(-1).matches("input") &&
    boxes.at(-1) === document.activeElement && boxes.at(-1).value !== "";
}}"""


class Walker:
    """A person with a phone: looks at each page as it is when it is done, and presses on."""

    def __init__(self, tab: Tab) -> None:
        """Start counting what this window costs."""
        self.tab = tab
        self.cost = Cost()
        wire = tab.context.new_cdp_session(tab)
        wire.send("Network.enable")
        wire.on("Network.loadingFinished", self._loaded)

    def _loaded(self, event: Mapping[str, Any]) -> None:
        self.cost.bytes += int(event["encodedDataLength"])

    def look(self) -> None:
        """Count the page as it stands now."""
        tab, cost = self.tab, self.cost
        cost.pages += 1
        cost.headings.append(" ".join(tab.locator("h1").first.inner_text().split()))
        main, body = (words(tab.locator(name).inner_text()) for name in ("main", "body"))
        cost.words += main
        cost.frame = max(cost.frame, body - main)
        height = int(tab.evaluate("document.documentElement.scrollHeight"))
        cost.screens += max(1, height / HEIGHT)

    def tap(self, control: Locator, *, moves: bool = False) -> None:
        """Tap something; with `moves` it leads to another page, and this one is done."""
        self.cost.taps += 1
        if not moves:
            control.tap()
            return
        self.look()
        with self.tab.expect_navigation():
            control.tap()

    def write(self, control: Locator, text: str) -> None:
        """Type into a field: the one that is in use, the one after it, or one that is tapped."""
        if control.evaluate(_IS_NEXT):
            self.cost.typed += 1
            control.focus()
        elif not control.evaluate("box => box === document.activeElement"):
            self.tap(control)
        self.cost.typed += len(text)
        self.tab.keyboard.type(text)

    def send(self) -> None:
        """Press the first button of the page's own form, or the key that does the same."""
        if self.tab.evaluate(_IS_LAST):
            self.look()
            self.cost.typed += 1
            with self.tab.expect_navigation():
                self.tab.keyboard.press("Enter")
        else:
            button = self.tab.locator("main form button[type=submit]:visible").first
            self.tap(button, moves=True)


def words(text: str) -> int:
    """Return how many words a text has."""
    return len(re.findall(r"\w[\w'’.,-]*", text))


def promised_minutes(tab: Tab) -> list[int]:
    """Return the minutes that the start page speaks of."""
    text = tab.locator("main").inner_text()
    return [int(number) for number in re.findall(r"(\d+)(?= (?:to \d+ )?minutes)", text)]


def walk(tab: Tab, protocol: Protocol, answers: Answers) -> tuple[Cost, list[int]]:
    """Go from the start page to the results; return the cost and the promised minutes."""
    walker = Walker(tab)
    tab.goto(f"/?form={protocol.id}")
    promise = promised_minutes(tab)
    walker.tap(tab.get_by_role("link", name="Start now"), moves=True)
    walker.send()
    for part, text in (("Month", "4"), ("Day", "27"), ("Year", "1979")):
        walker.write(tab.get_by_label(part, exact=True), text)
    walker.send()
    walker.write(tab.get_by_label("Full name"), "Ana Test (synthetic)")
    walker.write(tab.get_by_label("Phone number", exact=True), "(555) 555-0142")
    walker.write(tab.get_by_label("Where are you right now?"), "Springfield, IL")
    walker.send()
    while "/check" not in tab.url:
        assert walker.cost.pages < MOST_PAGES, walker.cost.headings
        if "/questions/" in tab.url:
            fill(walker, protocol, answers)
        walker.send()
    walker.tap(tab.get_by_role("button", name="Send my answers"), moves=True)
    while "/results" not in tab.url:
        assert walker.cost.pages < MOST_PAGES, walker.cost.headings
        walker.send()
    walker.look()
    return walker.cost, promise


def fill(walker: Walker, protocol: Protocol, answers: Answers) -> None:
    """Answer what the page asks, and what appears while it is answered."""
    tab = walker.tab
    row = re.search(rf"/{protocol.table.id}/(\w+)", tab.url)
    questions: Mapping[str, Question] = protocol.questions
    given: Mapping[str, Any] = answers
    if row:
        rows: Any = answers.get(protocol.table.id, {})
        given = rows.get(row[1], {})
        questions = {column.id: column for column in protocol.table.columns}
    done: set[str] = set()
    while fresh := [name for name in _asked(tab) if name in questions and name not in done]:
        done.update(fresh)
        for name in fresh:
            if name in given:
                _answer(walker, questions[name], given[name])


def _asked(tab: Tab) -> list[str]:
    """Return the names of the fields that can be seen, in order."""
    names: list[str] = tab.locator("main form :is(input, textarea, select)[name]").evaluate_all(
        """fields => fields
          .filter(f => f.type !== "hidden" && (f.closest("details") || f.offsetParent))
          .map(f => f.name)"""
    )
    return list(dict.fromkeys(names))


def _answer(walker: Walker, question: Question, answer: Any) -> None:
    tab = walker.tab
    for text in typed(question, answer):
        box = tab.locator(f'input[name="{question.id}"][value="{text}"]')
        if not box.count():
            _write(walker, question, text)
            continue
        if tab.locator(f"[id='{question.id}-find']").count() and not box.is_visible():
            _find(walker, question.id, box)
            continue
        folded = tab.locator("details:not([open])", has=box)
        if folded.count():
            walker.tap(folded.locator("summary").first)
        if not box.is_checked():
            walker.tap(box)


def _write(walker: Walker, question: Question, text: str) -> None:
    """Press the button that writes an answer, where there is one, or type it."""
    buttons = f'[data-picks="{question.id}"] button:visible'
    number, _, unit = text.partition(" ")
    usual = walker.tab.locator(f'{buttons}[data-value="{text}"]')
    if usual.count():
        walker.tap(usual)
        return
    adds = walker.tab.locator(f'{buttons}[data-value="{unit}"]')
    if unit and adds.count():
        walker.tap(adds)  # which leads to the box
        text = number
    walker.write(walker.tab.locator(f'[name="{question.id}"]').first, text)


def _find(walker: Walker, list_id: str, box: Locator) -> None:
    """Type the beginning of a name into the box over a long list, and choose what it finds."""
    tab = walker.tab
    if box.is_checked():
        return
    name = tab.locator(f'label[for="{box.get_attribute("id")}"]').first.text_content() or ""
    finder = tab.locator(f"[id='{list_id}-find']")
    walker.write(finder, name[:LETTERS])
    option = tab.get_by_role("option").filter(has_text=name).first
    option.wait_for()
    if name in tab.get_by_role("option").first.inner_text():
        walker.cost.typed += 1
        tab.keyboard.press("Enter")
    else:
        walker.tap(option)


def people() -> Iterator[tuple[Protocol, str, Answers]]:
    """Yield each person: those that `screener burden` counts, and V01 with six medicines."""
    for id, starts in PERSONS.items():
        protocol = RULEBOOK.protocols[id]
        for start in starts:
            yield protocol, start, _case(protocol, start)
    yield RULEBOOK.protocols["fibromyalgia"], GOAL, six_medicines()


def six_medicines() -> Answers:
    """Return V01 with three more medicines, as F08 tells of them."""
    protocol = RULEBOOK.protocols["fibromyalgia"]
    person, other = _case(protocol, "V01"), _case(protocol, "F08")
    table = protocol.table.id
    rows, more = person[table], other[table]
    assert isinstance(rows, dict)
    assert isinstance(more, dict)
    added = {name: more[name] for name in ("bupropion", "amitriptyline", "gabapentin")}
    return {**person, table: {**rows, **added}}


def _case(protocol: Protocol, start: str) -> Answers:
    return next(c.answers for c in protocol.cases if c.name.startswith(f"{start}:"))


@contextmanager
def site() -> Iterator[str]:
    """Yield the address of a whole site on an empty database."""
    with tempfile.TemporaryDirectory() as data:
        app = make_app(Path(data), limit_start="1000/60")
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()


def window(browser: Browser, url: str) -> Tab:
    """Open a phone that nobody has used yet."""
    tab = browser.new_context(
        viewport={"width": PHONE, "height": HEIGHT},
        base_url=url,
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    ).new_page()
    tab.set_default_timeout(60_000)
    return tab


def main() -> int:
    """Walk as everybody and print a table. Returns 1 if the goal was missed."""
    path = chromium.find()
    if path is None:
        print(chromium.CURE, file=sys.stderr)
        return 1
    problems: list[str] = []
    counts = [f.name for f in fields(Cost) if f.name != "headings"]
    print("".join(name.rjust(10) for name in [*counts, "minutes"]))
    with site() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
        for protocol, name, answers in people():
            cost, promise = walk(window(browser, url), protocol, answers)
            row = asdict(cost) | {"minutes": cost.minutes}
            cells = "".join(f"{row[count]:10,.0f}" for count in [*counts, "minutes"])
            print(f"{cells}  {name}, {protocol.title}", flush=True)
            if name == GOAL:
                problems += cost.missed()
                print("\n".join(f"{n:3d} {text}" for n, text in enumerate(cost.headings, 1)))
            if max(promise, default=0) < cost.minutes:
                problems.append(
                    f"{name}: {cost.minutes:.0f} minutes, and the start page promises {promise}"
                )
        browser.close()
    print("\n".join(problems) or f"The goal for {GOAL} is met.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
