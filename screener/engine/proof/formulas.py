"""Terms as formulas of an SMT solver (z3), over one variable for each answer."""

from decimal import Decimal
from typing import Any

import z3

from screener.engine.proof.domain import Cell, Domain, MedicineRow
from screener.engine.protocol import Protocol
from screener.engine.questions import Question
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
        place = self.domain.place(path)
        if place is None:
            return z3.BoolVal(False)
        variable = self.variable(path)
        match place:
            case Question(kind="choices"):
                return z3.Or(list(variable.values()))
            case Question(kind="table") | Question(kind="text") | MedicineRow():
                return variable
        return variable >= _range(place)[0]

    def variable(self, path: str) -> Any:
        """Return the variable of a path: a number below its least value is a blank."""
        if path not in self.variables:
            self.variables[path] = self._declared(path)
        return self.variables[path]

    def _declared(self, path: str) -> Any:
        place = self.domain.place(path)
        assert place is not None, path
        rules = self.rules[path] = []
        above = path.rsplit(".", 1)[0]
        match place:
            case Question(kind="table") | Question(kind="text"):
                return z3.Bool(path)
            case MedicineRow():
                there = z3.Bool(path)
                rules += [z3.Implies(there, self.given(above)), *self.rules[above]]
                return there
            case Question(kind="choices"):
                ticks = {id: z3.Bool(f"{path}:{id}") for id in place.option_ids}
                others = [tick for id, tick in ticks.items() if id != "none"]
                if "none" in ticks and others:
                    rules.append(z3.Implies(ticks["none"], z3.Not(z3.Or(others))))
                return ticks
        number = z3.Int(path)
        least, most = _range(place)
        rules += [number >= least - 1, number <= most]
        if isinstance(place, Cell):
            rules += [z3.Implies(number >= least, self.given(above)), *self.rules[above]]
        return number

    def value(self, path: str, model: z3.ModelRef) -> Any:
        """Return the answer at a path in a model of the solver, or None for a blank."""
        variable = self.variable(path)
        if isinstance(variable, dict):
            ticked = (id for id, tick in variable.items() if z3.is_true(_evaluated(tick, model)))
            return tuple(ticked) or None
        value = _evaluated(variable, model)
        question = self._question(path)
        if z3.is_bool(value):
            given = "…" if question is not None and question.kind == "text" else True
            return given if z3.is_true(value) else None
        assert question is not None
        number = whole(value)
        if number < _range(question)[0]:
            return None
        if question.kind == "choice":
            return question.option_ids[number]
        return Decimal(number) / 10**question.decimals if question.decimals else number

    # --- formulas ----------------------------------------------------------------------------

    def boolean(self, term: t.Bool) -> Formula:
        """Return the formula of a condition."""
        return self._of(term)

    def _of(self, term: t.Term) -> Any:
        """Return the formula of a term, made once."""
        if term not in self._formulas:
            self._formulas[term] = self._formula(term)
        return self._formulas[term]

    def _formula(self, term: t.Term) -> Any:
        of = self._of
        match term:
            case t.Truth(value):
                return z3.BoolVal(value)
            case t.Submitted():
                return z3.Bool("sent")
            case t.IsAnswered(path):
                return self.given(path)
            case t.Among(path, options):
                question = self._question(path)
                ids = question.option_ids if question else ()
                return z3.Or([self.variable(path) == ids.index(o) for o in options if o in ids])
            case t.Ticked(path, options):
                return z3.Or(self._ticks(path, options))
            case t.And(parts):
                return z3.And([of(part) for part in parts])
            case t.Or(parts):
                return z3.Or([of(part) for part in parts])
            case t.Not(part):
                return z3.Not(of(part))
            case t.Compare(sign, left, right):
                return of(left) <= of(right) if sign == "<=" else of(left) == of(right)
            case t.Whole(value):
                return z3.IntVal(value)
            case t.Points(path, points, default):
                return self._points(path, points, default)
            case t.Amount(path, decimals, _, default):
                question = self._question(path)
                if question is None:
                    return z3.IntVal(default)
                times = 10 ** (decimals - question.decimals)
                return z3.If(self.given(path), self.variable(path) * times, default)
            case t.Ticks(path, options):
                ticks = self._ticks(path, options)
                return z3.Sum([z3.If(tick, 1, 0) for tick in ticks] or [z3.IntVal(0)])
            case t.Plus(numbers):
                return z3.Sum([of(number) for number in numbers])
            case t.Extreme(highest, numbers):
                return _extreme([of(number) for number in numbers], highest)
            case t.Choose(condition, then, otherwise):
                return z3.If(of(condition), of(then), of(otherwise))
            case t.Distinct():
                return of(self._grounding.count(term))
        raise AssertionError(f"{term} is about any row; a count puts each medicine in")

    def _question(self, path: str) -> Question | None:
        place = self.domain.place(path)
        if isinstance(place, Cell):
            return place.column
        return place if isinstance(place, Question) else None

    def _ticks(self, path: str, options: tuple[str, ...]) -> list[Formula]:
        if self.domain.place(path) is None:
            return []
        ticks = self.variable(path)
        return [ticks[id] for id in options if id in ticks]

    def _points(self, path: str, points: tuple[tuple[str, int], ...], default: int) -> Any:
        question = self._question(path)
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


def _range(place: Question | Cell) -> tuple[int, int]:
    """Return the least and the most of a variable: numbers of options, or whole units."""
    question = place.column if isinstance(place, Cell) else place
    if question.kind == "choice":
        return 0, len(question.options) - 1
    assert question.range is not None
    low, high = question.range
    return low * 10**question.decimals, high * 10**question.decimals


def _extreme(numbers: list[Number], highest: bool) -> Number:
    extreme = numbers[0]
    for number in numbers[1:]:
        extreme = z3.If(number > extreme if highest else number < extreme, number, extreme)
    return extreme


def _evaluated(variable: Any, model: z3.ModelRef) -> Any:
    return model.eval(variable, model_completion=True)


def whole(value: Any) -> int:
    """Return a number of a model."""
    return int(value.as_long())
