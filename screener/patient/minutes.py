"""How long the form takes: the words that are left, and the taps, of this person."""

import math
from collections.abc import Iterable, Mapping

from screener.burden import Burden, burden, each_screen, medicine_list
from screener.engine.protocol import Protocol
from screener.engine.terms.reading import Reading
from screener.patient.journey import Stop

# What is read and tapped around the questions: the start, consent, date of birth, how to reach the
# person, the list of parts and the check page with its parts folded. A test counts them.
AROUND = Burden(words=1500, taps=20)
_LISTED = (1, 2, 3, 5)  # then every 5 minutes


def promised(protocol: Protocol) -> int:
    """Return the minutes that the form takes the typical person of a protocol, from the start."""

    def whole() -> float:
        answers = protocol.typical.answers if protocol.typical is not None else {}
        listed = Burden(words=medicine_list(protocol).words)
        return (burden(protocol, answers) + listed + AROUND).minutes

    return rounded(protocol.once(("minutes of all",), whole))


def left(protocol: Protocol, stops: Iterable[Stop]) -> int:
    """Return about how many minutes these screens take, rounded up; 0 for none.

    Follow-ups that no answer has led to yet are not counted. Until the person has said which
    medicines they tried, those of the typical person are counted.
    """
    each = protocol.once(("minutes of each",), lambda: _of_each(protocol))
    keys = {stop.key for stop in stops}
    if protocol.pages[protocol.page_of[protocol.table.id]].id in keys:
        keys |= _typical_rows(protocol)
    minutes = sum(each[key] for key in keys)
    return rounded(minutes) if minutes else 0


def _typical_rows(protocol: Protocol) -> set[str]:
    table, page = protocol.table.id, protocol.pages[protocol.page_of[protocol.table.id]].id
    rows = protocol.typical.answers.get(table, {}) if protocol.typical is not None else {}
    assert isinstance(rows, dict)
    return {f"{page}/{medicine}" for medicine in rows}


def _of_each(protocol: Protocol) -> Mapping[str, float]:
    """Return the minutes of every screen there may be, by its key, while it is blank."""
    table = protocol.table.id
    met: dict[str, Burden] = {page.id: Burden() for page in protocol.pages}
    for key, on_screen in each_screen(Reading(protocol, {})):
        met[key] += on_screen
    met[protocol.pages[protocol.page_of[table]].id] += Burden(words=medicine_list(protocol).words)
    medicines = Reading(protocol, {table: {medicine: {} for medicine in protocol.medicines}})
    for key, on_screen in each_screen(medicines):
        if "/" in key:
            met[key] = met.get(key, Burden()) + on_screen
    return {key: total.minutes for key, total in met.items()}


def rounded(minutes: float) -> int:
    """Return minutes rounded up to a number that people say."""
    return next((number for number in _LISTED if minutes <= number), 5 * math.ceil(minutes / 5))
