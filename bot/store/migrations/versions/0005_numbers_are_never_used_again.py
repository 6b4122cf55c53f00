"""Numbers of deleted drafts, jobs and sendings are never used again"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COUNTING = {"sqlite_autoincrement": True}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return  # other databases count on anyway
    # Replacing the table of jobs deletes what refers to it; foreign keys can't be switched off in a transaction.
    op.execute("CREATE TABLE deliveries_kept AS SELECT * FROM deliveries")
    for table in ("jobs", "drafts"):
        with op.batch_alter_table(table, recreate="always", table_kwargs=COUNTING):
            pass
    op.execute("INSERT INTO deliveries SELECT * FROM deliveries_kept")
    op.execute("DROP TABLE deliveries_kept")
    with op.batch_alter_table("deliveries", recreate="always", table_kwargs=COUNTING):
        pass


def downgrade() -> None:
    """Older versions do not mind."""
