"""Conventions refer to functions of the directory: who is in charge, and the values it gives to a text."""

import sqlalchemy as sa
from alembic import op

revision = "023"
down_revision = "022"
branch_labels = None
depends_on = None

FONCTION = "responsable_fonction_id"
REFERENCE = "CONSTRAINT fk_convention_responsable_fonction_id REFERENCES referent (id)"
UN_SEUL = (
    "CONSTRAINT ck_convention_en_charge CHECK (responsable_id IS NULL OR responsable_fonction_id IS NULL)"
)


def upgrade() -> None:
    # In place: a table made again by SQLite would lose its other checks and its partial index.
    op.execute(f"ALTER TABLE convention ADD COLUMN {FONCTION} INTEGER {REFERENCE} {UN_SEUL}")
    op.create_index("ix_convention_responsable_fonction_id", "convention", [FONCTION], unique=False)
    op.add_column("convention_texte", sa.Column("annuaire_fige", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("convention_texte", "annuaire_fige")
    op.drop_index("ix_convention_responsable_fonction_id", table_name="convention")
    op.drop_column("convention", FONCTION)
