"""The commands of `screener`, one file for each subject. Each has `add_to(commands)`."""
