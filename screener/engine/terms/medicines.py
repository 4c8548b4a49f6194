"""What terms on rows of the treatment table say of one medicine, and of the person.

A count of rows (`terms.Distinct`) has conditions on any row, one for each use. Here they are put on
the row of one medicine, and here is what a backend must know of each medicine to count rows itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.terms import terms as t

# Above every dose that can be answered, in whatever units.
NO_LIMIT = 10**9

ByUse = tuple[tuple[str, t.Bool], ...]


# --- one medicine --------------------------------------------------------------------------------


def at_row(
    condition: t.Bool, protocol: Protocol, medicine: Medicine, use: str, *, blank: bool = False
) -> t.Bool:
    """Return a condition on any row as one on the row of this medicine.

    `blank`: a row of which no cell is known. Whether the row is there is not part of it.
    """
    assert medicine.counts_for(use), f"{medicine.id} does not count for {use}"
    row = f"{protocol.table.id}.{medicine.id}"

    def leaf(term: t.Term) -> t.Term:
        match term:
            case t.OfMedicine(id):
                return t.truth(id == medicine.id)
            case t.MedicineAmount():
                return t.whole(needed(medicine, term))
            case t.Among(path, options) if path.startswith("."):
                return t.truth(False) if blank else t.among(f"{row}{path}", options)
            case t.Points(path, points, default) if path.startswith("."):
                return t.whole(default) if blank else t.make(t.Points, row + path, points, default)
            case t.Amount(path, decimals, range_, default) if path.startswith("."):
                amount = t.make(t.Amount, row + path, decimals, range_, default)
                return t.whole(default) if blank else amount
        return term

    rebuilt = t.rebuilt(condition, leaf, {})
    return rebuilt  # type: ignore[return-value]  # a condition stays one


def meets(by_use: ByUse, protocol: Protocol, medicine: Medicine, *, blank: bool = False) -> t.Bool:
    """Whether the row of a medicine meets a condition of a count, for a use it counts for.

    `blank` as in `at_row`.
    """
    return t.any_of(
        *(
            at_row(condition, protocol, medicine, use, blank=blank)
            for use, condition in by_use
            if medicine.counts_for(use)
        )
    )


def needed(medicine: Medicine, term: t.MedicineAmount) -> int:
    """Return a number of the medicine, in the units of the term.

    What an adequate trial needs is 0 where the medicine does not count for the use: no row of it
    is ever looked at. No dose is above an unlikely dose or a label's where none is given.
    """
    if term.what in ("unlikely", "label"):
        label = medicine.highest_on_label
        on_label = None if label is None else label.dose_mg
        dose = medicine.unlikely_dose if term.what == "unlikely" else on_label
        return NO_LIMIT if dose is None else scaled(dose, term.decimals)
    trial = medicine.trial(term.use)
    if trial is None:
        return 0
    return scaled(trial.weeks if term.what == "weeks" else trial.dose_mg, term.decimals)


def scaled(amount: Decimal | int, decimals: int) -> int:
    """Return an amount in whole units of 10 to the minus `decimals`."""
    return int(amount * 10**decimals)


# --- all medicines -------------------------------------------------------------------------------


def grouped(protocol: Protocol, label: str) -> dict[str, list[Medicine]]:
    """Return the medicines by what they are counted by; those without this label are left out."""
    groups: dict[str, list[Medicine]] = {}
    for medicine in protocol.medicines.values():
        group = medicine.label(label)
        if group is not None:
            groups.setdefault(group, []).append(medicine)
    return groups


@dataclass(frozen=True)
class MedicineTable:
    """What counts of rows need to know of each medicine: columns, in the order of `medicines`.

    `counts_for` is by use, `labels` by name, `needed` by the term that reads it.
    """

    medicines: Sequence[str]
    counts_for: Mapping[str, Sequence[bool]]
    labels: Mapping[str, Sequence[str | None]]
    needed: Mapping[t.MedicineAmount, Sequence[int]]

    def codes(self, label: str) -> list[int]:
        """Return the labels as numbers from 1, in the order of their medicines; 0 for none."""
        groups = dict.fromkeys(group for group in self.labels[label] if group is not None)
        places = {group: place for place, group in enumerate(groups, 1)}
        return [0 if group is None else places[group] for group in self.labels[label]]


def medicine_table(protocol: Protocol, counts: Sequence[t.Distinct]) -> MedicineTable:
    """Return the table of medicines that these counts of rows need."""
    medicines = list(protocol.medicines.values())
    uses = sorted({use for count in counts for use, _ in count.by_use})
    labels = sorted({count.label for count in counts})
    needs = [term for term in t.walk(*conditions(counts)) if isinstance(term, t.MedicineAmount)]
    return MedicineTable(
        tuple(protocol.medicines),
        {use: [medicine.counts_for(use) for medicine in medicines] for use in uses},
        {label: [medicine.label(label) for medicine in medicines] for label in labels},
        {term: [needed(medicine, term) for medicine in medicines] for term in needs},
    )


# --- conditions on any row -----------------------------------------------------------------------


def conditions(counts: Iterable[t.Distinct]) -> list[t.Bool]:
    """Return the conditions on rows of these counts, each once."""
    return list(dict.fromkeys(condition for count in counts for _, condition in count.by_use))


def about_rows(*roots: t.Term) -> set[t.Term]:
    """Return the terms at and below the roots that look at the row, themselves or in a part."""
    terms: set[t.Term] = set()
    for term in t.walk(*roots):
        if isinstance(term, t.Distinct):
            continue  # it looks at every row, and at none of them outside
        reads_cell = getattr(term, "path", "").startswith(".")
        reads_medicine = isinstance(term, t.OfMedicine | t.MedicineAmount)
        if reads_cell or reads_medicine or not terms.isdisjoint(t.below(term)):
            terms.add(term)
    return terms


def about_people(*on_rows: t.Bool) -> list[t.Term]:
    """Return the largest terms in conditions on rows that look at the person alone, but constants.

    A backend computes them once a person, and not once a row.
    """
    rows = about_rows(*on_rows)
    parts = (part for term in t.walk(*on_rows) if term in rows for part in t.below(term))
    largest = dict.fromkeys(term for term in (*parts, *on_rows) if term not in rows)
    return [term for term in largest if not isinstance(term, t.Truth | t.Whole)]
