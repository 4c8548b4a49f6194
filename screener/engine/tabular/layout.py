"""The wide layout of answers: one row a person, one column a question or option.

Columns and SQL read the same two tables; docs/population.md describes them. `people` has a column
for every question but `choices`, which have one for each option; `trials` has a row for every
person and medicine tried, with the cells of the treatment table.
"""

from dataclasses import dataclass
from typing import Literal

from screener.engine.protocol import Protocol
from screener.engine.questions import Question

SUBMISSION = "submission"
SUBMITTED = "submitted"
MEDICINE = "medicine"
# In frames alone: the row of the person in the frame of people, counted from 0.
AT = "#at"


@dataclass(frozen=True)
class LayoutColumn:
    """One column: its name, what it holds, and the question (and option) that it is about."""

    name: str
    holds: Literal["truth", "whole", "decimal", "option", "text"]
    question: Question
    option: str = ""


def option_column(path: str, option: str) -> str:
    """The column that says whether an option of a `choices` question is ticked."""
    return f"{path}__{option}"


def people_columns(protocol: Protocol) -> dict[str, LayoutColumn]:
    """The columns of the table of people, by name, without the key and `submitted`.

    Raises ValueError where two would have one name.
    """
    columns: dict[str, LayoutColumn] = {}
    for question in protocol.questions.values():
        for column in _columns_of(question):
            if column.name in columns or column.name in (SUBMISSION, SUBMITTED):
                raise ValueError(f"two columns would be called {column.name}")
            columns[column.name] = column
    return columns


def trial_columns(protocol: Protocol) -> dict[str, LayoutColumn]:
    """The columns of the table of trials, by name, without the key and the medicine.

    A cell that takes several answers is read by no rule, and has none.
    """
    columns = (column for column in protocol.table.columns if column.kind != "choices")
    return {column.id: column_of(column) for column in columns}


def _columns_of(question: Question) -> list[LayoutColumn]:
    if question.kind != "choices":
        return [column_of(question)]
    return [
        LayoutColumn(option_column(question.id, option), "truth", question, option)
        for option in question.option_ids
    ]


def column_of(question: Question) -> LayoutColumn:
    """The column of a question that has one alone, or of a cell of the treatment table."""
    match question.kind:
        case "number":
            return LayoutColumn(question.id, "decimal" if question.decimals else "whole", question)
        case "choice":
            return LayoutColumn(question.id, "option", question)
        case "text":
            return LayoutColumn(question.id, "text", question)
    # A table stands here as one column: whether the person said which rows there are.
    return LayoutColumn(question.id, "truth", question)
