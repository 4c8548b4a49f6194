"""Terms printed as Python expressions: one method a kind of term.

The compiled function (`compiled.py`) is put together from these. An answer is read into a local
named after its question (`a_phq9_1`; of the row at hand `c_weeks`), None where it is blank. A term
that has a local of its own is printed as the name of that local. A condition is always printed as
an expression that is True or False, so that conditions can be summed.
"""

from collections.abc import Iterable
from typing import Any

from screener.engine.protocol import Protocol
from screener.engine.terms import terms as t

_OPPOSITE = {"is not": "is", "in": "not in", "==": "!=", "<=": ">"}


class PythonPrinter:
    """Prints terms. `names` are the terms that have a local; `constants` what the text refers to.

    Everything in the text is an id of the rulebook (letters, digits, underscores), a whole number
    or the name of a constant: nothing that somebody typed as text is ever part of it.
    """

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.names: dict[t.Term, str] = {}
        self.constants: dict[str, Any] = {}
        # Answers without a local: no term needs more than whether they were given.
        self.unread: set[str] = set()

    def constant(self, prefix: str, value: Any) -> str:
        """The name of a constant; equal values share one."""
        name = next((name for name, other in self.constants.items() if other == value), "")
        name = name or f"{prefix}_{len(self.constants)}"
        self.constants[name] = value
        return name

    def text(self, term: t.Term) -> str:
        """The term as an expression that can stand anywhere in another one."""
        if term in self.names:
            return self.names[term]
        if (comparison := self.comparison(term)) is not None:
            return f"({' '.join(comparison)})"
        match term:
            case t.Truth(value) | t.Whole(value):
                return str(value)
            case t.Submitted():
                return "submitted"
            case t.Ticked(path, options):
                return self.ticked(path, options)
            case t.And(parts):
                return f"({self.all(parts)})"
            case t.Or(parts):
                return f"({' or '.join(map(self.text, parts))})"
            case t.Not(part):
                comparison = None if part in self.names else self.comparison(part)
                if comparison is None:
                    return f"(not {self.text(part)})"
                left, sign, right = comparison
                return f"({left} {_OPPOSITE[sign]} {right})"
            case t.Points():
                return self.points(term)
            case t.Amount(path, decimals, _, default):
                name = amount(path, decimals)
                return f"({default} if {name} is None else {name})"
            case t.Ticks(path, options):
                return f"len({self.options(options)}.intersection({ticks(path)}))"
            case t.Plus(parts):
                return f"({' + '.join(map(self.summand, parts))})"
            case t.Extreme(highest, parts):
                return f"{'max' if highest else 'min'}({', '.join(map(self.text, parts))})"
            case t.Choose(condition, then, otherwise):
                ends = self.text(then), self.text(otherwise)
                return f"({ends[0]} if {self.text(condition)} else {ends[1]})"
            case t.MedicineAmount(use, what, decimals):
                return f"{use}_{what}_{decimals}"
        raise AssertionError("counts of rows have locals of their own")

    def all(self, parts: Iterable[t.Bool]) -> str:
        """Every part holds, as it stands after `if`."""
        return " and ".join(map(self.text, parts))

    def comparison(self, term: t.Term) -> tuple[str, str, str] | None:
        """The left side, the sign and the right side of a term that compares two values."""
        match term:
            case t.IsAnswered(path):
                unread = path in self.unread
                return (repr(path), "in", "answers") if unread else (local(path), "is not", "None")
            case t.Among(path, (option,)):
                return local(path), "==", repr(option)
            case t.Among(path, options):
                # Python keeps a set written out as a constant.
                return local(path), "in", f"{{{', '.join(map(repr, options))}}}"
            case t.Compare(sign, left, right):
                return self.text(left), "<=" if sign == "<=" else "==", self.text(right)
            case t.OfMedicine(medicine):
                return "medicine", "==", repr(medicine)
        return None

    def ticked(self, path: str, options: tuple[str, ...]) -> str:
        """Whether one of the options is ticked."""
        if len(options) <= 2:
            return f"({' or '.join(f'{option!r} in {ticks(path)}' for option in options)})"
        return f"(not {self.options(options)}.isdisjoint({ticks(path)}))"

    def options(self, options: tuple[str, ...]) -> str:
        """The name of a set of options."""
        return self.constant("OPTIONS", frozenset(options))

    def points(self, term: t.Points) -> str:
        """An entry of a table that has every option, "not sure" and the blank."""
        is_cell = term.path[0] == "."
        questions = self.protocol.questions
        question = self.protocol.table.column(term.path[1:]) if is_cell else questions[term.path]
        table = dict.fromkeys((None, *question.option_ids), term.default) | dict(term.points)
        return f"{self.constant('POINTS', table)}[{local(term.path)}]"

    def summand(self, term: t.Int) -> str:
        """A part of a sum, where True stands for 1."""
        match term:
            case t.Choose(condition, t.Whole(1), t.Whole(0)) if term not in self.names:
                return self.text(condition)
        return self.text(term)


def local(path: str) -> str:
    """The local that holds the answer at a path."""
    return f"c_{path[1:]}" if path[0] == "." else f"a_{path}"


def ticks(path: str) -> str:
    """The local that holds the options ticked, none for a blank."""
    return f"ticked_{path}"


def amount(path: str, decimals: int) -> str:
    """The local that holds a number in units of 10 to the minus `decimals`."""
    return f"{local(path)}_{decimals}" if decimals else local(path)
