"""Questions as one person reads them: answers said back, the unit of a medicine, old options.

A hint may say back what was answered before: "You wrote {bp_systolic} over {bp_diastolic}." In a
column of the table of medicines it names other columns, and `{unit}` is what doses of the
medicine are counted in.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from screener.engine.medicines import Medicine
from screener.engine.questions import Answer, Question
from screener.saying import gettext

# What US labels and people also write for the sign that few can type.
_MICROGRAMS = "µg"


def as_asked(
    question: Question,
    answers: Mapping[str, Answer],
    medicine: Medicine | None = None,
) -> Question:
    """Return a question as it stands on the page of a person with these answers.

    `answers` are the cells of the row where the question is a column, asked of `medicine`. An
    option that is retired stays where it was chosen, so that nothing is lost.
    """
    changes: dict[str, Any] = {}
    if "{" in question.hint:
        names = {name: _said_back(answers.get(name)) for name in question.quotes}
        if medicine is not None:
            names["unit"] = _unit(medicine)
        changes["hint"] = question.hint.format(**names)
    if medicine is not None and question.unit == "mg" != medicine.unit:
        changes["unit"] = medicine.unit
    if any(option.retired for option in question.options):
        chosen = answers.get(question.id, ())
        kept = (chosen,) if isinstance(chosen, str) else chosen
        assert isinstance(kept, tuple)
        changes["options"] = tuple(o for o in question.options if not o.retired or o.id in kept)
    # Not by `model_copy`, which would keep what the question worked out of its other options.
    return Question.model_construct(**(dict(question) | changes)) if changes else question


def outdated(
    questions: Iterable[Question], before: Mapping[str, Answer], now: Mapping[str, Answer]
) -> set[str]:
    """Return the questions whose answer was about another answer than the one that stands now."""
    return {
        question.id
        for question in questions
        if any(before.get(id) != now.get(id) for id in question.quotes)
    }


def _unit(medicine: Medicine) -> str:
    return gettext("µg (micrograms)") if medicine.unit == _MICROGRAMS else medicine.unit


def _said_back(answer: Answer | None) -> str:
    """Return a number as people write it; only numbers are said back."""
    if answer is None:
        return gettext("(left blank)")
    return str(answer) if isinstance(answer, (str, tuple, dict)) else f"{answer:,}"
