"""Editions of the rulebook for tests: the one that ships, with something changed.

They depend on nothing that an edition may change: which rule is raised follows from a person.
"""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from screener.engine.protocol import Protocol, Rule, Rulebook
from screener.engine.questions import Question
from screener.engine.screen import screen
from screener.places import shipped
from tests.engine.answers import PROTOCOL, RULEBOOK, case


def edition(
    version: str = "9.0.0",
    *,
    raised: dict[str, str] | None = None,
    without: tuple[str, ...] = (),
    questions: dict[str, dict[str, Any]] | None = None,
) -> Rulebook:
    """Return an edition: rules with another priority, questions that are gone, or changed."""
    rules = {id: _raised(rule, raised or {}) for id, rule in PROTOCOL.rules.items()}
    asked: dict[str, Question] = {}
    for id, question in PROTOCOL.questions.items():
        if id not in without:
            change = (questions or {}).get(id)
            # Made anew: a copy would keep what was worked out of the old options.
            asked[id] = Question.model_construct(**{**dict(question), **(change or {})})
    head = PROTOCOL.head.model_copy(update={"version": version})
    protocol = replace(PROTOCOL, head=head, rules=rules, questions=asked)
    protocols = {**RULEBOOK.protocols, PROTOCOL.id: protocol}
    hash_ = "sha256:" + version.replace(".", "").rjust(64, "0")
    return replace(RULEBOOK, version=version, hash=hash_, protocols=protocols)


def of(rulebook: Rulebook) -> Protocol:
    """Return the protocol that the changes are in."""
    return rulebook.protocols[PROTOCOL.id]


def quiet_rule(person: str = "V01") -> str:
    """Return a rule that is met by a person without showing help, of no high priority."""
    flags = screen(PROTOCOL, case(person), submitted=True).flags
    return next(rule.id for rule in flags if rule.priority == "review" and not rule.help)


def raised_on_disk(folder: Path, rule: str, priority: str) -> Path:
    """Copy the rules that ship into a folder, with another priority of one rule."""
    rules = Path(shutil.copytree(shipped("rules"), folder / "edition"))
    pattern = re.compile(rf"(- id: {rule}\n(?:    .*\n)*?    priority: )\w+")
    for path in rules.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        changed = pattern.sub(rf"\g<1>{priority}", text)
        if changed != text:
            path.write_text(changed, encoding="utf-8")
            return rules
    raise LookupError(rule)


def _raised(rule: Rule, raised: dict[str, str]) -> Rule:
    to = raised.get(rule.id)
    return rule if to is None else rule.model_copy(update={"priority": to})
