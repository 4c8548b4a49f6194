"""Asking an SMT solver (z3): is there anybody for whom a term holds, and who has fewest answers?"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import z3

from screener.engine.proof.domain import Domain
from screener.engine.proof.formulas import Formula, Formulas, Number, whole
from screener.engine.protocol import Protocol
from screener.engine.terms import terms as t

# How long a smaller model is looked for, in steps of z3's own count: about two seconds. Seconds
# would find another person on a slow machine than on a fast one.
_SMALLER = 10_000_000


class TimeOut(Exception):
    """The solver gave up before it found an answer."""


@dataclass(frozen=True)
class Found:
    """Somebody for whom a term holds: values by path (None for a blank), and whether sent."""

    values: Mapping[str, Any]
    sent: bool


def version() -> str:
    """The solver and its version, as a report names it."""
    return f"z3 {z3.get_version_string()}"


class Solver(Formulas):
    """Asks for persons. `seconds` is the limit for one question.

    `steps` is a second limit, in z3's own count, which is the same on every machine (0: none).
    """

    def __init__(
        self, domain: Domain, protocol: Protocol, *, seconds: float = 60, steps: int = 0
    ) -> None:
        super().__init__(domain, protocol)
        self.seconds, self.steps = seconds, steps

    def exists(self, *wanted: t.Bool) -> bool:
        """Whether there is somebody for whom all the terms hold. Raises TimeOut."""
        term = t.all_of(*wanted)
        if isinstance(term, t.Truth):
            return term.value
        return self._check(self._solver(term)) is not None

    def find(self, *wanted: t.Bool, smallest: bool = True) -> Found | None:
        """Somebody for whom all the terms hold, with the fewest answers that were soon found.

        Nobody sent their form where that can be, so that `screener assess` screens it the same.
        Raises TimeOut where not even one could be found or ruled out.
        """
        term = t.all_of(*wanted)
        if term is t.truth(False):
            return None
        solver = self._solver(term)
        touched = self._touched(term)
        unsent = z3.Not(self.boolean(t.make(t.Submitted)))
        model = self._check(solver, unsent)
        if model is not None:
            solver.add(unsent)
        else:
            model = self._check(solver)
        if model is None:
            return None
        if smallest:
            model = self._smallest(solver, model, touched)
        sent = z3.is_true(model.eval(self.boolean(t.make(t.Submitted)), model_completion=True))
        return Found({path: self.value(path, model) for path in touched}, sent)

    def _solver(self, term: t.Bool) -> z3.Solver:
        formula = self.boolean(term)
        solver = z3.SolverFor("QF_LIA")
        solver.set("timeout", int(self.seconds * 1000))
        solver.set("rlimit", self.steps)
        solver.add(formula)
        for path in self._touched(term):
            solver.add(*self.rules[path])
        return solver

    def _touched(self, *roots: t.Term) -> list[str]:
        """The paths of the variables that a term stands on, rows of the table among them."""
        named = t.paths(*roots)
        # A cell brings its row along, and a row its table.
        found = named | {path[:i] for path in named for i, sign in enumerate(path) if sign == "."}
        tables = {one.table for one in t.walk(*roots) if isinstance(one, t.Distinct)}
        return [path for path in self.rules if path in found or path.split(".")[0] in tables]

    def _check(self, solver: z3.Solver, *extra: Formula) -> z3.ModelRef | None:
        said = solver.check(*extra)
        if said == z3.unknown:
            steps = f" and {self.steps:,} steps" if self.steps else ""
            reason = solver.reason_unknown()
            raise TimeOut(f"no answer within {self.seconds:g} s{steps} ({reason})")
        return solver.model() if said == z3.sat else None

    def _smallest(self, solver: z3.Solver, model: z3.ModelRef, touched: list[str]) -> z3.ModelRef:
        """A model in which no answer can be left out; with the fewest answers, and then the fewest
        ticks, that are soon found."""
        model = self._without_spare(solver, model, touched)
        budget = _Budget(solver, self.seconds, _SMALLER)
        lists = [ticks for path in touched if isinstance(ticks := self.variable(path), dict)]
        given = [self.given(path) for path in touched]
        for counted in (given, [tick for ticks in lists for tick in ticks.values()]):
            count = z3.Sum([z3.If(one, 1, 0) for one in counted] or [z3.IntVal(0)])
            model = _fewest(solver, model, count, budget)
            solver.add(count <= whole(model.eval(count, model_completion=True)))
        return model

    def _without_spare(
        self, solver: z3.Solver, model: z3.ModelRef, touched: list[str]
    ) -> z3.ModelRef:
        """The model without every answer that it can do without: halves of them, then quarters…"""
        given = [path for path in touched if self._is_given(path, model)]
        gone = [z3.Not(self.given(path)) for path in touched if path not in given]
        open_ = [given]
        while open_:
            some = [path for path in open_.pop() if self._is_given(path, model)]
            blank = [z3.Not(self.given(path)) for path in some]
            if not some:
                continue
            if solver.check(*gone, *blank) == z3.sat:
                model = solver.model()
                gone += blank
            elif len(some) > 1:
                open_ += [some[len(some) // 2 :], some[: len(some) // 2]]
        return model

    def _is_given(self, path: str, model: z3.ModelRef) -> bool:
        given = model.eval(self.given(path), model_completion=True)
        return bool(z3.is_true(given))


class _Budget:
    """What may still be spent on one search: steps and, for a very slow machine, seconds."""

    def __init__(self, solver: z3.Solver, seconds: float, steps: int) -> None:
        self._solver = solver
        self._until = time.monotonic() + seconds
        self._last = _steps(solver) + steps

    def left(self) -> bool:
        """Whether there is some left; lets the solver's next answer cost no more than that."""
        seconds, steps = self._until - time.monotonic(), self._last - _steps(self._solver)
        if seconds <= 0 or steps <= 0:
            return False
        self._solver.set("timeout", max(1, int(seconds * 1000)))
        self._solver.set("rlimit", steps)
        return True


def _steps(solver: z3.Solver) -> int:
    """The steps of all answers so far."""
    return int(solver.statistics().get_key_value("rlimit count"))


def _fewest(solver: z3.Solver, model: z3.ModelRef, count: Number, budget: _Budget) -> z3.ModelRef:
    """The model with the lowest count, or the lowest that was found within the budget."""
    low, high = 0, whole(model.eval(count, model_completion=True))
    while low < high and budget.left():
        middle = (low + high) // 2
        said = solver.check(count <= middle)
        if said == z3.sat:
            model = solver.model()
            high = whole(model.eval(count, model_completion=True))
        elif said == z3.unsat:
            low = middle + 1
        else:
            break
    return model
