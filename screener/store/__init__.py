"""The only SQL: questionnaires, their review, the audit log, limits, staff accounts.

Everything here works inside the app context of an app that `init_app` has prepared, and each call
is one transaction. What people tell us is encrypted before it reaches the database.
"""

from screener.store.audit import Broken, Entry, audit_entries, record, verify_audit
from screener.store.database import db, disposition_lists, downgrade, init_app, upgrade
from screener.store.errors import (
    AlreadySubmitted,
    DatabaseError,
    Refused,
    SealError,
    Stale,
    StoreError,
    Unavailable,
    UnknownQuestionnaire,
)
from screener.store.keys import check, reseal
from screener.store.limits import forget_limits, give_back, take
from screener.store.questionnaires import (
    alert,
    discard,
    expire_drafts,
    load,
    save,
    start,
    submit,
)
from screener.store.records import (
    Change,
    Event,
    Questionnaire,
    QueueRow,
    RiskAnswer,
    Submission,
)
from screener.store.review import add_note, assign, set_status, submission
from screener.store.rulebooks import (
    Signature,
    count_submitted,
    keep_rulebook,
    sign_rulebook,
    signatures,
    submitted,
    unpack_rulebook,
)
from screener.store.staff import (
    add_user,
    begin_session,
    end_session,
    end_sessions,
    forget_sessions,
    last_code,
    session_user,
    use_code,
)
from screener.store.states import DANGERS, OPEN, STATUSES, Standing, steps
from screener.store.tables import Role, User
from screener.store.waiting import QueuePart, count_queue, queue, queue_part

__all__ = [
    "DANGERS",
    "OPEN",
    "STATUSES",
    "AlreadySubmitted",
    "Broken",
    "Change",
    "DatabaseError",
    "Entry",
    "Event",
    "Questionnaire",
    "QueuePart",
    "QueueRow",
    "Refused",
    "RiskAnswer",
    "Role",
    "SealError",
    "Signature",
    "Stale",
    "Standing",
    "StoreError",
    "Submission",
    "Unavailable",
    "UnknownQuestionnaire",
    "User",
    "add_note",
    "add_user",
    "alert",
    "assign",
    "audit_entries",
    "begin_session",
    "check",
    "count_queue",
    "count_submitted",
    "db",
    "discard",
    "disposition_lists",
    "downgrade",
    "end_session",
    "end_sessions",
    "expire_drafts",
    "forget_limits",
    "forget_sessions",
    "give_back",
    "init_app",
    "keep_rulebook",
    "last_code",
    "load",
    "queue",
    "queue_part",
    "record",
    "reseal",
    "save",
    "session_user",
    "set_status",
    "sign_rulebook",
    "signatures",
    "start",
    "steps",
    "submission",
    "submit",
    "submitted",
    "take",
    "unpack_rulebook",
    "upgrade",
    "use_code",
    "verify_audit",
]
