"""Measures pages as a middling phone shows them, by Lighthouse: `make lighthouse`.

A synthetic person is part-way through the form, another has sent it; each page is opened with an
empty cache. The status is 1 if any figure is worse than it must be.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from tests.browser import chromium
from tests.browser.conftest import Quiet
from tests.every_page import PAGES, PATIENT, Site, add_staff
from tests.web import make_app

COMMAND = Path(__file__).parents[1] / "lighthouse/node_modules/lighthouse/cli/index.js"
# Names of tests/every_page.py: start, a question page, the body map, a medicine, the results.
MEASURED = ("start", "page sleep", "page pain_areas", "a medicine", "results")
CATEGORIES = ("performance", "accessibility", "best-practices")
LEAST = 98  # of 100, in each category


@dataclass(frozen=True)
class Figures:
    """What Lighthouse says of one page: the score of each category, layout shift, audits failed."""

    page: str
    scores: dict[str, int]
    shift: float
    kilobytes: float
    failed: list[str]

    @property
    def good(self) -> bool:
        """Whether all figures are as they must be."""
        return self.shift == 0 and min(self.scores.values()) >= LEAST

    def __str__(self) -> str:
        scores = "  ".join(f"{name} {score:3}" for name, score in self.scores.items())
        line = f"{self.page:16} {scores}  shift {self.shift:g}  {self.kilobytes:.1f} kB"
        return line if self.good else "\n    ".join([line, *self.failed])


def measure(name: str, url: str, cookies: str, browser: Path) -> Figures:
    """Let Lighthouse open a page with these cookies. Raise RuntimeError if it could not."""
    command = ["node", str(COMMAND), url, "--output=json", "--output-path=stdout", "--quiet"]
    command += [f"--only-categories={','.join(CATEGORIES)}", "--no-enable-error-reporting"]
    command += [f"--chrome-flags=--headless=new {' '.join(chromium.FLAGS)}"]
    if cookies:
        command += ["--extra-headers", json.dumps({"Cookie": cookies})]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "CHROME_PATH": str(browser)}
    )
    if done.returncode:
        raise RuntimeError(f"Lighthouse could not open {url}:\n{done.stderr}")
    return _read(name, json.loads(done.stdout))


def _read(name: str, report: dict[str, Any]) -> Figures:
    categories, audits = report["categories"], report["audits"]
    wanting = [
        f"{audit['title']} {audit.get('displayValue', '')}".rstrip()
        for category in categories.values()
        for ref in category["auditRefs"]
        if ref["weight"] and (audit := audits[ref["id"]])["score"] not in (None, 1)
    ]
    return Figures(
        name,
        {id: round(100 * (category["score"] or 0)) for id, category in categories.items()},
        audits["cumulative-layout-shift"]["numericValue"],
        audits["total-byte-weight"]["numericValue"] / 1000,
        wanting,
    )


class KeptAlive(Quiet):
    """A server that keeps connections, as the real one behind its proxy does."""

    protocol_version = "HTTP/1.1"


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the app on a free local port and yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=KeptAlive)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


def main() -> int:
    """Measure all pages and print the figures. Returns the exit status."""
    browser = chromium.find()
    if browser is None:
        print(chromium.CURE, file=sys.stderr)
        return 1
    pages = {page.name: page for page in PAGES if page.side == PATIENT}
    all_good = True
    with tempfile.TemporaryDirectory() as data:
        app = make_app(Path(data), limit_start="1000/60")
        add_staff(app)
        site = Site(app)
        with served(app) as address:
            for name in MEASURED:
                page = pages[name]
                cookies = site.open(page).request.headers.get("Cookie", "")
                figures = measure(name, address + page.path, cookies, browser)
                print(figures, flush=True)
                all_good &= figures.good
    if not all_good:
        print(f"Each score must be {LEAST} or more, and nothing may shift.", file=sys.stderr)
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main())
