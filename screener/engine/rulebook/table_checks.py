"""What must hold of the table of medicines: what is taken now, kinds, marks and conditions."""

from collections.abc import Mapping
from typing import Any

from screener.engine import expressions as ex
from screener.engine.protocol import RowCondition
from screener.engine.questions import Question
from screener.engine.rulebook.files import Files, Item
from screener.engine.rulebook.written import ProtocolSource
from screener.engine.yaml_text import KeyPath


def check_takes_now(source: ProtocolSource, files: Files) -> None:
    """Refuse a list that is none, and rows that are not looked at for every medicine."""
    if now := source.takes_now:
        lists = [id for id, item in source.questions.items() if item.value.kind == "choices"]
        rows = [id for id, item in source.rows.items() if item.value.use == "any"]
        files.check_names(now, ("ticked",), (now.value.ticked,), lists, "list of ticks")
        what = "condition on rows with use: any"
        files.check_names(now, ("rows",), (now.value.rows,), rows, what)


def check_medicines(
    source: ProtocolSource, questions: Mapping[str, Question], files: Files
) -> None:
    """Refuse kinds and marks of medicines that no question knows, and marks that none has."""
    tables = [question for question in questions.values() if question.kind == "table"]
    asked_of = {column.asked_of: table.id for table in tables for column in table.columns}
    marks = asked_of.keys() - {""}
    ticked = source.takes_now and questions.get(source.takes_now.value.ticked)
    for item in source.medicines.values():
        files.check_names(item, ("marks",), item.value.marks, marks, "mark of a column (asked_of)")
        if ticked:
            kinds = [o.id for o in ticked.options if o.id != "none" and o.counts_as is None]
            files.check_names(item, ("kinds",), item.value.kinds, kinds, f"kind in {ticked.id}")
    used = {mark for item in source.medicines.values() for mark in item.value.marks}
    for mark in sorted(marks - used):
        table = source.questions[asked_of[mark]]
        files.refuse(table, ("columns",), f"no medicine has the mark {mark}")


def check_conditions_on_rows(
    source: ProtocolSource, rows: Mapping[str, RowCondition], table: Question, files: Files
) -> None:
    """Refuse in conditions on rows, and of columns, what has no meaning for their use."""
    for id, row in rows.items():
        _check_use(
            source, source.rows[id], ("when",), row.condition.expression, row.use, table, files
        )
    item = source.questions[table.id]
    written = [column.id for column in item.value.columns]
    order = [column.id for column in table.columns]
    for place, column in enumerate(table.columns):
        if column.asked_when is None:
            continue
        condition, path = (
            column.asked_when.expression,
            ("columns", written.index(column.id), "asked_when"),
        )
        _check_use(source, item, path, condition, "any", table, files)
        for id in order[place:]:
            if id in _columns_below(condition, rows):
                files.refuse(item, path, f"{id} is not asked before {column.id}")


def _check_use(
    source: ProtocolSource,
    item: Item[Any],
    path: KeyPath,
    condition: ex.Boolean,
    use: str,
    table: Question,
    files: Files,
) -> None:
    names = ex.names_in(condition)
    for id in sorted(names.row_conditions):
        if source.rows[id].value.use not in (use, "any"):
            files.refuse(item, path, f"{id} is about another use than {use}")
    if use != "any":
        return
    for node in ex.walk(condition):
        if isinstance(node, ex.MedicineNumber) and node.what in ("dose", "weeks"):
            message = f"adequate_{node.what} differs by use; a condition for any use has none"
            files.refuse(item, path, message)
    for id in sorted(names.columns):
        if table.column(id).asked_of:
            message = f"a blank {id} may stand for the use; a condition for any use cannot read it"
            files.refuse(item, path, message)


def _columns_below(condition: ex.Boolean, rows: Mapping[str, RowCondition]) -> set[str]:
    """Return the columns that a condition reads, also by way of conditions on rows."""
    names = ex.names_in(condition)
    named = (rows[id].condition.expression for id in names.row_conditions if id in rows)
    return names.columns.union(*(_columns_below(part, rows) for part in named))
