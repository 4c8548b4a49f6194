"""The same rules for whole populations: as columns (Polars) and as SQL."""
