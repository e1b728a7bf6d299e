"""How a convention is signed where one legal person carries its SIAO and its operator."""

from alembic import op

revision = "026"
down_revision = "025"
branch_labels = None
depends_on = None

FORMES = "'deux_signataires', 'meme_signataire', 'lettre'"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE convention_texte ADD COLUMN forme VARCHAR(40)"
        f" CONSTRAINT {op.f('ck_convention_texte_formesignature')} CHECK (forme IN ({FORMES}))"
    )


def downgrade() -> None:
    op.drop_column("convention_texte", "forme")
