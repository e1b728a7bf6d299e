"""Directory: column matchings of its imports, and what each import changed."""

import sqlalchemy as sa
from alembic import op

revision = "024"
down_revision = "023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "annuaire_correspondance",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("entetes_hash", sa.String(length=64), nullable=False),
        sa.Column("colonnes", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_annuaire_correspondance_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annuaire_correspondance")),
        sa.UniqueConstraint(
            "organisation_id",
            "entetes_hash",
            name=op.f("uq_annuaire_correspondance_organisation_id_entetes_hash"),
        ),
    )
    op.create_table(
        "annuaire_fiche_importee",
        sa.Column("travail_id", sa.Integer(), nullable=False),
        sa.Column("referent_id", sa.Integer(), nullable=False),
        sa.Column("avant", sa.JSON(), nullable=True),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referent_id"],
            ["referent.id"],
            name=op.f("fk_annuaire_fiche_importee_referent_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["travail_id"],
            ["travail.id"],
            name=op.f("fk_annuaire_fiche_importee_travail_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annuaire_fiche_importee")),
        sa.UniqueConstraint(
            "travail_id", "referent_id", name=op.f("uq_annuaire_fiche_importee_travail_id_referent_id")
        ),
    )
    op.create_index(
        "ix_annuaire_fiche_importee_referent_id", "annuaire_fiche_importee", ["referent_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("annuaire_fiche_importee")
    op.drop_table("annuaire_correspondance")
