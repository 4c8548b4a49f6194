"""Which single questions could turn a condition, so that no other need be tried."""

from screener.engine import expressions as ex
from screener.engine.explanations.dependencies import dependencies
from screener.engine.explanations.what_if import WhatIf
from screener.engine.terms.reading import Reading


class Pivotal:
    """Finds the questions whose change alone could make a condition certain, or rule it out.

    It leaves out only what cannot: where two parts fall short, one answer must be read by both.
    """

    def __init__(self, what_if: WhatIf, reading: Reading) -> None:
        self.what_if = what_if
        self.protocol = what_if.protocol
        self.reading = reading
        self._read: dict[ex.Boolean, frozenset[str]] = {}

    def of(self, node: ex.Boolean, holds: bool) -> frozenset[str]:
        """Return the questions that could bring it about that `node` holds, or does not."""
        must, may = self.reading.boolean(node)
        if must if holds else not may:
            return self.what_if.reads.questions
        match node:
            case ex.Negation(part):
                return self.of(part, not holds)
            case ex.RuleMet(rule):
                return self.of(self.protocol.condition(rule), holds)
            case ex.AtLeastOf(count, parts):
                return self._several(count, parts, holds)
        if node not in self._read:
            self._read[node] = dependencies(self.protocol, [node]).questions
        return self._read[node]

    def _several(self, count: int, parts: tuple[ex.Boolean, ...], holds: bool) -> frozenset[str]:
        needed = count if holds else len(parts) - count + 1
        sets = [self.of(part, holds) for part in parts]
        every = frozenset().union(*sets)
        return frozenset(id for id in every if sum(id in each for each in sets) >= needed)
