"""What `screener adopt` prints: whom an edition of the rules would change, by reference code."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screener.adoption import Adopted

_LAST = (
    "Nothing was changed. A site that is started with these rules does it by itself. Nobody is "
    "lowered in the queue by it: only staff do that."
)


def lines(version: str, adopted: Sequence["Adopted"]) -> Iterator[str]:
    """Yield the report in lines, with reference codes and ids of rules and questions alone."""
    sent = sum(form.sent for form in adopted)
    yield (
        f"{len(adopted)} would be screened under {version}: "
        f"{sent} who sent their form and wait, {len(adopted) - sent} who have not sent it"
    )
    yield from _part("raised in the queue", [_raised(form) for form in adopted if form.raised])
    yield from _part(
        f"with a lower priority under {version}; they keep the one they have",
        [_lower(form) for form in adopted if _is_lower(form)],
    )
    yield from _part("outcomes that differ", list(_outcomes(adopted)))
    yield from _part("answers read under other ids", list(_retired(adopted)))
    yield from _part(
        "answers that cannot be read: they are kept, shown to staff, and unknown to the rules",
        [f"{form.reference}  {path}" for form in adopted for path in form.unreadable],
    )
    yield from _part(
        "forms that cannot be screened",
        [f"{form.reference}  {form.problem}" for form in adopted if form.problem],
    )
    yield _LAST


def _part(title: str, entries: Sequence[str]) -> Iterator[str]:
    yield ""
    yield f"{len(entries)} {title}{':' if entries else ''}"
    yield from (f"  {entry}" for entry in entries)


def _raised(form: "Adopted") -> str:
    was, now = form.queue
    return f"{form.reference}  {was or 'not in the queue'} -> {now}  ({', '.join(form.because)})"


def _is_lower(form: "Adopted") -> bool:
    from screener.store import seriousness

    was, now = form.screened
    return not form.problem and was != now and seriousness(now) > seriousness(was)


def _lower(form: "Adopted") -> str:
    return (
        f"{form.reference}  {form.queue[1] or 'not in the queue'}  (it would be {form.screened[1]})"
    )


def _outcomes(adopted: Iterable["Adopted"]) -> Iterator[str]:
    counts = Counter(
        f"{change.rule}: {change.was} -> {change.now}"
        for form in adopted
        for change in form.changes
    )
    yield from (f"{count:6}  {what}" for what, count in sorted(counts.items()))


def _retired(adopted: Iterable["Adopted"]) -> Iterator[str]:
    forms: dict[str, list[str]] = {}
    for form in adopted:
        for retired in form.retired:
            forms.setdefault(str(retired), []).append(form.reference)
    yield from (f"{what}  ({', '.join(who)})" for what, who in sorted(forms.items()))
