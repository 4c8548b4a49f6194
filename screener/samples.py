"""Synthetic staff and submissions, so that a demonstration has something to show.

Nobody here is real. The answers are those of the rulebook's cases, and are treated like any other
answers: saved page by page, screened at every save, submitted or abandoned.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from screener import phones, store
from screener.access import create_user
from screener.engine.protocol import Case, Protocol
from screener.engine.questions import Answers
from screener.patient import context, journey, safety, saving
from screener.patient.record import Record
from screener.staff.hearing import hearing
from screener.store import clock

ACCOUNTS = {"intake@demo.example": "intake", "physician@demo.example": "physician"}
_INTAKE, _PHYSICIAN = ACCOUNTS


@dataclass(frozen=True)
class Account:
    """A synthetic member of staff; the password is shown once and not stored."""

    email: str
    password: str


@dataclass(frozen=True)
class ReviewStep:
    """What staff did: hours ago, by whom, the new status ("" for a note alone), the note.

    `recorded` has the position of the recorded disposition in the clinic's list, by kind of danger.
    """

    hours: float
    actor: str
    status: str
    note: str = ""
    recorded: dict[str, int] = field(default_factory=dict)

    @property
    def dispositions(self) -> dict[str, str]:
        """Return the dispositions in the clinic's words; its list may be shorter than ours."""
        lists = store.disposition_lists()
        return {
            kind: lists[kind][min(i, len(lists[kind]) - 1)] for kind, i in self.recorded.items()
        }


@dataclass(frozen=True)
class CallStep:
    """An attempt to reach the person: hours ago, by whom, whether it did, and what was agreed."""

    hours: float
    actor: str
    reached: bool
    agreed: str


@dataclass(frozen=True)
class ToldStep:
    """What the person answered on the phone: hours ago, by whom it was taken down, the answers."""

    hours: float
    actor: str
    answers: dict[str, Any]


Step = ReviewStep | CallStep | ToldStep


@dataclass(frozen=True)
class Sample:
    """One synthetic person: the case whose answers they give, and what happened, in hours ago.

    `changes` are answers that differ from the case (None: left blank), `earlier` those of an
    earlier save. `until` is the last page they reached; without it they sent the form. `person` is
    the number of another sample of which this is the same person.
    """

    case: str
    began: float
    changes: dict[str, Any] = field(default_factory=dict)
    earlier: dict[str, Any] = field(default_factory=dict)
    until: str = ""
    call: bool = False
    review: tuple[Step, ...] = ()
    person: int = 0


_YES_NOW = {"asq_1": "yes", "asq_2": "no", "asq_3": "yes", "asq_4": "no", "asq_5": "yes"}

SAMPLES = (
    Sample("V02", 0.6, {"asq_5_detail": "Mostly at night. Synthetic text."}, call=True),
    Sample("V01", 2.4, _YES_NOW, until="safety"),
    Sample("V01", 5.2, {"warning_signs": ["saddle_numbness"]}),
    Sample(
        "V04",
        1.9,
        review=(
            ReviewStep(1.5, _INTAKE, "acknowledged"),
            CallStep(1.2, _INTAKE, False, "Rang out. Once more in half an hour."),
            ReviewStep(0.9, _INTAKE, "in_contact"),
        ),
    ),
    Sample("V05", 3.6, review=(ReviewStep(3.1, _INTAKE, "acknowledged"),)),
    Sample("V01", 27, {}, {"asq_3": "yes", "asq_5": "no"}),
    Sample("V01", 6.5, {"asq_2": "declined", "asq_3": None, "asq_4": None}, until="safety"),
    Sample(
        "V07", 30, review=(ReviewStep(4, _INTAKE, "needs_information", "Asked for the due date."),)
    ),
    Sample("V09", 52),
    Sample(
        "V01",
        49,
        {"symptoms_3_months": None, "phq9_2": None},
        review=(
            ReviewStep(26, _INTAKE, "acknowledged"),
            CallStep(25.5, _INTAKE, True, "Answered what was left blank."),
            ToldStep(25.4, _INTAKE, {"symptoms_3_months": "yes", "phq9_2": 2}),
        ),
    ),
    Sample(
        "V15",
        75,
        review=(ReviewStep(20, _INTAKE, "needs_information", "Pharmacy records asked for."),),
    ),
    Sample(
        "V12",
        26,
        review=(ReviewStep(3, _INTAKE, "ready_for_physician", "History confirmed by phone."),),
    ),
    Sample("V17", 8.3),
    Sample(
        "V18",
        98,
        review=(ReviewStep(50, _PHYSICIAN, "", "Will look at the earlier records first."),),
    ),
    Sample("V01", 0.9, person=13),
    Sample(
        "V13",
        170,
        review=(
            ReviewStep(150, _INTAKE, "ready_for_physician"),
            ReviewStep(
                120, _PHYSICIAN, "decided", "Visit offered; pain medicines to be reviewed there."
            ),
        ),
    ),
    Sample(
        "V02",
        54,
        {"warning_signs": ["chest_pain"]},
        review=(
            ReviewStep(53.4, _INTAKE, "acknowledged"),
            CallStep(53.3, _INTAKE, True, "Doctor on the line."),
            ReviewStep(53.2, _INTAKE, "in_contact"),
            ReviewStep(
                53,
                _PHYSICIAN,
                "closed",
                "Stayed on the line until the ambulance was there. Synthetic text.",
                {"suicide": 0, "medical": 0},
            ),
        ),
    ),
)


def fill() -> list[Account]:
    """Fill an empty demonstration, inside an app context, and return the new accounts.

    If it has submissions already, change nothing and return no accounts.
    """
    if store.count_queue(statuses=store.STATUSES):
        return []
    accounts = []
    for email, role in ACCOUNTS.items():
        account = Account(email, secrets.token_urlsafe(12))
        try:
            create_user(account.email, account.password, [role])
        except ValueError:
            continue
        accounts.append(account)
    add_submissions(clock.now())
    return accounts


def add_submissions(now: datetime) -> None:
    """Add every sample as if it had happened before `now`."""
    protocol = _protocol()
    people = [_Life(protocol, number, sample) for number, sample in enumerate(SAMPLES, 1)]
    # In order of time, across all persons: times in the audit log must not run backwards.
    moments = sorted(
        ((hours, i) for i, life in enumerate(people) for hours in life.moments), reverse=True
    )
    for hours, i in moments:
        with _clock_at(now - timedelta(hours=hours)):
            people[i].next()


def _protocol() -> Protocol:
    """Return the protocol whose cases the samples name."""
    protocols = context.rulebook().protocols.values()
    return next(p for p in protocols if all(_case(p, sample.case) for sample in SAMPLES))


def _case(protocol: Protocol, name: str) -> Case | None:
    return next((case for case in protocol.cases if case.name.startswith(name)), None)


class _Life:
    """What happens to one sample, step by step. `moments` are hours ago."""

    def __init__(self, protocol: Protocol, number: int, sample: Sample) -> None:
        self.protocol, self.number, self.sample = protocol, number, sample
        self.steps = self._steps()
        length = min(0.5, sample.began / 2)  # hours that the form took
        self.moments = [
            sample.began,
            *([sample.began - length / 2] if sample.earlier else []),
            sample.began - length,
            *(step.hours for step in sample.review),
        ]

    def next(self) -> None:
        """Take the next step."""
        next(self.steps)

    def _steps(self) -> Iterator[None]:
        book, sample = context.rulebook(), self.sample
        token = store.start(self.protocol.id, self.protocol.version, book.hash)
        answers = self._answers(sample.changes)
        person = sample.person or self.number
        store.save(token, identity=_identity(person, answers.get("age")))
        yield
        if sample.earlier:
            self._save(token, self._answers({**sample.changes, **sample.earlier}))
            yield
        self._save(token, answers)
        if not sample.until:
            store.submit(
                token, lambda form: saving.settled(Record.of(form), answers, submitted=True)
            )
        yield
        saved = store.load(token)
        assert saved is not None
        for step in sample.review:
            self._review(saved.reference, step)
            yield

    def _review(self, reference: str, step: Step) -> None:
        if isinstance(step, CallStep):
            contact = store.Contact("phone", step.reached, step.agreed)
            store.log_contact(reference, contact, step.actor)
            return
        if isinstance(step, ToldStep):
            taken = store.TakenDown("phone", "person", step.answers)
            hear = hearing(self.protocol, context.rulebook().hash, step.actor)
            store.take_down(reference, taken, step.actor, hear)
            return
        if not step.status:
            store.add_note(reference, step.actor, step.note)
            return
        stored = store.submission(reference)
        assert stored is not None
        store.set_status(
            reference,
            step.status,
            step.actor,
            stored.revision,
            step.note,
            role=ACCOUNTS[step.actor],
            dispositions=step.dispositions,
        )

    def _answers(self, changes: dict[str, Any]) -> Answers:
        """Return the case's answers with changes, up to the last page the person reached."""
        case = _case(self.protocol, self.sample.case)
        assert case is not None  # _protocol() checked it
        merged: dict[str, Any] = {**case.answers, **changes}
        given = {id: answer for id, answer in merged.items() if answer is not None}
        last = self._last_page()
        return self.protocol.read_answers(
            {id: answer for id, answer in given.items() if self._page(id) <= last}
        )

    def _save(self, token: str, answers: Answers) -> None:
        def write(questionnaire: store.Questionnaire) -> store.Change:
            record = Record.of(questionnaire)
            if self.sample.call:
                safety.ask(record.progress, "call", clock.now().isoformat(timespec="seconds"))
            record.progress.pages_saved = [
                stop.key
                for stop in journey.stops(replace(record, answers=answers))
                if self._page(stop.page.questions[0]) <= self._last_page()
            ]
            return saving.settled(record, answers)

        store.save(token, change=write)

    def _last_page(self) -> int:
        pages = [page.id for page in self.protocol.pages]
        return pages.index(self.sample.until) if self.sample.until else len(pages)

    def _page(self, question: str) -> int:
        return self.protocol.page_of.get(question, -1)


def _identity(number: int, age: object) -> dict[str, Any]:
    region = context.settings().clinic_region
    years = age if isinstance(age, int) else 40
    born = context.today().replace(month=1, day=1)
    return {
        # Born on New Year's Day, so that the age is right all year round.
        "date_of_birth": born.replace(year=born.year - years).isoformat(),
        "name": f"Synthetic Person {number:02} (demo)",
        **phones.entries("phone", f"(555) 555-01{number:02}", region),
        "voicemail": "yes" if number % 3 else "no",
        "email": f"person{number:02}@demo.example",
        "location": "Anytown, Example State",
        "location_at": clock.now().isoformat(timespec="seconds"),
        "emergency_name": f"Synthetic Contact {number:02}, sister" if number % 4 else "",
        **phones.entries(
            "emergency_phone", f"(555) 555-01{number + 40}" if number % 4 else "", region
        ),
    }


@contextmanager
def _clock_at(moment: datetime) -> Iterator[None]:
    """Set the program's clock to `moment`, so that people have waited for a while."""
    real = clock.now
    setattr(clock, "now", lambda: moment)  # noqa: B010 (mypy refuses the plain assignment)
    try:
        yield
    finally:
        setattr(clock, "now", real)  # noqa: B010
