"""Synthetic people: made up from a seed, the same on every machine.

`people` are complete: every question that is asked of them has an answer that counts, and every
row of the treatment table has all its cells. `anybody` leaves blanks, and gives answers that do not
count. Both keep answers to questions that are no longer asked, as a form does in which an earlier
answer was changed.
"""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.questions import Answer, Answers, Question, Row
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
_JUST_LESS = Decimal("0.01")


def people(protocol: Protocol, count: int, seed: int = 1) -> list[Answers]:
    """Return `count` complete adults: half like the rulebook's cases, with changes; half random."""
    draw = Random(seed)  # noqa: S311  # made-up people, no secret
    cases = _cases(protocol)
    draw.shuffle(cases)
    everyone = []
    for i in range(count):
        answers = dict(cases[i // 2 % len(cases)]) if i % 2 else {}
        for id in draw.sample(list(protocol.questions), draw.randrange(7)) if i % 2 else ():
            answers[id] = _answer(protocol, protocol.questions[id], draw)
        everyone.append(completed(protocol, answers, draw))
    return everyone


def with_blanks(everyone: Sequence[Answers], share: float = 0.1, seed: int = 2) -> list[Answers]:
    """Return the same people with that share of their answers, and of the cells of rows, left out.

    The age stays, so that the age gate can tell.
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


def anybody(protocol: Protocol, count: int, seed: int = 1) -> list[Answers]:
    """Return `count` arbitrary people: of any age or of none, with any answers and any blanks.

    Most are like the rulebook's cases, with a few or many changes.
    """
    draw = Random(seed)  # noqa: S311  # made-up people, no secret
    cases = _cases(protocol)
    everyone: list[Answers] = []
    for _ in range(count):
        answers = dict(draw.choice(cases)) if draw.random() < 0.7 else {}
        changed = draw.choice((0.02, 0.1, 0.5))
        for id, question in protocol.questions.items():
            if draw.random() < changed:
                answer = _answer(protocol, question, draw, counting=False)
                answers[id] = _thinned(answer, 0.15, draw)
            elif draw.random() < 0.1:
                answers.pop(id, None)
        everyone.append(answers)
    return everyone


def completed(protocol: Protocol, answers: Answers, draw: Random) -> Answers:
    """Return the answers of an adult with everything filled in that is asked and has no answer.

    An answer that does not count ("not sure", under 18) is replaced. `answers` is not changed.
    """
    full = dict(answers)
    for id, question in protocol.questions.items():
        if question.asked_when is None or Reading(protocol, full).asked(id)[1]:
            full[id] = _counting(protocol, question, full.get(id), draw)
    return {id: full[id] for id in protocol.questions if id in full}


def doses_near(protocol: Protocol, medicine: Medicine) -> list[Decimal]:
    """Return the doses that an adequate trial of a medicine needs, and those just too low."""
    needed = {trial.dose_mg for trial in (medicine.mood, medicine.pain) if trial is not None}
    needed |= {dose.dose_mg for own, _, dose in protocol.reduced_doses() if own is medicine}
    return sorted({dose - step for dose in needed for step in (0, _JUST_LESS)})


def _cases(protocol: Protocol) -> list[Answers]:
    cases = [case.answers for case in protocol.cases]
    return cases + [example.answers for example in protocol.examples]


def _thinned(answer: Answer, share: float, draw: Random) -> Answer:
    if not isinstance(answer, dict):
        return answer
    return {
        row: {id: cell for id, cell in cells.items() if draw.random() >= share}
        for row, cells in answer.items()
    }


def _counting(protocol: Protocol, question: Question, given: Answer | None, draw: Random) -> Answer:
    """Return the answer given, as far as it counts, else any that counts."""
    too_young = question.id == "age" and isinstance(given, int) and given < LIKELY["age"][0]
    if isinstance(given, dict):
        medicines = protocol.medicines
        return {
            id: _row(
                protocol,
                question,
                medicines[id],
                # Apart, so that everybody who comes after stays the same.
                Random(id),  # noqa: S311  # made-up people, no secret
                given=_row(protocol, question, medicines[id], draw) | _that_count(question, cells),
            )
            for id, cells in given.items()
        }
    if given is None or too_young or not _counts(question, given):
        return _answer(protocol, question, draw)
    return given


def _that_count(table: Question, cells: Row) -> Row:
    return {id: cell for id, cell in cells.items() if _counts(table.column(id), cell)}


def _counts(question: Question, given: Answer) -> bool:
    return question.kind != "choice" or question.option(str(given)).counts_as is None


def _answer(
    protocol: Protocol, question: Question, draw: Random, *, counting: bool = True
) -> Answer:
    """Return any answer; `counting`: of an adult, and one that counts."""
    match question.kind:
        case "number":
            low, high = LIKELY.get(question.id, question.reach) if counting else question.reach
            # Small numbers are where the thresholds are.
            most = 150 if question.id in LIKELY and counting else draw.choice((4, 24, 24, 150))
            amount = draw.randint(low, min(high, low + most))
            return Decimal(amount) if question.decimals else amount
        case "choice":
            return draw.choice(
                [o.id for o in question.options if o.counts_as is None or not counting]
            )
        case "choices":
            return _ticks(question, draw)
        case "text":
            return "Synthetic."
    taken = set(draw.sample(list(protocol.medicines), draw.randrange(6)))
    return {
        id: _row(protocol, question, medicine, draw, counting=counting)
        for id, medicine in protocol.medicines.items()
        if id in taken
    }


def _ticks(question: Question, draw: Random) -> tuple[str, ...]:
    ids = question.option_ids
    some = [id for id in ids if id != NONE]
    if NONE in ids and draw.random() < 0.4:
        return (NONE,)
    ticked = set(draw.sample(some, min(len(some), draw.randint(1, 4))))
    return tuple(id for id in ids if id in ticked)


def _row(
    protocol: Protocol,
    table: Question,
    medicine: Medicine,
    draw: Random,
    *,
    counting: bool = True,
    given: Row | None = None,
) -> Row:
    """Return a row with every cell filled in that is asked; doses and weeks near a trial's.

    Cells that are `given` stay, since what was taken for what decides which others are asked.
    """
    trials = [trial for trial in (medicine.mood, medicine.pain) if trial is not None]
    row: Row = dict(given or {})
    reading = Reading(protocol, {})
    for column in table.columns:
        if column.id in row or not reading.column_asked(medicine, column, row):
            continue
        if column.id == "dose_mg":
            dose = draw.choice(doses_near(protocol, medicine) or [Decimal(20)])
            row[column.id] = draw.choice([dose, dose, dose * 2])
        elif column.id == "weeks":
            needed = [trial.weeks for trial in trials]
            row[column.id] = draw.choice([0, 2, 6, 12, 26, *needed, *(n - 1 for n in needed)])
        else:
            cell = _answer(protocol, column, draw, counting=counting)
            assert not isinstance(cell, dict)
            row[column.id] = cell
    return row
