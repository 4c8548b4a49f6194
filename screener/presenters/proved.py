"""A report of proofs in words, for the physician who signs the rulebook."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from screener.engine.proof.report import ProofVerdict, Report, ReportError, Statement

State = Literal["this", "other", "unreadable", "none"]


@dataclass(frozen=True)
class ProvedInvariant:
    """The result for one invariant: proved, failed or not proved; `how` says by what method.

    `why` are the statements that failed, and the reasons for those not proved.
    """

    verdict: ProofVerdict
    how: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class OpenStatement:
    """A statement that was not proved: what is wrong, and `only` the protocols that have it.

    `only` is "" if all protocols have it.
    """

    subject: str
    text: str
    only: str


@dataclass(frozen=True)
class Proved:
    """The state of the proofs of the rulebook that is shown.

    `state`: this (the report is for exactly this content), other (for other content), unreadable
    (`why` says what is wrong and what to do) or none. Only a report for this content shows
    statements.
    """

    state: State
    why: str = ""
    solver: str = ""
    hash: str = ""
    version: str = ""
    count: str = ""
    proved: str = ""
    listed: str = ""
    sets: str = ""
    failed: tuple[OpenStatement, ...] = ()
    open: tuple[OpenStatement, ...] = ()
    invariants: Mapping[str, ProvedInvariant] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Return whether every statement was proved for exactly this content."""
        return self.state == "this" and not self.failed and not self.open

    def of(self, invariant: str) -> ProvedInvariant | None:
        """Return the result for an invariant, or None if the report does not mention it."""
        return self.invariants.get(invariant)


def proved(report: Report | ReportError | None, hash: str, titles: Mapping[str, str]) -> Proved:
    """Return what a report says of the rulebook with that hash; `titles` are of its protocols."""
    if report is None:
        return Proved("none")
    if isinstance(report, ReportError):
        return Proved("unreadable", why=str(report))
    if report.hash != hash:
        return Proved("other", hash=report.hash, version=report.version)
    by_id: dict[str, list[Statement]] = {}
    for statement in report.statements:
        if statement.sort == "invariant":
            by_id.setdefault(statement.subject, []).append(statement)
    return Proved(
        "this",
        solver=report.solver,
        hash=report.hash,
        version=report.version,
        count=_number(len(report.statements)),
        proved=_number(report.count("proved")),
        listed=_number(sum(statement.sets > 0 for statement in report.statements)),
        sets=_number(report.sets),
        failed=_open(report, "failed", titles),
        open=_open(report, "not proved", titles),
        invariants={id: _result(statements) for id, statements in by_id.items()},
    )


def _open(
    report: Report, verdict: ProofVerdict, titles: Mapping[str, str]
) -> tuple[OpenStatement, ...]:
    """Return the statements with that verdict; those that protocols share once."""
    protocols: dict[tuple[str, str], list[str]] = {}
    for statement in report.statements:
        if statement.verdict == verdict:
            text = statement.says.rstrip(".") + f": {statement.why}"
            if verdict == "failed":
                # What is wrong with a rule says more than the statement about it.
                text = statement.says if statement.sort == "invariant" else statement.why
            title = titles.get(statement.protocol, statement.protocol)
            protocols.setdefault((statement.subject, text), []).append(title)
    return tuple(
        OpenStatement(subject, text, "" if len(only) == len(titles) else ", ".join(only))
        for (subject, text), only in protocols.items()
    )


def _result(statements: list[Statement]) -> ProvedInvariant:
    """Return the worst verdict of an invariant's statements, and how they were decided."""
    verdicts = {statement.verdict for statement in statements}
    worst: ProofVerdict = "not proved" if "not proved" in verdicts else "proved"
    worst = "failed" if "failed" in verdicts else worst
    why = dict.fromkeys(
        statement.says if statement.verdict == "failed" else statement.why
        for statement in statements
        if statement.verdict != "proved"
    )
    return ProvedInvariant(worst, _how(statements), tuple(why))


def _how(statements: list[Statement]) -> str:
    decided = [statement for statement in statements if statement.verdict != "not proved"]
    tried = sum(statement.sets for statement in decided)
    by = [f"by trying {_number(tried)} answer sets one by one"] if tried else []
    by += ["by the solver"] if decided else []
    parts = f"as {len(statements)} statements" if len(statements) > 1 else ""
    return ", ".join(filter(None, [" and ".join(by), parts]))


def _number(count: int) -> str:
    return f"{count:,}"
