"""Two versions of a protocol, rule by rule: is there anybody on whom they differ?

The solver looks among the answers that both versions take. Whoever it finds is screened under both
before they are shown. Where it finds nobody, the rule means the same to everybody.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from typing import ParamSpec

from screener.engine.diff.by_meaning import RULE, compare
from screener.engine.diff.difference import CHANGE_KINDS, Counterexample, Difference, Equivalence
from screener.engine.diff.domain_difference import domain_difference
from screener.engine.priorities import PRIORITIES
from screener.engine.proof.domain import Domain, answers_of
from screener.engine.proof.solver import Disagreement, Solver, TimeOut, Witness, why_not
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import AnswersError
from screener.engine.screen import Screening, screen
from screener.engine.terms import terms as t
from screener.engine.terms.grounding import Grounding
from screener.engine.terms.plan import lower

# What only helps (a second counterexample, groups of rows that are equal) is not looked for any
# longer: in steps of the solver, about three seconds.
_BRIEFLY = 15_000_000

_P = ParamSpec("_P")


def compare_by_person(
    old: Rulebook,
    new: Rulebook,
    *,
    seconds: float = 20,
    asking: Callable[[str], None] = lambda what: None,
) -> tuple[list[Difference], dict[str, Equivalence]]:
    """Return every difference, those of rules with their equivalence, and that of the priority for
    each protocol with a difference.

    `seconds` is the limit for one rule; `asking` is called with the name of each. Of the
    differences of one kind those with a counterexample come first, the smallest before all.
    """
    differences = compare(old, new)
    priorities: dict[str, Equivalence] = {}
    for id in dict.fromkeys(difference.protocol for difference in differences):
        if id not in old.protocols or id not in new.protocols:
            continue
        versions = VersionPair(old.protocols[id], new.protocols[id], seconds=seconds)
        for i, difference in enumerate(differences):
            if (difference.protocol, difference.what, difference.kind) == (id, "rule", "meaning"):
                asking(f"{id}, {difference.id}")
                differences[i] = versions.settled(difference)
        asking(f"{id}, priority")
        priorities[id] = versions.priority()
    return sorted(differences, key=_place), priorities


def _place(difference: Difference) -> tuple[int, bool, int]:
    size = 0 if difference.equivalence is None else difference.equivalence.size
    return CHANGE_KINDS.index(difference.kind), not size, size


_Both = tuple[t.Bool, t.Bool]


def _decided(compare: Callable[_P, Equivalence]) -> Callable[_P, Equivalence]:
    """Make a comparison name what stood in its way, whatever that is."""

    @wraps(compare)
    def decided(*args: _P.args, **kwargs: _P.kwargs) -> Equivalence:
        try:
            return compare(*args, **kwargs)
        except Exception as error:
            return Equivalence("not proved", why=why_not(error))

    return decided


class VersionPair:
    """Compares two versions of a protocol. `seconds` is the solver's limit for each question."""

    def __init__(self, old: Protocol, new: Protocol, *, seconds: float = 20) -> None:
        self.old, self.new = old, new
        domain = Domain.shared(old, new)
        self._solver = Solver(domain, old, seconds=seconds)
        self._brief = Solver(domain, old, seconds=seconds, steps=_BRIEFLY)
        self._plans = lower(old), lower(new)
        self._old = Grounding(old)
        self._new = Grounding(new, self._as_before)
        self._equal: dict[tuple[t.Bool, t.Bool], bool] = {}
        shared = (id for id in old.rules if id in new.rules)
        self._before = {after: before for id in shared for after, before in self._counts(id)}

    def settled(self, difference: Difference) -> Difference:
        """Return the difference of a rule's meaning with its equivalence.

        A rule that is only spelt otherwise has changed in handling or wording.
        """
        equivalence = self.rule(difference.id)
        if equivalence.verdict == "same":
            old, new = (protocol.rules[difference.id] for protocol in (self.old, self.new))
            difference = replace(difference, kind="wording")
            if (change := RULE.change(old, new)) is not None:
                kind, was, is_now = change
                difference = replace(difference, kind=kind, old=was, new=is_now)
        return replace(difference, equivalence=equivalence)

    @_decided
    def rule(self, id: str) -> Equivalence:
        """Compare a rule that both versions have: its outcome, the age gate included."""
        met = self._both(*(plan.met(id) for plan in self._plans))
        not_met = self._both(*(plan.not_met(id) for plan in self._plans))
        gate = any(plan.gate == id for plan in self._plans)

        def outcome(screening: Screening) -> str:
            return screening.outcomes[id]

        equivalence = self._compared([met, not_met], outcome, gate=gate)
        if all("unknown" not in (c.old, c.new) for c in equivalence.counterexamples):
            return equivalence
        turned = t.any_of(t.all_of(met[0], not_met[1]), t.all_of(not_met[0], met[1]))
        try:
            certain = self._brief.find(turned)
        except TimeOut:
            certain = None
        second = () if certain is None else (self._counterexample(certain, outcome),)
        return Equivalence("differs", (*equivalence.counterexamples, *second))

    @_decided
    def priority(self) -> Equivalence:
        """Compare the priority of a submission."""
        reached = [self._both(*(plan.at_least[p] for plan in self._plans)) for p in PRIORITIES]
        return self._compared(reached, lambda screening: screening.priority, gate=False)

    # --- asking the solver -------------------------------------------------------------------

    def _both(self, before: t.Bool, after: t.Bool) -> _Both:
        """Return a term of each version with the medicines spelt out."""
        return self._old.boolean(before), self._new.boolean(after)

    def _compared(
        self, pairs: list[_Both], outcome: Callable[[Screening], str], *, gate: bool
    ) -> Equivalence:
        """Return whether each pair of terms is the same to everybody, or who comes out unlike."""
        witness = self._find(t.any_of(*(t.unlike(*pair) for pair in pairs)), gate=gate)
        if witness is not None:
            return Equivalence("differs", (self._counterexample(witness, outcome),))
        paths = t.paths(*(term for pair in pairs for term in pair))
        only = list(domain_difference(self.old, self.new, paths))
        return Equivalence("one version", why="; ".join(only)) if only else Equivalence("same")

    def _find(self, unlike: t.Bool, *, gate: bool) -> Witness | None:
        """Return the smallest person for whom a term holds, old enough in both if possible.

        An age gate that was moved changes every rule. That is a difference of its own, and hides no
        other one (`gate`: it is the gate itself that is compared).
        """
        before, after = self._both(*(plan.gated for plan in self._plans))
        if not gate and before is not after:
            witness = self._solver.find(unlike, t.negate(before), t.negate(after))
            if witness is not None:
                return witness
        return self._solver.find(unlike)

    def _counterexample(
        self, witness: Witness, outcome: Callable[[Screening], str]
    ) -> Counterexample:
        """Return a person, screened under both versions: a fault of the solver is not shown as one.

        Raises Disagreement.
        """
        answers = answers_of(witness.values)
        try:
            old, new = (
                outcome(screen(version, version.read_answers(answers), submitted=witness.sent))
                for version in (self.old, self.new)
            )
        except AnswersError as error:
            raise Disagreement(f"the person found is not taken: {error}") from None
        if old == new:
            raise Disagreement("the solver and the screening disagree: one of the two is wrong")
        return Counterexample(old, new, answers, witness.sent)

    # --- counts of rows ----------------------------------------------------------------------

    def _counts(self, rule: str) -> Iterator[tuple[t.Distinct, t.Distinct]]:
        """Yield counts of rows of the new version, each with that of the old one at its place."""
        for old, new in zip(*(plan.rules[rule] for plan in self._plans), strict=True):
            before, after = (
                [term for term in t.walk(end) if isinstance(term, t.Distinct)] for end in (old, new)
            )
            if [(c.table, c.label) for c in before] == [(c.table, c.label) for c in after]:
                yield from zip(after, before, strict=True)

    def _as_before(self, count: t.Distinct, label: str, group: t.Bool) -> t.Bool:
        """Return the old version's condition on a group of rows, where the new one says the same.

        A solver does not see by itself that two sums over fifty medicines are equal.
        """
        before = self._before.get(count)
        old = None if before is None else self._old.groups(before).get(label)
        if old is None or old is group:
            return group
        if (old, group) not in self._equal:
            try:
                equal = not self._brief.exists(t.unlike(old, group))
            except TimeOut:
                equal = False
            self._equal[old, group] = equal
        return old if self._equal[old, group] else group
