"""An expression in words, made from the expression itself so that the two cannot drift apart."""

from collections.abc import Iterable
from typing import assert_never

from screener.engine import expressions as ex
from screener.engine.medicines import kinds_of_label
from screener.engine.protocol import Protocol
from screener.engine.questions import Answer, Question

_SIGNS = {
    "=": "{left} is {right}",
    "!=": "{left} is not {right}",
    "<": "{left} is less than {right}",
    "<=": "{left} is {right} or less",
    ">": "{left} is more than {right}",
    ">=": "{left} is {right} or more",
}
# What distinct medicines are counted by. Other labels of medicines.yaml stand as they are.
_COUNTED = {
    "medicine": "medicines",
    "ingredient": "active ingredients",
    "family": "families of medicines",
    "mood": "classes of medicines for mood",
    "pain": "classes of medicines for pain",
}
_OF_MEDICINE = {
    "dose": "the adequate dose",
    "weeks": "the adequate number of weeks",
    "unlikely": "three times the usual highest dose",
    "label": "the highest dose on the label",
}


class Words:
    """Puts expressions and answers of one protocol into words for staff."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol

    def condition(self, node: ex.Boolean, *, holds: bool = True) -> str:
        """Return a condition or its opposite as a clause without a capital or a full stop."""
        verb = "is" if holds else "is not"
        match node:
            case ex.Chosen(id, options):
                return self.chosen(self.protocol.questions[id], verb, options)
            case ex.ColumnChosen(id, options):
                return self.chosen(self.protocol.table.column(id), verb, options)
            case ex.Includes(id, options):
                verb = "includes" if holds else "does not include"
                verb += " any of" if len(options) > 1 else ""
                return self.chosen(self.protocol.questions[id], verb, options)
            case ex.RuleMet(id):
                return f"{_quoted(self.protocol.rules[id].title)} {verb} met"
            case ex.TakesNow(ticked, _, options):
                kinds = self.options(self.protocol.questions[ticked], options)
                return f"the person {'takes' if holds else 'does not take'} {kinds} now"
            case ex.EvenIfSwapped(_, part, _):
                return f"{self.condition(part, holds=holds)}, also if the two numbers were swapped"
            case ex.RowMet(id):
                title = _quoted(self.protocol.row_conditions[id].title)
                return f"the trial {'counts' if holds else 'does not count'} as {title}"
        if not holds:
            return f"it is not so that {self.condition(node)}"
        match node:
            case ex.Comparison(sign, left, right):
                return self.comparison(sign, left, right)
            case ex.AtLeastOf(count, parts):
                return self.several(count, parts)
            case ex.Negation(part):
                return self.condition(part, holds=False)
        assert_never(node)

    def chosen(self, question: Question, verb: str, options: Iterable[str]) -> str:
        return f"{_quoted(question.short)} {verb} {self.options(question, options)}"

    def several(self, count: int, parts: tuple[ex.Boolean, ...]) -> str:
        if between := self.between(count, parts):
            return between
        clauses = [self._clause(part) for part in parts]
        if count == len(parts):
            return " and ".join(clauses)
        if count == 1:
            return " or ".join(clauses)
        return f"at least {count} of: " + "; ".join(clauses)

    def between(self, count: int, parts: tuple[ex.Boolean, ...]) -> str:
        """Return "… is between 4 and 6" where two comparisons say just that, else ""."""
        match parts:
            case (ex.Comparison(">=", left, low), ex.Comparison("<=", same, high)) if count == 2:
                if left == same:
                    ends = f"{self.number(low)} and {self.number(high)}"
                    return f"{self.number(left)} is between {ends}"
        return ""

    def _clause(self, part: ex.Boolean) -> str:
        clause = self.condition(part)
        plain = not isinstance(part, ex.AtLeastOf) or self.between(part.count, part.parts)
        return clause if plain else f"({clause})"

    def comparison(self, sign: str, left: ex.Number, right: ex.Number) -> str:
        if isinstance(left, ex.CountOptions) and isinstance(right, ex.Const):
            clause = self.counted(sign, left, right.value)
            if clause:
                return clause
        if isinstance(left, ex.CountRows) and isinstance(right, ex.Const):
            kind = self.kind(left.label)
            if kind and sign == ">=":
                return self.taken(right.value, kind, left)
        value = self.number(right)
        if isinstance(left, ex.AnswerValue) and isinstance(right, ex.Const):
            question = self.protocol.questions[left.question]
            id = str(right.value)
            if id in question.option_ids:
                value = f"{id} ({question.option(id).label})"
            elif question.unit:
                value = f"{id} {_unit(question.unit, right.value)}"
        return _SIGNS[sign].format(left=self.number(left), right=value)

    def counted(self, sign: str, left: ex.CountOptions, number: int) -> str:
        """Return how many options are ticked, or "" where that needs "the number of"."""
        question = self.protocol.questions[left.question]
        among = self.options(question, left.options)
        if sign == "=" and number == 0 and not self._all(left):
            return f"{_quoted(question.short)} includes none of {among}"
        if sign != ">=":
            return ""
        what = "answers" if self._all(left) else f"of {among}"
        return f"{_quoted(question.short)} includes at least {number} {what}"

    def _all(self, node: ex.CountOptions) -> bool:
        question = self.protocol.questions[node.question]
        return set(node.options) >= set(question.option_ids) - {"none"}

    def kind(self, label: str) -> str:
        """Return the kinds of medicine that rows are counted by, or "" for another label.

        They are named as in the list of what is taken now.
        """
        now, medicines = self.protocol.takes_now, self.protocol.medicines.values()
        kinds = kinds_of_label(label) or frozenset({label})
        counted = [medicine for medicine in medicines if medicine.label(label)]
        if now is None or not all(kinds.intersection(medicine.kinds) for medicine in counted):
            return ""
        question = self.protocol.questions[now.ticked]
        named = [id for id in question.option_ids if id in kinds]
        return f"of the kind {self.options(question, named)}" if named else ""

    def taken(self, number: int, kind: str, rows: ex.CountRows) -> str:
        """Return the clause that at least so many medicines of a kind count as an outcome."""
        some = "one medicine" if number == 1 else f"{number} different medicines"
        counts = "counts" if number == 1 else "count"
        return f"at least {some} {kind} {counts} as {self._outcomes(rows)}"

    def _outcomes(self, rows: ex.CountRows) -> str:
        titles = [_quoted(self.protocol.row_conditions[id].title) for id in rows.conditions]
        return _list(titles, "or")

    def number(self, node: ex.Number) -> str:
        """Return a number as a noun phrase."""
        match node:
            case ex.Const(value):
                return str(value)
            case ex.AnswerValue(id):
                return _quoted(self.protocol.questions[id].short)
            case ex.ScoreOf(id):
                return _quoted(self.protocol.scores[id].title)
            case ex.Sum(parts):
                return "the sum of " + _list(self.number(part) for part in parts)
            case ex.Lowest(parts):
                return "the lowest of " + _list(self.number(part) for part in parts)
            case ex.Highest(parts):
                return "the highest of " + _list(self.number(part) for part in parts)
            case ex.CountOptions(id, options):
                question = self.protocol.questions[id]
                if self._all(node):
                    return f"the number of answers ticked in {_quoted(question.short)}"
                chosen = self.options(question, options, "and")
                return f"the number ticked of {chosen} in {_quoted(question.short)}"
            case ex.CountGroups(id, label):
                question = self.protocol.questions[id]
                return f"the number of different {label}s ticked in {_quoted(question.short)}"
            case ex.CountRows(_, label):
                outcomes = self._outcomes(node)
                if kind := self.kind(label):
                    return f"the number of different medicines {kind} that count as {outcomes}"
                what = _COUNTED.get(label, f"groups by {label}")
                return f"the number of different {what} with a trial that counts as {outcomes}"
            case ex.Column(id):
                return _quoted(self.protocol.table.column(id).short)
            case ex.MedicineNumber(what):
                return _OF_MEDICINE[what]
        assert_never(node)

    def options(self, question: Question, ids: Iterable[str], word: str = "or") -> str:
        """Return labels of options in quotation marks, joined by "or" or another word."""
        return _list((_quoted(question.option(id).label) for id in ids), word)

    def answer(self, question: Question, answer: Answer) -> str:
        """Return an answer as staff read it, with its unit."""
        if isinstance(answer, dict):
            names = [self.protocol.medicines[id].name for id in answer]
            return ", ".join(names) or "None of these"
        if question.options:
            chosen = answer if isinstance(answer, tuple) else (str(answer),)
            return ", ".join(question.option(id).label for id in chosen)
        if question.kind == "number":
            return f"{answer} {_unit(question.unit, answer)}".strip()
        return str(answer)

    def path(self, path: str) -> str:
        """Return the name of an answer by its path: a question, or medicine and column."""
        question, *rest = path.split(".")
        if len(rest) == 2:
            medicine = self.protocol.medicines[rest[0]].name
            return f"{medicine}: {_lower(self.protocol.table.column(rest[1]).short)}"
        return self.protocol.questions[question].short


def sentence(clause: str) -> str:
    """Return a clause with a capital at its beginning."""
    return clause[:1].upper() + clause[1:]


def _quoted(text: str) -> str:
    return f"“{text}”"


def _lower(text: str) -> str:
    # "PHQ-9 total" and "ACT" keep their capitals.
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _unit(unit: str, number: object) -> str:
    # "1 week", and nothing of "mmHg" or "of 10" is cut.
    return unit[:-1] if number == 1 and unit.endswith("s") else unit


def _list(parts: Iterable[str], word: str = "and") -> str:
    *first, last = parts
    return f"{', '.join(first)} {word} {last}" if first else last
