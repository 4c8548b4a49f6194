"""The language that a person reads: chosen on the start page, English until then.

The choice stays in a cookie for as long as the browser is open, and with the questionnaire when
that is saved. What a browser asks for (Accept-Language) proposes a language and never chooses one.
Staff always read English.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, g, has_request_context, redirect, request
from flask_babel import Babel, refresh
from werkzeug.wrappers import Response

from screener import store
from screener.engine.protocol import Rulebook
from screener.languages.translation import PROGRAM, Translation, codes, read_translation
from screener.settings import Settings

ENGLISH = "en"
COOKIE = "screener_language"
_LANGUAGES = "screener_languages"
_SIGNED = "screener_signed_translations"
_SETTINGS = "screener_settings"
_RULEBOOK = "screener_rulebook"
_CHOICE = "language"  # of an address: ?language=es
_STAFF = "/staff"


@dataclass(frozen=True)
class Language:
    """A language to read in: its own name, how HTML names it, and how dates are written in it.

    `reviewed` is false where no qualified translator has signed its texts as they are.
    """

    code: str
    name: str
    tag: str
    direction: str
    locale: str
    reviewed: bool = True


@dataclass(frozen=True)
class _Spoken:
    """A language; English has no translation, and reads the rulebook that is served as it is."""

    language: Language
    translation: Translation | None = None
    book: Rulebook | None = None

    @property
    def signed(self) -> bool:
        """Return whether a translator signed it as it is, and nothing is missing in it."""
        if self.translation is None:
            return True
        return not self.translation.problems and _is_signed(self.translation.hash)


def init_app(app: Flask, settings: Settings, book: Rulebook, folder: Path) -> None:
    """Read the translations beside the rules, and let every request be answered in a language."""
    region = settings.clinic_region
    spoken = {ENGLISH: _Spoken(_language(ENGLISH, "English", region))}
    for code in codes(folder):
        translation = read_translation(folder, book, code)
        if translation.problems:
            app.logger.warning(
                "the translation %s has %d problems: `screener check` names them",
                code,
                len(translation.problems),
            )
        if translation.texts:
            language = _language(code, translation.name, region)
            spoken[code] = _Spoken(language, translation, translation.of(book))
    app.extensions[_LANGUAGES] = spoken
    app.extensions[_SIGNED] = set()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(PROGRAM)
    Babel(app, locale_selector=lambda: current().locale)
    app.before_request(_chosen_in_the_address)

    @app.context_processor
    def shared() -> dict[str, object]:
        return {"language": current()}


def current() -> Language:
    """Return the language in which this request is answered."""
    spoken = _spoken()
    signed = spoken.signed
    if signed == spoken.language.reviewed:
        return spoken.language
    return Language(**{**vars(spoken.language), "reviewed": signed})


def rulebook() -> Rulebook:
    """Return the rulebook in the words that this request is answered in."""
    served: Rulebook = current_app.extensions[_RULEBOOK]
    return _spoken().book or served


def translation(code: str) -> Translation | None:
    """Return a translation that was read, whether it is offered or not."""
    spoken = _all().get(code)
    return spoken.translation if spoken else None


def translations() -> list[Translation]:
    """Return every translation that was read."""
    return [spoken.translation for spoken in _all().values() if spoken.translation is not None]


def offered() -> list[Language]:
    """Return the languages that a person can choose from.

    In production a translation is offered once a translator has signed it; a demonstration shows
    it before that, and says so on every page.
    """
    return [spoken.language for spoken in _all().values() if _is_offered(spoken)]


def proposed() -> Language | None:
    """Return the language that the browser asks for, where the person has not chosen and may."""
    if COOKIE in request.cookies:
        return None
    languages = {language.code: language for language in offered()}
    wanted = request.accept_languages.best_match(list(languages))
    return languages[wanted] if wanted and wanted != current().code else None


def continue_in(code: str) -> None:
    """Answer in the language of a questionnaire, where nothing else was chosen on this device."""
    if not _cookie() and code != g.get(_CHOICE):
        setattr(g, _CHOICE, code)
        refresh()


def _chosen_in_the_address() -> Response | None:
    """Keep the language that an address names, and go on without it."""
    code = request.args.get(_CHOICE, "")
    if request.method != "GET" or not request.endpoint or not _offered(code):
        return None
    rest = [(key, value) for key, value in request.args.items(multi=True) if key != _CHOICE]
    query = f"?{urlencode(rest)}" if rest else ""
    answer = redirect(f"{request.script_root}{request.path}{query}", 303)
    secure = _settings().https
    answer.set_cookie(COOKIE, code, path="/", httponly=True, samesite="Lax", secure=secure)
    return answer


def _spoken() -> _Spoken:
    every = _all()
    if not has_request_context() or request.path.startswith(_STAFF):
        return every[ENGLISH]
    code = _cookie() or g.get(_CHOICE, "")
    return every[code] if _offered(code) else every[ENGLISH]


def _cookie() -> str:
    code = request.cookies.get(COOKIE, "")
    return code if code in _all() else ""


def _is_signed(hash: str) -> bool:
    """Return whether a translation is signed. A signature stays, so it is looked up until then."""
    signed: set[str] = current_app.extensions[_SIGNED]
    if hash in signed:
        return True
    try:
        if store.last_translation_signature(hash) is None:
            return False
    except Exception:
        # Pages that say that the database does not answer come here too.
        current_app.logger.exception("the signature of a translation could not be looked up")
        return False
    signed.add(hash)
    return True


def _offered(code: str) -> bool:
    spoken = _all().get(code)
    return spoken is not None and _is_offered(spoken)


def _is_offered(spoken: _Spoken) -> bool:
    return spoken.translation is None or not _settings().production or spoken.signed


def _all() -> Mapping[str, _Spoken]:
    spoken: Mapping[str, _Spoken] = current_app.extensions[_LANGUAGES]
    return spoken


def _settings() -> Settings:
    settings: Settings = current_app.extensions[_SETTINGS]
    return settings


def _language(code: str, name: str, region: str) -> Language:
    """Return a language as it is written in the clinic's country, where that is known."""
    try:
        locale = Locale.parse(code if "_" in code else f"{code}_{region}")
    except UnknownLocaleError:
        locale = Locale.parse(code)
    tag = code.replace("_", "-")
    return Language(code, name, tag, locale.text_direction, str(locale), code == ENGLISH)
