"""What no patient may ever read about themselves, in every language, as regular expressions.

They are assertions about the person. Question texts, answers and titles of education are taken
out before; denials are allowed. Everything is compared in small letters.
"""

from collections.abc import Mapping
from typing import Final

DENIALS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "this is not a diagnosis",
        "is not a diagnosis",
        "does not diagnose any condition",
        "has not been reviewed by a qualified translator",
    ),
    "es": (
        "esto no es un diagnóstico",
        "no es un diagnóstico",
        "no son un diagnóstico",
        "no diagnostica ninguna enfermedad",
        "no ha sido revisada por un traductor calificado",
    ),
}
FORBIDDEN: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        r"diagnos",
        r"you have (?:fibromyalgia|depress|anxiety|bipolar|a condition)",
        r"fibromyalgia",
        r"you (?:may )?(?:qualif|match|meet)",
        r"eligib|qualif|candidate|approved",
        r"treatment.resistant|refractory",
        r"ketamine (?:will|can|may|might)",
        r"safe for you",
        r"(?:low|high|moderate) risk",
        r"\bscores?\b|\bpoints\b|\bpattern\b|\bcriteria\b|\bthreshold\b",
        r"phq|gad-7|\bwpi\b|\bsss\b|audit-c|\basq\b",
        r"minimal|moderate|moderately severe",
        r"\b(?:urgent|hold|flagged|priority|incomplete)\b",
        r"other (?:patients|people who)|compared (?:to|with)",
    ),
    "es": (
        r"diagn[oó]s",
        r"(?:usted )?(?:tiene|padece|sufre)(?: de)? (?:fibromialgia|depresi|ansiedad|trastorno)",
        r"fibromialgia",
        r"usted (?:puede |podría )?(?:califica|cumple|coincide|reúne)",
        r"elegib|califica|candidat|aprobad|es apt[oa]",
        r"resistente al tratamiento|refractari",
        r"ketamina (?:va a|puede|podría|cura|alivia|le )",
        r"segur[oa] para usted|sin riesgo para usted",
        r"riesgo (?:bajo|alto|moderado|leve)|(?:bajo|alto|poco|mucho) riesgo",
        r"\bpuntajes?\b|\bpuntuaci|\bpuntos\b|\bpatr[oó]n|\bcriterios?\b|\bumbral",
        r"phq|gad-7|\bwpi\b|\bsss\b|audit-c|\basq\b",
        r"\bmínim[oa]s?\b|moderad[oa]|moderadamente grave",
        r"\b(?:urgentes?|en espera de un médico|señalad[oa]|prioridad|incomplet[oa])\b",
        r"otr[oa]s (?:pacientes|personas que)|comparad[oa]s? con|en comparación con",
    ),
}
