"""zen-engine: one compiled ZEN expression with assignments, one call a person.

Its decision graph of two expression nodes gave the same verdicts and took over ten times as long.
"""

import json
from collections.abc import Sequence
from typing import Any

import zen

from benchmarks.contestant import Contestant, as_it_is
from benchmarks.peers.data import Preparation
from benchmarks.peers.infix import Infix
from screener.engine.protocol import Protocol

PACKAGE = "zen-engine"


class Printer(Infix):
    """The ZEN expression language."""

    AND, OR, NOT = "and", "or", "not"

    def cell(self, name: str) -> str:
        return f"#.{name}"

    def extreme(self, highest: bool, parts: Sequence[str]) -> str:
        return f"{'max' if highest else 'min'}([{', '.join(parts)}])"

    def count_ticked(self, ticked: str, options: tuple[str, ...], others: tuple[str, ...]) -> str:
        if len(others) == 1:
            return f"(({json.dumps(others[0])} in {ticked}) ? 0 : len({ticked}))"
        return f"count({ticked}, # in {self.list(options)})"

    def rows(self, table: str, condition: str) -> str:
        return f"filter({table}, {condition})"

    def distinct(self, rows: str, label: str, groups: tuple[str, ...]) -> str:
        looked = f"count({self.list(groups)} as g, some({rows} as r, r.{label} == g))"
        return f"(len({rows}) < 2 ? len({rows}) : {looked})"


def contestants(protocol: Protocol) -> list[Contestant]:
    """Return contestants from typed answers, and from JSON text: quicker than a dictionary."""
    printer = Printer(protocol)
    rules = printer.rules
    assigned = "".join(f"{name} = {value}; " for name, value in printer.shared.items())
    run = zen.compile_expression(f"{assigned}[{', '.join(rules.values())}]").evaluate

    given = Preparation(protocol, printer.options, printer.numbers)

    def text(answers: Any) -> str:
        return json.dumps(given(answers))

    def verdicts(result: list[bool]) -> dict[str, bool]:
        return dict(zip(rules, result, strict=True))

    return [
        Contestant("zen-engine", as_it_is, lambda a: run(given(a)), verdicts, PACKAGE),
        Contestant("zen-engine, text", text, run, verdicts, PACKAGE, "JSON text"),
    ]
