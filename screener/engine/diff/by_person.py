"""Two versions of a protocol, rule by rule: is there anybody on whom they differ?

The solver looks among the answers that both versions take. Whoever it finds is screened under both
before they are shown; where it finds nobody, the rule means the same to everybody.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from screener.engine.diff.domain_difference import unshared
from screener.engine.proof.domain import Domain, answers_of
from screener.engine.proof.solver import Found, Solver, TimeOut
from screener.engine.protocol import PRIORITIES, Protocol
from screener.engine.questions import Answers, AnswersError
from screener.engine.screen import Screening, screen
from screener.engine.terms import terms as t
from screener.engine.terms.grounding import Grounding
from screener.engine.terms.plan import Plan, lower

Verdict = Literal["same", "differs", "one version", "not proved"]


class _Disagree(Exception):
    """The solver found a person who, screened, shows no difference."""


# What only helps (a second person, groups of rows that are equal) is not looked for any longer: in
# steps of z3's own count, about three seconds.
_BRIEFLY = 15_000_000


@dataclass(frozen=True)
class Person:
    """Somebody who comes out as `old` under one version and as `new` under the other.

    `sent` says that it is so for a form that was sent with these answers.
    """

    old: str
    new: str
    answers: Answers
    sent: bool

    @property
    def size(self) -> int:
        """How many answers were given, each row and each cell of a table counted."""
        return sum(_size(answer) for answer in self.answers.values())


@dataclass(frozen=True)
class Differing:
    """What came of comparing one rule, or the priority, of two versions.

    - same: proved; everybody comes out the same
    - differs: `persons` show it. The first has the fewest answers; where one version cannot tell of
      them, a second is met in one version and not met in the other, if such a person was found
    - one version: the same for all answers that both versions take; `why` names the others
    - not proved: `why` says what stood in the way
    """

    verdict: Verdict
    persons: tuple[Person, ...] = ()
    why: str = ""

    @property
    def size(self) -> int:
        """The answers of the smallest person."""
        return min((person.size for person in self.persons), default=0)


class Versions:
    """Compares two versions of a protocol. `seconds` is the limit for the solver, each time."""

    def __init__(self, old: Protocol, new: Protocol, *, seconds: float = 20) -> None:
        self.old, self.new = old, new
        self.seconds = seconds
        self.domain = Domain.shared(old, new)
        self.solver = Solver(self.domain, old, seconds=seconds)
        self._brief = Solver(self.domain, old, seconds=seconds, steps=_BRIEFLY)
        self._plans = lower(old), lower(new)
        self._old = Grounding(old)
        self._new = Grounding(new, self._as_before)
        self._before: dict[t.Distinct, t.Distinct] = {}
        self._equal: dict[tuple[t.Bool, t.Bool], bool] = {}
        for id in old.rules:
            if id in new.rules:
                self._before |= _paired(self._plans, id)

    def touched(self, id: str) -> bool:
        """Whether a rule that both versions have could come out otherwise, the age gate apart.

        Not so where both versions make the same of it, word for word.
        """
        pairs = zip(*(plan.rules[id] for plan in self._plans), strict=True)
        return any(self._old.boolean(a) is not self._new.boolean(b) for a, b in pairs)

    def rule(self, id: str) -> Differing:
        """Compare a rule that both versions have: its outcome, the age gate included."""
        return self._answered(lambda: self._rule(id))

    def priority(self) -> Differing:
        """Compare the priority of a submission."""
        return self._answered(self._priority)

    def _rule(self, id: str) -> Differing:
        before, after = self._plans
        met = self._old.boolean(before.met(id)), self._new.boolean(after.met(id))
        not_met = self._old.boolean(before.not_met(id)), self._new.boolean(after.not_met(id))
        gate = id in (before.gate, after.gate)
        found = self._find(t.any_of(_unlike(*met), _unlike(*not_met)), gate=gate)
        if found is None:
            return self._nobody(*met, *not_met)
        first = self._person(found, lambda screening: screening.outcomes[id])
        persons = [first]
        if "unknown" in (first.old, first.new):
            turned = t.any_of(t.all_of(met[0], not_met[1]), t.all_of(not_met[0], met[1]))
            persons += self._further(turned, id)
        return Differing("differs", tuple(persons))

    def _further(self, turned: t.Bool, rule: str) -> Iterator[Person]:
        """Somebody for whom both versions are certain; nobody where that is not soon found."""
        try:
            found = self._brief.find(turned)
        except TimeOut:
            return
        if found is not None:
            yield self._person(found, lambda screening: screening.outcomes[rule])

    def _priority(self) -> Differing:
        before, after = (plan.at_least for plan in self._plans)
        ends = [
            (self._old.boolean(before[priority]), self._new.boolean(after[priority]))
            for priority in PRIORITIES
        ]
        found = self._find(t.any_of(*(_unlike(*pair) for pair in ends)), gate=False)
        if found is None:
            return self._nobody(*(term for pair in ends for term in pair))
        return Differing("differs", (self._person(found, lambda one: one.priority),))

    # --- asking ------------------------------------------------------------------------------

    def _answered(self, ask: Callable[[], Differing]) -> Differing:
        """What is found; what cannot be decided is named as such, never passed over."""
        try:
            return ask()
        except TimeOut as error:
            return Differing("not proved", why=f"time-out: {error}")
        except _Disagree as error:
            return Differing("not proved", why=str(error))
        except Exception as error:
            # Whatever a term holds that cannot be handled.
            why = f"cannot be handled: {type(error).__name__}: {error}"
            return Differing("not proved", why=why)

    def _find(self, unlike: t.Bool, *, gate: bool) -> Found | None:
        """The smallest person for whom a term holds; rather one who is old enough in both versions.

        An age gate that was moved changes every rule; that is its own difference, and hides no
        other one (`gate`: it is the gate itself that is asked about).
        """
        old_gate = self._old.boolean(self._plans[0].gated)
        new_gate = self._new.boolean(self._plans[1].gated)
        if not gate and old_gate is not new_gate:
            found = self.solver.find(unlike, t.negate(old_gate), t.negate(new_gate))
            if found is not None:
                return found
        return self.solver.find(unlike)

    def _nobody(self, *terms: t.Bool) -> Differing:
        only = list(unshared(self.old, self.new, t.paths(*terms)))
        return Differing("one version", why="; ".join(only)) if only else Differing("same")

    def _person(self, found: Found, outcome: Callable[[Screening], str]) -> Person:
        """The person, screened under both versions: a fault of the prover is not shown as one."""
        answers = answers_of(found.values)
        try:
            old, new = (
                outcome(screen(one, one.read_answers(answers), submitted=found.sent))
                for one in (self.old, self.new)
            )
        except AnswersError as error:
            raise _Disagree(f"the person found is not taken: {error}") from None
        if old == new:
            raise _Disagree("the solver and the screening disagree: one of the two is wrong")
        return Person(old, new, answers, found.sent)

    def _as_before(self, count: t.Distinct, label: str, group: t.Bool) -> t.Bool:
        """The old version's condition on a group of rows, where the new one says the same.

        A solver does not see by itself that two sums over fifty medicines are equal.
        """
        before = self._before.get(count)
        old = None if before is None else self._old.groups(before).get(label)
        if old is None or old is group:
            return group
        key = (old, group)
        if key not in self._equal:
            try:
                self._equal[key] = not self._brief.exists(_unlike(old, group))
            except TimeOut:
                self._equal[key] = False
        return old if self._equal[key] else group


def _paired(plans: tuple[Plan, Plan], rule: str) -> Iterator[tuple[t.Distinct, t.Distinct]]:
    """Counts of rows of the new version with those of the old one that stand at the same place."""
    for old, new in zip(*(plan.rules[rule] for plan in plans), strict=True):
        before, after = (
            [x for x in t.walk(end) if isinstance(x, t.Distinct)] for end in (old, new)
        )
        if [(x.table, x.label) for x in before] == [(x.table, x.label) for x in after]:
            yield from zip(after, before, strict=True)


def _unlike(one: t.Bool, other: t.Bool) -> t.Bool:
    """Exactly one of the two holds. What two disjunctions share is looked at once."""
    if one is other:
        return t.truth(False)
    first, second = _parts(one), _parts(other)
    both = first.keys() & second.keys()
    if not both:
        return t.any_of(t.all_of(one, t.negate(other)), t.all_of(other, t.negate(one)))
    shared = t.any_of(*(part for part in first if part in both))
    rest = _unlike(
        t.any_of(*(part for part in first if part not in both)),
        t.any_of(*(part for part in second if part not in both)),
    )
    return t.all_of(t.negate(shared), rest)


def _parts(term: t.Bool) -> dict[t.Bool, None]:
    return dict.fromkeys(term.parts if isinstance(term, t.Or) else (term,))


def _size(answer: object) -> int:
    if not isinstance(answer, dict):
        return 1
    return 1 + sum(1 + len(row) for row in answer.values())
