"""What the machine knows of the program's pages: addresses, names of fields, words, and dangers.

It says in its own words what danger is and how much it presses, and takes nothing of that from the
program. Where a page changes, this is the file to change.
"""

import re
from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from tests.machine.browser import Page, Values, words

START, CONSENT, BIRTH, CONTACT = "/", "/consent", "/date-of-birth", "/contact"
QUESTIONS, CHECK, RESULTS, HELP = "/questions", "/check", "/results", "/help"
START_AGAIN, WHERE = "/start-again", "/where"
TOKEN_COOKIE, SESSION_COOKIE = "screener_questionnaire", "session"

# Pages that a person opens, the dangerous ones more than once: hands draw from here.
PLACES = (
    "/questions/safety",
    "/questions/safety",
    "/questions/safety",
    "/questions/mood",
    "/questions/mood",
    "/questions/warning_signs",
    "/questions/warning_signs",
    "/questions/worry",
    "/questions/pain_areas",
    "/questions/about_you",
    "/questions/medicines_tried",
    "/questions/blood_pressure",
)
BEFORE_QUESTIONS = (START, CONSENT, BIRTH, CONTACT, QUESTIONS, CHECK, RESULTS, HELP, START_AGAIN)

AGREE = ("agree", "y")
ERASE, SURE = ("action", "erase"), ("under_age", "yes")
CALL, UNSAFE = ("action", "call"), ("action", "unsafe")
CONTINUE, CHANGE = ("action", "continue"), ("action", "change")
LEAVE_BLANK = ("leave_blank", "")
BORN = "date_of_birth"
# Fields beside the questions that say something of the contact page anew; blank says nothing.
CONTACT_FIELDS = {"where_now": "location"}
ADULT = 18

# Priorities that press, the most pressing first. The words are those of the program's interface.
PRESSING = ("emergency", "urgent")
ASQ = ("asq_1", "asq_2", "asq_3", "asq_4")
RIGHT_NOW, ITEM_9, SIGNS = "asq_5", "phq9_9", "warning_signs"
POSITIVE = ("yes", "declined")
EMERGENCY_SIGNS = (
    "saddle_numbness",
    "bladder_bowel_loss",
    "new_leg_weakness",
    "chest_pain",
    "severe_breathlessness",
    "fainting",
    "stroke_signs",
    "sudden_vision_loss",
)
DANGER_FIELDS = (*ASQ, RIGHT_NOW, ITEM_9, SIGNS)

# Staff.
LOGIN, QUEUE = "/staff/login", "/staff/"
STATUSES = (
    "new",
    "acknowledged",
    "in_contact",
    "needs_information",
    "ready_for_physician",
    "decided",
    "closed",
)
HANDLED = ("decided", "closed")

NOT_SAVED = re.compile(r"not (been )?saved|could not (be )?save", re.IGNORECASE)
_GIVEN = re.compile(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", re.DOTALL)


def dangers(name: str, values: Values) -> set[tuple[str, str]]:
    """Return the risk answers in what stands in one field, each option taken at its word."""
    if name in (*ASQ, RIGHT_NOW):
        return {(name, value) for value in values if value in POSITIVE}
    if name == ITEM_9:
        return {(name, value) for value in values if value != "0"}
    if name == SIGNS:
        return {(name, value) for value in values if value in EMERGENCY_SIGNS}
    return set()


def pressing(stands: Mapping[str, Values]) -> str:
    """Return how much answers press: emergency, urgent, or "" where no danger is told."""
    told = {risk for name, values in stands.items() for risk in dangers(name, values)}
    positive = any(name in ASQ for name, _ in told)
    if any(name in (SIGNS, RIGHT_NOW) for name, _ in told):
        return "emergency"
    if positive and not stands.get(RIGHT_NOW):
        return "emergency"  # left blank after a positive answer, it counts as a refusal
    return "urgent" if told else ""


_DO, _WORDS = "act-do", "act-text"
_DISPOSITIONS = ("act-suicide", "act-medical")


def submission(reference: str) -> str:
    """Return where staff read a submission."""
    return f"/staff/submissions/{reference}"


def everything(reference: str) -> str:
    """Return where staff read everything behind the one screen of a submission."""
    return f"{submission(reference)}/all"


def status_post(page: Page, to: str, reason: str, revision: int) -> tuple[str, MultiDict[str, str]]:
    """Return where and how a staff page sets a status, filled in by what is there.

    Where it offers no such step, a post made by hand, with the page's token. Without a reason
    nothing else is chosen either.
    """
    button = (_DO, to)
    form = page.form_with(button)
    if form is not None:
        for each in form.fields.values():
            if each.name == _WORDS:
                each.accept([reason])
            elif each.name in _DISPOSITIONS and reason:
                each.accept([option for option in each.options if option][:1])
        return form.action, form.data(button)
    forms = [form for form in page.forms if _WORDS in form.fields]
    if not forms:
        return "", MultiDict()
    shown = forms[0].fields
    data = {
        "csrf_token": shown["csrf_token"].values[0],
        "act-revision": shown["act-revision"].values[0],
        _DO: to,
        _WORDS: reason,
        **dict.fromkeys(_DISPOSITIONS, "None now" if reason else ""),
    }
    return forms[0].action, MultiDict(data)


def note_post(page: Page, text: str) -> tuple[str, MultiDict[str, str]]:
    """Return where and how a staff page adds a note; "" where it takes none."""
    button = (_DO, "note")
    form = page.form_with(button)
    if form is None:
        return "", MultiDict()
    form.fields[_WORDS].accept([text])
    return form.action, form.data(button)


def helps(page: Page, danger: set[tuple[str, str]]) -> bool:
    """Whether the body of a page holds the help that these risk answers call for."""
    if any(name == SIGNS for name, _ in danger) and "tel:911" not in page.body:
        return False
    return all(name == SIGNS for name, _ in danger) or "tel:988" in page.body


def shown_answers(page: Page) -> list[tuple[str, str]]:
    """Return what the staff page lists: each question or label with what stands beside it."""
    return [(words(label), words(value)) for label, value in _GIVEN.findall(page.text)]


def shows_call(page: Page) -> bool:
    """Whether the staff page says that the person asked for a call."""
    calls = [value for label, value in shown_answers(page) if label == "Asked for a call"]
    return bool(calls) and "No call" not in calls[0]


def shows_unsafe(page: Page) -> bool:
    """Whether the staff page says that the person was not sure they are safe."""
    return any("not sure they are safe" in label.lower() for label, _ in shown_answers(page))


def shown_priority(page: Page) -> str:
    """Return what the head of the staff page says of the priority, in small letters."""
    return page.words[:400].lower()
