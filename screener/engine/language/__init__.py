"""The rule language: one leaf parsed, conditions and invariants read."""
