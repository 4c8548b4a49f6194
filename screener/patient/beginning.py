"""Before the questions: start page, consent, date of birth, contact details.

Nothing is stored before an adult has agreed: until then consent is remembered in the browser.
"""

import re
from datetime import date

from flask import request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from screener import spoken, store
from screener.access import client_network
from screener.engine.protocol import Protocol
from screener.engine.screen import screen
from screener.forms import shown
from screener.forms.birth_date import age_on
from screener.forms.identity import BirthForm, ConsentForm, ContactForm, compared
from screener.patient import context, journey, locking, moments, saving, whereabouts
from screener.patient.minutes import promised
from screener.patient.record import Progress, Record
from screener.patient.views import (
    back_to,
    go,
    here,
    is_for_later,
    is_paused,
    open_record,
    opened,
    show,
)
from screener.saying import gettext

_CONSENT = "consented_at"
_FORM = "form"
_UNTICKED = "unticked"
_BORN = "born"


def start() -> ResponseReturnValue:
    """Show the start page; who was here before can go on."""
    form_id = request.args.get("form", "")
    if form_id in context.rulebook().protocols:
        session[_FORM] = form_id  # the clinic's link says which form it is for
    questionnaire = context.current_or_none()
    record = Record.of(questionnaire) if questionnaire else None
    chosen = _protocol()
    # A form that was begun keeps its name, whatever link was opened since.
    mine = record.protocol if record else chosen
    at = questionnaire.submitted_at if questionnaire else None
    return show(
        "start.html",
        record=record,
        sent=at and moments.moment(at),
        title=mine.title,
        chosen=None if mine is chosen else chosen.title,
        minutes=promised(mine),
        others=[other for other in context.rulebook().protocols.values() if other is not chosen],
        draft_days=context.settings().draft_days,
        languages=spoken.offered(),
        proposed=spoken.proposed(),
    )


def another() -> ResponseReturnValue:
    """Let the person begin another form here, and say what becomes of the one they have."""
    record = Record.of(context.current())
    session.setdefault(_FORM, record.protocol.id)
    if context.posted():
        form_id = session[_FORM]
        session.clear()
        session[_FORM] = form_id
        response = go(url_for("patient.consent"))
        context.forget(response)
        return response
    return show("another.html", record=record, title=_protocol().title)


def consent() -> ResponseReturnValue:
    """Ask whether the person agrees."""
    form = ConsentForm(request.form if request.method == "POST" else None)
    if context.posted():
        if not form.validate():
            session[_UNTICKED] = True
            return go(here())
        session[_CONSENT] = context.now().isoformat(timespec="seconds")
        session.pop(_BORN, None)  # typed by whoever used this device before
        return go(url_for("patient.date_of_birth"))
    if session.pop(_UNTICKED, False):
        form.validate()
    return show("consent.html", form=form, draft_days=context.settings().draft_days)


def date_of_birth() -> ResponseReturnValue:
    """Ask for the date of birth; adults go on, and only then is anything stored."""
    questionnaire = context.current_or_none()
    if questionnaire is not None and questionnaire.submitted_at is not None:
        return go(url_for("patient.results"))
    if questionnaire is None and _CONSENT not in session:
        return go(url_for("patient.consent"))
    form = _birth_form(questionnaire)
    if context.posted() and locking.is_locked():
        return _typed_again(form)  # it would open the lock: it waits until that is open
    if context.posted():
        if not form.validate():
            return _typed_again(form)
        born = form.date_of_birth.data
        if questionnaire is not None and _untouched(form, questionnaire):
            return go(_onward(Record.of(questionnaire)))
        protocol = Record.of(questionnaire).protocol if questionnaire is not None else _protocol()
        if _is_adult(protocol, born):
            return _go_on(questionnaire, born)
        if questionnaire is None or request.form.get("under_age") == "yes":
            return _stop_kindly(questionnaire, born)
        return _typed_again(form)
    sure = False
    if _BORN in session and form.validate():
        # A slip of the finger must not erase what an adult wrote: ask once more.
        sure = True
        message = gettext("This date makes you younger than 18. Please check it.")
        form.date_of_birth.errors = [message]
    return show("date_of_birth.html", form=form, sure=sure, back=_back(questionnaire))


def _is_adult(protocol: Protocol, born: date) -> bool:
    """Return whether the age gate of the rules lets somebody of this age go on."""
    if protocol.gate is None:
        return True
    return not screen(protocol, {"age": age_on(born, context.today())}).ineligible


def _untouched(form: BirthForm, questionnaire: store.Questionnaire) -> bool:
    """Return whether an old page brings back the date it showed while a newer one is stored."""
    marks = shown.read(request.form.get(shown.NAME, ""))
    field = form.date_of_birth
    given = field.data.isoformat() if field.data else ""
    stands = given == questionnaire.identity.get("date_of_birth")
    return not stands and shown.verdict(marks, field.name, field.as_shown(), []) == "untouched"


def _birth_form(questionnaire: store.Questionnaire | None) -> BirthForm:
    today = context.today()
    stands = BirthForm(today=today)
    stands.show(questionnaire.identity if questionnaire is not None else {})
    if request.method == "POST":
        form = BirthForm(request.form, today=today)
        form.shown = request.form.get(shown.NAME, "")
        return form
    if _BORN in session:
        form = BirthForm(MultiDict(session[_BORN]), today=today)
        form.shown = stands.shown  # what it shows is typed, and not what is stored
        return form
    return stands


def _typed_again(form: BirthForm) -> Response:
    names, typed = form.date_of_birth.part_names, form.date_of_birth.typed()
    session[_BORN] = {name: text[:20] for name, text in zip(names, typed, strict=True)}
    return go(here())


def adults_only() -> ResponseReturnValue:
    """Stop kindly: the form is for adults. Say what is kept, and where to correct the date."""
    questionnaire = context.current_or_none()
    record = Record.of(questionnaire) if questionnaire else None
    if record is not None and not record.under_age:
        return go(url_for("patient.results" if record.sent else "patient.questions"))
    return show(
        "adults_only.html",
        kept=record is not None,
        phone=record.phone if record else "",
    )


def contact() -> ResponseReturnValue:
    """Ask how to reach the person, before the questions on mood."""
    record = open_record()
    if record.sent:
        return go(url_for("patient.results"))
    if record.under_age:
        return go(url_for("patient.adults_only"))
    typed = record.progress.contact_typed
    later = is_for_later(request.form)
    details, conflicts = MultiDict(typed or record.identity), dict[str, str]()
    if request.method == "POST":
        details, conflicts = compared(request.form, record.identity)
    form = ContactForm(details, region=context.settings().clinic_region)
    form.show_stored(record.identity)
    form.settle_all(record.progress.contact_settled)
    if request.method == "GET" and not saving.unread(record):
        opened()  # whoever gives a number for help that was raised goes on from that help
    if not context.posted():
        if typed and request.method == "GET":
            form.validate()
        return show("contact.html", form=form, back=_contact_back())
    form.settle(record.identity, typed)
    fits = form.validate()
    if conflicts:
        saving.save_contact_typed(form.typed(), form.settled)
        form.show_both(conflicts)
        return show("contact.html", form=form, back=_contact_back()), 422
    if fits:
        saved = saving.save_identity(form.identity())
        return go(url_for("patient.later") if later else _after_contact(saved))
    if form.only_asks:
        # Kept at once, so that whoever leaves now can be called, and presses on unhindered.
        saving.save_identity(form.identity(), unsure=form.typed())
    else:
        saving.save_contact_typed(form.typed(), form.settled)
    if later:
        return go(url_for("patient.later"))
    if form.keeps_all:
        return go(here())
    return show("contact.html", form=form, back=_contact_back()), 422


def where() -> ResponseReturnValue:
    """Ask where the person is now: they came back after a while. A blank keeps the last place."""
    record = open_record()
    if record.questionnaire.submitted_at is not None:
        return go(url_for("patient.results"))
    if context.posted():
        form = whereabouts.form(record, request.form).alone()
        if form.validate():
            typed = "" if whereabouts.is_untouched(request.form) else form.where_now.data
            place = typed or record.identity.get("location") or ""
            saving.save_identity({"location": place}, confirmed=True)
            return go(url_for("patient.later") if is_for_later(request.form) else _after_where())
        return show("where.html", form=form), 422
    posted = request.form if request.method == "POST" else None
    return show("where.html", form=whereabouts.form(record, posted).alone())


def _after_where() -> str:
    """Return where the person was going: an address of ours, or the task list."""
    to = request.args.get("to", "")
    if not re.fullmatch(r"/(?:check|questions(?:/[a-z0-9_]+){0,2})", to):
        return url_for("patient.questions")
    back = "?from=check" if back_to() else ""
    return f"{request.script_root}{to}{back}"


def _after_contact(record: Record) -> str:
    if back_to():
        return journey.reach_checked()
    # Whoever comes from the help page to leave a number goes back to it.
    if is_paused(record):
        return url_for("patient.help")
    return url_for("patient.questions") if record.saved else journey.resumed(record)


def _contact_back() -> str:
    return journey.reach_checked() if back_to() else url_for("patient.date_of_birth")


def _back(questionnaire: store.Questionnaire | None) -> str:
    if questionnaire is None:
        return url_for("patient.consent")
    return journey.reach_checked() if back_to() else url_for("patient.questions")


def _protocol() -> Protocol:
    protocols = context.rulebook().protocols
    return protocols.get(session.get(_FORM, "")) or next(iter(protocols.values()))


def _go_on(questionnaire: store.Questionnaire | None, born: date) -> Response:
    identity = {"date_of_birth": born.isoformat()}
    session.pop(_BORN, None)
    if questionnaire is not None:
        return go(_onward(saving.save_identity(identity)))
    context.limit("start", client_network(), context.settings().limit_start)
    book = context.rulebook()
    language = spoken.current().code
    token = store.start(_protocol().id, _protocol().version, book.hash, language=language)
    progress = Progress(consented_at=session.pop(_CONSENT)).as_json()
    store.save(token, identity=identity, progress=progress)
    response = go(url_for("patient.contact"))
    context.remember(response, token)
    return response


def _onward(record: Record) -> str:
    """Return where the person goes on after a date of birth that is stored."""
    if record.under_age:
        return url_for("patient.adults_only")
    return journey.reach_checked() if back_to() else url_for("patient.contact")


def _stop_kindly(questionnaire: store.Questionnaire | None, born: date) -> Response:
    response = go(url_for("patient.adults_only"))
    if questionnaire is None or saving.stop_under_age(born.isoformat()):
        session.clear()
        context.forget(response)
    session.pop(_BORN, None)
    return response
