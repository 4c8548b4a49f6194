"""Pages that may keep what is typed there in the browser, before it is saved.

Phones are shared. What a person types on their safety, mood or use of substances, or on a sign of
danger, must never lie in a browser's storage, so a page that asks for any of it cannot keep typing.
"""

from collections.abc import Mapping

from screener.engine.expressions import names_in
from screener.engine.protocol import Rule
from screener.engine.rulebook.files import Files
from screener.engine.rulebook.written import ProtocolSource

# Published question sets on mood, safety and alcohol, and the clinic's own questions on the same.
_INSTRUMENTS = {
    "phq9": "mood",
    "gad7": "mood",
    "asq": "safety",
    "auditc": "use of substances",
}
_QUESTIONS = {
    "low_mood": "mood",
    "mood_history": "mood",
    "drug_use_times": "use of substances",
    "cannabis_times": "use of substances",
    "substance_history": "use of substances",
}


def check_kept_typing(source: ProtocolSource, rules: Mapping[str, Rule], files: Files) -> None:
    """Refuse a page that keeps typing although it asks for what no browser may keep."""
    for i, page in enumerate(source.text.pages):
        for id in page.questions if page.keep_typing else ():
            if subject := _too_private(id, source, rules):
                message = (
                    f"{page.id} asks {id}, which is about {subject}: what is typed on such a page "
                    "is never kept in the browser. Take keep_typing away, or ask it elsewhere"
                )
                files.refuse(source.document, ("pages", i, "keep_typing"), message)


def _too_private(id: str, source: ProtocolSource, rules: Mapping[str, Rule]) -> str:
    """Return the subject of a question that must not be kept, or ""."""
    item = source.questions[id]
    if item.value.risk:
        return "safety"
    instrument = item.document.file.removeprefix("instruments/").removesuffix(".yaml")
    subject = _INSTRUMENTS.get(instrument) or _QUESTIONS.get(id)
    signs = (rule.when.expression for rule in rules.values() if rule.help and rule.when)
    return subject or ("danger" if id in names_in(*signs).questions else "")
