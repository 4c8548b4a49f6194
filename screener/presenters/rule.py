"""One rule of one submission, in full: why, what is enough, what would settle or change it."""

from collections.abc import Iterator
from dataclasses import dataclass

from screener.engine.explanations.counterfactual import each_flip
from screener.engine.explanations.evidence import explain
from screener.engine.explanations.near_miss import is_near_miss, near
from screener.engine.explanations.resolving import exact
from screener.engine.explanations.sufficient_reason import sufficient
from screener.engine.explanations.what_if import WhatIf
from screener.engine.expressions import names_in
from screener.engine.protocol import Protocol, Rule, Rulebook
from screener.presenters.cited import Cited
from screener.presenters.evidence import EvidenceClause, clauses
from screener.presenters.explanation import (
    OUTCOMES,
    RuleExplanation,
    enough_short,
    near_lines,
    rule_explanation,
)
from screener.presenters.judgements import WouldBe, rules_with_judgements
from screener.presenters.people import ContactDetails, person
from screener.presenters.rescreened import Rescreened, rescreen
from screener.presenters.said import read_by
from screener.presenters.sources import OwnChoice, PublishedSource, choices, sources
from screener.presenters.words import rank
from screener.store import Submission

# A submission shows many rules, so each must be quick; the page of one rule searches further.
_TRIES, _COMPLETIONS = 40, 64


@dataclass(frozen=True)
class NearMiss:
    """A rule that is not met and would be with one other answer."""

    id: str
    title: str
    near: tuple[str, ...]


@dataclass(frozen=True)
class RulePage:
    """Everything the page shows. `explanation` is None if the reasons cannot be worked out.

    `rests_on` are the answers that staff took down, of those that the rule reads.
    """

    reference: str
    person: ContactDetails
    id: str
    title: str
    priority: str
    outcome: str
    outcome_word: str
    staff: str
    rule_set: str
    problems: tuple[str, ...]
    explanation: RuleExplanation | None
    would_be: WouldBe | None
    rests_on: tuple[str, ...]
    evidence: tuple[EvidenceClause, ...]
    own_sources: tuple[PublishedSource, ...]
    own_choices: tuple[OwnChoice, ...]
    sources: tuple[PublishedSource, ...]
    choices: tuple[OwnChoice, ...]


def rule_page(
    rulebook: Rulebook, stored: Submission, rule: str, retired: Rulebook | None = None
) -> RulePage | None:
    """Return the page of one rule, or None if the submission has no such rule."""
    form = stored.questionnaire
    rescreened = rescreen(rulebook, form, retired)
    if rule not in rescreened.outcomes:
        return None
    outcome = rescreened.outcomes[rule]
    written = rescreened.protocol.rules.get(rule) if rescreened.protocol else None
    explanation, evidence = None, tuple[EvidenceClause, ...]()
    if rescreened.screening is not None:
        explanation = rule_explanation(rescreened.rulebook, rescreened.screening, rule)
        evidence = clauses(
            rescreened.rulebook, explain(rescreened.screening, rule), rescreened.said
        )
    own = sources(rescreened.rulebook, written.reference) if written else ()
    chosen = choices(rescreened.rulebook, written.choice) if written else ()
    cited = Cited()
    cited.add(own, chosen)
    cited.clauses(evidence)
    if explanation is not None:
        for part in (explanation.enough, explanation.settles, explanation.flips):
            cited.lines(part)
    return RulePage(
        reference=form.reference,
        person=person(form.identity, rescreened.answers.get("age", form.answers.get("age"))),
        id=rule,
        title=rescreened.first_line(rule),
        priority=rescreened.priority(rule),
        outcome=outcome,
        outcome_word=next((word for id, word in OUTCOMES.items() if id == outcome), outcome),
        staff=written.staff if written and outcome == "met" else "",
        rule_set=rescreened.rule_set,
        problems=rescreened.problems,
        explanation=explanation,
        would_be=rules_with_judgements(rescreened.screening, stored).get(rule),
        rests_on=tuple(read_by(rescreened, rule)),
        evidence=evidence,
        own_sources=own,
        own_choices=chosen,
        sources=cited.sources,
        choices=cited.choices,
    )


def enough_for(rescreened: Rescreened, rule: str) -> tuple[str, ...]:
    """Return a smallest set of answers that is enough for a rule to be met, by their paths."""
    if rescreened.screening is None or rescreened.outcomes.get(rule) != "met":
        return ()
    enough = sufficient(WhatIf(rescreened.screening, rule), _TRIES)
    return enough.paths if enough is not None else ()


def in_brief(rescreened: Rescreened, rule: str) -> str:
    """Return one line about a rule for the submission's page.

    For a rule that is met, the answers that are enough; for one that cannot tell, its outcome if
    that is certain after all; otherwise "".
    """
    if rescreened.screening is None:
        return ""
    what_if = WhatIf(rescreened.screening, rule)
    enough = sufficient(what_if, _TRIES)
    if enough is not None:
        return enough_short(rescreened.screening, enough) if what_if.outcome == "met" else ""
    open_ = exact(what_if, (), _COMPLETIONS)
    certain = open_.certain if open_ is not None else None
    if certain not in ("met", "not_met"):
        return ""
    return (
        f"Every way to answer what is missing was tried: it would be {OUTCOMES[certain]}, "
        "whatever the missing answers are."
    )


def near_misses(rescreened: Rescreened) -> tuple[NearMiss, ...]:
    """Return the rules that are near misses: partly true, and met with one other answer.

    Only rules for review and the rules that they refer to are considered, most urgent first.
    """
    screening = rescreened.screening
    if screening is None or rescreened.protocol is None or screening.ineligible:
        return ()
    misses = []
    for rule in _patterns(rescreened.protocol):
        if screening.outcomes[rule.id] != "not_met":
            continue
        what_if = WhatIf(screening, rule.id)
        if is_near_miss(what_if) and next(each_flip(what_if), None) is not None:
            lines = near_lines(screening, rule.id, near(what_if))
            misses.append(NearMiss(rule.id, rule.title, lines))
    return tuple(misses)


def _patterns(protocol: Protocol) -> Iterator[Rule]:
    wanted = {id for id, rule in protocol.rules.items() if rule.priority == "review"}
    waiting = [*wanted]
    while waiting:
        when = protocol.rules[waiting.pop()].when
        new = names_in(when.expression).rules - wanted if when else set()
        wanted |= new
        waiting += new
    rules = [rule for id, rule in protocol.rules.items() if id in wanted and rule.when is not None]
    yield from sorted(rules, key=lambda rule: rank(rule.priority))
