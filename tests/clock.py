"""Time in tests: how fast the machine is never changes an outcome."""

from datetime import UTC, datetime, timedelta

from screener.store import clock

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # a Monday, far from midnight in every US zone
# Seconds. Only a test that fails waits so long: whatever could hang is given this.
PATIENCE = 600
_TICK = timedelta(milliseconds=1)  # so that no two events are at the same time


class Clock:
    """Takes the place of `screener.store.clock.now`. It ticks when it is read, until it is set."""

    def __init__(self) -> None:
        self.start = self.time = START
        self._tick = _TICK

    def now(self) -> datetime:
        """Return the time."""
        self.time += self._tick
        return self.time

    def __call__(self, **passed: float) -> None:
        """Set it to so long after the test began (days, hours, minutes…); there it stands."""
        self.time, self._tick = self.start + timedelta(**passed), timedelta(0)

    def run(self, **passes: float) -> None:
        """Let it run on, so far each time that it is read."""
        self._tick = timedelta(**passes)

    def begin(self) -> None:
        """Let a test begin now, and the clock stand."""
        self.start = self.time
        self()

    def go_back(self, time: datetime) -> None:
        """Let it run again, from an earlier time."""
        self.time, self._tick = time, _TICK


def stand(time: str) -> None:
    """Let the program in a process that a test starts have the time of that test (ISO)."""
    setattr(clock, "now", lambda: datetime.fromisoformat(time))  # noqa: B010 (mypy refuses it)
