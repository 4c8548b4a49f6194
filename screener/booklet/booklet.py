"""The whole rulebook as one document, in the order in which a physician reads and signs it.

Every sentence about a rule is made from the rule itself, so that the two cannot drift apart. What
two protocols share is in it once, with the names of both.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from typing import Protocol as Shape

from screener.booklet import words as made
from screener.booklet.claims import ClaimWords
from screener.booklet.parts import (
    ChoiceView,
    InvariantView,
    MedicineView,
    NoticeView,
    OverlapView,
    PageView,
    PrintedAbove,
    ProtocolView,
    QuestionGroup,
    QuestionView,
    ReferenceView,
    RowView,
    RuleView,
    ScoreView,
    TopicView,
    TrialView,
)
from screener.booklet.words import ProtocolWords
from screener.engine.medicines import Medicine, Trial
from screener.engine.protocol import Page, Protocol, Rulebook
from screener.engine.questions import Question
from screener.engine.rulebook.notices import used_references


class HasId(Shape):
    """Any view with an id."""

    @property
    def id(self) -> str:
        """Return the id."""


T = TypeVar("T", bound=HasId)


@dataclass(frozen=True)
class Shared(Generic[T]):
    """A view with the titles of the protocols that have it; no titles if all have it.

    `again`: one with the same id stands above, with another meaning, for another questionnaire.
    """

    view: T
    only: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True)
class Chapter:
    """Rules under one heading."""

    title: str
    rules: tuple[Shared[RuleView], ...]


@dataclass(frozen=True)
class Booklet:
    """The document, part by part, in the order of reading."""

    version: str
    hash: str
    unreviewed: bool
    protocols: tuple[ProtocolView, ...]
    scores: tuple[Shared[ScoreView], ...]
    rows: tuple[Shared[RowView], ...]
    chapters: tuple[Chapter, ...]
    invariants: tuple[Shared[InvariantView], ...]
    overlaps: tuple[Shared[OverlapView], ...]
    medicines: tuple[MedicineView, ...]
    topics: tuple[Shared[TopicView], ...]
    choices: tuple[ChoiceView, ...]
    references: tuple[ReferenceView, ...]
    notices: tuple[Shared[NoticeView], ...]


def booklet(rulebook: Rulebook) -> Booklet:
    """Return the document of a loaded rulebook."""
    protocols = [ProtocolWords(protocol) for protocol in rulebook.protocols.values()]
    rules = _shared(protocols, lambda p: map(p.rule, p.protocol.rules.values()))
    chapters = dict.fromkeys(shared.view.chapter for shared in rules)
    topics = _shared(protocols, lambda p: map(made.topic, p.protocol.topics.values()))
    order = {id: topic.order for id, topic in rulebook.topics.items()}
    return Booklet(
        version=rulebook.version,
        hash=rulebook.hash,
        unreviewed=rulebook.unreviewed,
        protocols=tuple(_questionnaires(protocols)),
        scores=_shared(protocols, lambda p: map(p.score, p.protocol.scores.values())),
        rows=_shared(protocols, lambda p: map(p.row, p.protocol.row_conditions.values())),
        chapters=tuple(
            Chapter(title, tuple(rule for rule in rules if rule.view.chapter == title))
            for title in chapters
        ),
        invariants=_shared(protocols, lambda p: ClaimWords(p.protocol).invariants()),
        overlaps=_shared(protocols, lambda p: ClaimWords(p.protocol).overlaps()),
        medicines=tuple(_medicine(medicine, protocols) for medicine in rulebook.medicines.values()),
        topics=tuple(sorted(topics, key=lambda shared: order[shared.view.id])),
        choices=tuple(_choices(rulebook)),
        references=tuple(_references(rulebook)),
        notices=_shared(protocols, lambda p: map(made.notice, p.protocol.instruments)),
    )


def _shared(
    protocols: list[ProtocolWords], views_of: Callable[[ProtocolWords], Iterable[T]]
) -> tuple[Shared[T], ...]:
    """Return the views of all protocols; equal ones once, where they come first."""
    titles: dict[T, list[str]] = {}
    for words in protocols:
        for view in views_of(words):
            titles.setdefault(view, []).append(words.protocol.title)
    first: dict[str, T] = {}
    return tuple(
        Shared(
            view,
            () if len(only) == len(protocols) else tuple(only),
            first.setdefault(view.id, view) is not view,
        )
        for view, only in titles.items()
    )


# --- questionnaires ------------------------------------------------------------------------------


def _questionnaires(protocols: list[ProtocolWords]) -> Iterator[ProtocolView]:
    pages: dict[PageView, str] = {}
    printed: set[QuestionView] = set()
    for words in protocols:
        protocol = words.protocol
        first = [q for id, q in protocol.questions.items() if id not in protocol.page_of]
        begins = {section.first: section.title for section in protocol.sections}
        yield ProtocolView(
            id=protocol.id,
            title=protocol.title,
            version=protocol.version,
            reviewed=protocol.head.reviewed,
            review_months=protocol.head.review_months,
            floor=protocol.floor,
            before=_items(words, first, printed),
            pages=tuple(
                replace(_page(words, number, page, pages, printed), section=begins.get(page.id, ""))
                for number, page in enumerate(protocol.pages, 1)
            ),
            rules=len(protocol.rules),
            persons=tuple(case.name for case in protocol.cases),
            for_all=words.topics(protocol.head.education_for_all),
            takes_now=words.takes_now(),
        )


def _page(
    words: ProtocolWords,
    number: int,
    page: Page,
    pages: dict[PageView, str],
    printed: set[QuestionView],
) -> PageView:
    """Return a page in full, or its name if the same page is printed above."""
    questions = [words.protocol.questions[id] for id in page.questions]
    whole = PageView(0, page.title, page.intro, page.keep_typing, words.groups(questions))
    if whole in pages:
        return PageView(number, page.title, "", page.keep_typing, (), same_as=pages[whole])
    pages[whole] = f"page {number} of “{words.protocol.title}”"
    return replace(whole, number=number, items=_items(words, questions, printed))


def _items(
    words: ProtocolWords, questions: list[Question], printed: set[QuestionView]
) -> tuple[QuestionGroup | PrintedAbove, ...]:
    """Return questions in order; those printed above in the same words by name only."""
    items: list[QuestionGroup | PrintedAbove] = []
    for group in words.groups(questions):
        fresh = tuple(question for question in group.questions if question not in printed)
        above = [question for question in group.questions if question in printed]
        items += [PrintedAbove(question.text, question.id) for question in above]
        if fresh:
            items.append(replace(group, questions=fresh))
        printed.update(fresh)
    return tuple(items)


# --- medicines, choices, references --------------------------------------------------------------


def _medicine(medicine: Medicine, protocols: list[ProtocolWords]) -> MedicineView:
    return MedicineView(
        id=medicine.id,
        name=medicine.name,
        brands=medicine.brands,
        group=medicine.group,
        counted_as=tuple(_counted_as(medicine)),
        kinds=_kinds(medicine, protocols),
        limits=tuple(_limits(medicine, protocols)),
        marked=bool(medicine.marks),
        mood=_trial(medicine, "mood", medicine.mood, protocols),
        pain=_trial(medicine, "pain", medicine.pain, protocols),
        note=medicine.note,
        references=medicine.reference,
        choices=medicine.choice,
    )


def _trial(
    medicine: Medicine, use: str, trial: Trial | None, protocols: list[ProtocolWords]
) -> TrialView | None:
    if trial is None:
        return None
    lower = _reduced(medicine, use, protocols)
    note = trial.reduced.note if trial.reduced is not None else ""
    return TrialView(
        dose_mg=trial.dose_mg,
        unit=medicine.unit,
        weeks=trial.weeks,
        usual=trial.usual,
        note=trial.note,
        reduced="; ".join((*lower, *filter(None, [note]))),
        references=trial.reference,
        choices=trial.choice,
    )


def _reduced(medicine: Medicine, what: str, protocols: list[ProtocolWords]) -> list[str]:
    """Return the sentences on a lower dose, each once."""
    sentences = (words.reduced(medicine.id, what) for words in protocols)
    return list(dict.fromkeys(filter(None, sentences)))


def _kinds(medicine: Medicine, protocols: list[ProtocolWords]) -> tuple[str, ...]:
    """Return what a medicine is ticked as in the list of what is taken now."""
    for protocol in (words.protocol for words in protocols):
        if protocol.takes_now is not None:
            options = protocol.questions[protocol.takes_now.ticked]
            return tuple(options.option(kind).label for kind in medicine.kinds)
    return ()


def _limits(medicine: Medicine, protocols: list[ProtocolWords]) -> Iterator[str]:
    """Yield the highest doses: the usual one, above three times which it is asked again."""
    unit, label = medicine.unit, medicine.highest_on_label
    if medicine.unlikely_dose is not None:
        usual = f"{medicine.highest_usual:,} {unit}"
        yield f"usual highest {usual} a day; above {medicine.unlikely_dose:,} {unit} it is unlikely"
    if label is not None:
        yield f"highest on the label {label.dose_mg:,} {unit} a day"
        yield from _reduced(medicine, "label", protocols)


def _counted_as(medicine: Medicine) -> Iterator[str]:
    """Yield what a medicine counts as when distinct ones are counted, if not as itself."""
    for name, value in medicine.classes.items():
        if value != medicine.ingredient:
            yield f"{name.replace('_', ' ')}: {value.replace('_', ' ')}"
    if medicine.ingredient != medicine.id:
        yield f"the same ingredient as {medicine.ingredient.replace('_', ' ')}"


def _choices(rulebook: Rulebook) -> Iterator[ChoiceView]:
    for choice in rulebook.choices.values():
        users = _users_of(rulebook, choice.id)
        used = tuple(_counted(len(ids), what) for what, ids in users.items() if ids)
        yield ChoiceView(choice.id, choice.choice, choice.value, choice.reference, used)


def _users_of(rulebook: Rulebook, choice: str) -> Mapping[str, set[str]]:
    """Return the ids of what names a choice, by sort."""
    users: dict[str, set[str]] = {
        name: set()
        for name in ("rule", "statement", "question", "score", "trial outcome", "medicine")
    }
    for protocol in rulebook.protocols.values():
        users["rule"] |= {id for id in protocol.rules if choice in _rule_choices(protocol, id)}
        invariants = [invariant.text for invariant in protocol.invariants]
        users["statement"] |= {text.id for text in invariants if choice in text.choice}
        for question in protocol.questions.values():
            if any(choice in part.choice for part in (question, *question.columns)):
                users["question"].add(question.id)
        users["score"] |= {s.id for s in protocol.scores.values() if choice in s.choice}
        rows = protocol.row_conditions.values()
        users["trial outcome"] |= {row.id for row in rows if choice in row.choice}
    for medicine in rulebook.medicines.values():
        trials = [trial for trial in (medicine.mood, medicine.pain) if trial is not None]
        if choice in medicine.choice or any(choice in trial.choice for trial in trials):
            users["medicine"].add(medicine.id)
    return users


def _rule_choices(protocol: Protocol, id: str) -> set[str]:
    named = set(protocol.rules[id].choice)
    for condition in protocol.rules[id].conditions:
        named.update(choice for part in condition.walk() for choice in part.choices)
    return named


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _references(rulebook: Rulebook) -> Iterator[ReferenceView]:
    used = set(used_references(rulebook))
    for number, reference in enumerate(rulebook.references.values(), 1):
        yield ReferenceView(number, reference, reference.id in used)
