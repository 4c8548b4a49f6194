"""The priorities of a rule and of a submission, the highest first."""

from typing import Literal, get_args

# `ineligible` is for the age gate alone and ends the screening.
PriorityName = Literal["ineligible", "emergency", "urgent", "hold", "incomplete", "review", "note"]
PRIORITIES: tuple[str, ...] = get_args(PriorityName)
