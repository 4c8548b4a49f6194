"""The values of an answer that can make a difference to a rule, and no others.

Two weeks or three are the same to a rule that asks for six. So a number is tried at its
thresholds and between them, a list of ticks once for each way the rule can count it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, product

from screener.engine import expressions as ex
from screener.engine.bounds import Bound, Facts, RowAt
from screener.engine.explanations.dependencies import reads
from screener.engine.explanations.what_if import OneRule
from screener.engine.protocol import Medicine
from screener.engine.questions import Answer, Question, Row, Scalar

WIDEST = 64  # numbers that are added up are tried one by one, if there are not more
MOST_STATES = 4000
_Flags = tuple[object, ...]


@dataclass
class Values:
    """The values that matter to one rule, by path."""

    one: OneRule

    def __post_init__(self) -> None:
        self.protocol = self.one.protocol
        self._known: dict[str, tuple[Answer, ...] | None] = {}
        self._cuts: dict[str, set[int]] = {}
        self._adequate: set[tuple[str, str]] = set()
        self._added: set[str] = set()
        for node in self.one.reads.nodes:
            self._note(node)
        for score in self.protocol.scores.values():
            if isinstance(score.value, ex.AnswerValue):
                self._added.add(score.value.question)

    def _note(self, node: ex.Boolean | ex.Number) -> None:
        match node:
            case ex.Comparison(_, left, right):
                self._cut(left, right)
                self._cut(right, left)
            case ex.Sum(parts) | ex.Lowest(parts) | ex.Highest(parts):
                self._added |= {part.question for part in parts if isinstance(part, ex.AnswerValue)}

    def _cut(self, side: ex.Number, other: ex.Number) -> None:
        if not isinstance(side, ex.AnswerValue | ex.Column):
            return
        id = side.question if isinstance(side, ex.AnswerValue) else side.column
        match other:
            case ex.Const(value):
                self._cuts.setdefault(id, set()).add(value)
            case ex.AdequateTrial(what):
                self._adequate.add((id, what))
            case _:
                self._added.add(id)

    # --- all that matter ---------------------------------------------------------------------

    def classes(self, path: str) -> tuple[Answer, ...] | None:
        """One value of each kind that the rule tells apart; None where they are too many.

        Every value that the answer can take comes out like one of these, whatever else is known.
        """
        if path not in self._known:
            self._known[path] = self._classes(path)
        return self._known[path]

    def _classes(self, path: str) -> tuple[Answer, ...] | None:
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
        found: set[Bound] = set(self._cuts.get(question.id, ()))
        if medicine is not None:
            for use in ("mood", "pain"):
                trial = medicine.trial(use)
                reduced = self.protocol.reduced.get((medicine.id, use))
                if trial is not None and (question.id, "weeks") in self._adequate:
                    found.add(trial.weeks)
                if trial is not None and (question.id, "dose") in self._adequate:
                    found |= {trial.dose_mg} if reduced is None else {trial.dose_mg, reduced[0]}
        low, high = question.reach
        return sorted(one for one in found if low <= one <= high)

    def _numbers(self, question: Question, medicine: Medicine | None) -> tuple[Answer, ...] | None:
        low, high = question.reach
        if question.id in self._added:
            if question.decimals or high - low > WIDEST:
                return None
            return tuple(range(low, high + 1))
        edges = self._thresholds(question, medicine)
        # Thresholds first: as an example they say more than a number beyond them.
        found = list(edges)
        for below, above in pairwise([None, *edges, None]):
            found += _between(question, below, above)
        return tuple(_typed(question, one) for one in found)

    def _ticks(self, question: Question) -> tuple[Answer, ...] | None:
        """One set of ticks for each way in which the rule's parts can count them together."""
        nodes = [
            node
            for node in self.one.reads.nodes
            if isinstance(node, ex.Includes | ex.CountOptions | ex.CountGroups)
            and node.question == question.id
        ]
        options = [o.id for o in question.options if o.id != "none" and o.counts_as is None]
        states: dict[_Flags, tuple[str, ...]] = {_flags(question, nodes, ()): ()}
        spare = next((id for id in options if _flags(question, nodes, (id,)) in states), None)
        for id in options:
            for ticked in list(states.values()):
                more = (*ticked, id)
                states.setdefault(_flags(question, nodes, more), more)
            if len(states) > MOST_STATES:
                return None
        found: dict[_Flags, Answer] = {}
        if "none" in question.option_ids:
            found[_counts(_flags(question, nodes, ("none",)))] = ("none",)
        for flags, ticked in states.items():
            shown = ticked or ((spare,) if spare else ())
            if shown:
                found.setdefault(_counts(flags), shown)
        return tuple(found.values())

    # --- near to an answer -------------------------------------------------------------------

    def nearby(self, path: str, current: Answer) -> list[Answer]:
        """Other values, the smallest change first; of a list of ticks one more or less."""
        question, medicine = self._at(path)
        match question.kind:
            case "number":
                low, high = question.reach
                edges = self._thresholds(question, medicine)
                found = {_typed(question, one + by) for one in edges for by in (-1, 0, 1)}
                found |= {_typed(question, end) for end in (low, high)}
                known = [one for one in found if low <= one <= high and one != current]  # type: ignore[operator]
                return sorted(known, key=lambda one: (abs(one - current), one))  # type: ignore[operator]
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

    def row_meeting(self, facts: Facts, condition: str, medicine: Medicine) -> Row | None:
        """Cells with which the row of a medicine meets a condition on rows, or None."""
        meant = self.protocol.row_conditions[condition]
        if medicine.trial(meant.use) is None:
            return None
        expression = meant.condition.expression
        columns = {
            node.column: None
            for node in reads(self.protocol, [expression]).nodes
            if isinstance(node, ex.Column | ex.ColumnChosen)
        }
        table = self.protocol.table
        each = [self.classes(f"{table.id}.{medicine.id}.{column}") or () for column in columns]
        for values in product(*each):
            cells: Row = dict(zip(columns, values, strict=True))  # type: ignore[arg-type]
            if facts.boolean(expression, RowAt(medicine, meant.use, cells))[0]:
                return {c.id: cells[c.id] for c in table.columns if c.id in cells}
        return None


def _between(question: Question, below: Bound | None, above: Bound | None) -> list[Bound]:
    """A value strictly between two thresholds, or beyond the last; none where there is none."""
    low, high = question.reach
    if below is None and above is None:
        return [low]
    step = Decimal(1).scaleb(-question.decimals)
    if below is None:
        assert above is not None
        return [max(low, above - 1)] if above > low else []
    if above is None:
        return [min(high, below + 1)] if below < high else []
    if below + 1 < above:
        return [below + 1]
    return [below + step] if below + step < above else []


def _typed(question: Question, number: Bound) -> Scalar:
    return Decimal(number) if question.decimals else int(number)


def _flags(
    question: Question,
    nodes: Iterable[ex.Includes | ex.CountOptions | ex.CountGroups],
    ticked: tuple[str, ...],
) -> _Flags:
    return tuple(_flag(question, node, ticked) for node in nodes)


def _flag(
    question: Question,
    node: ex.Includes | ex.CountOptions | ex.CountGroups,
    ticked: tuple[str, ...],
) -> object:
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
            fewer = tuple(one for one in ticked if one != id)
            if fewer or "none" in question.option_ids:
                yield fewer or ("none",)
        elif id != "none" and question.option(id).counts_as is None:
            yield tuple(one for one in question.option_ids if one in (*ticked, id))
