"""The screenings of one submission under several editions of the rules, side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from screener import store
from screener.engine.protocol import Protocol, Rulebook
from screener.presenters.rescreened import screened_with
from screener.presenters.times import moment
from screener.store import Questionnaire, Submission

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

    Without a key, or with one that it does not have, it is the one that gives its priority.
    """
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
class AskedOtherwise:
    """A list as it was answered under an earlier edition: what it did not have, what it called so.

    The rules of the edition in use read it as it stands, so staff ask for the rest.
    """

    question: str
    missing: tuple[str, ...]
    reworded: tuple[tuple[str, str], ...]


def asked_otherwise(
    rulebook: Rulebook, stored: Submission, first: Rulebook | None
) -> tuple[AskedOtherwise, ...]:
    """Return the lists that were answered before they were as they are now.

    `first` is the rulebook that the person answered under, where that is another one and is kept.
    """
    form = stored.questionnaire
    now = rulebook.protocols.get(form.protocol)
    then = first.protocols.get(form.protocol) if first else None
    if now is None or then is None:
        return ()
    return tuple(_asked_otherwise(now, then, form.answers))


def _asked_otherwise(
    now: Protocol, then: Protocol, answers: Mapping[str, Any]
) -> Iterator[AskedOtherwise]:
    for id, question in now.questions.items():
        before = then.questions.get(id)
        if before is None or question.kind != "choices" or id not in answers:
            continue
        ticked = [option for option in before.options if option.id in answers[id]]
        missing = (o.label for o in question.options if o.id not in before.option_ids)
        reworded = (
            (option.label, question.option(option.id).label)
            for option in ticked
            if option.id in question.option_ids and option.id != "none"
        )
        shown = AskedOtherwise(
            question.short, tuple(missing), tuple((old, new) for old, new in reworded if old != new)
        )
        if shown.missing or shown.reworded:
            yield shown


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
