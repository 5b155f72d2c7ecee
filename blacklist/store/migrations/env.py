"""Alembic's entry: runs the migrations on the connection that migrate.py opened.

Only called by Alembic; there is no offline mode and no ini file.
"""

from alembic import context

from blacklist.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
