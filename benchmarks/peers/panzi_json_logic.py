"""panzi-json-logic: JSONLogic in Python; it compiles nothing.

JSONLogic has no `let`: the rows that count, the scores, then all rules in one list.
"""

from typing import Any

from json_logic import jsonLogic

from benchmarks.contestant import Contestant, as_it_is
from benchmarks.peers.data import Preparation
from benchmarks.peers.jsonlogic import JsonLogic
from screener.engine.protocol import Protocol

PACKAGE = "panzi-json-logic"
SO_FAR = {"var": "accumulator"}


class Printer(JsonLogic):
    """Plain JSONLogic, which counts and finds distinct values with `reduce`."""

    EQUAL = "==="

    def count_ticked(self, ticked: Any, options: tuple[str, ...], others: tuple[str, ...]) -> Any:
        counts = {"in": [{"var": ""}, list(options)]}
        if len(others) == 1:
            counts = {"!==": [{"var": ""}, others[0]]}
        return _length({"filter": [ticked, counts]})

    def distinct(self, rows: Any, label: str, groups: tuple[str, ...]) -> Any:
        value = {"var": f"current.{label}"}
        seen = {"in": [value, SO_FAR]}
        step = {"if": [seen, SO_FAR, {"merge": [SO_FAR, value]}]}
        return _length({"reduce": [rows, step, []]})


def _length(items: Any) -> Any:
    return {"reduce": [items, {"+": [SO_FAR, 1]}, 0]}


def contestants(protocol: Protocol) -> list[Contestant]:
    """Return contestants that start from typed answers."""
    printer = Printer(protocol)
    rules = printer.rules
    every = list(rules.values())
    stages = [(names, [printer.shared[name] for name in names]) for names in printer.stages()]

    def run(answers: dict[str, Any]) -> Any:
        data = dict(answers)
        for names, stage in stages:
            data.update(zip(names, jsonLogic(stage, data), strict=True))
        return jsonLogic(every, data)

    given = Preparation(protocol, printer.options, printer.numbers, lists=True)

    def verdicts(result: list[bool]) -> dict[str, bool]:
        return dict(zip(rules, result, strict=True))

    return [Contestant(PACKAGE, as_it_is, lambda a: run(given(a)), verdicts, PACKAGE)]
