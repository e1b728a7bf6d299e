"""Bilans of conventions, and the private calendar address of each person."""

import sqlalchemy as sa
from alembic import op

revision = "011"
down_revision = "010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bilan",
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("au", sa.Date(), nullable=False),
        sa.Column("demande_le", sa.Date(), nullable=False),
        sa.Column("echeance", sa.Date(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "demande",
                "brouillon",
                "rendu",
                name="statutbilan",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("engagements", sa.Text(), nullable=False),
        sa.Column("difficultes", sa.Text(), nullable=False),
        sa.Column("indicateurs", sa.JSON(), nullable=True),
        sa.Column(
            "partie",
            sa.Enum(
                "operateur",
                "siao",
                "etat",
                name="partie",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("auteur", sa.String(length=160), nullable=False),
        sa.Column("rendu_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("au >= du", name=op.f("ck_bilan_periode")),
        sa.ForeignKeyConstraint(
            ["convention_id"], ["convention.id"], name=op.f("fk_bilan_convention_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_bilan_departement_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bilan")),
        sa.UniqueConstraint("convention_id", "rang", name=op.f("uq_bilan_convention_id_rang")),
        sa.UniqueConstraint("ref", name=op.f("uq_bilan_ref")),
    )
    op.create_index(
        "ix_bilan_departement_code", "bilan", ["departement_code", "echeance", "id"], unique=False
    )
    op.create_table(
        "adresse_agenda",
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("jeton_hash", sa.String(length=64), nullable=False),
        sa.Column("creee_le", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["personne_id"], ["personne.id"], name=op.f("fk_adresse_agenda_personne_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("personne_id", name=op.f("pk_adresse_agenda")),
        sa.UniqueConstraint("jeton_hash", name=op.f("uq_adresse_agenda_jeton_hash")),
    )


def downgrade() -> None:
    op.drop_table("adresse_agenda")
    op.drop_index("ix_bilan_departement_code", table_name="bilan")
    op.drop_table("bilan")
