"""datalogic-py: JSONLogic in Rust, compiled once, one call a person, within a session.

The scores stand in every rule that uses them: the engine folds what it can, and a score kept in a
scope of its own was slower.
"""

import json
from collections.abc import Callable
from typing import Any

import datalogic_py

from benchmarks.contestant import Contestant, as_it_is
from benchmarks.peers.data import Preparation
from benchmarks.peers.jsonlogic import JsonLogic
from screener.engine.protocol import Protocol

PACKAGE = "datalogic-py"


class Printer(JsonLogic):
    """With the engine's own length and distinct, which JSONLogic lacks."""

    EQUAL = "==="

    def share(self, name: str, make: Callable[[], Any]) -> Any:
        return make()

    def count_ticked(self, ticked: Any, options: tuple[str, ...], others: tuple[str, ...]) -> Any:
        if len(others) == 1:
            return {"if": [{"in": [others[0], ticked]}, 0, {"length": [ticked]}]}
        return {"length": [{"filter": [ticked, {"in": [{"var": ""}, list(options)]}]}]}

    def distinct(self, rows: Any, label: str, groups: tuple[str, ...]) -> Any:
        return {"length": [{"distinct": [{"map": [rows, {"var": label}]}]}]}


def contestants(protocol: Protocol) -> list[Contestant]:
    """Return contestants from typed answers, a dictionary, JSON text, and a parsed document."""
    printer = Printer(protocol)
    rules = printer.rules
    engine = datalogic_py.Engine()
    compiled = engine.compile(list(rules.values()))
    session = engine.session()

    given = Preparation(protocol, printer.options, printer.numbers)

    def run(answers: Any) -> Any:
        return session.evaluate(compiled, answers)

    def run_ready(handle: Any) -> Any:
        return session.evaluate_data(compiled, handle)

    def verdicts(result: list[bool]) -> dict[str, bool]:
        return dict(zip(rules, result, strict=True))

    def text(answers: Any) -> str:
        return json.dumps(given(answers))

    def ready(answers: Any) -> Any:
        return datalogic_py.DataHandle(given(answers))

    return [
        Contestant("datalogic-py", as_it_is, lambda a: run(given(a)), verdicts, PACKAGE),
        Contestant("datalogic-py, dictionary", given, run, verdicts, PACKAGE, "dictionary"),
        Contestant("datalogic-py, text", text, run, verdicts, PACKAGE, "JSON text"),
        Contestant("datalogic-py, ready", ready, run_ready, verdicts, PACKAGE, "own memory"),
    ]
