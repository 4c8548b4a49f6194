"""Terms as formulas of an SMT solver (z3), over one variable for each answer."""

import operator
from decimal import Decimal
from functools import reduce
from typing import Any

import z3

from screener.engine.proof.domain import Domain, limits
from screener.engine.protocol import Protocol
from screener.engine.terms import terms as t
from screener.engine.terms.grounding import Grounding

# The solver's package carries no types.
Formula = Any
Number = Any


class Formulas:
    """The formulas of terms. Counts of rows are over the medicines of `protocol`.

    `variables` are by path; `rules` say for each path which values its variable can have.
    """

    def __init__(self, domain: Domain, protocol: Protocol) -> None:
        self.domain = domain
        self.protocol = protocol
        self._grounding = Grounding(protocol)
        self.variables: dict[str, Any] = {}
        self.rules: dict[str, list[Formula]] = {}
        self._formulas: dict[t.Term, Any] = {}

    # --- variables ---------------------------------------------------------------------------

    def given(self, path: str) -> Formula:
        """Return whether there is an answer at a path."""
        question = self.domain.question(path)
        if question is None:
            return z3.BoolVal(False)
        variable = self.variable(path)
        match question.kind:
            case "choices":
                return z3.Or(list(variable.values()))
            case "table" | "text":
                return variable
        return variable >= limits(question)[0]

    def variable(self, path: str) -> Any:
        """Return the variable of a path: a number below its least value is a blank."""
        if path not in self.variables:
            rules = self.rules[path] = []
            self.variables[path] = self._declared(path, rules)
            if "." in path:
                # A row is only there in a table that is, and a cell only filled in a row.
                above = path.rsplit(".", 1)[0]
                rules += [z3.Implies(self.given(path), self.given(above)), *self.rules[above]]
        return self.variables[path]

    def _declared(self, path: str, rules: list[Formula]) -> Any:
        """Return a new variable. Add to `rules` which values it can have."""
        question = self.domain.question(path)
        assert question is not None, path
        match question.kind:
            case "table" | "text":
                return z3.Bool(path)
            case "choices":
                ticks = {id: z3.Bool(f"{path}:{id}") for id in question.option_ids}
                others = [tick for id, tick in ticks.items() if id != "none"]
                if "none" in ticks and others:
                    rules.append(z3.Implies(ticks["none"], z3.Not(z3.Or(others))))
                return ticks
        number = z3.Int(path)
        least, most = limits(question)
        rules += [number >= least - 1, number <= most]
        return number

    def value(self, path: str, model: z3.ModelRef) -> Any:
        """Return the answer at a path in a model of the solver, or None for a blank."""
        variable, question = self.variable(path), self.domain.question(path)
        assert question is not None, path
        if isinstance(variable, dict):
            return tuple(id for id, tick in variable.items() if holds(tick, model)) or None
        if z3.is_bool(variable):
            given = "…" if question.kind == "text" else True
            return given if holds(variable, model) else None
        number = whole(variable, model)
        if number < limits(question)[0]:
            return None
        if question.kind == "choice":
            return question.option_ids[number]
        return Decimal(number) / 10**question.decimals if question.decimals else number

    # --- formulas ----------------------------------------------------------------------------

    def of(self, term: t.Term) -> Formula | Number:
        """Return the formula of a term, made once."""
        if term not in self._formulas:
            self._formulas[term] = self._formula(term)
        return self._formulas[term]

    def _formula(self, term: t.Term) -> Any:
        of = self.of
        match term:
            case t.Truth(value):
                return z3.BoolVal(value)
            case t.Submitted():
                return z3.Bool("sent")
            case t.IsAnswered(path):
                return self.given(path)
            case t.Among(path, options):
                question = self.domain.question(path)
                ids = question.option_ids if question else ()
                return z3.Or([self.variable(path) == ids.index(o) for o in options if o in ids])
            case t.Ticked(path, options):
                return z3.Or(self._ticks(path, options))
            case t.And(parts):
                return z3.And([*map(of, parts)])
            case t.Or(parts):
                return z3.Or([*map(of, parts)])
            case t.Not(part):
                return z3.Not(of(part))
            case t.Compare(sign, left, right):
                return of(left) <= of(right) if sign == "<=" else of(left) == of(right)
            case t.Whole(value):
                return z3.IntVal(value)
            case t.Points(path, points, default):
                return self._points(path, points, default)
            case t.Amount(path, decimals, _, default):
                question = self.domain.question(path)
                if question is None:
                    return z3.IntVal(default)
                times = 10 ** (decimals - question.decimals)
                return z3.If(self.given(path), self.variable(path) * times, default)
            case t.Ticks(path, options):
                ticks = self._ticks(path, options)
                return z3.Sum([z3.If(tick, 1, 0) for tick in ticks] or [z3.IntVal(0)])
            case t.Plus(numbers):
                return z3.Sum([*map(of, numbers)])
            case t.Extreme(highest, numbers):
                pick = operator.gt if highest else operator.lt
                return reduce(lambda a, b: z3.If(pick(b, a), b, a), map(of, numbers))
            case t.Choose(condition, then, otherwise):
                return z3.If(of(condition), of(then), of(otherwise))
            case t.Distinct():
                return of(self._grounding.count(term))
        raise AssertionError(f"{term} is about any row; a count puts each medicine in")

    def _ticks(self, path: str, options: tuple[str, ...]) -> list[Formula]:
        if self.domain.question(path) is None:
            return []
        ticks = self.variable(path)
        return [ticks[id] for id in options if id in ticks]

    def _points(self, path: str, points: tuple[tuple[str, int], ...], default: int) -> Any:
        question = self.domain.question(path)
        if question is None:
            return z3.IntVal(default)
        variable = self.variable(path)
        ids = question.option_ids
        worth = sorted((ids.index(option), n) for option, n in points if option in ids)
        if worth == [(i, i) for i in range(len(ids))]:
            return z3.If(variable < 0, z3.IntVal(default), variable)
        formula: Any = z3.IntVal(default)
        for index, number in worth:
            formula = z3.If(variable == index, z3.IntVal(number), formula)
        return formula


def holds(formula: Formula, model: z3.ModelRef) -> bool:
    """Return whether a formula holds in a model."""
    return bool(z3.is_true(model.eval(formula, model_completion=True)))


def whole(number: Number, model: z3.ModelRef) -> int:
    """Return a number of a model."""
    return int(model.eval(number, model_completion=True).as_long())
