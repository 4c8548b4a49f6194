"""Alembic migrations, run by `screener.store.upgrade`."""
