"""Answers by their paths: read an answer, or put another in its place.

A path names an answer: `phq9_9`, `medicines_tried` (which medicines were ticked), or one cell of
a row, `medicines_tried.sertraline.weeks`; `medicines_tried.sertraline` is the row as a whole.
"""

from screener.engine.questions import Answer, Answers, Row


def answer_at(answers: Answers, path: str) -> Answer | Row | None:
    """Return the answer at a path; a row for the path of a row; None where there is none."""
    id, *rest = path.split(".")
    answer = answers.get(id)
    if not rest or answer is None:
        return answer
    assert isinstance(answer, dict)
    row = answer.get(rest[0])
    return row if row is None or len(rest) == 1 else row.get(rest[1])


def with_answer(answers: Answers, path: str, value: Answer | None) -> Answers:
    """Return a copy with another answer at a path; None takes it out (a row: it was not taken)."""
    id, *rest = path.split(".")
    changed = dict(answers)
    if not rest:
        changed.pop(id, None)
        if value is not None:
            changed[id] = value
        return changed
    before = answers.get(id, {})
    assert isinstance(before, dict)
    rows = {row: dict(cells) for row, cells in before.items()}
    if len(rest) == 1:
        rows.pop(rest[0], None)
    else:
        assert value is None or isinstance(value, int | str) or hasattr(value, "as_tuple")
        cells = rows.setdefault(rest[0], {})
        cells.pop(rest[1], None)
        if value is not None:
            cells[rest[1]] = value  # type: ignore[assignment]
    changed[id] = rows
    return changed
