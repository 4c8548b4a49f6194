"""What staff took down on the phone or in person, in words, and what the rules say with it.

The person's own answers and their screening stay as they are. The screening with what was taken
down laid over them stands beside it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from screener import store
from screener.engine.answer_paths import answer_at, with_answer
from screener.engine.explanations.inputs import inputs
from screener.engine.explanations.what_if import WhatIf
from screener.engine.protocol import Rulebook
from screener.presenters.editions import FORM, PHONE, rest_on
from screener.presenters.rescreened import Rescreened, rescreen, screened_with
from screener.presenters.said import SaidToStaff, quoted, said_to_staff
from screener.presenters.words import ACT_FIRST, rank
from screener.store import Submission

OUTCOMES = {"met": "Met", "not_met": "Not met", "unknown": "Cannot tell"}


@dataclass(frozen=True)
class ChangedRule:
    """A rule that comes out otherwise; `because` are the answers that do it, in words.

    `staff` says what to do about one that is met now, and `danger` that it comes first.
    """

    id: str
    title: str
    priority: str
    was: str
    now: str
    staff: str
    danger: bool
    because: tuple[str, ...]


@dataclass(frozen=True)
class SideBySide:
    """The screening of the person's own answers, and the one with what was taken down.

    `holds` is the priority that the queue has. `own_counts` says that the person's own answers
    give the higher one. `shown` names the one that the page rests on: "phone" or "form".
    """

    own_priority: str
    phone_priority: str
    holds: str
    own_counts: bool
    shown: str
    version: str
    rules: tuple[ChangedRule, ...]
    scores: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class PhonePart:
    """What a page about a submission shows of answers that were taken down."""

    compared: SideBySide | None
    said: tuple[SaidToStaff, ...]


def both(
    stored: Submission, books: Iterable[Rulebook | None], served: Rulebook
) -> tuple[Rescreened, Rescreened]:
    """Return a submission as the form was answered, and with what was taken down laid over it.

    `books` are the other rulebooks that may have screened it.
    """
    own, laid = (rest_on(stored, under) for under in (FORM, PHONE))
    by_hash = {book.hash: book for book in books if book is not None}

    def again(resting: Submission) -> Rescreened:
        retired = by_hash.get(screened_with(resting.questionnaire)[1])
        return rescreen(served, resting.questionnaire, retired)

    first = again(own)
    return first, first if laid is own else again(laid)


def phone_part(stored: Submission, own: Rescreened, laid: Rescreened, shown: str) -> PhonePart:
    """Return what a page shows; nothing where nothing was taken down."""
    said = tuple(said_to_staff(stored, laid.protocol))
    compared = side_by_side(own, laid, shown) if laid.phoned else None
    return PhonePart(compared, said)


def side_by_side(own: Rescreened, laid: Rescreened, shown: str) -> SideBySide:
    """Return both screenings with what changed, and which answers changed it."""
    form = own.questionnaire
    mine = str((form.screening or {}).get("priority") or "")
    stored = (laid.questionnaire.screening or {}).get("priority")
    phone = str((laid.screening.priority if laid.screening else stored) or "")
    changed = [id for id in laid.outcomes if _outcome(own, id) != _outcome(laid, id)]
    return SideBySide(
        mine,
        phone,
        str(form.priority or ""),
        store.seriousness(mine or None) < store.seriousness(phone or None),
        shown,
        laid.rule_set,
        tuple(
            _changed(own, laid, id)
            for id in sorted(changed, key=lambda id: rank(laid.priority(id)))
        ),
        tuple(_scores(own, laid)),
    )


def _outcome(rescreened: Rescreened, rule: str) -> str:
    # A rule that is not there, under another edition, is as good as not met.
    return rescreened.outcomes.get(rule, "not_met")


def _changed(own: Rescreened, laid: Rescreened, id: str) -> ChangedRule:
    was, now = _outcome(own, id), _outcome(laid, id)
    rule = laid.protocol.rules.get(id) if laid.protocol else None
    met = now == "met"
    return ChangedRule(
        id,
        laid.title(id),
        laid.priority(id),
        OUTCOMES.get(was, was),
        OUTCOMES.get(now, now),
        rule.staff if rule and met else "",
        met and laid.priority(id) in ACT_FIRST,
        tuple(_because(own, laid, id)),
    )


def _because(own: Rescreened, laid: Rescreened, rule: str) -> Iterator[str]:
    """Yield the answers without which the rule would come out otherwise; else all that it reads."""
    if laid.screening is None or rule not in laid.screening.protocol.rules:
        return
    what_if, protocol = WhatIf(laid.screening, rule), laid.screening.protocol
    decisive = []
    for path in laid.phoned:
        if answer_at(laid.answers, path) is not None:
            before = answer_at(own.answers, path)
            without = with_answer(laid.answers, path, before)  # type: ignore[arg-type]
            if what_if.outcome_of(without) != laid.outcomes[rule]:
                decisive.append(path)
    if not decisive:
        read = inputs(protocol, [rule]).questions
        decisive = [path for path in laid.phoned if path.split(".")[0] in read]
    for path in decisive:
        yield quoted(protocol, laid.phoned[path])


def _scores(own: Rescreened, laid: Rescreened) -> Iterator[tuple[str, str, str]]:
    """Yield the scores that differ, in words."""
    if own.screening is None or laid.screening is None:
        return
    for id, (low, high) in laid.screening.scores.items():
        before = own.screening.scores.get(id)
        if before is not None and before != (low, high):
            yield laid.screening.protocol.scores[id].title, _range(*before), _range(low, high)


def _range(low: Any, high: Any) -> str:
    return str(low) if low == high else f"{low} to {high}"
