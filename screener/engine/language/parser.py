"""The text of one leaf, parsed and type-checked into the typed form of `expressions.py`.

The grammar is `rules.lark`. Everything that is not in it is refused with the place, what was
found, what was expected and, where there is one, the nearest known word.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import NoReturn

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from screener.engine import expressions as ex
from screener.engine.problems import did_you_mean
from screener.engine.questions import Question

KEYWORDS = frozenset(
    {"and", "or", "not", "between", "in", "includes", "any_of", "is", "met"}
    | {"count", "of", "where", *ex.FUNCTIONS}
)
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

    `row` is set inside conditions on table rows: `questions` are then joined by its columns.
    """

    questions: Mapping[str, Question]
    scores: Collection[str] = ()
    rules: Collection[str] = ()
    columns: Mapping[str, Question] = field(default_factory=dict)
    row_conditions: Collection[str] = ()
    row_labels: Collection[str] = ()
    in_row: bool = False


@cache
def _parser() -> Lark:
    grammar = resources.files("screener.engine.language").joinpath("rules.lark").read_text("utf-8")
    grammar += f"FUNCTION.1: /({'|'.join(ex.FUNCTIONS)})(?![a-z0-9_])/\n"
    return Lark(grammar, parser="lalr", propagate_positions=True)


def parse(text: str, scope: Scope) -> ex.Boolean:
    """Read one leaf. Raises LeafError with the place in `text`."""
    lowered = re.sub(
        r"[A-Za-z_]+", lambda m: m[0].lower() if m[0].lower() in KEYWORDS else m[0], text
    )
    try:
        tree = _parser().parse(lowered)
    except UnexpectedEOF as error:
        raise LeafError(
            f"ends too early; expected {_readable(error.expected)}", len(text)
        ) from None
    except UnexpectedToken as error:
        if error.token.type == "$END":
            message = f"ends too early; expected {_readable(error.expected)}"
            raise LeafError(message, len(text)) from None
        before = (error.token_history or [None])[-1]
        if error.token.type == "LPAR" and before is not None and before.type == "WORD":
            functions = ("count", *ex.FUNCTIONS)
            hint = did_you_mean(str(before), functions)
            message = f"no function is called {before}; there are {', '.join(functions)}{hint}"
            raise LeafError(message, before.start_pos or 0) from None
        expected = _readable(error.accepts or error.expected)
        message = f"found {error.token.value}, expected {expected}"
        hint = did_you_mean(str(error.token), KEYWORDS)
        raise LeafError(message + hint, error.token.start_pos or 0) from None
    except UnexpectedCharacters as error:
        offset = error.pos_in_stream or 0
        raise LeafError(_unreadable(text, offset), offset) from None
    return _Typer(scope).boolean(tree)


def _readable(expected: Collection[str]) -> str:
    words = {_READABLE.get(name, name.lower()) for name in expected}
    if "function" in words:
        words = (words - {"function"}) | ex.FUNCTIONS.keys()
    return " or ".join(sorted(words))


def _unreadable(text: str, offset: int) -> str:
    found = text[offset]
    if found.isdigit():
        return f"found {text[offset:].split()[0]}; numbers are whole and stand alone"
    if not found.isascii():
        return f"found {found} (U+{ord(found):04X}), a character that rules do not use"
    if found.isupper():
        return f"found {text[offset:].split()[0]}; ids are written in lower case"
    return f"found {found}, a character that rules do not use here"


class _Typer:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    # --- booleans ----------------------------------------------------------------------------

    def boolean(self, node: Tree[Token] | Token) -> ex.Boolean:
        assert isinstance(node, Tree)
        match node.data:
            case "either":
                return ex.any_of(tuple(self.boolean(part) for part in node.children))
            case "both":
                return ex.all_of(tuple(self.boolean(part) for part in node.children))
            case "negated":
                return ex.Negation(self.boolean(node.children[0]))
            case "compare":
                return self.compare(node)
            case "between":
                number, low, high = node.children
                if int(low) > int(high):  # type: ignore[arg-type]
                    self.refuse(f"{low} is more than {high}", low)
                value = self.number(number)
                return ex.all_of(
                    (
                        ex.Comparison(">=", value, ex.Const(int(low))),  # type: ignore[arg-type]
                        ex.Comparison("<=", value, ex.Const(int(high))),  # type: ignore[arg-type]
                    )
                )
            case "among":
                name, *options = node.children
                words = [option.children[0] for option in options]  # type: ignore[union-attr]
                return self.chosen(name, words)  # type: ignore[arg-type]
            case "includes":
                return self.includes(node.children)  # type: ignore[arg-type]
            case "met":
                return self.met(node.children[0])  # type: ignore[arg-type]
        raise AssertionError(node.data)

    def compare(self, node: Tree[Token]) -> ex.Boolean:
        left, operator, right = node.children
        assert isinstance(operator, Token)
        sign = _SYMBOLS.get(operator, str(operator))
        name = self.option_question(left)
        if name is None:
            if self.option_question(right) is not None:
                self.refuse("write the question first and its option after", right)
            return ex.Comparison(sign, self.number(left), self.number(right))
        if sign not in ("=", "!="):
            known = ", ".join(self.question(name).option_ids)
            self.refuse(f"{name} has options, not numbers ({known}); use = or !=", operator)
        if not isinstance(right, Tree) or right.data not in ("named", "constant"):
            self.refuse(f"{name} is compared with one of its options", right)
        test = self.chosen(name, [right.children[0]])  # type: ignore[list-item]
        return ex.Negation(test) if sign == "!=" else test

    def option_question(self, node: Tree[Token] | Token) -> Token | None:
        """The name of a question answered by an option that is not a number, if it is one."""
        if not (isinstance(node, Tree) and node.data == "named"):
            return None
        name = node.children[0]
        assert isinstance(name, Token)
        question = self.find(name)
        if question is None or question.kind not in ("choice", "choices", "text", "table"):
            return None
        if question.kind == "choices":
            self.refuse(f"{name} takes several answers; write {name} includes …", name)
        if question.kind in ("text", "table"):
            self.refuse(f"{name} is a {question.kind}; it cannot be compared", name)
        return None if question.is_scored else name

    def chosen(self, name: Token, options: list[Token]) -> ex.Boolean:
        question = self.question(name)
        if question.kind == "choices":
            self.refuse(f"{name} takes several answers; write {name} includes …", name)
        if question.kind != "choice":
            self.refuse(f"{name} is a {question.kind} and has no options", name)
        ids = tuple(self.option(question, name, option) for option in options)
        if str(name) in self.scope.columns and self.scope.in_row:
            return ex.ColumnChosen(str(name), ids)
        return ex.Chosen(str(name), ids)

    def option(self, question: Question, name: Token, option: Token) -> str:
        if str(option) not in question.option_ids:
            known = ", ".join(question.option_ids)
            hint = did_you_mean(str(option), question.option_ids)
            self.refuse(f"{name} has no option {option}; it has {known}{hint}", option)
        chosen = question.option(str(option))
        if chosen.counts_as == "unanswered":
            self.refuse(f"{option} counts as not answered, so no rule can ask for it", option)
        return str(option)

    def includes(self, children: list[Token]) -> ex.Boolean:
        name, *options = children
        question = self.question(name)
        if question.kind != "choices":
            self.refuse(f"{name} takes one answer; write {name} = …", name)
        ids = []
        for option in options:
            if option == "none":
                self.refuse("none is no entry of the list; write count(…) = 0", option)
            ids.append(self.option(question, name, option))
        return ex.Includes(str(name), tuple(ids))

    def met(self, name: Token) -> ex.Boolean:
        if self.scope.in_row:
            if str(name) not in self.scope.row_conditions:
                hint = did_you_mean(str(name), self.scope.row_conditions)
                self.refuse(f"no condition on rows is called {name}{hint}", name)
            return ex.RowMet(str(name))
        if str(name) not in self.scope.rules:
            hint = did_you_mean(str(name), self.scope.rules)
            self.refuse(f"no rule is called {name}{hint}", name)
        return ex.RuleMet(str(name))

    # --- numbers -----------------------------------------------------------------------------

    def number(self, node: Tree[Token] | Token) -> ex.Number:
        assert isinstance(node, Tree)
        children = node.children
        match node.data:
            case "constant":
                return ex.Const(int(children[0]))  # type: ignore[arg-type]
            case "named":
                return self.named(children[0])  # type: ignore[arg-type]
            case "function":
                name, *parts = children
                return ex.FUNCTIONS[str(name)](tuple(self.number(part) for part in parts))
            case "count_all" | "count_some":
                return self.count_options(children)  # type: ignore[arg-type]
            case "count_groups":
                return self.count_groups(children)  # type: ignore[arg-type]
            case "count_rows":
                return self.count_rows(children)  # type: ignore[arg-type]
        raise AssertionError(node.data)

    def named(self, name: Token) -> ex.Number:
        if self.scope.in_row and name in ("adequate_dose", "adequate_weeks"):
            return ex.AdequateTrial(name.removeprefix("adequate_"))
        if name in self.scope.scores:
            return ex.ScoreOf(str(name))
        question = self.question(name)
        if question.kind == "choice" and not question.is_scored and question.has_points:
            return ex.AnswerValue(str(name))
        if question.kind != "number" and not question.is_scored:
            self.refuse(f"{name} is no number: {question.described}", name)
        if self.scope.in_row and str(name) in self.scope.columns:
            return ex.Column(str(name))
        return ex.AnswerValue(str(name))

    def count_options(self, children: list[Token]) -> ex.Number:
        name, *options = children
        question = self.choices(name)
        if options:
            ids = tuple(self.option(question, name, option) for option in options)
        else:
            ids = tuple(option for option in question.option_ids if option != "none")
        return ex.CountOptions(str(name), ids)

    def count_groups(self, children: list[Token]) -> ex.Number:
        label, name = children
        question = self.choices(name)
        labels = {key for option in question.options for key in option.groups}
        if str(label) not in labels:
            hint = did_you_mean(str(label), labels)
            self.refuse(f"no option of {name} has a group called {label}{hint}", label)
        return ex.CountGroups(str(name), str(label))

    def count_rows(self, children: list[Token]) -> ex.Number:
        label, table, *conditions = children
        if self.question(table).kind != "table":
            self.refuse(f"{table} is no table", table)
        if str(label) not in self.scope.row_labels:
            known = ", ".join(sorted(self.scope.row_labels))
            hint = did_you_mean(str(label), self.scope.row_labels)
            self.refuse(f"rows are counted by {known}; found {label}{hint}", label)
        for condition in conditions:
            if str(condition) not in self.scope.row_conditions:
                hint = did_you_mean(str(condition), self.scope.row_conditions)
                self.refuse(f"no condition on rows is called {condition}{hint}", condition)
        return ex.CountRows(str(table), str(label), tuple(str(part) for part in conditions))

    # --- names -------------------------------------------------------------------------------

    def find(self, name: Token) -> Question | None:
        if self.scope.in_row and str(name) in self.scope.columns:
            return self.scope.columns[str(name)]
        return self.scope.questions.get(str(name))

    def question(self, name: Token) -> Question:
        found = self.find(name)
        if found is None:
            columns = tuple(self.scope.columns) if self.scope.in_row else ()
            known = [*self.scope.questions, *self.scope.scores, *columns]
            hint = did_you_mean(str(name), known)
            if str(name) in self.scope.rules:
                hint = f"; it is a rule: write {name} is met"
            self.refuse(f"no question or score is called {name}{hint}", name)
        return found

    def choices(self, name: Token) -> Question:
        question = self.question(name)
        if question.kind != "choices":
            self.refuse(f"{name} takes one answer and cannot be counted", name)
        return question

    def refuse(self, message: str, at: Tree[Token] | Token) -> NoReturn:
        offset = at.start_pos if isinstance(at, Token) else at.meta.start_pos
        raise LeafError(message, offset or 0)


def parse_number(text: str, scope: Scope) -> ex.Number:
    """Read the value of a score: one number. Raises LeafError."""
    # The grammar reads comparisons; a score is the left side of one that always holds.
    comparison = parse(f"{text} >= 0", scope)
    if not isinstance(comparison, ex.Comparison) or comparison.right != ex.Const(0):
        raise LeafError("a score is one number, such as sum(…) or count(…)")
    return comparison.left
