"""prove(rulebook): every check, by enumeration where that is possible, and by the solver."""

import multiprocessing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from screener.engine.medicines import Medicine
from screener.engine.proof import enumeration
from screener.engine.proof.answered_rows import with_one_count
from screener.engine.proof.check import SORTS, Check
from screener.engine.proof.domain import SECOND, Domain, answers_of
from screener.engine.proof.form_checks import question_checks, row_checks
from screener.engine.proof.invariant_checks import invariant_checks
from screener.engine.proof.report import ProofVerdict
from screener.engine.proof.rule_checks import clause_checks, overlap_checks, rule_checks
from screener.engine.proof.solver import Disagreement, Solver, why_not
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Answers, Question
from screener.engine.screen import screen
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan, lower


@dataclass(frozen=True)
class Proof:
    """The outcome of one check.

    `sets` is the number of answer sets that were tried one by one (0: none). `persons` is the
    counterexample with the fewest answers: one person, or two who are compared; `sent` says that
    it holds only for a form that was sent. `why` says what is wrong.
    """

    protocol: str
    check: Check
    verdict: ProofVerdict
    sets: int = 0
    why: str = ""
    persons: tuple[Answers, ...] = ()
    sent: bool = False


def prove(
    rulebook: Rulebook,
    *,
    seconds: float = 30,
    people: Callable[[Protocol], Iterable[Answers]] = lambda protocol: (),
    sorts: Collection[str] = SORTS,
    only: Callable[[Check], bool] = lambda check: True,
    processes: int = 1,
) -> Iterator[Proof]:
    """Prove everything about every protocol, check by check; `seconds` is the limit for each.

    What two protocols share, word for word and question for question, is proved once. `people` are
    synthetic people of a protocol: two rules of which one is met for some of them without the
    other need no check. Without people there are more checks, and no other verdicts. `sorts` and
    `only` pick the checks that are wanted. `processes` prove side by side, in the same order.
    """
    jobs = [
        (prover, check)
        for prover in (
            _Prover(lower(protocol), seconds) for protocol in rulebook.protocols.values()
        )
        for check in filter(only, checks(prover.plan, people, sorts))
    ]
    equal = _first_equal(jobs)
    proofs: dict[int, Proof] = {}
    with _decided(jobs, sorted({*equal}), processes) as decided:
        for place, (prover, check) in enumerate(jobs):
            if equal[place] == place:
                proofs[place] = next(decided)
            proof = proofs[equal[place]]
            why = check.otherwise if proof.verdict == "failed" else proof.why
            yield replace(proof, protocol=prover.protocol.id, check=check, why=why)


def checks(
    plan: Plan, people: Callable[[Protocol], Iterable[Answers]], sorts: Collection[str]
) -> Iterator[Check]:
    """Yield every check of a protocol, of the sorts that are wanted."""
    makers: dict[str, Callable[[Plan], Iterator[Check]]] = {
        "rule": rule_checks,
        "clause": clause_checks,
        "overlap": lambda plan: overlap_checks(plan, met_together(plan.protocol, people)),
        "row": row_checks,
        "question": question_checks,
        "invariant": invariant_checks,
    }
    for sort, make in makers.items():
        if sort in sorts:
            yield from make(plan)


def met_together(
    protocol: Protocol, people: Callable[[Protocol], Iterable[Answers]]
) -> list[frozenset[str]]:
    """Return the rules that are met, for every person of the cases and for the synthetic people."""
    everybody = [case.answers for case in protocol.cases]
    everybody += [example.answers for example in protocol.examples]
    everybody += people(protocol)
    outcomes = (screen(protocol, answers).outcomes for answers in everybody)
    return [frozenset(id for id, came in of.items() if came == "met") for of in outcomes]


# What a term depends on: questions, and medicines if it counts rows.
_Reads = tuple[Mapping[str, Question], Mapping[str, Medicine]]
_Job = tuple["_Prover", Check]


def _first_equal(jobs: Sequence[_Job]) -> list[int]:
    """Return for each job the place of the first that asks the same of the same answers."""
    earlier: dict[tuple[t.Bool, bool], list[tuple[_Reads, int]]] = {}
    places = []
    for place, (prover, check) in enumerate(jobs):
        alike = earlier.setdefault((check.term, check.possible), [])
        reads = prover.reads(check.term)
        first = next((at for others, at in alike if others == reads), place)
        if first == place:
            alike.append((reads, place))
        places.append(first)
    return places


@contextmanager
def _decided(
    jobs: Sequence[_Job], places: Sequence[int], processes: int
) -> Iterator[Iterator[Proof]]:
    """Yield the proofs of the jobs at these places, in order.

    Terms are the same objects throughout a process and cannot be sent to another, so processes are
    copies of this one: where the system cannot make copies, there is one.
    """
    if processes < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield (jobs[place][0].prove(jobs[place][1]) for place in places)
        return
    _JOBS.extend(jobs)
    try:
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            bare_proofs = pool.imap(_prove_job, places, chunksize=4)
            yield (
                replace(bare, check=jobs[place][1])
                for bare, place in zip(bare_proofs, places, strict=True)
            )
    finally:
        _JOBS.clear()


# What the copies of this process prove; nothing outside of `prove`.
_JOBS: list[_Job] = []


def _prove_job(place: int) -> Proof:
    prover, check = _JOBS[place]
    return replace(prover.prove(check), check=None)  # type: ignore[arg-type]  # put back by others


class _Prover:
    """Decides checks of one protocol."""

    def __init__(self, plan: Plan, seconds: float) -> None:
        self.plan = plan
        self.protocol = plan.protocol
        self.domain = Domain.of(plan.protocol)
        self.seconds = seconds

    @cached_property
    def solver(self) -> Solver:
        """The solver of this process."""
        return Solver(self.domain, self.protocol, seconds=self.seconds)

    def prove(self, check: Check) -> Proof:
        """Decide one check. What cannot be decided is named as such, never passed over."""
        try:
            return self._decided(check)
        except Exception as error:
            return Proof(self.protocol.id, check, "not proved", why=why_not(error))

    def reads(self, term: t.Bool) -> _Reads:
        """Return what a term depends on."""
        named = {path.removesuffix(SECOND).split(".")[0] for path in t.paths(term)}
        counts = any(isinstance(part, t.Distinct) for part in t.walk(term))
        if counts:
            named.add(self.protocol.table.id)
        questions = {id: self.domain.questions[id] for id in named if id in self.domain.questions}
        return questions, self.protocol.medicines if counts else {}

    def _decided(self, check: Check) -> Proof:
        """Decide a check by the solver, and by enumeration too where that is possible."""
        sets, holds = 0, False
        size = enumeration.size(self.domain, check.term)
        if size is not None and size <= enumeration.MOST:
            sets, holds = enumeration.tried(self.domain, check.term)
        term = check.term
        if check.assumed is not None:
            term = with_one_count(self.plan, self.solver, term, check.assumed)
        exists = self.solver.exists(term)
        if sets and exists != holds:
            raise Disagreement("enumeration and the solver disagree: one of the two is wrong")
        if exists == check.possible:
            return Proof(self.protocol.id, check, "proved", sets)
        failed = Proof(self.protocol.id, check, "failed", sets, check.otherwise)
        no_person = check.possible or isinstance(check.term, t.Truth)
        witness = None if no_person else self.solver.find(check.term)
        if witness is None:
            return failed
        numbers = (1, 2) if check.two else (1,)
        persons = tuple(answers_of(witness.values, person=number) for number in numbers)
        return replace(failed, persons=persons, sent=witness.sent)
