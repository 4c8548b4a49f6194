"""A stored questionnaire with its parts typed: answers, and how far the person has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Any

from screener import phones, store
from screener.archive import kept_rulebook
from screener.engine.answer_paths import as_json as as_json
from screener.engine.old_answers import Unreadable, read_what_fits
from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Answers, Row
from screener.engine.resolve import Resolved, resolve
from screener.engine.screen import Screening, screen
from screener.engine.terms.reading import Reading
from screener.patient.context import NoQuestionnaire, rulebook, settings
from screener.patient.other_editions import carry_drafts, come_again, unseen_options


@dataclass
class Progress:
    """How far a person has come. Times are ISO texts in UTC.

    `pages_saved` are the keys of the stops (see `journey.py`). `drafts` is what was typed and
    could not be taken, by stop and question; a stop without any lacks an answer that is needed.
    `contact_typed` are contact details that could not be taken, and `contact_settled` the numbers
    among them that are kept as they are. `help_met` names what ever
    raised help, with kind and time, and keeps it; `help_shown` is what of it was read.
    `highest` is the highest priority for safety that was ever raised, and `dangers` of what kind
    (see `danger.py`); both stay whatever is changed later. `calls` are the times at which the
    person asked for a call, `unsafe` those at which they were not sure they were safe. `added` are
    answers on danger that came after the form was sent. `conflicts` names, by stop and question,
    the stored value that another window had saved (see `forms/shown.py`).
    `set_aside` are values by their paths that another edition of the rulebook took and this one
    cannot, and that have no place among the answers any more.
    `offered` are the options of each list as the person saw them when they last saved it.
    `answered_by` says who answered each page that is for the person alone, where somebody helps to
    fill in the form (see `alone.py`).
    `place_due` says that a new sitting began and the person has not said yet where they are.
    `phoned` is the priority to which answers that staff took down raised it (`phone_answers.py`).
    """

    consented_at: str = ""
    pages_saved: list[str] = field(default_factory=list)
    drafts: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    help_met: dict[str, dict[str, str]] = field(default_factory=dict)
    help_shown: list[str] = field(default_factory=list)
    highest: str = ""
    dangers: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    unsafe: list[str] = field(default_factory=list)
    added: dict[str, Any] = field(default_factory=dict)
    conflicts: dict[str, dict[str, str]] = field(default_factory=dict)
    contact_typed: dict[str, str] = field(default_factory=dict)
    contact_settled: list[str] = field(default_factory=list)
    set_aside: dict[str, list[Any]] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)
    answered_by: dict[str, str] = field(default_factory=dict)
    place_due: bool = False
    phoned: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as the store keeps it."""
        return dict(vars(self))


_PROGRESS = frozenset(field.name for field in fields(Progress))


@dataclass
class Record:
    """A questionnaire as the views use it.

    `unreadable` are stored answers that this rulebook cannot read: they are kept as they are, for
    staff, and never stop the person. `details` are changes of the person's details
    that the save in hand will store with everything else; `sending` says that it sends the form.
    The answers of a record never change:
    other answers make another record, so that what is worked out of them is worked out once.
    """

    questionnaire: store.Questionnaire
    protocol: Protocol
    answers: Answers
    unreadable: Unreadable
    progress: Progress
    details: dict[str, Any] = field(default_factory=dict)
    sending: bool = False

    @classmethod
    def of(cls, questionnaire: store.Questionnaire) -> "Record":
        """Read a stored questionnaire. Raises NoQuestionnaire where its protocol is not served."""
        return cls.under(rulebook(), questionnaire)

    @classmethod
    def under(cls, edition: Rulebook, questionnaire: store.Questionnaire) -> "Record":
        """Read a stored questionnaire as an edition does. Raises NoQuestionnaire as `of` does."""
        protocol = edition.protocols.get(questionnaire.protocol)
        if protocol is None:
            raise NoQuestionnaire
        answers, unreadable = read_what_fits(protocol, questionnaire.answers)
        progress = _progress(questionnaire.progress)
        if progress.drafts:
            carry_drafts(protocol, progress.drafts, progress.set_aside)
        earlier = _edition_of(questionnaire)
        if questionnaire.submitted_at is None and earlier != edition.hash:
            then = kept_rulebook(earlier)
            before = then.protocols.get(protocol.id) if then else None
            come_again(protocol, before, answers, progress.pages_saved, progress.offered)
        return cls(questionnaire, protocol, answers, unreadable, progress)

    @cached_property
    def unseen(self) -> dict[str, tuple[str, ...]]:
        """Return the options that the person never saw, of each list that they answered.

        A list that they are not asked now comes to nobody again.
        """
        unseen = unseen_options(self.protocol, self.answers, self.progress.offered)
        return {id: options for id, options in unseen.items() if self.is_asked(id)}

    @cached_property
    def saved(self) -> frozenset[str]:
        """Return the keys of the stops that are done: saved, with every option as it is now."""
        pages = self.protocol.pages
        again = (page.id for page in pages if not self.unseen.keys().isdisjoint(page.questions))
        return frozenset(self.progress.pages_saved).difference(again)

    @cached_property
    def reading(self) -> Reading:
        """Return the conditions of questions and rules for the current answers."""
        return Reading(self.protocol, self.answers, self.sent or self.sending)

    @cached_property
    def resolved(self) -> Resolved:
        """Return the answers that count, and which questions are not asked."""
        return resolve(self.protocol, self.answers, self.reading)

    @cached_property
    def screening(self) -> Screening:
        """Return what the rules say of the current answers."""
        screening = screen(self.protocol, self.answers, submitted=self.sent or self.sending)
        # It is of the same answers, and need not work these out again.
        vars(screening).update(reading=self.reading, resolved=self.resolved)
        return screening

    def is_asked(self, question: str) -> bool:
        """Return whether a question must be asked of this person, whatever is still unanswered."""
        return self.reading.asked(question)[0]

    @property
    def rows(self) -> dict[str, Row]:
        """Return the rows of the treatment table, by medicine."""
        rows = self.answers.get(self.protocol.table.id, {})
        assert isinstance(rows, dict)
        return rows

    @property
    def identity(self) -> dict[str, Any]:
        """Return who the person is and how to reach them."""
        return self.questionnaire.identity

    @property
    def sent(self) -> bool:
        """Return whether the form was sent."""
        return self.questionnaire.submitted_at is not None

    @property
    def under_age(self) -> bool:
        """Return whether the rules stopped the form at the date of birth."""
        return (self.questionnaire.screening or {}).get("priority") == PRIORITIES[0]

    @property
    def phone(self) -> str:
        """Return the number staff would call, as it was typed; "" when none is certain."""
        number = phones.given(self.identity, "phone", settings().clinic_region)
        return number.typed if number and number.phone else ""

    @property
    def born(self) -> date | None:
        """Return the date of birth."""
        given = self.identity.get("date_of_birth")
        return date.fromisoformat(given) if given else None


def _edition_of(questionnaire: store.Questionnaire) -> str:
    """Return the hash of the rulebook of the last save, or of the beginning."""
    kept = (questionnaire.screening or {}).get("rulebook", {}).get("hash")
    return str(kept or questionnaire.rulebook_hash)


def _progress(stored: Mapping[str, Any]) -> Progress:
    kept = {name: value for name, value in stored.items() if name in _PROGRESS}
    # Before 0.3 one request for a call was kept, as a text.
    if stored.get("call_requested") and not kept.get("calls"):
        kept["calls"] = [stored["call_requested"]]
    return Progress(**_copied(kept))  # what the store gave stays as it was, to compare with


def _copied(value: Any) -> Any:
    """Return a copy of what was read from JSON."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value
