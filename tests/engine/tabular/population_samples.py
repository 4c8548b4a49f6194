"""Population samples: many arbitrary people at once, drawn by Hypothesis or from a seed."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

import polars as pl
from hypothesis import strategies as st

from screener import synthetic
from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Row
from screener.engine.screen import screen
from screener.engine.tabular.frames import frames_of
from screener.engine.terms.plan import Plan
from tests.engine.answers import adult, everybody

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


def people_on_medicines(protocol: Protocol, count: int, seed: int) -> list[Person]:
    """People of the cases with few other medicines, now and tried; some left the form early.

    Two of one kind, two together that are rare, and doses above the usual are hardly ever drawn
    where everything is.
    """
    draw = Random(seed)  # noqa: S311  # made-up people, no secret
    cases, kinds = everybody(protocol), protocol.questions["current_medicines"].option_ids
    people: list[Person] = []
    for _ in range(count):
        answers = dict(draw.choice(cases))
        answers["current_medicines"] = tuple(draw.sample(kinds[:-1], draw.randrange(4))) or (
            "none",
        )
        medicines = list(protocol.medicines.values())
        if draw.random() < 0.5:
            group = draw.choice(medicines).group
            medicines = [medicine for medicine in medicines if medicine.group == group]
        tried = draw.sample(medicines, min(len(medicines), draw.randrange(4)))
        answers[protocol.table.id] = {m.id: _tried(protocol, m, draw) for m in tried}
        left = draw.choice([0, 0, *range(len(protocol.pages))])
        for page in protocol.pages[len(protocol.pages) - left :]:
            for id in page.questions:
                answers.pop(id, None)
        people.append((answers, not left and draw.random() < 0.5))
    return people


def _tried(protocol: Protocol, medicine: Medicine, draw: Random) -> Row:
    """One row, most often of a trial that failed, or fell short at a high dose."""
    doses = synthetic.doses_near(protocol, medicine) or [Decimal(20)]
    row: Row = {
        "taken_for": draw.choice(["mood", "pain", "both", "both"]),
        "dose_mg": draw.choice(doses) * draw.choice([1, 1, 4, 12]),
        "dose_confirmed": draw.choice(["yes", "no"]),
        "weeks": draw.choice([0, 4, 26, 26]),
        "taken_most_days": draw.choice(["yes", "yes", "no"]),
        "mood_benefit": draw.choice(["under_25", "50_or_more"]),
        "this_episode": "yes",
        "pain_benefit": draw.choice(["under_30", "under_30", "30_or_more"]),
        "stopped_because": draw.choice(["still_taking", "side_effects", "advised_against"]),
    }
    return {id: cell for id, cell in row.items() if draw.random() < 0.93}


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
