"""`python -m benchmarks.pages`: what the product's pages cost, beside an empty Flask page.

Two servers run, the product and an empty Flask application, each one gunicorn process with four
threads. wrk asks one after the other over four connections on this machine, in rounds, so that
whatever else the machine does falls on all alike. A page's figure is a ratio: its requests a
second by those of the empty page of the same round, a save by those of the empty page's post.

Every answer is looked at: one with another status, or a save that did not lead to the next page,
ends the run. After each round of saves the page must show what was sent last.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from tqdm import tqdm

from benchmarks.servers import Failed, Server, servers
from benchmarks.site import SAVED, Browser, People, fill, hidden, settings
from benchmarks.wrk import CONNECTIONS, NO_WRK, Measured, Requests, run_wrk, text
from screener.app import create_app
from screener.forms import shown

OUT = Path("build/pages.json")
VARIANTS = 9  # different answers that are saved in turn
EMPTY, EMPTY_POST = "empty page", "empty post"
GOALS = {
    "save a page": 0.12,
    "question page": 0.15,
    "check page": 0.12,
    "start page": 0.25,
    "queue": 0.10,
    "submission page": 0.03,
}


class Pages:
    """What is sent to measure each page, made anew for each round."""

    def __init__(self, product: Server, people: People) -> None:
        self.people = people
        self.browser = Browser(product.port)
        staff = {"email": people.staff.email, "password": people.staff.password}
        if self.browser.post("/staff/login", staff) != "/staff/":
            raise Failed("nobody could sign in")
        self.saved: list[tuple[int, int]] = []

    def requests(self, page: str) -> list[Requests]:
        """Return what each connection sends."""
        if page == "save a page":
            return self._saves()
        if page == EMPTY_POST:
            return [Requests((text("POST", "/", fields=_answers(0)),))] * CONNECTIONS
        if page in ("question page", "check page"):
            paths = self.people.pages if page == "question page" else ("/check",)
            forms = [self._opened(token)[0].cookies for token in self.people.tokens]
            return [Requests(tuple(text("GET", path, form) for path in paths)) for form in forms]
        if page in (EMPTY, "start page"):
            return [Requests((text("GET", "/"),))] * CONNECTIONS
        path = "/staff/" if page == "queue" else f"/staff/submissions/{self.people.reference}"
        return [Requests((text("GET", path, self.browser.cookies),))] * CONNECTIONS

    def _opened(self, token: str) -> tuple[Browser, str]:
        """Return somebody who goes on with a form, and the page to save as it is stored."""
        browser = Browser(self.browser.port, token)
        for _ in range(2):  # the second answer marks the session as nobody's that signed in
            page = browser.get(f"/questions/{SAVED}")
        return browser, page

    def _saves(self) -> list[Requests]:
        """Return saves of one page, each with other answers than the one before it."""
        path = f"/questions/{SAVED}"
        onward = self.people.pages[self.people.pages.index(path) + 1]
        several = []
        for token in self.people.tokens:
            browser, page = self._opened(token)
            csrf, stands = hidden(page, "csrf_token"), hidden(page, shown.NAME)
            texts = []
            for at in range(VARIANTS + 1):  # the first follows what is stored
                mark = stands if at == 0 else _shown((at - 1) % VARIANTS)
                given = {"csrf_token": csrf, shown.NAME: mark, **_answers(at % VARIANTS)}
                texts.append(text("POST", path, browser.cookies, given))
            several.append(Requests(tuple(texts), 303, onward, begin=1))
        return several

    def check_saves(self, sent: Sequence[int]) -> None:
        """Raise Failed unless each form shows what was sent last."""
        for token, count in zip(self.people.tokens, sent, strict=True):
            _, page = self._opened(token)
            stands = shown.read(hidden(page, shown.NAME))
            # What was under way when wrk stopped may have been saved too.
            lasts = [shown.read(_shown((count - back) % VARIANTS)) for back in (1, 0)]
            if stands not in lasts:
                raise Failed(f"a save did not save: after {count} the page shows {stands}")


def _answers(variant: int) -> dict[str, str]:
    """Return different answers to the page that is saved; none of them changes what is asked."""
    return {
        "fatigue": str(1 + variant % 3),
        "waking_unrefreshed": str(1 + variant // 3 % 3),
        "trouble_thinking": "2",
        "headaches": "yes",
        "abdominal_cramps": "no",
        "low_mood": "yes",
    }


def _shown(variant: int) -> str:
    """Return what the page shows after these answers, as it brings it back."""
    return shown.marked({id: [answer] for id, answer in _answers(variant).items()})


def measure(folder: Path, rounds: int, seconds: int) -> dict[str, list[Measured]]:
    """Measure every page in every round."""
    app = create_app(settings(folder))
    people = fill(app, CONNECTIONS)
    names = [EMPTY, EMPTY_POST, *GOALS]
    times: dict[str, list[Measured]] = {name: [] for name in names}
    with servers(folder) as (product, empty):
        pages = Pages(product, people)
        for name in names:  # the first answers of a server are slower than all others
            _one(pages, product, empty, name, 4)
        for number in tqdm(range(rounds), unit="round"):
            for name in names[number % len(names) :] + names[: number % len(names)]:
                times[name].append(_one(pages, product, empty, name, seconds))
    return times


def _one(pages: Pages, product: Server, empty: Server, name: str, seconds: int) -> Measured:
    server = empty if name in (EMPTY, EMPTY_POST) else product
    try:
        measured = run_wrk(server, pages.requests(name), seconds)
    except Failed as error:
        raise Failed(f"{name}: {error}") from None
    if name == "save a page":
        pages.check_saves(measured.sent)
    return measured


@dataclass(frozen=True)
class Row:
    """One page: medians over the rounds; the ratio is taken within each round."""

    page: str
    per_second: float
    processor_ms: float
    ratio: float
    goal: float | None

    @property
    def verdict(self) -> str:
        """Return whether the goal is met."""
        if self.goal is None:
            return ""
        return "met" if round(self.ratio, 3) >= self.goal else "missed"


def rows(times: Mapping[str, Sequence[Measured]]) -> list[Row]:
    """Return the figures of every page."""
    figures = []
    for page, rounds in times.items():
        base = times[EMPTY_POST if page in (EMPTY_POST, "save a page") else EMPTY]
        ratios = [this.per_second / of.per_second for this, of in zip(rounds, base, strict=True)]
        figures.append(
            Row(
                page,
                median(measured.per_second for measured in rounds),
                median(measured.processor_ms for measured in rounds),
                median(ratios),
                GOALS.get(page),
            )
        )
    return figures


def table(figures: Sequence[Row]) -> str:
    """Return the figures as a table in Markdown."""
    lines = [
        "| page | requests a second | ms of processor time | of an empty page | goal | |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.page} | {row.per_second:.0f} | {row.processor_ms:.2f} | {row.ratio:.3f} | "
        f"{'' if row.goal is None else f'{row.goal:.2f}'} | {row.verdict} |"
        for row in figures
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, write `build/pages.json`. Gives 1 where something is missing."""
    parser = argparse.ArgumentParser(description="Measure the pages beside an empty Flask page.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3, help="for each page in each round")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    if shutil.which("wrk") is None:
        print(NO_WRK, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="screener-pages-") as name:
        try:
            times = measure(Path(name), options.rounds, options.seconds)
        except Failed as error:
            print(error, file=sys.stderr)
            return 1
    figures = rows(times)
    print(table(figures))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    machine = (
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    written = {"machine": machine, "pages": [asdict(row) for row in figures]}
    options.out.write_text(json.dumps(written, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
