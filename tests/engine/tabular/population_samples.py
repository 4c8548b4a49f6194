"""Population samples: many arbitrary people at once, drawn by Hypothesis or from a seed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import strategies as st

from screener import synthetic
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers
from screener.engine.screen import screen
from screener.engine.tabular.frames import frames_of
from screener.engine.terms.plan import Plan
from tests.engine.answers import adult

Person = tuple[Answers, bool]


def drawn_people(protocol: Protocol, most: int = 30) -> st.SearchStrategy[list[Person]]:
    """People of any age, or of none, with any answers; each sent the form or did not."""
    ages = st.one_of(st.none(), st.integers(0, 120), st.integers(62, 68))
    near = (synthetic.doses_near(protocol, medicine) for medicine in protocol.medicines.values())
    doses = st.sampled_from(sorted({dose for doses in near for dose in doses}))
    person = st.tuples(adult(), ages, st.lists(doses, min_size=4, max_size=4))
    answers = person.map(lambda drawn: _fitted(protocol, *drawn))
    return st.lists(st.tuples(answers, st.booleans()), min_size=1, max_size=most)


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
    """Random people, made quickly; half of them sent the form."""
    everyone = synthetic.anybody(protocol, count, seed)
    return [(answers, i % 2 == 0) for i, answers in enumerate(everyone)]


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
