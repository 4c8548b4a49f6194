"""Conditions on any row of the treatment table, put on the row of one medicine."""

from decimal import Decimal

from screener.engine.protocol import Medicine, Protocol
from screener.engine.terms import terms as t


def at_row(
    condition: t.Bool, protocol: Protocol, medicine: Medicine, use: str, *, blank: bool = False
) -> t.Bool:
    """A condition on any row as one on the row of this medicine.

    `blank`: a row of which no cell is known. The row itself is not asked for.
    """
    trial = medicine.trial(use)
    assert trial is not None, f"{medicine.id} does not count for {use}"
    table = protocol.table.id

    def leaf(term: t.Term) -> t.Term:
        match term:
            case t.OfMedicine(id):
                return t.truth(id == medicine.id)
            case t.Adequate(_, "weeks", decimals):
                return t.whole(trial.weeks * 10**decimals)
            case t.Adequate(_, _, decimals):
                return t.whole(scaled(trial.dose_mg, decimals))
            case t.Among(path, options) if path.startswith("."):
                there = t.among(f"{table}.{medicine.id}{path}", options)
                return t.truth(False) if blank else there
            case t.Points(path, points, default) if path.startswith("."):
                at = f"{table}.{medicine.id}{path}"
                return t.whole(default) if blank else t.make(t.Points, at, points, default)
            case t.Amount(path, decimals, range_, default) if path.startswith("."):
                at = f"{table}.{medicine.id}{path}"
                amount = t.make(t.Amount, at, decimals, range_, default)
                return t.whole(default) if blank else amount
        return term

    found = t.rebuilt(condition, leaf, {})
    return found  # type: ignore[return-value]  # a condition stays one


def scaled(amount: Decimal, decimals: int) -> int:
    """An amount in whole units of 10 to the minus `decimals`."""
    return int(amount * 10**decimals)
