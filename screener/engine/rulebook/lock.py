"""The lock: the text of a rulebook tied to its version, so that no change goes unnoticed.

`rules/lock.yaml` holds, for the version that was last released, a fingerprint of every entry of
every file. A rulebook that differs from it must carry a higher version and an entry in
`rules/CHANGELOG.md` that tells clinicians what changed for patients.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from screener.engine.problems import Problem, RulebookError
from screener.engine.protocol import Entries, Rulebook
from screener.engine.yaml_text import read_file, rule_text

LOCK = "lock.yaml"
CHANGELOG = "CHANGELOG.md"

_HEAD = """\
# Written by `screener lock` when a version of the rulebook is released; not edited by hand.
# A fingerprint of every entry: `screener check` names what differs from the released text.
"""


def check_lock(root: Path, rulebook: Rulebook) -> list[Problem]:
    """What differs from the released text without a new version, or lacks its changelog."""
    path = root / LOCK
    if not path.is_file():
        return [Problem(LOCK, 0, 0, "is missing; release this text with `screener lock`")]
    try:
        versions, entries = _read(path)
    except RulebookError as error:
        return list(error.problems)
    if versions == _versions(rulebook):
        return [
            *_differences(entries, rulebook.entries),
            *_unwritten(root, rulebook),
        ]
    raised = [
        id
        for id, version in _versions(rulebook).items()
        if id in versions and _number(version) < _number(versions[id])
    ]
    said = [Problem(LOCK, 0, 0, f"{id} has a lower version than the released one") for id in raised]
    return said or [
        Problem(LOCK, 0, 0, "holds an older version; release the new one with `screener lock`"),
        *_unwritten(root, rulebook),
    ]


def write_lock(root: Path, rulebook: Rulebook) -> None:
    """Release the text under its version. Raises RulebookError where version or changelog lack."""
    path = root / LOCK
    problems = _unwritten(root, rulebook)
    if path.is_file():
        versions, entries = _read(path)
        if versions == _versions(rulebook):
            problems += _differences(entries, rulebook.entries)
    if problems:
        raise RulebookError(problems)
    lines = [_HEAD.rstrip(), "versions:"]
    lines += [f"  {id}: {version}" for id, version in _versions(rulebook).items()]
    lines.append("entries:")
    for file, entries_of_file in rulebook.entries.items():
        lines.append(f"  {file}:")
        lines += [f"    {_quoted(id)}: {print_}" for id, print_ in entries_of_file.items()]
    part = path.with_name(LOCK + ".part")
    try:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RulebookError.of(LOCK, f"cannot be written: {error.strerror}") from None


def _versions(rulebook: Rulebook) -> dict[str, str]:
    return {protocol.id: protocol.version for protocol in rulebook.protocols.values()}


def _read(path: Path) -> tuple[dict[str, str], Entries]:
    data = read_file(path, LOCK).data
    if not isinstance(data, dict) or set(data) != {"versions", "entries"}:
        raise RulebookError([Problem(LOCK, 1, 1, "holds versions and entries, and nothing else")])
    versions, entries = data["versions"], data["entries"]
    if not _is_texts(versions) or not isinstance(entries, dict):
        raise RulebookError([Problem(LOCK, 1, 1, "versions and entries are mappings")])
    for file, prints in entries.items():
        if not _is_texts(prints):
            raise RulebookError([Problem(LOCK, 1, 1, f"{file}: a mapping of text is expected")])
    return versions, entries


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _differences(released: Entries, now: Entries) -> Iterator[Problem] | list[Problem]:
    cure = "raise the version, tell clinicians in CHANGELOG.md and run `screener lock`"
    said: list[Problem] = []
    for file in sorted({*released, *now}):
        old: Mapping[str, str] = released.get(file, {})
        new: Mapping[str, str] = now.get(file, {})
        for id in (*old, *(id for id in new if id not in old)):
            if old.get(id) != new.get(id):
                what = "is gone" if id not in new else "is new" if id not in old else "has changed"
                said.append(Problem(file, 0, 0, f"{id} {what} since this version; {cure}"))
    return said


def _unwritten(root: Path, rulebook: Rulebook) -> list[Problem]:
    """Versions about which clinicians are told nothing."""
    path = root / CHANGELOG
    try:
        text = rule_text(path, CHANGELOG) if path.exists() else ""
    except RulebookError as error:
        return list(error.problems)
    said = []
    for id, version in _versions(rulebook).items():
        found = re.search(rf"^## {re.escape(id)} {re.escape(version)}\b(.*?)(?=^## |\Z)", text,
                          re.MULTILINE | re.DOTALL)  # fmt: skip
        if found is None or len(found[1].split()) < 5:
            message = f"has no entry “## {id} {version}” that tells clinicians what changed"
            said.append(Problem(CHANGELOG, 0, 0, message))
    return said


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _quoted(id: str) -> str:
    return id if re.fullmatch(r"[a-zA-Z0-9_.-]+", id) else "'" + id.replace("'", "''") + "'"
