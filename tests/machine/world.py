"""Two people, an intake, a physician and the clinic, and every step that they can take.

A step is a method of `World`; its arguments can be written down, so that a run is a list of steps
that can be kept and replayed (`steps` of a run, printed when something is wrong).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from pytest import MonkeyPatch

from screener import store
from tests.machine import details
from tests.machine.browser import Device, Form, Page, Tab
from tests.machine.clinic import PASSWORD, STAFF, Clinic, Clock, Meanwhile, patched
from tests.machine.invariants import Invariants
from tests.machine.model import Questionnaire
from tests.machine.people import person
from tests.machine.telling import Post, Telling

Step = tuple[str, dict[str, Any]]
_OLD = timedelta(days=20)  # an unfinished form that nobody touched for longer may be erased


class World:
    """Everything together. `take` takes a step and then looks at all that must hold."""

    def __init__(self, url: str, folder: Path, clock: Clock, meanwhile: Meanwhile) -> None:
        self.clock, self._meanwhile = clock, meanwhile
        self.clinic = Clinic(url, folder)
        self.people = {
            "ana": person("ana", "217-555-0142", "Anaville, IL", "1979-04-27", "2011-02-03"),
            "ben": person("ben", "312-555-0187", "Benford, IL", "1964-09-03", "2012-05-06"),
        }
        for each in self.people.values():
            each.devices = [Device(self.clinic.app, self._watch) for _ in range(2)]
            first, second = each.devices
            each.tabs = [Tab(first), Tab(first), Tab(second)]
        self.staff = {role: Tab(Device(self.clinic.app, self._watch)) for role in STAFF}
        self.opened: dict[tuple[str, int], tuple[Page, int]] = {}
        self.questionnaires: list[Questionnaire] = []
        self.changes: dict[str, int] = {}
        self.invariants = Invariants(self)
        self.telling = Telling(self)
        self.steps: list[Step] = []
        self.broken = False
        self._nested = False

    def take(self, name: str, **given: Any) -> None:
        """Take a step, then look at everything that must hold."""
        if self._nested:
            getattr(self, name)(**given)
            return
        self.steps.append((name, given))
        self.clock.move(0.1)
        try:
            getattr(self, name)(**given)
            self.invariants.check()
        except BaseException:
            self.broken = True
            raise

    def close(self) -> None:
        """Look at everything once more, as staff do, and stop."""
        self.invariants.check_pages()
        self.clinic.close()

    # People.

    def begin(self, who: str, device: int = 0) -> None:
        """Agree, give the date of birth and how to be reached; only where there is no form."""
        tab = self._tab(who, 2 if device else 0)
        if tab.device.cookie(details.TOKEN_COOKIE):
            return
        self.open(who, details.CONSENT, 2 if device else 0)
        self.press(who, details.AGREE, 2 if device else 0)
        self.birth(who, self.people[who].born, tab=2 if device else 0)
        if tab.page is not None and tab.page.path == details.CONTACT:
            contact = {name: [value] for name, value in self.people[who].contact.items()}
            self.write(who, contact, 2 if device else 0)

    def open(self, who: str, at: str, tab: int = 0) -> None:
        """Open a page."""
        self._tab(who, tab).open(at)

    def answer(self, who: str, at: str, values: Mapping[str, list[str]], tab: int = 0) -> None:
        """Open a page, fill it in and send it."""
        self.open(who, at, tab)
        self.write(who, values, tab)

    def write(self, who: str, values: Mapping[str, list[str]], tab: int = 0) -> None:
        """Fill in the page that is open, however old it is, and send it."""
        window = self._tab(who, tab)
        if window.page is None or (form := window.page.form) is None:
            return
        for name, wanted in values.items():
            if name in form.fields:
                form.fields[name].accept(wanted)
        self._send(who, window, form, None)

    def again(self, who: str, tab: int = 0) -> None:
        """Press the button a second time: the same post once more."""
        window = self._tab(who, tab)
        window.back()
        if window.page is not None and (form := window.page.form) is not None:
            self._send(who, window, form, None)

    def back(self, who: str, tab: int = 0) -> None:
        """Go back to the page before, as the browser keeps it."""
        self._tab(who, tab).back()

    def press(self, who: str, button: tuple[str, str], tab: int = 0) -> None:
        """Press a button of the page that is open, where there is such a button."""
        window = self._tab(who, tab)
        name, value = button
        form = window.page.form_with((name, value)) if window.page else None
        if form is None:
            return
        if not value:
            value = next(v for n, v in form.buttons if n == name)
        self._send(who, window, form, (name, value))

    def help(self, who: str, button: tuple[str, str], tab: int = 0) -> None:
        """Open the help page and press a button of it."""
        self.open(who, details.HELP, tab)
        self.press(who, button, tab)

    def birth(self, who: str, born: str, sure: bool = False, tab: int = 0) -> None:
        """Give a date of birth; `sure` presses the button that confirms one under 18."""
        self.open(who, details.BIRTH, tab)
        window = self._tab(who, tab)
        form = window.page.form if window.page else None
        if form is None or f"{details.BORN}-year" not in form.fields:
            return
        year, month, day = born.split("-")
        for part, text in (("year", year), ("month", month.lstrip("0")), ("day", day.lstrip("0"))):
            form.fields[f"{details.BORN}-{part}"].accept([text])
        self._send(who, window, form, None)
        if sure:
            self.press(who, details.SURE, tab)

    def submit(self, who: str, tab: int = 0) -> None:
        """Open the check page and send the form."""
        self.open(who, details.CHECK, tab)
        self.write(who, {}, tab)

    def start_again(self, who: str, tab: int = 0) -> None:
        """Give the form up on this device."""
        self.open(who, details.START_AGAIN, tab)
        self.press(who, details.ERASE, tab)

    def leave(self, who: str, tab: int = 0) -> None:
        """Leave quickly, where the page offers more than a link for it."""
        window = self._tab(who, tab)
        for form in window.page.forms if window.page else []:
            if form.action.endswith("/leave"):
                window.send(form)
                return

    def lose(self, who: str, cookie: str, device: int = 0) -> None:
        """Lose a cookie of a device."""
        self.people[who].devices[device].set_cookie(cookie, "")

    def carry(self, who: str) -> None:
        """Have the same form on the second device."""
        first, second = self.people[who].devices
        second.set_cookie(details.TOKEN_COOKIE, first.cookie(details.TOKEN_COOKIE))

    def lend(self, who: str, to: str) -> None:
        """Let somebody else use the first device, once there is no form on it any more."""
        giver, taker = self.people[who], self.people[to]
        device = giver.devices[0]
        if who != to and not device.cookie(details.TOKEN_COOKIE):
            taker.devices[1], taker.tabs[2] = device, Tab(device)
            giver.devices[0] = Device(self.clinic.app, self._watch)
            giver.tabs[:2] = [Tab(giver.devices[0]), Tab(giver.devices[0])]

    # Staff.

    def look(self, role: str, at: int = 0) -> None:
        """Open the queue and a submission of it, and keep the page open."""
        tab = self._sign_in(role)
        if tab is None or not self.questionnaires:
            return
        at %= len(self.questionnaires)
        questionnaire = self.questionnaires[at]
        page = tab.open(details.QUEUE)
        if page.status == 200:
            page = tab.open(details.submission(questionnaire.reference))
        if page.status == 200:
            seen = self.changes.get(questionnaire.reference, 0)
            self.opened[role, at] = (page, seen)
            self.invariants.glanced(questionnaire, page)
            everything = tab.open(details.everything(questionnaire.reference))
            self.invariants.viewed(role, questionnaire, everything)

    def status(
        self, role: str, to: str, at: int = 0, fresh: bool = True, reason: bool = True
    ) -> None:
        """Set a status, on a page opened now or (`fresh` false) opened earlier.

        Where the page does not offer it, a post made by hand tries it all the same.
        """
        page = self._staff_page(role, at, fresh)
        if page is None:
            return
        at %= len(self.questionnaires)
        questionnaire = self.questionnaires[at]
        typed = f"reason of {role}" if reason else ""
        action, data = details.status_post(page, to, typed, self._revision(questionnaire))
        if not action:
            return
        _page, seen = self.opened[role, at]
        status, *_ = self.staff[role].device.post(action, data, False)
        if status == 303:
            stale = seen != self.changes.get(questionnaire.reference, 0)
            if stale and questionnaire.status == to:
                return  # the button was pressed twice: it is one step
            self.invariants.allowed(role, questionnaire, to, reason=reason, stale=stale)
            questionnaire.act(to, self.clock.now())
            self.changed(questionnaire)

    def _revision(self, questionnaire: Questionnaire) -> int:
        with self.clinic.app.app_context():
            seen = store.submission(questionnaire.reference)
        return seen.revision if seen else 0

    def note(self, role: str, at: int = 0, fresh: bool = True) -> None:
        """Add a note."""
        page = self._staff_page(role, at, fresh)
        text = f"note {len(self.steps)} of {role}"
        action, data = details.note_post(page, text) if page else ("", None)
        if data is None or not action:
            return
        questionnaire = self.questionnaires[at % len(self.questionnaires)]
        status, *_ = self.staff[role].device.post(action, data, False)
        if status == 303:
            questionnaire.notes.append(text)

    # The clinic.

    def wait(self, minutes: float) -> None:
        """Let time pass."""
        self.clock.move(minutes)

    def tidy(self) -> None:
        """Run the daily command."""
        if self.clinic.disk.fails:
            return
        for questionnaire in self.questionnaires:
            old = self.clock.now() - questionnaire.saved_at > _OLD
            questionnaire.may_go |= old and not questionnaire.sent
        self.clinic.tidy()

    def restart(self) -> None:
        """Start another worker."""
        if not self.clinic.disk.fails:
            self.clinic.restart()
            self._move()

    def rotate_key(self) -> None:
        """Begin to seal with a new key."""
        if not self.clinic.disk.fails:
            self.clinic.add_key()
            self._move()

    def drop_keys(self) -> None:
        """Seal everything with the newest key, and drop the others."""
        if not self.clinic.disk.fails:
            self.clinic.drop_old_keys()
            self._move()

    def disk(self, fails: str = "") -> None:
        """Let the disk fail at a "write" or at a "commit", or work again with ""."""
        self.clinic.disk.fails = fails

    def between(self, first: Step, then: Step) -> None:
        """Take a step, and another one between what its last request reads and writes."""

        def act() -> None:
            self.take(then[0], **then[1])

        self._nested = True
        try:
            self._inner = act
            self.take(first[0], **first[1])
        finally:
            self._nested = False
            self._inner = self._meanwhile.act = None

    _inner: Any = None

    # How it is done.

    def _tab(self, who: str, number: int) -> Tab:
        tab = self.people[who].tabs[number]
        tab.device.user = who
        return tab

    def _move(self) -> None:
        devices = [device for person in self.people.values() for device in person.devices]
        for device in [*devices, *(tab.device for tab in self.staff.values())]:
            device.move(self.clinic.app)

    def _watch(self, device: Device, page: Page) -> None:
        self.invariants.look_at(device, page)

    def changed(self, questionnaire: Questionnaire) -> None:
        """Note that something happened that staff who have the page open did not see."""
        reference = questionnaire.reference
        self.changes[reference] = self.changes.get(reference, 0) + 1

    def _send(self, who: str, tab: Tab, form: Form, button: tuple[str, str] | None) -> None:
        """Send a form and tell the model what was acknowledged."""
        post = Post(who, tab, form, button, self.telling.of(tab.device), form.changed())
        post.held = self.invariants.held(post.mine)
        inner = self._inner
        if inner is not None and (post.changes or button or form.action == details.CHECK):
            self._inner = None

            def act() -> None:
                inner()
                post.held = self.invariants.held(post.mine)

            self._meanwhile.act = act
        status, to = tab.send(form, button)
        self._meanwhile.act = None
        self.telling.hear(post, status, to)

    def _sign_in(self, role: str) -> Tab | None:
        tab = self.staff[role]
        page = tab.open(details.QUEUE)
        if page.path != details.LOGIN:
            return tab
        if self.clinic.disk.fails or page.form is None:
            return None
        page.form.fields["email"].accept([STAFF[role]])
        page.form.fields["password"].accept([PASSWORD])
        tab.send(page.form)
        return tab

    def _staff_page(self, role: str, at: int, fresh: bool) -> Page | None:
        if not self.questionnaires:
            return None
        at %= len(self.questionnaires)
        if fresh or (role, at) not in self.opened:
            self.opened.pop((role, at), None)
            self.look(role, at)
        elif self._sign_in(role) is None:
            return None
        return self.opened[role, at][0] if (role, at) in self.opened else None


@contextmanager
def world(
    url: str, folder: Path, fault: Callable[[MonkeyPatch], None] | None = None
) -> Iterator[World]:
    """Yield a world on a database; `fault` breaks the program in it."""
    clock, meanwhile = Clock(), Meanwhile()
    with patched(clock, meanwhile) as patch:
        if fault is not None:
            fault(patch)
        made = World(url, folder, clock, meanwhile)
        try:
            yield made
        finally:
            made.clinic.close()


def replay(made: World, steps: list[Step]) -> None:
    """Take steps that were kept, then look at everything once more."""
    for name, given in steps:
        made.take(name, **given)
    made.close()
