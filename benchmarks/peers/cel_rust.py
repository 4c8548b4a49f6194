"""common-expression-language: CEL in Rust, compiled once.

The language has no `let`, and a scope made with `map` is slow, so that a person takes three
calls: the rows that count, the scores, and all rules.
"""

from collections.abc import Sequence
from typing import Any

import cel

from benchmarks.contestant import Contestant, as_it_is
from benchmarks.peers import data
from benchmarks.peers.cel import Cel
from screener.engine.protocol import Protocol

PACKAGE = "common-expression-language"


class Printer(Cel):
    """The language has no lowest and highest: a comparison with one is a condition on all parts."""

    def extreme(self, highest: bool, parts: Sequence[str]) -> str:
        return f"{'highest' if highest else 'lowest'}[{', '.join(parts)}]"

    def compare(self, sign: str, left: str, right: str) -> str:
        kind, _, parts = left.partition("[")
        if kind not in ("lowest", "highest"):
            return super().compare(sign, left, right)
        if right == f"highest[{parts}" and (kind, sign) == ("lowest", "="):
            first = parts.split(",")[0]
            return f"[{parts}.all(one, one == {first})"
        assert (kind, sign) in (("lowest", ">="), ("highest", "<=")), "not needed so far"
        return f"[{parts}.all(one, one {sign} {right})"


def contestants(protocol: Protocol) -> list[Contestant]:
    """Return contestants that start from typed answers, and from a context made before."""
    printer = Printer(protocol)
    rules = printer.rules
    stages = [
        (names, cel.compile(f"[{', '.join(printer.shared[name] for name in names)}]"))
        for names in printer.stages()
    ]
    compiled = cel.compile(f"[{', '.join(rules.values())}]")

    given = data.Preparation(protocol, printer.options, printer.numbers)

    def run(answers: Any) -> Any:
        return run_ready(ready(answers))

    def ready(answers: Any) -> Any:
        return cel.Context(given(answers))

    def run_ready(context: Any) -> Any:
        for names, stage in stages:
            for name, value in zip(names, stage.execute(context), strict=True):
                context.add_variable(name, value)
        return compiled.execute(context)

    def verdicts(result: list[bool]) -> dict[str, bool]:
        return dict(zip(rules, result, strict=True))

    return [
        Contestant(PACKAGE, as_it_is, run, verdicts, PACKAGE),
        Contestant(f"{PACKAGE}, ready", ready, run_ready, verdicts, PACKAGE, "own memory"),
    ]
