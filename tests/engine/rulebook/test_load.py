"""Deliberately broken rulebooks are refused, each with its file, its place and the cure."""

import os
import shutil
from pathlib import Path

import pytest

from screener.engine.problems import RulebookError
from screener.engine.rulebook.load import load
from screener.places import shipped

pytestmark = pytest.mark.long

PATTERNS = "fibromyalgia/patterns.yaml"
MOOD = "common/mood.yaml"
SUICIDE = "common/suicide_safety.yaml"
AGE = "common/age.yaml"
QUESTIONS = "common/questions/health.yaml"
TREATMENTS = "common/questions/treatments.yaml"
PROTOCOL = "fibromyalgia/protocol.yaml"
PHQ9 = "instruments/phq9.yaml"
CASES = "fibromyalgia/cases/patients.yaml"
NOW = "common/treatments.yaml"
LISTED_NOW = "common/questions/medicines_now.yaml"
SAFETY = "common/ketamine_safety.yaml"
EDUCATION = "common/education.yaml"
INVARIANTS = "common/invariants.yaml"
MEDICINES = "medicines.yaml"

PLAIN = "reads plain answers alone"
SLEEP = "    when: phq9_3 in (1, 2, 3)\n"
MAOI = "    when: takes_now includes maoi\n"
READING = "numbers: [bp_systolic, bp_diastolic]"
LOW = "of: bp_systolic between 70 and 89"
UNLIKELY = "    when: dose_mg > unlikely_dose\n"
ASKED_WHEN = "asked_when: dose_mg > unlikely_dose"
STILL = "    when: stopped_because = still_taking\n"

# What is changed in which file, and what must be said about it.
BROKEN = {
    "a misspelt score": (PATTERNS, "- wpi >= 7 and sss >= 5", "- wip >= 7 and sss >= 5", "did you mean wpi?"),
    "a misspelt option": (PATTERNS, "leaf: symptoms_3_months = yes", "leaf: symptoms_3_months = yess", "has no option yess; it has yes, no, unsure; did you mean yes?"),
    "an option that counts as blank": (PATTERNS, "leaf: symptoms_3_months = yes", "leaf: symptoms_3_months = unsure", "counts as not answered"),
    "a number out of reach": (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 28", "between 0 and 27, so this is never true"),
    "a comparison that always holds": (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 0", "so this is always true"),
    "a number compared with an option": (PATTERNS, "leaf: symptoms_3_months = yes", "leaf: symptoms_3_months >= 3", "has options, not numbers"),
    "a word that is no operator": (PATTERNS, "leaf: pain_regions >= 4", "leaf: pain_regions above 4", "found above, expected"),
    "a second equals sign": (PATTERNS, "leaf: pain_regions >= 4", "leaf: pain_regions == 4", "found =, expected"),
    "a leaf cut short": (PATTERNS, "leaf: pain_regions >= 4", "leaf: pain_regions >=", "ends too early"),
    "a comment that swallows half a leaf": (PATTERNS, "- wpi >= 7 and sss >= 5", "- wpi >= 7 # and sss >= 5", "a comment after a leaf"),
    "a decimal": (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 9.5", "numbers are whole"),
    "a look-alike letter": (MOOD, "leaf: phq9 >= 10", "leaf: рhq9 >= 10", "U+0440"),
    "a capital letter in an id": (MOOD, "leaf: phq9 >= 10", "leaf: PHQ9 >= 10", "lower case"),
    "Python": (MOOD, "leaf: phq9 >= 10", "leaf: __import__('os')", "no function is called __import__; there are count, sum, lowest, highest"),
    "a bare rule": (PATTERNS, "- fibromyalgia_pattern is met\n        - leaf", "- fibromyalgia_pattern\n        - leaf", "ends too early"),
    "a rule that nobody wrote": (PATTERNS, "- refractory_fibromyalgia is met", "- refractory_fibromialgia is met", "did you mean refractory_fibromyalgia?"),
    "a rule as a number": (MOOD, "leaf: phq9 >= 10", "leaf: fibromyalgia_pattern >= 1", "it is a rule: write fibromyalgia_pattern is met"),
    "a circle of rules": (PATTERNS, "- fibromyalgia_pattern is met\n        - leaf: pain_average", "- paired_pattern is met\n        - leaf: pain_average", "depends on itself"),
    "several answers compared as one": (MOOD, "leaf: mood_history includes any_of", "leaf: mood_history in", "takes several answers"),
    "an option of no list": (MOOD, "any_of (bipolar_1, bipolar_2", "any_of (bipolar_1, bipolar_3", "did you mean bipolar_"),
    "an unknown condition on rows": (MOOD, "leaf: antidepressants_failed >= 2", "leaf: count(ingredient of medicines_tried where failed_for_moods) >= 2", "did you mean failed_for_mood?"),
    "an unknown label of rows": (MOOD, "leaf: antidepressants_failed >= 2", "leaf: count(colour of medicines_tried where failed_for_mood) >= 2", "rows are counted by"),
    "an unknown key": (PATTERNS, "    priority: note\n    if_unknown: ask\n    when:\n      all:\n        - any:", "    prioritty: note\n    if_unknown: ask\n    when:\n      all:\n        - any:", "the key prioritty has no meaning here; did you mean priority?"),
    "a key twice": (AGE, "    priority: ineligible", "    priority: ineligible\n    priority: note", "stands here twice"),
    "an unknown priority": (AGE, "    priority: ineligible", "    priority: high", "found high; allowed"),
    "no reference": (MOOD, "    reference: spitzer-2006\n    choice: O-3\n    staff", "    staff", "names no reference and no clinic's choice"),
    "a reference that is not there": (MOOD, "    reference: spitzer-2006\n    choice: O-3", "    reference: spitzer-2007\n    choice: O-3", "did you mean spitzer-2006?"),
    "a choice that is not there": (AGE, "choice: O-14", "choice: O-41", "choices.yaml has no O-41"),
    "a topic that is not there": (AGE, "topics: [support-in-crisis]", "topics: [support-in-cris]", "did you mean support-in-crisis?"),
    "no case in which it is unknown": (AGE, "      - unknown: no date of birth\n", "", "has no case in which it is unknown"),
    "a case with an answer out of range": (AGE, "age: 17", "age: 170", "found 170; allowed: a whole number from 0 to 120"),
    "a case that starts from nobody": (PATTERNS, "like: V01", "like: V99", "no case starts with V99:"),
    "a rule with two forms": (AGE, "    when:\n", "    undecided:\n      any: [under_18]\n    when:\n", "found when and undecided"),
    "a flat list": (AGE, "    when:\n      leaf: age < 18\n", "    when:\n      - age < 18\n    x:\n", "the key x has no meaning here"),
    "a tag": (AGE, "    staff: The form", "    staff: !!str The form", "anchors, aliases and tags"),
    "a list without a word": (AGE, "    when:\n      leaf: age < 18\n      because: This questionnaire is for adults; nothing else is evaluated and no health answer is kept\n      reference: spravato-label\n", "    when:\n      - age < 18\n", "a list needs a word before it"),
    "an all with nothing in it": (PATTERNS, "        - none:\n            - first_line_non_drug_care is met", "        - none: []", "none needs a list of conditions"),
    "a help page on a note": (PATTERNS, "    priority: note\n    if_unknown: ask\n    when:\n      all:\n        - any:", "    priority: note\n    help: crisis\n    if_unknown: ask\n    when:\n      all:\n        - any:", "only an emergency or urgent rule shows a help page"),
    "a question on no page": (PROTOCOL, "questions: [sex, ", "questions: [", "no question or score is called sex"),
    "a page with an unknown question": (PROTOCOL, "questions: [sex, ", "questions: [sexx, ", "did you mean sex?"),
    "a section that begins with no page": (PROTOCOL, "    first: worry\n", "    first: worries\n", "no page is called worries"),
    "a section out of order": (PROTOCOL, "    first: worry\n", "    first: mood\n", "sections stand in the order of their pages"),
    "a first section that leaves pages out": (PROTOCOL, "    first: about_you\n", "    first: pain_areas\n", "the first section begins with the first page, about_you"),
    "a section twice": (PROTOCOL, "  - id: body\n", "  - id: pain\n", "two are called pain"),
    "a typical person who is no case": (PROTOCOL, "typical: F08", "typical: V99", "no case starts with V99:"),
    "a page twice": (PROTOCOL, "  - id: pain_areas\n", "  - id: about_you\n", "two pages are called about_you"),
    "a question asked later than its condition": (PROTOCOL, "told_fibromyalgia, told_fibromyalgia_years]", "told_fibromyalgia_years, told_fibromyalgia]", "told_fibromyalgia is asked later than told_fibromyalgia_years"),
    "a file that is not listed": ("depression/protocol.yaml", "  - depression/data_quality.yaml\n", "", "is listed by no protocol"),
    "a file that is not there": (PROTOCOL, "common/red_flags.yaml", "common/red_flag.yaml", "cannot be read"),
    "a hidden question that stands for nothing": ("instruments/auditc.yaml", "    asked_when: audit_c_1 >= 1\n    when_not_asked: 0\n    loinc: 68519-8", "    asked_when: audit_c_1 >= 1\n    loinc: 68519-8", "go together"),
    "a hidden question that stands for no option": ("instruments/auditc.yaml", "    when_not_asked: 0\n    loinc: 68519-8", "    when_not_asked: 9\n    loinc: 68519-8", "found 9; allowed"),
    "a wrong range of a score": (PHQ9, "range: 0 to 27", "range: 0 to 24", "its answers reach from 0 to 27"),
    "an item dropped from a sum": (PHQ9, "phq9_8, phq9_9)", "phq9_8)", "its answers reach from 0 to 24"),
    "a number for an id": (AGE, "- id: under_18", "- id: Under-18", "an id has lower-case letters"),
    "a question for nobody": ("common/questions/mood_and_substances.yaml", "    purpose: The physician reads it; cannabis is asked apart because it is legal in some states. No rule reads it.\n", "", "no rule or score reads cannabis_times"),
    "an anchor": (AGE, "    staff: The form", "    staff: &a The form", "anchors, aliases and tags"),
    "an unclosed bracket": (AGE, "topics: [support-in-crisis]", "topics: [support-in-crisis", "is not well-formed YAML"),
    "a dose in words": ("medicines.yaml", "dose_mg: 20\n", "dose_mg: twenty\n", "a number is expected, found twenty"),
    "a medicine twice": ("medicines.yaml", "- id: escitalopram", "- id: citalopram", "the id citalopram is given twice"),
    "typing kept of a page with a mood item": (PROTOCOL, "    title: Other symptoms\n", "    title: Other symptoms\n    keep_typing: yes\n", "asks low_mood, which is about mood: what is typed on such a page is never kept"),
    "typing kept of the PHQ-9": ("depression/protocol.yaml", "    title: Mood in the last 2 weeks\n", "    title: Mood in the last 2 weeks\n    keep_typing: yes\n", "asks phq9_1, which is about mood"),
    "typing kept of a question on safety": (PROTOCOL, "    title: Hard feelings and safety\n", "    title: Hard feelings and safety\n    keep_typing: yes\n", "asks asq_1, which is about safety"),
    "typing kept of the GAD-7": (PROTOCOL, "    title: Worry in the last 2 weeks\n", "    title: Worry in the last 2 weeks\n    keep_typing: yes\n", "asks gad7_1, which is about mood"),
    "typing kept of the AUDIT-C": (PROTOCOL, "    title: Mood in the past, alcohol and drugs\n", "    title: Mood in the past, alcohol and drugs\n    keep_typing: yes\n", "asks audit_c_1, which is about use of substances"),
    "typing kept of past moods": (PROTOCOL, "    title: Mood in the past, alcohol and drugs\n", "    title: Mood in the past, alcohol and drugs\n    keep_typing: yes\n", "asks mood_history, which is about mood"),
    "typing kept of signs of danger": (PROTOCOL, "    title: Signs that need care soon\n", "    title: Signs that need care soon\n    keep_typing: yes\n", "asks warning_signs, which is about danger"),
    "a folded list without headings": (QUESTIONS, "    short: Heart and brain, at any time\n", "    short: Heart and brain\n    folded: yes\n", "folded has no use without options under headings"),
    "an answer said back that nobody gave": (QUESTIONS, "{bp_systolic} over", "{bp_sistolic} over", "found bp_sistolic, allowed: a number that is asked before bp_as_written"),
    "an answer said back before it is asked": (QUESTIONS, "    hint: You can write both here, such as 124/78.", "    hint: Over {bp_diastolic}.", "found bp_diastolic, allowed: a number that is asked before bp_systolic"),
    "an unclosed brace": (QUESTIONS, "{bp_systolic} over", "{bp_systolic over", "found bp_systolic over"),
    "a cell said back without a condition": (TREATMENTS, "        asked_when: dose_mg > unlikely_dose\n", "", "a hint that says back an answer needs asked_when"),
    "typing kept now and then": (PROTOCOL, "    keep_typing: yes\n", "    keep_typing: sometimes\n", "yes or no is expected, found sometimes"),
    "a topic without its data": ("common/education/sleep.md", "---\nid: sleep", "id: sleep", "between two lines of ---"),
    "a condition on rows that says nothing": ("fibromyalgia/treatments.yaml", "        - stopped_because = advised_against\n", "        - null\n", "expected a comparison"),
    "rules expected that are lists": (CASES, "flags: [", "flags: [[], ", "flags is a list of rules"),
    "rules expected that are a word": (CASES, "flags: [", "flags: x\n  flag: [", "flags is a list of rules"),
    "scores expected that are a word": (CASES, "scores: {", "scores: x\n  score: {", "scores is a mapping"),
    "a score expected that is a mapping": (CASES, "scores: {wpi: ", "scores: {wpi: {a: b}, x: ", "wpi is a number, or the lowest and the highest"),
    "answers that are a word": (CASES, "answers:\n", "answers: x\nanswered:\n", "a case has case, answers and expect"),
    "a medicine that is a list": (CASES, "medicines_tried:\n", "medicines_tried:\n    citalopram: [x]\n", "medicines_tried.citalopram: found a list"),
    "a column that must be answered now and then": (TREATMENTS, "      - id: dose_mg\n", "      - id: dose_mg\n        required_when: {all: [age >= 18]}\n", "required_when: a column is asked with its table"),
    "a column that stands for an answer": (TREATMENTS, "      - id: dose_mg\n", "      - id: dose_mg\n        when_missing: 20\n", "when_missing: a column is asked with its table"),
    "a hidden column that stands for an answer": (TREATMENTS, "      - id: dose_mg\n", "      - id: dose_mg\n        when_not_asked: 20\n", "when_not_asked: a column is asked with its table"),
    "lists of options that are a list": (PHQ9, "option_lists:\n", "option_lists: []\nlists:\n", "a mapping is expected"),
    # What is taken now.
    "an unknown kind of medicine": (SAFETY, MAOI, "    when: takes_now includes maoy\n", "takes_now includes maoy: current_medicines has no option maoy; it has"),
    "an unknown kind among several": ("common/medicine_combinations.yaml", "any_of (stimulant, decongestant,", "any_of (stimulant, decongestent,", "did you mean decongestant?"),
    "nothing taken now as a kind": (SAFETY, MAOI, "    when: takes_now includes none\n", "write count(current_medicines) = 0"),
    "what is taken now compared": (SAFETY, MAOI, "    when: takes_now = maoi\n", "write takes_now includes …"),
    "what is taken now in a row": (NOW, STILL, "    when: takes_now includes maoi\n", "a condition on a row cannot ask what is taken now"),
    "nothing says what is taken now": (NOW, "takes_now:\n  ticked: current_medicines\n  rows: still_taking\n", "", "write takes_now: with ticked and rows into a file of treatments"),
    "half of what says what is taken now": (NOW, "  rows: still_taking\n", "", "rows is missing"),
    "an unknown list of what is taken now": (NOW, "  ticked: current_medicines\n", "  ticked: current_medicine\n", "did you mean current_medicines?"),
    "a single answer as the list of what is taken now": (NOW, "  ticked: current_medicines\n", "  ticked: sex\n", "no list of ticks is called sex"),
    "unknown rows of what is taken now": (NOW, "  rows: still_taking\n", "  rows: still_takin\n", "did you mean still_taking?"),
    "rows for mood alone of what is taken now": (NOW, "  rows: still_taking\n", "  rows: helps_mood_now\n", "no condition on rows with use: any is called helps_mood_now"),
    "what is taken now said twice": ("fibromyalgia/treatments.yaml", "table: medicines_tried\n", "table: medicines_tried\ntakes_now:\n  ticked: current_medicines\n  rows: still_taking\n", "it is said already in common/treatments.yaml"),
    "what is taken now said in the protocol": (PROTOCOL, "floor: review\n", "floor: review\ntakes_now:\n  ticked: current_medicines\n  rows: still_taking\n", "is said in a file of treatments"),
    "a kind that is no option": (MEDICINES, "kinds: [ssri]", "kinds: [ssry]", "no kind in current_medicines is called ssry; did you mean ssri?"),
    "a kind that is no medicine": (MEDICINES, "kinds: [ssri]", "kinds: [none]", "no kind in current_medicines is called none"),
    # Readings that may have been swapped.
    "a swapped number that nobody asks": (SAFETY, READING, "numbers: [bp_sistolic, bp_diastolic]", "no number is asked as bp_sistolic; did you mean bp_systolic?"),
    "a swapped answer that is no number": (SAFETY, READING, "numbers: [bp_systolic, bp_when]", "no number is asked as bp_when"),
    "a swapped column": (NOW, UNLIKELY, "    when:\n      even_if_swapped:\n        numbers: [dose_mg, weeks]\n        of: dose_mg > 180\n", "no number is asked as dose_mg"),
    "one number to swap": (SAFETY, READING, "numbers: [bp_systolic]", "the ids of two numbers are expected, the upper first"),
    "one number to swap, without a list": (SAFETY, READING, "numbers: bp_systolic", "the ids of two numbers are expected"),
    "a number swapped with itself": (SAFETY, READING, "numbers: [bp_systolic, bp_systolic]", "the ids of two numbers are expected"),
    "three numbers to swap": (SAFETY, READING, "numbers: [bp_systolic, bp_diastolic, age]", "the ids of two numbers are expected"),
    "no numbers to swap": (SAFETY, READING, "numbers:", "the ids of two numbers are expected"),
    "numbers to swap with values": (SAFETY, READING, "numbers: {bp_systolic: 1, bp_diastolic: 2}", "the ids of two numbers are expected"),
    "numbers to swap of nothing": (SAFETY, "        " + LOW + "\n", "", "even_if_swapped needs numbers (the upper and the lower) and of (a condition)"),
    "other numbers to swap": (SAFETY, READING, "numbers: [height_cm, weight_kg]", "it reads one or both of the numbers themselves"),
    "a rule in a swapped part": (SAFETY, LOW, "of: hold_blood_pressure is met", "and no rule and no score"),
    "a score in a swapped part": (SAFETY, LOW, "of: bp_systolic >= 70 and phq9 >= 10", "and no rule and no score"),
    "a fault in a swapped part": (SAFETY, LOW, "of: bp_systolic betwen 70 and 89", "did you mean between?"),
    "a swapped reading out of reach": (SAFETY, LOW, "of: bp_systolic < 0", "so this is never true"),
    # Columns of the table, and conditions on one medicine.
    "an unknown mark": (MEDICINES, "    marks: [what_for]\n", "    marks: [what_fore]\n", "no mark of a column (asked_of) is called what_fore; did you mean what_for?"),
    "a mark that nobody has": (TREATMENTS, "asked_of: what_for", "asked_of: what_else", "no medicine has the mark what_else"),
    "a mark without uses to stand for": (TREATMENTS, "        short: Weeks at that dose or above\n", "        short: Weeks at that dose or above\n        asked_of: what_for\n", "asked_of needs options with uses"),
    "a mark of a question": ("common/questions/about.yaml", "  - id: sex\n", "  - id: sex\n    asked_of: what_for\n", "asked_of and uses are said of a column"),
    "an unknown use of a column": (TREATMENTS, "        uses: [mood]\n", "        uses: [mod]\n", "found mod; allowed: 'mood' or 'pain'"),
    "an unknown use of an option": (TREATMENTS, "            uses: [mood, pain]\n", "            uses: [mood, pian]\n", "found pian; allowed: 'mood' or 'pain'"),
    "a use of a question": ("common/questions/about.yaml", "  - id: sex\n", "  - id: sex\n    uses: [mood]\n", "asked_of and uses are said of a column"),
    "a column of several answers in a condition": (NOW, STILL, "    when: stopped_also includes no_benefit\n", "stopped_also takes several answers; no rule reads such a column"),
    "a column of several answers counted": (NOW, STILL, "    when: count(stopped_also) >= 1\n", "no rule reads such a column"),
    "a column asked when one of several answers was given": (TREATMENTS, ASKED_WHEN, "asked_when: stopped_also includes other", "no rule reads such a column"),
    "a column of several answers in a rule": (SAFETY, MAOI, "    when: stopped_also includes no_benefit\n", "no question or score is called stopped_also"),
    "a column asked under a later one": (TREATMENTS, ASKED_WHEN, "asked_when: weeks >= 2 and dose_mg > unlikely_dose", "weeks is not asked before dose_confirmed"),
    "a column asked under itself": (TREATMENTS, "        short: Weeks at that dose or above\n", "        short: Weeks at that dose or above\n        asked_when: weeks >= 2\n", "weeks is not asked before weeks"),
    "a column asked under a condition on a later one": (TREATMENTS, ASKED_WHEN, "asked_when: still_taking is met", "stopped_because is not asked before dose_confirmed"),
    "a column asked under a condition for one use": (TREATMENTS, ASKED_WHEN, "asked_when: taken_for_mood is met", "taken_for_mood is about another use than any"),
    "a column asked under a rule": (TREATMENTS, ASKED_WHEN, "asked_when: under_18 is met", "no condition on rows is called under_18"),
    "a column asked at an adequate dose": (TREATMENTS, ASKED_WHEN, "asked_when: dose_mg > adequate_dose", "adequate_dose differs by use"),
    "an adequate dose for any use": (NOW, UNLIKELY, "    when: dose_mg >= adequate_dose\n", "adequate_dose differs by use"),
    "adequate weeks for any use": (NOW, UNLIKELY, "    when: weeks >= adequate_weeks\n", "adequate_weeks differs by use"),
    "what it was taken for, for any use": (NOW, UNLIKELY, "    when: taken_for in (mood, both)\n", "a blank taken_for may stand for the use"),
    "a condition for mood in one for any use": (NOW, "        - still_taking is met\n", "        - taken_for_mood is met\n", "taken_for_mood is about another use than any"),
    "a condition for mood in one for pain": ("fibromyalgia/treatments.yaml", "        - taken_for_pain is met\n", "        - taken_for_mood is met\n", "taken_for_mood is about another use than pain"),
    "a misspelt number of a medicine": (NOW, UNLIKELY, "    when: dose_mg > unlikly_dose\n", "did you mean unlikely_dose?"),
    "a number of a medicine in a rule": (SAFETY, MAOI, "    when: unlikely_dose > 5\n", "no question or score is called unlikely_dose"),
    "a highest dose in words": (MEDICINES, "    highest_usual: 40\n", "    highest_usual: forty\n", "a number is expected, found forty"),
    "a highest dose of nothing": (MEDICINES, "    highest_usual: 40\n", "    highest_usual: 0\n", "greater than 0"),
    "a label's dose in words": (MEDICINES, "    highest_on_label:\n      dose_mg: 40\n", "    highest_on_label:\n      dose_mg: forty\n", "a number is expected, found forty"),
    "a label's lower dose that is higher": (MEDICINES, "        dose_mg: 20\n        when: age > 60\n", "        dose_mg: 60\n        when: age > 60\n", "the reduced dose, 60, is not below 40"),
    "a label's lower dose for nobody": (MEDICINES, "when: age > 60\n", "when: age > 600\n", "so this is never true"),
    # Old ids.
    "a question replaced that is there": (TREATMENTS, "replaces: [ketamine_response]", "replaces: [sex]", "sex is still an id of its own"),
    "a question that replaces itself": (TREATMENTS, "replaces: [ketamine_response]", "replaces: [ketamine_mood_benefit]", "ketamine_mood_benefit is still an id of its own"),
    "a question replaced twice": (TREATMENTS, "    short: Best change in pain with ketamine\n", "    short: Best change in pain with ketamine\n    replaces: [ketamine_response]\n", "ketamine_response is replaced by ketamine_mood_benefit already"),
    "a column replaced that is there": (TREATMENTS, "        short: Weeks at that dose or above\n", "        short: Weeks at that dose or above\n        replaces: [dose_mg]\n", "dose_mg is still an id of its own"),
    "a column replaced twice": (TREATMENTS, "        short: Weeks at that dose or above\n", "        short: Weeks at that dose or above\n        replaces: [old, old]\n", "old is replaced by weeks already"),
    "an option retired without words": (LISTED_NOW, 'retired: "memantine_or_amantadine, or dextromethorphan"', "retired:", "retired: say what is asked in its place"),
    "an option retired with yes": (LISTED_NOW, 'retired: "memantine_or_amantadine, or dextromethorphan"', "retired: yes", "retired: say what is asked in its place"),
    "no option left to offer": (TREATMENTS, "          - id: yes\n            label: Yes, I took this dose\n          - id: no\n", "          - id: yes\n            retired: other\n            label: Yes, I took this dose\n          - id: no\n            retired: other\n", "every option is retired"),
    # What staff see of a rule beside others.
    "a rule that speaks for an equal one": (SAFETY, "speaks_for: [hold_blood_pressure, ", "speaks_for: [hold_blood_pressure_crisis, ", "hold_blood_pressure_crisis has priority urgent, which is not lower"),
    "a rule that speaks for a higher one": (SAFETY, "    speaks_for: [caution_blood_pressure]\n", "    speaks_for: [hold_blood_pressure_crisis]\n", "hold_blood_pressure_crisis has priority urgent, which is not lower"),
    "a rule that speaks for nobody": (SAFETY, "    speaks_for: [caution_blood_pressure]\n", "    speaks_for: [caution_blood_presure]\n", "did you mean caution_blood_pressure?"),
    "a remark on nothing": (MOOD, "    remark_on: [treatment_resistant_depression, paired_pattern]\n", "", "remark and remark_on go together"),
    "no remark on a rule": (MOOD, "    remark: two of the failed medicines are close relatives\n", "", "remark and remark_on go together"),
    "a remark on an unknown rule": (MOOD, "    remark_on: [treatment_resistant_depression, ", "    remark_on: [treatment_resistant_depresion, ", "did you mean treatment_resistant_depression?"),
    # What a patient is shown.
    "a page for everybody that is not there": (PROTOCOL, "education_for_all: [what-happens-at-this-clinic", "education_for_all: [what-happens-at-this-clinc", "did you mean what-happens-at-this-clinic?"),
    "a page that hangs on a score": (EDUCATION, SLEEP, "    when: phq9 >= 10\n", PLAIN),
    "a page that hangs on another rule": (EDUCATION, SLEEP, "    when: depression_symptoms is met\n", PLAIN),
    "a page that hangs on a number": (EDUCATION, SLEEP, "    when: phq9_3 >= 2\n", PLAIN),
    "a page that hangs on many ticks": (EDUCATION, SLEEP, "    when: count(warning_signs) >= 2\n", PLAIN),
    "a page that hangs on few ticks": (EDUCATION, SLEEP, "    when: count(warning_signs) < 1\n", PLAIN),
    "a page that hangs on two of three": (EDUCATION, SLEEP, "    when:\n      at_least:\n        n: 2\n        of: [phq9_1 = 3, phq9_2 = 3, phq9_3 = 3]\n", PLAIN),
    "a page that hangs on what is taken now": (EDUCATION, SLEEP, "    when: takes_now includes maoi\n", PLAIN),
    "a page that hangs on a count of medicines": (EDUCATION, SLEEP, "    when: count(ingredient of medicines_tried where still_taking) >= 1\n", PLAIN),
    "a page that hangs on blanks": (EDUCATION, SLEEP, "    unanswered:\n      questions: [phq9_3]\n", PLAIN),
    # Claims.
    "a claim that is none": (INVARIANTS, "    when: form was sent\n", "    when: form was send\n", "form was send: is no claim; did you mean form was sent?"),
    "an exception without brackets": (INVARIANTS, "is unknown but (hold_blood_pressure_crisis, hold_blood_pressure, red_flag_very_low_blood_pressure)", "is unknown but hold_blood_pressure_crisis", "did you mean no rule of priority PRIORITY or higher is unknown but (RULE, RULE)?"),
    "an exception that nobody wrote": (INVARIANTS, "is unknown but (hold_blood_pressure_crisis,", "is unknown but (hold_blood_presure_crisis,", "did you mean hold_blood_pressure_crisis?"),
    "no such priority in a claim": (INVARIANTS, "no rule of priority hold or higher", "no rule of priority holdd or higher", "no priority is called holdd; did you mean hold?"),
    "the same shown for an unknown answer": ("depression/invariants.yaml", "shown: [age, phq9_1,", "shown: [age, phq9_10,", "no question is called phq9_10"),
}  # fmt: skip


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the rulebook to break."""
    return Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_rulebook_is_refused_with_place_and_cure(rules: Path, fault: str) -> None:
    file, sound, broken, message = BROKEN[fault]
    text = (rules / file).read_text(encoding="utf-8")
    assert sound in text, "the fault has nothing to break"
    (rules / file).write_text(text.replace(sound, broken, 1), encoding="utf-8")
    with pytest.raises(RulebookError) as refused:
        load(rules)
    about = [problem for problem in refused.value.problems if message in problem.message]
    assert about, refused.value
    assert all(problem.file for problem in refused.value.problems)
    assert about[0].line or message in ("cannot be read", "is listed by no protocol")


def test_the_place_of_a_leaf_is_exact(rules: Path) -> None:
    text = (rules / PATTERNS).read_text(encoding="utf-8")
    (rules / PATTERNS).write_text(text.replace("sss >= 5", "sss >= fife", 1), encoding="utf-8")
    line = text[: text.index("sss >= 5")].count("\n") + 1
    column = len(text.splitlines()[line - 1]) - len("5") + 1
    with pytest.raises(RulebookError) as refused:
        load(rules)
    [problem] = refused.value.problems
    assert (problem.file, problem.line, problem.column) == (PATTERNS, line, column)


@pytest.mark.parametrize(
    ("file", "sound", "broken", "at"),
    [
        (SAFETY, MAOI, "    when: takes_now includes maoy\n", "maoy"),
        (SAFETY, READING, "numbers: [bp_sistolic, bp_diastolic]", "[bp_sistolic"),
        (NOW, STILL, "    when: takes_now includes maoi\n", "takes_now includes maoi"),
        (NOW, UNLIKELY, "    when: dose_mg > unlikly_dose\n", "unlikly_dose"),
        (MEDICINES, "kinds: [ssri]", "kinds: [ssry]", "[ssry]"),
        (TREATMENTS, "        uses: [mood]\n", "        uses: [mod]\n", "mod]"),
        (TREATMENTS, ASKED_WHEN, "asked_when: weeks > 9", "weeks > 9"),
        (TREATMENTS, "[ketamine_response]", "[sex]", "[sex]"),
        (
            INVARIANTS,
            "priority hold or higher is",
            "priority holdd or higher is",
            "holdd or higher is",
        ),
        (INVARIANTS, "    when: form was sent\n", "    when: form was send\n", "was send"),
    ],
)
def test_the_place_of_a_new_word_is_exact(
    rules: Path, file: str, sound: str, broken: str, at: str
) -> None:
    text = (rules / file).read_text(encoding="utf-8")
    changed = text.replace(sound, broken, 1)
    (rules / file).write_text(changed, encoding="utf-8")
    before = changed[: changed.index(at, text.index(sound))]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    with pytest.raises(RulebookError) as refused:
        load(rules)
    places = [(problem.file, problem.line, problem.column) for problem in refused.value.problems]
    assert (file, line, column) in places, refused.value


def test_all_faults_are_told_in_one_go(rules: Path) -> None:
    for file, sound, broken in (
        (AGE, "leaf: age < 18", "leaf: aeg < 18"),
        (SUICIDE, "leaf: asq_5 = no", "leaf: asq_5 = nope"),
        (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 28"),
    ):
        text = (rules / file).read_text(encoding="utf-8")
        (rules / file).write_text(text.replace(sound, broken, 1), encoding="utf-8")
    with pytest.raises(RulebookError) as refused:
        load(rules)
    assert {problem.file for problem in refused.value.problems} == {AGE, SUICIDE, MOOD}


def test_a_comment_or_another_spelling_of_the_same_leaves_the_hash(rules: Path) -> None:
    before = load(rules).hash
    text = (rules / AGE).read_text(encoding="utf-8")
    (rules / AGE).write_text("# a comment\n" + text.replace("chapter: Age", "chapter: 'Age'"))
    assert load(rules).hash == before
    (rules / AGE).write_text(text.replace("age < 18", "age < 19"))
    assert load(rules).hash != before


def test_another_order_of_files_leaves_the_hash(rules: Path) -> None:
    before = load(rules).hash
    first, second = "  - common/mood.yaml\n", "  - fibromyalgia/differentials.yaml\n"
    text = (rules / PROTOCOL).read_text(encoding="utf-8")
    assert first + second in text
    (rules / PROTOCOL).write_text(text.replace(first + second, second + first), encoding="utf-8")
    assert load(rules).hash == before


def test_a_folder_without_rules_says_so(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match="is not a folder"):
        load(tmp_path / "nowhere")
    (tmp_path / "references.yaml").write_text("references: []")
    with pytest.raises(RulebookError, match=r"protocol\.yaml"):
        load(tmp_path)


def test_files_are_read_whatever_ends_their_lines(rules: Path) -> None:
    """A byte order mark, old line ends and separators with nothing behind them change no rule."""
    before = load(rules).hash
    for path in rules.rglob("*.yaml"):
        text = path.read_bytes().replace(b"\n", b"\r") + b"---\r# the end\r---\r"
        path.write_bytes(b"\xef\xbb\xbf" + text)
    for path in rules.rglob("education/*.md"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(rules).hash == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "medicines.yaml:1:1: one YAML document expected, 0 found"),
        (b"---\n# nothing\n---\n", "medicines.yaml:1:1: one YAML document expected, 0 found"),
        (b"medicines: []\n---\nmedicines: []\n", "one YAML document expected, 2 found"),
        (b"\xff\xfem\0", "medicines.yaml: is UTF-16 text, not UTF-8 text"),
        (b"medicines: \xff", "medicines.yaml: is not UTF-8 text (byte 11)"),
        (b"null", "medicines.yaml:1:1: a mapping is expected"),
        (b"[" * 100_000, "nested too deeply"),
        (b'medicines: "\\ud83d"', "is not well-formed YAML"),
    ],
)
def test_a_file_in_which_there_is_no_document(rules: Path, content: bytes, message: str) -> None:
    (rules / "medicines.yaml").write_bytes(content)
    with pytest.raises(RulebookError) as refused:
        load(rules)
    assert any(message in str(problem) for problem in refused.value.problems)


def test_files_that_are_none(rules: Path) -> None:
    (rules / "medicines.yaml").unlink()
    (rules / "medicines.yaml").mkdir()
    (rules / AGE).unlink()
    os.mkfifo(rules / AGE)
    (rules / "common/education/sleep.md").write_bytes(b"\xff")
    with pytest.raises(RulebookError) as refused:
        load(rules)
    message = [str(problem) for problem in refused.value.problems]
    assert "medicines.yaml: cannot be read: Is a directory" in message
    assert any(line.startswith(f"{AGE}: is a pipe") for line in message)
    assert "common/education/sleep.md: is not UTF-8 text (byte 0)" in message
