"""The fast path: one Python function a protocol, made from its lowered terms.

It gives the same outcomes, scores and priority as the terms themselves, some hundred times as fast.
`compiled(protocol).source` is what it runs; `function.py` says how it is put together.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from screener.engine import protocol as rulebook
from screener.engine.codegen.function import FunctionSource
from screener.engine.questions import Answer
from screener.engine.terms.plan import Plan, lower
from screener.engine.terms.reading import Outcome


class Outcomes(NamedTuple):
    """What the rules give: outcomes of every rule, the priority, and the scores.

    For a person under age every rule but the age gate is unknown, and there are no scores. `ends`
    are the scores' lows and highs one after the other, of the scores with the ids `scored`.
    """

    outcomes: dict[str, Outcome]
    priority: str
    ends: tuple[int, ...]
    scored: tuple[str, ...]

    @property
    def scores(self) -> dict[str, tuple[int, int]]:
        """The (lowest, highest) of each score; put together when it is needed."""
        spans = zip(self.ends[::2], self.ends[1::2], strict=True)
        return dict(zip(self.scored, spans, strict=True))


class Compiled(Protocol):
    """The function of one protocol, with its source for reading."""

    source: str

    def __call__(self, answers: Mapping[str, Answer], submitted: bool = False) -> Outcomes:
        """Screen one person's answers as typed by `Protocol.read_answers`, not resolved.

        `submitted`: the form was sent, so that every question counts as reached.
        """


def compiled(protocol: rulebook.Protocol) -> Compiled:
    """Return the function of a protocol; it is made once and kept with the protocol."""
    # A protocol does not change, and holds mappings, so that it cannot be the key of a cache.
    kept = vars(protocol)
    if "_compiled" not in kept:
        kept["_compiled"] = made_from(lower(protocol))
    function: Compiled = kept["_compiled"]
    return function


def compiled_rule(protocol: rulebook.Protocol, rule: str) -> Compiled:
    """Return a function that works out one rule and the age gate, and calls all others not met.

    Explanations try a rule with hundreds of other answers. It is made once, as `compiled` is.
    """
    kept: dict[str, Compiled] = vars(protocol).setdefault("_compiled_rules", {})
    if rule not in kept:
        plan = lower(protocol)
        rules = {id: plan.rules[id] for id in (plan.gate, rule) if id is not None}
        kept[rule] = made_from(replace(plan, scores={}, rules=rules))
    return kept[rule]


def made_from(plan: Plan) -> Compiled:
    """Return the function of lowered terms."""
    made = FunctionSource(plan)
    space: dict[str, Any] = {**made.constants, "Outcomes": Outcomes, "new": tuple.__new__}
    # The text is printed from typed terms alone. Ids in it are letters, digits and underscores.
    code = compile(made.source, f"<compiled {plan.protocol.id}>", "exec")
    exec(code, space)  # noqa: S102
    function: Compiled = space["screened"]
    function.source = made.source
    return function
