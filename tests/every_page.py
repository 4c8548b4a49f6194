"""Every page of the site in every state that looks different, for the tests that look at all.

`tests/test_pages.py` reads them as text, `tests/browser/test_axe.py` shows them in a browser.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug import exceptions
from werkzeug.test import TestResponse

from screener import access, places, store
from screener.engine.protocol import Protocol
from screener.forms.lengths import WEEKS
from screener.forms.measures import MEASURES
from screener.forms.steps import can_count
from screener.languages.translation import read_translation
from screener.store import clock
from screener.store.devices import row_id
from screener.store.tables import DeviceRow
from tests import shipped
from tests.outages import READ_ONLY, outage
from tests.web import BORN, begin, send, soup, token_of

RULEBOOK = shipped.RULEBOOK
PROTOCOL: Protocol = RULEBOOK.protocols["fibromyalgia"]
SPANISH = read_translation(places.shipped("rules"), RULEBOOK, "es")
PATIENT, LEARN, STAFF = "patient", "learn", "staff"
PASSWORD = "correct horse battery staple 7"
HEARD = {"call-how": "phone", "call-by": "person"}
TWO = "/staff/submissions"
TRIAL = {"trial-medicine": "duloxetine", "trial-use": "pain"}
CODES = (400, 403, 404, 405, 413, 429, 500, 503)


@dataclass(frozen=True)
class Page:
    """One page: whose it is, who opens it (see `Site`), and what is sent when it is posted.

    `path` may hold {name} for the reference of somebody's submission, `act-revision` for its
    revision and `trial-seen` for the mark of TRIAL as they stand; `error` is a status to answer
    with instead; `outage` says that the database cannot be written meanwhile.
    """

    side: str
    name: str
    who: str
    path: str
    data: dict[str, Any] | None = field(default=None, hash=False)
    status: int = 200
    error: int = 0
    outage: bool = False

    def __str__(self) -> str:
        return f"{self.side}: {self.name}"


def _questions() -> Iterator[Page]:
    for page in PROTOCOL.pages:
        yield Page(PATIENT, f"page {page.id}", "filling", f"/questions/{page.id}")


def _topics() -> Iterator[Page]:
    for topic in RULEBOOK.topics:
        yield Page(LEARN, f"topic {topic}", "visitor", f"/learn/{topic}")


def _call(who: str, data: dict[str, Any] | None = None) -> tuple[str, dict[str, Any], int]:
    """Return what opens a call script that is refused."""
    return f"/staff/submissions/{{{who}}}/call", HEARD if data is None else data, 400


PAGES: tuple[Page, ...] = (
    Page(PATIENT, "start", "visitor", "/"),
    Page(PATIENT, "start, come back", "filling", "/"),
    Page(PATIENT, "start, sent", "sent", "/"),
    Page(PATIENT, "consent", "visitor", "/consent"),
    Page(PATIENT, "consent, wrong", "visitor", "/consent", {}),
    Page(PATIENT, "date of birth", "agreed", "/date-of-birth"),
    Page(PATIENT, "date of birth, wrong", "agreed", "/date-of-birth", {}),
    Page(PATIENT, "adults only", "visitor", "/adults-only"),
    Page(PATIENT, "contact", "filling", "/contact"),
    Page(PATIENT, "contact, wrong", "filling", "/contact", {"phone": "x", "email": "x"}),
    Page(
        PATIENT,
        "contact, two numbers, wrong",
        "filling",
        "/contact",
        {
            "name": "Ana Test",
            "phone": "555-555-0100/0101",
            "phone_2": "call the shelter",
            "location": "Springfield, IL",
        },
    ),
    Page(PATIENT, "where now", "filling", "/where"),
    Page(PATIENT, "where now, wrong", "filling", "/where", {"where_now": "w" * 600}, 422),
    Page(PATIENT, "task list, new", "begun", "/questions"),
    Page(PATIENT, "task list", "filling", "/questions"),
    *_questions(),
    Page(PATIENT, "a medicine", "filling", "/questions/medicines_tried/1"),
    Page(
        PATIENT,
        "a medicine, wrong",
        "filling",
        "/questions/medicines_tried/1",
        {"dose_mg": "many", "weeks": "100000"},
    ),
    Page(
        PATIENT,
        "a page, wrong",
        "filling",
        "/questions/blood_pressure",
        {"bp_systolic": "high", "bp_diastolic": "7000"},
    ),
    Page(
        PATIENT,
        "a page, open too long",
        "filling",
        "/questions/blood_pressure",
        {"csrf_token": "old", "bp_systolic": "120"},
        400,
    ),
    Page(PATIENT, "help, anybody", "visitor", "/help"),
    Page(PATIENT, "help, a crisis", "crisis", "/help"),
    Page(PATIENT, "help, danger now", "danger", "/help"),
    Page(PATIENT, "help, medical", "medical", "/help"),
    Page(PATIENT, "help, a call noted", "called", "/help"),
    Page(PATIENT, "check", "filling", "/check"),
    Page(PATIENT, "check, come back", "returned", "/check"),
    Page(PATIENT, "a page, come back", "returned", "/questions/mood"),
    Page(PATIENT, "help, locked", "locked", "/help"),
    Page(PATIENT, "later", "filling", "/later"),
    Page(PATIENT, "later, code made", "filling", "/later", {"action": "make"}),
    Page(PATIENT, "later, has a code", "returned", "/later"),
    Page(PATIENT, "come back", "visitor", "/come-back"),
    Page(PATIENT, "come back, wrong", "visitor", "/come-back", {"code": "ACDE-FGHJ"}, 422),
    Page(PATIENT, "come back, another form here", "filling", "/come-back"),
    Page(PATIENT, "come back, sent", "visitor", "/come-back", {"code": "{sent}", **BORN}),
    Page(PATIENT, "unlock", "locked", "/unlock"),
    Page(PATIENT, "unlock, wrong", "locked", "/unlock", {}, 422),
    Page(PATIENT, "received", "sent", "/received"),
    Page(PATIENT, "received, not yet", "filling", "/received"),
    Page(PATIENT, "another form", "filling", "/another"),
    Page(PATIENT, "another form, sent", "sent", "/another"),
    Page(PATIENT, "results", "sent", "/results"),
    Page(PATIENT, "results, with the name", "sent", "/results", {"copy": "named"}),
    Page(PATIENT, "results after a crisis", "sent in crisis", "/results"),
    Page(PATIENT, "start again", "filling", "/start-again"),
    Page(PATIENT, "start again, sent", "sent", "/start-again"),
    Page(PATIENT, "not found any more", "visitor", "/questions", status=404),
    *(Page(PATIENT, f"error {code}", "visitor", "/", error=code, status=code) for code in CODES),
    Page(LEARN, "index", "visitor", "/learn/"),
    Page(LEARN, "accessibility", "visitor", "/learn/accessibility"),
    *_topics(),
    Page(STAFF, "sign-in", "visitor", "/staff/login"),
    Page(STAFF, "sign-in, wrong", "visitor", "/staff/login", {"email": "a@b.example"}),
    Page(STAFF, "confirm", "intake", "/staff/verify"),
    Page(STAFF, "queue", "intake", "/staff/"),
    Page(STAFF, "queue, a page that is none", "intake", "/staff/?at=nonsense"),
    Page(STAFF, "queue, decided and closed", "intake", "/staff/?show=closed"),
    Page(STAFF, "queue, filtered", "intake", "/staff/?priority=emergency&assigned=nobody"),
    Page(STAFF, "queue, nobody with this filter", "intake", "/staff/?written_in=es&overdue=1"),
    Page(STAFF, "queue, a day that is none", "intake", "/staff/?from=yesterday"),
    Page(STAFF, "queue, submission gone", "intake", "/staff/", {"assign": "me none 0"}, 404),
    Page(STAFF, "search", "intake", "/staff/search"),
    Page(STAFF, "search, found", "intake", "/staff/search", {"typed": "Test"}),
    Page(STAFF, "search, nobody", "intake", "/staff/search", {"typed": "Zacharias"}),
    Page(STAFF, "search, for nothing", "intake", "/staff/search", {"typed": " "}, 400),
    Page(
        STAFF,
        "search, open too long",
        "intake",
        "/staff/search",
        {"typed": "Test", "csrf_token": "old"},
        400,
    ),
    Page(STAFF, "submission", "physician", "/staff/submissions/{sent}"),
    Page(STAFF, "submission, danger", "intake", "/staff/submissions/{danger}"),
    Page(STAFF, "submission, medical", "intake", "/staff/submissions/{medical}"),
    Page(STAFF, "submission, nearly blank", "intake", "/staff/submissions/{blank}"),
    Page(STAFF, "submission, has a code", "intake", "/staff/submissions/{returned}"),
    Page(STAFF, "submission, code stopped", "intake", "/staff/submissions/{begun}/code", {}, 404),
    Page(STAFF, "submission, asked for a call", "intake", "/staff/submissions/{called}"),
    Page(STAFF, "submission, acknowledged", "intake", "/staff/submissions/{acknowledged}"),
    Page(STAFF, "submission that may leave", "physician", "/staff/submissions/{acknowledged}"),
    Page(STAFF, "submission, closed", "intake", "/staff/submissions/{closed}"),
    Page(STAFF, "submission, decided", "intake", "/staff/submissions/{decided}"),
    Page(STAFF, "call script", "intake", "/staff/submissions/{blank}/call"),
    Page(STAFF, "call script, danger", "physician", "/staff/submissions/{danger}/call"),
    Page(STAFF, "call script, nothing to ask", "intake", "/staff/submissions/{sent}/call"),
    Page(STAFF, "call script, taken down", "intake", "/staff/submissions/{phoned}/call"),
    Page(STAFF, "call script, nothing entered", "intake", *_call("sent")),
    Page(
        STAFF,
        "call script, wrong",
        "intake",
        *_call("blank", {**HEARD, "bp_systolic": "high", "height_cm": "5"}),
    ),
    Page(STAFF, "call script, no such", "intake", "/staff/submissions/{begun}/call", status=404),
    Page(STAFF, "submission, called", "intake", "/staff/submissions/{phoned}"),
    Page(
        STAFF, "submission, called, by the form", "intake", "/staff/submissions/{phoned}?under=form"
    ),
    Page(
        STAFF,
        "rule, called",
        "intake",
        "/staff/submissions/{phoned}/rules/hold_pregnant?under=phone",
    ),
    Page(STAFF, "rule that is met", "intake", "/staff/submissions/{sent}/rules/paired_pattern"),
    Page(
        STAFF,
        "rule that cannot tell",
        "intake",
        "/staff/submissions/{blank}/rules/hold_pregnant",
    ),
    Page(STAFF, "rule that is not met", "intake", "/staff/submissions/{sent}/rules/hold_pregnant"),
    Page(STAFF, "rule, no such", "intake", "/staff/submissions/{sent}/rules/none", status=404),
    Page(
        STAFF,
        "submission, status refused",
        "intake",
        "/staff/submissions/{sent}/act",
        {"act-do": "nonsense"},
        400,
    ),
    Page(
        STAFF,
        "submission, changed meanwhile",
        "intake",
        "/staff/submissions/{sent}/act",
        {"act-do": "acknowledged", "act-revision": "99"},
        409,
    ),
    Page(
        STAFF,
        "submission, disposition missing",
        "physician",
        "/staff/submissions/{acknowledged}/act",
        {"act-do": "closed", "act-revision": "{acknowledged}"},
        400,
    ),
    Page(
        STAFF,
        "submission, not for intake to change",
        "intake",
        "/staff/submissions/{decided}/act",
        {"act-do": "closed", "act-revision": "{decided}", "act-text": "Moved away"},
        400,
    ),
    Page(
        STAFF,
        "trial, to confirm",
        "physician",
        "/staff/submissions/{sent}/trials",
        {**TRIAL, "trial-seen": "{sent}", "trial-adequate": "no", "trial-reason": "age"},
    ),
    Page(
        STAFF,
        "trial, to take back",
        "physician",
        "/staff/submissions/{sent}/trials",
        {**TRIAL, "trial-seen": "{sent}", "trial-adequate": "back"},
    ),
    Page(STAFF, "trial, wrong", "physician", "/staff/submissions/{sent}/trials", TRIAL, 400),
    Page(
        STAFF,
        "trial, changed meanwhile",
        "physician",
        "/staff/submissions/{sent}/trials",
        {**TRIAL, "trial-seen": "0", "trial-adequate": "no", "trial-reason": "age"},
        409,
    ),
    Page(
        STAFF,
        "submission, empty note",
        "intake",
        "/staff/submissions/{sent}/act",
        {"act-do": "note"},
        400,
    ),
    Page(
        STAFF,
        "submission, contact, wrong",
        "intake",
        "/staff/submissions/{acknowledged}/act",
        {"act-do": "contact", "act-next_try": "soon", "act-text": "No answer. Synthetic."},
        400,
    ),
    Page(
        STAFF,
        "submission, assigned to nobody we know, wrong",
        "intake",
        "/staff/submissions/{acknowledged}/act",
        {"act-do": "assign", "act-to": "x@y.example"},
        400,
    ),
    Page(STAFF, "submission, something kept", "intake", "/staff/submissions/{acknowledged}"),
    Page(STAFF, "two forms", "intake", f"{TWO}/{{sent}}/with/{{danger}}"),
    Page(STAFF, "two forms, confirmed", "physician", f"{TWO}/{{phoned}}/with/{{blank}}"),
    Page(STAFF, "two forms, rejected", "intake", f"{TWO}/{{sent}}/with/{{closed}}", status=404),
    Page(STAFF, "two forms, nothing said", "intake", f"{TWO}/{{sent}}/with/{{danger}}", {}, 400),
    Page(
        STAFF,
        "two forms, said meanwhile",
        "intake",
        f"{TWO}/{{sent}}/with/{{closed}}",
        {"same": "yes", "seen": "suggested"},
        409,
    ),
    Page(STAFF, "everything", "physician", "/staff/submissions/{sent}/all"),
    Page(STAFF, "everything, danger", "intake", "/staff/submissions/{danger}/all"),
    Page(STAFF, "everything, nearly blank", "intake", "/staff/submissions/{blank}/all"),
    Page(STAFF, "everything, to print", "intake", "/staff/submissions/{sent}/all?folds=open"),
    Page(STAFF, "queue, nothing saved", "intake", "/staff/", outage=True),
    Page(
        STAFF,
        "submission, not saved",
        "intake",
        "/staff/submissions/{sent}/act",
        {"act-do": "note", "act-text": "Called. Synthetic."},
        503,
        outage=True,
    ),
    Page(
        STAFF,
        "sign-in, not saved",
        "visitor",
        "/staff/login",
        {"email": "a@b.example", "password": "not this one"},
        503,
        outage=True,
    ),
    Page(STAFF, "numbers", "intake", "/staff/numbers"),
    Page(STAFF, "numbers, one form", "physician", "/staff/numbers?weeks=4&form=fibromyalgia"),
    Page(STAFF, "numbers, a rule", "intake", "/staff/numbers?rule=fibromyalgia.hold_pregnant"),
    Page(STAFF, "numbers, none", "intake", "/staff/numbers?written_in=es"),
    Page(STAFF, "notifications", "intake", "/staff/notifications"),
    Page(STAFF, "notifications, no such entry", "intake", "/staff/notifications/test/x", {}, 404),
    Page(
        STAFF,
        "notifications, open too long",
        "intake",
        "/staff/notifications/test/x",
        {"csrf_token": "old"},
        400,
    ),
    Page(STAFF, "rulebook", "intake", "/staff/rulebook"),
    Page(STAFF, "sources of the rulebook", "intake", "/staff/rulebook/sources"),
    Page(STAFF, "sign", "physician", "/staff/rulebook/sign"),
    Page(
        STAFF,
        "sign, wrong",
        "physician",
        "/staff/rulebook/sign",
        {"hash": RULEBOOK.hash},
        400,
    ),
    Page(STAFF, "sign, changed meanwhile", "physician", "/staff/rulebook/sign", {}, 409),
    Page(STAFF, "translation", "intake", "/staff/rulebook/languages/es"),
    Page(STAFF, "sign a translation", "physician", "/staff/rulebook/languages/es/sign"),
    Page(
        STAFF,
        "sign a translation, wrong",
        "physician",
        "/staff/rulebook/languages/es/sign",
        {"hash": SPANISH.hash},
        400,
    ),
    Page(
        STAFF,
        "sign a translation, changed meanwhile",
        "physician",
        "/staff/rulebook/languages/es/sign",
        {},
        409,
    ),
)


def _shown(response: TestResponse) -> dict[str, str]:
    """Return what a page says that it showed, as a browser brings it back."""
    field = soup(response).select_one("[name=page-shown]")
    return {} if field is None else {"page-shown": str(field["value"])}


class Site:
    """One app with a client for everybody who appears in PAGES, each where they should be.

    Needs the accounts of `add_staff`.
    """

    headers: ClassVar[Mapping[str, str]] = {}  # of a page that is answered with an error

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.references: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        self._clients = {who: app.test_client() for who in ("visitor", "agreed", *access.STAFF)}
        send(self._clients["agreed"], "/consent", {"agree": "y"})
        for role in access.STAFF:
            account = {"email": f"{role}@demo.example", "password": PASSWORD}
            assert send(self._clients[role], "/staff/login", account).location == "/staff/"
        self._people()

    def open(self, page: Page) -> TestResponse:
        """Return the page as this person is shown it."""
        if page.error:
            return self._refused(page.error)
        if page.outage:
            with outage(self.app, READ_ONLY):
                return self.open(replace(page, outage=False))
        client, path = self._clients[page.who], page.path.format(**self.references)
        if page.who == "locked":
            self._wait(client)
        if page.data is None:
            return client.get(path)
        posted = {**_shown(client.get(path)), "csrf_token": token_of(client), **page.data}
        who = str(posted.get("act-revision", "")).strip("{}")
        if who in self.references:
            posted["act-revision"] = str(self._submission(who).revision)
        who = str(posted.get("code", "")).strip("{}")
        if who in self._codes:
            posted["code"] = self._codes[who]
        who = str(posted.get("trial-seen", "")).strip("{}")
        if who in self.references:
            posted["trial-seen"] = store.trial_mark(self._submission(who), *TRIAL.values())
        return client.post(path, data=posted, follow_redirects=True)

    def endpoint(self, page: Page) -> str:
        """Return the name of the view that shows it."""
        path = page.path.format(**self.references).partition("?")[0]
        method = "GET" if page.data is None else "POST"
        return str(self.app.url_map.bind("localhost").match(path, method)[0])

    def _refused(self, code: int) -> TestResponse:
        """Return what somebody sees who is answered with this status, by the app's own handler."""
        with self.app.test_request_context("/", headers=self.headers):
            error = exceptions.default_exceptions[code]()
            made = self.app.make_response(self.app.handle_http_exception(error))
            self.app.process_response(made)
            request = self._clients["visitor"].get("/").request
            return TestResponse(made.iter_encoded(), made.status, made.headers, request)

    def _people(self) -> None:
        paired = case("V01")
        crisis, danger = {"phq9_9": 1}, {"asq_1": "yes", "asq_5": "yes"}
        self._add("begun", {})
        swapped = {"bp_systolic": 78, "bp_diastolic": 124}  # asked about once more
        self._add("filling", {**paired, **swapped}, last="exercise_and_therapy")
        self._add("crisis", crisis, last="mood")
        self._add("danger", danger, last="safety")
        self._add("medical", {"warning_signs": ["saddle_numbness"]}, last="warning_signs")
        self._add("called", danger, last="safety")
        send(self._clients["called"], "/help", {"action": "call"})
        self._add("sent", paired)
        self._make_code("sent")
        assert send(self._clients["sent"], "/check").location == "/results"
        self._add("returned", {**paired, **crisis})
        self._make_code("returned")
        elsewhere = self._clients["returned"] = self.app.test_client()
        send(elsewhere, "/come-back", {"code": self._codes["returned"], **BORN})
        send(elsewhere, "/help", {"action": "continue"})
        self._add("locked", crisis, last="mood")
        self._add("blank", {}, submit=True)
        self._add("sent in crisis", {**paired, **crisis}, submit=True)
        self._add("acknowledged", danger, last="safety")
        self._add("closed", danger, last="safety")
        self._add("decided", {"phq9_9": 0, **{f"asq_{i}": "no" for i in range(1, 5)}}, submit=True)
        self._step("acknowledged", "intake", "acknowledged")
        self._step("closed", "intake", "acknowledged")
        recorded = {"text": "Seen. Synthetic.", "suicide": "None now"}
        self._step("closed", "physician", "closed", **recorded)
        self._step("decided", "physician", "decided")
        with self.app.app_context():
            self._judge("sent")
            typed = {"text": "She asked to be called after five. Synthetic.", "how": "phone"}
            store.keep_draft(self.references["acknowledged"], "intake@demo.example", typed)
        self._add("phoned", {"asq_1": "no"}, submit=True)
        for heard in ({"asq_2": "yes", "none-asq_3": "declined"}, {"pregnancy": "pregnant"}):
            data = {**HEARD, **heard, "csrf_token": token_of(self._clients["intake"])}
            path = f"/staff/submissions/{self.references['phoned']}/call"
            assert self._clients["intake"].post(path, data=data).status_code == 303
        for pair, same in ((("phoned", "blank"), True), (("sent", "closed"), False)):
            first, second = (self.references[name] for name in pair)
            with self.app.app_context():
                by = "intake@demo.example"
                store.say_same(first, second, by, same=same, seen="suggested")

    def _make_code(self, who: str) -> None:
        """Let somebody make a code to come back with."""
        with self.app.app_context():
            made = store.make_return_code(_token(self._clients[who]), timedelta(days=30))
        self._codes[who] = made.code

    def _wait(self, client: FlaskClient) -> None:
        """Let a device have been idle for a day."""
        with self.app.app_context(), store.db.engine.begin() as connection:
            device = sa.update(DeviceRow).where(DeviceRow.id == row_id(_token(client)))
            connection.execute(device.values(seen_at=clock.now() - timedelta(days=1)))

    def _step(self, who: str, role: str, status: str, **more: str) -> None:
        """Let staff take a step with somebody's submission."""
        reference = self.references[who]
        sent = {"do": status, "revision": str(self._submission(who).revision), **more}
        data = {f"act-{name}": text for name, text in sent.items()}
        data["csrf_token"] = token_of(self._clients[role])
        path = f"/staff/submissions/{reference}/act"
        assert self._clients[role].post(path, data=data).status_code == 303

    def _judge(self, who: str) -> None:
        """Let a physician judge TRIAL."""
        stored = self._submission(who)
        medicine, use = TRIAL.values()
        row = stored.questionnaire.answers[PROTOCOL.table.id][medicine]
        name, words = PROTOCOL.medicines[medicine].name, "The level was too low. Synthetic."
        judgement = store.Judgement(medicine, name, use, False, "other", words, row)
        store.judge_trial(
            stored.questionnaire.reference,
            judgement,
            "physician@demo.example",
            role="physician",
            seen=store.trial_mark(stored, medicine, use),
        )

    def _submission(self, who: str) -> store.Submission:
        with self.app.app_context():
            stored = store.submission(self.references[who])
        assert stored is not None
        return stored

    def _add(self, who: str, *given: Any, **more: Any) -> None:
        self._clients[who], self.references[who] = person(self.app, *given, **more)


def add_staff(app: Flask) -> None:
    """Add one account a role, with PASSWORD."""
    with app.app_context():
        for role in access.STAFF:
            access.create_user(f"{role}@demo.example", PASSWORD, [role])


def person(
    app: Flask, answers: dict[str, Any], *, last: str = "", submit: bool = False
) -> tuple[FlaskClient, str]:
    """Return a new person who fills in the pages up to `last` and, if wanted, sends the form.

    Returns their browser and the reference of their questionnaire.
    """
    client = app.test_client()
    begin(client)
    for page in PROTOCOL.pages:
        if any(question in answers for question in page.questions):
            fill_page(client, page.id, answers)
        if page.id == last:
            break
    if submit:
        assert send(client, "/check").location == "/results"
    with app.app_context():
        questionnaire = store.load(_token(client))
    assert questionnaire is not None
    return client, questionnaire.reference


def _token(client: FlaskClient) -> str:
    cookie = client.get_cookie("screener_questionnaire")
    assert cookie is not None
    return cookie.value


def fill_page(client: FlaskClient, page_id: str, answers: dict[str, Any]) -> None:
    """Send one page of questions with those of the answers that it asks for."""
    page = next(page for page in PROTOCOL.pages if page.id == page_id)
    table = PROTOCOL.table.id
    posted = {id: _typed(id, answers[id]) for id in page.questions if id in answers}
    response = send(client, f"/questions/{page_id}", posted)
    assert response.status_code == 303, f"{page_id}: {response.text}"
    rows = answers.get(table, {}) if table in page.questions else {}
    for number, row in enumerate(numbered(PROTOCOL, rows), 1):
        typed = {column: _typed(column, cell) for column, cell in rows[row].items()}
        response = send(client, f"/questions/{page_id}/{number}", typed)
        assert response.status_code == 303, f"{row}: {response.text}"


def numbered(protocol: Protocol, rows: Iterable[str]) -> list[str]:
    """Return medicines that were ticked in the order of their numbers."""
    ticked = [id for id in protocol.medicines if id in set(rows)]
    return sorted(ticked, key=lambda id: not can_count(protocol, protocol.medicines[id]))


def written(id: str, answer: Any) -> str:
    """Return an answer as a person writes it: a measure and a length of time with their unit."""
    questions = {**PROTOCOL.questions, **{c.id: c for c in PROTOCOL.table.columns}}
    unit = questions[id].unit if id in questions else ""
    return f"{answer} {unit}" if unit in (*MEASURES, WEEKS) else str(answer)


def _typed(id: str, answer: Any) -> Any:
    if isinstance(answer, dict):
        return list(answer)
    return list(answer) if isinstance(answer, list | tuple) else written(id, answer)


def case(name: str) -> dict[str, Any]:
    """Return the answers of the rulebook's case whose name begins so."""
    chosen = next(case for case in PROTOCOL.cases if case.name.startswith(name))
    return dict(chosen.answers)
