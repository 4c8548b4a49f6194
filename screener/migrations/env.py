"""What Alembic runs. The store hands over an open connection inside a transaction."""

from alembic import context

attributes = context.config.attributes

context.configure(
    connection=attributes["connection"],
    target_metadata=attributes.get("target_metadata"),
    render_as_batch=True,  # SQLite cannot alter most things in place
    transactional_ddl=True,
)
context.run_migrations()
