"""Which names an expression uses: to cross-check it, and to order what depends on what."""

from dataclasses import dataclass, field

from screener.engine import expressions as ex


@dataclass
class Names:
    """What stands in one expression, without following scores and rules into their own."""

    questions: set[str] = field(default_factory=set)
    scores: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    row_conditions: set[str] = field(default_factory=set)
    uses_rows: bool = False
    comparisons: list[ex.Comparison] = field(default_factory=list)


def names_in(node: ex.Boolean | ex.Number) -> Names:
    """All names below `node`."""
    names = Names()
    _visit(node, names)
    return names


def _visit(node: ex.Boolean | ex.Number, names: Names) -> None:
    match node:
        case ex.Comparison(_, left, right):
            names.comparisons.append(node)
            _visit(left, names)
            _visit(right, names)
        case ex.Sum(parts) | ex.Lowest(parts) | ex.Highest(parts):
            for number in parts:
                _visit(number, names)
        case ex.AtLeastOf(_, conditions):
            for condition in conditions:
                _visit(condition, names)
        case ex.Negation(part):
            _visit(part, names)
        case ex.AnswerValue(id) | ex.CountOptions(id) | ex.CountGroups(id) | ex.Chosen(id):
            names.questions.add(id)
        case ex.Includes(id):
            names.questions.add(id)
        case ex.ScoreOf(id):
            names.scores.add(id)
        case ex.RuleMet(id):
            names.rules.add(id)
        case ex.RowMet(id):
            names.row_conditions.add(id)
        case ex.CountRows(table, _, conditions_on_rows):
            names.questions.add(table)
            names.row_conditions.update(conditions_on_rows)
            names.uses_rows = True
        case ex.Column(id) | ex.ColumnChosen(id):
            names.columns.add(id)
        case ex.AdequateTrial():
            names.uses_rows = True
        case ex.Const():
            pass
