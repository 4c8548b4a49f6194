"""`screener explain`: the reasons for the outcomes of a file of answers, in sentences."""

import argparse
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from screener.commands import common
from screener.engine.documents import AnswerDocument
from screener.engine.explanations.evidence import explain
from screener.engine.plain_text import printable
from screener.engine.problems import did_you_mean
from screener.engine.protocol import Protocol, Rule, Rulebook
from screener.engine.questions import Answers
from screener.engine.screen import Screening, screen
from screener.presenters.evidence import EvidenceClause, clauses
from screener.presenters.explanation import Lines, RuleExplanation, rule_explanation
from screener.presenters.phrases import Phrases
from screener.presenters.sources import OwnChoice, PublishedSource, choices, sources

if TYPE_CHECKING:
    from screener.commands.common import Commands

# A person under age is not screened; nobody is ever called eligible.
_PRIORITIES = {"ineligible": "under age"}
_MARKS = {"met": "met", "not_met": "not met", "unknown": "cannot tell"}


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    command = commands.add_parser("explain", help="explain the outcome of rules in sentences")
    command.add_argument("file", metavar="FILE", help="JSON or YAML; - reads stdin")
    command.add_argument("rule", nargs="?", metavar="RULE", help="only this rule, by its id")
    command.add_argument(
        "--all", action="store_true", help="every rule in full, even those that are not met"
    )
    common.protocol_option(command)
    common.rules_option(command)
    command.set_defaults(run=common.with_protocol(_explain))


def _explain(arguments: argparse.Namespace, rulebook: Rulebook, protocol: Protocol) -> int:
    if arguments.rule is not None and arguments.rule not in protocol.rules:
        hint = did_you_mean(arguments.rule, protocol.rules)
        common.say([f"no rule of {protocol.id} is called {arguments.rule}{hint}"])
        return common.REFUSED
    people, problems = common.people_in(protocol, [arguments.file])
    common.say(problems)
    if problems:
        return common.REFUSED
    common.say_retired(protocol, people)
    for number, (document, answers) in enumerate(people):
        print("\n" * (number > 0), end="")
        for line in _document(rulebook, protocol, document, answers, arguments):
            print(printable(line))
    return 0


def _document(
    rulebook: Rulebook,
    protocol: Protocol,
    document: AnswerDocument,
    answers: Answers,
    arguments: argparse.Namespace,
) -> Iterator[str]:
    screening = screen(protocol, answers, submitted=document.submitted)
    yield f"# {document.case or document.place}"
    yield "For staff. Outcomes of rules on reported answers; a physician decides. Not a diagnosis."
    if arguments.rule is not None or arguments.all:
        rules = list(protocol.rules.values())
        if arguments.rule is not None:
            rules = [protocol.rules[arguments.rule]]
        for rule in rules:
            yield from _rule(rulebook, screening, rule)
        return
    for rule in screening.flags:
        yield from _rule(rulebook, screening, rule)
    if screening.ineligible:
        yield ""
        yield "Nothing else was evaluated: the person is under age."
        return
    yield from _unknown(screening)
    count = sum(outcome == "not_met" for outcome in screening.outcomes.values())
    yield ""
    yield f"{count} {'rule is' if count == 1 else 'rules are'} not met; --all explains them too."


def _unknown(screening: Screening) -> Iterator[str]:
    if not screening.unknown:
        return
    phrases = Phrases(screening.protocol)
    yield ""
    yield f"{len(screening.unknown)} cannot tell yet, which is not a no:"
    for rule in screening.unknown:
        yield f"- {rule.title} ({rule.id}, {_priority(rule)})"
        needed = screening.needed[rule.id]
        names = [phrases.name(path) for path in needed[:3]]
        more = f"; and {len(needed) - 3} more" if len(needed) > 3 else ""
        yield f"    missing: {'; '.join(names)}{more}"


def _priority(rule: Rule) -> str:
    return _PRIORITIES.get(rule.priority, rule.priority)


def _rule(rulebook: Rulebook, screening: Screening, rule: Rule) -> Iterator[str]:
    explanation = rule_explanation(rulebook, screening, rule.id)
    yield ""
    yield f"## {rule.title}"
    yield f"{rule.id}, {_priority(rule)}"
    yield explanation.verdict
    if explanation.exact:
        yield explanation.exact
    yield from _why(rulebook, screening, rule)
    yield from _parts(explanation)


def _why(rulebook: Rulebook, screening: Screening, rule: Rule) -> Iterator[str]:
    yield ""
    yield "Why:"
    seen: set[str] = set()
    for clause in clauses(rulebook, explain(screening, rule.id)):
        yield from _clause(clause, 0, seen)
    whole = _cited(sources(rulebook, rule.reference), choices(rulebook, rule.choice))
    if whole:
        yield f"The rule as a whole{whole}"


def _clause(clause: EvidenceClause, depth: int, seen: set[str]) -> Iterator[str]:
    indent = "  " * depth
    again = clause.folded and clause.words in seen
    above = " (as above)" if again else ""
    yield f"{indent}- {_MARKS[clause.outcome]}: {clause.words}{above}"
    if again:
        return
    if clause.folded:
        seen.add(clause.words)
    about = clause.because + _cited(clause.sources, clause.choices)
    if about:
        yield f"{indent}    {about.strip()}"
    for value in clause.values:
        note = f" ({value.note})" if value.note else ""
        yield f"{indent}    {value.label}: {value.value}{note}"
    for part in clause.parts:
        yield from _clause(part, depth + 1, seen)


def _cited(cited: Iterable[PublishedSource], own: Iterable[OwnChoice]) -> str:
    """Return short citations with their keys, and the clinic's own choices, in brackets."""
    parts = [f"{source.short} [{source.id}]" for source in cited]
    parts += [f"clinic’s own choice {choice.id}" for choice in own]
    return f" ({'; '.join(parts)})" if parts else ""


def _parts(explanation: RuleExplanation) -> Iterator[str]:
    if explanation.near:
        yield from ("", "How near:", *(f"- {line}" for line in explanation.near))
    for lead, groups in (
        (explanation.enough_lead, explanation.enough),
        (explanation.settles_lead, explanation.settles),
        (explanation.flips_lead, explanation.flips),
    ):
        if lead:
            yield from ("", lead)
        for group in groups:
            yield from _group(group)
    if explanation.nothing:
        yield from ("", explanation.nothing)


def _group(group: Lines) -> Iterator[str]:
    for line in group.lines:
        yield f"- {line}"
    for quote in group.quotes:
        because = f" {quote.because}" if quote.because else ""
        yield f"    by: {quote.words}.{because}{_cited(quote.sources, quote.choices)}"
