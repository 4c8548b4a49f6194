"""A form that goes on under another edition of the rules: nothing of it is lost.

What a person changes is the person's doing. What an edition does not ask for, or not there, was
the edition's: such answers stay, and what was typed moves along or is set aside for staff.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from screener.engine.old_answers import asked_before, listed
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Question, Row
from screener.engine.read_answers import asked_under

Drafts = dict[str, dict[str, list[str]]]  # what was typed and not taken, by stop and question
SetAside = dict[str, list[Any]]  # values by the path of what was asked


def moot_before(
    table: str, before: Answers, stood: Answers, given: Answers, kept: Answers
) -> Answers:
    """Return the answers, and the table with the cells, that were moot before a change already.

    A save takes out what it makes moot, so another edition asked for these. The rules do not count
    them, and they count again if they are asked for again. `stood` are those of `before` that were
    asked for, `given` the answers after the change, `kept` those of them that are asked for.
    """
    moot = {
        id: answer
        for id, answer in before.items()
        if id not in stood and id not in kept and given.get(id) == answer
    }
    if table in stood and table in kept:
        were, asked = _rows(before, table), _rows(stood, table)
        now, rows = _rows(given, table), _rows(kept, table)
        moot[table] = {
            id: {
                column: cell
                for column, cell in were.get(id, {}).items()
                if column not in asked[id] and now[id].get(column) == cell
            }
            | cells
            for id, cells in rows.items()
        }
    return moot


def carry_drafts(protocol: Protocol, drafts: Drafts, set_aside: SetAside) -> None:
    """Put what was typed and could not be taken where this edition asks the same question.

    What it does not ask at all is set aside. Otherwise it would go with its page.
    """
    columns = {column.id: column for column in protocol.table.columns}
    for key, typed in list(drafts.items()):
        row = key.partition("/")[2]
        if not typed:
            continue  # something was left blank there: nothing moves
        for id in list(typed):
            question = asked_under(columns if row else protocol.questions, id)
            asked = protocol.table.id if row else question.id if question else ""
            place = protocol.page_of.get(asked)
            if question is None or place is None or (row and row not in protocol.medicines):
                _set_aside(protocol, set_aside, row, id, typed.pop(id))
                continue
            stop = protocol.pages[place].id + (f"/{row}" if row else "")
            there = drafts.get(stop, {})
            if (stop, question.id) == (key, id):
                continue
            if question.id in there:
                _set_aside(protocol, set_aside, row, id, typed.pop(id))
            else:
                drafts[stop] = there | {question.id: typed.pop(id)}
        if not typed:
            del drafts[key]


def come_again(
    protocol: Protocol,
    earlier: Protocol | None,
    answers: Answers,
    pages_saved: list[str],
    offered: dict[str, list[str]],
) -> None:
    """Let the person come to pages again that ask something new, and note what lists they saw.

    That is noted of lists without an answer too: an old window may still answer them. Where the
    earlier edition is not kept, they saw no question and no option for certain.
    """
    for question in protocol.questions.values():
        if listed(protocol, question):
            offered.setdefault(question.id, _seen(earlier, question, offered))
    blank = (q for q in protocol.questions.values() if q.kind != "text" and q.id not in answers)
    new = {question.id for question in blank if _asks_more(protocol, earlier, question)}
    again = {page.id for page in protocol.pages if not new.isdisjoint(page.questions)}
    pages_saved[:] = [key for key in pages_saved if key not in again]


def _seen(
    earlier: Protocol | None, question: Question, offered: Mapping[str, list[str]]
) -> list[str]:
    """Return the options that a list had: as noted under an id that it had before, or earlier."""
    for id in question.replaces:
        if id in offered:
            return offered[id]
    before = asked_before(earlier, question) if earlier else None
    return listed(earlier, before) if earlier and before else []


def _asks_more(protocol: Protocol, earlier: Protocol | None, question: Question) -> bool:
    """Return whether an edition asks a question that an earlier one did not, or offers more."""
    before = asked_before(earlier, question) if earlier else None
    if earlier is None or before is None:
        return True
    return bool({*listed(protocol, question)} - {*listed(earlier, before)})


def unseen_options(
    protocol: Protocol, answers: Answers, offered: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the options that a person never saw, of each list that they answered.

    `offered` are the options that they saw; a list that is not in it was seen as it is.
    """
    seen = {id: offered[id] for id in answers if id in offered}
    missing = {
        id: tuple(o for o in listed(protocol, protocol.questions[id]) if o not in seen[id])
        for id in seen
    }
    return {id: options for id, options in missing.items() if options}


def without_unseen(unseen: Iterable[str], given: Answers, set_aside: SetAside) -> Answers:
    """Return the answers without "none of these" in lists that have options never seen.

    The person never said of those that it is none of them. What they said is set aside for staff.
    """
    gone = [id for id in unseen if given.get(id) in (("none",), {})]
    for id in gone:
        set_aside.setdefault(id, []).append(["none"])
    return {id: answer for id, answer in given.items() if id not in gone}


def set_aside_drafts(
    protocol: Protocol, drafts: Drafts, set_aside: SetAside, stops: Iterable[str]
) -> None:
    """Set aside what was typed on stops that are about to be forgotten."""
    for key in stops:
        for id, typed in drafts[key].items():
            _set_aside(protocol, set_aside, key.partition("/")[2], id, typed)


def _set_aside(
    protocol: Protocol, set_aside: SetAside, row: str, id: str, typed: list[str]
) -> None:
    path = f"{protocol.table.id}.{row}.{id}" if row else id
    set_aside.setdefault(path, []).append(typed)


def _rows(answers: Answers, table: str) -> dict[str, Row]:
    rows = answers.get(table, {})
    assert isinstance(rows, dict)
    return rows
