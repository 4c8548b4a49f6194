"""One submission as a physician reads it, from the most pressing to the smallest detail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from screener import store
from screener.engine.protocol import Rulebook
from screener.languages.names import FormLanguage, form_language
from screener.presenters.answers import AnswerPage, Given, answer_pages, not_taken, raw_pages
from screener.presenters.ask_first import ask_first
from screener.presenters.causes import unsafe_of
from screener.presenters.cited import Cited
from screener.presenters.editions import (
    FORM,
    PHONE,
    EditionScreening,
    ShorterList,
    editions,
    shorter_lists,
)
from screener.presenters.headline import Headline, headline, reasons
from screener.presenters.history import HistoryStep, seen, stands_by, steps
from screener.presenters.judgements import WouldBe, rules_with_judgements
from screener.presenters.people import ContactDetails, calls_of, person
from screener.presenters.phoned import PhonePart, both, phone_part
from screener.presenters.rescreened import Rescreened, rescreen
from screener.presenters.rule import NearMiss, near_misses
from screener.presenters.rule_groups import RuleGroup, ToAsk, questions_to_ask, rule_groups
from screener.presenters.safety_answers import SafetyAnswers, safety_answers
from screener.presenters.said import beside_answers
from screener.presenters.same_person import OtherForms, other_forms_shown
from screener.presenters.scores import ScoreLine, score_lines
from screener.presenters.screen import Screen, screen_of
from screener.presenters.sources import OwnChoice, PublishedSource
from screener.presenters.times import Due, due, moment, waited, without_today
from screener.presenters.trials import MedicineTried, medicines_tried
from screener.presenters.words import in_hands, status_word
from screener.store import OtherForm, Standing, Submission


@dataclass(frozen=True)
class SubmissionPage:
    """Everything the page shows, in its order."""

    reference: str
    language: FormLanguage
    person: ContactDetails
    priority: str | None
    reasons: tuple[str, ...]
    unfinished: bool
    received: str
    since: str
    waiting: str
    standing: Standing
    status: str
    status_word: str
    hands: str
    revision: int
    code: str
    programme: str
    rule_set: str
    problems: tuple[str, ...]
    editions: tuple[EditionScreening, ...]
    shorter_lists: tuple[ShorterList, ...]
    explained: bool
    headline: Headline
    calls: tuple[str, ...]
    unsafe: tuple[str, ...]
    flags: tuple[RuleGroup, ...]
    open: tuple[RuleGroup, ...]
    not_met: tuple[tuple[str, str], ...]
    under_age: bool
    ask_first: tuple[ToAsk, ...]
    to_ask: tuple[ToAsk, ...]
    scores: tuple[ScoreLine, ...]
    stored_scores: tuple[tuple[str, str], ...]
    tried: tuple[MedicineTried, ...]
    would_be: dict[str, WouldBe]
    pages: tuple[AnswerPage, ...]
    safety: SafetyAnswers
    steps: tuple[HistoryStep, ...]
    phoned: PhonePart
    last: HistoryStep | None
    seen: str
    due: Due | None
    screen: Screen
    others: OtherForms
    rescreened: Rescreened = field(repr=False)

    @cached_property
    def near_misses(self) -> tuple[NearMiss, ...]:
        """Return the rules that are met with one other answer."""
        return near_misses(self.rescreened)

    @property
    def sources(self) -> tuple[PublishedSource, ...]:
        """Return the published sources that its parts cite."""
        return self._cited.sources

    @property
    def choices(self) -> tuple[OwnChoice, ...]:
        """Return the clinic's own choices that its parts cite."""
        return self._cited.choices

    @cached_property
    def _cited(self) -> Cited:
        return _all_cited([*self.flags, *self.open], self.scores, self.tried)

    @property
    def body(self) -> Given | None:
        """Return the answer that is drawn as a body; None where it was not answered."""
        rows = (row for page in self.pages for row in page.rows)
        return next((row for row in rows if row.areas is not None), None)

    @property
    def flag_count(self) -> int:
        """Return how many rules are met."""
        return sum(len(rule.all) for group in self.flags for rule in group.rules)

    @property
    def open_count(self) -> int:
        """Return how many rules cannot tell."""
        return sum(len(group.rules) for group in self.open)


def submission_page(
    rulebook: Rulebook,
    stored: Submission,
    resting: Submission,
    now: datetime,
    retired: Rulebook | None = None,
    answered_under: Rulebook | None = None,
    others: Iterable[OtherForm] = (),
) -> SubmissionPage:
    """Return the page of one stored submission under the rulebook in use.

    `resting` is the same with the screening that the page rests on (see `editions.rest_on`), and
    `retired` the rulebook of that screening, where that is another one and is kept, and
    `answered_under` that of the first screening, likewise. `others` are other forms that are, or
    may be, of the same person.
    """
    form = resting.questionnaire
    rescreened = own = laid = rescreen(rulebook, form, retired)
    if store.phone_events(stored):
        own, laid = both(stored, (retired, answered_under), rulebook)
    phoned = phone_part(stored, own, laid, PHONE if rescreened.phoned else FORM)
    safety = safety_answers(rescreened.protocol, stored.risk_answers)
    flags = rule_groups(rescreened, "met")
    open_ = () if rescreened.under_age else rule_groups(rescreened, "unknown")
    first = ask_first(laid)
    scores = score_lines(rulebook, rescreened.screening) if rescreened.screening else ()
    tried = (
        medicines_tried(rulebook, rescreened.screening, rescreened.answers, resting)
        if rescreened.screening
        else ()
    )
    return SubmissionPage(
        reference=form.reference,
        language=form_language(form.language),
        person=person(
            form.identity,
            rescreened.answers.get("age", form.answers.get("age")),
            form.progress.get("contact_typed"),
        ),
        priority=form.priority,
        reasons=reasons(rescreened),
        unfinished=form.submitted_at is None,
        received=_received(rescreened),
        since=without_today(moment(stored.waiting_since), now),
        waiting=waited(stored.waiting_since, now) if stored.standing.waiting else "",
        standing=stored.standing,
        status=stored.status,
        status_word=status_word(stored.status),
        hands=in_hands(stored.status, stored.assigned_to),
        revision=stored.revision,
        code=_code(stored),
        programme=rescreened.protocol.title if rescreened.protocol else form.protocol,
        rule_set=rescreened.rule_set,
        problems=rescreened.problems,
        editions=editions(rulebook, stored, resting),
        shorter_lists=shorter_lists(rulebook, form, answered_under),
        explained=rescreened.screening is not None,
        headline=headline(rescreened, safety),
        calls=calls_of(form.progress),
        unsafe=unsafe_of(form.progress),
        flags=flags,
        open=open_,
        not_met=_not_met(rescreened),
        under_age=rescreened.under_age,
        ask_first=tuple(first.values()),
        to_ask=questions_to_ask(laid, without=first),
        scores=scores,
        stored_scores=() if rescreened.screening else tuple(_stored_scores(rescreened)),
        tried=tried,
        would_be=rules_with_judgements(rescreened.screening, resting),
        pages=_pages(own, beside_answers(phoned.said)),
        safety=safety,
        steps=steps(stored, rescreened.protocol),
        phoned=phoned,
        last=stands_by(stored),
        seen=seen(stored),
        due=due(stored.due_at, now),
        screen=screen_of(rescreened, flags, tried),
        others=other_forms_shown(others, now),
        rescreened=rescreened,
    )


def _code(stored: Submission) -> str:
    """Say since when the person can open an unfinished form elsewhere; "" where they cannot."""
    code = stored.return_code
    if code is None or stored.questionnaire.submitted_at is not None:
        return ""
    return f"made {moment(code.issued_at)}, good until {moment(code.expires_at)}"


def _not_met(rescreened: Rescreened) -> tuple[tuple[str, str], ...]:
    """Return id and title of every rule that is not met, for staff who ask why not."""
    return tuple(
        (id, rescreened.title(id))
        for id, outcome in rescreened.outcomes.items()
        if outcome == "not_met"
    )


def _received(rescreened: Rescreened) -> str:
    form = rescreened.questionnaire
    if form.submitted_at is not None:
        return f"Sent {moment(form.submitted_at)}"
    return f"Not sent. Started {moment(form.created_at)}, last saved {moment(form.updated_at)}"


def _pages(rescreened: Rescreened, said: Mapping[str, tuple[str, ...]]) -> tuple[AnswerPage, ...]:
    """Return everything that was typed and not taken back, even what the form could not take.

    Beside it stands what was said to staff.
    """
    form = rescreened.questionnaire
    drafts = not_taken(rescreened.protocol, form.progress.get("drafts") or {})
    raw = raw_pages(rescreened.unreadable, form.progress.get("set_aside") or {})
    apart = ((drafts,) if drafts.rows else ()) + raw
    if rescreened.worded is None:
        return apart
    pages = answer_pages(rescreened.worded, rescreened.answers, said)
    if rescreened.screening is not None:
        return apart + pages
    # Another rulebook may have asked other questions: only answers that were given are certain.
    kept = (
        AnswerPage(
            page.title,
            tuple(row for row in page.rows if row.state in ("given", "unsure") or row.said),
        )
        for page in pages
    )
    return apart + tuple(page for page in kept if page.rows)


def _stored_scores(rescreened: Rescreened) -> list[tuple[str, str]]:
    scores: dict[str, Any] = (rescreened.questionnaire.screening or {}).get("scores", {})
    titles = rescreened.protocol.scores if rescreened.protocol else {}
    return [
        (
            titles[id].title if id in titles else id,
            str(low) if low == high else f"{low} to {high}",
        )
        for id, (low, high) in scores.items()
    ]


def _all_cited(
    groups: Iterable[RuleGroup], scores: Iterable[ScoreLine], tried: Iterable[MedicineTried]
) -> Cited:
    """Return everything that the parts of the page cite."""
    cited = Cited()
    rules = [each for group in groups for rule in group.rules for each in rule.all]
    uses = [use for medicine in tried for use in medicine.uses]
    for parts in (rules, scores, uses):
        for part in parts:
            cited.add(part.sources, part.choices)
    for rule in rules:
        cited.clauses(rule.evidence)
    return cited
