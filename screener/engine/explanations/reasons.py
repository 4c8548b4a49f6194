"""reasons(screening, rule) -> Reasons: why, how near, what would settle or flip it.

`evidence.py` shows the whole tree of a rule. This says what a person needs of it: which answers
are enough, what is missing, and what a single other answer would change.
"""

from dataclasses import dataclass

from screener.engine.explanations.counterfactual import Flip, flips
from screener.engine.explanations.near_miss import Near, near
from screener.engine.explanations.resolving import MOST_COMPLETIONS, Exact, Settle, exact, settles
from screener.engine.explanations.sufficient_reason import Sufficient, sufficient
from screener.engine.explanations.what_if import WhatIf
from screener.engine.screen import Outcome, Screening


@dataclass(frozen=True)
class Reasons:
    """Why one rule came out as it did for one person.

    `sufficient` for met and not met; `settles` and `exact` where it cannot tell; `flips` for
    met and not met; `near` for not met and where it cannot tell. `evaluated` is false for a
    person under age, of whom nothing but the age was looked at: then nothing else is said.
    """

    rule: str
    outcome: Outcome
    evaluated: bool
    sufficient: Sufficient | None = None
    settles: tuple[Settle, ...] = ()
    flips: tuple[Flip, ...] = ()
    exact: Exact | None = None
    near: tuple[Near, ...] = ()


def reasons(
    screening: Screening, rule: str, *, tries: int = 1500, completions: int = MOST_COMPLETIONS
) -> Reasons:
    """Return the reasons of one rule.

    `tries` bounds the search for smallest sets, `completions` how many ways of filling in the
    missing answers are tried. Takes some milliseconds, a tenth of a second for the rules that
    read most. Raise KeyError for an unknown rule.
    """
    what_if = WhatIf(screening, rule)
    if screening.ineligible and what_if.outcome == "unknown":
        return Reasons(rule, what_if.outcome, evaluated=False)
    settling = settles(what_if, tries * 3)
    return Reasons(
        rule,
        what_if.outcome,
        evaluated=True,
        sufficient=sufficient(what_if, tries),
        settles=settling,
        flips=flips(what_if),
        exact=exact(what_if, settling, completions),
        near=near(what_if),
    )
