"""What was ticked as taken now, in the table of what was ever tried: nothing is asked twice."""

from collections.abc import Mapping

from screener.engine import expressions as ex
from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Row


def taken_now(protocol: Protocol, answers: Answers) -> tuple[str, ...]:
    """Return the medicines whose name was ticked as taken now, such as tramadol or lithium.

    A kind of many medicines names none of them.
    """
    if protocol.takes_now is None:
        return ()
    ticked = answers.get(protocol.takes_now.ticked, ())
    assert isinstance(ticked, tuple)
    by_kind = protocol.once(("medicines by kind",), lambda: _by_kind(protocol))
    return tuple(id for id in protocol.medicines if any(by_kind.get(kind) == id for kind in ticked))


def new_row(protocol: Protocol, answers: Answers, medicine: str) -> Row:
    """Return the row of a medicine just ticked: what is taken now is still taken."""
    if medicine not in taken_now(protocol, answers):
        return {}
    cell = _still_taken(protocol)
    return {} if cell is None else {cell[0]: cell[1]}


def told_column(protocol: Protocol, answers: Answers, medicine: Medicine, cells: Row) -> str:
    """Return the column that needs no asking, since what is taken now answers it, or ""."""
    cell = _still_taken(protocol)
    if cell is None or cells.get(cell[0]) != cell[1]:
        return ""
    return cell[0] if medicine.id in taken_now(protocol, answers) else ""


def _by_kind(protocol: Protocol) -> Mapping[str, str]:
    """Return the medicine that a kind is named after, where no other is of that kind."""
    kinds: dict[str, list[Medicine]] = {}
    for medicine in protocol.medicines.values():
        for kind in medicine.kinds:
            kinds.setdefault(kind, []).append(medicine)
    return {
        kind: medicines[0].id
        for kind, medicines in kinds.items()
        if len(medicines) == 1 and medicines[0].ingredient == kind
    }


def _still_taken(protocol: Protocol) -> tuple[str, str] | None:
    """Return the column and the option that say that a medicine is still taken."""
    if protocol.takes_now is None:
        return None
    condition = protocol.row_conditions[protocol.takes_now.rows].condition.expression
    match condition:
        case ex.ColumnChosen(column, (option,)):
            return column, option
    return None
