"""Questionnaires as the store gives them to the presenters: helpers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from screener.engine.screen import screen
from screener.store import Questionnaire
from tests.every_page import PROTOCOL, RULEBOOK

BEGAN = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
RAISED = datetime(2026, 3, 2, 18, 45, tzinfo=UTC)
NOW = RAISED + timedelta(minutes=12)
CALL = "2026-03-02T18:50:00+00:00"
SAFE = {"phq9_9": "0", "asq_1": "no", "asq_2": "no", "asq_3": "no", "asq_4": "no"}
ACUTE = PROTOCOL.rules["suicide_risk_acute"].title
TITLES = {id: rule.title for id, rule in PROTOCOL.rules.items()}


def screened(answers: dict[str, Any], *, sent: bool) -> dict[str, Any]:
    """Return a screening as the store keeps it."""
    outcome = screen(PROTOCOL, PROTOCOL.read_answers(answers), submitted=sent).as_json()
    return outcome | {"rulebook": {"version": RULEBOOK.version, "hash": RULEBOOK.hash}}


def questionnaire(
    answers: dict[str, Any], priority: str = "", *, sent: bool = True, **progress: Any
) -> Questionnaire:
    """Somebody's questionnaire; without a priority it has that of its answers."""
    screening = screened(answers, sent=sent)
    return Questionnaire(
        id="x",
        reference="AAAA-AAAA",
        protocol=PROTOCOL.id,
        rulebook_version=RULEBOOK.version,
        rulebook_hash=RULEBOOK.hash,
        answers=answers,
        identity={"name": "Ana Test"},
        progress=progress,
        screening=screening,
        priority=priority or screening["priority"],
        created_at=BEGAN,
        updated_at=RAISED,
        submitted_at=RAISED if sent else None,
    )


EARLIER = {"help_met": {"suicide_risk_acute": {"kind": "crisis", "at": CALL}}}
