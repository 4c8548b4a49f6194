"""The wheel, built and installed into an empty environment, does the main job there.

It leaves the checkout behind: nothing here may find rules, templates or modules beside it.
"""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    _run([*build, str(ROOT)], folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """Install the wheel, with what the lock gives it at run time; return the folder to work in."""
    folder = wheel.parent
    venv.create(folder / "venv")
    (folder / "locked.txt").write_text(locked_at_run_time())
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "venv/bin/python")]
    install = [*pip, "install", "--quiet", "--no-compile", "--no-deps"]
    _run([*install, "--require-hashes", "-r", "locked.txt"], folder)
    _run([*install, wheel.name], folder)
    _run([*pip, "check"], folder)
    return folder


def locked_at_run_time() -> str:
    """Return the part of requirements.txt that the program needs to run."""
    lock = (ROOT / "requirements.txt").read_text()
    entries = {
        canonicalize_name(Requirement(re.split(r" ?\\\n", entry)[0]).name): entry
        for entry in re.split(r"\n(?=\S)", lock.strip())
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    waiting = [Requirement(text) for text in project["dependencies"]]
    needed: set[NormalizedName] = set()
    done: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) in done:
                continue
            done.add((name, extra))
            needed.add(name)
            waiting += [
                further
                for further in map(Requirement, importlib.metadata.requires(name) or [])
                if further.marker is None or further.marker.evaluate({"extra": extra})
            ]
    return "\n".join(entries[name] for name in sorted(needed)) + "\n"


def _run(command: list[str], folder: Path, stdin: str = "", **settings: str) -> str:
    """Run in `folder` with an environment that knows nothing of the checkout."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SCREENER_", "PYTHON", "VIRTUAL_ENV"))
    }
    done = subprocess.run(
        command, cwd=folder, env={**clean, **settings}, input=stdin, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_it_holds_all_that_is_served_and_read_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for name in ("rules", "templates", "screener"):
        folder = ROOT / name
        inside = "" if name == "screener" else "screener/"
        here = {
            inside + path.relative_to(ROOT).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert here - names == set()
    others = [
        name for name in names if not name.startswith("screener/") and "dist-info" not in name
    ]
    assert others == []
    assert [name for name in names if "__pycache__" in name or name.endswith(".map")] == []


def test_the_licences_of_what_it_ships_travel_with_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        licences = {Path(name).name for name in archive.namelist() if "/licenses/" in name}
    assert {"LICENSE", "NOTICE", *(path.name for path in (ROOT / "LICENSES").iterdir())} <= licences


def test_the_rulebook_is_checked_there(installed: Path) -> None:
    printed = _run([str(installed / "venv/bin/screener"), "check"], installed)
    assert "fibromyalgia" in printed
    assert "sha256:" in printed


def test_answers_are_assessed_there(installed: Path) -> None:
    printed = _run(
        [str(installed / "venv/bin/screener"), "assess", "-"],
        installed,
        stdin='{"age": 44, "phq9_9": 1}',
    )
    outcome = json.loads(printed)
    assert outcome["priority"] == "urgent"
    assert "unknown" in outcome["flags"].values()


def test_pages_are_served_there(installed: Path) -> None:
    serve = """
import re
from screener.app import create_app
from screener.settings import Settings
client = create_app(Settings.load()).test_client()
start = client.get("/")
for path in ("/", "/learn/", "/staff/login", *re.findall("/static/[^\\"]+", start.text)):
    response = client.get(path)
    print(response.status_code, len(response.data) > 300)
"""
    printed = _run(
        [str(installed / "venv/bin/python"), "-c", serve], installed, SCREENER_MODE="demonstration"
    )
    assert printed.split("\n")[:-1] == ["200 True"] * 7
