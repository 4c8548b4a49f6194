"""The lock: the text of a rulebook tied to its version, so that no change goes unnoticed.

`rules/lock.yaml` holds, for the version that was last released, a fingerprint of every entry of
every file. A rulebook that differs from it must carry a higher version and an entry in
`rules/CHANGELOG.md` that tells clinicians what changed for patients.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
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
    """Return what differs from the released text without a new version or without a changelog."""
    path = root / LOCK
    if not path.is_file():
        return [Problem(LOCK, 0, 0, "is missing; release this text with `screener lock`")]
    try:
        released, entries = _read(path)
    except RulebookError as error:
        return list(error.problems)
    versions = _versions(rulebook)
    if versions == released:
        return _differences(entries, rulebook.entries) + _without_changelog(root, rulebook)
    lower = [
        Problem(LOCK, 0, 0, f"{id} has a lower version than the released one")
        for id, version in versions.items()
        if id in released and _number(version) < _number(released[id])
    ]
    return lower or [
        Problem(LOCK, 0, 0, "holds an older version; release the new one with `screener lock`"),
        *_without_changelog(root, rulebook),
    ]


def write_lock(root: Path, rulebook: Rulebook) -> None:
    """Release the text under its version.

    Raise RulebookError where the text changed without a new version, where the changelog has no
    entry for the version, and where the file cannot be written.
    """
    path = root / LOCK
    problems = _without_changelog(root, rulebook)
    if path.is_file():
        released, entries = _read(path)
        if released == _versions(rulebook):
            problems += _differences(entries, rulebook.entries)
    if problems:
        raise RulebookError(problems)
    lines = [_HEAD.rstrip(), "versions:"]
    lines += [f"  {id}: {version}" for id, version in _versions(rulebook).items()]
    lines.append("entries:")
    for file, entries_of_file in rulebook.entries.items():
        lines.append(f"  {file}:")
        lines += [f"    {_quoted(id)}: {digits}" for id, digits in entries_of_file.items()]
    part = path.with_name(LOCK + ".part")
    try:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):  # a file system that is read-only refuses this too
            part.unlink()
        raise RulebookError.of(LOCK, f"cannot be written: {error.strerror}") from None


def _versions(rulebook: Rulebook) -> dict[str, str]:
    return {protocol.id: protocol.version for protocol in rulebook.protocols.values()}


def _read(path: Path) -> tuple[dict[str, str], Entries]:
    """Return the released versions and entries. Raise RulebookError."""
    data = read_file(path, LOCK).data
    if not isinstance(data, dict) or set(data) != {"versions", "entries"}:
        raise RulebookError.of(LOCK, "holds versions and entries, and nothing else", 1, 1)
    versions, entries = data["versions"], data["entries"]
    if not _is_texts(versions) or not isinstance(entries, dict):
        raise RulebookError.of(LOCK, "versions and entries are mappings", 1, 1)
    for file, fingerprints in entries.items():
        if not _is_texts(fingerprints):
            raise RulebookError.of(LOCK, f"{file}: a mapping of text is expected", 1, 1)
    return versions, entries


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _differences(released: Entries, now: Entries) -> list[Problem]:
    cure = "raise the version, tell clinicians in CHANGELOG.md and run `screener lock`"
    problems: list[Problem] = []
    for file in sorted({*released, *now}):
        old: Mapping[str, str] = released.get(file, {})
        new: Mapping[str, str] = now.get(file, {})
        for id in dict.fromkeys((*old, *new)):
            if old.get(id) != new.get(id):
                what = "is gone" if id not in new else "is new" if id not in old else "has changed"
                problems.append(Problem(file, 0, 0, f"{id} {what} since this version; {cure}"))
    return problems


def _without_changelog(root: Path, rulebook: Rulebook) -> list[Problem]:
    """Return a problem for each version without a changelog entry."""
    path = root / CHANGELOG
    try:
        text = rule_text(path, CHANGELOG) if path.exists() else ""
    except RulebookError as error:
        return list(error.problems)
    problems = []
    for id, version in _versions(rulebook).items():
        entry = re.search(rf"^## {re.escape(id)} {re.escape(version)}\b(.*?)(?=^## |\Z)", text,
                          re.MULTILINE | re.DOTALL)  # fmt: skip
        if entry is None or len(entry[1].split()) < 5:
            message = f"has no entry “## {id} {version}” that tells clinicians what changed"
            problems.append(Problem(CHANGELOG, 0, 0, message))
    return problems


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _quoted(id: str) -> str:
    return id if re.fullmatch(r"[a-zA-Z0-9_.-]+", id) else "'" + id.replace("'", "''") + "'"
