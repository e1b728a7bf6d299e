"""A withdrawn invitation is remembered, and those that owe nothing to a seat are told apart."""

import sqlalchemy as sa
from alembic import op

revision = "029"
down_revision = "028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("seance_invitation", sa.Column("ajoutee_le", sa.DateTime(timezone=True), nullable=True))
    op.add_column("seance_invitation", sa.Column("retiree_le", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE seance_invitation SET ajoutee_le = created_at"
        " WHERE qualite = 'invite' AND college_id IS NULL AND NOT EXISTS (SELECT 1 FROM seance s"
        " JOIN commission_siege g ON g.commission_id = s.commission_id"
        " WHERE s.id = seance_invitation.seance_id AND g.referent_id = seance_invitation.referent_id)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM seance_invitation WHERE retiree_le IS NOT NULL")
    op.drop_column("seance_invitation", "retiree_le")
    op.drop_column("seance_invitation", "ajoutee_le")
