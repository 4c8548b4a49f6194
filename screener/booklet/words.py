"""The parts of one protocol as the document to sign prints them, in words made from the rules."""

from collections.abc import Iterable
from itertools import groupby

from screener.booklet.parts import (
    BandView,
    CaseView,
    ClauseView,
    NoticeView,
    OptionView,
    QuestionGroup,
    QuestionView,
    RowView,
    RuleView,
    ScoreView,
    TopicView,
)
from screener.engine.expressions import Condition
from screener.engine.protocol import Instrument, Protocol, RowCondition, Rule, Score, Topic
from screener.engine.questions import Answer, Option, Question
from screener.engine.words import Words, sentence

_WHOLE = {"all": "All of these:", "any": "Any of these:", "none": "None of these:"}
_SWAPPED = "Also if the upper and the lower number were swapped, where the upper is not above it:"
_OUTCOMES = {"met": "met", "not_met": "not met", "unknown": "cannot tell"}


class ProtocolWords:
    """Puts the parts of one protocol into views."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.words = Words(protocol)

    # --- conditions --------------------------------------------------------------------------

    def clause(self, condition: Condition) -> ClauseView:
        """Return a condition as a nested list of sentences."""
        if condition.kind == "leaf":
            words = sentence(self.words.condition(condition.expression))
        elif condition.kind == "at_least":
            words = f"At least {condition.count} of these:"
        elif condition.kind == "none" and len(condition.parts) == 1:
            words = "Not this:"
        elif condition.kind == "even_if_swapped":
            words = _SWAPPED
        else:
            words = _WHOLE[condition.kind]
        return ClauseView(
            words,
            condition.because,
            condition.references,
            condition.choices,
            tuple(self.clause(part) for part in condition.parts),
        )

    def rule_clause(self, rule: Rule) -> ClauseView:
        """Return the condition of a rule, whichever of its three forms it has."""
        if rule.unanswered is not None:
            passed = "The person passed one of these questions and left it blank:"
            blank = ClauseView(passed, parts=self.questions_named(rule.unanswered.questions))
            unless = rule.unanswered.unless
            if unless is None:
                return blank
            excuse = ClauseView("Unless this is certain:", parts=(self.clause(unless),))
            return ClauseView("Both of these:", parts=(blank, excuse))
        if rule.undecided is not None:
            reached = "although questions that would settle it were reached"
            some = ClauseView(
                f"At least one of these rules cannot tell, {reached}:",
                parts=self.rules_named(rule.undecided.any),
            )
            if not rule.undecided.all:
                return some
            named = self.rules_named(rule.undecided.all)
            every = ClauseView("Each of these rules cannot tell:", parts=named)
            return ClauseView("Both of these:", parts=(every, some))
        assert rule.when is not None
        return self.clause(rule.when)

    def questions_named(self, ids: Iterable[str]) -> tuple[ClauseView, ...]:
        return tuple(ClauseView(f"“{self.protocol.questions[id].short}”") for id in ids)

    def rules_named(self, ids: Iterable[str]) -> tuple[ClauseView, ...]:
        return tuple(ClauseView(f"“{self.protocol.rules[id].title}”") for id in ids)

    # --- questions ---------------------------------------------------------------------------

    def question(self, question: Question) -> QuestionView:
        """Return the view of a question, or of a column of the table."""
        when, required = question.asked_when, question.required_when
        return QuestionView(
            id=question.id,
            stem=question.stem,
            text=question.text,
            hint=question.hint,
            answers=self.answers(question),
            options=tuple(_option(question, option) for option in question.options),
            columns=tuple(self.question(column) for column in question.columns),
            only_for=question.uses,
            only_marked=bool(question.asked_of),
            replaces=question.replaces,
            asked_when=None if when is None else self.clause(when),
            not_asked=self.counts_as(question, question.when_not_asked) if when else "",
            left_blank=self.counts_as(question, question.when_missing),
            required=question.required,
            required_when=None if required is None else self.clause(required),
            risk=question.risk,
            private=question.private,
            purpose=question.purpose,
            loinc=question.loinc,
            references=question.reference,
            choices=question.choice,
        )

    def counts_as(self, question: Question, answer: Answer | None) -> str:
        """Return in words what a question without an answer counts as, or ""."""
        return "" if answer is None else self.words.answer(question, answer)

    def answers(self, question: Question) -> str:
        """Return what can be entered, for staff."""
        match question.kind:
            case "number":
                assert question.range is not None
                low, high = question.range
                whole = "A number" if question.decimals else "A whole number"
                unit = question.unit if not question.unit.startswith("of ") else ""
                return f"{whole} from {low} to {high} {unit}".strip()
            case "text":
                return f"Free text, up to {question.max_length} characters"
            case "choice":
                return "One answer"
            case "choices":
                return "Any number of answers"
        return (
            f"A list of {len(self.protocol.medicines)} medicines to tick; "
            "for each one that is ticked, these questions"
        )

    def groups(self, questions: Iterable[Question]) -> tuple[QuestionGroup, ...]:
        """Return questions in order, grouped where the beginning and the options are the same."""
        views = [self.question(question) for question in questions]
        together = groupby(views, key=lambda view: (view.stem, view.options or view.id))
        return tuple(_group(tuple(group)) for _, group in together)

    # --- what is computed --------------------------------------------------------------------

    def score(self, score: Score) -> ScoreView:
        """Return a score with the way it is computed."""
        low, high = score.range
        return ScoreView(
            id=score.id,
            title=score.title,
            low=low,
            high=high,
            words=sentence(self.words.number(score.value)),
            bands=tuple(BandView(band.from_, band.to, band.label) for band in score.bands),
            note=score.note,
            loinc=score.loinc,
            references=score.reference,
            choices=score.choice,
        )

    def row(self, row: RowCondition) -> RowView:
        """Return what the trial of one medicine counts as."""
        condition = self.clause(row.condition)
        return RowView(row.id, row.title, row.use, condition, row.reference, row.choice)

    def reduced(self, medicine: str, what: str) -> str:
        """Return the lower dose that is adequate for a use of some people, or "".

        For `label` it is the lower one that the label gives as the highest.
        """
        counted = self.protocol.medicines.get(medicine)
        reduced = None if counted is None else counted.reduced(what, what)
        if counted is None or reduced is None:
            return ""
        where = self.words.condition(reduced.when.expression)
        is_ = "is the highest" if what == "label" else "is adequate"
        return f"{reduced.dose_mg} {counted.unit} a day {is_} where {where}"

    def takes_now(self) -> str:
        """Return how it is known what is taken now, or ""."""
        now = self.protocol.takes_now
        if now is None:
            return ""
        list_, row = self.protocol.questions[now.ticked], self.protocol.row_conditions[now.rows]
        return f"ticked in “{list_.short}”, or a medicine of that kind that counts as “{row.title}”"

    def topics(self, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.protocol.topics[id].title for id in ids)

    def rule(self, rule: Rule) -> RuleView:
        """Return a rule with everything that belongs to it."""
        return RuleView(
            id=rule.id,
            chapter=rule.chapter,
            title=rule.title,
            priority=rule.priority,
            if_unknown=rule.if_unknown,
            help=rule.help,
            condition=self.rule_clause(rule),
            staff=rule.staff,
            reported=rule.reported,
            topics=self.topics(rule.topics),
            speaks_for=rule.speaks_for,
            remark=rule.remark,
            remark_on=rule.remark_on,
            cases=tuple(CaseView(_OUTCOMES[case.outcome], case.name) for case in rule.cases),
            references=rule.reference,
            choices=rule.choice,
        )


def topic(topic: Topic) -> TopicView:
    """Return the view of a page of education."""
    return TopicView(topic.id, topic.title, topic.summary, topic.text, topic.reviewed)


def notice(instrument: Instrument) -> NoticeView:
    """Return a published question set with its licence notice."""
    codes = tuple(
        (name.replace("_", " ").replace("loinc", "LOINC"), code)
        for name, code in instrument.codes.items()
    )
    return NoticeView(
        instrument.id,
        instrument.title,
        instrument.notice,
        instrument.licence,
        codes,
        instrument.reference,
    )


def _option(question: Question, option: Option) -> OptionView:
    counted = question.kind == "choice" and option.counts_as is None
    has_points = counted and (option.points is not None or option.id.isdigit())
    return OptionView(
        label=option.label,
        hint=option.hint,
        points=question.points(option.id) if has_points else None,
        unanswered=option.counts_as == "unanswered",
        heading=option.heading,
        names=option.names,
        groups=tuple(
            f"{label}: {value.replace('_', ' ')}" for label, value in option.groups.items()
        ),
        retired=option.retired,
        uses=option.uses,
    )


def _group(questions: tuple[QuestionView, ...]) -> QuestionGroup:
    first = questions[0]
    return QuestionGroup(first.stem, first.options, questions)
