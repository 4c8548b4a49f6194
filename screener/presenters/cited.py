"""Every source and choice that a page cites, once each, for the lists at its end."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from screener.presenters.evidence import Clause
from screener.presenters.explanation import Lines
from screener.presenters.sources import OwnChoice, Source


@dataclass
class Cited:
    """Collects what the parts of a page cite, in the order in which it is met."""

    _sources: dict[str, Source] = field(default_factory=dict)
    _choices: dict[str, OwnChoice] = field(default_factory=dict)

    def add(self, sources: Iterable[Source], choices: Iterable[OwnChoice]) -> None:
        """Take what one part cites."""
        self._sources.update({one.id: one for one in sources})
        self._choices.update({one.id: one for one in choices})

    def clauses(self, parts: Iterable[Clause]) -> None:
        """Take what clauses of a rule, and all below them, cite."""
        for clause in parts:
            self.add(clause.sources, clause.choices)
            self.clauses(clause.parts)

    def lines(self, parts: Iterable[Lines]) -> None:
        """Take what the clauses quoted beside sentences cite."""
        for part in parts:
            for quote in part.quotes:
                self.add(quote.sources, quote.choices)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The published sources."""
        return tuple(self._sources.values())

    @property
    def choices(self) -> tuple[OwnChoice, ...]:
        """The clinic's own choices, by number."""
        return tuple(self._choices[id] for id in sorted(self._choices, key=_number))


def _number(choice: str) -> tuple[str, int]:
    head, _, number = choice.rpartition("-")
    return head, int(number) if number.isdecimal() else 0
