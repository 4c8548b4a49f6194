"""Each fault of the table is caught by its invariant; its run breaks nothing without the fault."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine.clinic import Databases, folder
from tests.machine.faults import FAULTS, Fault
from tests.machine.machine import broken_by

pytestmark = pytest.mark.long

_BY_NAME = pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with folder() as path:
        yield path


@pytest.fixture(scope="module")
def databases(place: Path) -> Databases:
    return Databases(place)


@_BY_NAME
def test_a_fault_is_caught(fault: Fault, databases: Databases, place: Path) -> None:
    violation = broken_by(databases, place, list(fault.steps), fault.patch)
    assert violation is not None, "nothing caught it"
    assert violation.letter == fault.letter, violation


@_BY_NAME
def test_without_the_fault_nothing_is_broken(
    fault: Fault, databases: Databases, place: Path
) -> None:
    assert broken_by(databases, place, list(fault.steps)) is None


def test_every_invariant_catches_something() -> None:
    assert {fault.letter for fault in FAULTS} == set("ABCDEFG")
