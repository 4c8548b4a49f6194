"""Treatment trials written by hand: what the rows of the table add up to. See `handwritten.py`."""

from collections.abc import Mapping, Set
from typing import Any, NamedTuple

from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol


class Counted(NamedTuple):
    """How many distinct medicines, families or classes; `taken` are the kinds taken now."""

    taken: Set[str]
    mood_failed: int = 0
    mood_intolerant: int = 0
    mood_helping: int = 0
    pain_failed: int = 0
    pain_failed_or_intolerant: int = 0
    medicines_failed: int = 0
    families_failed: int = 0
    unlikely_doses: int = 0
    doses_above_label: int = 0
    maois_now: int = 0


class Trials:
    """Counts the trials of one person, given what an adequate trial of each medicine needs."""

    def __init__(self, protocol: Protocol) -> None:
        self.medicines = protocol.medicines

    def count(self, a: Mapping[str, Any]) -> Counted:
        """Return what the rows of one person add up to."""
        taken = set(a["current_medicines"])
        rows = a["medicines_tried"]
        if not rows:
            return Counted(taken)
        mood_failed: set[str] = set()
        mood_intolerant: set[str] = set()
        mood_helping: set[str] = set()
        pain_failed: set[str | None] = set()
        pain_stopped: set[str | None] = set()
        failed: set[str] = set()
        families: set[str | None] = set()
        unlikely: set[str] = set()
        above_label: set[str] = set()
        maois: set[str | None] = set()
        for id, row in rows.items():
            medicine = self.medicines[id]
            ingredient, family = medicine.ingredient, medicine.label("family")
            still = row["stopped_because"] == "still_taking"
            dose = row.get("dose_mg", 0)
            if still:
                taken.update(medicine.kinds)
                maois.add(medicine.label("maoi"))
                if dose > _most_on_label(medicine, a):
                    above_label.add(ingredient)
            if _is_unlikely(medicine, dose):
                unlikely.add(ingredient)
            for_mood = _for_mood(medicine, row)
            if for_mood == "failed":
                mood_failed.add(ingredient)
            elif for_mood == "intolerant":
                mood_intolerant.add(ingredient)
            elif for_mood == "responded" and still:
                mood_helping.add(ingredient)
            for_pain = _for_pain(medicine, row, a)
            if for_pain == "failed":
                pain_failed.add(medicine.label("pain"))
            elif for_pain in ("intolerant", "advised against"):
                pain_stopped.add(medicine.label("pain"))
            if for_mood == "failed" or for_pain == "failed":
                failed.add(ingredient)
                families.add(family)
        return Counted(
            taken,
            len(mood_failed),
            len(mood_intolerant),
            len(mood_helping),
            len(pain_failed),
            len(pain_failed | pain_stopped),
            len(failed),
            len(families - {None}),
            len(unlikely),
            len(above_label),
            len(maois - {None}),
        )


def _for_mood(medicine: Medicine, row: Mapping[str, Any]) -> str:
    """Return the status of a row for mood, or nothing where it has none that counts."""
    trial = medicine.mood
    # What it was for is asked where a medicine is often taken for something else.
    if trial is None or row.get("taken_for", "mood") not in ("mood", "both"):
        return ""
    if row["this_episode"] != "yes":
        return ""
    if row["mood_benefit"] == "50_or_more":
        return "responded"
    if _adequate(medicine, row, trial.dose_mg, trial.weeks):
        return "failed"
    return "intolerant" if row["stopped_because"] == "side_effects" else ""


def _for_pain(medicine: Medicine, row: Mapping[str, Any], a: Mapping[str, Any]) -> str:
    """Return the status of a row for pain, or nothing where it has none that counts."""
    trial = medicine.pain
    if trial is None or row.get("taken_for", "pain") not in ("pain", "both"):
        return ""
    stopped, little_help = row["stopped_because"], row["pain_benefit"] == "under_30"
    if stopped == "advised_against" and row["weeks"] == 0:
        # Even where a benefit was ticked: it was never taken.
        return "advised against"
    if not little_help:
        return ""
    if _adequate(medicine, row, _needed_for_pain(medicine, a), trial.weeks):
        return "failed"
    return {"side_effects": "intolerant", "advised_against": "advised against"}.get(stopped, "")


def _adequate(medicine: Medicine, row: Mapping[str, Any], dose: Any, weeks: int) -> bool:
    taken = row["dose_mg"]
    sure = not _is_unlikely(medicine, taken) or row.get("dose_confirmed") == "yes"
    enough: bool = taken >= dose and row["weeks"] >= weeks and row["taken_most_days"] == "yes"
    return sure and enough


def _is_unlikely(medicine: Medicine, dose: Any) -> bool:
    usual = medicine.highest_usual
    return usual is not None and bool(dose > 3 * usual)


def _needed_for_pain(medicine: Medicine, a: Mapping[str, Any]) -> Any:
    trial, health = medicine.pain, a["health_conditions"]
    assert trial is not None
    less = {
        "milnacipran": "kidney_disease_severe" in health,
        "cyclobenzaprine_sl": a["age"] >= 65 or "liver_disease" in health,
    }
    if trial.reduced is not None and less[medicine.id]:
        return trial.reduced.dose_mg
    return trial.dose_mg


def _most_on_label(medicine: Medicine, a: Mapping[str, Any]) -> Any:
    label = medicine.highest_on_label
    if label is None:
        return float("inf")
    if label.reduced is not None and {"citalopram": a["age"] > 60}[medicine.id]:
        return label.reduced.dose_mg
    return label.dose_mg
