"""Questions by the paths of their answers, for whoever asks them in another order than the form.

A path names a question, `phq9_9`, or a column asked of one medicine, `medicines_tried.sertraline.
weeks` (see `engine/answer_paths.py`). The fields are those of the pages, named by their paths.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from screener.engine.answer_paths import answer_at, as_json
from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Question
from screener.forms.medicines_now import new_row
from screener.forms.page_questions import COMPUTED
from screener.forms.pages import PageForm, medicine_doses
from screener.forms.wording import as_asked


def question_by_path(protocol: Protocol, path: str, answers: Answers) -> Question | None:
    """Return a question as it is asked, with its path as its id; None where there is none.

    A column names its medicine, and a question its stem, since each stands alone.
    """
    id, *cell = path.split(".")
    question = protocol.questions.get(id)
    if question is None or id in COMPUTED:
        return None
    if not cell:
        asked = as_asked(question, answers)
        return _renamed(asked, path, f"{asked.stem} {asked.text}".strip())
    medicine = medicine_of(protocol, path)
    columns = {column.id: column for column in question.columns}
    if medicine is None or cell[1] not in columns:
        return None
    row: Any = answer_at(answers, f"{id}.{medicine.id}") or {}
    asked = as_asked(columns[cell[1]], row, medicine)
    return _renamed(asked, path, f"{medicine.name}: {asked.text}")


def medicine_of(protocol: Protocol, path: str) -> Medicine | None:
    """Return the medicine of which a path asks a column; None for any other path."""
    id, *cell = path.split(".")
    is_cell = len(cell) == 2 and id == protocol.table.id
    return protocol.medicines.get(cell[0]) if is_cell else None


def form_by_path(protocol: Protocol, paths: Iterable[str], answers: Answers) -> PageForm:
    """Return an empty form with the questions at these paths, in their order."""
    every = (question_by_path(protocol, path, answers) for path in dict.fromkeys(paths))
    form = PageForm(protocol, [question for question in every if question is not None])
    for field in form.fields:
        medicine = medicine_of(protocol, field.name)
        if medicine is not None:
            field.small = True
            if field.unit == medicine.unit:
                field.picks = medicine_doses(medicine)
    form.process(MultiDict())
    return form


def read_by_path(protocol: Protocol, form: PageForm, answers: Answers) -> dict[str, Any]:
    """Return what a form took, as the store keeps it, by path.

    The medicines that were ticked are rows; what is known of each comes from other paths.
    """
    read: dict[str, Any] = {}
    for path, raw in form.values().items():
        id, *cell = path.split(".")
        nested: Any = raw
        if cell:
            nested = {cell[0]: {cell[1]: raw}}
        elif id == protocol.table.id:
            rows = (row for row in raw if row != "none")
            nested = {row: new_row(protocol, answers, row) for row in rows}
        read[path] = answer_at(as_json(protocol.read_answers({id: nested})), path)
    return read


def values_by_path(protocol: Protocol, values: Mapping[str, Any]) -> Answers:
    """Return stored values of whole questions, by path, as the rules read them."""
    return protocol.read_answers({path: value for path, value in values.items() if "." not in path})


def _renamed(question: Question, path: str, text: str) -> Question:
    # Not by `model_copy`, which would keep what the question worked out under its own id.
    return Question.model_construct(**(dict(question) | {"id": path, "text": text}))
