"""The sections of the form for one person: how far each is, and which pages are in it."""

from dataclasses import dataclass

from screener.engine.protocol import Section
from screener.patient import journey, minutes
from screener.patient.journey import Part, Stop
from screener.patient.record import Record


@dataclass(frozen=True)
class SectionPlace:
    """Where a screen stands: in a section whose number never depends on what was answered.

    `page` and `medicine` count within the section; a screen about a medicine has both.
    """

    number: int
    total: int
    title: str
    page: int
    medicine: int = 0


@dataclass(frozen=True)
class SectionLine:
    """One section of the task list.

    `state` is completed, in_progress, not_started or attention; `minutes` are those that are left.
    """

    number: int
    title: str
    state: str
    parts: list[Part]
    blanks: int
    minutes: int


def sections(record: Record) -> list[SectionLine]:
    """Return the sections with their pages, in order."""
    protocol = record.protocol
    lines: list[list[Part]] = [[] for _ in protocol.sections]
    for part in journey.parts(record):
        lines[protocol.section_of[part.stop.page.id]].append(part)
    return [
        _line(record, number, section, parts)
        for number, (section, parts) in enumerate(zip(protocol.sections, lines, strict=True), 1)
    ]


def place(record: Record, stop: Stop) -> SectionPlace:
    """Return where a screen stands."""
    protocol = record.protocol
    at = protocol.section_of[stop.page.id]
    page = medicine = 0
    for listed in journey.stops(record):
        if protocol.section_of[listed.page.id] != at:
            continue
        page, medicine = (page, listed.number) if listed.medicine else (page + 1, 0)
        if listed.key == stop.key:
            break
    return SectionPlace(at + 1, len(protocol.sections), protocol.sections[at].title, page, medicine)


def minutes_left(record: Record) -> int:
    """Return about how many minutes the questions still take, 0 where every page was saved."""
    waiting = (stop for stop in journey.stops(record) if stop.key not in record.saved)
    return minutes.left(record.protocol, waiting)


def _line(record: Record, number: int, section: Section, parts: list[Part]) -> SectionLine:
    waiting = [part.stop for part in parts if part.stop.key not in record.saved]
    return SectionLine(
        number=number,
        title=section.title,
        state=_state({part.state for part in parts}),
        parts=parts,
        blanks=sum(part.blanks for part in parts),
        minutes=minutes.left(record.protocol, waiting),
    )


def _state(states: set[str]) -> str:
    if "attention" in states:
        return "attention"
    return states.pop() if len(states) == 1 else "in_progress" if states else "completed"
