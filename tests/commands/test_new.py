"""Names and titles with which a protocol can begin, and what is to be read before one is signed."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from screener.engine.rulebook.load import load
from screener.places import shipped

pytestmark = pytest.mark.long

TO_READ = re.compile(
    r"Read before signing: (\d+) sources? of shared chapters, read only in an excerpt or through "
    r"another source, or recalled \(`screener sources --rules (.+)` says which\)"
)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a folder with a copy of the rules."""
    return Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))


@pytest.mark.parametrize(
    "title", ["Follow-up: pain", "yes", """#1 "pain" & 'sleep' {$name}: # ~"""]
)
def test_any_title_can_stand_in_the_files(run: Any, rules: Path, title: str) -> None:
    status, told, faults = run("new", "fu", "--title", title, "--rules", str(rules))
    assert (status, faults) == (0, [])
    assert told[0].startswith(f"{rules / 'fu'}: written")
    rulebook = load(rules)
    protocol = rulebook.protocols["fu"]
    assert protocol.title == title
    assert [page.title for page in protocol.pages if page.id == "fu"] == [title]
    assert protocol.questions["fu_weeks"].short == f"Weeks ({title})"
    assert f"“{title}”" in list(rulebook.choices.values())[-1].choice


@pytest.mark.parametrize("title", ["", "  ", "—", "a\x07b", "a\udcffb"])
def test_a_title_that_nobody_can_read_is_refused(run: Any, rules: Path, title: str) -> None:
    status, told, [fault] = run("new", "fu", "--title", title, "--rules", str(rules))
    assert (status, told) == (2, [])
    assert fault.endswith("write what staff and patients read, in letters, or leave --title out")
    assert fault.isprintable()
    assert not (rules / "fu").exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("phq9", "instruments/phq9.yaml has this name already"),
        ("medicines", "medicines.yaml has this name already"),
        ("common", "common is there already"),
        ("depression", "a protocol has this name already"),
        ("mood", "depression/protocol.yaml has mood already"),  # a page
        ("under_18", "common/age.yaml has under_18 already"),  # a rule
        ("tms", "common/questions/treatments.yaml has tms_weeks already"),  # its question would be
    ],
)
def test_a_name_that_names_something_else_is_refused(
    run: Any, rules: Path, name: str, why: str
) -> None:
    before = sorted(rules.rglob("*"))
    status, told, [fault] = run("new", name, "--rules", str(rules))
    assert (status, told) == (2, [])
    assert fault.startswith(f"{name}: ") and why in fault and "choose another" in fault
    assert sorted(rules.rglob("*")) == before


def test_sources_of_shared_chapters_that_nobody_read_are_counted(run: Any, rules: Path) -> None:
    before = _to_read(run, rules)
    references = rules / "references.yaml"
    text = references.read_text(encoding="utf-8")
    place = text.index("id: parnate-label")
    assert re.findall(r"read: (\w+)", text[place:])[0] == "secondary"
    changed = text[place:].replace("read: secondary", "read: abstract", 1)
    references.write_text(text[:place] + changed, encoding="utf-8")
    assert _to_read(run, rules) == before - 1


def _to_read(run: Any, rules: Path) -> int:
    status, told, _ = run("missing", "depression", "--rules", str(rules))
    line = TO_READ.fullmatch(told[-1])
    assert status == 0 and line is not None, told[-1]
    assert line[2] == str(rules)
    return int(line[1])
