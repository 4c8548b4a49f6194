"""The part of the compiled function that counts rows of the treatment table.

One loop over the rows that are there serves all counts. What a medicine is counted by (its
ingredient, its family) is a bit of a number, and a count is the number of bits set in the end:

    rows_0 = rows_1 = 0
    for medicine, cells in (a_medicines_tried or {}).items():
        cell = cells.get
        c_weeks = cell('weeks')
        ...
        mood, by_ingredient, by_family, mood_dose_2, mood_weeks_0 = MEDICINES_0[medicine]
        if mood:
            if (mood_weeks_0 <= c_weeks) and ...:
                rows_0 |= by_ingredient
                rows_1 |= by_family
    ... (2 <= rows_0.bit_count()) ...
"""

from collections.abc import Mapping
from typing import Any

from screener.engine.codegen.lines import Writer, looks, times_used, worth_a_local
from screener.engine.codegen.printer import local
from screener.engine.protocol import Medicine, Protocol
from screener.engine.terms import terms as t


class Rows:
    """The counts of rows among some terms, and the loop that counts them."""

    def __init__(self, protocol: Protocol, *roots: t.Term) -> None:
        self.protocol = protocol
        self.counts: list[t.Distinct] = []
        self._inside: set[t.Term] = set()
        self._counting: set[t.Term] = set()
        for term in t.walk(*roots):
            if isinstance(term, t.Distinct):
                self.counts.append(term)
                self._counting.add(term)
                continue
            parts = t.below(term)
            if _of_row(term) or not self._inside.isdisjoint(parts):
                self._inside.add(term)
            if not self._counting.isdisjoint(parts):
                self._counting.add(term)

    def is_outside(self, term: t.Term) -> bool:
        """Whether a term looks at the person, not at the row at hand."""
        return term not in self._inside

    def is_counting(self, term: t.Term) -> bool:
        """Whether a term needs the counts."""
        return term in self._counting

    def write(self, writer: Writer) -> None:
        """Write the loop; after it every count has a local."""
        if not self.counts:
            return
        names = {term: f"rows_{place}" for place, term in enumerate(self.counts)}
        writer.line(f"{' = '.join(names.values())} = 0")
        table = local(self.counts[0].table)
        with writer.block(f"for medicine, cells in ({table} or {{}}).items():"):
            self._row(writer, names)
        for term, name in names.items():
            writer.names[term] = f"{name}.bit_count()"

    def _row(self, writer: Writer, names: Mapping[t.Distinct, str]) -> None:
        conditions = [condition for term in names for _, condition in term.by_use]
        writer.line("cell = cells.get")
        for path, terms in sorted(looks(*conditions).items()):
            if path[0] == ".":
                writer.read(path, "cell", terms)
        uses = sorted({use for term in names for use, _ in term.by_use})
        labels = sorted({term.label for term in names})
        needs = [term for term in t.walk(*conditions) if isinstance(term, t.Adequate)]
        columns = [*uses, *(f"by_{label}" for label in labels), *map(writer.text, needs)]
        table = self._medicines(uses, labels, needs)
        medicines = writer.constant("MEDICINES", (), table)
        writer.unpack(columns, f"{medicines}[medicine]")
        for use in uses:
            with writer.block(f"if {use}:"):
                self._use(writer, use, names)

    def _use(self, writer: Writer, use: str, names: Mapping[t.Distinct, str]) -> None:
        """The conditions on medicines for one use, each once."""
        adds: dict[t.Bool, list[str]] = {}
        for term, name in names.items():
            for for_use, condition in term.by_use:
                if for_use == use:
                    adds.setdefault(condition, []).append(f"{name} |= by_{term.label}")
        uses = times_used(*adds)
        writer.name_all(adds, lambda term: term in self._inside and worth_a_local(term, uses[term]))
        for condition, lines in adds.items():
            with writer.block(f"if {writer.text(condition)}:"):
                for line in lines:
                    writer.line(line)

    def _medicines(
        self, uses: list[str], labels: list[str], needs: list[t.Adequate]
    ) -> dict[str, tuple[Any, ...]]:
        """For each medicine: does it count for each use, as what, and what a trial needs."""
        every = self.protocol.medicines.values()
        groups = {label: [*dict.fromkeys(m.label(label) for m in every)] for label in labels}
        return {
            medicine.id: (
                *(medicine.trial(use) is not None for use in uses),
                *(_bit(groups[label], medicine.label(label)) for label in labels),
                *(_needed(medicine, need) for need in needs),
            )
            for medicine in every
        }


def _of_row(term: t.Term) -> bool:
    """Whether the term itself, not its parts, looks at the row at hand."""
    match term:
        case t.OfMedicine() | t.Adequate():
            return True
        case t.IsAnswered(path) | t.Among(path) | t.Points(path) | t.Amount(path):
            return path[0] == "."
    return False


def _bit(groups: list[str | None], group: str | None) -> int:
    return 0 if group is None else 1 << groups.index(group)


def _needed(medicine: Medicine, need: t.Adequate) -> int:
    trial = medicine.trial(need.use)
    if trial is None:
        return 0
    return int((trial.weeks if need.what == "weeks" else trial.dose_mg) * 10**need.decimals)
