"""Medicines as the rulebook lists them, and what rows about them are counted by."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import Field, InstanceOf, model_validator

from screener.engine.expressions import Condition
from screener.engine.field_types import DecimalText, Id, Model, Several, Sourced, Whole

D = TypeVar("D", "LabelDose", "Trial")
_START = "kinds__"


class Reduced(Model):
    """A lower dose that is adequate for some people; `when` is a condition on their answers."""

    dose_mg: Annotated[Decimal, DecimalText]
    when: InstanceOf[Condition]
    note: str = ""


def _reduced_is_lower(dose: D) -> D:
    if dose.reduced is not None and dose.reduced.dose_mg >= dose.dose_mg:
        raise ValueError(f"the reduced dose, {dose.reduced.dose_mg}, is not below {dose.dose_mg}")
    return dose


class LabelDose(Sourced):
    """The highest dose a day on a medicine's label, in the medicine's unit."""

    dose_mg: Annotated[Decimal, DecimalText]
    reduced: Reduced | None = None

    _lower = model_validator(mode="after")(_reduced_is_lower)


class Trial(Sourced):
    """What an adequate trial of a medicine needs: a dose a day, for at least so many weeks."""

    dose_mg: Annotated[Decimal, DecimalText]
    weeks: Whole
    usual: str = ""
    note: str = ""
    reduced: Reduced | None = None

    _lower = model_validator(mode="after")(_reduced_is_lower)


class Medicine(Sourced):
    """A medicine that a person may have taken. Without a trial it is shown and not counted.

    Doses are amounts a day in its `unit`. `kinds` are the kinds of medicine taken now that it is
    one of, `marks` say which columns are asked of it alone.
    """

    id: Id
    name: str
    brands: tuple[str, ...] = ()
    group: str
    ingredient: Id
    classes: dict[str, str] = Field(default_factory=dict)
    mood: Trial | None = None
    pain: Trial | None = None
    unit: str = "mg"
    kinds: Several = ()
    marks: Several = ()
    highest_usual: Annotated[Decimal, DecimalText, Field(gt=0)] | None = None
    highest_on_label: LabelDose | None = None
    note: str = ""

    def trial(self, use: str) -> Trial | None:
        """Return the trial for a use, `mood` or `pain`, or None where it does not count."""
        return {"mood": self.mood, "pain": self.pain}.get(use)

    def counts_for(self, use: str) -> bool:
        """Whether conditions on rows for a use look at it; those for `any` look at all."""
        return use == "any" or self.trial(use) is not None

    def reduced(self, what: str, use: str) -> Reduced | None:
        """Return the lower `dose` of a trial for a use, or of the `label`, or None."""
        of = self.highest_on_label if what == "label" else self.trial(use)
        return None if of is None else of.reduced

    @property
    def named_doses(self) -> tuple[Decimal, ...]:
        """Return the doses a day that the table names, lowest first: of trials, and the highest."""
        trials = [trial for trial in (self.mood, self.pain) if trial is not None]
        doses = {trial.dose_mg for trial in trials}
        doses |= {trial.reduced.dose_mg for trial in trials if trial.reduced is not None}
        if self.highest_usual is not None:
            doses.add(self.highest_usual)
        return tuple(sorted(doses))

    @property
    def unlikely_dose(self) -> Decimal | None:
        """The dose above which one is unlikely: three times the usual highest (O-20)."""
        return None if self.highest_usual is None else 3 * self.highest_usual

    def label(self, name: str) -> str | None:
        """Return what rows are counted by: `medicine`, `ingredient`, or one of `classes`.

        A name made by `label_of_kinds` is the label of every medicine of one of the kinds.
        """
        if (kinds := kinds_of_label(name)) is not None:
            return None if kinds.isdisjoint(self.kinds) else name
        return {**self.classes, "medicine": self.id, "ingredient": self.ingredient}.get(name)


class CurrentMedicines(Model):
    """How it is known what is taken now: a list of kinds to tick, and rows that are still taken."""

    ticked: Id
    rows: Id


def label_of_kinds(kinds: Iterable[str]) -> str:
    """Return the label that every medicine of one of these kinds shares."""
    return _START + "__".join(sorted(kinds))


def kinds_of_label(label: str) -> frozenset[str] | None:
    """Return the kinds in a label that `label_of_kinds` made, or None for any other."""
    return frozenset(label.split("__")[1:]) if label.startswith(_START) else None
