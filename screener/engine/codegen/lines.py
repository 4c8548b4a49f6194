"""Lines of Python put together from printed terms: blocks, and locals for what is needed again.

A term gets a local where that is less work than printing it at every place, and not before the
first place that needs it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from screener.engine.codegen.printer import Printer, amount, local, ticks
from screener.engine.protocol import Protocol
from screener.engine.terms import terms as t


class Writer(Printer):
    """Writes lines of Python, and gives locals to what is needed more than once."""

    def __init__(self, protocol: Protocol) -> None:
        super().__init__(protocol)
        self.lines: list[str] = []
        self.depth = 0
        # What a term is called where it gets a local; others are numbered.
        self.known_as: dict[t.Term, str] = {}

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

    def read(self, path: str, get: str, looks: Iterable[t.Term]) -> None:
        """Read an answer into its locals, as the terms that look at it need it."""
        name, looks = local(path), list(looks)
        self.line(f"{name} = {get}({path.lstrip('.')!r})")
        if any(isinstance(term, t.Ticked | t.Ticks) for term in looks):
            self.line(f"{ticks(path)} = {name} or ()")
        for places in sorted({term.decimals for term in looks if isinstance(term, t.Amount)}):
            if places:
                scaled = f"int({name} * {10**places})"
                self.line(f"{amount(path, places)} = None if {name} is None else {scaled}")

    def unpack(self, names: list[str], text: str) -> None:
        """Give a tuple's entries locals."""
        self.line(f"{', '.join(names)}{',' if len(names) == 1 else ''} = {text}")

    def name(self, term: t.Term) -> None:
        """Give a term a local, and compute it."""
        text = self.text(term)
        name = self.known_as.get(term) or f"v{len(self.lines)}"
        self.line(f"{name} = {text}")
        self.names[term] = name

    def name_all(self, roots: Iterable[t.Term], worth: Callable[[t.Term], bool]) -> None:
        """Give locals to the terms at and below the roots that are worth one."""
        for term in unnamed(self.names, *roots):
            if worth(term):
                self.name(term)

    def open_if(self, parts: Iterable[t.Bool], worth: Callable[[t.Term], bool]) -> None:
        """Begin what is done where all parts hold.

        A local that a part needs is not computed before the parts in front of it hold.
        """
        waiting: list[t.Bool] = []
        for part in parts:
            if waiting and any(map(worth, unnamed(self.names, part))):
                self.open(f"if {self.all(waiting)}:")
                waiting = []
            self.name_all([part], worth)
            waiting.append(part)
        self.open(f"if {self.all(waiting)}:")


def worth_a_local(term: t.Term, places: int) -> bool:
    """Whether computing a term once and keeping it is less work than printing it again."""
    cheap = t.Whole | t.Adequate
    match term:
        case t.Truth() | t.Submitted() | t.IsAnswered() | t.Not() | t.Whole() | t.Adequate():
            return False
        case t.Choose(_, t.Whole(), t.Whole()):
            return False
        case t.Among() | t.OfMedicine() | t.Amount():
            return places >= 3
        case t.Compare(_, left, right) if isinstance(left, cheap) or isinstance(right, cheap):
            return places >= 3
    return places >= 2


def times_used(*roots: t.Term) -> Counter[t.Term]:
    """How often each term is printed, were it printed wherever it stands."""
    used = Counter(part for term in t.walk(*roots) for part in t.below(term))
    used.update(roots)
    return used


def looks(*roots: t.Term) -> dict[str, list[t.Term]]:
    """The terms that look at an answer, by its path."""
    found: dict[str, list[t.Term]] = {}
    for term in t.walk(*roots):
        if isinstance(term, t.IsAnswered | t.Among | t.Ticked | t.Points | t.Amount | t.Ticks):
            found.setdefault(term.path, []).append(term)
    return found


def parts_of(term: t.Bool) -> tuple[t.Bool, ...]:
    """The conditions that must all hold for this one to."""
    match term:
        case t.And(parts):
            return tuple(one for part in parts for one in parts_of(part))
        case t.Compare("<=", t.Whole() as least, t.Extreme(False, numbers)):
            # The first number that is too low ends it, and the lowest is never looked for.
            return tuple(t.at_most(least, number) for number in numbers)
    return (term,)


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
