"""The document that a physician signs."""
