"""Jobs in finest quality"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("finest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("jobs", sa.Column("painted_side", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("jobs", "painted_side")
    op.drop_column("jobs", "finest")
