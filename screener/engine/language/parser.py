"""The text of one leaf, parsed and typed as an expression of `engine/expressions.py`.

The grammar is `rules.lark`. Everything that is not in it is refused with the place, what was
found, what was expected and, where there is one, the nearest known word.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, NoReturn

from lark import Lark, Token, UnexpectedCharacters, UnexpectedToken

from screener.engine import expressions as ex
from screener.engine.medicines import label_of_kinds
from screener.engine.problems import did_you_mean
from screener.engine.questions import Question

KEYWORDS = frozenset(
    {"and", "or", "not", "between", "in", "includes", "any_of", "is", "met"}
    | {"count", "of", "where", *ex.FUNCTIONS}
)
# What a condition on a row calls the numbers of its medicine.
_OF_MEDICINE = {
    "adequate_dose": "dose",
    "adequate_weeks": "weeks",
    "unlikely_dose": "unlikely",
    "label_dose": "label",
}
_SYMBOLS = {"≤": "<=", "≥": ">=", "≠": "!="}
_READABLE = {
    "WORD": "a word",
    "INT": "a whole number",
    "OPERATOR": "a comparison (= != < <= > >=)",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": ",",
    "$END": "the end",
}


class LeafError(Exception):
    """A leaf that cannot be read. `offset` counts characters from the start of its text."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True)
class Scope:
    """The names that a leaf may use.

    `in_row` is set inside conditions on table rows: columns are then read like questions.
    """

    questions: Mapping[str, Question]
    scores: Collection[str] = ()
    rules: Collection[str] = ()
    columns: Mapping[str, Question] = field(default_factory=dict)
    row_conditions: Collection[str] = ()
    row_labels: Collection[str] = ()
    in_row: bool = False
    takes_now: "TakesNowScope | None" = None


@dataclass(frozen=True)
class TakesNowScope:
    """How the rule language knows what a person takes now.

    An option of the question `ticked`, or a row of `table` that meets the condition `rows` and is
    of a medicine with that kind; `kinds` are those that a medicine has.
    """

    ticked: str
    table: str
    rows: str
    kinds: frozenset[str]


# The name by which leaves ask for it.
TAKES_NOW = "takes_now"


@cache
def _parser() -> Lark:
    grammar = resources.files("screener.engine.language").joinpath("rules.lark").read_text("utf-8")
    grammar += f"FUNCTION.1: /({'|'.join(ex.FUNCTIONS)})(?![a-z0-9_])/\n"
    return Lark(grammar, parser="lalr", propagate_positions=True)


def parse(text: str, scope: Scope) -> ex.Boolean:
    """Return the expression of one leaf. Raise LeafError with the place in `text`."""
    lowered = re.sub(
        r"[A-Za-z_]+", lambda m: m[0].lower() if m[0].lower() in KEYWORDS else m[0], text
    )
    try:
        tree = _parser().parse(lowered)
    except UnexpectedToken as error:
        raise _unexpected(error, text) from None
    except UnexpectedCharacters as error:
        offset = error.pos_in_stream or 0
        raise LeafError(_unreadable(text, offset), offset) from None
    expression: ex.Boolean = _Typer(scope).typed(tree)
    return expression


def parse_number(text: str, scope: Scope) -> ex.Number:
    """Return the value of a score, which is one number. Raise LeafError."""
    # The grammar reads comparisons; a score is the left side of one that always holds.
    comparison = parse(f"{text} >= 0", scope)
    if not isinstance(comparison, ex.Comparison) or comparison.right != ex.Const(0):
        raise LeafError("a score is one number, such as sum(…) or count(…)")
    return comparison.left


def _unexpected(error: UnexpectedToken, text: str) -> LeafError:
    token = error.token
    if token.type == "$END":
        return LeafError(f"ends too early; expected {_readable(error.expected)}", len(text))
    before = (error.token_history or [None])[-1]
    if token.type == "LPAR" and before is not None and before.type == "WORD":
        functions = ("count", *ex.FUNCTIONS)
        hint = did_you_mean(str(before), functions)
        message = f"no function is called {before}; there are {', '.join(functions)}{hint}"
        return LeafError(message, before.start_pos or 0)
    message = f"found {token.value}, expected {_readable(error.accepts or error.expected)}"
    return LeafError(message + did_you_mean(str(token), KEYWORDS), token.start_pos or 0)


def _readable(expected: Collection[str]) -> str:
    words = {_READABLE.get(name, name.lower()) for name in expected}
    if "function" in words:
        words = (words - {"function"}) | ex.FUNCTIONS.keys()
    return " or ".join(sorted(words))


def _unreadable(text: str, offset: int) -> str:
    character, word = text[offset], text[offset:].split()[:1]
    if character.isdigit():
        return f"found {word[0]}; numbers are whole and stand alone"
    if not character.isascii():
        return f"found {character} (U+{ord(character):04X}), a character that rules do not use"
    if character.isupper():
        return f"found {word[0]}; ids are written in lower case"
    return f"found {character}, a character that rules do not use here"


def check_name(name: str, names: Collection[str], what: str, offset: int = 0) -> None:
    """Refuse a name that is not known. Raise LeafError with its place: a token has its own."""
    if name not in names:
        place = getattr(name, "start_pos", offset)
        raise LeafError(f"no {what} is called {name}{did_you_mean(name, names)}", place)


class _Typer:
    """Makes expressions of the trees of `rules.lark`, and refuses names and types that do not fit.

    A node is what lark gives: a tree with `data` (the alternative of the grammar) and `children`,
    or a token, which is text with a place.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def typed(self, node: Any) -> Any:
        """Return the expression of a tree: the method named as its alternative makes it."""
        return getattr(self, node.data)(*node.children)

    # --- booleans ----------------------------------------------------------------------------

    def either(self, *parts: Any) -> ex.Boolean:
        return ex.any_of(tuple(self.typed(part) for part in parts))

    def both(self, *parts: Any) -> ex.Boolean:
        return ex.all_of(tuple(self.typed(part) for part in parts))

    def negated(self, part: Any) -> ex.Boolean:
        return ex.Negation(self.typed(part))

    def compare(self, left: Any, operator: Token, right: Any) -> ex.Boolean:
        sign = _SYMBOLS.get(operator, str(operator))
        name = self.option_question(left)
        if name is None:
            if self.option_question(right) is not None:
                self.refuse("write the question first and its option after", right)
            return ex.Comparison(sign, self.typed(left), self.typed(right))
        if sign not in ("=", "!="):
            options = ", ".join(self.question(name).option_ids)
            self.refuse(f"{name} has options, not numbers ({options}); use = or !=", operator)
        if right.data not in ("named", "constant"):
            self.refuse(f"{name} is compared with one of its options", right)
        test = self.among(name, right)
        return ex.Negation(test) if sign == "!=" else test

    def between(self, node: Any, low: Token, high: Token) -> ex.Boolean:
        if int(low) > int(high):
            self.refuse(f"{low} is more than {high}", low)
        value = self.typed(node)
        ends = ((">=", low), ("<=", high))
        return ex.all_of(tuple(ex.Comparison(s, value, ex.Const(int(end))) for s, end in ends))

    def option_question(self, node: Any) -> Token | None:
        """Return the name of a question whose options are no numbers, or None for anything else."""
        if node.data != "named":
            return None
        name: Token = node.children[0]
        question = self.find(name)
        if question is None or question.kind == "number":
            return None
        if question.kind in ("text", "table"):
            self.refuse(f"{name} is a {question.kind}; it cannot be compared", name)
        self.refuse_several(question, name)
        return None if question.is_scored else name

    def among(self, name: Token, *options: Any) -> ex.Boolean:
        question = self.question(name)
        self.refuse_several(question, name)
        if question.kind != "choice":
            self.refuse(f"{name} is a {question.kind} and has no options", name)
        ids = tuple(self.option(question, option.children[0]) for option in options)
        kind = ex.ColumnChosen if self.is_column(name) else ex.Chosen
        return kind(str(name), ids)

    def refuse_several(self, question: Question, name: Token) -> None:
        if question.kind == "choices":
            cure = f"write {name} includes …"
            if self.is_column(name):
                cure = "no rule reads such a column"
            self.refuse(f"{name} takes several answers; {cure}", name)

    def option(self, question: Question, option: Token) -> str:
        if option not in question.option_ids:
            ids = question.option_ids
            message = f"{question.id} has no option {option}; it has {', '.join(ids)}"
            self.refuse(message + did_you_mean(option, ids), option)
        if question.option(str(option)).counts_as == "unanswered":
            self.refuse(f"{option} counts as not answered, so no rule can ask for it", option)
        return str(option)

    def includes(self, name: Token, *options: Token) -> ex.Boolean:
        if name == TAKES_NOW:
            return self.taken_now(name, options)
        question = self.ticked(name, f"; write {name} = …")
        return ex.Includes(str(name), self.entries(question, options))

    def entries(self, question: Question, options: tuple[Token, ...]) -> tuple[str, ...]:
        """Return the ids of entries of a list; `none` is not one."""
        for option in options:
            if option == "none":
                cure = f"write count({question.id}) = 0"
                self.refuse(f"none is no entry of the list; {cure}", option)
        return tuple(self.option(question, option) for option in options)

    def taken_now(self, name: Token, options: tuple[Token, ...]) -> ex.Boolean:
        known_by = self.scope.takes_now
        if known_by is None:
            cure = "write takes_now: with ticked and rows into a file of treatments"
            self.refuse(f"nothing says how it is known what is taken now; {cure}", name)
        if self.scope.in_row:
            self.refuse("a condition on a row cannot ask what is taken now", name)
        listed = self.scope.questions[known_by.ticked]
        ids = self.entries(listed, options)
        ways: list[ex.Boolean] = [ex.Includes(listed.id, ids)]
        if not known_by.kinds.isdisjoint(ids):
            label = label_of_kinds(known_by.kinds.intersection(ids))
            count = ex.CountRows(known_by.table, label, (known_by.rows,))
            ways.append(ex.Comparison(">=", count, ex.Const(1)))
        return ex.TakesNow(listed.id, ex.any_of(tuple(ways)), ids)

    def met(self, name: Token) -> ex.Boolean:
        if self.scope.in_row:
            check_name(name, self.scope.row_conditions, "condition on rows")
            return ex.RowMet(str(name))
        check_name(name, self.scope.rules, "rule")
        return ex.RuleMet(str(name))

    # --- numbers -----------------------------------------------------------------------------

    def constant(self, digits: Token) -> ex.Number:
        return ex.Const(int(digits))

    def function(self, name: Token, *parts: Any) -> ex.Number:
        return ex.FUNCTIONS[name](tuple(self.typed(part) for part in parts))

    def named(self, name: Token) -> ex.Number:
        if self.scope.in_row and name in _OF_MEDICINE:
            return ex.MedicineNumber(_OF_MEDICINE[name])
        if name in self.scope.scores:
            return ex.ScoreOf(str(name))
        question = self.question(name)
        if question.is_scored and self.is_column(name):
            return ex.Column(str(name))
        if question.is_scored or question.has_points:
            return ex.AnswerValue(str(name))
        self.refuse(f"{name} is no number: {question.described}", name)

    def count_all(self, name: Token) -> ex.Number:
        ids = self.ticked(name).option_ids
        return ex.CountOptions(str(name), tuple(id for id in ids if id != "none"))

    def count_some(self, name: Token, *options: Token) -> ex.Number:
        question = self.ticked(name)
        return ex.CountOptions(str(name), tuple(self.option(question, o) for o in options))

    def count_groups(self, label: Token, name: Token) -> ex.Number:
        question = self.ticked(name)
        labels = {key for option in question.options for key in option.groups}
        if label not in labels:
            hint = did_you_mean(label, labels)
            self.refuse(f"no option of {name} has a group called {label}{hint}", label)
        return ex.CountGroups(str(name), str(label))

    def count_rows(self, label: Token, table: Token, *conditions: Token) -> ex.Number:
        if self.question(table).kind != "table":
            self.refuse(f"{table} is no table", table)
        if label not in self.scope.row_labels:
            labels = ", ".join(sorted(self.scope.row_labels))
            hint = did_you_mean(label, self.scope.row_labels)
            self.refuse(f"rows are counted by {labels}; found {label}{hint}", label)
        for condition in conditions:
            check_name(condition, self.scope.row_conditions, "condition on rows")
        return ex.CountRows(str(table), str(label), tuple(str(part) for part in conditions))

    # --- names -------------------------------------------------------------------------------

    def is_column(self, name: Token) -> bool:
        return self.scope.in_row and name in self.scope.columns

    def find(self, name: Token) -> Question | None:
        return (self.scope.columns if self.is_column(name) else self.scope.questions).get(name)

    def question(self, name: Token) -> Question:
        question = self.find(name)
        if question is None:
            of_row = (*self.scope.columns, *_OF_MEDICINE) if self.scope.in_row else ()
            hint = did_you_mean(name, [*self.scope.questions, *self.scope.scores, *of_row])
            if name in self.scope.rules:
                hint = f"; it is a rule: write {name} is met"
            if name == TAKES_NOW:
                hint = f"; write {name} includes …"
            self.refuse(f"no question or score is called {name}{hint}", name)
        return question

    def ticked(self, name: Token, cure: str = " and cannot be counted") -> Question:
        """Return the question of that name, which takes several answers."""
        question = self.question(name)
        if question.kind != "choices":
            self.refuse(f"{name} takes one answer{cure}", name)
        if self.is_column(name):
            self.refuse_several(question, name)
        return question

    def refuse(self, message: str, at: Any) -> NoReturn:
        offset = at.start_pos if isinstance(at, Token) else at.meta.start_pos
        raise LeafError(message, offset or 0)
