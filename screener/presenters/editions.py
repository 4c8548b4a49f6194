"""The screenings of one submission under several editions of the rules, side by side."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from screener import store
from screener.engine.old_answers import asked_before, listed, read_what_fits
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Question
from screener.presenters.rescreened import screened_with
from screener.presenters.times import moment
from screener.store import Questionnaire, Submission

PHONE, FORM = "phone", "form"  # in place of a key: with what staff took down, or without
_WORDS = {"met": "met", "not_met": "not met", "unknown": "cannot tell", "absent": "not there"}


@dataclass(frozen=True)
class OutcomeUnder:
    """A rule whose outcome under an edition differs from the first; `staff` where it is met now."""

    title: str
    was: str
    now: str
    staff: str


@dataclass(frozen=True)
class EditionScreening:
    """One screening. `key` names it in the address of the page; `shown`: the page rests on it.

    `at` is "" for the first. `problem` says why that edition could not screen.
    """

    version: str
    key: str
    at: str
    priority: str
    shown: bool
    problem: str
    differences: tuple[OutcomeUnder, ...]


def rest_on(stored: Submission, under: str = "") -> Submission:
    """Return a submission that rests on one of its screenings, named by its key.

    Without a key, or with one that it does not have, it is the one that gives its priority. With
    `PHONE` it is the one with the answers that staff took down, which then are its answers; with
    `FORM` never. Without a key it is that one too unless the form alone tells of something worse.
    """
    own = _rest_on_own(stored, under)
    phone = store.phone_screening(stored)
    if phone is None:
        return own
    form, first = own.questionnaire, own.questionnaire.screening or {}
    raises = store.seriousness(phone.get("priority")) <= store.seriousness(first.get("priority"))
    # What was left blank on the form is no reason to rest on it once it was asked.
    completes = first.get("priority") == "incomplete"
    if under != PHONE and (under or not (raises or completes)):
        return own
    answers = store.answers_with_phone(stored)
    if phone["rulebook"] != first.get("rulebook", phone["rulebook"]):
        # Another edition governs by now: what it says of them is worked out when they are shown.
        phone = {**phone, "rulebook": first["rulebook"]}
        phone.pop("flags", None)
    chosen = {**phone, "phoned": store.phone_answers_of(stored), "outweighed_by_form": not raises}
    return replace(own, questionnaire=replace(form, answers=answers, screening=chosen))


def _rest_on_own(stored: Submission, under: str) -> Submission:
    form = stored.questionnaire
    if not stored.later:
        return stored
    first = _first(form)
    every = [first, *(kept.screening for kept in stored.later)]
    gives = store.governing(first, stored.later)
    chosen = next((s for s in every if under and _key(s) == under and "problem" not in s), gives)
    if store.seriousness(gives.get("priority")) < store.seriousness(chosen.get("priority")):
        # Said with it, since nothing in it explains the priority that the queue shows.
        chosen = {**chosen, "outweighed": True}
    return replace(stored, questionnaire=replace(form, screening=chosen))


def editions(
    rulebook: Rulebook, stored: Submission, resting: Submission
) -> tuple[EditionScreening, ...]:
    """Return all screenings of a submission, the first one first; none where it has just one.

    `rulebook` is the one in use, which has the titles; `resting` is what the page rests on.
    """
    if not stored.later:
        return ()
    form, shown = stored.questionnaire, _key(resting.questionnaire.screening or {})
    first = _first(form)
    listed = [_screening(first, "", shown, ())]
    for kept in stored.later:
        differences = _differences(rulebook, form.protocol, first, kept.screening)
        listed.append(_screening(kept.screening, moment(kept.at), shown, tuple(differences)))
    return tuple(listed)


@dataclass(frozen=True)
class ShorterList:
    """A list that the person answered when it had fewer options, or other words for one.

    The rules read it as it stands, so that staff have to ask: `missing` are the options that the
    person never saw, `reworded` those that they ticked, as they read then and now.
    """

    question: str
    missing: tuple[str, ...]
    reworded: tuple[tuple[str, str], ...]


def shorter_lists(
    rulebook: Rulebook, form: Questionnaire, answered_under: Rulebook | None
) -> tuple[ShorterList, ...]:
    """Return the lists of a form that have options which the person never saw, or new words.

    What they saw is kept since 1.0. For forms that were sent before, it is what `answered_under`
    has, the rulebook of their first screening, if that is another one and is kept.
    """
    now = rulebook.protocols.get(form.protocol)
    then = answered_under.protocols.get(form.protocol) if answered_under else None
    if now is None:
        return ()
    # What cannot be read any more is unknown to the rules, and stands elsewhere.
    answers, _ = read_what_fits(now, form.answers)
    ticked = {id: answer for id, answer in answers.items() if isinstance(answer, tuple | dict)}
    offered = form.progress.get("offered", {})
    lists = (_shorter(now, then, offered, now.questions[id], ticked[id]) for id in ticked)
    return tuple(each for each in lists if each.missing or each.reworded)


def _shorter(
    now: Protocol,
    then: Protocol | None,
    offered: Mapping[str, list[str]],
    question: Question,
    ticked: Collection[str],
) -> ShorterList:
    before = asked_before(then, question) if then else None
    noted = (offered[id] for id in (question.id, *question.replaces) if id in offered)
    seen = next(noted, None)
    if seen is None and then is not None and before is not None:
        seen = listed(then, before)
    missing: list[str] = []
    if seen is not None:
        missing = [_label(now, question, id) for id in listed(now, question) if id not in seen]
    reworded = []
    if before is not None and question.kind == "choices":
        for id in before.option_by_id.keys() & question.option_by_id.keys() & set(ticked):
            old, new = before.option(id).label, question.option(id).label
            if old != new and id != "none":
                reworded.append((old, new))
    return ShorterList(question.short, tuple(missing), tuple(sorted(reworded)))


def _label(protocol: Protocol, question: Question, id: str) -> str:
    return protocol.medicines[id].name if question.kind == "table" else question.option(id).label


def _first(form: Questionnaire) -> dict[str, Any]:
    """Return the screening of the last save, with its edition: the first one kept none there."""
    version, hash_ = screened_with(form)
    return {**(form.screening or {}), "rulebook": {"version": version, "hash": hash_}}


def _key(screening: Mapping[str, Any]) -> str:
    return str(screening.get("rulebook", {}).get("hash", "")).removeprefix("sha256:")[:12]


def _screening(
    screening: Mapping[str, Any], at: str, shown: str, differences: tuple[OutcomeUnder, ...]
) -> EditionScreening:
    return EditionScreening(
        str(screening["rulebook"]["version"]),
        _key(screening),
        at,
        str(screening.get("priority") or ""),
        _key(screening) == shown,
        str(screening.get("problem", "")),
        differences,
    )


def _differences(
    rulebook: Rulebook, protocol: str, first: Mapping[str, Any], later: Mapping[str, Any]
) -> Iterator[OutcomeUnder]:
    """Yield what differs and matters: a new rule that is not met, or one that is gone, does not."""
    served = rulebook.protocols.get(protocol)
    rules = served.rules if served else {}
    before, after = first.get("flags", {}), later.get("flags", {})
    for id in dict.fromkeys([*after, *before]) if after else ():
        was, now = before.get(id, "absent"), after.get(id, "absent")
        if was == now or {was, now} == {"absent", "not_met"}:
            continue
        rule = rules.get(id)
        staff = rule.staff if rule and now == "met" else ""
        yield OutcomeUnder(rule.title if rule else id, _word(was), _word(now), staff)


def _word(outcome: str) -> str:
    return _WORDS.get(outcome, outcome)
