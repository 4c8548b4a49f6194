"""What a clinician records when somebody in danger leaves the waiting list.

The clinic approves both lists, and each is a setting. The first is taken from the ASQ toolkit, the
second is our proposal. The program never suggests a choice.
"""

SUICIDE = (
    "Emergency psychiatric evaluation",
    "Further evaluation needed (referral, preferably within 72 hours)",
    "Non-urgent follow-up",
    "None now",
)
MEDICAL = (
    "Sent to emergency care",
    "Seen today",
    "Told to see own doctor by a date",
    "Not reached after the clinic’s steps",
    "No danger found",
)
_MOST, _LONGEST = 12, 120


def read(value: object) -> object:
    """Read a list of texts separated by |. Raise ValueError with what is wrong.

    A value that is neither a text nor a list of texts is returned unchanged.
    """
    parts = value.split("|") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        return value
    texts = tuple(" ".join(part.split()) for part in parts)
    if not any(texts):
        raise ValueError("must not be empty: nobody in danger could leave the waiting list")
    if not all(any(letter.isalnum() for letter in text) for text in texts):
        raise ValueError("one of the texts is blank. Write texts separated by |")
    if not all(text.isprintable() for text in texts):
        raise ValueError("one of the texts has invisible characters")
    if len({text.casefold() for text in texts}) < len(texts):
        raise ValueError("the same text occurs twice")
    if any(len(text) > _LONGEST for text in texts):
        raise ValueError(f"one of the texts is too long; {_LONGEST} characters are the most")
    if len(texts) > _MOST:
        raise ValueError(f"{len(texts)} texts are too many to choose from; {_MOST} are the most")
    return texts
