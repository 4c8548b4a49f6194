"""What a condition means, apart from how it is spelt: a canonical form to compare versions by.

Scores, other rules, conditions on rows and medicines are put in where they are named, so that a
changed dose changes the meaning of every rule that stands on it. Equal forms mean the same;
different forms may still mean the same (a solver can tell), and are reported as changed.
"""

from dataclasses import dataclass
from typing import Any

from screener.engine import expressions as ex
from screener.engine.protocol import Medicine, Protocol, Rule

Form = tuple[Any, ...]


@dataclass(frozen=True)
class Meanings:
    """The canonical forms of one protocol."""

    protocol: Protocol

    def rule(self, rule: Rule) -> Form:
        """What a rule means, whichever of its three forms it has."""
        if rule.unanswered is not None:
            unless = self.protocol.unless.get(rule.id)
            excuse = () if unless is None else self.boolean(unless.expression)
            return ("unanswered", tuple(sorted(rule.unanswered.questions)), excuse)
        if rule.undecided is not None:
            conditions = self.protocol.conditions
            return (
                "undecided",
                _sorted(self.boolean(conditions[id].expression) for id in rule.undecided.all),
                _sorted(self.boolean(conditions[id].expression) for id in rule.undecided.any),
            )
        return self.boolean(self.protocol.conditions[rule.id].expression)

    def boolean(self, node: ex.Boolean, row: tuple[Medicine, str] | None = None) -> Form:
        """The form of a condition; `row` is the medicine and its use inside a row."""
        match node:
            case ex.Comparison(sign, left, right):
                return _comparison(sign, self.number(left, row), self.number(right, row))
            case ex.Chosen(id, options):
                return self.chosen(id, options)
            case ex.ColumnChosen(id, options):
                return ("chosen", f"column {id}", tuple(sorted(options)))
            case ex.Includes(id, options):
                return ("includes", id, tuple(sorted(options)))
            case ex.RuleMet(id):
                return self.boolean(self.protocol.conditions[id].expression)
            case ex.RowMet(id):
                return self.boolean(self.protocol.row_conditions[id].condition.expression, row)
            case ex.AtLeastOf(count, parts):
                return _several(count, [self.boolean(part, row) for part in parts])
            case ex.Negation(part):
                inner = self.boolean(part, row)
                return inner[1] if inner[0] == "not" else ("not", inner)

    def chosen(self, id: str, options: tuple[str, ...]) -> Form:
        return ("chosen", id, tuple(sorted(options)))

    def number(self, node: ex.Number, row: tuple[Medicine, str] | None = None) -> Form:
        """The form of a number."""
        match node:
            case ex.Const(value):
                return ("const", value)
            case ex.AnswerValue(id):
                question = self.protocol.questions[id]
                points = {option: question.points(option) for option in question.option_ids}
                return ("answer", id, tuple(sorted(points.items())))
            case ex.ScoreOf(id):
                return self.number(self.protocol.scores[id].value)
            case ex.Sum(parts):
                return ("sum", _sorted(self.number(part, row) for part in parts))
            case ex.Lowest(parts) | ex.Highest(parts):
                highest = isinstance(node, ex.Highest)
                which = "highest" if highest else "lowest"
                return (which, _sorted(self.number(part, row) for part in parts))
            case ex.CountOptions(id, options):
                return ("count", id, tuple(sorted(options)))
            case ex.CountGroups(id, label):
                groups = {
                    option.id: option.groups[label]
                    for option in self.protocol.questions[id].options
                    if label in option.groups
                }
                return ("groups", id, tuple(sorted(groups.items())))
            case ex.CountRows(table, label, conditions):
                return ("rows", table, self.rows(label, conditions))
            case ex.Column(id):
                return ("column", id)
            case ex.AdequateTrial(what):
                assert row is not None
                return self.adequate(what, *row)

    def rows(self, label: str, conditions: tuple[str, ...]) -> Form:
        """What counts for each medicine, with its own doses and weeks put in."""
        counted = []
        for medicine in self.protocol.medicines.values():
            group = medicine.label(label)
            for id in conditions:
                condition = self.protocol.row_conditions[id]
                if group is not None and medicine.trial(condition.use) is not None:
                    at = (medicine, condition.use)
                    form = self.boolean(condition.condition.expression, at)
                    counted.append((medicine.id, group, form))
        return _sorted(counted)

    def adequate(self, what: str, medicine: Medicine, use: str) -> Form:
        trial = medicine.trial(use)
        assert trial is not None
        if what == "weeks":
            return ("const", trial.weeks)
        reduced = self.protocol.reduced.get((medicine.id, use))
        if reduced is None:
            return ("const", str(trial.dose_mg.normalize()))
        dose, when = reduced
        full, less = str(trial.dose_mg.normalize()), str(dose.normalize())
        return ("reduced", full, less, self.boolean(when))


def _comparison(sign: str, left: Form, right: Form) -> Form:
    if sign in (">", ">="):
        return _comparison("<" if sign == ">" else "<=", right, left)
    if sign == "!=":
        return ("not", _comparison("=", left, right))
    if sign == "=":
        return ("=", *_sorted([left, right]))
    # Everything but doses is a whole number: more than 6 is 7 or more.
    whole = "column" not in (left[0], right[0])
    if sign == "<" and whole and right[0] == "const":
        return ("<=", left, ("const", right[1] - 1))
    if sign == "<" and whole and left[0] == "const":
        return ("<=", ("const", left[1] + 1), right)
    return (sign, left, right)


def _several(count: int, parts: list[Form]) -> Form:
    """At least so many of the parts; all within all, and any within any, lie flat."""
    sort = "all" if count == len(parts) else "any" if count == 1 else f"at least {count}"
    if sort not in ("all", "any"):
        return (sort, _sorted(parts))
    flat: list[Form] = []
    for part in parts:
        flat += part[1] if part[0] == sort else [part]
    once = _sorted({repr(part): part for part in flat}.values())
    return once[0] if len(once) == 1 else (sort, once)


def _sorted(forms: Any) -> Form:
    return tuple(sorted(forms, key=repr))
