"""The state machine on PostgreSQL."""

import pytest

from tests.machine.clinic import Databases, folder
from tests.machine.machine import run

pytestmark = pytest.mark.long


def test_danger_never_gets_lost(postgresql: str) -> None:
    with folder() as place:
        databases = Databases(place, postgresql)
        try:
            run(databases, place)
        finally:
            databases.close()
