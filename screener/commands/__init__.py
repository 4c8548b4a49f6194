"""The commands of `screener`, one file a subject. Each has `add_to(commands)`."""
