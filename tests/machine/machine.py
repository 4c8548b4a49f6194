"""The state machine: hands that pick steps. Hypothesis looks for the run that breaks something."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from pytest import MonkeyPatch

from tests.machine import details
from tests.machine.browser import Field
from tests.machine.clinic import Databases
from tests.machine.invariants import Violation
from tests.machine.world import Step, World, replay, world

RUNS, STEPS = 22, 30
_CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

# How often each hand moves, of all steps: people answer, mostly; and danger comes often.
HANDS = {
    "answer": 16,
    "write": 4,
    "open": 4,
    "help": 4,
    "press": 3,
    "again": 2,
    "back": 2,
    "begin": 2,
    "submit": 3,
    "birth": 2,
    "contact": 2,
    "start_again": 1,
    "handle_device": 2,
    "between": 2,
    "look": 2,
    "status": 6,
    "note": 1,
    "wait": 3,
    "run_clinic": 3,
    "disk": 2,
}
_WHO, _TABS = ("ana", "ana", "ana", "ben"), (0, 0, 0, 1, 1, 2)
_MINUTES = (1, 20, 600, 1500, 20 * 1440, 31 * 1440, 100 * 1440)


def entries(field: Field, words: str, long: bool) -> st.SearchStrategy[list[str]]:
    """What a hand may put into a field: right, blank, contradictory, wrong or (`long`) too long."""
    if field.kind == "checkbox":
        some = st.lists(st.sampled_from(field.options), max_size=3, unique=True)
        danger = [o for o in field.options if o in details.EMERGENCY_SIGNS]
        return st.one_of(some, st.just([*danger[3:4], "none"])) if danger else some
    if field.kind == "text":
        texts = [words, "", "5", "80", "seven"]
        if long and field.name not in details.CONTACT_FIELDS:
            texts.append(words + "x" * 2500)
        return st.sampled_from([[text] for text in texts])
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
        self._stack = contextlib.ExitStack()
        url = self._stack.enter_context(self.databases.fresh())
        self.world: World = self._stack.enter_context(world(url, self.folder))

    def teardown(self) -> None:
        """Look at everything once more."""
        try:
            if not self.world.broken:
                self.world.close()
        except Violation:
            self.broken.append(self.world.steps)
            raise
        finally:
            self._stack.close()

    def take(self, name: str, **given: Any) -> None:
        """Take a step."""
        try:
            self.world.take(name, **given)
        except Violation:
            self.broken.append(self.world.steps)
            raise

    @initialize()
    def begin_both(self) -> None:
        """Let both people begin: a run without them shows nothing."""
        self.take("begin", who="ana")
        self.take("begin", who="ben")

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        """Move a hand. One rule with weights: of several, a run may leave the best out."""
        self._data = data
        hand = self._pick([name for name, weight in HANDS.items() for _ in range(weight)])
        getattr(self, f"_{hand}")()

    # People.

    def _begin(self) -> None:
        who = self._pick(_WHO)
        mine = self.world.telling.of(self.world.people[who].devices[0])
        if mine is not None and mine.closed:
            self.take("start_again", who=who)
        self.take("begin", who=who)

    def _open(self) -> None:
        at = self._pick((*details.PLACES, *details.BEFORE_QUESTIONS))
        self.take("open", who=self._pick(_WHO), at=at, tab=self._pick(_TABS))

    def _answer(self) -> None:
        who, tab, at = self._pick(_WHO), self._pick(_TABS), self._pick(details.PLACES)
        self.take("open", who=who, at=at, tab=tab)
        page = self.world.people[who].tabs[tab].page
        if page is not None and page.path == details.HELP:
            # An emergency waits to be read: most people go on.
            self.take("press", who=who, button=details.CONTINUE, tab=tab)
            self.take("open", who=who, at=at, tab=tab)
        if page is not None and page.path == details.WHERE:
            self.take("write", who=who, values={}, tab=tab)
            self.take("open", who=who, at=at, tab=tab)
        self._fill_in(who, tab)

    def _write(self) -> None:
        self._fill_in(self._pick(_WHO), self._pick(_TABS))

    def _contact(self) -> None:
        who = self._pick(_WHO)
        name = self._pick(("phone", "location", "email"))
        own = self.world.people[who].contact[name]
        typed = self._pick((own, f"{own} x9", "none of your business"))
        tab = self._pick(_TABS)
        self.take("answer", who=who, at=details.CONTACT, values={name: [typed]}, tab=tab)

    def _again(self) -> None:
        self.take("again", who=self._pick(_WHO), tab=self._pick(_TABS))

    def _back(self) -> None:
        self.take("back", who=self._pick(_WHO), tab=self._pick(_TABS))

    def _help(self) -> None:
        buttons = (details.CALL, details.UNSAFE, details.CONTINUE, details.CHANGE)
        button = self._pick(buttons)
        self.take("help", who=self._pick(_WHO), button=button, tab=self._pick(_TABS))

    def _press(self) -> None:
        who, tab = self._pick(_WHO), self._pick(_TABS)
        page = self.world.people[who].tabs[tab].page
        forms = page.forms if page else []
        named = [button for form in forms for button in form.buttons if button[0]]
        if named:
            self.take("press", who=who, button=self._pick(named), tab=tab)

    def _birth(self) -> None:
        who = self._pick(_WHO)
        person = self.world.people[who]
        other = person.born[:-2] + "11"
        dates = (person.born, other, person.too_young, person.too_young, "1900-01-01")
        sure = self._pick((False, True))
        self.take("birth", who=who, born=self._pick(dates), sure=sure, tab=self._pick(_TABS))

    def _submit(self) -> None:
        self.take("submit", who=self._pick(_WHO), tab=self._pick(_TABS))

    def _start_again(self) -> None:
        self.take("start_again", who=self._pick(_WHO), tab=self._pick(_TABS))

    def _handle_device(self) -> None:
        who = self._pick(_WHO)
        what = self._pick(("leave", "session", "token", "carry", "carry", "lend"))
        if what == "lend":
            self.take("lend", who="ana", to="ben")
        elif what in ("session", "token"):
            cookie = details.SESSION_COOKIE if what == "session" else details.TOKEN_COOKIE
            self.take("lose", who=who, cookie=cookie)
        else:
            self.take(what, who=who)

    def _between(self) -> None:
        """Two requests at once: a safety save, and one that gives the form up or sends it."""
        who = self._pick(_WHO)
        first = self._pick(("start_again", "submit"))
        values = {self._pick(details.ASQ): [self._pick(("yes", "declined"))]}
        then = ("answer", {"who": who, "at": "/questions/safety", "values": values, "tab": 1})
        self.take("between", first=(first, {"who": who, "tab": 0}), then=then)

    # Staff.

    def _look(self) -> None:
        self.take("look", role=self._role(), at=self._pick((0, 1, 2)))

    def _status(self) -> None:
        to = self._pick((*details.STATUSES, "acknowledged", "acknowledged", *details.HANDLED))
        fresh, reason = self._pick((True, True, False)), self._pick((True, True, False))
        at = self._pick((0, 0, 1, 2))
        self.take("status", role=self._role(), to=to, at=at, fresh=fresh, reason=reason)

    def _note(self) -> None:
        fresh = self._pick((True, False))
        self.take("note", role=self._role(), at=self._pick((0, 1, 2)), fresh=fresh)

    # The clinic.

    def _wait(self) -> None:
        self.take("wait", minutes=self._pick(_MINUTES))

    def _run_clinic(self) -> None:
        self.take(self._pick(("tidy", "tidy", "restart", "rotate_key", "drop_keys")))

    def _disk(self) -> None:
        fails = "" if self.world.clinic.disk.fails else self._pick(("write", "commit"))
        self.take("disk", fails=fails)

    # How hands move.

    def _pick(self, things: Sequence[Any]) -> Any:
        return self._data.draw(st.sampled_from(things))

    def _role(self) -> str:
        return str(self._pick(("intake", "physician", "physician")))

    def _fill_in(self, who: str, tab: int) -> None:
        person = self.world.people[who]
        page = person.tabs[tab].page
        form = page.form if page else None
        if form is None:
            return
        fields = [field for field in form.fields.values() if field.kind != "hidden"]
        danger = [field.name for field in fields if field.name in details.DANGER_FIELDS]
        names = [field.name for field in fields] + danger * 2
        some = st.lists(st.sampled_from(names), max_size=3, unique=True) if names else st.just([])
        chosen = self._data.draw(some)
        long = form.action.startswith(details.QUESTIONS)
        hands = {name: entries(form.fields[name], person.words, long) for name in chosen}
        values = {name: self._data.draw(hand) for name, hand in hands.items()}
        self.take("write", who=who, values=values, tab=tab)


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
