"""What hangs on one choice alone is looked up: one look gives all of it at once.

The points of an answer at their lowest and highest, whether it is 2 or more, whether it is yes:
each has one value for every option and for a blank, so that they stand in a table by option.

    of_phq9_1_0, of_phq9_1_1, of_phq9_1_2 = CHOSEN_0[a_phq9_1]
"""

from collections.abc import Iterable

from screener.engine.questions import Question
from screener.engine.terms import terms as t

Values = tuple[bool | int, ...]


def on_one_choice(questions: Iterable[Question], *roots: t.Term) -> dict[str, list[t.Term]]:
    """The largest terms that look at one choice and nothing else, by its path.

    Whether there is an answer is left out: it is as quickly seen as looked up.
    """
    choices = {question.id for question in questions if question.kind == "choice"}
    paths: dict[t.Term, frozenset[str]] = {}
    alone: dict[str, dict[t.Term, None]] = {id: {} for id in sorted(choices)}
    every = list(t.walk(*roots))
    for term in every:
        paths[term] = _looks_at(term).union(*(paths[part] for part in t.below(term)))
    parts = [(part, paths[term]) for term in every for part in t.below(term)]
    for term, around in [*parts, *((root, frozenset({""})) for root in roots)]:
        if len(paths[term]) == 1 and around != paths[term]:
            (path,) = paths[term]
            while isinstance(term, t.Not):
                term = term.part
            if path in choices and not isinstance(term, t.IsAnswered):
                alone[path][term] = None
    return {path: list(terms) for path, terms in alone.items()}


def looked_up(question: Question, terms: Iterable[t.Term]) -> dict[str | None, Values]:
    """The values of terms on one choice, for each option and for a blank."""
    return {
        chosen: tuple(_value(term, chosen) for term in terms)
        for chosen in (None, *question.option_ids)
    }


def _looks_at(term: t.Term) -> frozenset[str]:
    match term:
        case t.Submitted() | t.Distinct() | t.Adequate() | t.OfMedicine():
            # No answer of a question, but nothing that is known beforehand either.
            return frozenset({""})
        case t.IsAnswered() | t.Among() | t.Ticked() | t.Points() | t.Amount() | t.Ticks():
            return frozenset({term.path})
    return frozenset()


def _value(term: t.Term, chosen: str | None) -> bool | int:
    def leaf(one: t.Term) -> t.Term:
        match one:
            case t.IsAnswered():
                return t.truth(chosen is not None)
            case t.Among(_, options):
                return t.truth(chosen in options)
            case t.Points(_, points, default):
                return t.whole(default if chosen is None else dict(points).get(chosen, default))
        return one

    found = t.rebuilt(term, leaf, {})
    if isinstance(found, t.Truth):
        return found.value
    # A lowest or highest of numbers that are known stays one, with nowhere else to be.
    assert isinstance(found, t.Int)
    (low, high) = t.reach(found)
    assert low == high
    return low
