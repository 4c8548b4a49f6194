"""rule-engine: rules parsed once; the rows that count, the scores, then all rules in one list."""

import json
from collections.abc import Sequence
from typing import Any

import rule_engine

from benchmarks.contestant import Contestant, as_it_is
from benchmarks.peers.data import Preparation
from benchmarks.peers.infix import Infix
from screener.engine.protocol import Protocol

PACKAGE = "rule-engine"


class Printer(Infix):
    """The language of rule-engine."""

    AND, OR, NOT = "and", "or", "not"

    def cell(self, name: str) -> str:
        return f'row["{name}"]'

    def extreme(self, highest: bool, parts: Sequence[str]) -> str:
        return f"${'max' if highest else 'min'}([{', '.join(parts)}])"

    def count_ticked(self, ticked: str, options: tuple[str, ...], others: tuple[str, ...]) -> str:
        if len(others) == 1:
            return f"(({json.dumps(others[0])} in {ticked}) ? 0 : {ticked}.length)"
        return f"[o for o in {ticked} if o in {self.list(options)}].length"

    def rows(self, table: str, condition: str) -> str:
        return f"[row for row in {table} if {condition}]"

    def distinct(self, rows: str, label: str, groups: tuple[str, ...]) -> str:
        return f'[row["{label}"] for row in {rows}].to_set.length'


def contestants(protocol: Protocol) -> list[Contestant]:
    """Return contestants that start from typed answers."""
    printer = Printer(protocol)
    rules = printer.rules
    # Items are looked up as such; the default tries attributes first.
    context = rule_engine.Context(resolver=rule_engine.resolve_item)

    def compiled(texts: Sequence[str]) -> Any:
        return rule_engine.Rule(f"[{', '.join(texts)}]", context=context)

    stages = [
        (names, compiled([printer.shared[name] for name in names])) for names in printer.stages()
    ]
    every = compiled(list(rules.values()))

    def run(answers: dict[str, Any]) -> Any:
        data = dict(answers)
        for names, stage in stages:
            data.update(zip(names, stage.evaluate(data), strict=True))
        return every.evaluate(data)

    given = Preparation(protocol, printer.options, printer.numbers)

    def verdicts(result: list[bool]) -> dict[str, bool]:
        return dict(zip(rules, result, strict=True))

    return [Contestant(PACKAGE, as_it_is, lambda a: run(given(a)), verdicts, PACKAGE)]
