"""Takes the pictures of the README from the running program: `python -m tests.browser.pictures`.

Everybody in them is synthetic.
"""

import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Browser, Locator, sync_playwright
from playwright.sync_api import Page as Tab
from werkzeug.serving import make_server

from screener import samples, store
from tests.browser import chromium, steps
from tests.browser.conftest import DESK, PHONE, Quiet
from tests.every_page import add_staff
from tests.web import make_app

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def take(browser: Browser, url: str, reference: str, folder: Path) -> None:
    """Walk through the site and write the pictures into `folder`."""
    tab = _window(browser, url, PHONE, 780)
    steps.begin(tab)
    tab.goto("/questions/pain_areas")
    steps.fill(tab, {"pain_areas": ["neck", "upper_back", "shoulder_girdle_left"]})
    _write(tab, folder / "question.png", tab.locator("main legend").first)
    tab.goto("/questions/mood")
    steps.fill(tab, {"phq9_9": 1})
    steps.forward(tab)
    _write(tab, folder / "help.png")
    tab = _window(browser, url, DESK, 760)
    steps.sign_in(tab, "physician")
    _write(tab, folder / "queue.png")
    tab.goto(f"/staff/submissions/{reference}")
    _write(tab, folder / "submission.png")
    tab.goto(f"/staff/submissions/{reference}/all")
    flag = tab.locator("#flag-fibromyalgia_pattern")
    flag.locator("details").first.evaluate("one => one.open = true")
    _write(tab, folder / "flag.png", flag)


def _window(browser: Browser, url: str, width: int, height: int) -> Tab:
    return browser.new_context(
        viewport={"width": width, "height": height}, base_url=url, reduced_motion="reduce"
    ).new_page()


def _write(tab: Tab, path: Path, top: Locator | None = None) -> None:
    """Write what is in view, with `top` near the upper edge."""
    tab.evaluate("document.fonts.ready")
    tab.evaluate("document.activeElement.blur()")
    if top is not None:
        top.evaluate("one => window.scrollTo(0, one.getBoundingClientRect().top + scrollY - 70)")
    tab.screenshot(path=path)


def main() -> int:
    """Take all pictures. Returns the exit status."""
    path = chromium.find()
    if path is None:
        print(chromium.CURE, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as data:
        app = make_app(Path(data))
        add_staff(app)
        with app.app_context():
            samples.fill()
            waiting = store.queue(statuses=store.OPEN, limit=100)
        reference = next(row.reference for row in waiting if row.priority == "review")
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        FOLDER.mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
            take(browser, f"http://127.0.0.1:{server.port}", reference, FOLDER)
            browser.close()
        server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
