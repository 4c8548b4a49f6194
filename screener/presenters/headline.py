"""The first thing to read: the highest safety matter, with the answers as they were given."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from screener.danger import PRESSING, questions_behind, worrying
from screener.engine.protocol import Rule
from screener.engine.screen import Screening
from screener.presenters.answers import Given, given
from screener.presenters.causes import IN_BRIEF, Cause, also_reported, cause, sentence
from screener.presenters.rescreened import Rescreened
from screener.presenters.rule import enough_for
from screener.presenters.safety_answers import SafetyAnswers
from screener.presenters.sources import OwnChoice, choices
from screener.presenters.times import moment, moment_of
from screener.presenters.words import ACT_FIRST, asked_by_staff, rank

# What stands behind the priority where no rule gives it.
_HEADINGS: dict[Cause, str] = {
    "under_age": "under 18 by the date given",
    "unsafe": "not sure they are safe",
    "added": "an answer on safety that came after the form was closed",
    "typed": "an answer on safety that is not settled",
    "changed": "an earlier answer on safety, since changed",
    "call": "asked for a call",
    "edition": "more pressing under another version of the rules",
    "form": "by the answers on the form alone",
    "phone": "by answers taken down on the phone or in person",
}

_NO_NEWS = 3
_FIRST = 4  # answers that there is room for


@dataclass(frozen=True)
class AnswerAt:
    """An answer as given, since when it stands, and what stood there before.

    `weight` says what must be read first: 0 is an answer that is enough for what the headline
    says, 1 any other that is not a no or was another one, 2 a no that the headline needs too, 3
    the rest.
    """

    given: Given
    since: str
    earlier: tuple[str, ...]
    weight: int = _NO_NEWS


@dataclass(frozen=True)
class Headline:
    """What to act on first.

    `kind` is safety where a safety rule is met, escalated where one cannot tell and counts as
    met, earlier where no rule gives the priority and `cause` says what does, else calm. A calm
    headline is not an all-clear: `open` names the safety rules that cannot tell. `reported` is
    what the person reported beside the answers that the rules count, in sentences. `under` are
    flags that those in the headline speak for.
    """

    kind: str
    cause: str
    titles: tuple[str, ...]
    staff: tuple[str, ...]
    reported: tuple[str, ...]
    answers: tuple[AnswerAt, ...]
    choices: tuple[OwnChoice, ...]
    further: tuple[str, ...]
    open: tuple[str, ...]
    under: tuple[str, ...] = ()

    @property
    def first_answers(self) -> tuple[AnswerAt, ...]:
        """Return those to read first, and none that says no unless there is no other.

        A form asks for what is most pressing last: of several of one weight the last comes first.
        """
        ordered = sorted(reversed(self.answers), key=lambda answer: answer.weight)
        telling = [answer for answer in ordered if answer.weight < _NO_NEWS]
        return tuple(telling[:_FIRST] or ordered[:2])

    @property
    def other_answers(self) -> tuple[AnswerAt, ...]:
        """Return the others, in the order of the form."""
        first = self.first_answers
        return tuple(answer for answer in self.answers if answer not in first)


def headline(rescreened: Rescreened, over_time: SafetyAnswers) -> Headline:
    """Return the headline of a submission page; `over_time` has the safety answers."""
    stored = rescreened.questionnaire.priority
    safety = [id for id in _by_rank(rescreened, "met") if id in rescreened.lines]
    open_ = [] if rescreened.under_age else _by_rank(rescreened, "unknown")
    escalated = [id for id in open_ if _escalates(rescreened, id)]
    kind, ids = "calm", []
    if safety:
        kind, ids = "safety", _highest(rescreened, safety)
    elif escalated:
        kind, ids = "escalated", _highest(rescreened, escalated)
    beside = _beside(rescreened)
    why: Cause | None = None
    if stored in ACT_FIRST and (not ids or rank(stored) < rank(rescreened.priority(ids[0]))):
        kind, ids, why = "earlier", [], cause(stored, beside, rescreened.questionnaire.progress)
    facts = dict.fromkeys(([why] if why else []) + list(beside))
    rules = [
        rescreened.protocol.rules[id]
        for id in ids
        if rescreened.protocol and id in rescreened.protocol.rules
    ]
    return Headline(
        kind,
        _HEADINGS[why] if why else "",
        tuple(map(rescreened.first_line, ids)) or tuple(_ever_met(rescreened)),
        tuple(dict.fromkeys(rule.staff for rule in rules)),
        tuple(sentence(fact, rescreened.questionnaire.progress) for fact in facts),
        tuple(_answers(rescreened, rules, over_time, everything=kind == "earlier")),
        choices(rescreened.rulebook, (id for rule in rules for id in rule.choice)),
        tuple(rescreened.first_line(id) for id in safety if id not in ids),
        tuple(rescreened.title(id) for id in open_ if id not in ids),
        tuple(rescreened.first_line(low) for id in ids for low in rescreened.lines.get(id, ())),
    )


def reasons(rescreened: Rescreened) -> tuple[str, ...]:
    """Return why the submission has the priority that the queue shows, in sentences."""
    stored = rescreened.questionnaire.priority
    if stored is None:
        return ("It has not been screened yet.",)
    same = {
        id: outcome
        for id, outcome in rescreened.outcomes.items()
        if rescreened.priority(id) == stored
    }
    sentences = [
        f"“{rescreened.first_line(id)}” is met.{_under(rescreened, id)}"
        for id, outcome in same.items()
        if outcome == "met" and id in rescreened.lines
    ]
    sentences += [
        f"“{rescreened.title(id)}” cannot tell, and counts as met until it can."
        for id, outcome in same.items()
        if outcome == "unknown" and _escalates(rescreened, id) and not rescreened.under_age
    ]
    if sentences:
        return tuple(sentences)
    why = cause(stored, _beside(rescreened), rescreened.questionnaire.progress)
    if why is not None:
        return (f"{IN_BRIEF[why]}.",)
    if rescreened.protocol is not None and stored == rescreened.protocol.floor:
        return ("No rule that is met asks for more; every submission is reviewed.",)
    return ("The outcomes stored with it do not say why.",)


def _under(rescreened: Rescreened, id: str) -> str:
    """Return a sentence that names what a flag speaks for, or ""."""
    titles = "; ".join(f"“{rescreened.first_line(lower)}”" for lower in rescreened.lines[id])
    return f" Under it: {titles}." if titles else ""


def _beside(rescreened: Rescreened) -> tuple[Cause, ...]:
    """Return what the person reported beside the answers that the rules count."""
    form = rescreened.questionnaire
    return also_reported(rescreened.protocol, form.screening or {}, form.progress)


def _ever_met(rescreened: Rescreened) -> Iterator[str]:
    """Return in words what raised help at some time; the forms keep it with its first time."""
    for id, met in (rescreened.questionnaire.progress.get("help_met") or {}).items():
        question = rescreened.protocol.questions.get(id) if rescreened.protocol else None
        title = question.short if question else rescreened.title(id)
        yield f"{title} ({moment_of(met.get('at', ''))})"


def _by_rank(rescreened: Rescreened, wanted: str) -> list[str]:
    # The age gate ends the screening; it says nothing of danger that was reported before.
    priorities = PRESSING if rescreened.questionnaire.priority in PRESSING else ACT_FIRST
    rules = [
        id
        for id, outcome in rescreened.outcomes.items()
        if outcome == wanted and rescreened.priority(id) in priorities
    ]
    return sorted(rules, key=lambda id: rank(rescreened.priority(id)))


def _highest(rescreened: Rescreened, ids: list[str]) -> list[str]:
    return [id for id in ids if rescreened.priority(id) == rescreened.priority(ids[0])]


def _escalates(rescreened: Rescreened, id: str) -> bool:
    rule = rescreened.protocol.rules.get(id) if rescreened.protocol else None
    return rule is not None and rule.if_unknown == "escalate"


def _answers(
    rescreened: Rescreened, rules: list[Rule], over_time: SafetyAnswers, *, everything: bool
) -> Iterator[AnswerAt]:
    screening = rescreened.worded
    if screening is None:
        return
    # What came after the form was closed is the newest word on it.
    added = rescreened.added
    newest = {**rescreened.answers, **added}
    enough = {path for rule in rules[:1] for path in enough_for(rescreened, rule.id)}
    telling = set(worrying(screening.protocol, newest))
    telling |= {id for id in newest if not screening.protocol.questions[id].risk}
    questions = _questions(screening, rules, everything)
    for id in [id for id in screening.protocol.questions if id in added or id in questions]:
        answer = given(screening, newest, id)
        if id in added:
            answer = replace(answer, note="came after the form was closed")
        earlier = over_time.earlier(id)
        tells = id in telling or bool(earlier) or id in added
        weight = (0 if tells else 2) if id in enough else (1 if tells else _NO_NEWS)
        if id in rescreened.phoned:
            phoned = rescreened.phoned[id]
            answer = replace(answer, note=asked_by_staff(phoned))
            yield AnswerAt(answer, moment(phoned.at), over_time.all_of(id), weight)
            continue
        yield AnswerAt(answer, over_time.since(id), earlier, weight)


def _questions(screening: Screening, rules: list[Rule], everything: bool) -> list[str]:
    """Return the questions behind the rules, in the order they were asked.

    Where one of them is about self-harm, all such questions are read together, with the words
    that the person added on the same page.
    """
    protocol = screening.protocol
    behind = {id for rule in rules for id in questions_behind(protocol, rule)}
    risk = {id for id, question in protocol.questions.items() if question.risk}
    if everything or behind & risk:
        behind |= risk
        pages = {protocol.page_of[id] for id in risk if id in protocol.page_of}
        behind |= {
            id
            for id, question in protocol.questions.items()
            if question.kind == "text"
            and protocol.page_of.get(id) in pages
            and id in screening.resolved.answers
        }
    return [id for id in protocol.questions if id in behind]
