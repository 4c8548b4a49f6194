"""Treatment trials written by hand: what the rows of the table add up to. See `handwritten.py`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from screener.engine.protocol import Protocol


class Counted(NamedTuple):
    """How many distinct medicines, families or classes."""

    mood_failed: int
    mood_families_failed: int
    mood_intolerant: int
    pain_failed: int
    pain_failed_or_intolerant: int


NOTHING = Counted(0, 0, 0, 0, 0)


class Trials:
    """Counts the trials of one person, given what an adequate trial of each medicine needs."""

    def __init__(self, protocol: Protocol) -> None:
        self.mood = {
            id: (medicine.mood.dose_mg, medicine.mood.weeks, medicine.ingredient, family)
            for id, medicine in protocol.medicines.items()
            if medicine.mood is not None and (family := medicine.label("family"))
        }
        self.pain = {
            id: (
                medicine.pain.dose_mg,
                medicine.pain.weeks,
                kind,
                reduced.dose_mg if (reduced := medicine.pain.reduced) else medicine.pain.dose_mg,
            )
            for id, medicine in protocol.medicines.items()
            if medicine.pain is not None and (kind := medicine.label("pain"))
        }

    def count(self, a: Mapping[str, Any]) -> Counted:
        """Return what the rows of one person add up to."""
        rows = a["medicines_tried"]
        if not rows:
            return NOTHING
        lower_dose = a["age"] >= 65 or "liver_disease" in a["health_conditions"]
        mood_failed: set[str] = set()
        families: set[str] = set()
        mood_intolerant: set[str] = set()
        pain_failed: set[str] = set()
        pain_stopped: set[str] = set()
        for id, row in rows.items():
            dose, weeks, stopped = row["dose_mg"], row["weeks"], row["stopped_because"]
            taken = row["taken_most_days"] == "yes"
            mood = self.mood.get(id)
            if mood and row["this_episode"] == "yes" and row["mood_benefit"] != "50_or_more":
                if dose >= mood[0] and weeks >= mood[1] and taken:
                    mood_failed.add(mood[2])
                    families.add(mood[3])
                elif stopped == "side_effects":
                    mood_intolerant.add(mood[2])
            pain = self.pain.get(id)
            if not pain:
                continue
            if row["pain_benefit"] == "under_30":
                needed = pain[3] if lower_dose else pain[0]
                if dose >= needed and weeks >= pain[1] and taken:
                    pain_failed.add(pain[2])
                elif stopped in ("side_effects", "advised_against"):
                    pain_stopped.add(pain[2])
            if weeks == 0 and stopped == "advised_against":
                pain_stopped.add(pain[2])
        return Counted(
            len(mood_failed),
            len(families),
            len(mood_intolerant),
            len(pain_failed),
            len(pain_failed | pain_stopped),
        )
