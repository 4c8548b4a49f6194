"""What could settle a rule that cannot tell, and whether it is open at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

from screener.engine.explanations.completing import Completer, Completion
from screener.engine.explanations.equivalence_classes import EquivalenceClasses
from screener.engine.explanations.what_if import Clause, WhatIf
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

    `outcomes` are those that some completion of the missing answers gives, up to the first that is
    met and the first that is not; None where they were too many to try. `completions` says how many
    were tried; 0 where examples settle it.
    """

    outcomes: frozenset[Outcome] | None
    completions: int

    @property
    def certain(self) -> Outcome | None:
        """The outcome whatever the missing answers are, where there is only one."""
        if self.outcomes is None or len(self.outcomes) != 1:
            return None
        return next(iter(self.outcomes))


def settles(what_if: WhatIf, tries: int = 1500) -> tuple[Settle, ...]:
    """Return the open answers that could settle a rule alone, and to which outcomes; else together.

    Where no answer alone leads to an outcome, a smallest set that does, if one is found within
    `tries`. Nothing for a rule that is met or not met.
    """
    if what_if.outcome != "unknown" or what_if.screening.ineligible:
        return ()
    search = _SettlingSearch(what_if, tries)
    if not what_if.has_condition:
        return tuple(search.blanks())
    settling = list(search.alone())
    for outcome in _DECIDED:
        if not any(settle.outcome == outcome for settle in settling):
            together = search.together(outcome)
            settling += [] if together is None else [together]
    return tuple(settling)


def exact(
    what_if: WhatIf, settling: tuple[Settle, ...], most: int = MOST_COMPLETIONS
) -> Exact | None:
    """Return whether a rule that cannot tell is open; `settling` is what `settles` returned.

    None for a rule that is met or not met. The outcome that `screen` gave stays what it is.
    """
    if what_if.outcome != "unknown" or what_if.screening.ineligible:
        return None
    shown = frozenset(settle.outcome for settle in settling)
    if shown.issuperset(_DECIDED):
        return Exact(shown, 0)
    classes, paths = EquivalenceClasses(what_if), what_if.open_paths()
    if not what_if.has_condition or not paths:
        return Exact(None, 0)
    values = [classes.of(path) for path in paths]
    each_path = [each for each in values if each is not None]
    if len(each_path) < len(paths) or prod(map(len, each_path)) > most:
        return Exact(None, 0)
    completer = Completer(what_if, classes)
    outcomes: set[Outcome] = set()
    tried = 0
    for answers in product(*each_path):
        tried += 1
        outcomes.add(what_if.outcome_of(completer.filled(dict(zip(paths, answers, strict=True)))))
        if outcomes.issuperset(_DECIDED):
            break
    return Exact(frozenset(outcomes), tried)


class _SettlingSearch:
    def __init__(self, what_if: WhatIf, tries: int) -> None:
        self.what_if = what_if
        self.left = tries
        self.classes = EquivalenceClasses(what_if)
        self.completer = Completer(what_if, self.classes)
        self.paths = what_if.open_paths()

    def outcome(self, completion: Completion) -> Outcome:
        self.left -= 1
        return self.what_if.outcome_of(self.completer.filled(completion))

    def settle(self, completion: Completion, outcome: Outcome, smallest: bool) -> Settle:
        order = {path: at for at, path in enumerate(self.paths)}
        values = tuple(sorted(completion.items(), key=lambda item: order[item[0]]))
        clauses = self.what_if.changed_by(self.completer.filled(completion))
        return Settle(values, outcome, smallest, clauses)

    # --- one answer --------------------------------------------------------------------------

    def alone(self) -> Iterator[Settle]:
        """Yield each open answer that can settle the rule alone, with a value for each outcome."""
        root = self.what_if.roots[0]
        able = {outcome: self.what_if.pivotal(root, outcome == "met") for outcome in _DECIDED}
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
        values = self.classes.of(path)
        if values is not None:
            return values
        # A table that was left blank: no medicine at all is the one answer that is complete.
        return ({},) if path == self.completer.table else ()

    # --- several answers ---------------------------------------------------------------------

    def together(self, outcome: Outcome) -> Settle | None:
        """Return a smallest set of open answers that can lead to an outcome; one alone cannot."""
        completion = self.completer.complete(self.what_if.roots[0], outcome == "met")
        if completion is None or self.outcome(completion) != outcome:
            return None
        completion = self.without_spare(completion, outcome)
        if len(completion) == 1:
            return self.settle(completion, outcome, True)
        smaller, proved = self.smaller(len(completion), outcome)
        return self.settle(smaller or completion, outcome, proved)

    def without_spare(self, completion: Completion, outcome: Outcome) -> Completion:
        """Return what is left once every answer that is not needed is dropped."""
        for path in list(completion):
            fewer = {other: value for other, value in completion.items() if other != path}
            if fewer and self.outcome(fewer) == outcome:
                completion = fewer
        return completion

    def smaller(self, size: int, outcome: Outcome) -> tuple[Completion | None, bool]:
        """Return a set of fewer answers, if there is one, and whether all of them were tried."""
        complete = all(self.classes.of(path) is not None for path in self.paths)
        for fewer in range(2, size):
            for paths in combinations(self.paths, fewer):
                for values in product(*(self.tries(path) for path in paths)):
                    if self.left <= 0:
                        return None, False
                    completion = dict(zip(paths, values, strict=True))
                    if self.outcome(completion) == outcome:
                        return completion, complete
        return None, complete

    # --- rules about blanks ------------------------------------------------------------------

    def blanks(self) -> Iterator[Settle]:
        """Yield answers to all that is missing: with them a rule about blanks is not met."""
        completion: Completion = {}
        for path in self.paths:
            first = next(iter(self.tries(path)), None)
            if first is None:
                return
            completion[path] = first
        if completion and self.outcome(completion) == "not_met":
            completion = self.without_spare(completion, "not_met")
            yield self.settle(completion, "not_met", len(completion) == 1)
