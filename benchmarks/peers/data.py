"""The answers of one person as a peer is given them: numbers, texts and lists, nothing missing."""

from collections.abc import Iterable
from typing import Any

from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Question

USES = ("mood", "pain")


def points(question: str) -> str:
    """Return the name under which the points of the option chosen are given."""
    return f"{question}_points"


def trials(use: str) -> str:
    """Return the name under which the rows that count for a use are given."""
    return f"trials_{use}"


class Preparation:
    """Turns typed answers into what a peer reads: texts and lists, numbers and points, rows.

    It is timed where a peer starts from typed answers, so all that can be known before is. What
    is ticked is a tuple in them, which four peers read; `lists` is for the two that do not.
    """

    def __init__(
        self,
        protocol: Protocol,
        options: Iterable[str],
        numbers: Iterable[str],
        *,
        lists: bool = False,
    ) -> None:
        questions = protocol.questions
        self.table = protocol.table.id
        read = [questions[id] for id in options]
        self.texts = [(q.id, "") for q in read if q.kind == "choice"]
        self.ticked = [q.id for q in read if q.kind == "choices"]
        self.lists = self.ticked if lists else []
        amounts = [questions[id] for id in numbers]
        self.amounts = [(q.id, 0) for q in amounts if q.kind == "number"]
        self.points = [(points(q.id), q.id, _points(q)) for q in amounts if q.kind == "choice"]
        self.medicines = {use: _medicines(protocol, use) for use in USES}
        # Doses are floats, as JSON has them.
        self.decimals = [column.id for column in protocol.table.columns if column.decimals]

    def __call__(self, answers: Answers) -> dict[str, Any]:
        """Return the answers by name, with a neutral value for a question that has none."""
        get: Any = answers.get
        given: dict[str, Any] = {id: get(id, blank) for id, blank in self.texts}
        given.update([(id, get(id, blank)) for id, blank in self.amounts])
        given.update([(id, get(id, ())) for id in self.ticked])
        given.update([(id, list(given[id])) for id in self.lists])
        given.update([(name, table[get(id)]) for name, id, table in self.points])
        rows = get(self.table) or {}
        for use, medicines in self.medicines.items():
            given[trials(use)] = [
                {**cells, **medicines[id], **{at: float(cells[at]) for at in self.decimals}}
                for id, cells in rows.items()
                if id in medicines
            ]
        return given


def _points(question: Question) -> dict[str | None, int]:
    """Return the points of each option, none for a question that was not asked."""
    counted = [option.id for option in question.options if option.counts_as is None]
    return {None: 0, **{id: question.points(id) for id in counted}}


def _medicines(protocol: Protocol, use: str) -> dict[str, dict[str, Any]]:
    """Return what is joined to the row of each medicine that counts for a use."""
    return {
        id: _joined(medicine, use)
        for id, medicine in protocol.medicines.items()
        if medicine.trial(use) is not None
    }


def _joined(medicine: Medicine, use: str) -> dict[str, Any]:
    trial = medicine.trial(use)
    assert trial is not None
    reduced = trial.reduced.dose_mg if trial.reduced else trial.dose_mg
    return {
        "ingredient": medicine.ingredient,
        **{f"label_{name}": label for name, label in medicine.classes.items()},
        "adequate_dose": float(trial.dose_mg),
        "reduced_dose": float(reduced),
        "adequate_weeks": trial.weeks,
    }
