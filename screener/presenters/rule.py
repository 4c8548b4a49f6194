"""One rule of one submission, in full: why, what is enough, what would settle or change it."""

from collections.abc import Iterator
from dataclasses import dataclass

from screener.engine.explanations.counterfactual import each_flip
from screener.engine.explanations.evidence import explain
from screener.engine.explanations.near_miss import holds_in_part, near
from screener.engine.explanations.resolving import exact
from screener.engine.explanations.sufficient_reason import sufficient
from screener.engine.explanations.what_if import OneRule
from screener.engine.protocol import Protocol, Rule, Rulebook
from screener.engine.walk import names_in
from screener.presenters.basis import Basis, basis
from screener.presenters.cited import Cited
from screener.presenters.evidence import Clause, clauses
from screener.presenters.people import Person, person
from screener.presenters.reasons import OUTCOMES, Said, enough_short, near_lines, said
from screener.presenters.sources import OwnChoice, Source, choices, sources
from screener.presenters.words import rank
from screener.store import Submission

# A page shows many rules, so that each may cost little: the page of the rule searches further.
_TRIES, _COMPLETIONS = 40, 64


@dataclass(frozen=True)
class Close:
    """A rule that is not met and one answer away from it."""

    id: str
    title: str
    near: tuple[str, ...]


@dataclass(frozen=True)
class RulePage:
    """Everything the page shows. `said` is None where the reasons cannot be worked out."""

    reference: str
    person: Person
    id: str
    title: str
    priority: str
    outcome: str
    outcome_word: str
    staff: str
    rule_set: str
    problems: tuple[str, ...]
    said: Said | None
    evidence: tuple[Clause, ...]
    own_sources: tuple[Source, ...]
    own_choices: tuple[OwnChoice, ...]
    sources: tuple[Source, ...]
    choices: tuple[OwnChoice, ...]


def rule_page(
    rulebook: Rulebook, stored: Submission, rule: str, retired: Rulebook | None = None
) -> RulePage | None:
    """Put the page of one rule together; None where the submission has no such rule."""
    asked = stored.questionnaire
    known = basis(rulebook, asked, retired)
    if rule not in known.outcomes:
        return None
    outcome = known.outcomes[rule]
    written = known.protocol.rules.get(rule) if known.protocol else None
    told, evidence = None, tuple[Clause, ...]()
    if known.screening is not None:
        told = said(known.rulebook, known.screening, rule)
        evidence = clauses(known.rulebook, explain(known.screening, rule))
    own = sources(known.rulebook, written.reference) if written else ()
    chosen = choices(known.rulebook, written.choice) if written else ()
    cited = Cited()
    cited.add(own, chosen)
    cited.clauses(evidence)
    for part in (told.enough, told.settles, told.flips) if told else ():
        cited.lines(part)
    return RulePage(
        reference=asked.reference,
        person=person(asked.identity, known.answers.get("age", asked.answers.get("age"))),
        id=rule,
        title=known.title(rule),
        priority=known.priority(rule),
        outcome=outcome,
        outcome_word=next((word for id, word in OUTCOMES.items() if id == outcome), outcome),
        staff=written.staff if written and outcome == "met" else "",
        rule_set=known.rule_set,
        problems=known.problems,
        said=told,
        evidence=evidence,
        own_sources=own,
        own_choices=chosen,
        sources=cited.sources,
        choices=cited.choices,
    )


def in_brief(known: Basis, rule: str) -> str:
    """One line for the submission's page.

    Of a rule that is met the answers that are enough; of one that cannot tell, whether it is
    certain after all; else nothing.
    """
    if known.screening is None:
        return ""
    one = OneRule(known.screening, rule)
    enough = sufficient(one, _TRIES)
    if enough is not None:
        return enough_short(known.screening, enough) if one.outcome == "met" else ""
    open_ = exact(one, (), _COMPLETIONS)
    certain = open_.certain if open_ is not None else None
    if certain not in ("met", "not_met"):
        return ""
    return (
        f"Every way to answer what is missing was tried: it would be {OUTCOMES[certain]}, "
        "whatever the missing answers are."
    )


def close(known: Basis) -> tuple[Close, ...]:
    """The patterns that are not met although something speaks for them, and one answer away.

    Looked at are the rules for review and those that they stand on; most urgent first.
    """
    screening = known.screening
    if screening is None or known.protocol is None or screening.ineligible:
        return ()
    found = []
    for rule in _patterns(known.protocol):
        if screening.outcomes[rule.id] != "not_met":
            continue
        one = OneRule(screening, rule.id)
        if holds_in_part(one) and next(each_flip(one), None) is not None:
            lines = near_lines(screening, rule.id, near(one))
            found.append(Close(rule.id, rule.title, lines))
    return tuple(found)


def _patterns(protocol: Protocol) -> Iterator[Rule]:
    wanted = {id for id, rule in protocol.rules.items() if rule.priority == "review"}
    waiting = [id for id in wanted if id in protocol.conditions]
    while waiting:
        for part in protocol.conditions[waiting.pop()].walk():
            new = names_in(part.expression).rules - wanted
            wanted |= new
            waiting += new
    rules = [rule for id, rule in protocol.rules.items() if id in wanted and rule.when is not None]
    yield from sorted(rules, key=lambda rule: rank(rule.priority))
