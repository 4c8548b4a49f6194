"""Population samples: many arbitrary people at once, drawn by Hypothesis or from a seed."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import strategies as st

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Question
from screener.engine.screen import screen
from screener.engine.tabular.frames import frames_of
from screener.engine.terms.plan import Plan
from tests.engine.answers import adult

Person = tuple[Answers, bool]


def drawn_people(protocol: Protocol, most: int = 30) -> st.SearchStrategy[list[Person]]:
    """People of any age, or of none, with any answers; each sent the form or did not."""
    ages = st.one_of(st.none(), st.integers(0, 120), st.integers(62, 68))
    doses = st.sampled_from(doses_near(protocol))
    person = st.tuples(adult(), ages, st.lists(doses, min_size=4, max_size=4))
    answers = person.map(lambda drawn: _fitted(protocol, *drawn))
    return st.lists(st.tuples(answers, st.booleans()), min_size=1, max_size=most)


def doses_near(protocol: Protocol) -> list[Decimal]:
    """The doses that rules compare with, and their neighbours."""
    needed = {reduced.dose_mg for _, _, reduced in protocol.reduced_doses()}
    for medicine in protocol.medicines.values():
        needed |= {trial.dose_mg for trial in (medicine.mood, medicine.pain) if trial}
    return sorted({dose + step for dose in needed for step in (Decimal("-0.01"), 0)})


def _fitted(protocol: Protocol, answers: Answers, age: int | None, doses: list[Decimal]) -> Answers:
    """What of the answers this protocol asks for, with another age and other doses."""
    fitted = {id: answer for id, answer in answers.items() if id in protocol.questions}
    fitted.pop("age", None)
    if age is not None:
        fitted["age"] = age
    rows = fitted.get(protocol.table.id)
    if isinstance(rows, dict):
        columns = {column.id for column in protocol.table.columns}
        kept = [(id, cells) for id, cells in rows.items() if id in protocol.medicines]
        fitted[protocol.table.id] = {
            medicine: {id: cell for id, cell in cells.items() if id in columns}
            | ({"dose_mg": doses[i % len(doses)]} if "dose_mg" in cells else {})
            for i, (medicine, cells) in enumerate(kept)
        }
    return fitted


def random_people(protocol: Protocol, count: int, seed: int) -> list[Person]:
    """Random people, made quickly: some are cases of the rulebook with a few answers changed."""
    chance = random.Random(seed)  # noqa: S311  # a test, the same on every run
    doses = doses_near(protocol)
    whole = [case.answers for case in protocol.cases]
    whole += [example.answers for example in protocol.examples]
    people = []
    for _ in range(count):
        answers = dict(chance.choice(whole)) if chance.random() < 0.7 else {}
        share = chance.choice((0.02, 0.1, 0.5))
        for question in protocol.questions.values():
            if chance.random() < share:
                answers[question.id] = _answer(question, chance, protocol, doses)
            elif chance.random() < 0.1:
                answers.pop(question.id, None)
        people.append((answers, chance.random() < 0.5))
    return people


def _answer(
    question: Question, chance: random.Random, protocol: Protocol, doses: Sequence[Decimal]
) -> Any:
    match question.kind:
        case "number":
            assert question.range is not None
            low, high = question.range
            if question.decimals:
                return chance.choice(doses)
            return chance.randint(low, min(high, low + chance.choice((3, 20, 130))))
        case "choice":
            return chance.choice(question.option_ids)
        case "choices":
            ids = [id for id in question.option_ids if id != "none"]
            ticked = {id for id in ids if chance.random() < 1.5 / len(ids)}
            return tuple(id for id in ids if id in ticked) or ("none",)
        case "text":
            return "words"
    medicines = chance.sample(list(protocol.medicines), chance.randint(0, 5))
    return {
        medicine: {
            column.id: _answer(column, chance, protocol, doses)
            for column in question.columns
            if chance.random() < 0.85
        }
        for medicine in medicines
    }


def frames_of_people(
    protocol: Protocol, people: Sequence[Person]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The two frames of the wide layout with these people."""
    return frames_of(protocol, [answers for answers, _ in people], [sent for _, sent in people])


def expected(plan: Plan, person: Person) -> dict[str, Any]:
    """What `screen` says of one person, called as the columns of a population are."""
    answers, submitted = person
    screening = screen(plan.protocol, answers, submitted=submitted)
    outcomes: dict[str, Any] = {"priority": screening.priority}
    for id in plan.scores:
        low, high = screening.scores.get(id, (None, None))
        outcomes[f"{id}_low"], outcomes[f"{id}_high"] = low, high
    return outcomes | dict(screening.outcomes)
