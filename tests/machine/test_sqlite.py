"""The state machine on SQLite."""

import pytest

from tests.machine.clinic import Databases, folder
from tests.machine.machine import run

pytestmark = pytest.mark.long


def test_danger_never_gets_lost() -> None:
    with folder() as place:
        run(Databases(place), place)
