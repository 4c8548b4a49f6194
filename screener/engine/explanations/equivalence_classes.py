"""The values of an answer that a rule tells apart: one for each equivalence class.

Two weeks or three are the same to a rule that asks for six. So a number is tried at its
thresholds and between them, a list of ticks once for each way the rule can count it.
"""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from screener.engine import expressions as ex
from screener.engine.explanations.dependencies import dependencies
from screener.engine.explanations.what_if import WhatIf
from screener.engine.medicines import Medicine
from screener.engine.questions import Answer, Question, Row, Scalar
from screener.engine.terms.reading import Bound, Reading
from screener.engine.terms.values import RowAt

WIDEST = 64  # numbers that are added up are tried one by one, if there are not more
MOST_STATES = 4000
_Flags = tuple[object, ...]
_OnTicks = ex.Includes | ex.CountOptions | ex.CountGroups


@dataclass
class EquivalenceClasses:
    """The values that one rule tells apart, by path."""

    what_if: WhatIf

    def __post_init__(self) -> None:
        self.protocol = self.what_if.protocol
        self._classes: dict[str, tuple[Answer, ...] | None] = {}
        self._cuts: dict[str, set[int]] = {}
        self._adequate: set[tuple[str, str]] = set()
        self._one_by_one: set[str] = set()
        for node in self.what_if.reads.nodes:
            self._note(node)
        for score in self.protocol.scores.values():
            self._note_parts(score.value)

    def _note(self, node: ex.Expression) -> None:
        if isinstance(node, ex.Comparison):
            self._cut(node.left, node.right)
            self._cut(node.right, node.left)
        elif isinstance(node, ex.Number):
            self._note_parts(*ex.children(node))

    def _note_parts(self, *parts: ex.Expression) -> None:
        """Note answers that are reckoned with: each of their values is a class of its own."""
        self._one_by_one |= {part.question for part in parts if isinstance(part, ex.AnswerValue)}

    def _cut(self, side: ex.Number, other: ex.Number) -> None:
        if not isinstance(side, ex.AnswerValue | ex.Column):
            return
        id = side.question if isinstance(side, ex.AnswerValue) else side.column
        match other:
            case ex.Const(value):
                self._cuts.setdefault(id, set()).add(value)
            case ex.MedicineNumber(what):
                self._adequate.add((id, what))
            case _:
                self._one_by_one.add(id)

    # --- all that matter ---------------------------------------------------------------------

    def of(self, path: str) -> tuple[Answer, ...] | None:
        """Return one value of each class; None where they are too many.

        Every value that the answer can take comes out like one of these, whatever else is known.
        """
        if path not in self._classes:
            self._classes[path] = self._values(path)
        return self._classes[path]

    def _values(self, path: str) -> tuple[Answer, ...] | None:
        question, medicine = self._at(path)
        match question.kind:
            case "choice":
                return tuple(o.id for o in question.options if o.counts_as is None)
            case "choices":
                return self._ticks(question)
            case "number":
                return self._numbers(question, medicine)
        return None

    def _at(self, path: str) -> tuple[Question, Medicine | None]:
        id, *rest = path.split(".")
        question = self.protocol.questions[id]
        if len(rest) < 2:
            return question, None
        return question.column(rest[1]), self.protocol.medicines[rest[0]]

    def _thresholds(self, question: Question, medicine: Medicine | None) -> list[Bound]:
        thresholds: set[Bound] = set(self._cuts.get(question.id, ()))
        trials = [] if medicine is None else [medicine.mood, medicine.pain]
        for trial in trials:
            if trial is not None and (question.id, "weeks") in self._adequate:
                thresholds.add(trial.weeks)
            if trial is not None and (question.id, "dose") in self._adequate:
                thresholds.add(trial.dose_mg)
                thresholds |= {trial.reduced.dose_mg} if trial.reduced else set()
        low, high = question.reach
        return sorted(threshold for threshold in thresholds if low <= threshold <= high)

    def _numbers(self, question: Question, medicine: Medicine | None) -> tuple[Answer, ...] | None:
        low, high = question.reach
        if question.id in self._one_by_one:
            if question.decimals or high - low > WIDEST:
                return None
            return tuple(range(low, high + 1))
        edges = self._thresholds(question, medicine)
        step = Decimal(1).scaleb(-question.decimals)
        beside = [edge + by for edge in edges for by in (1, -1, step, -step)]
        between: dict[int, Bound] = {}
        for value in [*beside, low, high]:
            if low <= value <= high and value not in edges:
                between.setdefault(bisect(edges, value), value)
        # Thresholds first: as an example they say more than a number beyond them.
        return tuple(_typed(question, value) for value in [*edges, *sorted(between.values())])

    def _ticks(self, question: Question) -> tuple[Answer, ...] | None:
        """Return one set of ticks for each way in which the parts of the rule can count them."""
        nodes = [
            node
            for node in self.what_if.reads.nodes
            if isinstance(node, _OnTicks) and node.question == question.id
        ]

        def flags(*ticked: str) -> _Flags:
            return tuple(_flag(question, node, ticked) for node in nodes)

        options = [o.id for o in question.options if o.id != "none" and o.counts_as is None]
        states: dict[_Flags, tuple[str, ...]] = {flags(): ()}
        spare = next((id for id in options if flags(id) in states), None)
        for id in options:
            for ticked in list(states.values()):
                states.setdefault(flags(*ticked, id), (*ticked, id))
            if len(states) > MOST_STATES:
                return None
        classes: dict[_Flags, Answer] = {}
        if "none" in question.option_ids:
            classes[_counts(flags("none"))] = ("none",)
        for state, ticked in states.items():
            shown = ticked or ((spare,) if spare else ())
            if shown:
                classes.setdefault(_counts(state), shown)
        return tuple(classes.values())

    # --- near to an answer -------------------------------------------------------------------

    def nearby(self, path: str, current: Answer) -> list[Answer]:
        """Return other values, the smallest change first; of a list of ticks one more or less."""
        question, medicine = self._at(path)
        match question.kind:
            case "number":
                low, high = question.reach
                edges = self._thresholds(question, medicine)
                values = {_typed(question, edge + by) for edge in edges for by in (-1, 0, 1)}
                values |= {_typed(question, end) for end in (low, high)}
                others = [n for n in values if low <= n <= high and n != current]  # type: ignore[operator]
                return sorted(others, key=lambda n: (abs(n - current), n))  # type: ignore[operator]
            case "choice":
                ids = [o.id for o in question.options if o.counts_as is None and o.id != current]
                if question.has_points:
                    at = question.points(str(current))
                    ids.sort(key=lambda id: abs(question.points(id) - at))
                return list(ids)
            case "choices":
                assert isinstance(current, tuple)
                return list(_one_tick(question, current))
        return []

    # --- a treatment table that was left blank -----------------------------------------------

    def row_meeting(self, reading: Reading, condition: str, medicine: Medicine) -> Row | None:
        """Return cells with which the row of a medicine meets a condition on rows, or None."""
        row_condition = self.protocol.row_conditions[condition]
        if not medicine.counts_for(row_condition.use):
            return None
        expression = row_condition.condition.expression
        read = ex.names_in(*dependencies(self.protocol, [expression]).nodes).columns
        table = self.protocol.table
        columns = [column.id for column in table.columns if column.id in read]
        each = [self.of(f"{table.id}.{medicine.id}.{column}") or () for column in columns]
        for values in product(*each):
            cells: Row = dict(zip(columns, values, strict=True))  # type: ignore[arg-type]
            if reading.boolean(expression, RowAt(medicine, row_condition.use, cells))[0]:
                return cells
        return None


def _typed(question: Question, number: Bound) -> Scalar:
    return Decimal(number) if question.decimals else int(number)


def _flag(question: Question, node: _OnTicks, ticked: tuple[str, ...]) -> object:
    """Return what a part of a rule reads from some ticks; of groups, which of them are there."""
    match node:
        case ex.Includes(_, options):
            return any(id in ticked for id in options)
        case ex.CountOptions(_, options):
            return sum(id in ticked for id in options)
        case ex.CountGroups(_, label):
            groups = (question.option(id).groups.get(label) for id in ticked)
            return frozenset(group for group in groups if group is not None)


def _counts(flags: _Flags) -> _Flags:
    return tuple(len(flag) if isinstance(flag, frozenset) else flag for flag in flags)


def _one_tick(question: Question, current: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    ticked = tuple(id for id in current if id != "none")
    for id in question.option_ids:
        if id in ticked:
            fewer = tuple(tick for tick in ticked if tick != id)
            if fewer or "none" in question.option_ids:
                yield fewer or ("none",)
        elif id != "none" and question.option(id).counts_as is None:
            yield tuple(tick for tick in question.option_ids if tick in (*ticked, id))
