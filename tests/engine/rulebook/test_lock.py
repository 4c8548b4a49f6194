"""Deleting any one reference, case, review date or option is noticed, with the place named."""

import copy
import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from screener import cli
from screener.engine.rulebook.files import Files, fingerprint
from screener.engine.rulebook.load import RulebookLoader
from screener.places import shipped
from tests.engine.answers import RULEBOOK

RULES = shipped("rules")


@pytest.fixture(scope="module")
def contents() -> dict[str, Any]:
    """Everything under rules/ as it is read, by file."""
    loader = RulebookLoader(RULES)
    loader.load()
    return loader.files.contents


def entries(file: str, content: Any) -> dict[str, str]:
    files = Files(RULES)
    files.contents[file] = content
    return files.entries_of_all()[file]


def places(content: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every place that the issue of signing is about, with what stands there."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key in ("reference", "references", "reviewed", "choice"):
                yield (*keys, key), key
            if key in ("cases", "options") and isinstance(value, list):
                for i in range(len(value)):
                    yield (*keys, key, i), key
            yield from places(value, (*keys, key))
    elif isinstance(content, list):
        for i, value in enumerate(content):
            if isinstance(value, dict) and "case" in value:
                yield (*keys, i), "case"
            yield from places(value, (*keys, i))


def without(content: Any, keys: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(content)
    inner = changed
    for key in keys[:-1]:
        inner = inner[key]
    del inner[keys[-1]]
    return changed


def test_every_file_is_locked_entry_by_entry(contents: dict[str, Any]) -> None:
    assert {file: entries(file, content) for file, content in contents.items()} == {
        file: dict(entries_now) for file, entries_now in RULEBOOK.entries.items()
    }


def test_no_deletion_goes_unnoticed(contents: dict[str, Any]) -> None:
    seen: dict[str, int] = {}
    for file, content in contents.items():
        locked = entries(file, content)
        for keys, what in places(content):
            entries_now = entries(file, without(content, keys))
            changed = {
                id for id in {*locked, *entries_now} if locked.get(id) != entries_now.get(id)
            }
            assert changed, (file, keys)
            seen[what] = seen.get(what, 0) + 1
    assert seen["cases"] > 400
    assert seen["options"] > 300
    assert seen["reference"] > 150
    assert seen["reviewed"] >= 18
    assert seen["case"] == 38


@pytest.mark.parametrize(
    ("file", "gone", "named"),
    [
        ("references.yaml", r"  - id: wolfe-2016\n(?:    .*\n)+", "wolfe-2016"),
        ("common/education/sleep.md", r"reviewed: unreviewed\n", "reviewed is missing"),
        ("common/mood.yaml", r"      - met: ten reached although.*\n        answers:\n(?:          .*\n)+",
            "depression_symptoms has changed"),
        ("instruments/phq9.yaml", r"    - id: 3\n      label: Nearly every day\n.*\n", "instruments/phq9.yaml"),
        ("fibromyalgia/cases/patients.yaml", r"case: 'V06.*\n.*\nexpect:\n.*\n.*\n---\n", "V06"),
        ("common/questions/health.yaml", r"      - id: longer_ago\n(?:        .*\n)+",
            "bp_when has changed"),
    ],
)  # fmt: skip
def test_check_fails_and_names_the_place(
    tmp_path: Path, capsys: Any, file: str, gone: str, named: str
) -> None:
    rules = Path(shutil.copytree(RULES, tmp_path / "rules"))
    text = (rules / file).read_text(encoding="utf-8")
    changed, count = re.subn(gone, "", text, count=1)
    assert count == 1
    (rules / file).write_text(changed, encoding="utf-8")
    assert cli.main(["check", "--rules", str(rules)]) == 1
    assert named in capsys.readouterr().err


def test_a_fingerprint_is_of_content_and_not_of_order() -> None:
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint(json.loads('{"b": [2], "a": 1}'))
    assert fingerprint({"a": ["1", "2"]}) != fingerprint({"a": ["2", "1"]})


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("lock.yaml", b"versions: []\nentries: {}\n", "versions and entries are mappings"),
        ("lock.yaml", b"versions: {depression: [1]}\nentries: {}\n", "are mappings"),
        ("lock.yaml", b"versions: {}\nentries: 1e999999999\n", "versions and entries are mappings"),
        ("lock.yaml", b"versions: {}\nentries: {a.yaml: -1}\n", "a.yaml: a mapping of text"),
        ("lock.yaml", b"---\n", "lock.yaml:1:1: one YAML document expected, 0 found"),
        ("CHANGELOG.md", b"\xff", "CHANGELOG.md: is not UTF-8 text (byte 0)"),
    ],
)
def test_a_lock_of_another_shape(
    tmp_path: Path, capsys: Any, file: str, content: bytes, message: str
) -> None:
    rules = Path(shutil.copytree(RULES, tmp_path / "rules"))
    (rules / file).write_bytes(content)
    assert cli.main(["check", "--rules", str(rules)]) == 1
    assert message in capsys.readouterr().err
    assert cli.main(["lock", "--rules", str(rules)]) == 1
    assert message in capsys.readouterr().err


def test_a_lock_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, capsys: Any) -> None:
    rules = Path(shutil.copytree(RULES, tmp_path / "rules"))
    before = (rules / "lock.yaml").read_bytes()
    # Whatever is written there fails as it does where no space is left.
    (rules / "lock.yaml.part").symlink_to("/dev/full")
    assert cli.main(["lock", "--rules", str(rules)]) == 1
    assert capsys.readouterr().err == "lock.yaml: cannot be written: No space left on device\n"
    assert (rules / "lock.yaml").read_bytes() == before
    assert not (rules / "lock.yaml.part").is_symlink()


@pytest.mark.parametrize("refused", [Path.write_text, Path.replace])
def test_a_read_only_file_system_is_named_with_the_lock(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, refused: Any
) -> None:
    def refuse(self: Path, *_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))

    rules = Path(shutil.copytree(RULES, tmp_path / "rules"))
    # There even taking away what is not there is refused.
    for method in (refused, Path.unlink):
        monkeypatch.setattr(Path, method.__name__, refuse)
    assert cli.main(["lock", "--rules", str(rules)]) == 1
    assert capsys.readouterr().err == "lock.yaml: cannot be written: Read-only file system\n"
