"""The part of the compiled function that counts rows of the treatment table.

One loop over the rows that are there serves all counts. What a medicine is counted by (its
ingredient, its family) is a bit of a number, and a count is the number of bits set in the end:

    rows_0 = rows_1 = 0
    for medicine, cells in (a_medicines_tried or {}).items():
        cell = cells.get
        c_weeks = cell('weeks')
        ...
        for_mood, by_family, by_ingredient, mood_dose_2, mood_weeks_0 = MEDICINES_0[medicine]
        if for_mood:
            if (mood_weeks_0 <= c_weeks) and ...:
                rows_0 |= by_ingredient
                rows_1 |= by_family
    ... (2 <= rows_0.bit_count()) ...
"""

from collections.abc import Mapping, Sequence

from screener.engine.codegen.lines import Writer, count_places, readers_by_path, saves_work
from screener.engine.codegen.printer import local
from screener.engine.protocol import Protocol
from screener.engine.terms import terms as t
from screener.engine.terms.medicines import about_rows, conditions, medicine_table


class RowLoop:
    """The counts of rows among some terms, and the loop that counts them."""

    def __init__(self, protocol: Protocol, *roots: t.Term) -> None:
        self.protocol = protocol
        self.counts = [term for term in t.walk(*roots) if isinstance(term, t.Distinct)]
        self.about_rows = about_rows(*roots)
        # The counts, and every term with a count in it.
        self.counting: set[t.Term] = {*self.counts}
        for term in t.walk(*roots):
            if not self.counting.isdisjoint(t.below(term)):
                self.counting.add(term)

    def write(self, writer: Writer) -> None:
        """Write the loop; after it every count has a local."""
        if not self.counts:
            return
        names = {count: f"rows_{place}" for place, count in enumerate(self.counts)}
        writer.line(f"{' = '.join(names.values())} = 0")
        table = local(self.counts[0].table)
        with writer.block(f"for medicine, cells in ({table} or {{}}).items():"):
            writer.line("cell = cells.get")
            for path, readers in sorted(readers_by_path(*conditions(names)).items()):
                if path[0] == ".":
                    writer.read(path, "cell", readers)
            self._look_up_medicine(writer)
            for use in sorted({use for count in names for use, _ in count.by_use}):
                with writer.block(f"if {_uses(use)}:"):
                    self._count_for(use, writer, names)
        writer.names.update((count, f"{name}.bit_count()") for count, name in names.items())

    def _look_up_medicine(self, writer: Writer) -> None:
        """Read what rows need to know of their medicine into locals."""
        table = medicine_table(self.protocol, self.counts)
        columns: dict[str, Sequence[int]] = {_uses(use): f for use, f in table.counts_for.items()}
        for label in table.labels:
            # One bit for each group; none for no group.
            columns[f"by_{label}"] = [1 << code >> 1 for code in table.codes(label)]
        columns |= {writer.text(term): amounts for term, amounts in table.needed.items()}
        by_medicine = zip(table.medicines, zip(*columns.values(), strict=True), strict=True)
        constant = writer.constant("MEDICINES", dict(by_medicine))
        writer.line(f"{', '.join(columns)}, = {constant}[medicine]")

    def _count_for(self, use: str, writer: Writer, names: Mapping[t.Distinct, str]) -> None:
        """Write the conditions on medicines for one use, each once."""
        adds: dict[t.Bool, list[str]] = {}
        for count, name in names.items():
            for for_use, condition in count.by_use:
                if for_use == use:
                    adds.setdefault(condition, []).append(f"{name} |= by_{count.label}")
        places = count_places(*adds)
        writer.name_all(
            adds, lambda term: term in self.about_rows and saves_work(term, places[term])
        )
        for condition, lines in adds.items():
            with writer.block(f"if {writer.text(condition)}:"):
                for line in lines:
                    writer.line(line)


def _uses(use: str) -> str:
    """Return the local that says whether the medicine counts for a use."""
    return f"for_{use}"
