"""An expression in words, made from the expression itself so that the two cannot drift apart."""

from collections.abc import Iterable

from screener.engine import expressions as ex
from screener.engine.questions import Answer, Question
from screener.engine.rulebook import Protocol

_SIGNS = {
    "=": "{left} is {right}",
    "!=": "{left} is not {right}",
    "<": "{left} is less than {right}",
    "<=": "{left} is {right} or less",
    ">": "{left} is more than {right}",
    ">=": "{left} is {right} or more",
}


class Words:
    """Puts expressions and answers of one protocol into words for staff."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol

    def condition(self, node: ex.Boolean) -> str:
        """A condition as a clause without a capital or a full stop."""
        match node:
            case ex.Compare(sign, left, right):
                return self.comparison(sign, left, right)
            case ex.Chosen(id, options):
                question = self.protocol.questions[id]
                return f"{_quoted(question.short)} is {self.options(question, options)}"
            case ex.ColumnChosen(id, options):
                column = self.protocol.table.column(id)
                return f"{_quoted(column.short)} is {self.options(column, options)}"
            case ex.Includes(id, options):
                question = self.protocol.questions[id]
                return f"{_quoted(question.short)} includes {self.options(question, options)}"
            case ex.RuleMet(id):
                return f"{_quoted(self.protocol.rules[id].title)} is met"
            case ex.RowMet(id):
                return _lower(self.protocol.row_conditions[id].title)
            case ex.AtLeast(count, parts):
                return self.several(count, parts)
            case ex.Not(part):
                return f"not ({self.condition(part)})"

    def several(self, count: int, parts: tuple[ex.Boolean, ...]) -> str:
        clauses = [self._clause(part) for part in parts]
        if count == len(parts):
            return " and ".join(clauses)
        if count == 1:
            return " or ".join(clauses)
        return f"at least {count} of: " + "; ".join(clauses)

    def _clause(self, part: ex.Boolean) -> str:
        said = self.condition(part)
        return f"({said})" if isinstance(part, ex.AtLeast) else said

    def comparison(self, sign: str, left: ex.Number, right: ex.Number) -> str:
        if isinstance(left, ex.Answered) and isinstance(right, ex.Const):
            question = self.protocol.questions[left.question]
            value = str(right.value)
            if value in question.option_ids:
                shown = f"{value} ({question.option(value).label})"
                return _SIGNS[sign].format(left=_quoted(question.short), right=shown)
        return _SIGNS[sign].format(left=self.number(left), right=self.number(right))

    def number(self, node: ex.Number) -> str:
        """A number as a noun phrase."""
        match node:
            case ex.Const(value):
                return str(value)
            case ex.Answered(id):
                return _quoted(self.protocol.questions[id].short)
            case ex.ScoreOf(id):
                return self.protocol.scores[id].title
            case ex.Sum(parts):
                return "the sum of " + _list(self.number(part) for part in parts)
            case ex.Extreme(highest, parts):
                which = "highest" if highest else "lowest"
                return f"the {which} of " + _list(self.number(part) for part in parts)
            case ex.CountOptions(id, options):
                question = self.protocol.questions[id]
                if len(options) >= len(question.options) - 1:
                    return f"the number of entries chosen in {_quoted(question.short)}"
                chosen = self.options(question, options)
                return f"the number chosen in {_quoted(question.short)} among {chosen}"
            case ex.CountGroups(id, label):
                question = self.protocol.questions[id]
                return f"the number of different {label} groups in {_quoted(question.short)}"
            case ex.CountRows(_, label, conditions):
                titles = [self.protocol.row_conditions[id].title for id in conditions]
                said = " or ".join(_lower(title) for title in titles)
                return f"the number of medicines, counted by {label}, that {said}"
            case ex.Column(id):
                return _quoted(self.protocol.table.column(id).short)
            case ex.Adequate(what):
                return "the adequate dose" if what == "dose" else "the adequate number of weeks"

    def options(self, question: Question, ids: Iterable[str]) -> str:
        """Labels of options, joined by or."""
        labels = [question.option(id).label for id in ids]
        return labels[0] if len(labels) == 1 else ", ".join(labels[:-1]) + " or " + labels[-1]

    def answer(self, question: Question, answer: Answer) -> str:
        """An answer as staff read it, with its unit."""
        match question.kind:
            case "choice":
                assert isinstance(answer, str)
                return question.option(answer).label
            case "choices":
                assert isinstance(answer, tuple)
                return ", ".join(question.option(id).label for id in answer)
            case "number":
                return f"{answer} {question.unit}".strip()
            case "table":
                assert isinstance(answer, dict)
                names = [self.protocol.medicines[id].name for id in answer]
                return ", ".join(names) or "None of these"
        return str(answer)

    def path(self, path: str) -> str:
        """The name of an answer by its path: a question, or medicine and column."""
        question, *rest = path.split(".")
        label = self.protocol.questions[question].short
        if len(rest) == 2:
            medicine = self.protocol.medicines[rest[0]].name
            return f"{medicine}: {_lower(self.protocol.table.column(rest[1]).short)}"
        return label


def _quoted(text: str) -> str:
    return f"“{text}”"


def _lower(text: str) -> str:
    # "PHQ-9 total" and "ACT" keep their capitals.
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _list(parts: Iterable[str]) -> str:
    every = list(parts)
    return ", ".join(every[:-1]) + " and " + every[-1]
