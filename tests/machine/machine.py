"""The state machine: hands that pick steps. Hypothesis looks for the run that breaks something."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest import MonkeyPatch

from tests.machine import details
from tests.machine.browser import Field
from tests.machine.clinic import Databases
from tests.machine.invariants import Violation
from tests.machine.world import Step, World, replay, world

RUNS, STEPS = 25, 30
_CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

people = st.sampled_from(["ana", "ana", "ana", "ben"])
tabs = st.sampled_from([0, 0, 0, 1, 1, 2])
staff = st.sampled_from(["intake", "intake", "physician"])
places = st.sampled_from(details.PLACES)
buttons = st.sampled_from(
    [details.CALL, details.UNSAFE, details.CONTINUE, details.CONTINUE, details.CHANGE]
)
dates = st.sampled_from(["born", "other day", "too young", "too young", "too old"])
minutes = st.sampled_from([1, 20, 600, 1500, 20 * 1440, 31 * 1440, 100 * 1440])


def entries(field: Field, words: str) -> st.SearchStrategy[list[str]]:
    """What a hand may put into a field: right, blank, contradictory or wrong."""
    if field.kind == "checkbox":
        some = st.lists(st.sampled_from(field.options), max_size=3, unique=True)
        danger = [o for o in field.options if o in details.EMERGENCY_SIGNS]
        return st.one_of(some, st.just([*danger[3:4], "none"])) if danger else some
    if field.kind == "text":
        return st.sampled_from([[words], [""], ["5"], ["80"], ["seven"], [words + "x" * 2500]])
    positive = [option for option in field.options if option in details.POSITIVE]
    picks = (
        [*field.options, "", *positive] if field.name in details.DANGER_FIELDS else field.options
    )
    return st.sampled_from([[pick] for pick in picks] or [[""]])


class Machine(RuleBasedStateMachine):
    """The hands. `databases` and `folder` are set by whoever runs it."""

    databases: Databases
    folder: Path
    broken: list[list[Step]]

    def __init__(self) -> None:
        super().__init__()
        self._open = contextlib.ExitStack()
        url = self._open.enter_context(self.databases.fresh())
        self.world: World = self._open.enter_context(world(url, self.folder))

    def teardown(self) -> None:
        """Look at everything once more."""
        try:
            if not self.world.broken:
                self.world.close()
        except Violation:
            self.broken.append(self.world.steps)
            raise
        finally:
            self._open.close()

    def take(self, name: str, **given: Any) -> None:
        """Take a step."""
        try:
            self.world.take(name, **given)
        except Violation:
            self.broken.append(self.world.steps)
            raise

    @initialize()
    def begin_both(self) -> None:
        self.take("begin", who="ana")
        self.take("begin", who="ben")

    # People.

    @rule(who=people)
    def begin(self, who: str) -> None:
        person = self.world.people[who]
        mine = self.world.telling.of(person.devices[0])
        if mine is not None and mine.closed:
            self.take("start_again", who=who)
        self.take("begin", who=who)

    @rule(who=people, tab=tabs, at=places)
    def open(self, who: str, tab: int, at: str) -> None:
        self.take("open", who=who, at=at, tab=tab)

    @rule(who=people, tab=tabs, at=st.sampled_from(details.BEFORE_QUESTIONS))
    def open_other(self, who: str, tab: int, at: str) -> None:
        self.take("open", who=who, at=at, tab=tab)

    @rule(who=people, tab=tabs, at=places, data=st.data())
    def answer(self, who: str, tab: int, at: str, data: st.DataObject) -> None:
        self.take("open", who=who, at=at, tab=tab)
        page = self.world.people[who].tabs[tab].page
        if page is not None and page.path == details.HELP:
            # An emergency waits to be read: most people go on.
            self.take("press", who=who, button=details.CONTINUE, tab=tab)
            self.take("open", who=who, at=at, tab=tab)
        self._write(who, tab, data)

    @rule(who=people, tab=tabs, at=places, data=st.data())
    def answer_again(self, who: str, tab: int, at: str, data: st.DataObject) -> None:
        self.answer(who, tab, at, data)

    @rule(who=people, tab=tabs, at=places, data=st.data())
    def answer_once_more(self, who: str, tab: int, at: str, data: st.DataObject) -> None:
        self.answer(who, tab, at, data)

    @rule(who=people, tab=tabs, data=st.data())
    def write(self, who: str, tab: int, data: st.DataObject) -> None:
        self._write(who, tab, data)

    @rule(who=people, data=st.data())
    def change_contact(self, who: str, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(["phone", "location", "email"]))
        own = self.world.people[who].contact[name]
        typed = data.draw(st.sampled_from([own, f"{own} x9", "none of your business"]))
        self.take("answer", who=who, at=details.CONTACT, values={name: [typed]}, tab=0)

    @rule(who=people, tab=tabs)
    def again(self, who: str, tab: int) -> None:
        self.take("again", who=who, tab=tab)

    @rule(who=people, tab=tabs)
    def back(self, who: str, tab: int) -> None:
        self.take("back", who=who, tab=tab)

    @rule(who=people, tab=tabs, button=buttons)
    def help(self, who: str, tab: int, button: tuple[str, str]) -> None:
        self.take("help", who=who, button=button, tab=tab)

    @rule(who=people, tab=tabs, data=st.data())
    def press(self, who: str, tab: int, data: st.DataObject) -> None:
        page = self.world.people[who].tabs[tab].page
        forms = page.forms if page else []
        named = [button for form in forms for button in form.buttons if button[0]]
        if named:
            self.take("press", who=who, button=data.draw(st.sampled_from(named)), tab=tab)

    @rule(who=people, tab=tabs, date=dates, sure=st.booleans())
    def birth(self, who: str, tab: int, date: str, sure: bool) -> None:
        person = self.world.people[who]
        other = person.born[:-2] + "11"
        dates = {"born": person.born, "other day": other, "too young": person.too_young}
        born = dates.get(date, "1900-01-01")
        self.take("birth", who=who, born=born, sure=sure, tab=tab)

    @rule(who=people, tab=tabs)
    def submit(self, who: str, tab: int) -> None:
        self.take("submit", who=who, tab=tab)

    @rule(who=people, tab=tabs)
    def start_again(self, who: str, tab: int) -> None:
        self.take("start_again", who=who, tab=tab)

    @rule(who=people, what=st.sampled_from(["leave", "session", "token", "carry", "lend"]))
    def handle_device(self, who: str, what: str) -> None:
        if what == "lend":
            self.take("lend", who="ana", to="ben")
        elif what in ("session", "token"):
            cookie = details.SESSION_COOKIE if what == "session" else details.TOKEN_COOKIE
            self.take("lose", who=who, cookie=cookie)
        else:
            self.take(what, who=who)

    # Two requests at once.

    @rule(who=people, first=st.sampled_from(["start_again", "submit"]), data=st.data())
    def between(self, who: str, first: str, data: st.DataObject) -> None:
        values = data.draw(_dangers())
        then = ("answer", {"who": who, "at": "/questions/safety", "values": values, "tab": 1})
        self.take("between", first=(first, {"who": who, "tab": 0}), then=then)

    # Staff.

    @rule(role=staff, at=st.integers(0, 2))
    def look(self, role: str, at: int) -> None:
        self.take("look", role=role, at=at)

    @rule(
        role=staff,
        to=st.sampled_from([*details.STATUSES, "acknowledged", *details.HANDLED]),
        at=st.integers(0, 2),
        fresh=st.booleans(),
        reason=st.sampled_from([True, True, False]),
    )
    def status(self, role: str, to: str, at: int, fresh: bool, reason: bool) -> None:
        self.take("status", role=role, to=to, at=at, fresh=fresh, reason=reason)

    @rule(role=staff, at=st.integers(0, 2), fresh=st.booleans())
    def note(self, role: str, at: int, fresh: bool) -> None:
        self.take("note", role=role, at=at, fresh=fresh)

    # The clinic.

    @rule(minutes=minutes)
    def wait(self, minutes: int) -> None:
        self.take("wait", minutes=minutes)

    @rule(what=st.sampled_from(["tidy", "tidy", "restart", "rotate_key", "drop_keys"]))
    def run_clinic(self, what: str) -> None:
        self.take(what)

    @rule(fails=st.sampled_from(["write", "commit"]))
    @precondition(lambda self: not self.world.clinic.disk.fails)
    def disk_fails(self, fails: str) -> None:
        self.take("disk", fails=fails)

    @rule()
    @precondition(lambda self: self.world.clinic.disk.fails)
    def disk_works(self) -> None:
        self.take("disk")

    def _write(self, who: str, tab: int, data: st.DataObject) -> None:
        person = self.world.people[who]
        page = person.tabs[tab].page
        form = page.form if page else None
        if form is None:
            return
        fields = [field for field in form.fields.values() if field.kind != "hidden"]
        danger = [field.name for field in fields if field.name in details.DANGER_FIELDS]
        names = [field.name for field in fields] + danger * 2
        chosen = (
            data.draw(st.lists(st.sampled_from(names), max_size=3, unique=True)) if names else []
        )
        values = {name: data.draw(entries(form.fields[name], person.words)) for name in chosen}
        self.take("write", who=who, values=values, tab=tab)


def _dangers() -> st.SearchStrategy[dict[str, list[str]]]:
    return st.dictionaries(
        st.sampled_from(details.ASQ), st.sampled_from([["yes"], ["declined"], ["no"]]), min_size=1
    )


def run(databases: Databases, folder: Path) -> None:
    """Run the machine: always the same runs, or new ones until SOAK_MINUTES are over.

    A run that breaks something is shortened and told as a list of steps, which can be kept.
    """
    broken: list[list[Step]] = []
    given = {"databases": databases, "folder": folder, "broken": broken}
    machine = type("Machine", (Machine,), given)
    minutes = float(os.environ.get("SOAK_MINUTES", "0"))
    until = time.monotonic() + minutes * 60
    chosen = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=not minutes,
        phases=(Phase.generate,),  # `shorten` knows better than Hypothesis what can be left out
        suppress_health_check=_CHECKS,
        report_multiple_bugs=False,
        print_blob=False,
    )
    while True:
        try:
            run_state_machine_as_test(machine, settings=chosen)
        except Violation as violation:
            steps = shorten(databases, folder, broken[0])
            lines = "".join(f"\n    {step}," for step in steps)
            raise AssertionError(f"{violation}\nThe steps that lead there:{lines}") from violation
        if time.monotonic() >= until:
            return


def broken_by(
    databases: Databases,
    folder: Path,
    steps: list[Step],
    fault: Callable[[MonkeyPatch], None] | None = None,
) -> Violation | None:
    """Replay steps on a fresh database, with a fault or without; return what they break."""
    with databases.fresh() as url, world(url, folder, fault) as made:
        try:
            replay(made, steps)
        except Violation as violation:
            return violation
    return None


def shorten(databases: Databases, folder: Path, steps: list[Step]) -> list[Step]:
    """Leave out every step that is not needed to break the same thing."""
    first = broken_by(databases, folder, steps)
    if first is None:
        return steps
    size = len(steps) // 2
    while size:
        start = 0
        while start < len(steps):
            fewer = steps[:start] + steps[start + size :]
            now = broken_by(databases, folder, fewer)
            if now is not None and now.letter == first.letter:
                steps = fewer
            else:
                start += size
        size //= 2
    return steps
