"""Single changed answers that would turn met into not met, or not met into met."""

from collections.abc import Iterator
from dataclasses import dataclass

from screener.engine.answer_paths import answer_at, with_answer
from screener.engine.explanations.equivalence_classes import Values
from screener.engine.explanations.pivotal import Pivots
from screener.engine.explanations.what_if import Clause, OneRule
from screener.engine.questions import Answer, Row
from screener.engine.screen import Outcome


@dataclass(frozen=True)
class Flip:
    """One answer changed, all others left as they are, and the outcome that this gives.

    `old` is None for a blank that is filled in. `new` is None where a treatment is taken out of
    the table: it was not taken. `clauses` are those that come out otherwise.
    """

    path: str
    old: Answer | Row | None
    new: Answer | None
    outcome: Outcome
    clauses: tuple[Clause, ...]


def flips(one: OneRule) -> tuple[Flip, ...]:
    """The single changes that flip a rule which is met or not met, in the form's order.

    Of a number, and of points, the nearest value on either side; of other answers every value;
    of a list one tick more or less; of the treatment table one cell changed or one row taken
    out. For a rule about blanks that is met, one blank filled in. To add a treatment takes
    several answers, so that it is no single change. None where it cannot be told.
    """
    return tuple(each_flip(one))


def each_flip(one: OneRule) -> Iterator[Flip]:
    """The same, one after the other, so that a caller can stop at the first."""
    if one.outcome == "unknown":
        return
    values = Values(one)
    if not one.plain and one.outcome == "met":
        yield from _filled(one, values)
        return
    wanted: Outcome = "not_met" if one.outcome == "met" else "met"
    facts = one.screening.facts
    pivotal = one.reads.questions
    if one.plain:
        pivotal = Pivots(one, facts).of(one.roots[0], wanted == "met")
    for path in _changeable(one):
        if path.split(".")[0] not in pivotal:
            continue
        old = answer_at(one.counted, path)
        assert old is not None
        yield from _of_one(one, values, path, old, wanted)


def _changeable(one: OneRule) -> list[str]:
    """The paths that can be changed; each row also as a whole, after its cells."""
    paths: list[str] = []
    for id, answer in one.counted.items():
        if not isinstance(answer, dict):
            paths.append(id)
            continue
        cells = [path for path in one.given() if path.startswith(f"{id}.")]
        for row in answer:
            at = f"{id}.{row}"
            paths += [*(path for path in cells if path.startswith(f"{at}.")), at]
    return paths


def _of_one(
    one: OneRule, values: Values, path: str, old: Answer | Row, wanted: Outcome
) -> Iterator[Flip]:
    sides: set[bool] = set()
    if isinstance(old, dict):
        tries: list[Answer | None] = [None]
    else:
        tries = list(values.nearby(path, old))
    for new in tries:
        side = _side(one, path, old, new)
        if side in sides:
            continue
        changed = with_answer(one.answers, path, new)
        if one.outcome_of(changed) == wanted:
            if side is not None:
                sides.add(side)
            clauses = one.changed(one.screening.facts, one.facts_of(changed)) if one.plain else ()
            yield Flip(path, old, new, wanted, clauses)


def _side(one: OneRule, path: str, old: Answer | Row, new: Answer | None) -> bool | None:
    """On which side of the old number the new one lies; None where there are no sides."""
    id, *rest = path.split(".")
    question = one.protocol.questions[id]
    if len(rest) == 2:
        question = question.column(rest[1])
    if question.kind == "number":
        return new > old  # type: ignore[operator]
    if question.kind == "choice" and question.has_points:
        return question.points(str(new)) > question.points(str(old))
    return None


def _filled(one: OneRule, values: Values) -> Iterator[Flip]:
    """Blanks that alone keep a rule about blanks met; any answer that settles it will do."""
    for path in one.open_paths():
        for new in values.classes(path) or ():
            if one.outcome_of(with_answer(one.answers, path, new)) == "not_met":
                yield Flip(path, None, new, "not_met", ())
                break
