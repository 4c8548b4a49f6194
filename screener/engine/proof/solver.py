"""Asking an SMT solver (z3): is there anybody for whom a term holds, and who has fewest answers?"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import z3

from screener.engine import terms as t
from screener.engine.proof.domain import Domain
from screener.engine.proof.formulas import Formula, Formulas, Number, whole
from screener.engine.rulebook import Protocol

# How long a smaller model is looked for, in seconds.
_SMALLER = 2.0


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
    """Asks for persons. `seconds` is the limit for one question."""

    def __init__(self, domain: Domain, protocol: Protocol, *, seconds: float = 60) -> None:
        super().__init__(domain, protocol)
        self.seconds = seconds

    def exists(self, *wanted: t.Bool) -> bool:
        """Whether there is somebody for whom all the terms hold. Raises TimeOut."""
        term = t.all_of(*wanted)
        if isinstance(term, t.Truth):
            return term.value
        return self._check(self._solver(term)) is not None

    def find(self, *wanted: t.Bool, smallest: bool = True) -> Found | None:
        """Somebody for whom all the terms hold, with the fewest answers where time allows.

        Nobody sent their form where that can be, so that `screener assess` screens it the same.
        Raises TimeOut where not even one could be found or ruled out.
        """
        term = t.all_of(*wanted)
        if term is t.truth(False):
            return None
        solver = self._solver(term)
        touched = self._touched(term)
        unsent = z3.Not(self.boolean(t.make(t.Sent)))
        model = self._check(solver, unsent)
        if model is not None:
            solver.add(unsent)
        else:
            model = self._check(solver)
        if model is None:
            return None
        if smallest:
            model = self._smallest(solver, model, touched)
        sent = z3.is_true(model.eval(self.boolean(t.make(t.Sent)), model_completion=True))
        return Found({path: self.value(path, model) for path in touched}, sent)

    def _solver(self, term: t.Bool) -> z3.Solver:
        formula = self.boolean(term)
        solver = z3.SolverFor("QF_LIA")
        solver.set("timeout", int(self.seconds * 1000))
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
            raise TimeOut(f"no answer within {self.seconds:g} s ({solver.reason_unknown()})")
        return solver.model() if said == z3.sat else None

    def _smallest(self, solver: z3.Solver, model: z3.ModelRef, touched: list[str]) -> z3.ModelRef:
        """A model in which no answer can be left out; with the fewest answers, and then the fewest
        ticks, that time allows."""
        model = self._without_spare(solver, model, touched)
        until = time.monotonic() + min(self.seconds, _SMALLER)
        lists = [ticks for path in touched if isinstance(ticks := self.variable(path), dict)]
        given = [self.given(path) for path in touched]
        for counted in (given, [tick for ticks in lists for tick in ticks.values()]):
            count = z3.Sum([z3.If(one, 1, 0) for one in counted] or [z3.IntVal(0)])
            model = _fewest(solver, model, count, until)
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


def _fewest(solver: z3.Solver, model: z3.ModelRef, count: Number, until: float) -> z3.ModelRef:
    """The model with the lowest count, or the lowest that was found until that time."""
    low, high = 0, whole(model.eval(count, model_completion=True))
    while low < high and (left := until - time.monotonic()) > 0:
        middle = (low + high) // 2
        solver.set("timeout", max(1, int(left * 1000)))
        said = solver.check(count <= middle)
        if said == z3.sat:
            model = solver.model()
            high = whole(model.eval(count, model_completion=True))
        elif said == z3.unsat:
            low = middle + 1
        else:
            break
    return model
