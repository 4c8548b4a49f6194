"""The rulebook that ships, read once a process for all tests that do not change it."""

from screener.engine.rulebook.load import load
from screener.places import shipped

RULEBOOK = load(shipped("rules"))
