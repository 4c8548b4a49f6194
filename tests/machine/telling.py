"""Tells the model what a post was, from what was sent and what came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from screener import store
from tests.machine import details
from tests.machine.browser import Device, Form, Tab, Values
from tests.machine.invariants import Stored
from tests.machine.model import Key, Questionnaire

if TYPE_CHECKING:
    from tests.machine.world import World


@dataclass
class Post:
    """What somebody sends: `changes` are the fields that they touched since they opened the page.

    `mine` is the questionnaire of the device before, `held` what was stored of it.
    """

    who: str
    tab: Tab
    form: Form
    button: tuple[str, str] | None
    mine: Questionnaire | None
    changes: dict[str, Values]
    held: Stored | None = None

    @property
    def path(self) -> str:
        """Where it goes."""
        return self.form.action.partition("?")[0]

    @property
    def told(self) -> set[tuple[str, str]]:
        """The danger in it, a request for help included."""
        danger = {risk for n, values in self.changes.items() for risk in details.dangers(n, values)}
        return danger | ({self.button} if self.button in (details.CALL, details.UNSAFE) else set())


class Telling:
    """Listens to posts and tells the model."""

    def __init__(self, world: World) -> None:
        self._world = world

    def of(self, device: Device) -> Questionnaire | None:
        """Return the questionnaire of a device."""
        token = device.cookie(details.TOKEN_COOKIE)
        same = (each for each in self._world.questionnaires if token and each.token == token)
        return next(same, None)

    def hear(self, post: Post, status: int, to: str) -> None:
        """Take in what came back."""
        page = post.tab.page
        assert page is not None
        if status != 303 and not (status == 422 and post.path.startswith(details.QUESTIONS)):
            self._world.invariants.not_saved(page, status, post.told, post.changes)
            return
        mine = post.mine or self._new(post.who, post.tab.device)
        if mine is None:
            return
        if post.path.startswith(details.QUESTIONS + "/"):
            self._answered(mine, post)
        elif post.path in (details.CONTACT, details.WHERE) and not mine.closed:
            self._took(mine, "contact", post.changes)
        elif post.path == details.BIRTH and not mine.sent:
            self._born(mine, post, to)
        elif post.path == details.CHECK:
            self._checked(mine, post.button, to)
        elif post.path == details.HELP and post.button:
            self._helped(mine, post.button)
        elif post.path == details.START_AGAIN and post.button:
            mine.may_go = True

    def _new(self, who: str, device: Device) -> Questionnaire | None:
        token = device.cookie(details.TOKEN_COOKIE)
        with self._world.clinic.app.app_context():
            stored = store.load(token) if token else None
        if stored is None:
            return None
        fresh = Questionnaire(who, token, stored.reference, self._world.clock.now())
        self._world.questionnaires.append(fresh)
        return fresh

    def _answered(self, mine: Questionnaire, post: Post) -> None:
        opened, held = post.form.opened, post.held
        for key in list(mine.waiting):
            # Both values were shown on this page: what is sent now is the choice.
            if key[0] == post.path and opened.get(key[1]) == mine.stands.get(key):
                del mine.waiting[key]
        clashes: dict[Key, Values] = {}
        for name, values in post.changes.items():
            key = post.path, name
            if held is not None and key in mine.stands and not mine.closed:
                stands, drafts = held.answer(key), held.drafts(key)
                if values != stands and opened[name] not in (stands, *drafts):
                    clashes[key] = stands
        self._took(mine, post.path, post.changes)
        mine.waiting |= clashes

    def _took(self, mine: Questionnaire, page: str, changes: dict[str, Values]) -> None:
        mine.saved_at = self._world.clock.now()
        before = set(mine.risks), mine.raised_at, mine.acted
        mine.take(page, changes, self._world.clock.now())
        if (set(mine.risks), mine.raised_at, mine.acted) != before:
            self._world.changed(mine)

    def _born(self, mine: Questionnaire, post: Post, to: str) -> None:
        names = [f"{details.BORN}-{part}" for part in ("year", "month", "day")]
        try:
            born = date(*(int(post.form.fields[name].values[0]) for name in names))
        except (KeyError, ValueError):
            return  # no date: it is asked for again
        key = "birth", details.BORN
        sure = post.button == details.SURE
        if key in mine.stands and not sure and not set(names) & set(post.changes):
            return  # an old page brings back what it showed
        if age(born, self._world.clock.now().date()) < details.ADULT:
            if not sure:
                return  # asked once more, and not taken yet
            if mine.at_risk:
                mine.stop()
            mine.may_go = True
        elif to == details.BIRTH:
            return
        else:
            mine.stopped = False
        mine.stands[key] = (born.isoformat(),)

    def _checked(self, mine: Questionnaire, button: tuple[str, str] | None, to: str) -> None:
        if button and button[0] == details.LEAVE_BLANK[0]:
            self._world.invariants.drop_unmended(mine, button[1])
        elif to.startswith(details.RESULTS):
            mine.sent = True

    def _helped(self, mine: Questionnaire, button: tuple[str, str]) -> None:
        if button == details.CALL:
            mine.calls += 1
            mine.press("urgent", self._world.clock.now())
        elif button == details.UNSAFE:
            mine.unsafe += 1
            mine.press("emergency", self._world.clock.now())
        else:
            return
        self._world.changed(mine)


def age(born: date, day: date) -> int:
    """Return an age in whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
