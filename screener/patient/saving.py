"""One save: what the person sent becomes stored answers, screened under the store's lock."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from screener import store
from screener.engine.questions import Answer, Answers
from screener.engine.rulebook import PRIORITIES
from screener.engine.screen import Screening, screen
from screener.forms.fields import age_on
from screener.patient import context, journey, safety, whereabouts
from screener.patient.record import Record, as_json


def screened(record: Record, *, submitted: bool = False) -> Screening:
    """Screen a record as it stands."""
    return screen(record.protocol, record.answers, submitted=submitted)


def save(change: Callable[[Record], Answers]) -> Record:
    """Change the answers (and the progress, in place) and return the record as it then stands.

    `change` gets the record under the lock and returns all answers. Raises NoQuestionnaire and
    AlreadySubmitted.
    """

    def write(questionnaire: store.Questionnaire) -> store.Change:
        record = Record.of(questionnaire)
        whereabouts.note_sitting(record)
        answers = change(record)
        return settled(record, answers)

    return Record.of(_stored(write))


def save_identity(
    identity: dict[str, Any], *, unsure: dict[str, str] | None = None, confirmed: bool = False
) -> Record:
    """Merge the person's details in; the age follows from the date of birth.

    A place (`location`) is kept with its time, and the one before with its own; `confirmed` when
    the person was asked for nothing else. `unsure` is what was typed, where a number in it has to
    be asked about before the person goes on.
    """

    def write(questionnaire: store.Questionnaire) -> store.Change:
        record = Record.of(questionnaire)
        whereabouts.note_sitting(record)
        if "location" in identity:
            whereabouts.say(record, str(identity["location"]), confirmed=confirmed)
        record.details = identity | record.details
        if "phone" in identity:
            record.progress.contact_typed = unsure or {}
            record.progress.contact_settled = []
        return settled(record, record.answers)

    return Record.of(_stored(write))


def save_contact_typed(typed: dict[str, str], settled: list[str]) -> None:
    """Keep contact details that could not be taken, to be shown again until they are mended.

    `settled` names the numbers in it that are not asked about any more.
    """

    def change(record: Record) -> Answers:
        record.progress.contact_typed = typed
        record.progress.contact_settled = settled
        return record.answers

    save(change)


def submit() -> store.Questionnaire:
    """Submit once; every further call returns the same. Raises NoQuestionnaire."""

    def write(questionnaire: store.Questionnaire) -> store.Change:
        record = Record.of(questionnaire)
        return settled(record, record.answers, submitted=True)

    try:
        return store.submit(context.token(), write)
    except store.UnknownQuestionnaire:
        raise context.NoQuestionnaire from None


def settled(record: Record, answers: Answers, *, submitted: bool = False) -> store.Change:
    """Return what to store for these answers: screened, without what is no longer asked.

    With them go the record's progress and the changes of its details.
    """
    identity = record.identity | record.details
    record.questionnaire = replace(record.questionnaire, identity=identity)
    given = _with_age(record, answers)
    if submitted:
        given |= _pace(record, given)
    screening = screen(record.protocol, given, submitted=submitted)
    kept = {k: v for k, v in given.items() if k not in screening.resolved.not_asked}
    before = record.answers
    record.answers = kept
    _tidy(record)
    safety.note(screening, record.progress, context.now().isoformat(timespec="seconds"))
    priority = safety.priority(screening, record.progress)
    book = context.rulebook()
    return store.Change(
        identity=identity if record.details else None,
        answers=record.unreadable | as_json(kept),
        progress=record.progress.as_json(),
        # The rulebook may have changed since the person began: say which one this is.
        screening=screening.as_json()
        | {"rulebook": {"version": record.protocol.version, "hash": book.hash}},
        priority=priority,
        rank=PRIORITIES.index(priority),
        risk=safety.is_risk(screening, record.progress),
        risk_answers=_risk_answers(record, before, given),
    )


def _stored(write: Callable[[store.Questionnaire], store.Change]) -> store.Questionnaire:
    try:
        return store.save(context.token(), change=write)
    except store.UnknownQuestionnaire:
        raise context.NoQuestionnaire from None


def _with_age(record: Record, answers: Answers) -> Answers:
    born = record.born
    if born is None or "age" not in record.protocol.questions:
        return answers
    return {**answers, "age": age_on(born, context.today())}


def _pace(record: Record, answers: Answers) -> Answers:
    """How long each answer took on average, in whole seconds, from the first page to sending."""
    if "seconds_per_item" not in record.protocol.questions:
        return {}
    passed = context.now() - record.questionnaire.created_at
    return {"seconds_per_item": max(0, int(passed.total_seconds())) // max(1, len(answers))}


def _tidy(record: Record) -> None:
    """Forget the progress of screens that are gone, such as a medicine no longer ticked."""
    keys = {stop.key for stop in journey.stops(record.protocol, record.answers)}
    progress = record.progress
    progress.pages_saved = [key for key in progress.pages_saved if key in keys]
    progress.drafts = {key: typed for key, typed in progress.drafts.items() if key in keys}


def _risk_answers(record: Record, before: Answers, given: Answers) -> list[tuple[str, Any]]:
    """Every safety answer as it stands now, and what was written beside one that was dropped."""
    protocol = record.protocol
    risks = [question.id for question in protocol.questions.values() if question.risk]
    found: list[tuple[str, Any]] = [(id, _plain(record.answers.get(id))) for id in risks]
    pages = [page for page in protocol.pages if any(id in risks for id in page.questions)]
    for id in (id for page in pages for id in page.questions if id not in risks):
        written = given.get(id, before.get(id))
        # "No" above and words below: the words are not asked for any more, but not lost either.
        if protocol.questions[id].kind == "text" and written and id not in record.answers:
            found.append((id, written))
    return found


def _plain(answer: Answer | None) -> Any:
    return None if answer is None else as_json({"": answer})[""]
