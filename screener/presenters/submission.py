"""One submission as a physician reads it, from the most pressing to the smallest detail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from screener.engine.protocol import Rulebook
from screener.presenters.answers import AnswerPage, answer_pages, not_taken, raw_page
from screener.presenters.ask_first import ask_first
from screener.presenters.basis import Basis, basis
from screener.presenters.causes import unsafe_of
from screener.presenters.cited import Cited
from screener.presenters.flags import Group, ToAsk, flag_groups, questions_to_ask
from screener.presenters.headline import Headline, headline, reasons
from screener.presenters.history import Step, steps
from screener.presenters.people import Person, calls_of, person
from screener.presenters.rule import Close, close
from screener.presenters.safety_answers import SafetyAnswers, safety_answers
from screener.presenters.scores import ScoreLine, score_lines
from screener.presenters.sources import OwnChoice, Source
from screener.presenters.times import moment, waited, without_today
from screener.presenters.trials import MedicineTried, medicines_tried
from screener.presenters.words import in_hands, status_word
from screener.store import Standing, Submission


@dataclass(frozen=True)
class SubmissionPage:
    """Everything the page shows, in its order."""

    reference: str
    person: Person
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
    programme: str
    rule_set: str
    problems: tuple[str, ...]
    explained: bool
    headline: Headline
    calls: tuple[str, ...]
    unsafe: tuple[str, ...]
    flags: tuple[Group, ...]
    open: tuple[Group, ...]
    close: tuple[Close, ...]
    not_met: tuple[tuple[str, str], ...]
    under_age: bool
    ask_first: tuple[ToAsk, ...]
    to_ask: tuple[ToAsk, ...]
    scores: tuple[ScoreLine, ...]
    stored_scores: tuple[tuple[str, str], ...]
    tried: tuple[MedicineTried, ...]
    pages: tuple[AnswerPage, ...]
    safety: SafetyAnswers
    steps: tuple[Step, ...]
    sources: tuple[Source, ...]
    choices: tuple[OwnChoice, ...]

    @property
    def flag_count(self) -> int:
        """How many rules are met."""
        return sum(len(group.flags) for group in self.flags)

    @property
    def open_count(self) -> int:
        """How many rules cannot tell."""
        return sum(len(group.flags) for group in self.open)


def submission_page(
    rulebook: Rulebook, stored: Submission, now: datetime, retired: Rulebook | None = None
) -> SubmissionPage:
    """Put one stored submission together with the rulebook in use, or the `retired` one it had."""
    asked = stored.questionnaire
    known = basis(rulebook, asked, retired)
    told = safety_answers(known.protocol, stored.risk_answers)
    flags = flag_groups(known, "met")
    open_ = () if known.under_age else flag_groups(known, "unknown")
    first = ask_first(known)
    scores = score_lines(rulebook, known.screening) if known.screening else ()
    tried = medicines_tried(rulebook, known.screening, known.answers) if known.screening else ()
    cited = _all_cited([*flags, *open_], scores, tried)
    return SubmissionPage(
        reference=asked.reference,
        person=person(
            asked.identity,
            known.answers.get("age", asked.answers.get("age")),
            asked.progress.get("contact_typed"),
        ),
        priority=asked.priority,
        reasons=reasons(known),
        unfinished=asked.submitted_at is None,
        received=_received(known),
        since=without_today(moment(stored.waiting_since), now),
        waiting=waited(stored.waiting_since, now) if stored.standing.waiting else "",
        standing=stored.standing,
        status=stored.status,
        status_word=status_word(stored.status),
        hands=in_hands(stored.status, stored.assigned_to),
        revision=stored.revision,
        programme=known.protocol.title if known.protocol else asked.protocol,
        rule_set=known.rule_set,
        problems=known.problems,
        explained=known.screening is not None,
        headline=headline(known, told),
        calls=calls_of(asked.progress),
        unsafe=unsafe_of(asked.progress),
        flags=flags,
        open=open_,
        close=close(known),
        not_met=_not_met(known),
        under_age=known.under_age,
        ask_first=tuple(first.values()),
        to_ask=questions_to_ask(known, without=first),
        scores=scores,
        stored_scores=() if known.screening else tuple(_stored_scores(known)),
        tried=tried,
        pages=_pages(known),
        safety=told,
        steps=steps(stored),
        sources=cited.sources,
        choices=cited.choices,
    )


def _not_met(known: Basis) -> tuple[tuple[str, str], ...]:
    """Id and title of every rule that is not met, for whoever asks why not."""
    return tuple((id, known.title(id)) for id, said in known.outcomes.items() if said == "not_met")


def _received(known: Basis) -> str:
    asked = known.questionnaire
    if asked.submitted_at is not None:
        return f"Sent {moment(asked.submitted_at)}"
    return f"Not sent. Started {moment(asked.created_at)}, last saved {moment(asked.updated_at)}"


def _pages(known: Basis) -> tuple[AnswerPage, ...]:
    """Everything that was ever typed and not taken back, also what the form could not take."""
    asked = known.questionnaire
    drafts = not_taken(known.protocol, asked.progress.get("drafts") or {})
    unreadable = {id: said for id, said in asked.answers.items() if id not in known.answers}
    apart = ((drafts,) if drafts.rows else ()) + ((raw_page(unreadable),) if unreadable else ())
    if known.worded is None:
        return apart
    pages = answer_pages(known.worded, known.answers)
    if known.screening is not None:
        return apart + pages
    # Another rulebook may have asked other questions: only what was given is certain.
    kept = (
        AnswerPage(
            page.title,
            tuple(row for row in page.rows if row.state in ("given", "unsure")),
        )
        for page in pages
    )
    return apart + tuple(page for page in kept if page.rows)


def _stored_scores(known: Basis) -> list[tuple[str, str]]:
    scores: dict[str, Any] = (known.questionnaire.screening or {}).get("scores", {})
    titles = known.protocol.scores if known.protocol else {}
    return [
        (
            titles[id].title if id in titles else id,
            str(low) if low == high else f"{low} to {high}",
        )
        for id, (low, high) in scores.items()
    ]


def _all_cited(
    groups: Iterable[Group], scores: Iterable[ScoreLine], tried: Iterable[MedicineTried]
) -> Cited:
    """Everything that the parts of the page cite."""
    cited = Cited()
    flags = [flag for group in groups for flag in group.flags]
    uses = [use for medicine in tried for use in medicine.uses]
    for several in (flags, scores, uses):
        for one in several:
            cited.add(one.sources, one.choices)
    for flag in flags:
        cited.clauses(flag.evidence)
    return cited
