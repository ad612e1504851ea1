"""Counters by the hour that have come down to nothing are found at once, to be dropped."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    zero = sa.text("count = 0")
    op.create_index(
        "ix_hourly_counts_zero", "hourly_counts", ["hour"], sqlite_where=zero, postgresql_where=zero
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index("ix_hourly_counts_zero", "hourly_counts")
