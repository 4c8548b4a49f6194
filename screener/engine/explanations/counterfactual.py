"""Single changed answers that would turn met into not met, or not met into met."""

from collections.abc import Iterator
from dataclasses import dataclass

from screener.engine.answer_paths import answer_at, with_answer
from screener.engine.explanations.equivalence_classes import EquivalenceClasses
from screener.engine.explanations.what_if import Clause, WhatIf
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


def flips(what_if: WhatIf) -> tuple[Flip, ...]:
    """Return the single changes that flip a rule which is met or not met, in the form's order.

    Of a number, and of points, the nearest value on either side; of other answers every value;
    of a list one tick more or less; of the treatment table one cell changed or one row taken
    out. For a rule about blanks that is met, one blank filled in. To add a treatment takes
    several answers, so that it is no single change. None for a rule that cannot tell.
    """
    return tuple(each_flip(what_if))


def each_flip(what_if: WhatIf) -> Iterator[Flip]:
    """Yield what `flips` returns one by one, so that a caller can stop at the first."""
    if what_if.outcome == "unknown":
        return
    classes = EquivalenceClasses(what_if)
    if not what_if.has_condition and what_if.outcome == "met":
        yield from _filled(what_if, classes)
        return
    wanted: Outcome = "not_met" if what_if.outcome == "met" else "met"
    pivotal = what_if.reads.questions
    if what_if.has_condition:
        pivotal = what_if.pivotal(what_if.roots[0], wanted == "met")
    for path in _changeable(what_if):
        if path.split(".")[0] not in pivotal:
            continue
        old = answer_at(what_if.counted, path)
        assert old is not None
        yield from _flips_of(what_if, classes, path, old, wanted)


def _changeable(what_if: WhatIf) -> list[str]:
    """Return the paths that can be changed; each row also as a whole, after its cells."""
    paths: list[str] = []
    for id, answer in what_if.counted.items():
        if not isinstance(answer, dict):
            paths.append(id)
            continue
        cells = [path for path in what_if.given() if path.startswith(f"{id}.")]
        for row in answer:
            at = f"{id}.{row}"
            paths += [*(path for path in cells if path.startswith(f"{at}.")), at]
    return paths


def _flips_of(
    what_if: WhatIf, classes: EquivalenceClasses, path: str, old: Answer | Row, wanted: Outcome
) -> Iterator[Flip]:
    sides: set[bool] = set()
    for new in [None] if isinstance(old, dict) else classes.nearby(path, old):
        side = _side(what_if, path, old, new)
        if side in sides:
            continue
        changed = with_answer(what_if.answers, path, new)
        if what_if.outcome_of(changed) == wanted:
            if side is not None:
                sides.add(side)
            yield Flip(path, old, new, wanted, what_if.changed_by(changed))


def _side(what_if: WhatIf, path: str, old: Answer | Row, new: Answer | None) -> bool | None:
    """Return on which side of the old number the new value lies; None where there are no sides."""
    id, *rest = path.split(".")
    question = what_if.protocol.questions[id]
    if len(rest) == 2:
        question = question.column(rest[1])
    if question.kind == "number":
        return new > old  # type: ignore[operator]
    if question.kind == "choice" and question.has_points:
        return question.points(str(new)) > question.points(str(old))
    return None


def _filled(what_if: WhatIf, classes: EquivalenceClasses) -> Iterator[Flip]:
    """Yield blanks that alone keep a rule about blanks met, each with an answer that ends it."""
    for path in what_if.open_paths():
        for new in classes.of(path) or ():
            if what_if.outcome_of(with_answer(what_if.answers, path, new)) == "not_met":
                yield Flip(path, None, new, "not_met", ())
                break
