"""The shallow skeleton of a condition: all, any, none, at_least, and one short leaf at each end.

Each part may say `because` and carry its own `reference` or `choice`; explanations quote these.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from screener.engine import expressions as ex
from screener.engine.expressions import Condition
from screener.engine.language.parser import LeafError, Scope, parse
from screener.engine.problems import Problem, did_you_mean
from screener.engine.yaml_text import Document, KeyPath

KINDS = ("all", "any", "none", "at_least", "leaf")
_NOTES = ("because", "reference", "choice")
_JOINS = {"all": ex.all_of, "any": ex.any_of, "none": ex.none_of}


@dataclass(frozen=True)
class ConditionReader:
    """Reads conditions of one document; faults go to `report`.

    `check` takes the expression of a leaf and returns what is wrong with it, or None.
    """

    document: Document
    scope: Scope
    report: Callable[[Problem], None]
    check: Callable[[ex.Boolean], str | None] = lambda expression: None

    def read(self, raw: Any, path: KeyPath) -> Condition | None:
        """Return the condition at `path`, or None where it has been reported as faulty."""
        if isinstance(raw, str):
            return self.leaf(raw, path)
        if not isinstance(raw, dict):
            self.refuse(path, "a list needs a word before it: all, any, none or at_least")
            return None
        kinds = [key for key in raw if key in KINDS]
        for key in raw:
            if key not in KINDS and key not in _NOTES:
                hint = did_you_mean(key, (*KINDS, *_NOTES))
                self.refuse((*path, key), f"the key {key} has no meaning here{hint}")
                return None
        if len(kinds) != 1:
            given = ", ".join(kinds) or "none of them"
            self.refuse(path, f"one of {', '.join(KINDS)} is expected, found {given}")
            return None
        return self.part(kinds[0], raw, path)

    def part(self, kind: str, raw: dict[str, Any], path: KeyPath) -> Condition | None:
        notes: dict[str, Any] = {
            "because": str(raw.get("because", "")),
            "references": _several(raw.get("reference", ())),
            "choices": _several(raw.get("choice", ())),
        }
        if kind == "leaf":
            return self.leaf(raw["leaf"], (*path, "leaf"), **notes)
        items, at, count = raw[kind], (*path, kind), 0
        if kind == "at_least":
            counted = self.at_least(items, at)
            if counted is None:
                return None
            count, items, at = counted
        if not isinstance(items, list) or not items:
            self.refuse(at, f"{kind} needs a list of conditions")
            return None
        parts = [self.read(item, (*at, i)) for i, item in enumerate(items)]
        sound = tuple(part for part in parts if part is not None)
        if len(sound) < len(parts):
            return None
        inner = tuple(part.expression for part in sound)
        join = _JOINS.get(kind, partial(ex.AtLeastOf, count))
        return Condition(kind, join(inner), count=count, parts=sound, **notes)

    def at_least(self, raw: Any, path: KeyPath) -> tuple[int, Any, KeyPath] | None:
        if not isinstance(raw, dict) or set(raw) != {"n", "of"}:
            self.refuse(path, "at_least needs n (how many) and of (a list), and nothing else")
            return None
        number, items = str(raw["n"]), raw["of"]
        most = len(items) - 1 if isinstance(items, list) else 0
        if not number.isdigit() or not 2 <= int(number) <= most:
            self.refuse((*path, "n"), f"n lies between 2 and {most} here (else: any, all)")
            return None
        return int(number), items, (*path, "of")

    def leaf(self, raw: Any, path: KeyPath, **notes: Any) -> Condition | None:
        if not isinstance(raw, str):
            self.refuse(path, "a leaf is one short comparison; quote it if it has a colon")
            return None
        if path not in self.document.one_line:
            self.refuse(path, "a leaf stands on one line")
            return None
        if path in self.document.commented:
            self.refuse(path, "a comment after a leaf may cut it short; put it above")
            return None
        try:
            expression = parse(raw, self.scope)
        except LeafError as error:
            self.report(self.document.problem(path, f"{raw}: {error.message}", error.offset))
            return None
        fault = self.check(expression)
        if fault is not None:
            self.refuse(path, f"{raw}: {fault}")
            return None
        return Condition("leaf", expression, text=str(raw), **notes)

    def refuse(self, path: KeyPath, message: str) -> None:
        self.report(self.document.problem(path, message))


def _several(raw: Any) -> tuple[str, ...]:
    return (str(raw),) if isinstance(raw, str) else tuple(str(part) for part in raw)
