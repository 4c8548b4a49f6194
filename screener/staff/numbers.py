"""The clinic's numbers by week: the page, and the file in which small counts are hidden."""

from datetime import datetime
from typing import Any

from flask import Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screener import spoken, store, view_log
from screener.access import staff_only
from screener.numbers.export import FileColumns, as_csv
from screener.numbers.tally import Numbers, tally
from screener.numbers.weeks import begins, is_over, last_weeks
from screener.presenters.number_filters import NumberFilters, number_filters_of
from screener.presenters.numbers import numbers_page
from screener.settings import Settings
from screener.staff.submission import served_rulebook
from screener.store import clock

MOST = 20_000  # forms that are opened for one look: a few seconds


@staff_only()
def numbers() -> ResponseReturnValue:
    """Show the numbers of the last weeks."""
    filters, now = _filters(), clock.now()
    counted = _counted(filters, now)
    view_log.note("viewed numbers")
    page = None
    if counted is not None:
        due_times = _settings().due_times
        page = numbers_page(counted, served_rulebook().protocols, filters, due_times)
    return render_template(
        "staff/numbers.html",
        page=page,
        filters=filters,
        most=MOST,
        draft_days=_settings().draft_days,
        small=_settings().small_count,
    )


@staff_only()
def numbers_file() -> ResponseReturnValue:
    """Send the numbers of those weeks that are over as a file, with small counts hidden."""
    filters, now = _filters(), clock.now()
    zone = _settings().zone
    counted = _counted(filters, now, every_language=True)
    if counted is None:
        address: dict[str, Any] = dict(filters.args)
        return redirect(url_for("staff.numbers", **address), 303)
    view_log.note("exported numbers")
    languages = tuple(_languages())
    columns = {
        id: FileColumns(tuple(page.id for page in p.pages), tuple(p.rules), languages)
        for id, p in served_rulebook().protocols.items()
        if filters.protocol in ("", id)
    }
    over = [week for week in counted.weeks if is_over(week, now, zone)]
    text = as_csv(counted, over, columns, _settings().small_count)
    # The mark at the beginning tells spreadsheets how it is written.
    file = Response("\ufeff" + text, mimetype="text/csv")
    file.headers.set("Content-Disposition", "attachment", filename="numbers.csv")
    return file


def _counted(
    filters: NumberFilters, now: datetime, *, every_language: bool = False
) -> Numbers | None:
    """Count what the filters leave; None where that would take too long."""
    due_times = _settings().due_times
    weeks = last_weeks(filters.weeks, now, due_times.hours.zone)
    since = begins(weeks[0], due_times.hours.zone)
    if store.how_many_counted(since) > MOST:
        return None
    language = "" if every_language else filters.language
    forms = store.counted_forms(since)
    return tally(forms, weeks, due_times, now, protocol=filters.protocol, language=language)


def _filters() -> NumberFilters:
    return number_filters_of(request.args, served_rulebook().protocols, _languages())


def _languages() -> list[str]:
    return ["en", *(each.code for each in spoken.translations())]


def _settings() -> Settings:
    settings: Settings = current_app.extensions["screener_settings"]
    return settings
