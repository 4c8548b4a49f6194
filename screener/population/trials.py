"""The treatment table of a person, as a mapping in JSON, -> rows of trials."""

from typing import Any

import polars as pl

from screener.engine.protocol import Protocol
from screener.engine.tabular.layout import AT, MEDICINE
from screener.population.rows import as_float

# The types that a cell of a kind of column may have as JSON gives it; text where none is named.
_KINDS: dict[str, tuple[type, ...]] = {"number": (int, float), "choices": (list,)}


class TrialRows:
    """Collects the rows of many people, a list for each column."""

    def __init__(self, protocol: Protocol) -> None:
        # What has another type is doubtful.
        self.kinds: dict[str, tuple[type, ...]] = {
            column.id: _KINDS.get(column.kind, (str,)) for column in protocol.table.columns
        }
        self.at: list[int] = []
        self.medicines: list[str] = []
        self.cells: dict[str, list[Any]] = {id: [] for id in self.kinds}

    def add(self, at: int, table: Any) -> bool:
        """Add the rows of the person at `at`; whether it is one that the columns can hold."""
        if type(table) is not dict:
            return False
        whole = True
        for medicine, cells in table.items():
            if type(cells) is not dict or not cells.keys() <= self.kinds.keys():
                whole = False
                continue
            self.at.append(at)
            self.medicines.append(medicine)
            for id, kinds in self.kinds.items():
                value = cells.get(id)
                if type(value) not in kinds:
                    whole = whole and value is None
                    value = None
                self.cells[id].append(value)
        return whole

    def frame(self) -> pl.DataFrame:
        """The rows that were added."""
        columns: dict[str, pl.Series] = {
            AT: pl.Series(self.at, dtype=pl.UInt32),
            MEDICINE: pl.Series(self.medicines, dtype=pl.String),
        }
        for id, kinds in self.kinds.items():
            values = self.cells[id]
            if list in kinds:
                continue  # no rule reads it
            if float in kinds:
                numbers = [None if value is None else as_float(value) for value in values]
                columns[id] = pl.Series(numbers, dtype=pl.Float64)
            else:
                columns[id] = pl.Series(values, dtype=pl.String)
        return pl.DataFrame(columns)
