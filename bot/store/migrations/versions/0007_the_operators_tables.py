"""The operator's presets, limits, blocks and broadcasts"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "operator_presets",
        sa.Column("name", sa.String(48), nullable=False),
        sa.Column("title", sa.String(64), nullable=False),
        sa.Column("artist", sa.String(64), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_operator_presets"),
    )
    op.create_table(
        "preset_changes",
        sa.Column("name", sa.String(48), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(64), nullable=False),
        sa.Column("place", sa.Integer()),
        sa.PrimaryKeyConstraint("name", name="pk_preset_changes"),
    )
    op.create_table(
        "controls",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_controls"),
    )
    op.create_table(
        "barred",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_barred"),
    )
    op.create_table(
        "operator_steps",
        sa.Column("operator_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("argument", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("operator_id", name="pk_operator_steps"),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", ID, nullable=False),
        sa.Column("origin", sa.String(80), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_broadcasts"),
        sa.UniqueConstraint("origin", name="uq_broadcasts_origin"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_broadcasts_state", "broadcasts", ["state"])
    op.create_table(
        "broadcast_receivers",
        sa.Column("broadcast_id", ID, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], "fk_broadcast_receivers_broadcast_id_broadcasts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], "fk_broadcast_receivers_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("broadcast_id", "user_id", name="pk_broadcast_receivers"),
    )
    op.create_index("ix_broadcast_receivers_broadcast_id_state", "broadcast_receivers", ["broadcast_id", "state"])


def downgrade() -> None:
    for table in ("broadcast_receivers", "broadcasts", "operator_steps", "barred", "controls"):
        op.drop_table(table)
    op.drop_table("preset_changes")
    op.drop_table("operator_presets")
