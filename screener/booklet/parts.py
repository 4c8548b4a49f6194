"""What the document to sign is made of: frozen views, in words, with nothing left to compute.

Views are compared by value: where two protocols have equal ones, the document prints them once.
"""

from dataclasses import dataclass
from decimal import Decimal

from screener.engine.field_types import Reviewed
from screener.engine.protocol import Reference


@dataclass(frozen=True)
class ClauseView:
    """One part of a condition. `words` is a sentence, or "All of these:" before `parts`."""

    words: str
    because: str = ""
    references: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    parts: tuple["ClauseView", ...] = ()


@dataclass(frozen=True)
class OptionView:
    """One answer that can be chosen. `points` is None if it adds to no score.

    `retired` says what is asked in place of one that is offered no more; `uses` what a medicine was
    taken for.
    """

    label: str
    hint: str
    points: int | None
    unanswered: bool
    heading: str
    names: tuple[str, ...]
    groups: tuple[str, ...]
    retired: str
    uses: tuple[str, ...]


@dataclass(frozen=True)
class QuestionView:
    """One question. `answers` says what can be entered if there are no options.

    `only_for` names the uses (mood, pain) a medicine must count for, for a column of the table;
    `only_marked` columns are asked of marked medicines alone. `replaces` are its earlier ids.
    """

    id: str
    stem: str
    text: str
    hint: str
    answers: str
    options: tuple[OptionView, ...]
    columns: tuple["QuestionView", ...]
    only_for: tuple[str, ...]
    only_marked: bool
    replaces: tuple[str, ...]
    asked_when: ClauseView | None
    not_asked: str
    left_blank: str
    required: bool
    required_when: ClauseView | None
    risk: bool
    private: bool
    purpose: str
    loinc: str
    references: tuple[str, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class QuestionGroup:
    """Questions that follow each other with the same beginning and the same options."""

    stem: str
    options: tuple[OptionView, ...]
    questions: tuple[QuestionView, ...]


@dataclass(frozen=True)
class PrintedAbove:
    """A question that an earlier questionnaire in the document has in the same words."""

    text: str
    id: str


@dataclass(frozen=True)
class PageView:
    """One page of a questionnaire. `same_as` names the page above that it repeats, if it does.

    `keep_typing`: the browser may keep what is typed there and not yet saved. `section` is the
    title of the section that begins with it, "" of any other page.
    """

    number: int
    title: str
    intro: str
    keep_typing: bool
    items: tuple[QuestionGroup | PrintedAbove, ...]
    same_as: str = ""
    section: str = ""


@dataclass(frozen=True)
class ProtocolView:
    """One questionnaire with what it consists of.

    `for_all` are titles of the pages of education that everybody is shown; `takes_now` says how it
    is known what is taken now, "" where it is not.
    """

    id: str
    title: str
    version: str
    reviewed: Reviewed
    review_months: int
    floor: str
    before: tuple[QuestionGroup | PrintedAbove, ...]
    pages: tuple[PageView, ...]
    rules: int
    persons: tuple[str, ...]
    for_all: tuple[str, ...]
    takes_now: str


@dataclass(frozen=True)
class BandView:
    """A published range of a score with its name."""

    low: int
    high: int
    label: str


@dataclass(frozen=True)
class ScoreView:
    """A number computed from answers; `words` says how."""

    id: str
    title: str
    low: int
    high: int
    words: str
    bands: tuple[BandView, ...]
    note: str
    loinc: str
    references: tuple[str, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class RowView:
    """What the trial of one medicine counts as, for mood, for pain, or for any medicine."""

    id: str
    title: str
    use: str
    condition: ClauseView
    references: tuple[str, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class CaseView:
    """A case of a rule: the outcome that is tested, and the person in a sentence."""

    outcome: str
    sentence: str


@dataclass(frozen=True)
class RuleView:
    """One rule, in words made from the rule itself.

    `topics` are titles of education pages, `speaks_for` and `remark_on` ids of rules.
    """

    id: str
    chapter: str
    title: str
    priority: str
    if_unknown: str
    help: str | None
    condition: ClauseView
    staff: str
    reported: str
    topics: tuple[str, ...]
    speaks_for: tuple[str, ...]
    remark: str
    remark_on: tuple[str, ...]
    cases: tuple[CaseView, ...]
    references: tuple[str, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class InvariantView:
    """An invariant: its sentence, and its claims, each with the word before it ("If")."""

    id: str
    says: str
    claims: tuple[tuple[str, ClauseView], ...]
    references: tuple[str, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class OverlapView:
    """An intended overlap of rules: what overlaps, and the reason."""

    id: str
    words: str
    because: str


@dataclass(frozen=True)
class TopicView:
    """One page of education, in Markdown, and what chooses it."""

    id: str
    title: str
    summary: str
    text: str
    reviewed: Reviewed


@dataclass(frozen=True)
class NoticeView:
    """A published question set with its licence notice, verbatim."""

    id: str
    title: str
    notice: str
    licence: str
    codes: tuple[tuple[str, str], ...]
    references: tuple[str, ...]


@dataclass(frozen=True)
class TrialView:
    """What an adequate trial of a medicine needs: a dose a day, for at least so many weeks."""

    dose_mg: Decimal
    unit: str
    weeks: int
    usual: str
    note: str
    reduced: str
    references: tuple[str, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class MedicineView:
    """One medicine; `mood` and `pain` are None if a trial is shown and not counted.

    `kinds` are labels in the list of what is taken now; `limits` sentences on its highest doses.
    """

    id: str
    name: str
    brands: tuple[str, ...]
    group: str
    counted_as: tuple[str, ...]
    kinds: tuple[str, ...]
    limits: tuple[str, ...]
    marked: bool
    mood: TrialView | None
    pain: TrialView | None
    note: str
    references: tuple[str, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class ChoiceView:
    """A choice of the clinic's own. `used` says what is based on it, such as "12 rules"."""

    id: str
    choice: str
    value: str
    references: tuple[str, ...]
    used: tuple[str, ...]


@dataclass(frozen=True)
class ReferenceView:
    """A published source with its number in this document, and whether anything cites it."""

    number: int
    reference: Reference
    used: bool
