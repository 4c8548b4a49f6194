"""The work of a worker: alerts become messages, messages are sent or tried again later."""

import logging
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from screener import store
from screener.roster import EMERGENCY, Recipient, Roster
from screener.settings import Settings
from screener.store import Content, Draft, DueAlert, Message, NextStep, clock
from screener.telling import mail, webhook
from screener.telling.sending import Letter, NotSent

TRIES = 10
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=30)
_LOOK_AGAIN = timedelta(minutes=1)  # for an emergency while nobody is on duty
_PAUSE = 5.0  # seconds between two rounds
_FORGET_EVERY = timedelta(hours=1)
_log = logging.getLogger("screener.worker")


@dataclass(frozen=True)
class Worked:
    """What a round did: how many messages were sent, are tried again, and were given up."""

    sent: int = 0
    again: int = 0
    dead: int = 0

    def __add__(self, other: "Worked") -> "Worked":
        return Worked(self.sent + other.sent, self.again + other.again, self.dead + other.dead)


class Worker:
    """Tells whom the settings name. Several may run at once, in one machine or in many."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stopping = threading.Event()
        self._forget_at = clock.now()

    def run(self) -> None:
        """Work until somebody asks to stop; a message that is being sent is finished first."""
        with self._signals():
            _log.info("the worker is at work")
            while not self.stopping.is_set():
                try:
                    self.round()
                except store.StoreError as error:
                    # Alerts and messages stay in the database: they are taken when it is back.
                    _log.error("nobody is told now: %s", error)
                except Exception as error:
                    # What it says may quote somebody. The next round may do better.
                    _log.error("a fault of the program: %s", type(error).__name__)
                self.stopping.wait(_PAUSE)
            _log.info("the worker has stopped")

    def round(self) -> Worked:
        """Do all that is due now. Raise StoreError where the database cannot be used."""
        store.note_worker()
        # Without a list nobody can be told: what waits is told once there is one.
        listed = bool(self.settings.roster.recipients)
        while listed and not self.stopping.is_set() and store.tell_next(self._next_step):
            pass
        worked = Worked()
        while not self.stopping.is_set():
            message = store.take_message()
            if message is None:
                break
            worked += self._try(message)
            store.note_worker()
        if clock.now() >= self._forget_at:
            store.forget_messages()
            self._forget_at = clock.now() + _FORGET_EVERY
        return worked

    def _next_step(self, alert: DueAlert, now: datetime) -> NextStep:
        return next_step(self.settings.roster, alert, now, self.settings)

    def _try(self, message: Message) -> Worked:
        try:
            self._send(message)
        except NotSent as error:
            return self._not_sent(message, error)
        except Exception as error:
            # One message that cannot be sent must not hold up the others. What the error says
            # is not logged: it may quote an address.
            fault = NotSent(f"a fault of the program ({type(error).__name__})")
            return self._not_sent(message, fault)
        if not store.was_sent(message):
            _log.warning("%s was sent, but took too long: it may go twice", message.id)
        _log.info("%s was sent (%s, %s)", message.id, message.kind, message.channel)
        return Worked(sent=1)

    def _not_sent(self, message: Message, error: NotSent) -> Worked:
        told = (message.id, message.kind, message.channel, error.reason)
        if error.for_good or message.tries >= TRIES:
            store.gave_up(message, error.reason)
            _log.error("%s is given up (%s, %s): %s", *told)
            return Worked(dead=1)
        store.will_retry(message, error.reason, clock.now() + pause(message.tries))
        _log.warning("%s is tried again (%s, %s): %s", *told)
        return Worked(again=1)

    def _send(self, message: Message) -> None:
        settings = self.settings
        letter = Letter(
            id=message.id,
            kind=message.kind,
            content=message.content,
            created_at=message.created_at,
            sign_in=f"{settings.public_url}/staff/",
            clinic=settings.clinic_name if settings.tell_clinic_name else "",
        )
        if message.channel == "webhook":
            webhook.send(letter, settings.signing_secrets, clock.now())
            return
        server = settings.mail_server
        if server is None:
            raise NotSent("no mail server is set any more")
        mail.send(letter, server)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Stop gracefully on SIGTERM and Ctrl-C."""
        stops = (signal.SIGTERM, signal.SIGINT)
        before = {number: signal.signal(number, lambda *_: self.stopping.set()) for number in stops}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def next_step(roster: Roster, alert: DueAlert, now: datetime, settings: Settings) -> NextStep:
    """Say what comes of an alert now.

    Of an emergency one person is told after the other, round by round, until somebody acknowledges
    it; while nobody is on duty it waits for the next who is. Of other priorities everybody who
    wants to know is told once.
    """
    hours = settings.due_times.hours
    if alert.priority != EMERGENCY:
        listed = roster.told_at(alert.priority, now, hours)
        return NextStep(tuple(draft(recipient, at) for recipient, at in listed))
    recipient = roster.next_for_emergency(hours.staffed(now), alert.told)
    if recipient is None:
        return NextStep((), alert.told, now + _LOOK_AGAIN)
    again = now + roster.until_next(recipient)
    return NextStep((draft(recipient, now, rank=0),), recipient.id, again)


def draft(recipient: Recipient, at: datetime, rank: int = 1) -> Draft:
    """Return a message to an entry of the list, yet to be written."""
    content = Content(recipient.address, recipient.secret)
    return Draft(recipient.id, recipient.channel, content, at, rank)


def pause(tries: int) -> timedelta:
    """Return how long to wait after so many tries: longer each time, and never for all the same."""
    whole = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(tries - 1, 20)))
    # Jitter spreads tries; nothing secret hangs on it.
    return whole * random.uniform(0.5, 1.0)  # noqa: S311
