"""Coming back: a code and a link to take along, using them elsewhere, and the idle lock's page.

Opening an address never uses a link up: its secret stands behind the #, which no browser sends, and
a script puts it into a form that the person sends. It is thus in no log of a server and in no
Referer. Without scripts the code serves, on the same page.
"""

from flask import flash, request, session, url_for
from flask.typing import ResponseReturnValue

from screener import store
from screener.access import client_network
from screener.forms.returning import ReturnForm, UnlockForm
from screener.patient import context, locking, moments
from screener.patient.record import Record
from screener.patient.views import go, here, open_record, opened, show
from screener.saying import gettext, lazy_gettext

LINK = "link"
_GENERIC = lazy_gettext(
    "The code or the date of birth is not right. Check both. Or the code is too old, or there were "
    "too many tries."
)
_NO_LINK = lazy_gettext(
    "This link does not work any more. Use your code and your date of birth instead."
)
_WRONG_DAY = lazy_gettext(
    "This is not the date of birth in this form, or there were too many tries. Check it, or wait "
    "two hours and try again."
)


def later() -> ResponseReturnValue:
    """Say how to come back; a post makes a code and a link, shown once, or takes them back."""
    record = open_record()
    if record.sent:
        return go(url_for("patient.results"))
    if record.under_age:
        return go(url_for("patient.adults_only"))
    if request.method == "GET":
        opened()
    action = request.form.get("action", "") if context.posted() else ""
    if action == "revoke":
        store.revoke_return_code(context.token())
        flash(gettext("The code and the link do not work any more."))
        return go(here())
    made = None
    if action == "mail" and (email := _mailed_to(record)):
        made = _mail_link(record, email)
        if made is None:
            flash(str(_NO_LINK))
            return go(here())
    if action == "make":
        context.limit("save", record.questionnaire.id, context.settings().limit_save)
        made = store.make_return_code(context.token(), context.settings().return_codes_last)
    kept = store.return_code(context.token())
    address = url_for("patient.come_back", _external=True)
    return show(
        "later.html",
        title_of_form=record.protocol.title,
        made=made,
        issued=kept and moments.moment(kept.issued_at),
        until=kept and moments.day(kept.expires_at),
        address=address,
        link=f"{address}#{made.link}" if made else "",
        email=_mailed_to(record),
        draft_days=context.settings().draft_days,
    )


def _mailed_to(record: Record) -> str:
    """Return where the link can be sent, "" where the clinic or the person does not want that."""
    return str(record.identity.get("email") or "") if context.settings().mail_links else ""


def _mail_link(record: Record, email: str) -> store.ReturnSecrets | None:
    """Send the link that the page showed, and return what to show again; None: it is not good.

    The mail has no code, and no word about health. Its address is the one of the settings: what a
    browser calls this site may lead elsewhere.
    """
    settings, kept = context.settings(), store.return_code(context.token())
    if kept is None:
        return None
    shown = store.ReturnSecrets(
        request.form.get("made-code", ""), request.form.get("made-link", ""), kept.expires_at
    )
    path = url_for("patient.come_back").removeprefix(request.script_root)
    address = f"{settings.public_url}{path}#{shown.link}"
    lines = [
        gettext(
            "Somebody asked for this link to be sent here. It opens a form where they left it."
        ),
        address,
        gettext("It works once, until %(day)s.", day=moments.day(kept.expires_at)),
        gettext("Keep it to yourself. If you did not ask for it, delete this message."),
        *([settings.clinic.name] if settings.tell_clinic_name else []),
    ]
    content = store.Content(email, subject=gettext("Your link"), text="\n\n".join(lines) + "\n")
    try:
        if not store.mail_link(context.token(), shown, content, settings.limit_mail_link):
            return None
    except store.TooOften:
        flash(gettext("The link was sent too often. Take it along in another way."))
    else:
        flash(gettext("The link is on its way to your e-mail. It may take some minutes."))
    return shown


def come_back() -> ResponseReturnValue:
    """Ask for a code and the date of birth, or take a link, and open the form on this device."""
    form = ReturnForm(request.form if request.method == "POST" else None, today=context.today())
    if not context.posted():
        return _ask(form)
    address, rates = client_network(), context.settings()
    if link := request.form.get(LINK, ""):
        opened = store.open_with_link(link, address, per_address=rates.limit_return_address)
        if opened is None:
            form.code.errors = [str(_NO_LINK)]
            return _ask(form), 422
        return _open(opened)
    if not form.validate():
        return _ask(form), 422
    opened = store.open_with_code(
        str(form.code.data),
        form.date_of_birth.data.isoformat(),
        address,
        per_code=rates.limit_birth_date,
        per_address=rates.limit_return_address,
    )
    if opened is None:
        form.code.errors = [str(_GENERIC)]
        return _ask(form), 422
    return _open(opened)


def unlock() -> ResponseReturnValue:
    """Ask for the date of birth on a device that was idle, and go on where the person was."""
    open_record()
    if not locking.is_locked():
        return go(locking.onward())
    form = UnlockForm(request.form if request.method == "POST" else None, today=context.today())
    if not context.posted():
        return show("unlock.html", form=form)
    if request.form.get("action") == "forget":
        session.clear()
        flash(gettext("Your form is no longer on this phone or computer. The clinic still has it."))
        response = go(url_for("patient.start"))
        context.forget(response)
        return response
    if form.validate() and _is_right(form):
        return go(locking.onward())
    return show("unlock.html", form=form), 422


def _is_right(form: UnlockForm) -> bool:
    rates = context.settings()
    right = store.unlock(
        context.token(),
        form.date_of_birth.data.isoformat(),
        client_network(),
        per_form=rates.limit_birth_date,
        per_address=rates.limit_return_address,
    )
    if not right:
        form.date_of_birth.errors = [str(_WRONG_DAY)]
    return right


def _ask(form: ReturnForm) -> str:
    here_now = context.current_or_none()
    record = Record.of(here_now) if here_now else None
    return show("come_back.html", form=form, other=record.protocol.title if record else "")


def _open(opened: store.Opened) -> ResponseReturnValue:
    """Give this device the form, or name one that was sent: that is only read where it was sent."""
    protocol = context.rulebook().protocols.get(opened.questionnaire.protocol)
    if protocol is None:
        raise context.NoQuestionnaire
    at = opened.questionnaire.submitted_at
    if at is not None:
        return show("sent.html", name=protocol.title, at=moments.hour(at), day=moments.day(at))
    session.clear()  # of whoever used this device before
    response = go(url_for("patient.questions"))
    context.remember(response, opened.token)
    return response
