"""Rules as true-or-false expressions over answers and blanks: the one reading of a rule."""
