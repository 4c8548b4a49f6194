"""The only SQL: questionnaires, their review, the audit log, limits, staff accounts.

Everything here works inside the app context of an app that `init_app` has prepared, and each call
is one transaction. What people tell us is encrypted before it reaches the database.
"""

from screener.store.audit import Broken, Entry, audit_entries, record, verify_audit
from screener.store.database import db, downgrade, init_app, upgrade
from screener.store.errors import (
    AlreadySubmitted,
    DatabaseError,
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
    STATUSES,
    Change,
    Event,
    Questionnaire,
    QueueRow,
    RiskAnswer,
    Submission,
)
from screener.store.review import (
    OPEN,
    add_note,
    assign,
    count_queue,
    queue,
    set_status,
    submission,
)
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
from screener.store.tables import Role, User

__all__ = [
    "OPEN",
    "STATUSES",
    "AlreadySubmitted",
    "Broken",
    "Change",
    "DatabaseError",
    "Entry",
    "Event",
    "Questionnaire",
    "QueueRow",
    "RiskAnswer",
    "Role",
    "SealError",
    "Signature",
    "Stale",
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
    "record",
    "reseal",
    "save",
    "session_user",
    "set_status",
    "sign_rulebook",
    "signatures",
    "start",
    "submission",
    "submit",
    "submitted",
    "take",
    "unpack_rulebook",
    "upgrade",
    "use_code",
    "verify_audit",
]
