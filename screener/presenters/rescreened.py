"""What a submission page rests on: the stored outcomes, and the rules where they are the same.

A submission is explained only by the rulebook that screened it, which was kept: the view that
shows the page loads it. Where it can no longer be read, the stored outcomes are shown as they were,
and the page says so. Which answers would settle an open rule is worked out from the rules; only the
first edition stored it. Without the rules and without that, the page says that it is not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from screener.engine.old_answers import Unreadable, read_what_fits
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Answers
from screener.engine.screen import Screening, screen
from screener.presenters.causes import is_under_age
from screener.presenters.first_lines import first_line, folded
from screener.presenters.words import asked_by_staff
from screener.store import PhoneAnswer, Questionnaire


@dataclass(frozen=True)
class Rescreened:
    """What could be worked out of one questionnaire.

    `screening` is there when the rulebook is the one that screened it and the answers fit;
    `worded` when the answers can at least be put into words. `unreadable` are answers that this
    rulebook cannot read. `outcomes` are by rule id.
    `problems` are sentences that staff must read first.
    """

    rulebook: Rulebook
    questionnaire: Questionnaire
    protocol: Protocol | None = None
    screening: Screening | None = None
    worded: Screening | None = None
    answers: Answers = field(default_factory=dict)
    unreadable: Unreadable = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def rule_set(self) -> str:
        """Return the version of the rules that screened it last."""
        return screened_with(self.questionnaire)[0]

    @property
    def under_age(self) -> bool:
        """Return whether the rules stopped at the age and looked at nothing else."""
        return is_under_age(self.questionnaire.screening or {})

    @cached_property
    def needed(self) -> Mapping[str, tuple[str, ...]]:
        """Return the answers that would settle each open rule, by rule id."""
        if self.screening is not None:
            return self.screening.needed
        stored = (self.questionnaire.screening or {}).get("needed", {})
        return {id: tuple(paths) for id, paths in stored.items()}

    @property
    def phoned(self) -> Mapping[str, PhoneAnswer]:
        """Return what staff took down and is laid over the answers, by path."""
        laid: Mapping[str, PhoneAnswer] = (self.questionnaire.screening or {}).get("phoned", {})
        return laid

    @cached_property
    def said(self) -> Mapping[str, str]:
        """Return by whom laid over answers were taken down, by question, to stand beside them."""
        beside: dict[str, str] = {}
        for path, answer in self.phoned.items():
            id, *cell = path.split(".")
            some = "some of it " if cell and id not in self.phoned else ""
            beside.setdefault(id, some + asked_by_staff(answer))
        return beside

    @cached_property
    def added(self) -> Answers:
        """Return the readable answers on danger that came after the form was closed."""
        kept = self.questionnaire.progress.get("added") or {}
        return read_what_fits(self.protocol, kept)[0] if self.protocol else {}

    @cached_property
    def lines(self) -> Mapping[str, tuple[str, ...]]:
        """Return the flags that have a line of their own, each with those it speaks for."""
        return folded(self.protocol, self.outcomes)

    def first_line(self, rule: str) -> str:
        """Return a rule's title with what other flags remark on it."""
        return first_line(self.protocol, self.outcomes, rule)

    def title(self, rule: str) -> str:
        """Return a rule's title, or its id where this rulebook has no such rule."""
        definition = self.protocol.rules.get(rule) if self.protocol else None
        return definition.title if definition else rule

    def priority(self, rule: str) -> str:
        """Return a rule's priority; `note` where this rulebook has no such rule."""
        definition = self.protocol.rules.get(rule) if self.protocol else None
        return definition.priority if definition else "note"


def rescreen(
    rulebook: Rulebook, questionnaire: Questionnaire, retired: Rulebook | None = None
) -> Rescreened:
    """Read and screen a stored questionnaire again, as far as that can be done faithfully.

    `rulebook` is the one in use, `retired` the one that screened it where that is another one and
    could be loaded.
    """
    stored = questionnaire.screening or {}
    version, hash_ = screened_with(questionnaire)
    rulebook = retired or rulebook
    protocol = rulebook.protocols.get(questionnaire.protocol)
    if protocol is None:
        problem = (
            f"The rulebook in use has no programme called “{questionnaire.protocol}”. Shown are "
            "the outcomes and answers as they were stored."
        )
        unreadable: Unreadable = {(id,): value for id, value in questionnaire.answers.items()}
        kept = Rescreened(rulebook, questionnaire, unreadable=unreadable, problems=(problem,))
        return _stored(kept, stored)
    answers, unreadable = read_what_fits(protocol, questionnaire.answers)
    screening = screen(protocol, answers, submitted=questionnaire.submitted_at is not None)
    if hash_ != rulebook.hash:
        problem = (
            f"Screened under another rulebook (version {version}) than the "
            "one in use. Shown are the outcomes that were stored then; titles and wording are "
            "those of the rulebook in use. The reasons cannot be shown"
        ) + _unsettled(stored)
        worded = Rescreened(
            rulebook,
            questionnaire,
            protocol,
            None,
            screening,
            answers,
            unreadable,
            problems=(problem,),
        )
        return _stored(worded, stored)
    problems = _differences(screening, stored)
    if retired is not None:
        problems.insert(
            0,
            f"Screened under version {version} of the rules, which is no longer in use. "
            "Everything on this page rests on that version.",
        )
    if unreadable:
        problems.insert(
            0,
            "Some stored answers do not fit the rulebook, and the rules count them as not "
            "answered: "
            + "; ".join(sorted(".".join(path) for path in unreadable))
            + ". They stand below, as they were stored.",
        )
    return Rescreened(
        rulebook,
        questionnaire,
        protocol,
        screening,
        screening,
        answers,
        unreadable,
        screening.outcomes,
        tuple(problems),
    )


def _unsettled(stored: Mapping[str, Any]) -> str:
    """Return the end of a sentence: whether the answers that would settle open rules are known."""
    if "needed" in stored or "unknown" not in stored.get("flags", {}).values():
        return "."
    return ", nor which answers would settle the rules that cannot tell."


def screened_with(questionnaire: Questionnaire) -> tuple[str, str]:
    """Return version and hash of the rulebook of the last save; the form may be older."""
    last = (questionnaire.screening or {}).get("rulebook", {})
    return (
        last.get("version", questionnaire.rulebook_version),
        last.get("hash", questionnaire.rulebook_hash),
    )


def _stored(rescreened: Rescreened, stored: Mapping[str, Any]) -> Rescreened:
    """Return the same with the outcomes as they were stored."""
    return Rescreened(
        rescreened.rulebook,
        rescreened.questionnaire,
        rescreened.protocol,
        None,
        rescreened.worded,
        rescreened.answers,
        rescreened.unreadable,
        dict(stored.get("flags", {})),
        rescreened.problems,
    )


def _differences(screening: Screening, stored: Mapping[str, Any]) -> list[str]:
    # The same rules on the same answers: a difference means that data or program were altered.
    before = stored.get("flags")
    if before is None or dict(before) == dict(screening.outcomes):
        return []
    rules = screening.protocol.rules
    changed = [
        f"“{rules[id].title if id in rules else id}” was {_word(before.get(id))}, "
        f"is now {_word(screening.outcomes.get(id))}"
        for id in dict.fromkeys([*before, *screening.outcomes])
        if before.get(id) != screening.outcomes.get(id)
    ]
    return [
        "The outcomes stored with this submission are not those that the same rules give now: "
        + "; ".join(changed)
        + ". Take the more serious of the two, and tell whoever runs this system."
    ]


def _word(outcome: str | None) -> str:
    words = {"met": "met", "not_met": "not met", "unknown": "“cannot tell”"}
    return words.get(outcome or "", "absent")
