"""Every source and choice that a page cites, once each, for the lists at its end."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from screener.presenters.evidence import EvidenceClause
from screener.presenters.explanation import Lines
from screener.presenters.sources import OwnChoice, PublishedSource


@dataclass
class Cited:
    """Collects what the parts of a page cite, in the order of the page."""

    _sources: dict[str, PublishedSource] = field(default_factory=dict)
    _choices: dict[str, OwnChoice] = field(default_factory=dict)

    def add(self, sources: Iterable[PublishedSource], choices: Iterable[OwnChoice]) -> None:
        """Add what one part cites."""
        self._sources.update({source.id: source for source in sources})
        self._choices.update({choice.id: choice for choice in choices})

    def clauses(self, parts: Iterable[EvidenceClause]) -> None:
        """Add what clauses of a rule, and all below them, cite."""
        for clause in parts:
            self.add(clause.sources, clause.choices)
            self.clauses(clause.parts)

    def lines(self, parts: Iterable[Lines]) -> None:
        """Add what the clauses quoted beside sentences cite."""
        for part in parts:
            for quote in part.quotes:
                self.add(quote.sources, quote.choices)

    @property
    def sources(self) -> tuple[PublishedSource, ...]:
        """Return the published sources."""
        return tuple(self._sources.values())

    @property
    def choices(self) -> tuple[OwnChoice, ...]:
        """Return the clinic's own choices, by number."""
        return tuple(self._choices[id] for id in sorted(self._choices, key=_number))


def _number(choice: str) -> tuple[str, int]:
    head, _, number = choice.rpartition("-")
    return head, int(number) if number.isdecimal() else 0
