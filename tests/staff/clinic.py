"""Submissions, sign-ins and forms of the staff's pages: helpers for their tests."""

from typing import Any

from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from screener.engine.protocol import Protocol, Rulebook
from screener.patient import context, saving
from screener.patient.record import Record
from tests.web import forms, soup, visible

NURSE, DOCTOR = "nurse@clinic.example", "doctor@clinic.example"
PASSWORD = "correct horse battery"
IDENTITY = {
    "name": "Ana Test",
    "phone": "555-555-0142",
    "location": "Springfield",
    "date_of_birth": "1979-04-27",
}
CLOSE = {"act-do": "closed", "act-text": "wrong person"}
NO_RISK = {"phq9_9": "0", "asq_1": "no", "asq_2": "no", "asq_3": "no", "asq_4": "no"}


def signed_in(app: Flask, email: str) -> FlaskClient:
    """Return a browser after signing in."""
    client = app.test_client()
    page = soup(client.get("/staff/login"))
    data = {field["name"]: field.get("value", "") for field in page.select("main input")}
    answer = client.post("/staff/login", data={**data, "email": email, "password": PASSWORD})
    assert answer.status_code == 302, visible(answer)
    return client


def add(
    app: Flask,
    *saves: dict[str, Any],
    submitted: bool = True,
    identity: dict[str, Any] | None = None,
    progress: dict[str, Any] | None = None,
) -> str:
    """Save answers, one dict after the other, maybe submit, and return the reference."""
    with app.app_context():
        book = context.rulebook()
        protocol = book.protocols["fibromyalgia"]
        token = store.start(protocol.id, book.version, book.hash)
        store.save(token, identity={**IDENTITY, **(identity or {})}, progress=progress or {})
        for answers in saves:
            change = settle(protocol, answers, submitted=False)
            store.save(token, change=change)
        if submitted:
            store.submit(token, settle(protocol, saves[-1], submitted=True))
        questionnaire = store.load(token)
        assert questionnaire is not None
        return questionnaire.reference


def settle(protocol: Protocol, answers: dict[str, Any], *, submitted: bool) -> Any:
    """Return what the patient's side does at a save."""

    def change(questionnaire: store.Questionnaire) -> store.Change:
        record = Record.of(questionnaire)
        return saving.settled(record, protocol.read_answers(answers), submitted=submitted)

    return change


def case(app: Flask, name: str, **changes: Any) -> dict[str, Any]:
    """Return the answers of a case of the rulebook, with changes; None leaves an answer out."""
    book: Rulebook = app.extensions[context.RULEBOOK]
    chosen = next(
        candidate
        for candidate in book.protocols["fibromyalgia"].cases
        if candidate.name.startswith(name)
    )
    merged = {**chosen.answers, **changes}
    return {id: answer for id, answer in merged.items() if answer is not None}


def opened(client: FlaskClient, reference: str) -> TestResponse:
    """Return the one screen of a submission."""
    answer = client.get(f"/staff/submissions/{reference}")
    assert answer.status_code == 200
    return answer


def everything(client: FlaskClient, reference: str) -> TestResponse:
    """Return the page of everything behind the one screen, which links to it."""
    (link,) = soup(opened(client, reference)).select('.sc-behind a[href$="/all"]')
    answer = client.get(str(link["href"]))
    assert answer.status_code == 200
    return answer


def fields(response: TestResponse, action: str) -> dict[str, str]:
    """Return what a browser would send of the form whose action ends so, untouched."""
    form = forms(response).select_one(f'form[action$="{action}"]')
    assert isinstance(form, Tag)
    inputs = [
        field
        for field in form.select("input")
        if field.get("type") != "radio" or "checked" in field.attrs
    ]
    inputs += [box for box in form.select("textarea") if box.get_text().strip()]
    return {str(field["name"]): _typed(field) for field in inputs}


def _typed(field: Tag) -> str:
    """Return what a field holds, as a browser sends it."""
    return field.get_text().strip("\n") if field.name == "textarea" else str(field.get("value", ""))


def post(client: FlaskClient, page: TestResponse, action: str, **changes: str) -> TestResponse:
    """Send a form of a submission page."""
    assert page.request is not None
    data = {**fields(page, action), **changes}
    return client.post(f"{page.request.path.removesuffix('/act')}/{action}", data=data)


def does(
    client: FlaskClient, page: TestResponse, do: str, text: str = "", **more: str
) -> TestResponse:
    """Press a button of the one form, with words in its box."""
    typed = {f"act-{name}": value for name, value in more.items()}
    return post(client, page, "act", **{"act-do": do, "act-text": text, **typed})


def part(page: TestResponse | Tag, selector: str) -> Tag:
    """Return the one part of a page that is looked for."""
    within = page if isinstance(page, Tag) else soup(page)
    tag = within.select_one(selector)
    assert tag is not None, selector
    return tag


def actions(app: Flask) -> list[tuple[str, str, str]]:
    """Return the audit log: who, what, on what; the oldest first."""
    with app.app_context():
        assert store.verify_audit() is None
        return [
            (entry.actor, entry.action, entry.object) for entry in reversed(store.audit_entries())
        ]


# --- a submission --------------------------------------------------------------------------------


def store_page(app: Flask, reference: str) -> store.Submission:
    """Return a submission as the store has it."""
    with app.app_context():
        submission = store.submission(reference)
    assert submission is not None
    return submission


# --- data that are not as they should be ---------------------------------------------------------


def tamper(app: Flask, id: str, field: str, value: dict[str, Any]) -> None:
    """Put another sealed value into a submission, as nobody should."""
    from screener.store.records import put
    from screener.store.tables import SubmissionRow

    with app.app_context(), store.db.sessionmaker() as session, session.begin():
        row = session.get(SubmissionRow, id)
        assert row is not None
        put(row, field, value)
