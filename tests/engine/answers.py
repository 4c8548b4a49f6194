"""Hypothesis strategies for the answers of arbitrary people."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Question
from tests import shipped

RULEBOOK = shipped.RULEBOOK
PROTOCOL = RULEBOOK.protocols["fibromyalgia"]


def case(name: str) -> Answers:
    """The answers of the shared case whose name starts so."""
    return dict(next(c.answers for c in PROTOCOL.cases if c.name.startswith(name + ":")))


def answer_to(question: Question) -> st.SearchStrategy[Any]:
    """Any answer that the question takes."""
    match question.kind:
        case "number":
            assert question.range is not None
            low, high = question.range
            whole = st.integers(low, min(high, low + 200))
            return whole.map(Decimal) if question.decimals else whole
        case "choice":
            return st.sampled_from(question.option_ids)
        case "choices":
            ids = [id for id in question.option_ids if id != "none"]
            some = st.sets(st.sampled_from(ids), min_size=1, max_size=4).map(
                lambda chosen: tuple(id for id in ids if id in chosen)
            )
            return st.one_of(st.just(("none",)), some) if "none" in question.option_ids else some
        case "text":
            return st.text(max_size=20)
    return st.dictionaries(st.sampled_from(list(PROTOCOL.medicines)), _cells(question), max_size=4)


def _cells(table: Question) -> st.SearchStrategy[dict[str, Any]]:
    # Doses and weeks near the thresholds, so that trials fail as often as not.
    columns = {
        column.id: st.sampled_from([Decimal(5), Decimal(60), Decimal(150), Decimal(400)])
        if column.id == "dose_mg"
        else st.sampled_from([2, 6, 8, 14])
        if column.id == "weeks"
        else answer_to(column)
        for column in table.columns
    }
    return st.fixed_dictionaries({}, optional=columns)


def tables(protocol: Protocol) -> st.SearchStrategy[Any]:
    """Any rows, none too, with doses and weeks at and just below what a trial needs."""
    trials = [trial for m in protocol.medicines.values() for trial in (m.mood, m.pain) if trial]
    needed = {trial.dose_mg for trial in trials} | {
        r.dose_mg for _, _, r in protocol.reduced_doses()
    }
    doses = sorted({*needed, *(dose - Decimal("0.01") for dose in needed)})
    weeks = sorted({week for trial in trials for week in (0, trial.weeks - 1, trial.weeks)})
    near: dict[str, st.SearchStrategy[Any]]
    near = {"dose_mg": st.sampled_from(doses), "weeks": st.sampled_from(weeks)}
    cells = {c.id: near[c.id] if c.id in near else answer_to(c) for c in protocol.table.columns}
    # Few of the cells are left out, else hardly any trial would ever be adequate.
    most = st.fixed_dictionaries(cells).flatmap(
        lambda row: st.sets(st.sampled_from(sorted(row)), max_size=2).map(
            lambda out: {id: cell for id, cell in row.items() if id not in out}
        )
    )
    ids = st.sampled_from(list(protocol.medicines))
    return st.dictionaries(ids, most, max_size=5)


def adult(
    questions: list[str] | None = None, *, complete: bool = False
) -> st.SearchStrategy[Answers]:
    """Arbitrary answers of an adult, each given or not (`complete`: all given)."""
    ids = questions or [
        id for id, question in PROTOCOL.questions.items() if question.kind != "text"
    ]
    each = {id: answer_to(PROTOCOL.questions[id]) for id in ids if id != "age"}
    age = {"age": st.integers(18, 90)}
    if complete:
        return st.fixed_dictionaries({**age, **each})
    # Starting from a whole person with some answers taken out or changed reaches patterns that
    # independent random answers never form.
    free = st.fixed_dictionaries(age, optional=each)
    return st.one_of(free, _changed(st.sampled_from(list(PROTOCOL.cases)), each))


def _changed(
    cases: st.SearchStrategy[Any], each: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[Answers]:
    @st.composite
    def build(draw: st.DrawFn) -> Answers:
        answers: Answers = {**draw(cases).answers}
        if answers.get("age", 18) == 16:
            answers["age"] = 61
        for id in draw(st.sets(st.sampled_from(sorted(each)), max_size=6)):
            if draw(st.booleans()):
                answers.pop(id, None)
            else:
                answers[id] = draw(each[id])
        return answers

    return build()


PROTOCOLS = tuple(RULEBOOK.protocols.values())


def everybody(protocol: Protocol) -> list[Answers]:
    """Return the answers of all synthetic people of a protocol."""
    cases = [case.answers for case in protocol.cases]
    return cases + [example.answers for example in protocol.examples]


@st.composite
def anybody(draw: st.DrawFn) -> tuple[Protocol, Answers, bool]:
    """Partial answers of anyone, stale ones of hidden questions too, and whether they were sent."""
    protocol = draw(st.sampled_from(PROTOCOLS))
    each = {
        question.id: tables(protocol) if question.kind == "table" else answer_to(question)
        for question in protocol.questions.values()
    }
    each["age"] = st.sampled_from([0, 16, 17, 18, 40, 49, 50, 64, 65, 90])
    answers: Answers = {}
    if draw(st.booleans()):
        answers |= draw(st.sampled_from(everybody(protocol)))
        for id in draw(st.sets(st.sampled_from(sorted(each)), max_size=8)):
            answers.pop(id, None)
            if draw(st.booleans()):
                answers[id] = draw(each[id])
    else:
        answers |= draw(st.fixed_dictionaries({}, optional=each))
    return protocol, answers, draw(st.booleans())
