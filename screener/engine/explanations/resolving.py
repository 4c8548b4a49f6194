"""What could settle a rule that cannot be told, and whether it is open at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

from screener.engine.explanations.completing import Plan, Planner
from screener.engine.explanations.equivalence_classes import Values
from screener.engine.explanations.pivotal import Pivots
from screener.engine.explanations.what_if import Clause, OneRule
from screener.engine.questions import Answer
from screener.engine.screen import Outcome

MOST_COMPLETIONS = 4096
_DECIDED: tuple[Outcome, Outcome] = ("met", "not_met")


@dataclass(frozen=True)
class Settle:
    """Open answers that could decide a rule: after these values it comes out as `outcome`.

    The values are an example of answers that do; others may leave it open or decide it
    otherwise. Of several answers none can be left out, and `smallest` says that fewer were
    looked for in vain. `clauses` are those that become certain.
    """

    values: tuple[tuple[str, Answer], ...]
    outcome: Outcome
    smallest: bool
    clauses: tuple[Clause, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The open answers, in order."""
        return tuple(path for path, _ in self.values)


@dataclass(frozen=True)
class Exact:
    """Whether the missing answers can really make a difference.

    `outcomes` are those that some completion of the missing answers gives; None where they were
    too many to try. `completions` says how many were tried; 0 where examples settle it.
    """

    outcomes: frozenset[Outcome] | None
    completions: int

    @property
    def certain(self) -> Outcome | None:
        """The outcome whatever the missing answers are, where there is only one."""
        if self.outcomes is None or len(self.outcomes) != 1:
            return None
        return next(iter(self.outcomes))


def settles(one: OneRule, tries: int = 1500) -> tuple[Settle, ...]:
    """The open answers that could settle a rule alone, and to which outcomes; else together.

    Where no answer alone leads to an outcome, a smallest set that does, if one is found within
    `tries`. Nothing for a rule that is met or not met.
    """
    if one.outcome != "unknown" or one.screening.ineligible:
        return ()
    search = _Search(one, tries)
    if not one.plain:
        return tuple(search.blanks())
    found = list(search.alone())
    for outcome in _DECIDED:
        if not any(settle.outcome == outcome for settle in found):
            together = search.together(outcome)
            if together is not None:
                found.append(together)
    return tuple(found)


def exact(one: OneRule, found: tuple[Settle, ...], most: int = MOST_COMPLETIONS) -> Exact | None:
    """Whether a rule that cannot be told is open; `found` is what `settles` gave.

    None for a rule that is met or not met. The outcome that `screen` gave stays what it is.
    """
    if one.outcome != "unknown" or one.screening.ineligible:
        return None
    shown = frozenset(settle.outcome for settle in found)
    if shown.issuperset(_DECIDED):
        return Exact(shown, 0)
    values, paths = Values(one), one.open_paths()
    if not one.plain or not paths:
        return Exact(None, 0)
    every = [values.classes(path) for path in paths]
    if any(each is None for each in every):
        return Exact(None, 0)
    each_path = [each for each in every if each is not None]
    if prod(len(each) for each in each_path) > most:
        return Exact(None, 0)
    planner = Planner(one, values)
    outcomes: set[Outcome] = set()
    tried = 0
    for answers in product(*each_path):
        tried += 1
        outcomes.add(one.outcome_of(planner.filled(dict(zip(paths, answers, strict=True)))))
        if outcomes.issuperset(_DECIDED):
            break
    return Exact(frozenset(outcomes), tried)


class _Search:
    def __init__(self, one: OneRule, tries: int) -> None:
        self.one = one
        self.left = tries
        self.values = Values(one)
        self.planner = Planner(one, self.values)
        self.paths = one.open_paths()

    def outcome(self, plan: Plan) -> Outcome:
        self.left -= 1
        return self.one.outcome_of(self.planner.filled(plan))

    def settle(self, plan: Plan, outcome: Outcome, smallest: bool) -> Settle:
        order = {path: at for at, path in enumerate(self.paths)}
        values = tuple(sorted(plan.items(), key=lambda item: order[item[0]]))
        one = self.one
        clauses: tuple[Clause, ...] = ()
        if one.plain:
            after = one.facts_of(self.planner.filled(plan))
            clauses = one.changed(one.screening.facts, after)
        return Settle(values, outcome, smallest, clauses)

    # --- one answer --------------------------------------------------------------------------

    def alone(self) -> Iterator[Settle]:
        """Each open answer that can settle the rule alone, with one value for each outcome."""
        pivots = Pivots(self.one, self.one.screening.facts)
        able = {outcome: pivots.of(self.one.roots[0], outcome == "met") for outcome in _DECIDED}
        for path in self.paths:
            id = path.split(".")[0]
            wanted = [outcome for outcome in _DECIDED if id in able[outcome]]
            for value in self.tries(path) if wanted else ():
                outcome = self.outcome({path: value})
                if outcome in wanted:
                    wanted.remove(outcome)
                    yield self.settle({path: value}, outcome, True)
                if not wanted:
                    break

    def tries(self, path: str) -> tuple[Answer, ...]:
        known = self.values.classes(path)
        if known is not None:
            return known
        # A table that was left blank: no medicine at all is the one answer that is complete.
        return ({},) if path == self.planner.table else ()

    # --- several answers ---------------------------------------------------------------------

    def together(self, outcome: Outcome) -> Settle | None:
        """A smallest set of open answers that can lead to an outcome; one alone cannot."""
        plan = self.planner.plan(self.one.roots[0], outcome == "met")
        if plan is None or self.outcome(plan) != outcome:
            return None
        for path in list(plan):
            fewer = {other: value for other, value in plan.items() if other != path}
            if self.outcome(fewer) == outcome:
                plan = fewer
        if len(plan) == 1:
            return self.settle(plan, outcome, True)
        smaller, proved = self.smaller(len(plan), outcome)
        return self.settle(smaller or plan, outcome, proved)

    def smaller(self, size: int, outcome: Outcome) -> tuple[Plan | None, bool]:
        """A set of fewer answers, if there is one, and whether all of them were tried."""
        complete = all(self.values.classes(path) is not None for path in self.paths)
        for fewer in range(2, size):
            for paths in combinations(self.paths, fewer):
                for values in product(*(self.tries(path) for path in paths)):
                    if self.left <= 0:
                        return None, False
                    plan = dict(zip(paths, values, strict=True))
                    if self.outcome(plan) == outcome:
                        return plan, complete
        return None, complete

    # --- rules about blanks ------------------------------------------------------------------

    def blanks(self) -> Iterator[Settle]:
        """All that is missing, answered: then a rule about blanks is not met."""
        plan: Plan = {}
        for path in self.paths:
            first = next(iter(self.tries(path)), None)
            if first is None:
                return
            plan[path] = first
        if plan and self.outcome(plan) == "not_met":
            for path in list(plan):
                fewer = {other: value for other, value in plan.items() if other != path}
                if fewer and self.outcome(fewer) == "not_met":
                    plan = fewer
            yield self.settle(plan, "not_met", len(plan) == 1)
