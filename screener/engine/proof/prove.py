"""prove(rulebook): every check, by enumeration where that is possible, and by the solver."""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from screener.engine.proof import enumeration
from screener.engine.proof.answered_rows import settled
from screener.engine.proof.check import SORTS, Check
from screener.engine.proof.checks import checks
from screener.engine.proof.domain import SECOND, Domain, answers_of
from screener.engine.proof.people import at_random
from screener.engine.proof.solver import Solver, TimeOut
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Answers, Question
from screener.engine.screen import screen
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan, lower

Verdict = Literal["proved", "failed", "not proved"]


@dataclass(frozen=True)
class Proof:
    """What came of one check.

    `sets` is the number of answer sets that were tried one by one (0: none); `solved` whether the
    solver decided it. `persons` is the smallest counterexample: one person, or two that are held
    together; `sent` says that it holds only for a form that was sent. `why` says what is wrong.
    """

    protocol: str
    check: Check
    verdict: Verdict
    sets: int
    solved: bool
    seconds: float
    why: str = ""
    persons: tuple[Answers, ...] = ()
    sent: bool = False


def prove(
    rulebook: Rulebook,
    *,
    seconds: float = 30,
    sorts: Collection[str] = SORTS,
    only: Callable[[Check], bool] = lambda check: True,
) -> Iterator[Proof]:
    """Prove everything about every protocol, check by check; `seconds` is the limit for each.

    What two protocols share, word for word and question for question, is proved once. `sorts` and
    `only` pick the checks that are wanted.
    """
    known: _Known = {}
    for protocol in rulebook.protocols.values():
        plan = lower(protocol)
        prover = _Prover(plan, seconds, known)
        for check in checks(plan, partial(met_together, protocol), sorts):
            if only(check):
                yield prover.prove(check)


def met_together(protocol: Protocol) -> list[frozenset[str]]:
    """The rules that are met, for every person of the cases and for many made up at random."""
    everybody = [case.answers for case in protocol.cases]
    everybody += [example.answers for example in protocol.examples]
    everybody += at_random(protocol, 2_000)
    return [
        frozenset(id for id, outcome in screening.outcomes.items() if outcome == "met")
        for answers in everybody
        for screening in (screen(protocol, answers),)
    ]


# For each term the proofs that were made of it, each with the questions that it stands on.
_Known = dict[t.Bool, list[tuple[dict[str, Question], Proof]]]


class _Prover:
    """Decides checks of one protocol."""

    def __init__(self, plan: Plan, seconds: float, known: _Known) -> None:
        self.plan = plan
        self.protocol = plan.protocol
        self.domain = Domain.of(plan.protocol)
        self.solver = Solver(self.domain, plan.protocol, seconds=seconds)
        self.known = known

    def prove(self, check: Check) -> Proof:
        """Decide one check. What cannot be decided is named as such, never passed over."""
        began = time.perf_counter()
        questions = self.stands_on(check.term)
        for others, proof in self.known.get(check.term, ()):
            if proof.check.possible == check.possible and others == questions:
                spent = time.perf_counter() - began
                why = check.otherwise if proof.verdict == "failed" else proof.why
                return replace(
                    proof, protocol=self.protocol.id, check=check, seconds=spent, why=why
                )
        proof = self.decided(check, began)
        self.known.setdefault(check.term, []).append((questions, proof))
        return proof

    def stands_on(self, term: t.Bool) -> dict[str, Question]:
        """The questions that a term looks at; rows bring their protocol with them."""
        named = {path.removesuffix(SECOND).split(".")[0] for path in t.paths(term)}
        if any(isinstance(one, t.Distinct) for one in t.walk(term)):
            named.add(self.protocol.table.id)
        return {id: self.domain.questions[id] for id in named if id in self.domain.questions}

    def decided(self, check: Check, began: float) -> Proof:
        sets, solved = 0, False

        def proof(verdict: Verdict, why: str = "") -> Proof:
            spent = time.perf_counter() - began
            return Proof(self.protocol.id, check, verdict, sets, solved, spent, why)

        try:
            exists: bool | None = None
            size = enumeration.size(self.domain, check.term)
            if size is not None and size <= enumeration.MOST:
                sets, values = enumeration.first(self.domain, check.term)
                exists = values is not None
            term = check.term
            if check.assumed is not None:
                term = settled(self.plan, self.solver, term, check.assumed)
            by_solver = self.solver.exists(term)
            solved = True
            if exists is not None and exists != by_solver:
                why = "enumeration and the solver disagree: one of the two is wrong"
                return proof("not proved", why)
            if by_solver == check.possible:
                return proof("proved")
            failed = proof("failed", check.otherwise)
            return failed if check.possible else self.with_persons(failed, began)
        except TimeOut as error:
            return proof("not proved", f"time-out: {error}")
        except Exception as error:
            # Whatever a term holds that cannot be handled: the check is named and counted.
            return proof("not proved", f"cannot be handled: {type(error).__name__}: {error}")

    def with_persons(self, failed: Proof, began: float) -> Proof:
        """A failed proof with its smallest counterexample."""
        check = failed.check
        found = self.solver.find(check.term)
        if found is None or isinstance(check.term, t.Truth):
            return failed
        persons: tuple[Answers, ...] = (answers_of(found.values),)
        if check.two:
            persons += (answers_of(found.values, person=2),)
        spent = time.perf_counter() - began
        return replace(failed, persons=persons, sent=found.sent, seconds=spent)
