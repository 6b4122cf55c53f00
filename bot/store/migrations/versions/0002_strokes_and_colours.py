"""Stroke sizes, and four ways of colours in place of two"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("stroke_size", sa.Double(), nullable=False, server_default="1.0"))
    op.add_column("jobs", sa.Column("colours", sa.String(length=16), nullable=False, server_default="style"))
    op.execute("UPDATE jobs SET colours = 'matched' WHERE keep_colours")
    op.drop_column("jobs", "keep_colours")


def downgrade() -> None:
    op.add_column("jobs", sa.Column("keep_colours", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE jobs SET keep_colours = (1 = 1) WHERE colours IN ('matched', 'luminance')")
    op.drop_column("jobs", "colours")
    op.drop_column("jobs", "stroke_size")
