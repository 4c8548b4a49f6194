"""What the languages with infix operators have in common."""

import json
from collections.abc import Sequence
from typing import ClassVar

from benchmarks.peers.translate import Printer


class Infix(Printer[str]):
    """Prints texts. Every part is in brackets, so that no language's precedence matters."""

    AND: ClassVar[str] = "&&"
    OR: ClassVar[str] = "||"
    NOT: ClassVar[str] = "!"
    EQUAL: ClassVar[str] = "=="

    def constant(self, value: float) -> str:
        return str(value)

    def truth(self, value: bool) -> str:
        return "true" if value else "false"

    def answer(self, name: str) -> str:
        return name

    def reference(self, name: str) -> str:
        return name

    def cell(self, name: str) -> str:
        return f"row.{name}"

    def plus(self, parts: Sequence[str]) -> str:
        return f"({' + '.join(parts)})"

    def choose(self, condition: str, then: str, otherwise: str) -> str:
        return f"({condition} ? {then} : {otherwise})"

    def compare(self, sign: str, left: str, right: str) -> str:
        return f"({left} {self.EQUAL if sign == '=' else sign} {right})"

    def one_of(self, chosen: str, options: tuple[str, ...]) -> str:
        if len(options) == 1:
            return self.compare("=", chosen, json.dumps(options[0]))
        return f"({chosen} in {self.list(options)})"

    def includes(self, ticked: str, options: tuple[str, ...]) -> str:
        return self.some([f"({json.dumps(option)} in {ticked})" for option in options])

    def list(self, options: Sequence[str]) -> str:
        """Print a list of texts."""
        return f"[{', '.join(json.dumps(option) for option in options)}]"

    def every(self, parts: Sequence[str]) -> str:
        return parts[0] if len(parts) == 1 else f"({f' {self.AND} '.join(parts)})"

    def some(self, parts: Sequence[str]) -> str:
        return parts[0] if len(parts) == 1 else f"({f' {self.OR} '.join(parts)})"

    def negate(self, part: str) -> str:
        return f"({self.NOT} {part})"
