"""The browser of the tests: one that is there, or one that is installed now.

`python -m tests.browser.chromium` makes sure of it. The browser tests are never skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
CURE = (
    "The browser tests need Chromium or Chrome, and none could be installed. Install one "
    "(Debian, Ubuntu: apt-get install chromium; macOS: brew install --cask google-chrome) or "
    "name one: CHROMIUM=/path/to/chrome make test"
)
# Chromium does not start as root with its sandbox; it only ever opens our own pages here. The
# others keep it from calling its maker.
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
]


def find() -> Path | None:
    """Return a browser that starts, or None."""
    return next((Path(path) for path in _candidates() if _starts(path)), None)


def install() -> None:
    """Try to install a browser: from the system's packages, else Playwright's own build."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        packages = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], packages):
            subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, check=False)
    if find() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def _candidates() -> Iterator[str]:
    if named := os.environ.get("CHROMIUM"):
        yield named
        return
    yield from filter(None, map(shutil.which, NAMES))
    yield str(MAC)
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def _starts(path: str) -> bool:
    # On Ubuntu "chromium" may be a stub that only says where to get the real one.
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> int:
    """Make sure that there is a browser. Returns the exit status."""
    if find() is None:
        print("Installing a browser for the tests", flush=True)
        install()
    path = find()
    print(CURE if path is None else f"Browser: {path}", flush=True)
    return 1 if path is None else 0


if __name__ == "__main__":
    sys.exit(main())
