"""Terms printed as Python expressions: one method a kind of term.

The compiled function (`compiled.py`) is put together from these. An answer is read into a local
named after its question (`a_phq9_1`; of the row at hand `c_weeks`), None where it is blank. A term
that has a local of its own is printed as the name of that local. A condition is always printed as
an expression that is True or False, so that conditions can be summed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from screener.engine import terms as t
from screener.engine.questions import Question
from screener.engine.rulebook import Protocol


class Printer:
    """Prints terms. `names` are the terms that have a local; `constants` what the text refers to.

    Everything in the text is an id of the rulebook (letters, digits, underscores), a whole number
    or the name of a constant: nothing that somebody typed as text is ever part of it.
    """

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.names: dict[t.Term, str] = {}
        self.constants: dict[str, Any] = {}
        self._constant_names: dict[tuple[Any, ...], str] = {}

    def constant(self, prefix: str, key: tuple[Any, ...], value: Any) -> str:
        """The name of a constant; equal keys share one."""
        if key not in self._constant_names:
            name = f"{prefix}_{len(self._constant_names)}"
            self._constant_names[key] = name
            self.constants[name] = value
        return self._constant_names[key]

    def question(self, path: str) -> Question:
        """The question at a path, or the column of the table."""
        if path[0] == ".":
            return self.protocol.table.column(path[1:])
        return self.protocol.questions[path]

    def text(self, term: t.Term) -> str:
        """The term as an expression that can stand anywhere in another one."""
        if term in self.names:
            return self.names[term]
        match term:
            case t.Truth(value) | t.Whole(value):
                return str(value)
            case t.Sent():
                return "submitted"
            case t.Given(path):
                return f"({local(path)} is not None)"
            case t.Among(path, options):
                return self.among(path, options)
            case t.Ticked(path, options):
                return self.ticked(path, options)
            case t.And(parts):
                return f"({self.all(parts)})"
            case t.Or(parts):
                return f"({' or '.join(map(self.text, parts))})"
            case t.Not(part):
                return self.negated(part)
            case t.AtLeast(count, parts):
                return f"({' + '.join(map(self.text, parts))} >= {count})"
            case t.Compare(sign, left, right):
                return self.compared("<=" if sign == "<=" else "==", left, right)
            case t.OfMedicine(medicine):
                return f"(medicine == {medicine!r})"
        return self.number(term)

    def number(self, term: t.Int) -> str:
        """A whole number that has no local of its own."""
        match term:
            case t.Whole(value):
                return str(value)
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
            case t.Choose():
                condition, then, otherwise = map(self.text, t.below(term))
                return f"({then} if {condition} else {otherwise})"
            case t.Adequate(use, what, decimals):
                return f"{use}_{what}_{decimals}"
            case t.Distinct():
                raise AssertionError("counts of rows have locals of their own")

    # --- conditions --------------------------------------------------------------------------

    def all(self, parts: Iterable[t.Bool]) -> str:
        """Every part holds, as it stands after `if`."""
        return " and ".join(map(self.text, parts))

    def among(self, path: str, options: tuple[str, ...], *, negated: bool = False) -> str:
        if len(options) == 1:
            return f"({local(path)} {'!=' if negated else '=='} {options[0]!r})"
        # Python keeps a set written out as a constant.
        named = ", ".join(map(repr, options))
        return f"({local(path)} {'not in' if negated else 'in'} {{{named}}})"

    def ticked(self, path: str, options: tuple[str, ...]) -> str:
        if len(options) <= 2:
            return f"({' or '.join(f'{option!r} in {ticks(path)}' for option in options)})"
        return f"(not {self.options(options)}.isdisjoint({ticks(path)}))"

    def options(self, options: tuple[str, ...]) -> str:
        return self.constant("OPTIONS", options, frozenset(options))

    def negated(self, part: t.Bool) -> str:
        if part not in self.names:
            match part:
                case t.Given(path):
                    return f"({local(path)} is None)"
                case t.Among(path, options):
                    return self.among(path, options, negated=True)
                case t.Compare(sign, left, right):
                    return self.compared(">" if sign == "<=" else "!=", left, right)
        return f"(not {self.text(part)})"

    def compared(self, sign: str, left: t.Int, right: t.Int) -> str:
        return f"({self.text(left)} {sign} {self.text(right)})"

    # --- whole numbers -----------------------------------------------------------------------

    def points(self, term: t.Points) -> str:
        """One look into a table that knows every option, "not sure" and the blank too."""
        table: dict[str | None, int] = {None: term.default}
        table.update(dict.fromkeys(self.question(term.path).option_ids, term.default))
        table.update(term.points)
        return f"{self.constant('POINTS', tuple(table.items()), table)}[{local(term.path)}]"

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


def parts_of(term: t.Bool) -> tuple[t.Bool, ...]:
    """The conditions that must all hold for this one to."""
    return term.parts if isinstance(term, t.And) else (term,)


def unnamed(names: dict[t.Term, str], *roots: t.Term) -> Iterator[t.Term]:
    """Every term at or below the roots that has no name yet, parts before the whole.

    What stands below a name only is left out: it is not printed again.
    """
    seen: set[t.Term] = set()
    for root in roots:
        stack: list[tuple[t.Term, bool]] = [(root, False)]
        while stack:
            term, done = stack.pop()
            if done:
                yield term
            elif term not in seen and term not in names:
                seen.add(term)
                stack.append((term, True))
                stack.extend((part, False) for part in reversed(t.below(term)))


class Writer(Printer):
    """Writes lines of Python, and gives locals to what is needed more than once."""

    def __init__(self, protocol: Protocol) -> None:
        super().__init__(protocol)
        self.lines: list[str] = []
        self.depth = 0

    def line(self, text: str) -> None:
        """One line of the source."""
        self.lines.append("    " * self.depth + text)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is opened, and which locals are made, in it is forgotten after it."""
        names, depth = self.names, self.depth
        self.names = dict(names)
        yield
        self.names, self.depth = names, depth

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Lines under a head; locals made in them are not known after them."""
        with self.scope():
            self.open(head)
            yield

    def open(self, head: str) -> None:
        """Begin a block that ends with the scope around it."""
        self.line(head)
        self.depth += 1

    def read(self, path: str, get: str, decimals: Iterable[int]) -> None:
        """Read an answer into its locals; `decimals` are the units in which it is needed."""
        name = local(path)
        self.line(f"{name} = {get}({path.lstrip('.')!r})")
        if self.question(path).kind == "choices":
            self.line(f"{ticks(path)} = {name} or ()")
        for places in sorted({*decimals} - {0}):
            scaled = f"int({name} * {10**places})"
            self.line(f"{amount(path, places)} = None if {name} is None else {scaled}")

    def name(self, term: t.Term, name: str = "") -> None:
        """Give a term a local, and compute it."""
        text = self.text(term)
        name = name or f"v{len(self.lines)}"
        self.line(f"{name} = {text}")
        self.names[term] = name

    def name_shared(
        self,
        roots: Iterable[t.Term],
        places: Mapping[t.Term, int],
        may_be: Callable[[t.Term], bool],
    ) -> None:
        """Give locals to the terms below the roots that stand at several places."""
        for term in unnamed(self.names, *roots):
            if may_be(term) and worth_a_local(term, places[term]):
                self.name(term)


def worth_a_local(term: t.Term, places: int) -> bool:
    """Whether computing a term once and keeping it is less work than printing it again."""
    match term:
        case t.Truth() | t.Sent() | t.Given() | t.Not() | t.Whole() | t.Adequate():
            return False
        case t.Among() | t.OfMedicine():
            return places >= 3
    return places >= 2


def times_used(*roots: t.Term) -> Counter[t.Term]:
    """How often each term is printed, were it printed wherever it stands."""
    used = Counter(part for term in t.walk(*roots) for part in t.below(term))
    used.update(roots)
    return used


def amounts(*roots: t.Term) -> dict[str, set[int]]:
    """The decimals in which each number is needed, by path."""
    found: dict[str, set[int]] = {}
    for term in t.walk(*roots):
        if isinstance(term, t.Amount):
            found.setdefault(term.path, set()).add(term.decimals)
    return found
