"""A reason that the SIAO reads again waits until it has, and keeps who did and when.

The reasons of the answers given before are encrypted: none of them waits.
"""

import sqlalchemy as sa
from alembic import op

revision = "035"
down_revision = "034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("transmission", sa.Column("relire_depuis", sa.DateTime(timezone=True), nullable=True))
    op.add_column("transmission", sa.Column("relu_le", sa.DateTime(timezone=True), nullable=True))
    op.add_column("transmission", sa.Column("relu_par", sa.String(200), nullable=True))


def downgrade() -> None:
    op.drop_column("transmission", "relu_par")
    op.drop_column("transmission", "relu_le")
    op.drop_column("transmission", "relire_depuis")
