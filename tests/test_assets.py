"""What screener/static holds is what assets/ builds, byte for byte, and no more than pages use."""

import filecmp
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.every_page import PAGES, STAFF, Site, add_staff
from tests.web import make_app, soup

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "screener" / "static"
SHEETS = ("screener.css", "staff.css")
LOCKS = ("assets/package-lock.json", "tests/lighthouse/package-lock.json")


@dataclass(frozen=True)
class Built:
    """The folder of built files, and the classes of the library that were left out."""

    folder: Path
    left_out: frozenset[str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build everything anew in a folder of its own."""
    npm = shutil.which("npm")
    assert npm, "Node.js with npm is needed to rebuild the assets: https://nodejs.org (20 or newer)"
    folder = tmp_path_factory.mktemp("assets")
    sources, out = folder / "assets", folder / "static"
    shutil.copytree(ROOT / "assets", sources, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(ROOT / "templates", folder / "templates")
    for command in ([npm, "ci", "--no-progress"], ["node", "build.mjs", str(out)]):
        done = subprocess.run(
            command, cwd=sources, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return Built(out, frozenset(done.stdout.split()))


def test_the_committed_files_are_the_built_ones(built: Built) -> None:
    names = _files(STATIC)
    assert _files(built.folder) == names
    _, differing, unread = filecmp.cmpfiles(STATIC, built.folder, names, shallow=False)
    assert differing + unread == [], "run `make assets` and commit what it writes"


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Return the classes of every page by side, each with a page that has it."""
    app = make_app(tmp_path_factory.mktemp("site"))
    add_staff(app)
    site = Site(app)
    used: dict[str, dict[str, str]] = {}
    for page in PAGES:
        for tag in soup(site.open(page)).select("[class]"):
            used.setdefault(page.side, {}).update(dict.fromkeys(tag["class"], str(page)))
    return used


def test_no_page_uses_a_class_that_was_left_out(
    built: Built, classes: dict[str, dict[str, str]]
) -> None:
    assert "nhsuk-button--login" in built.left_out
    used = {name: page for of_side in classes.values() for name, page in of_side.items()}
    missing = {name: page for name, page in used.items() if name in built.left_out}
    assert missing == {}, "list them in assets/build.mjs, or write them out in the template"


def test_the_library_has_no_rule_that_no_template_names() -> None:
    """It is written for many sites: all of it weighs twice as much as what is used."""
    css = (STATIC / "screener.css").read_text()
    for name in ("nhsuk-button--login", "nhsuk-expander", "nhsuk-card-group", "nhsuk-u-padding-9"):
        assert name not in css
    for name in ("nhsuk-button--warning", "nhsuk-radios__label", "nhsuk-u-visually-hidden"):
        assert f".{name}" in css


def test_each_class_of_our_own_is_used() -> None:
    scripts = [*(ROOT / "assets/src").rglob("*.js")]
    sources = [*(ROOT / "templates").rglob("*.html"), *scripts]
    sources.append(ROOT / "screener" / "markdown.py")
    texts = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    written = {
        name for sheet in SHEETS for name in re.findall(r"\.(sc-[\w-]+)", _text(sheet)) if name
    }
    assert len(written) > 50
    # A template puts these together from parts.
    parts = ("sc-tag--", "sc-scale--")
    unused = {name for name in written if not name.startswith(parts) and name not in texts}
    assert unused == set()


def test_each_class_of_our_own_that_a_page_uses_is_written(
    classes: dict[str, dict[str, str]],
) -> None:
    """A class without a rule does nothing: what it should hide on paper, for one, would show.

    Only pages of staff have the second sheet.
    """
    for side, used in classes.items():
        sheets = SHEETS if side == STAFF else SHEETS[:1]
        styled = set(re.findall(r"\.(sc-[\w-]+)", "".join(map(_text, sheets))))
        ours = {name: page for name, page in used.items() if name.startswith("sc-")}
        assert len(ours) > 5, side
        assert {name: page for name, page in ours.items() if name not in styled} == {}


@pytest.mark.parametrize("name", SHEETS)
def test_the_sheets_name_only_files_beside_them(name: str) -> None:
    for path in re.findall(r'url\("?([^")]+)"?\)', _text(name)):
        assert (STATIC / path).is_file()


@pytest.mark.parametrize("name", LOCKS)
def test_the_locks_name_no_registry(name: str) -> None:
    text = (ROOT / name).read_text()
    assert '"integrity"' in text
    assert '"resolved"' not in text
    assert "://registry" not in text


def _text(name: str) -> str:
    return (STATIC / name).read_text()


def _files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
