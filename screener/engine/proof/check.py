"""One statement to prove: somebody exists for whom a term holds, or nobody does."""

from dataclasses import dataclass
from typing import Literal, get_args

from screener.engine.terms import terms as t

Sort = Literal["rule", "clause", "overlap", "row", "question", "invariant"]

SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True)
class Check:
    """One statement: `term` holds for somebody (`possible`), or for nobody.

    `says` is the statement; `otherwise` what is wrong where it fails. With `two` the term is about
    two people. `assumed` is the part of the term that says that every row is answered, if it does.
    """

    sort: Sort
    subject: str
    term: t.Bool
    says: str
    otherwise: str
    possible: bool = True
    two: bool = False
    assumed: t.Bool | None = None
