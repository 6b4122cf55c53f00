"""Settings and saved styles of people, mixes, albums, languages, threads"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def columns() -> dict[str, tuple[sa.Column[Any], ...]]:
    return {
        "users": (
            sa.Column("chosen_language", sa.String(8), nullable=False, server_default=""),
            sa.Column("finest", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("size", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("strength", sa.Double(), nullable=False, server_default="1.0"),
            sa.Column("colours", sa.String(16), nullable=False, server_default="style"),
            sa.Column("as_file", sa.Boolean(), nullable=False, server_default=sa.false()),
        ),
        "styles": (
            sa.Column("parts", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("name", sa.String(64), nullable=False, server_default=""),
            sa.Column("kept_for", sa.Integer(), nullable=False, server_default="0"),
        ),
        "drafts": (
            sa.Column("more", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("mix", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("naming", sa.Boolean(), nullable=False, server_default=sa.false()),
        ),
        "jobs": (
            sa.Column("size", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("thread", sa.BigInteger(), nullable=True),
            sa.Column("album", sa.String(80), nullable=False, server_default=""),
            sa.Column("language", sa.String(8), nullable=False, server_default="en"),
            sa.Column("status_since", sa.BigInteger(), nullable=True),
            sa.Column("ends", sa.Integer(), nullable=False, server_default="0"),
        ),
        "album_parts": (sa.Column("caption", sa.Text(), nullable=False, server_default=""),),
        "deliveries": (
            sa.Column("document", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("since", sa.BigInteger(), nullable=True),
        ),
    }


def upgrade() -> None:
    for name, added in columns().items():
        for column in added:
            op.add_column(name, column)
    op.execute("UPDATE deliveries SET document = as_file")
    with op.batch_alter_table("album_parts") as table:
        table.drop_column("has_caption")
    op.create_index("ix_jobs_album", "jobs", ["album"])


def downgrade() -> None:
    op.add_column("album_parts", sa.Column("has_caption", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_index("ix_jobs_album", "jobs")
    for name, added in columns().items():
        for column in added:
            op.drop_column(name, column.name)
