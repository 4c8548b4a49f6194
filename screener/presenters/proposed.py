"""A judgement of a trial before it is recorded, and what the rules would say with it."""

from dataclasses import dataclass
from datetime import datetime

from screener.engine.protocol import Rulebook
from screener.presenters.judgements import WouldBe, rules_with_judgements
from screener.presenters.people import name_of
from screener.presenters.rescreened import rescreen
from screener.presenters.trials import MedicineTried, Use, medicines_tried
from screener.store import Judgement, Submission, with_judgement


@dataclass(frozen=True)
class ProposedJudgement:
    """What a physician is asked to confirm.

    `use` has the judgement as it would stand; without one it would be taken back. `rules` are
    those that would come out otherwise than by the answers, or than before.
    """

    reference: str
    name: str
    medicine: MedicineTried
    use: Use
    rules: tuple[WouldBe, ...]


def proposed(
    rulebook: Rulebook,
    stored: Submission,
    judgement: Judgement,
    by: str,
    now: datetime,
    retired: Rulebook | None = None,
) -> ProposedJudgement:
    """Return what a judgement would change. Its trial must be among those that were reported."""
    rescreened = rescreen(rulebook, stored.questionnaire, retired)
    screening = rescreened.screening
    assert screening is not None
    later = with_judgement(stored, judgement, by, now)
    tried = medicines_tried(rescreened.rulebook, screening, rescreened.answers, later)
    medicine = next(each for each in tried if each.id == judgement.medicine)
    use = next(each for each in medicine.uses if each.id == judgement.use)
    before = rules_with_judgements(screening, stored)
    after = rules_with_judgements(screening, later)
    # Where no judgement is left, the rules say what they say by the answers.
    answered = {
        id: WouldBe(id, rule.title, rule.outcome, rule.outcome) for id, rule in before.items()
    }
    every = answered | after
    changed = tuple(
        rule
        for id, rule in every.items()
        if rule.changes or (id in before and before[id].judged != rule.judged)
    )
    return ProposedJudgement(
        stored.questionnaire.reference,
        name_of(stored.questionnaire.identity),
        medicine,
        use,
        changed,
    )
