"""The files under `rules/`, read, cross-checked and compiled into protocols."""
