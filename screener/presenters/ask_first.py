"""What to ask first, always: the answers on safety that are missing, declined or do not fit.

They stand here whether or not a rule is open. An emergency that is met is no reason to leave the
other questions about it unasked.
"""

from collections.abc import Iterator, Set
from dataclasses import replace

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Question
from screener.engine.resolve import resolve
from screener.presenters.answers import answer_lines
from screener.presenters.rescreened import Rescreened
from screener.presenters.rule_groups import ToAsk, to_ask

WITH_HELPER = "not answered alone: ask again without the person who helped"
HELPED = ("helped", "other")  # as the form of contact details says who fills it in


def ask_first(rescreened: Rescreened) -> dict[str, ToAsk]:
    """Return, by id and in the form's order, each safety question to ask again, and why."""
    protocol = rescreened.protocol
    if protocol is None:
        return {}
    settles: dict[str, list[str]] = {}
    for rule, paths in rescreened.needed.items():
        for path in paths:
            settles.setdefault(path, []).append(rule)
    return {
        id: replace(to_ask(rescreened, id, settles.get(id, [])), why=why)
        for id, why in _reasons(rescreened, protocol)
    }


def _reasons(rescreened: Rescreened, protocol: Protocol) -> Iterator[tuple[str, str]]:
    # What came after the form was closed is the newest word on it.
    given = {**rescreened.answers, **rescreened.added}
    # They count apart from those on the form, so that only then what is asked is worked out anew.
    resolved = rescreened.worded.resolved if rescreened.worded and not rescreened.added else None
    not_asked = (resolved or resolve(protocol, given)).not_asked
    clashes = _clashes(protocol, given, not_asked)
    unreadable = set(rescreened.questionnaire.answers) - set(given)
    drafts = rescreened.questionnaire.progress.get("drafts") or {}
    overheard = _not_alone(rescreened, protocol)
    typed = {id for fields in drafts.values() for id, values in fields.items() if any(values)}
    phoned = rescreened.phoned
    alone = {id for id, answer in phoned.items() if answer.by == "person"}
    overheard = (overheard - alone) | (phoned.keys() - alone)
    typed -= phoned.keys()
    for id, question in protocol.questions.items():
        if not question.risk:
            if question.private and id in given and id in overheard:
                yield id, WITH_HELPER
        elif id in clashes:
            yield id, clashes[id]
        elif given.get(id) == "declined":
            yield id, "declined"
        elif id in typed:
            yield id, "typed or ticked, and not settled"
        elif id in unreadable:
            yield id, "the stored answer cannot be read"
        elif id not in given and id not in not_asked:
            yield id, "left blank" if _passed(rescreened, protocol, id) else "not answered yet"
        elif id in given and id in overheard:
            yield id, WITH_HELPER


def _not_alone(rescreened: Rescreened, protocol: Protocol) -> frozenset[str]:
    """Return the questions that somebody who helped answered, or may have seen answered."""
    questionnaire = rescreened.questionnaire
    if questionnaire.identity.get("filled_in_by") not in HELPED:
        return frozenset()
    answered_by = questionnaire.progress.get("answered_by") or {}
    pages = (page for page in protocol.pages if answered_by.get(page.id) != "alone")
    return frozenset(id for page in pages for id in page.questions)


def _passed(rescreened: Rescreened, protocol: Protocol, id: str) -> bool:
    """Return whether the person came past a question: its page or a later one has an answer."""
    if rescreened.questionnaire.submitted_at is not None:
        return True
    pages = protocol.page_of
    last = max((pages[other] for other in rescreened.answers if other in pages), default=-1)
    return pages.get(id, len(pages)) <= last


def _clashes(protocol: Protocol, given: Answers, not_asked: Set[str]) -> dict[str, str]:
    """Say of each safety question whose answer contradicts another with what it does not fit."""
    risks = [question for question in protocol.questions.values() if question.risk]
    yes_no = [question for question in risks if {"yes", "no"} <= question.option_by_id.keys()]
    clashes: dict[str, str] = {}
    for counted in (question for question in risks if question.is_scored and question.id in given):
        against = _against(given, counted, yes_no, not_asked)
        if against:
            clashes[counted.id] = _does_not_fit(protocol, given, counted, against)
        for other in against:
            clashes[other.id] = _does_not_fit(protocol, given, other, [counted])
    return clashes


def _against(
    given: Answers, counted: Question, yes_no: list[Question], not_asked: Set[str]
) -> list[Question]:
    """Return the yes/no questions whose answers do not fit with how often something was felt.

    Often, and "no" to everything that was asked; or never, and a "yes" about now.
    """
    if str(given[counted.id]) == str(counted.reach[0]):
        return [other for other in yes_no if given.get(other.id) == "yes" and _is_of_late(other)]
    posed = [other for other in yes_no if other.id not in not_asked]
    return posed if all(given.get(other.id) == "no" for other in posed) else []


def _is_of_late(question: Question) -> bool:
    """Return whether it asks about now or the last weeks; "ever" fits any answer on them."""
    return " ever " not in f" {question.text} "


def _does_not_fit(
    protocol: Protocol, given: Answers, question: Question, others: list[Question]
) -> str:
    rest = "; ".join(f"{_quoted(protocol, other, given)} to “{other.short}”" for other in others)
    return f"{_quoted(protocol, question, given)} does not fit with {rest}"


def _quoted(protocol: Protocol, question: Question, given: Answers) -> str:
    return f"“{'; '.join(answer_lines(protocol, question, given[question.id]))}”"
