"""A plain interpreter of terms, that readers of terms are held against."""

from collections.abc import Mapping
from typing import Any

from screener.engine.questions import Answers
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan


class Interpreter:
    """The value of terms for one person, as `terms.py` says it: slow, and nothing but that."""

    def __init__(self, plan: Plan, answers: Answers, submitted: bool) -> None:
        self.plan = plan
        self.protocol = plan.protocol
        self.answers = answers
        self.submitted = submitted
        self._known: dict[tuple[t.Term, str], Any] = {}

    def value(self, term: t.Term, medicine: str = "", use: str = "") -> Any:
        """The value of a term; `medicine` names the row at hand, `use` what for."""
        key = (term, f"{medicine} {use}")
        if key not in self._known:
            self._known[key] = self._value(term, medicine, use)
        return self._known[key]

    def at(self, path: str, medicine: str) -> Any:
        """The answer at a path."""
        if path[0] != ".":
            return self.answers.get(path)
        rows = self.answers[self.protocol.table.id]
        assert isinstance(rows, Mapping)
        return rows[medicine].get(path[1:])

    def _value(self, term: t.Term, medicine: str, use: str) -> Any:
        parts = [] if isinstance(term, t.Distinct) else t.below(term)
        values = [self.value(part, medicine, use) for part in parts]
        match term:
            case t.Truth(value) | t.Whole(value):
                return value
            case t.Submitted():
                return self.submitted
            case t.And():
                return all(values)
            case t.Or():
                return any(values)
            case t.Not():
                return not values[0]
            case t.AtLeast(count):
                return sum(values) >= count
            case t.Compare(sign):
                return values[0] <= values[1] if sign == "<=" else values[0] == values[1]
            case t.Plus():
                return sum(values)
            case t.Extreme(highest):
                return max(values) if highest else min(values)
            case t.Choose():
                return values[1] if values[0] else values[2]
            case t.OfMedicine(id):
                return id == medicine
            case t.Adequate(_, what, decimals):
                trial = self.protocol.medicines[medicine].trial(use)
                assert trial is not None
                return (trial.weeks if what == "weeks" else trial.dose_mg) * 10**decimals
            case t.Distinct():
                return self.distinct(term)
        return self.atom(term, self.at(term.path, medicine))

    def atom(self, term: t.Term, answer: Any) -> Any:
        """A term on one answer."""
        match term:
            case t.IsAnswered():
                return answer is not None
            case t.Among(_, options):
                return answer in options
            case t.Ticked(_, options):
                return bool({*options} & {*(answer or ())})
            case t.Ticks(_, options):
                return len({*options} & {*(answer or ())})
            case t.Points(_, points, default):
                return dict(points).get(answer, default)
            case t.Amount(_, decimals, _, default):
                return default if answer is None else answer * 10**decimals
        raise AssertionError(term)

    def distinct(self, term: t.Distinct) -> int:
        """Labels of medicines with a row that meets the condition for a use they count for."""
        rows = self.answers.get(term.table) or {}
        assert isinstance(rows, Mapping)
        found = set()
        for id in rows:
            medicine = self.protocol.medicines[id]
            for use, condition in term.by_use:
                if medicine.trial(use) is not None and self.value(condition, id, use):
                    found.add(medicine.label(term.label))
        return len(found - {None})
