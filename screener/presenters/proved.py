"""A report of proofs in words, for the physician who signs the rulebook."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from screener.engine.proof.report import Report, Statement

State = Literal["this", "other", "none"]


@dataclass(frozen=True)
class Verdict:
    """The result for one invariant: proved, failed or not proved; `how` says by what method.

    `why` are the statements that failed, and the reasons for those not proved.
    """

    verdict: str
    how: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Named:
    """A statement that was not proved: what is wrong, and `only` the protocols that have it.

    `only` is "" if all protocols have it.
    """

    subject: str
    text: str
    only: str


@dataclass(frozen=True)
class Proved:
    """The state of the proofs of the rulebook that is shown.

    `state`: this (the report is for exactly this content), other (for other content) or none. A
    report for other content shows no single statements.
    """

    state: State
    on: str = ""
    solver: str = ""
    hash: str = ""
    count: str = ""
    proved: str = ""
    listed: str = ""
    sets: str = ""
    lasted: str = ""
    failed: tuple[Named, ...] = ()
    open: tuple[Named, ...] = ()
    invariants: Mapping[str, Verdict] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Return whether every statement was proved for exactly this content."""
        return self.state == "this" and not self.failed and not self.open

    def of(self, invariant: str) -> Verdict | None:
        """Return the result for an invariant, or None if the report does not mention it."""
        return self.invariants.get(invariant)


def proved(report: Report | None, hash: str, titles: Mapping[str, str]) -> Proved:
    """Return what a report says of the rulebook with that hash; `titles` are of its protocols."""
    if report is None:
        return Proved("none")
    if report.hash != hash:
        return Proved("other", _day(report.date), report.solver, report.hash)
    by_id: dict[str, list[Statement]] = {}
    for statement in report.statements:
        if statement.sort == "invariant":
            by_id.setdefault(statement.subject, []).append(statement)
    return Proved(
        "this",
        _day(report.date),
        report.solver,
        report.hash,
        count=_number(len(report.statements)),
        proved=_number(report.count("proved")),
        listed=_number(sum(statement.sets > 0 for statement in report.statements)),
        sets=_number(report.sets),
        lasted=_lasted(report.seconds),
        failed=_named(report, "failed", titles),
        open=_named(report, "not proved", titles),
        invariants={id: _verdict(statements) for id, statements in by_id.items()},
    )


def _named(report: Report, verdict: str, titles: Mapping[str, str]) -> tuple[Named, ...]:
    """Return the statements with that verdict; those that protocols share once."""
    named: dict[tuple[str, str], list[str]] = {}
    for statement in report.statements:
        if statement.verdict == verdict:
            text = statement.says.rstrip(".") + f": {statement.why}"
            if verdict == "failed":
                # What is wrong with a rule says more than the statement about it.
                text = statement.says if statement.sort == "invariant" else statement.why
            title = titles.get(statement.protocol, statement.protocol)
            named.setdefault((statement.subject, text), []).append(title)
    return tuple(
        Named(subject, text, "" if len(only) == len(titles) else ", ".join(only))
        for (subject, text), only in named.items()
    )


def _verdict(statements: list[Statement]) -> Verdict:
    """Return the worst verdict of an invariant's statements, and how they were decided."""
    verdicts = {statement.verdict for statement in statements}
    worst = next((bad for bad in ("failed", "not proved") if bad in verdicts), "proved")
    why = dict.fromkeys(
        statement.says if statement.verdict == "failed" else statement.why
        for statement in statements
        if statement.verdict != "proved"
    )
    return Verdict(worst, _how(statements), tuple(why))


def _how(statements: list[Statement]) -> str:
    listed = [statement for statement in statements if statement.sets]
    solved = [statement for statement in statements if statement.solver]
    by = []
    if listed:
        sets = _number(sum(statement.sets for statement in listed))
        by.append(f"by trying {sets} answer sets one by one")
    if solved:
        by.append("by the solver")
    parts = f"as {len(statements)} statements" if len(statements) > 1 else ""
    lasted = f"in {_lasted(sum(statement.seconds for statement in statements))}"
    return ", ".join(filter(None, [" and ".join(by), parts, lasted]))


def _number(count: int) -> str:
    return f"{count:,}"


def _lasted(seconds: float) -> str:
    if seconds < 1:
        return "less than a second"
    if seconds < 90:
        return f"{seconds:.0f} {'second' if round(seconds) == 1 else 'seconds'}"
    return f"{seconds / 60:.0f} minutes"


def _day(text: str) -> str:
    """Return a date in words; text that is not a date stays as it is."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{on:%B} {on.day}, {on.year}"
