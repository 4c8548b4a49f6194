"""What a script shows in place, read a second time in Python, and held against the engine."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from screener.engine.medicines import Medicine
from screener.engine.protocol import Page, Protocol
from screener.engine.questions import Answer, Answers, Question, Row
from screener.engine.terms.reading import Reading
from screener.forms import steps
from screener.forms.conditions import Json
from screener.forms.in_place import FollowUp, page_follow_ups, row_follow_ups
from screener.forms.lengths import read_length
from screener.forms.page_questions import page_questions, page_step
from screener.forms.pages import typed

Values = Mapping[str, Sequence[str]]


def holds(condition: Json, values: Values) -> bool:
    """Return whether a condition holds; `values` are those of the fields, as a form posts them."""
    match condition:
        case {"all": parts}:
            return all(holds(part, values) for part in parts)
        case {"any": parts}:
            return any(holds(part, values) for part in parts)
        case {"not": part}:
            return not holds(part, values)
        case {"answered": field}:
            return any(value.strip() for value in values.get(field, ()))
        case {"chosen": field, "of": options}:
            return not set(options).isdisjoint(values.get(field, ()))
        case {"number": field, "blank": blank}:
            number = next((value for value in values.get(field, ()) if value.strip()), None)
            if number is None:
                return bool(blank)
            length = read_length(number)  # in whole weeks
            read = Decimal(number) if length is None else Decimal(int(length))
            if "at_most" in condition:
                return read <= Decimal(str(condition["at_most"]))
            return read == Decimal(str(condition["equals"]))
    raise AssertionError(f"{condition} is no condition")


@dataclass(frozen=True)
class Filled:
    """A page as it was opened, and what the person entered on it.

    `asked` are the follow-ups that the engine asks with what was entered, after what is hidden is
    left out.
    """

    follow_ups: Mapping[str, FollowUp]
    entered: Values
    asked: frozenset[str]

    def shown(self) -> frozenset[str]:
        """Return the follow-ups whose condition holds, in the order of the page."""
        values = dict(self.entered)
        shown = set()
        for id, follow_up in self.follow_ups.items():
            if holds(follow_up.when, values):
                shown.add(id)
            else:
                values[id] = []
        return frozenset(shown)


def filled_page(protocol: Protocol, page: Page, before: Answers, entered: Answers) -> Filled:
    """Fill in the first step of a page, as somebody with these answers `before`."""
    reading = Reading(protocol, before)
    shown = page_step(protocol, page, reading, steps.FIRST)
    follow_ups = page_follow_ups(page, reading, shown)
    on_page = {question.id: question for question in shown} | {
        id: follow_up.question for id, follow_up in follow_ups.items()
    }
    others = {id: answer for id, answer in before.items() if id not in on_page}

    def asked(answers: Answers) -> set[str]:
        now = Reading(protocol, others | answers)
        return {question.id for question in page_questions(protocol, page, now)}

    return _filled(on_page, follow_ups, entered, asked)


def filled_row(
    protocol: Protocol, medicine: Medicine, before: Answers, cells: Row, entered: Row
) -> Filled:
    """Fill in the first step of one medicine."""
    reading = Reading(protocol, before)
    shown = steps.row_step(reading, medicine, cells, steps.FIRST)
    follow_ups = row_follow_ups(reading, medicine, cells, shown)
    on_page = {question.id: question for question in shown} | {
        id: follow_up.question for id, follow_up in follow_ups.items()
    }
    others = {id: cell for id, cell in cells.items() if id not in on_page}

    def asked(answers: Row) -> set[str]:
        columns = steps.row_questions(reading, medicine, others | answers)
        # A column waits for the answers that it follows from: left blank, it comes on a next step.
        return {c.id for c in columns if c.id in answers or _leads(follow_ups, c.id) & {*answers}}

    return _filled(on_page, follow_ups, entered, asked)


def _leads(follow_ups: Mapping[str, FollowUp], id: str) -> set[str]:
    return _names(follow_ups[id].when) - {id} if id in follow_ups else set()


def _names(condition: Json) -> set[str]:
    names: set[str] = set()
    for key, value in condition.items():
        if key in ("all", "any"):
            names = names.union(*map(_names, value))
        elif key == "not":
            names |= _names(value)
        elif key in ("answered", "chosen", "number"):
            names.add(value)
    return names


def _filled(
    on_page: Mapping[str, Question],
    follow_ups: Mapping[str, FollowUp],
    entered: Mapping[str, Answer],
    asked: Callable[[Any], set[str]],
) -> Filled:
    values = {id: typed(on_page[id], answer) for id, answer in entered.items() if id in on_page}
    given = {id: entered[id] for id, texts in values.items() if any(map(str.strip, texts))}
    kept: dict[str, Answer] = {}
    for id in on_page:
        if id in given:
            kept[id] = given[id]
            if id in follow_ups and id not in asked(kept):
                del kept[id]  # hidden: not sent
    return Filled(follow_ups, values, frozenset(asked(kept) & follow_ups.keys()))


def many(protocol: Protocol, seed: int) -> Iterator[Filled]:
    """Yield pages and medicines filled in by chance, the same in every run."""
    chance = random.Random(seed)  # noqa: S311
    people = [case.answers for case in protocol.cases]
    for page in protocol.pages:
        for _ in range(4):
            entered = _mixed(protocol, people, chance)
            yield filled_page(protocol, page, chance.choice(people), entered)
    tables = (answers.get(protocol.table.id, {}) for answers in people)
    rows = [row for table in tables if isinstance(table, dict) for row in table.values()]
    for medicine in protocol.medicines.values():
        yield filled_row(protocol, medicine, chance.choice(people), {}, chance.choice(rows))


def _mixed(protocol: Protocol, people: Sequence[Answers], chance: random.Random) -> Answers:
    """Return answers of which each is somebody's, or chosen by chance, or missing."""
    mixed: Answers = {}
    for id, question in protocol.questions.items():
        answer = chance.choice(people).get(id)
        if question.kind == "choice" and chance.random() < 0.5:
            answer = chance.choice(question.option_ids)
        if question.kind == "choices" and chance.random() < 0.5:
            answer = (chance.choice(question.option_ids),)
        if answer is not None and chance.random() < 0.8:
            mixed[id] = answer
    return mixed
