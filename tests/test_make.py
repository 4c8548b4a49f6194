"""What CI runs: every test is in `make test` or in `make long`, and CI runs both."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def recipe(target: str) -> str:
    """Return the commands of a target of the Makefile."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    match = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", text, re.MULTILINE)
    assert match is not None, target
    return match.group(1)


def test_both_together_run_every_test() -> None:
    assert recipe("test").count("pytest") == recipe("long").count("pytest") == 1
    assert '-m "not long"' in recipe("test")
    assert re.search(r"-m long$", recipe("long"), re.MULTILINE)
    assert "--ignore" not in recipe("test") + recipe("long")


def test_ci_runs_the_long_tests_after_the_others() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-2:] == ["make test", "make long"]
