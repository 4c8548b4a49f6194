"""What the store refuses, and why."""

from collections.abc import Mapping


class StoreError(Exception):
    """The base of all errors of the store. Messages never hold what a person told us."""


class DatabaseError(StoreError):
    """The database cannot be opened, read or brought up to date."""


class Unavailable(StoreError):
    """The database cannot be used now: it cannot be reached, or does not answer in time."""


class NotWritten(Unavailable):
    """Nothing was stored: the database is full, read-only, locked or cannot be reached.

    It can often still be read. The same call later may well succeed.
    """


class SpillError(StoreError):
    """The folder for views that the audit log cannot take is not fit for it."""


class SealError(StoreError):
    """A sealed value cannot be opened: its key is not listed, or it was moved or altered."""


class TooOften(StoreError):
    """Something was done too often; there may be more of it after `wait` seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"too often; again in {wait:.0f} seconds")
        self.wait = wait


class UnknownQuestionnaire(StoreError):
    """There is no questionnaire with this token or reference."""


class AlreadySubmitted(StoreError):
    """The questionnaire was submitted; nothing in it changes any more."""


class Stale(StoreError):
    """Somebody else changed the submission since the page was opened."""


class Refused(StoreError):
    """A step of the review that may not be taken now, or that lacks something.

    `problems` says by field what is wrong: `status`, `note` (the reason), or a kind of danger.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(self.problems.values()))
