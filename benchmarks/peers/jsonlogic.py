"""JSONLogic, which two peers run."""

from collections.abc import Sequence
from typing import Any

from benchmarks.peers.translate import Printer


class JsonLogic(Printer[Any]):
    """Prints trees of JSON."""

    EQUAL = "=="

    def constant(self, value: float) -> Any:
        return value

    def truth(self, value: bool) -> Any:
        return value

    def answer(self, name: str) -> Any:
        return {"var": name}

    def reference(self, name: str) -> Any:
        return {"var": name}

    def cell(self, name: str) -> Any:
        return {"var": name}

    def plus(self, parts: Sequence[Any]) -> Any:
        return {"+": list(parts)}

    def extreme(self, highest: bool, parts: Sequence[Any]) -> Any:
        return {"max" if highest else "min": list(parts)}

    def choose(self, condition: Any, then: Any, otherwise: Any) -> Any:
        return {"if": [condition, then, otherwise]}

    def compare(self, sign: str, left: Any, right: Any) -> Any:
        return {self.EQUAL if sign == "=" else sign: [left, right]}

    def one_of(self, chosen: Any, options: tuple[str, ...]) -> Any:
        if len(options) == 1:
            return self.compare("=", chosen, options[0])
        return {"in": [chosen, list(options)]}

    def includes(self, ticked: Any, options: tuple[str, ...]) -> Any:
        return self.some([{"in": [option, ticked]} for option in options])

    def every(self, parts: Sequence[Any]) -> Any:
        return parts[0] if len(parts) == 1 else {"and": list(parts)}

    def some(self, parts: Sequence[Any]) -> Any:
        return parts[0] if len(parts) == 1 else {"or": list(parts)}

    def negate(self, part: Any) -> Any:
        return {"!": [part]}

    def rows(self, table: str, condition: Any) -> Any:
        return {"filter": [self.answer(table), condition]}
