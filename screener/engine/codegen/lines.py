"""Lines of Python put together from printed terms: blocks, and locals for what is needed again.

A term gets a local where that is less work than computing it at every place, and not before the
first place that needs it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from screener.engine.codegen.printer import PythonPrinter, amount, local, ticks
from screener.engine.protocol import Protocol
from screener.engine.terms import terms as t


class Writer(PythonPrinter):
    """Writes lines of Python, and gives locals to what is needed more than once."""

    def __init__(self, protocol: Protocol) -> None:
        super().__init__(protocol)
        self.lines: list[str] = []
        self.depth = 0
        # How a term is called if it gets a local; others are numbered.
        self.preferred: dict[t.Term, str] = {}

    def line(self, text: str) -> None:
        """Add a line to the source."""
        self.lines.append("    " * self.depth + text)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Close, at the end, every block opened inside; its locals are not known after it."""
        names, depth = self.names, self.depth
        self.names = dict(names)
        yield
        self.names, self.depth = names, depth

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write lines under a head."""
        with self.scope():
            self.open(head)
            yield

    def open(self, head: str) -> None:
        """Begin a block that ends with the scope around it."""
        self.line(head)
        self.depth += 1

    def read(self, path: str, get: str, readers: Iterable[t.Term]) -> None:
        """Read an answer into the locals that its readers need."""
        name, readers = local(path), list(readers)
        self.line(f"{name} = {get}({path.lstrip('.')!r})")
        if any(isinstance(term, t.Ticked | t.Ticks) for term in readers):
            self.line(f"{ticks(path)} = {name} or ()")
        for places in sorted({term.decimals for term in readers if isinstance(term, t.Amount)}):
            if places:
                scaled = f"int({name} * {10**places})"
                self.line(f"{amount(path, places)} = None if {name} is None else {scaled}")

    def name(self, term: t.Term) -> None:
        """Compute a term into a local."""
        text = self.text(term)
        name = self.preferred.get(term) or f"v{len(self.lines)}"
        self.line(f"{name} = {text}")
        self.names[term] = name

    def name_all(self, roots: Iterable[t.Term], wanted: Callable[[t.Term], bool]) -> None:
        """Compute the terms at and below the roots that are wanted as locals."""
        for term in t.walk(*roots, without=self.names):
            if wanted(term):
                self.name(term)

    def open_if(self, parts: Iterable[t.Bool], wanted: Callable[[t.Term], bool]) -> None:
        """Begin what is done where all parts hold.

        A local that a part needs is not computed before the parts in front of it hold.
        """
        waiting: list[t.Bool] = []
        for part in parts:
            if waiting and any(map(wanted, t.walk(part, without=self.names))):
                self.open(f"if {self.all(waiting)}:")
                waiting = []
            self.name_all([part], wanted)
            waiting.append(part)
        self.open(f"if {self.all(waiting)}:")


def saves_work(term: t.Term, places: int) -> bool:
    """Whether computing a term once and keeping it is less work than computing it each time."""
    constant = t.Whole | t.MedicineAmount
    match term:
        case t.Truth() | t.Submitted() | t.IsAnswered() | t.Not() | t.Whole() | t.MedicineAmount():
            return False
        case t.Choose(_, t.Whole(), t.Whole()):
            return False
        case t.Among() | t.OfMedicine() | t.Amount():
            return places >= 3
        case t.Compare(_, left, right) if isinstance(left, constant) or isinstance(right, constant):
            return places >= 3
    return places >= 2


def count_places(*roots: t.Term) -> Counter[t.Term]:
    """In how many places each term is printed, were it printed wherever it stands."""
    places = Counter(part for term in t.walk(*roots) for part in t.below(term))
    places.update(roots)
    return places


def readers_by_path(*roots: t.Term) -> dict[str, list[t.Term]]:
    """The terms that read an answer, by its path."""
    readers: dict[str, list[t.Term]] = {}
    for term in t.walk(*roots):
        if isinstance(term, t.IsAnswered | t.Among | t.Ticked | t.Points | t.Amount | t.Ticks):
            readers.setdefault(term.path, []).append(term)
    return readers


def conjuncts(term: t.Bool) -> tuple[t.Bool, ...]:
    """The conditions that must all hold for this one to."""
    match term:
        case t.And(parts):
            return tuple(inner for part in parts for inner in conjuncts(part))
        case t.Compare("<=", t.Whole() as least, t.Extreme(False, numbers)):
            # The first number that is too low ends it, and the lowest is never looked for.
            return tuple(t.at_most(least, number) for number in numbers)
    return (term,)
