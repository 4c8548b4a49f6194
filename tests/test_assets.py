"""What screener/static holds is what assets/ builds, byte for byte."""

import filecmp
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "screener" / "static"


def test_the_committed_files_are_the_built_ones(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    assert npm, "Node.js with npm is needed to rebuild the assets: https://nodejs.org (20 or newer)"
    sources, built = tmp_path / "assets", tmp_path / "static"
    shutil.copytree(ROOT / "assets", sources, ignore=shutil.ignore_patterns("node_modules"))
    for command in ([npm, "ci", "--no-progress"], ["node", "build.mjs", str(built)]):
        done = subprocess.run(
            command, cwd=sources, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    names = _files(STATIC)
    assert _files(built) == names
    _, differing, unread = filecmp.cmpfiles(STATIC, built, names, shallow=False)
    assert differing + unread == [], "run `make assets` and commit what it writes"


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "assets" / "package-lock.json").read_text()


def _files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
