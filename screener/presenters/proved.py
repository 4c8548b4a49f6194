"""What a report of proofs says to whoever signs the rulebook, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from screener.engine.proof.report import Report, Statement

State = Literal["this", "other", "none"]


@dataclass(frozen=True)
class Verdict:
    """What came of one invariant: proved, failed or not proved; `how` says by what.

    `why` are the statements that failed, and what stood in the way of those not proved.
    """

    verdict: str
    how: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Named:
    """A statement that was not proved: what is wrong, in a sentence, and where not all have it."""

    subject: str
    text: str
    only: str


@dataclass(frozen=True)
class Proved:
    """The state of the proofs of the rulebook that is shown.

    `state`: this (the report is for exactly this content), other (for other content) or none. For
    other content nothing is told of single statements.
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
        """Whether every statement was proved for exactly this content."""
        return self.state == "this" and not self.failed and not self.open

    def of(self, invariant: str) -> Verdict | None:
        """What came of an invariant, or None where nothing is known of it."""
        return self.invariants.get(invariant)


def proved(report: Report | None, hash: str, titles: Mapping[str, str]) -> Proved:
    """What a report says of the rulebook with that hash. `titles` are those of the protocols."""
    if report is None:
        return Proved("none")
    if report.hash != hash:
        return Proved("other", _day(report.date), report.solver, report.hash)
    by_id: dict[str, list[Statement]] = {}
    for one in report.statements:
        if one.sort == "invariant":
            by_id.setdefault(one.subject, []).append(one)
    return Proved(
        "this",
        _day(report.date),
        report.solver,
        report.hash,
        count=_number(len(report.statements)),
        proved=_number(report.count("proved")),
        listed=_number(sum(one.sets > 0 for one in report.statements)),
        sets=_number(report.sets),
        lasted=_lasted(report.seconds),
        failed=_named(report, "failed", titles),
        open=_named(report, "not proved", titles),
        invariants={id: _verdict(statements) for id, statements in by_id.items()},
    )


def _named(report: Report, verdict: str, titles: Mapping[str, str]) -> tuple[Named, ...]:
    """The statements of that verdict; what several protocols have in common once."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in report.statements:
        if one.verdict == verdict:
            text = one.says.rstrip(".") + f": {one.why}"
            if verdict == "failed":
                # What is wrong with a rule says more than what was stated of it.
                text = one.says if one.sort == "invariant" else one.why
            found.setdefault((one.subject, text), []).append(titles.get(one.protocol, one.protocol))
    return tuple(
        Named(subject, text, "" if len(only) == len(titles) else ", ".join(only))
        for (subject, text), only in found.items()
    )


def _verdict(statements: list[Statement]) -> Verdict:
    """The worst verdict of the statements that an invariant comes to, and how they were decided."""
    verdicts = {one.verdict for one in statements}
    worst = next((one for one in ("failed", "not proved") if one in verdicts), "proved")
    why = dict.fromkeys(
        one.says if one.verdict == "failed" else one.why
        for one in statements
        if one.verdict != "proved"
    )
    return Verdict(worst, _how(statements), tuple(why))


def _how(statements: list[Statement]) -> str:
    listed = [one for one in statements if one.sets]
    solved = [one for one in statements if one.solver]
    by = []
    if listed:
        by.append(f"by trying {_number(sum(one.sets for one in listed))} answer sets one by one")
    if solved:
        by.append("by the solver")
    parts = f"as {len(statements)} statements" if len(statements) > 1 else ""
    lasted = f"in {_lasted(sum(one.seconds for one in statements))}"
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
    """A date in words; a text that is none stays as it is."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{on:%B} {on.day}, {on.year}"
