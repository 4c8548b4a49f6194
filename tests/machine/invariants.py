"""What must hold after every step. Each has a letter; `MEANINGS` says what it is about.

The looks at the store are cheap and come after every step. The staff's own page is read whenever
something new on danger was acknowledged, and at the end.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from screener import store
from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, AnswersError
from screener.engine.resolve import resolve
from tests.machine import details
from tests.machine.browser import Device, Page, Values, normal
from tests.machine.clinic import STAFF
from tests.machine.model import Key, Questionnaire

if TYPE_CHECKING:
    from tests.machine.world import World

MEANINGS = {
    "A": "every risk answer that was ever acknowledged can be seen by staff",
    "B": "whoever presses and has no disposition waits where they belong",
    "C": "no acknowledged answer is gone unless the person changed it afterwards",
    "D": "no page shows another person's data",
    "E": "the audit chain is whole, and holds what was done",
    "F": "no bare error; danger that could not be stored gets help and is said to be not saved",
    "G": "staff acknowledge before they close, and undo no decision that is not theirs",
}
_OPEN = tuple(status for status in details.STATUSES if status not in details.HANDLED)


class Violation(AssertionError):
    """Something that must hold does not."""

    def __init__(self, letter: str, problem: str) -> None:
        super().__init__(f"{letter} ({MEANINGS[letter]}): {problem}")
        self.letter = letter


class Invariants:
    """Looks at the world. Raises Violation."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._read: dict[str, tuple[Any, ...]] = {}
        self._owed: list[tuple[str, str]] = []  # views that the audit log could not take yet

    # After every step.

    def check(self) -> None:
        """Look at everything."""
        world = self._world
        with world.clinic.app.app_context():
            rows = store.queue(statuses=_OPEN, limit=1000)
            for mine in world.questionnaires:
                if not mine.gone:
                    self._check(mine, rows)
            if not world.clinic.disk.fails:
                self._check_owed()
                broken = store.verify_audit()
                if broken is not None:
                    raise Violation("E", f"entry {broken.number}: {broken.reason}")
        for mine in world.questionnaires:
            if mine.at_risk and self._read.get(mine.reference) != _news(mine):
                self._check_page(mine)

    def check_pages(self) -> None:
        """Look at the staff's page of everybody at risk."""
        for mine in self._world.questionnaires:
            if mine.at_risk:
                self._check_page(mine)

    def _check_owed(self) -> None:
        """Views that were noted elsewhere while the disk failed enter the log now."""
        if not self._owed:
            return
        store.drain_views()
        entries = [(entry.actor, entry.object) for entry in store.audit_entries(limit=1000)]
        for owed in set(self._owed):
            if entries.count(owed) < self._owed.count(owed):
                raise Violation("E", f"a view while the disk failed is not in the log: {owed}")
        self._owed.clear()

    def _check(self, mine: Questionnaire, rows: list[store.QueueRow]) -> None:
        stored = store.load(mine.token)
        if stored is None:
            if mine.at_risk:
                raise Violation("A", f"the whole form of {mine.who} is gone: {mine.risks}")
            if not mine.may_go:
                raise Violation("C", f"the whole form of {mine.who} is gone")
            mine.gone = True
            return
        mine.may_go = False
        if mine.at_risk or mine.sent:
            self._check_seen(mine)
        if mine.pending:
            self._check_waits(mine, rows)
        self._check_stands(mine, stored)

    def _check_seen(self, mine: Questionnaire) -> None:
        try:
            seen = store.submission(mine.reference)
        except store.SealError as error:
            raise Violation("A", f"staff cannot open the form of {mine.who}: {error}") from error
        if seen is None:
            raise Violation("A", f"staff do not see the form of {mine.who}: {mine.risks}")
        told = {
            (answer.question, value)
            for answer in seen.risk_answers
            for value in _as_typed(answer.value)
        }
        drafts = seen.questionnaire.progress.get("drafts") or {}
        told |= {(n, v) for typed in drafts.values() for n, values in typed.items() for v in values}
        if missing := mine.risks - told:
            raise Violation("A", f"staff do not see what {mine.who} told: {missing}")
        requests = (("calls", mine.calls), ("unsafe", mine.unsafe))
        for what, count in requests:
            if count and not seen.questionnaire.progress.get(what):
                raise Violation("A", f"{mine.who} told of {what}, and it is not kept")
        kept = [str(event.body) for event in seen.events]
        for note in mine.notes:
            if not any(note in body for body in kept):
                raise Violation("C", f"a note of staff is gone: {note}")

    def _check_waits(self, mine: Questionnaire, rows: list[store.QueueRow]) -> None:
        place = next((i for i, row in enumerate(rows) if row.reference == mine.reference), None)
        if place is None:
            raise Violation("B", f"{mine.who} presses ({mine.pending}) and waits nowhere")
        row = rows[place]
        if row.priority not in details.PRESSING[: details.PRESSING.index(mine.pending) + 1]:
            raise Violation("B", f"{mine.who} is {mine.pending}, and stands as {row.priority}")
        ranks = [PRIORITIES.index(each.priority or PRIORITIES[-1]) for each in rows]
        if ranks != sorted(ranks):
            raise Violation("B", f"the queue does not stand by priority: {ranks}")
        acted = {each.reference for each in self._world.questionnaires if each.acted}
        for above in rows[:place]:
            if not mine.acted and above.priority == row.priority and above.reference in acted:
                raise Violation("B", f"{mine.who} is new and stands below an acknowledged one")
        assert mine.raised_at is not None
        if row.priority == mine.pending and row.waiting_since > mine.raised_at:
            raise Violation(
                "B", f"{mine.who} waits since {mine.raised_at}, the row says {row.waiting_since}"
            )

    def _check_stands(self, mine: Questionnaire, stored: store.Questionnaire) -> None:
        gone: list[Key] = []
        answers = Stored(self._world.clinic.rulebook.protocols[stored.protocol], stored)
        for kept, typed in ((mine.stands, True), (mine.waiting, False)):
            for key, values in kept.items():
                if same(values, answers.answer(key)):
                    continue
                # Sending must not pass over what could not be taken.
                if (
                    typed
                    and not mine.sent
                    and any(same(values, draft) for draft in answers.drafts(key))
                ):
                    continue
                if answers.is_asked(key):
                    now = answers.answer(key), answers.drafts(key)
                    raise Violation("C", f"{mine.who} gave {values} for {key}; it holds {now}")
                gone.append(key)
        for key in gone:  # no longer asked: it need not come back either
            mine.stands.pop(key, None)
            mine.waiting.pop(key, None)

    def _check_page(self, mine: Questionnaire) -> None:
        tab = self._world._sign_in("intake")
        if tab is None:
            return
        page = tab.open(details.submission(mine.reference))
        if page.status == 200:
            self.glanced(mine, page)
            page = tab.open(details.everything(mine.reference))
        if page.status == 200:
            self.viewed("intake", mine, page)
        else:
            raise Violation("A", f"staff get {page.status} for the form of {mine.who}")

    # While a step is taken.

    def look_at(self, device: Device, page: Page) -> None:
        """Look at a page that somebody gets."""
        if page.status == 500:
            raise Violation("F", f"a bare error at {page.url}: {page.words[:200]}")
        user = device.user
        if page.path.startswith("/staff/submissions/"):
            reference = page.path.split("/")[3]
            owners = (q.who for q in self._world.questionnaires if q.reference == reference)
            user = next(owners, "")
        elif page.path.startswith("/staff"):
            return
        for person in self._world.people.values():
            if person.name == user:
                continue
            for own in person.own:
                if own in page.text:
                    raise Violation("D", f"{page.url} shows {user or 'nobody'} {own!r}")

    def not_saved(
        self, page: Page, status: int, told: set[tuple[str, str]], changes: dict[str, Values]
    ) -> None:
        """Look at the answer to a post that was not taken."""
        failing = bool(self._world.clinic.disk.fails)
        if status == 503 and not failing:
            raise Violation("F", f"{page.url} cannot be saved although the disk works")
        if status == 503 and not page.retry_after:
            raise Violation("F", f"{page.url} does not say when to try again")
        if failing and told and status != 503:
            raise Violation("F", f"{page.url} answers {status} to danger while nothing is stored")
        if told and not details.helps(page, told):
            raise Violation("F", f"{page.url} ({status}) has no help for {told}")
        if told and not details.NOT_SAVED.search(page.words):
            raise Violation("F", f"{page.url} ({status}) does not say that it is not saved")
        if status in (400, 503):
            fields = page.form.fields if page.form else {}
            for name, values in changes.items():
                if values and (name not in fields or normal(fields[name].values) != values):
                    raise Violation("C", f"{page.url} ({status}) lost {values} typed for {name}")

    def _pressing(self, mine: Questionnaire, page: Page) -> None:
        if mine.calls and not details.shows_call(page):
            raise Violation("A", "the staff page does not show that a call was asked for")
        if mine.unsafe and not details.shows_unsafe(page):
            raise Violation("A", "the staff page does not show who is not sure they are safe")
        if mine.pending and not any(
            word in details.shown_priority(page)
            for word in details.PRESSING[: details.PRESSING.index(mine.pending) + 1]
        ):
            raise Violation("B", f"the staff page does not say {mine.pending}")

    def glanced(self, mine: Questionnaire, page: Page) -> None:
        """Look at the one screen of a submission: what presses stands there, with every call."""
        self._pressing(mine, page)
        if mine.risks and not details.shown_answers(page):
            raise Violation("A", "the one screen shows no answer")

    def viewed(self, role: str, mine: Questionnaire, page: Page) -> None:
        """Look at everything about a submission that staff have opened."""
        questions = self._world.clinic.rulebook.protocols["fibromyalgia"].questions
        given = details.shown_answers(page)
        for name, value in mine.risks:
            question = questions[name]
            label = question.option(value).label
            if not any(question.text in text and label in value for text, value in given):
                raise Violation("A", f"the staff page does not show {name} = {value}")
        self._pressing(mine, page)
        self._read[mine.reference] = _news(mine)
        if self._world.clinic.disk.fails:
            self._owed.append((STAFF[role], mine.reference))
        else:
            self._noted(STAFF[role], "viewed", mine.reference)

    def allowed(
        self, role: str, mine: Questionnaire, to: str, *, reason: bool, stale: bool
    ) -> None:
        """Look at a status that was just accepted, before the model takes it."""
        handled = to in details.HANDLED
        if stale:
            raise Violation("G", f"{role} set {to} on a page that did not show what came since")
        if handled and mine.pending and not mine.acted:
            raise Violation("G", f"{role} set {to} before {mine.pending} was acknowledged")
        if handled and mine.pending and role != "physician":
            raise Violation("G", f"{role} set {to} on {mine.pending}")
        if handled and mine.pending and not reason:
            raise Violation("G", f"{role} set {to} on {mine.pending} without a reason")
        if mine.status == "decided" and to != "decided" and role != "physician":
            raise Violation("G", f"{role} undid a decision")
        if mine.status in details.HANDLED and not handled and not reason:
            raise Violation("G", f"{role} reopened without a reason")
        self._noted(STAFF[role], to, mine.reference)

    def held(self, mine: Questionnaire | None) -> Stored | None:
        """Return what the store holds of a questionnaire now."""
        if mine is None:
            return None
        with self._world.clinic.app.app_context():
            stored = store.load(mine.token)
        if stored is None:
            return None
        return Stored(self._world.clinic.rulebook.protocols[stored.protocol], stored)

    def drop_unmended(self, mine: Questionnaire, key: str) -> None:
        """Take that the person dropped what was typed on a screen: what is stored stands."""
        page = "contact" if key == "contact" else f"{details.QUESTIONS}/{key}"
        answers = self.held(mine)
        assert answers is not None
        for kept in [each for each in mine.stands if each[0] == page]:
            mine.stands[kept] = answers.answer(kept)
            mine.waiting.pop(kept, None)

    def _noted(self, actor: str, action: str, reference: str) -> None:
        with self._world.clinic.app.app_context():
            entries = store.audit_entries(limit=6)
        if not any(
            (entry.actor, entry.object) == (actor, reference) and action in entry.action
            for entry in entries
        ):
            raise Violation("E", f"that {actor} {action} {reference} is not in the audit log")


class Stored:
    """What the store holds for a questionnaire, in the words of the pages."""

    def __init__(self, protocol: Protocol, stored: store.Questionnaire) -> None:
        self._protocol, self._stored = protocol, stored
        self._given: Answers | None = None

    def answer(self, key: Key) -> Values:
        """Return what stands for a field of a page."""
        page, name = key
        if page in ("contact", "birth"):
            return _as_typed(self._stored.identity.get(name))
        rows: Any = self._stored.answers
        medicine = _medicine(page)
        if medicine:
            rows = (rows.get(self._protocol.table.id) or {}).get(medicine, {})
        return _as_typed(rows.get(name))

    def drafts(self, key: Key) -> list[Values]:
        """Return what was typed there and could not be taken."""
        page, name = key
        progress = self._stored.progress
        if page == "contact":
            typed = progress.get("contact_typed") or {}
            return [_as_typed(typed[name])] if name in typed else []
        drafts = progress.get("drafts") or {}
        stop = page.removeprefix(f"{details.QUESTIONS}/")
        return [normal(drafts[stop][name])] if name in drafts.get(stop, {}) else []

    def is_asked(self, key: Key) -> bool:
        """Whether the field is still asked, given all other answers."""
        page, name = key
        if page in ("contact", "birth"):
            return True
        if self._given is None:
            try:
                self._given = self._protocol.read_answers(self._stored.answers)
            except AnswersError:
                return True
        medicine = _medicine(page)
        if medicine:
            rows = self._given.get(self._protocol.table.id) or {}
            return isinstance(rows, dict) and medicine in rows
        return name not in resolve(self._protocol, self._given).not_asked


def same(left: Values, right: Values) -> bool:
    """Whether two values are the same answer: "7" is "7.0", and a blank is a blank."""
    return left == right or [_number(value) for value in left] == [_number(v) for v in right]


def _number(value: str) -> object:
    try:
        return Decimal(value)
    except InvalidOperation:
        return value


def _medicine(page: str) -> str:
    parts = page.removeprefix(f"{details.QUESTIONS}/").split("/")
    return parts[1] if len(parts) > 1 else ""


def _as_typed(value: Any) -> Values:
    if value is None:
        return ()
    if isinstance(value, dict):
        return normal(list(value) or ["none"])
    if isinstance(value, list):
        return normal(map(str, value))
    return normal([str(value)])


def _news(mine: Questionnaire) -> tuple[Any, ...]:
    return frozenset(mine.risks), mine.calls > 0, mine.unsafe > 0, mine.pending
