"""Persons made up at random, always the same ones: they spare the solver what anybody can show."""

from decimal import Decimal
from random import Random
from typing import Any

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Question

_SEED = 20160101


def at_random(protocol: Protocol, count: int) -> list[Answers]:
    """So many adults who answered most questions. The same for the same protocol, always."""
    random = Random(_SEED)  # noqa: S311  # nothing secret hangs on it
    return [_person(protocol, random) for _ in range(count)]


def _person(protocol: Protocol, random: Random) -> Answers:
    answers: Answers = {}
    for id, question in protocol.questions.items():
        if random.random() < 0.8 and question.kind != "text":
            answers[id] = (
                _table(protocol, question, random)
                if question.kind == "table"
                else _answer(question, random)
            )
    answers["age"] = random.randint(18, 90)
    return answers


def _answer(question: Question, random: Random) -> Any:
    if question.kind == "number":
        assert question.range is not None
        # Half of the numbers are small: thresholds lie there.
        low, high = question.range
        most = high if random.random() < 0.5 else min(high, low + 20)
        number = random.randint(low, most)
        return Decimal(number) if question.decimals else number
    if question.kind == "choice":
        return random.choice(question.option_ids)
    ids = [id for id in question.option_ids if id != "none"]
    ticked = {id for id in ids if random.random() < random.choice((0.1, 0.4))}
    return tuple(id for id in ids if id in ticked) or ("none",)


def _table(protocol: Protocol, table: Question, random: Random) -> dict[str, Any]:
    medicines = random.sample(list(protocol.medicines.values()), random.randint(0, 5))
    rows: dict[str, Any] = {}
    for medicine in medicines:
        row = {c.id: _answer(c, random) for c in table.columns if random.random() < 0.9}
        trial = medicine.mood or medicine.pain
        if trial is not None and random.random() < 0.7:
            row |= {"dose_mg": trial.dose_mg, "weeks": trial.weeks}
        rows[medicine.id] = row
    return rows
