"""One try to send one message. What goes wrong is said in fixed words: an error's own may quote.

Every message to staff says one thing: that a submission needs somebody, and where to sign in.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from screener.store import Content

SUBJECT = "A submission needs you"
TEXT = "A submission needs you. Sign in:"
TEST_SUBJECT = "Test message"
TEST_TEXT = "This is a test. A message about a submission would look like this. Sign in:"
PAUSE = 20.0  # seconds without an answer after which a try ends
WHOLE = 60.0  # seconds after which a try ends whatever is answered; far below store.outbox.LEASE


class NotSent(Exception):
    """A try failed. `for_good` says that another one cannot succeed. Names no address."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_good = for_good


@dataclass(frozen=True)
class Letter:
    """A message as it is sent. `id` is the same at every try."""

    id: str
    kind: str
    content: Content = field(repr=False)
    created_at: datetime
    sign_in: str
    clinic: str = ""

    @property
    def subject(self) -> str:
        """Return its subject, without anything of a person."""
        return self.content.subject or (TEST_SUBJECT if self.kind == "test" else SUBJECT)

    @property
    def text(self) -> str:
        """Return its one sentence, and the clinic's name where the clinic wants that."""
        sentence = TEST_TEXT if self.kind == "test" else TEXT
        return f"{self.clinic}: {sentence}" if self.clinic else sentence

    @property
    def body(self) -> str:
        """Return the whole text of a mail."""
        return self.content.text or f"{self.text}\n{self.sign_in}\n"


@contextmanager
def time_limit(close: Callable[[], None]) -> Iterator[None]:
    """End a try that takes too long by closing its connection, however slowly it is answered."""
    timer = threading.Timer(WHOLE, close)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
