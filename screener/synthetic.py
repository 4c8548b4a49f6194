"""Synthetic people to measure with: made up from a seed, the same on every machine.

A person is complete: every question that is asked of them has an answer that counts, and every
row of the treatment table has all its cells. Answers to questions that are no longer asked stay
where they were, as in a form in which an earlier answer was changed.
"""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

from screener.engine.protocol import Medicine, Protocol
from screener.engine.questions import Answer, Answers, Question, Row, Scalar
from screener.engine.terms.reading import Reading

# Where the whole range of a number would hardly ever come near a threshold.
LIKELY = {
    "age": (18, 90),
    "seconds_per_item": (1, 12),
    "bp_systolic": (95, 195),
    "bp_diastolic": (55, 130),
    "drug_use_times": (0, 2),
}
NONE = "none"


def people(protocol: Protocol, count: int, seed: int = 1) -> list[Answers]:
    """`count` complete adults: half from the rulebook's cases with changes, half at random."""
    draw = Random(seed)  # noqa: S311  # made-up people, no secret
    cases = [case.answers for case in protocol.cases]
    cases += [example.answers for example in protocol.examples]
    draw.shuffle(cases)
    return [
        completed(
            protocol,
            _changed(protocol, cases[i // 2 % len(cases)], draw) if i % 2 else {},
            draw,
        )
        for i in range(count)
    ]


def with_blanks(everyone: Sequence[Answers], share: float = 0.1, seed: int = 2) -> list[Answers]:
    """The same people with that share of their answers, and of the cells of their rows, left out.

    The age stays, so that the age gate can be told.
    """
    draw = Random(seed)  # noqa: S311  # made-up people, no secret
    return [
        {
            id: _thinned(answer, share, draw)
            for id, answer in answers.items()
            if id == "age" or draw.random() >= share
        }
        for answers in everyone
    ]


def _thinned(answer: Answer, share: float, draw: Random) -> Answer:
    if not isinstance(answer, dict):
        return answer
    return {
        row: {id: cell for id, cell in cells.items() if draw.random() >= share}
        for row, cells in answer.items()
    }


def completed(protocol: Protocol, answers: Answers, draw: Random) -> Answers:
    """The answers of an adult with everything filled in that is asked and has no answer.

    An answer that does not count ("not sure", under 18) is replaced. `answers` is not changed.
    """
    full = dict(answers)
    for id, question in protocol.questions.items():
        if question.asked_when is None or Reading(protocol, full).asked(id)[1]:
            full[id] = _counting(protocol, question, full.get(id), draw)
    return {id: full[id] for id in protocol.questions if id in full}


def _changed(protocol: Protocol, answers: Answers, draw: Random) -> Answers:
    """None or a few of the answers changed at random."""
    changed = dict(answers)
    for id in draw.sample(list(protocol.questions), draw.randrange(7)):
        changed[id] = _any_answer(protocol, protocol.questions[id], draw)
    return changed


def _counting(protocol: Protocol, question: Question, given: Answer | None, draw: Random) -> Answer:
    """The answer given, as far as it counts, else any."""
    if question.id == "age" and isinstance(given, int) and given < LIKELY["age"][0]:
        given = None
    if question.kind == "choice" and isinstance(given, str):
        return given if question.option(given).counts_as is None else _option(question, draw)
    if question.kind == "table" and isinstance(given, dict):
        return {
            id: _row(question, protocol.medicines[id], cells, draw) for id, cells in given.items()
        }
    return _any_answer(protocol, question, draw) if given is None else given


def _any_answer(protocol: Protocol, question: Question, draw: Random) -> Answer:
    match question.kind:
        case "number":
            return _amount(question, draw)
        case "choice":
            return _option(question, draw)
        case "choices":
            return _options(question, draw)
        case "text":
            return "Synthetic."
    taken = draw.sample(list(protocol.medicines.values()), draw.randrange(5))
    rows = {medicine.id: _row(question, medicine, {}, draw) for medicine in taken}
    return {id: rows[id] for id in protocol.medicines if id in rows}


def _amount(question: Question, draw: Random) -> Scalar:
    low, high = LIKELY.get(question.id, question.reach)
    amount = draw.randint(low, min(high, low + 150))
    # Small numbers are where the thresholds are.
    amount = min(amount, low + 24) if question.id not in LIKELY and draw.random() < 0.7 else amount
    return Decimal(amount) if question.decimals else amount


def _option(question: Question, draw: Random) -> str:
    return draw.choice([option.id for option in question.options if option.counts_as is None])


def _options(question: Question, draw: Random) -> tuple[str, ...]:
    ids = [option.id for option in question.options if option.counts_as is None]
    some = [id for id in ids if id != NONE]
    if NONE in ids and draw.random() < 0.4:
        return (NONE,)
    chosen = draw.sample(some, min(len(some), draw.randint(1, 4)))
    return tuple(id for id in ids if id in chosen)


def _row(table: Question, medicine: Medicine, given: Row, draw: Random) -> Row:
    """A row with every cell filled in; doses and weeks near what an adequate trial needs."""
    trials = [trial for trial in (medicine.mood, medicine.pain) if trial is not None]
    row: Row = {}
    for column in table.columns:
        cell = given.get(column.id)
        if cell is not None and (
            column.kind != "choice" or column.option(str(cell)).counts_as is None
        ):
            row[column.id] = cell
        elif column.kind == "choice":
            row[column.id] = _option(column, draw)
        elif column.id == "dose_mg":
            dose = draw.choice(trials).dose_mg if trials else Decimal(20)
            row[column.id] = dose * draw.choice([1, 1, 1, 2]) / draw.choice([1, 1, 1, 2])
        else:
            row[column.id] = draw.choice([0, 2, 6, 8, 12, 26])
    return row
