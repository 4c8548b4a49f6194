"""Terms with some answers put in and the others left open, as a page to fill in needs them."""

from collections.abc import Container

from screener.engine.terms import terms as t
from screener.engine.terms.values import Values


def put_in(condition: t.Bool, values: Values, left_open: Container[str]) -> t.Bool | None:
    """Return a condition on the answers `left_open` (by path) alone; every other one is put in.

    Return None where it counts rows of the table: their conditions are on other rows than the one
    at hand.
    """
    if any(isinstance(term, t.Distinct) for term in t.walk(condition)):
        return None

    def leaf(term: t.Term) -> t.Term:
        if getattr(term, "path", None) in left_open:
            return term
        value = values.of(term)
        return t.truth(value) if isinstance(value, bool) else t.whole(value)

    rest = t.rebuilt(condition, leaf, {})
    return rest  # type: ignore[return-value]  # a condition stays one
