"""Asking an SMT solver (z3): is there anybody for whom a term holds, and who has fewest answers?

Nothing here reads a clock. The solver does, for its limit in seconds; its limit in steps is the
same on every machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import z3

from screener.engine.proof.domain import Domain
from screener.engine.proof.formulas import Formula, Formulas, Number, holds, whole
from screener.engine.protocol import Protocol
from screener.engine.terms import terms as t

# How long a smaller model is looked for, in steps of the solver: about two seconds. A limit in
# seconds would end at another person on a slow machine than on a fast one.
_SMALLER = 10_000_000


class TimeOut(Exception):
    """The solver gave up before it had an answer."""


class Disagreement(Exception):
    """Two ways to decide something disagree; the message says which."""


def why_not(error: Exception) -> str:
    """Return why something is not proved: whatever stood in the way is named, never passed over."""
    match error:
        case Disagreement():
            return str(error)
        case TimeOut():
            return f"time-out: {error}"
    return f"cannot be handled: {type(error).__name__}: {error}"


@dataclass(frozen=True)
class Witness:
    """Somebody for whom a term holds: values by path (None for a blank), and whether sent."""

    values: Mapping[str, Any]
    sent: bool


def version() -> str:
    """Return the solver and its version, as a report names it."""
    return f"z3 {z3.get_version_string()}"


class Solver(Formulas):
    """Asks for people. `seconds` is the limit for one question, by the solver's clock.

    `steps` is a second limit, in the solver's own count (0: none).
    """

    def __init__(
        self, domain: Domain, protocol: Protocol, *, seconds: float = 60, steps: int = 0
    ) -> None:
        super().__init__(domain, protocol)
        self.seconds, self.steps = seconds, steps

    def exists(self, *wanted: t.Bool) -> bool:
        """Return whether there is somebody for whom all the terms hold. Raises TimeOut."""
        term = t.all_of(*wanted)
        if isinstance(term, t.Truth):
            return term.value
        return self._model(self._solver(term)) is not None

    def find(self, *wanted: t.Bool, smallest: bool = True) -> Witness | None:
        """Return somebody for whom all the terms hold, or None.

        `smallest`: with the fewest answers that were soon found. Nobody sent their form where that
        can be, so that `screener assess` screens them the same. Raises TimeOut where nobody was
        found or ruled out.
        """
        term = t.all_of(*wanted)
        if term is t.truth(False):
            return None
        solver = self._solver(term)
        paths = self._paths(term)
        sent = self.of(t.make(t.Submitted))
        model = self._model(solver, z3.Not(sent))
        if model is not None:
            solver.add(z3.Not(sent))
        else:
            model = self._model(solver)
        if model is None:
            return None
        if smallest:
            model = self._smallest(solver, model, paths)
        return Witness({path: self.value(path, model) for path in paths}, holds(sent, model))

    def _solver(self, term: t.Bool) -> z3.Solver:
        formula = self.of(term)
        solver = z3.SolverFor("QF_LIA")
        solver.set("timeout", int(self.seconds * 1000))
        solver.set("rlimit", self.steps)
        solver.add(formula)
        for path in self._paths(term):
            solver.add(*self.rules[path])
        return solver

    def _paths(self, term: t.Bool) -> list[str]:
        """Return the paths of the variables that a term depends on, with the rows of its tables."""
        named = t.paths(term)
        # A cell brings its row along, and a row its table.
        named |= {path[:i] for path in named for i, sign in enumerate(path) if sign == "."}
        tables = {part.table for part in t.walk(term) if isinstance(part, t.Distinct)}
        return [path for path in self.rules if path in named or path.split(".")[0] in tables]

    def _model(self, solver: z3.Solver, *extra: Formula) -> z3.ModelRef | None:
        outcome = solver.check(*extra)
        if outcome == z3.unknown:
            steps = f" and {self.steps:,} steps" if self.steps else ""
            reason = solver.reason_unknown()
            raise TimeOut(f"no answer within {self.seconds:g} s{steps} ({reason})")
        return solver.model() if outcome == z3.sat else None

    def _smallest(self, solver: z3.Solver, model: z3.ModelRef, paths: list[str]) -> z3.ModelRef:
        """Return a model in which no answer can be left out, with the fewest answers, and then the
        fewest ticks, that are soon found."""
        model = self._without_spare(solver, model, paths)
        last = _steps(solver) + _SMALLER
        lists = [ticks for path in paths if isinstance(ticks := self.variable(path), dict)]
        answers = [self.given(path) for path in paths]
        for counted in (answers, [tick for ticks in lists for tick in ticks.values()]):
            count = z3.Sum([z3.If(formula, 1, 0) for formula in counted] or [z3.IntVal(0)])
            model = _fewest(solver, model, count, last)
            solver.add(count <= whole(count, model))
        return model

    def _without_spare(
        self, solver: z3.Solver, model: z3.ModelRef, paths: list[str]
    ) -> z3.ModelRef:
        """Return a model without the answers that it can do without.

        Half of them are left out at once, then a quarter, and so on.
        """
        given = [path for path in paths if holds(self.given(path), model)]
        blank = [z3.Not(self.given(path)) for path in paths if path not in given]
        left = [given]
        while left:
            part = [path for path in left.pop() if holds(self.given(path), model)]
            if not part:
                continue
            without = [z3.Not(self.given(path)) for path in part]
            if solver.check(*blank, *without) == z3.sat:
                model = solver.model()
                blank += without
            elif len(part) > 1:
                left += [part[len(part) // 2 :], part[: len(part) // 2]]
        return model


def _steps(solver: z3.Solver) -> int:
    """Return the steps of all answers so far."""
    return int(solver.statistics().get_key_value("rlimit count"))


def _fewest(solver: z3.Solver, model: z3.ModelRef, count: Number, last: int) -> z3.ModelRef:
    """Return the model with the lowest count, or the lowest found up to the `last` step."""
    low, high = 0, whole(count, model)
    while low < high and (left := last - _steps(solver)) > 0:
        solver.set("rlimit", left)
        middle = (low + high) // 2
        outcome = solver.check(count <= middle)
        if outcome == z3.sat:
            model = solver.model()
            high = whole(count, model)
        elif outcome == z3.unsat:
            low = middle + 1
        else:
            break
    return model
