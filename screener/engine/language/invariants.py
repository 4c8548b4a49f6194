"""Invariants: what must hold for all possible answers, written beside the rules and proved.

A claim is certain or it does not hold: `phq9 >= 10` is true where that is so whatever the blanks
are. What it says of a question is about the answer as it was given, before anything stands for a
blank; `is blank` says that none was given that counts. So claims are two-valued, unlike rules.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from pydantic import Field, model_validator

from screener.engine import expressions as ex
from screener.engine.field_types import Id, Model, Several, Sourced
from screener.engine.language.parser import LeafError, Scope, check_name, parse
from screener.engine.priorities import PRIORITIES, PriorityName
from screener.engine.problems import did_you_mean
from screener.engine.yaml_text import KeyPath

_FORMS = {
    "then": ("when", "then"),
    "keeps": ("change", "keeps"),
    "never_lowers": ("when", "worse", "tick", "never_lowers"),
    "safety": ("safety",),
    "bands": ("bands",),
    "shown": ("shown",),
}
_KINDS = ("all", "any", "none")


class Invariant(Sourced):
    """One statement about all answers, in a sentence (`says`) and in one of these forms.

    - `when`, `then`: whoever fits `when` fits `then`
    - `change`, `keeps`: whatever else is answered to these questions, these stay as they are
    - `worse` or `tick`, `never_lowers`: one answer of an item moved to the right in its list, or
      one more option ticked, never lowers these scores or the priority, of whoever fits `when`
    - `safety`: a rule of these priorities that is met gives the submission at least its priority
    - `bands`: the bands of these scores cover their range, without a gap or an overlap
    - `shown`: two people with the same answers to these questions are shown the same, topics and
      sentences on what they reported, whatever else they answered
    """

    id: Id
    says: str
    when: Any = None
    then: Any = None
    change: Several = ()
    keeps: Several = ()
    worse: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    tick: Several = ()
    never_lowers: Several = ()
    safety: tuple[PriorityName, ...] = ()
    bands: Several = ()
    shown: Several = ()

    @property
    def form(self) -> str:
        """Return which of the forms it has."""
        return next(form for form in _FORMS if getattr(self, form))

    @model_validator(mode="after")
    def _one_form(self) -> "Invariant":
        forms = [form for form in _FORMS if getattr(self, form)]
        if len(forms) != 1:
            given = " and ".join(forms) or "none of them"
            raise ValueError(f"one of {', '.join(_FORMS)} is expected, found {given}")
        keys = {key for others in _FORMS.values() for key in others}
        for key in sorted(keys - set(_FORMS[forms[0]])):
            if getattr(self, key):
                raise ValueError(f"{key} has no meaning beside {forms[0]}")
        if forms[0] == "keeps" and not self.change:
            raise ValueError("keeps needs change: the questions that are answered otherwise")
        if forms[0] == "never_lowers" and not (self.worse or self.tick):
            raise ValueError("never_lowers needs worse or tick: what gets worse")
        return self


class DeclaredOverlap(Model):
    """An overlap of rules that is meant, with the reason; the prover reports all others.

    - `equal`: rules that are met for the same people
    - `shadowed`, `by`: a rule that is only met where others of its priority or a higher one are
    - `spare`, `clause`: a clause of a rule that changes nothing, kept for whoever reads it
    """

    id: Id
    equal: Several = ()
    shadowed: str = ""
    by: Several = ()
    spare: str = ""
    clause: str = ""
    because: str

    @model_validator(mode="after")
    def _one_form(self) -> "DeclaredOverlap":
        forms = [bool(self.equal), bool(self.shadowed), bool(self.spare)]
        if sum(forms) != 1 or bool(self.by) != bool(self.shadowed):
            raise ValueError("one of equal, shadowed with by, and spare with clause is expected")
        if bool(self.clause) != bool(self.spare):
            raise ValueError("spare and clause go together")
        return self

    @property
    def rules(self) -> tuple[str, ...]:
        """Return every rule that it names."""
        return (*self.equal, *self.by, *filter(None, (self.shadowed, self.spare)))


# --- claims --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Combined:
    """All, any or none of the parts hold."""

    kind: str
    parts: tuple["Claim", ...]


@dataclass(frozen=True)
class Certain:
    """A condition of the rule language certainly holds."""

    expression: ex.Boolean


@dataclass(frozen=True)
class IsBlank:
    """No answer was given to a question, or none that counts."""

    question: str


@dataclass(frozen=True)
class ComesOut:
    """A rule comes out as met, not_met or unknown."""

    rule: str
    outcome: str


@dataclass(frozen=True)
class HasPriority:
    """The submission has this priority, or (`at_least`) this or a higher one."""

    priority: str
    at_least: bool


@dataclass(frozen=True)
class TopicChosen:
    """A page of education is chosen."""

    topic: str


@dataclass(frozen=True)
class OnlyDecided:
    """Every rule but this one is unknown."""

    rule: str


@dataclass(frozen=True)
class AllAnswered:
    """Every question that is asked has an answer that counts, in every row of the table."""


@dataclass(frozen=True)
class AllDecided:
    """No rule is unknown."""


@dataclass(frozen=True)
class FormSent:
    """The person sent the form."""


@dataclass(frozen=True)
class NoneUnknown:
    """No rule of this priority or a higher one cannot tell, but those named."""

    priority: str
    excepted: tuple[str, ...]


Claim = (
    Combined
    | Certain
    | IsBlank
    | ComesOut
    | HasPriority
    | TopicChosen
    | OnlyDecided
    | AllAnswered
    | AllDecided
    | FormSent
    | NoneUnknown
)


@dataclass(frozen=True)
class CompiledInvariant:
    """An invariant with its claims read. `when` is None where it speaks of everybody."""

    text: Invariant
    when: Claim | None
    then: Claim | None


@dataclass(frozen=True)
class ClaimReader:
    """Reads the claims of one document; faults go to `refuse` with their path."""

    scope: Scope
    topics: Collection[str]
    refuse: Callable[[KeyPath, str, int], None]

    def read(self, raw: Any, path: KeyPath) -> Claim | None:
        """Return the claim at `path`, or None where it has been reported as faulty."""
        if isinstance(raw, str):
            return self.leaf(raw, path)
        kind, parts = "all", raw
        if not isinstance(raw, list):
            if not isinstance(raw, dict) or len(raw) != 1:
                self.refuse(path, "one of all, any and none is expected here", 0)
                return None
            [(kind, parts)] = raw.items()
            path = (*path, kind)
        if kind not in _KINDS:
            hint = did_you_mean(kind, _KINDS)
            self.refuse(path, f"the key {kind} has no meaning here{hint}", 0)
            return None
        if not isinstance(parts, list) or not parts:
            self.refuse(path, f"{kind} needs a list of claims", 0)
            return None
        claims = [self.read(part, (*path, i)) for i, part in enumerate(parts)]
        sound = tuple(claim for claim in claims if claim is not None)
        return Combined(kind, sound) if len(sound) == len(claims) else None

    def leaf(self, text: str, path: KeyPath) -> Claim | None:
        names: dict[str, Collection[str]] = {
            "question": self.scope.questions,
            "rule": self.scope.rules,
            "topic": self.topics,
            "priority": PRIORITIES,
        }
        try:
            for pattern, make in _LEAVES:
                match = re.fullmatch(pattern, text)
                if match is not None:
                    for key in match.groupdict():
                        for name in re.finditer(r"[\w-]+", match[key] or ""):
                            place = match.start(key) + name.start()
                            check_name(name[0], names[key], key, place)
                    return make(*match.groups())
            return Certain(self.condition(text))
        except LeafError as error:
            self.refuse(path, f"{text}: {error.message}", error.offset)
            return None

    def condition(self, text: str) -> ex.Boolean:
        try:
            return parse(text, self.scope)
        except LeafError as error:
            if not (hint := did_you_mean(text, _FORMS_OF_CLAIMS)):
                raise
            raise LeafError(f"is no claim{hint}", error.offset) from None


# What a claim that is no condition may have been meant to be.
_FORMS_OF_CLAIMS = (
    "form was sent",
    "every question is answered",
    "every rule is decided",
    "priority is at least PRIORITY",
    "topic TOPIC is chosen",
    "no rule but RULE is decided",
    "no rule of priority PRIORITY or higher is unknown but (RULE, RULE)",
)
_LEAVES: tuple[tuple[str, Callable[..., Claim]], ...] = (
    (r"(?P<question>\w+) is blank", IsBlank),
    (r"(?P<rule>\w+) is (met|unknown)", ComesOut),
    (r"(?P<rule>\w+) is not met", lambda rule: ComesOut(rule, "not_met")),
    (r"priority is (?P<priority>\w+)", lambda name: HasPriority(name, at_least=False)),
    (r"priority is at least (?P<priority>\w+)", lambda name: HasPriority(name, at_least=True)),
    (r"topic (?P<topic>[\w-]+) is chosen", TopicChosen),
    (r"no rule but (?P<rule>\w+) is decided", OnlyDecided),
    (r"every question is answered", AllAnswered),
    (r"every rule is decided", AllDecided),
    (r"form was sent", FormSent),
    (
        r"no rule of priority (?P<priority>\w+) or higher is unknown"
        r"(?: but \((?P<rule>[\w, ]+)\))?",
        lambda priority, rules: NoneUnknown(priority, tuple(re.findall(r"\w+", rules or ""))),
    ),
)
