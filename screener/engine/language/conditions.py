"""The shallow skeleton of a condition: all, any, none, at_least, and one short leaf at each end.

`even_if_swapped` stands around a part that reads a pair of numbers, such as a blood pressure.

Each part may say `because` and carry its own `reference` or `choice`; explanations quote these.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from screener.engine import expressions as ex
from screener.engine.expressions import Condition
from screener.engine.language.parser import LeafError, Scope, parse
from screener.engine.problems import Problem, RulebookError, did_you_mean
from screener.engine.yaml_text import Document, KeyPath

KINDS = ("all", "any", "none", "at_least", "even_if_swapped", "leaf")
_NOTES = ("because", "reference", "choice")
_JOINS = {"all": ex.all_of, "any": ex.any_of, "none": ex.none_of}


@dataclass(frozen=True)
class ConditionReader:
    """Reads conditions of one document; faults go to `report`.

    `check` takes the expression of a leaf and returns what is wrong with it, or None.
    """

    document: Document
    scope: Scope
    report: Callable[[Iterable[Problem]], None]
    check: Callable[[ex.Boolean], str | None] = lambda expression: None

    def read(self, raw: Any, path: KeyPath) -> Condition | None:
        """Return the condition at `path`, or None where it has been reported as faulty."""
        try:
            return self.leaf(raw, path) if isinstance(raw, str) else self.part(raw, path)
        except RulebookError as error:
            self.report(error.problems)
            return None

    def part(self, raw: Any, path: KeyPath) -> Condition:
        if not isinstance(raw, dict):
            self.refuse(path, "a list needs a word before it: all, any, none or at_least")
        for key in raw:
            if key not in KINDS and key not in _NOTES:
                hint = did_you_mean(key, (*KINDS, *_NOTES))
                self.refuse((*path, key), f"the key {key} has no meaning here{hint}")
        kinds = [key for key in raw if key in KINDS]
        if len(kinds) != 1:
            given = ", ".join(kinds) or "none of them"
            self.refuse(path, f"one of {', '.join(KINDS)} is expected, found {given}")
        notes: dict[str, Any] = {
            "because": str(raw.get("because", "")),
            "references": _several(raw.get("reference", ())),
            "choices": _several(raw.get("choice", ())),
        }
        [kind] = kinds
        items, at, count = raw[kind], (*path, kind), 0
        if kind == "leaf":
            return self.leaf(items, at, **notes)
        if kind == "even_if_swapped":
            return self.even_if_swapped(items, at, **notes)
        if kind == "at_least":
            count, items, at = self.at_least(items, at)
        if not isinstance(items, list) or not items:
            self.refuse(at, f"{kind} needs a list of conditions")
        parts = [self.read(item, (*at, i)) for i, item in enumerate(items)]
        sound = tuple(part for part in parts if part is not None)
        if len(sound) < len(parts):
            raise RulebookError([])  # the faults are in the parts, and reported
        join = _JOINS.get(kind, partial(ex.AtLeastOf, count))
        expression = join(tuple(part.expression for part in sound))
        return Condition(kind, expression, count=count, parts=sound, **notes)

    def even_if_swapped(self, raw: Any, path: KeyPath, **notes: Any) -> Condition:
        if not isinstance(raw, dict) or set(raw) != {"numbers", "of"}:
            message = "even_if_swapped needs numbers (the upper and the lower) and of (a condition)"
            self.refuse(path, message)
        names = _several(raw["numbers"]) if isinstance(raw["numbers"], list) else ()
        if len(names) != 2 or names[0] == names[1]:
            self.refuse((*path, "numbers"), "the ids of two numbers are expected, the upper first")
        numbers = [id for id, q in self.scope.questions.items() if q.kind == "number"]
        for name in names:
            if name not in numbers:
                hint = did_you_mean(name, numbers)
                self.refuse((*path, "numbers"), f"no number is asked as {name}{hint}")
        part = self.read(raw["of"], (*path, "of"))
        if part is None:
            raise RulebookError([])  # the fault is in the part, and reported
        names_used = ex.names_in(part.expression)
        if names_used.rules or names_used.scores or names_used.questions.isdisjoint(names):
            message = "it reads one or both of the numbers themselves, and no rule and no score"
            self.refuse((*path, "of"), message)
        upper, lower = names
        swapped = ex.exchanged(part.expression, upper, lower)
        expression = ex.EvenIfSwapped((upper, lower), part.expression, swapped)
        return Condition("even_if_swapped", expression, parts=(part,), **notes)

    def at_least(self, raw: Any, path: KeyPath) -> tuple[int, Any, KeyPath]:
        if not isinstance(raw, dict) or set(raw) != {"n", "of"}:
            self.refuse(path, "at_least needs n (how many) and of (a list), and nothing else")
        number, items = str(raw["n"]), raw["of"]
        most = len(items) - 1 if isinstance(items, list) else 0
        if not number.isdigit() or not 2 <= int(number) <= most:
            self.refuse((*path, "n"), f"n lies between 2 and {most} here (else: any, all)")
        return int(number), items, (*path, "of")

    def leaf(self, raw: Any, path: KeyPath, **notes: Any) -> Condition:
        if not isinstance(raw, str):
            self.refuse(path, "a leaf is one short comparison; quote it if it has a colon")
        if path not in self.document.one_line:
            self.refuse(path, "a leaf stands on one line")
        if path in self.document.commented:
            self.refuse(path, "a comment after a leaf may cut it short; put it above")
        try:
            expression = parse(raw, self.scope)
        except LeafError as error:
            self.refuse(path, f"{raw}: {error.message}", error.offset)
        if fault := self.check(expression):
            self.refuse(path, f"{raw}: {fault}")
        return Condition("leaf", expression, text=str(raw), **notes)

    def refuse(self, path: KeyPath, message: str, offset: int = 0) -> NoReturn:
        raise RulebookError([self.document.problem(path, message, offset)])


def _several(raw: Any) -> tuple[str, ...]:
    return (str(raw),) if isinstance(raw, str) else tuple(str(part) for part in raw)
