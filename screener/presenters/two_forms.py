"""Two forms of one person side by side: what differs, safety first. Nothing is merged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from screener.danger import tells_of_danger
from screener.presenters.answers import Given, given, raw_pages
from screener.presenters.people import FIELDS, UNKNOWN, person
from screener.presenters.rescreened import Rescreened
from screener.presenters.safety_answers import safety_answers
from screener.presenters.times import moment, without_today
from screener.presenters.words import OUTCOMES, in_hands, rank, status_word
from screener.store import Submission

_NOT_ASKED_HERE = "Not in this form"
_NO_RULE = "No such rule"


@dataclass(frozen=True)
class FormToCompare:
    """A stored form and what could be worked out of it."""

    stored: Submission
    rescreened: Rescreened


@dataclass(frozen=True)
class FormSide:
    """One of the two forms, at a glance."""

    reference: str
    name: str
    priority: str | None
    came: str
    unfinished: bool
    status: str
    hands: str
    programme: str
    rule_set: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class SaidInForm:
    """What one form has to a question: lines, the state of `Given`, earlier answers and notes."""

    lines: tuple[str, ...]
    state: str
    notes: tuple[str, ...] = ()
    typed: bool = False


@dataclass(frozen=True)
class AnswerPair:
    """A question with what each form has to it, the earlier form first."""

    question: str
    sides: tuple[SaidInForm, SaidInForm]

    @property
    def differs(self) -> bool:
        """Return whether the answers are not the same ones."""
        first, second = self.sides
        return (first.lines, first.state) != (second.lines, second.state)


@dataclass(frozen=True)
class WordPair:
    """Something of which each form says it in a few words; `priority` is that of a rule."""

    title: str
    sides: tuple[str, str]
    priority: str = ""


@dataclass(frozen=True)
class TwoForms:
    """Both forms, the earlier one first, and what differs.

    `safety` is everything that tells of danger, the same or not. `rules` are those that are met in
    one form alone, and `unsettled` those that are not met in one and cannot tell in the other.
    `pages` are the other answers that differ, by page, and `same` counts those that do not.
    """

    sides: tuple[FormSide, FormSide]
    details: tuple[WordPair, ...]
    safety: tuple[AnswerPair, ...]
    rules: tuple[WordPair, ...]
    unsettled: tuple[WordPair, ...]
    scores: tuple[WordPair, ...]
    pages: tuple[tuple[str, tuple[AnswerPair, ...]], ...]
    same: int


def two_forms(first: FormToCompare, second: FormToCompare, now: datetime) -> TwoForms:
    """Put two forms side by side, the earlier one first."""
    earlier, later = sorted((first, second), key=lambda form: _came_at(form.stored))
    both = (earlier, later)
    answers = [_Answers(form) for form in both]
    dangers = set(answers[0].dangers) | set(answers[1].dangers)
    pages, same = _pages(answers[0], answers[1], dangers)
    rules, unsettled = _rules(earlier.rescreened, later.rescreened)
    return TwoForms(
        (_side(earlier, now), _side(later, now)),
        tuple(_details(earlier.rescreened, later.rescreened)),
        tuple(_pair(answers[0], answers[1], id) for id in _ordered(answers) if id in dangers),
        rules,
        unsettled,
        tuple(_scores(earlier.rescreened, later.rescreened)),
        pages,
        same,
    )


def _came_at(stored: Submission) -> datetime:
    return stored.questionnaire.submitted_at or stored.questionnaire.created_at


def _side(form: FormToCompare, now: datetime) -> FormSide:
    stored, rescreened = form.stored, form.rescreened
    asked, sent = stored.questionnaire, stored.questionnaire.submitted_at
    came = f"Sent {moment(sent)}" if sent else f"Begun {moment(asked.created_at)}, not sent"
    return FormSide(
        asked.reference,
        person(asked.identity).name,
        asked.priority,
        without_today(came, now),
        sent is None,
        status_word(stored.status),
        in_hands(stored.status, stored.assigned_to) or "nobody has it",
        rescreened.protocol.title if rescreened.protocol else asked.protocol,
        rescreened.rule_set,
        rescreened.problems,
    )


def _details(first: Rescreened, second: Rescreened) -> Iterator[WordPair]:
    """Yield what the person gave of themselves, where the two forms differ."""
    people = [person(form.questionnaire.identity) for form in (first, second)]
    given_by = [
        {"Name": each.name, **{detail.label: detail.value for detail in each.details}}
        for each in people
    ]
    # An age follows from the date of birth and the day.
    for label in dict.fromkeys(["Name", *FIELDS.values(), *given_by[0], *given_by[1]]):
        values = [by.get(label, UNKNOWN) for by in given_by]
        if label != "Age" and values[0] != values[1]:
            yield WordPair(label, (values[0], values[1]))


class _Answers:
    """What a form has to each of its questions, and which of them tell of danger."""

    def __init__(self, form: FormToCompare) -> None:
        self.form = form
        self.rows: dict[str, Given] = {}
        self.titles: dict[str, str] = {}
        rescreened = form.rescreened
        self.over_time = safety_answers(rescreened.protocol, form.stored.risk_answers)
        self.dangers = [question.id for question in self.over_time.questions]
        if rescreened.worded is not None:
            protocol = rescreened.worded.protocol
            self.dangers += tells_of_danger(protocol)
            for id in protocol.questions:
                page = protocol.page_of.get(id)
                title = "Before the first page" if page is None else protocol.pages[page].title
                self._add(id, title, given(rescreened.worded, rescreened.answers, id))
        for question in self.over_time.questions:
            # The rulebook in use may have no such question: what was answered is shown still.
            if question.id not in self.rows:
                last = question.moments[-1].value
                self._add(question.id, "", Given(question.question, "given", (last,)))
        aside = rescreened.questionnaire.progress.get("set_aside") or {}
        for raw in raw_pages(rescreened.unreadable, aside):
            for row in raw.rows:
                self._add(f"{raw.title}: {row.question}", raw.title, row)

    def _add(self, id: str, title: str, row: Given) -> None:
        self.rows[id], self.titles[id] = row, title

    def said(self, id: str) -> SaidInForm:
        row = self.rows.get(id)
        if row is None:
            return SaidInForm((_NOT_ASKED_HERE,), "absent")
        notes = [row.note] if row.note else []
        notes += [f"earlier: {text}" for text in self.over_time.earlier(id)]
        told = self.form.rescreened.said.get(id)
        notes += [told] if told else []
        return SaidInForm(row.values, row.state, tuple(notes), row.typed)


def _ordered(both: Iterable[_Answers]) -> list[str]:
    return list(dict.fromkeys(id for answers in both for id in answers.rows))


def _pair(first: _Answers, second: _Answers, id: str) -> AnswerPair:
    row = second.rows.get(id) or first.rows[id]
    return AnswerPair(row.question, (first.said(id), second.said(id)))


def _pages(
    first: _Answers, second: _Answers, without: set[str]
) -> tuple[tuple[tuple[str, tuple[AnswerPair, ...]], ...], int]:
    pages: dict[str, list[AnswerPair]] = {}
    same = 0
    for id in _ordered((first, second)):
        if id in without:
            continue
        pair = _pair(first, second, id)
        if pair.differs:
            title = second.titles.get(id) or first.titles[id]
            pages.setdefault(title, []).append(pair)
        else:
            same += 1
    return tuple((title, tuple(pairs)) for title, pairs in pages.items()), same


def _rules(
    first: Rescreened, second: Rescreened
) -> tuple[tuple[WordPair, ...], tuple[WordPair, ...]]:
    """Return the rules that come out otherwise: met in one form alone, and the rest.

    The most pressing stand first.
    """
    met: list[WordPair] = []
    unsettled: list[WordPair] = []
    every = dict.fromkeys([*second.outcomes, *first.outcomes])
    for id in sorted(every, key=lambda id: rank(_of(first, second, id).priority(id))):
        outcomes = [form.outcomes.get(id) for form in (first, second)]
        # A rule that is not there, under another edition, is as good as not met.
        if outcomes[0] == outcomes[1] or {*outcomes} == {None, "not_met"}:
            continue
        words = [OUTCOMES.get(str(outcome), _NO_RULE) for outcome in outcomes]
        of = _of(first, second, id)
        pair = WordPair(of.title(id), (words[0], words[1]), of.priority(id))
        (met if "met" in outcomes else unsettled).append(pair)
    return tuple(met), tuple(unsettled)


def _of(first: Rescreened, second: Rescreened, rule: str) -> Rescreened:
    return second if rule in second.outcomes else first


def _scores(first: Rescreened, second: Rescreened) -> Iterator[WordPair]:
    """Yield the scores that differ, in words."""
    before, after = _scored(first), _scored(second)
    for id in dict.fromkeys([*after, *before]):
        values = [scores.get(id, _NOT_ASKED_HERE) for scores in (before, after)]
        if values[0] != values[1]:
            protocol = (second if id in after else first).protocol
            title = protocol.scores[id].title if protocol and id in protocol.scores else id
            yield WordPair(title, (values[0], values[1]))


def _scored(form: Rescreened) -> dict[str, str]:
    stored: Mapping[str, Any] = (form.questionnaire.screening or {}).get("scores", {})
    scores = form.screening.scores if form.screening else stored
    return {id: _range(low, high) for id, (low, high) in scores.items()}


def _range(low: Any, high: Any) -> str:
    return str(low) if low == high else f"{low} to {high}"
