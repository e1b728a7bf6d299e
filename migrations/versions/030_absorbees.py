"""Find the organisations that another absorbed, which every page asks, without reading them all."""

import sqlalchemy as sa
from alembic import op

revision = "030"
down_revision = "029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_organisation_fusionnee_dans_id",
        "organisation",
        ["fusionnee_dans_id"],
        sqlite_where=sa.text("fusionnee_dans_id IS NOT NULL"),
        postgresql_where=sa.text("fusionnee_dans_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_organisation_fusionnee_dans_id", table_name="organisation")
