"""Who may take a submission from which status to which, and what nobody can leave out."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screener import store
from screener.store import Change, states
from tests.conftest import DISPOSITIONS
from tests.store.test_review import DOCTOR, NURSE, seen

ROLES = {"intake": NURSE, "physician": DOCTOR}
RANKS = {"emergency": 1, "urgent": 2, "hold": 3, "incomplete": 4, "review": 5, "note": 6}
PRIORITIES = [*RANKS, None]
DANGERS = [(), ("suicide",), ("medical",), ("suicide", "medical"), ("later",)]
RIGHT = {"suicide": "None now", "medical": "Seen today"}


def person(priority: str | None, dangers: tuple[str, ...] = (), *, risk: bool = False) -> str:
    """Let somebody send the form; return the token."""
    token = store.start("fibromyalgia", "0.3.0", "sha256:x")
    change = Change(
        priority=priority,
        rank=RANKS.get(priority or ""),
        risk=risk,
        progress={"dangers": list(dangers)},
        risk_answers=[("asq_1", "yes")] if dangers else [],
    )
    store.submit(token, lambda _: change)
    return token


def reference_of(token: str) -> str:
    questionnaire = store.load(token)
    assert questionnaire is not None
    return questionnaire.reference


def sets(reference: str, role: str, status: str, note: str = "", **dispositions: str) -> int:
    return store.set_status(
        reference,
        status,
        ROLES[role],
        seen(reference).revision,
        note,
        role=role,
        dispositions=dispositions,
    )


def problems(reference: str, role: str, status: str, note: str = "", **more: str) -> dict[str, str]:
    """Return what the store says is wrong, after checking that nothing changed."""
    before = seen(reference)
    with pytest.raises(store.Refused) as refused:
        sets(reference, role, status, note, **more)
    assert seen(reference) == before
    return refused.value.problems


# --- the rules themselves: every status, role, priority and kind of danger ------------------------


@pytest.mark.parametrize("priority", PRIORITIES)
@pytest.mark.parametrize("risk", [True, False])
@pytest.mark.parametrize("dangers", DANGERS)
def test_no_step_leads_out_without_what_is_required(
    priority: str | None, risk: bool, dangers: tuple[str, ...]
) -> None:
    kinds = tuple(kind for kind in ("suicide", "medical") if kind in dangers) or ("suicide",)
    presses = priority in ("emergency", "urgent") or risk
    for status, role, to in product(states.STATUSES, states.ROLES, states.STATUSES):
        stands = states.standing(status, priority, risk, {"dangers": list(dangers)})
        for reason, given_ in product(("", "  \n", "seen by us"), _choices()):
            why = (status, role, to, reason, given_)
            recorded = {kind: words for kind, words in given_.items() if words}
            try:
                states.check(stands, role, to, reason=reason, chosen=given_, lists=DISPOSITIONS)
            except store.Refused as refused:
                assert refused.problems and all(refused.problems.values()), why
                offered = to in states.steps(stands, role)
                assert ("status" in refused.problems) is not offered, why
                continue
            assert to in states.steps(stands, role), why
            assert to not in ("new", status), why
            if status == "decided" or to == "decided":
                assert role == "physician", why
            if status == "new" and presses:
                assert to == "acknowledged", why
            if status in states.HANDLED:
                assert to in states.OPEN and reason.strip(), why
            if to == "closed":
                assert reason.strip(), why
            if to in states.HANDLED and presses:
                assert role == "physician" and reason.strip(), why
                assert recorded == {kind: RIGHT[kind] for kind in kinds}, why
            else:
                assert recorded == {}, why


def _choices() -> list[dict[str, str]]:
    offered = {kind: (None, "", "made up", RIGHT[kind]) for kind in RIGHT}
    both = [
        {k: v for k, v in {"suicide": s, "medical": m}.items() if v is not None}
        for s, m in product(offered["suicide"], offered["medical"])
    ]
    return [*both, {"later": "Seen today"}]


@pytest.mark.parametrize(("priority", "role"), [*product(PRIORITIES, states.ROLES)])
def test_every_status_leads_on(priority: str | None, role: str) -> None:
    for status in states.STATUSES:
        stands = states.standing(status, priority, False, {})
        stuck = status == "decided" and role == "intake"
        assert bool(states.steps(stands, role)) is not stuck


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), priority=st.sampled_from(PRIORITIES), dangers=st.sampled_from(DANGERS))
def test_no_way_through_the_store_leads_out_without_what_is_required(
    stored: Flask, data: st.DataObject, priority: str | None, dangers: tuple[str, ...]
) -> None:
    token = person(priority, dangers, risk=bool(dangers))
    reference = reference_of(token)
    for _ in range(data.draw(st.integers(1, 6))):
        before = seen(reference)
        if data.draw(st.integers(0, 7)) == 0:
            store.alert(token, lambda _: Change(news=True))
            continue
        role = data.draw(st.sampled_from(states.ROLES))
        to = data.draw(st.sampled_from(states.STATUSES))
        note = data.draw(st.sampled_from(["", " ", "reached by phone"]))
        chosen = data.draw(st.sampled_from(_choices()))
        try:
            sets(reference, role, to, note, **chosen)
        except store.Refused:
            assert seen(reference) == before
            continue
        after = seen(reference)
        assert (after.status, after.assigned_to) == (to, ROLES[role])
        if before.status == "decided" or to == "decided":
            assert role == "physician"
        if before.standing.pressing and before.standing.leaves(to):
            recorded = after.events[-1].body["dispositions"]
            assert set(recorded) == set(before.standing.dangers) and note.strip()
            assert before.status != "new" and role == "physician"
    assert store.verify_audit() is None


# --- through the store, on both databases ---------------------------------------------------------


def test_an_emergency_is_acknowledged_first_and_closed_by_a_physician_with_everything(
    stored: Flask,
) -> None:
    reference = reference_of(person("emergency", ("suicide", "medical"), risk=True))
    for to in ("in_contact", "decided", "closed"):
        assert problems(reference, "physician", to, "x", **RIGHT) == {
            "status": "Acknowledge it first."
        }
    sets(reference, "intake", "acknowledged")
    assert problems(reference, "intake", "closed", "Reached.", **RIGHT) == {
        "status": "A physician records the disposition and takes it off the waiting list."
    }
    assert problems(reference, "physician", "closed") == {
        "note": "Write why it is closed.",
        "suicide": "Choose a disposition for suicide risk.",
        "medical": "Choose a disposition for medical danger.",
    }
    assert problems(reference, "physician", "decided", "Seen.", suicide="None now") == {
        "medical": "Choose a disposition for medical danger."
    }
    assert problems(reference, "physician", "closed", "Seen.", **{**RIGHT, "medical": "Fine"}) == {
        "medical": "Choose a disposition for medical danger from the list."
    }
    sets(reference, "physician", "closed", "Seen at the clinic.", **RIGHT)
    assert store.count_queue() == 0
    assert seen(reference).events[-1].body == {
        "from": "acknowledged",
        "to": "closed",
        "note": "Seen at the clinic.",
        "dispositions": RIGHT,
    }
    assert store.audit_entries()[0].action == "status closed"


def test_one_that_presses_without_a_known_kind_needs_a_disposition_for_suicide_risk(
    stored: Flask,
) -> None:
    reference = reference_of(person("urgent"))
    sets(reference, "intake", "acknowledged")
    assert set(problems(reference, "physician", "closed", "Seen.")) == {"suicide"}
    assert set(problems(reference, "physician", "closed", "Seen.", **RIGHT)) == {"medical"}
    sets(reference, "physician", "closed", "Seen.", suicide="None now")


def test_a_disposition_is_recorded_only_with_what_it_is_for(stored: Flask) -> None:
    urgent = reference_of(person("urgent", ("suicide",), risk=True))
    assert set(problems(urgent, "intake", "acknowledged", suicide="None now")) == {"suicide"}
    review = reference_of(person("review"))
    assert set(problems(review, "physician", "closed", "Done.", suicide="None now")) == {"suicide"}


def test_a_disposition_holds_only_for_that_leaving(stored: Flask) -> None:
    token = person("emergency", ("suicide",), risk=True)
    reference = reference_of(token)
    sets(reference, "intake", "acknowledged")
    sets(reference, "physician", "closed", "Seen.", suicide="None now")
    store.alert(token, lambda _: Change(news=True))
    assert seen(reference).status == "new" and store.count_queue() == 1
    sets(reference, "intake", "acknowledged")
    assert set(problems(reference, "physician", "closed", "As before.")) == {"suicide"}
    sets(reference, "physician", "closed", "Seen again.", suicide="None now")
    sets(reference, "intake", "in_contact", "Called us back.")
    assert set(problems(reference, "physician", "decided", "As before.")) == {"suicide"}


def test_reopening_needs_a_reason_and_waits_from_now_on(
    stored: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (reference_of(person("urgent", ("suicide",), risk=True)) for _ in range(2))
    for reference in (first, second):
        sets(reference, "intake", "acknowledged")
    sets(first, "physician", "closed", "Seen.", suicide="None now")
    assert problems(first, "intake", "in_contact", " ") == {"note": "Write why it is reopened."}
    assert set(problems(first, "physician", "decided", "x", suicide="None now")) == {"status"}
    sets(first, "intake", "in_contact", "Called again.")
    assert [row.reference for row in store.queue()] == [second, first]
    assert seen(first).waiting_since > seen(second).waiting_since


def test_a_decision_is_the_physicians_alone(stored: Flask) -> None:
    reference = reference_of(person("review"))
    assert problems(reference, "intake", "decided", "mine") == {
        "status": "Only a physician decides."
    }
    revision = sets(reference, "physician", "decided")
    decided = {"status": "A physician decided this. Only a physician can change or reopen it."}
    for to in states.STATUSES:
        assert problems(reference, "intake", to, "I think otherwise.") == decided
    with pytest.raises(store.Refused) as refused:
        store.assign(reference, NURSE, NURSE, revision, role="intake")
    assert refused.value.problems == decided
    store.add_note(reference, NURSE, "The person called.")
    assert problems(reference, "physician", "ready_for_physician") == {
        "note": "Write why it is reopened."
    }
    assert set(problems(reference, "physician", "closed", "Moved away.")) == {"status"}
    sets(reference, "physician", "ready_for_physician", "New letter from the pharmacy.")
    assert seen(reference).status == "ready_for_physician"


def test_without_lists_nobody_in_danger_leaves(stored: Flask) -> None:
    reference = reference_of(person("urgent", ("suicide",), risk=True))
    sets(reference, "intake", "acknowledged")
    stored.extensions["screener_dispositions"] = {}
    assert set(problems(reference, "physician", "closed", "Seen.", suicide="None now")) == {
        "suicide"
    }


def test_a_list_that_changed_later_rewrites_no_history(stored: Flask) -> None:
    reference = reference_of(person("urgent", ("suicide",), risk=True))
    sets(reference, "intake", "acknowledged")
    sets(reference, "physician", "closed", "Seen.", suicide="Seen by a psychiatrist")
    stored.extensions["screener_dispositions"] = {"suicide": ("Something else",)}
    assert seen(reference).events[-1].body["dispositions"] == {"suicide": "Seen by a psychiatrist"}


# --- at the same moment ---------------------------------------------------------------------------


def at_once(app: Flask, *acts: Callable[[], object]) -> list[str]:
    """Do everything at the same moment; return the name of what each raised, "" for nothing."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        with app.app_context():
            barrier.wait()
            try:
                act()
            except store.StoreError as error:
                return type(error).__name__
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return [*pool.map(run, acts)]


def test_of_two_at_the_same_moment_one_is_told(stored: Flask) -> None:
    reference = reference_of(person("emergency", ("suicide",), risk=True))
    revision = seen(reference).revision

    def acknowledge(role: str) -> Callable[[], object]:
        return partial(
            store.set_status, reference, "acknowledged", ROLES[role], revision, role=role
        )

    assert sorted(at_once(stored, acknowledge("intake"), acknowledge("physician"))) == ["", "Stale"]
    assert len(seen(reference).events) == 1


def test_what_the_person_tells_at_the_moment_of_closing_is_not_closed_with_it(
    stored: Flask,
) -> None:
    for _ in range(5):
        token = person("emergency", ("suicide",), risk=True)
        reference = reference_of(token)
        revision = sets(reference, "intake", "acknowledged")
        close = partial(store.set_status, reference, "closed", DOCTOR, revision, "Seen.")
        results = at_once(
            stored,
            partial(close, role="physician", dispositions={"suicide": "None now"}),
            partial(store.alert, token, lambda _: Change(news=True)),
        )
        assert results in (["", ""], ["Stale", ""])
        assert seen(reference).status == "new"
    assert store.count_queue() == 5
    assert store.verify_audit() is None
