"""One save: what the person sent becomes stored answers, screened under the store's lock."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from screener import danger, spoken, store
from screener.engine.old_answers import put_back, read_what_fits
from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Answer, Answers
from screener.engine.screen import Screening, screen
from screener.forms.birth_date import age_on
from screener.forms.steps import asked_cells
from screener.patient import context, journey, safety, whereabouts
from screener.patient.other_editions import moot_before, set_aside_drafts, without_unseen
from screener.patient.record import Record, as_json


class NotMended(Exception):
    """Something that was typed could not be taken, and the person has not said what to do."""


def save(change: Callable[[Record], Record], *, limited: bool = False) -> Record:
    """Change the answers (and the progress, in place) and return the record after it.

    `change` gets the record under the lock and returns it, or one with other answers. What it
    raises leaves everything as it was. Raises NoQuestionnaire and AlreadySubmitted; `limited`
    counts the save, and raises TooManyRequests where there were too many.
    """
    after: list[Record] = []

    def write(questionnaire: store.Questionnaire) -> store.Change:
        record = Record.of(questionnaire)
        whereabouts.note_sitting(record)
        changed = change(record)
        stands, written = _settle(changed, record.answers)
        after.append(stands)
        return written

    limit = context.settings().limit_save if limited else None
    try:
        stored = store.save(context.token(), change=write, limit=limit)
    except store.UnknownQuestionnaire:
        raise context.NoQuestionnaire from None
    except store.TooOften as error:
        raise context.too_many(error.wait) from None
    stands = after[-1]
    stands.questionnaire = stored
    return stands


def save_identity(
    identity: dict[str, Any], *, unsure: dict[str, str] | None = None, confirmed: bool = False
) -> Record:
    """Merge the person's details in; the age follows from the date of birth.

    A place (`location`) is kept with its time, and the one before with its own; `confirmed` when
    the person was asked for nothing else. `unsure` is what was typed, where a number in it has to
    be asked about before the person goes on.
    """

    def change(record: Record) -> Record:
        if "location" in identity:
            whereabouts.say(record, str(identity["location"]), confirmed=confirmed)
        record.details = identity | record.details
        if "phone" in identity:
            record.progress.contact_typed = unsure or {}
            record.progress.contact_settled = []
        return record

    return save(change)


def save_contact_typed(typed: dict[str, str], settled: list[str]) -> None:
    """Keep contact details that could not be taken, to be shown again until they are mended.

    `settled` names the numbers in it that are not asked about any more.
    """

    def change(record: Record) -> Record:
        record.progress.contact_typed = typed
        record.progress.contact_settled = settled
        return record

    save(change)


def submit() -> store.Questionnaire:
    """Submit once; every further call returns the same.

    Raises NoQuestionnaire, and NotMended while something that was typed could not be taken: it
    would be lost without a word.
    """

    def write(questionnaire: store.Questionnaire) -> store.Change:
        record = Record.of(questionnaire)
        if record.progress.drafts or record.progress.contact_typed:
            raise NotMended
        return settled(record, record.answers, submitted=True)

    try:
        return store.submit(context.token(), write)
    except store.UnknownQuestionnaire:
        raise context.NoQuestionnaire from None


def leave_blank(key: str) -> Record:
    """Drop what was typed on a screen and could not be taken: the person leaves it blank.

    `key` names the stop, or "contact" for the details on how to reach the person.
    """

    def change(record: Record) -> Record:
        progress = record.progress
        if key == "contact":
            progress.contact_typed = {}
        elif progress.drafts.pop(key, None) is not None:
            progress.conflicts.pop(key, None)
            progress.pages_saved.append(key)
        return record

    return save(change)


def holds_risk_answer(record: Record) -> bool:
    """Return whether the person ever reported danger or asked for help: it is then never erased."""
    progress = record.progress
    return bool(progress.help_met or progress.calls or progress.unsafe)


def start_again() -> bool:
    """Give the form up; return whether nothing of it is left. Raises AlreadySubmitted."""

    def keep(questionnaire: store.Questionnaire) -> store.Change | None:
        return store.Change() if holds_risk_answer(Record.of(questionnaire)) else None

    return store.discard(context.token(), "start_again", keep)


def ask(what: safety.Asked) -> Record:
    """Keep that the person asks for a call, or is not sure they are safe; also after sending.

    Raises NoQuestionnaire.
    """

    def change(record: Record) -> None:
        safety.ask(record.progress, what, _now())

    return _alert(change)


def add_danger(reported: Answers) -> Record:
    """Keep answers that report danger beside a form that takes no more answers.

    The form was sent, or stopped at the date of birth. Raises NoQuestionnaire.
    """

    def change(record: Record) -> None:
        record.progress.added |= as_json(reported)

    return _alert(change)


def _alert(change: Callable[[Record], None]) -> Record:
    def write(questionnaire: store.Questionnaire) -> store.Change:
        record = Record.of(questionnaire)
        change(record)
        safety.note(readings(record), record.progress, _now())
        written = ranked(record)
        told = _added(record)
        if questionnaire.submitted_at is not None:
            # Whoever an edition raised stays there: what it screened has not changed.
            written = at_least(questionnaire.priority, written)
        return replace(written, risk_answers=list(as_json(told).items()), news=True)

    try:
        return Record.of(store.alert(context.token(), write))
    except store.UnknownQuestionnaire:
        raise context.NoQuestionnaire from None


def stop_under_age(born: str) -> bool:
    """Stop the form of somebody under age; return whether nothing of it is left.

    After a risk answer the clinic keeps the contact details and the risk answers, so that it can
    reach the person; everything else goes. Raises AlreadySubmitted.
    """

    def keep(questionnaire: store.Questionnaire) -> store.Change | None:
        identity = questionnaire.identity | {"date_of_birth": born}
        record = Record.of(replace(questionnaire, identity=identity))
        if not holds_risk_answer(record):
            return None
        record.unreadable = {}
        record.progress.pages_saved, record.progress.drafts = [], {}
        change = settled(record, _about_danger(record))
        return replace(change, identity=identity)

    return store.discard(context.token(), "under_age", keep)


def settled(record: Record, answers: Answers, *, submitted: bool = False) -> store.Change:
    """Return what to store for these answers: screened, without what is no longer asked.

    With them go the record's progress and the changes of its details.
    """
    return _settle(replace(record, answers=answers, sending=submitted), record.answers)[1]


def _settle(record: Record, before: Answers) -> tuple[Record, store.Change]:
    """Return the new record and what to store of it; `before` are the answers until now."""
    identity = record.identity | record.details
    record.questionnaire = replace(record.questionnaire, identity=identity)
    given = record.answers | _age(record)
    if record.sending:
        given = without_unseen(record.unseen, given, record.progress.set_aside)
        given |= _pace(record, given)
    stands = record if given == record.answers else replace(record, answers=given)
    kept = _kept(stands)
    if kept != given:
        stood = _kept(replace(record, answers=before, sending=False))
        kept |= moot_before(record.protocol.table.id, before, stood, given, kept)
    if kept != given:
        # What is screened is what is stored: an answer that is gone is no sign any more that
        # the person came so far.
        stands = replace(stands, answers=kept)
    stored, displaced = put_back(as_json(kept), record.unreadable)
    for path, value in displaced.items():
        stands.progress.set_aside.setdefault(".".join(path), []).append(value)
    _tidy(stands, before)
    safety.note(readings(stands), stands.progress, _now())
    change = replace(
        ranked(stands),
        identity=identity if record.details else None,
        answers=stored,
        screening=screening_of(stands, context.rulebook()),
        risk_answers=_risk_answers(stands, before, given),
        language=spoken.current().code,
    )
    return stands, change


def _kept(record: Record) -> Answers:
    """Return the answers without those that are no longer asked, in rows of medicines too."""
    answers, protocol, table = record.answers, record.protocol, record.protocol.table.id
    kept = {id: answer for id, answer in answers.items() if id not in record.resolved.not_asked}
    if table in kept:
        rows = record.rows
        kept[table] = {
            id: asked_cells(record.reading, protocol.medicines[id], rows[id]) for id in rows
        }
    return kept


def readings(record: Record) -> list[Screening]:
    """Screen a record as it is, and once more with what was reported beside it.

    "Chest pain" ticked together with "none of these" is no answer yet, and still raises help; so
    does an answer that another window contradicts, or that came after the form was closed.
    """
    stands = record.screening
    added = _added(record)
    beside = _drafted(record.protocol, record.progress.drafts) | added
    if not beside:
        return [stands]
    answers = record.answers | beside
    if stands.ineligible:
        answers.pop("age", None)  # who is under age is heard all the same
    return [stands, screen(record.protocol, answers, submitted=stands.submitted)]


def at_least(priority: str | None, change: store.Change) -> store.Change:
    """Return a change that does not lower a priority in the queue."""
    if store.seriousness(priority) >= store.seriousness(change.priority):
        return change
    assert priority is not None
    return replace(change, priority=priority, rank=PRIORITIES.index(priority))


def _added(record: Record) -> Answers:
    """Return the answers on danger that came after the form was closed."""
    return read_what_fits(record.protocol, record.progress.added)[0]


def unread(record: Record) -> list[danger.Help]:
    """Return what raises help now and was not read yet."""
    return safety.unread(readings(record), record.progress)


def taken_at_their_word(protocol: Protocol, typed: Mapping[str, list[str]]) -> Answers:
    """Return answers on danger in what could not be taken: every option ticked but "none"."""
    answers: Answers = {}
    for id in danger.tells_of_danger(protocol):
        question = protocol.questions[id]
        ticked = [o.id for o in question.options if o.id in typed.get(id, ())]
        options = tuple(option for option in ticked if option != "none")
        if options:
            answers[id] = options if question.kind == "choices" else options[0]
    return answers


def _drafted(protocol: Protocol, drafts: Mapping[str, Mapping[str, list[str]]]) -> Answers:
    drafted: Answers = {}
    for typed in drafts.values():
        drafted |= taken_at_their_word(protocol, typed)
    return drafted


def _about_danger(record: Record) -> Answers:
    """Return the answers that report danger, with the words written beside them."""
    protocol = record.protocol
    risks = danger.tells_of_danger(protocol)
    pages = [page for page in protocol.pages if any(id in risks for id in page.questions)]
    words = {id for page in pages for id in page.questions if protocol.questions[id].kind == "text"}
    return {id: answer for id, answer in record.answers.items() if id in risks or id in words}


def screening_of(record: Record, edition: Rulebook) -> dict[str, Any]:
    """Return what is kept of a screening; which answers would settle the rest is not."""
    screening = record.screening
    return {
        "priority": screening.priority,
        "scores": {id: list(range_) for id, range_ in screening.scores.items()},
        "flags": dict(screening.outcomes),
        # The rulebook may have changed since the person began: say which one this is.
        "rulebook": {"version": record.protocol.version, "hash": edition.hash},
    }


def ranked(record: Record) -> store.Change:
    """Return the progress of a record and its place in the queue."""
    priority = safety.priority(record.screening, record.progress)
    return store.Change(
        progress=record.progress.as_json(),
        priority=priority,
        rank=PRIORITIES.index(priority),
        risk=safety.is_risk(record.progress),
    )


def _now() -> str:
    return context.now().isoformat(timespec="seconds")


def _age(record: Record) -> Answers:
    """Return the age today, where the date of birth is known."""
    born = record.born
    if born is None or "age" not in record.protocol.questions:
        return {}
    return {"age": age_on(born, context.today())}


def _pace(record: Record, answers: Answers) -> Answers:
    """Return the average seconds an answer took, from the first page to sending."""
    if "seconds_per_item" not in record.protocol.questions:
        return {}
    passed = context.now() - record.questionnaire.created_at
    return {"seconds_per_item": max(0, int(passed.total_seconds())) // max(1, len(answers))}


def _tidy(record: Record, before: Answers) -> None:
    """Forget the progress of screens that are gone, such as a medicine no longer ticked.

    What was typed on one that was gone before this change is set aside: an edition of the
    rulebook took it away, and not the person.
    """
    keys = {stop.key for stop in journey.stops(record)}
    progress = record.progress
    if gone := progress.drafts.keys() - keys:
        mine = {stop.key for stop in journey.stops(replace(record, answers=before))}
        set_aside_drafts(record.protocol, progress.drafts, progress.set_aside, gone - mine)
    progress.pages_saved = [key for key in progress.pages_saved if key in keys]
    progress.drafts = {key: typed for key, typed in progress.drafts.items() if key in keys}
    progress.conflicts = {key: ids for key, ids in progress.conflicts.items() if key in keys}


def _risk_answers(record: Record, before: Answers, given: Answers) -> list[tuple[str, Any]]:
    """Return every safety answer as it is now, and the words beside one that was dropped."""
    protocol = record.protocol
    risks = danger.tells_of_danger(protocol)
    kept_before = _drafted(protocol, record.questionnaire.progress.get("drafts", {}))
    drafted = _drafted(protocol, record.progress.drafts)
    values: list[tuple[str, Any]] = [
        (id, _plain(value)) for id, value in drafted.items() if kept_before.get(id) != value
    ]
    # While a draft waits nothing was taken back, though no answer is stored yet.
    stands = [id for id in risks if id in record.answers or id not in drafted]
    values += [(id, _plain(record.answers.get(id))) for id in stands]
    pages = [page for page in protocol.pages if any(id in risks for id in page.questions)]
    for id in (id for page in pages for id in page.questions if id not in risks):
        written = given.get(id, before.get(id))
        # "No" above and words below: the words are not asked for any more, but not lost either.
        if protocol.questions[id].kind == "text" and written and id not in record.answers:
            values.append((id, written))
    return values


def _plain(answer: Answer | None) -> Any:
    return None if answer is None else as_json({"": answer})[""]
