"""Signing a text: each text frozen with its fingerprint, the signatures it received, delegations to sign."""

import sqlalchemy as sa
from alembic import op

revision = "008"
down_revision = "007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delegation_signature",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("qualite", sa.String(length=160), nullable=False),
        sa.Column("acte", sa.String(length=300), nullable=False),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("au", sa.Date(), nullable=True),
        sa.Column("fichier_id", sa.Integer(), nullable=True),
        sa.Column("creee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("creee_par", sa.String(length=160), nullable=False),
        sa.Column("retiree_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retiree_par", sa.String(length=160), nullable=False),
        sa.Column("idempotence", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["fichier_id"], ["fichier.id"], name=op.f("fk_delegation_signature_fichier_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_delegation_signature_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_delegation_signature_personne_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation_signature")),
        sa.UniqueConstraint("idempotence", name=op.f("uq_delegation_signature_idempotence")),
        sa.UniqueConstraint("ref", name=op.f("uq_delegation_signature_ref")),
    )
    op.create_index(
        "ix_delegation_signature_fichier_id", "delegation_signature", ["fichier_id"], unique=False
    )
    op.create_index(
        "ix_delegation_signature_organisation_id",
        "delegation_signature",
        ["organisation_id", "personne_id"],
        unique=False,
    )
    op.create_index(
        "ix_delegation_signature_personne_id", "delegation_signature", ["personne_id"], unique=False
    )
    op.create_table(
        "texte_fige",
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("empreinte", sa.String(length=64), nullable=False),
        sa.Column("contenu", sa.JSON(), nullable=False),
        sa.Column("fige_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fige_par", sa.String(length=160), nullable=False),
        sa.Column("annule_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("annule_par", sa.String(length=160), nullable=False),
        sa.Column("annule_motif", sa.String(length=500), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["convention_id"], ["convention.id"], name=op.f("fk_texte_fige_convention_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texte_fige")),
        sa.UniqueConstraint("convention_id", "numero", name=op.f("uq_texte_fige_convention_id_numero")),
        sa.UniqueConstraint("ref", name=op.f("uq_texte_fige_ref")),
    )
    op.create_index(
        "uq_texte_fige_courant",
        "texte_fige",
        ["convention_id"],
        unique=True,
        sqlite_where=sa.text("annule_le IS NULL"),
        postgresql_where=sa.text("annule_le IS NULL"),
    )
    op.create_table(
        "acte_signature",
        sa.Column("texte_fige_id", sa.Integer(), nullable=False),
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
            nullable=False,
        ),
        sa.Column(
            "genre",
            sa.Enum(
                "en_ligne", "papier", name="genreacte", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("signee_le", sa.Date(), nullable=False),
        sa.Column("horodatage", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nom", sa.String(length=160), nullable=False),
        sa.Column("qualite", sa.String(length=160), nullable=False),
        sa.Column("delegation", sa.String(length=300), nullable=False),
        sa.Column("delegation_fichier_id", sa.Integer(), nullable=True),
        sa.Column("organisation", sa.String(length=160), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("second_facteur", sa.Boolean(), nullable=False),
        sa.Column("fichier_id", sa.Integer(), nullable=True),
        sa.Column("enregistre_par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegation_fichier_id"], ["fichier.id"], name=op.f("fk_acte_signature_delegation_fichier_id")
        ),
        sa.ForeignKeyConstraint(["fichier_id"], ["fichier.id"], name=op.f("fk_acte_signature_fichier_id")),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_acte_signature_personne_id")),
        sa.ForeignKeyConstraint(
            ["texte_fige_id"],
            ["texte_fige.id"],
            name=op.f("fk_acte_signature_texte_fige_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acte_signature")),
        sa.UniqueConstraint("ref", name=op.f("uq_acte_signature_ref")),
        sa.UniqueConstraint("texte_fige_id", "partie", name=op.f("uq_acte_signature_texte_fige_id_partie")),
    )
    op.create_index(
        "ix_acte_signature_delegation_fichier_id", "acte_signature", ["delegation_fichier_id"], unique=False
    )
    op.create_index("ix_acte_signature_fichier_id", "acte_signature", ["fichier_id"], unique=False)
    op.create_index("ix_acte_signature_personne_id", "acte_signature", ["personne_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_acte_signature_personne_id", table_name="acte_signature")
    op.drop_index("ix_acte_signature_fichier_id", table_name="acte_signature")
    op.drop_index("ix_acte_signature_delegation_fichier_id", table_name="acte_signature")
    op.drop_table("acte_signature")
    op.drop_index(
        "uq_texte_fige_courant",
        table_name="texte_fige",
        sqlite_where=sa.text("annule_le IS NULL"),
        postgresql_where=sa.text("annule_le IS NULL"),
    )
    op.drop_table("texte_fige")
    op.drop_index("ix_delegation_signature_personne_id", table_name="delegation_signature")
    op.drop_index("ix_delegation_signature_organisation_id", table_name="delegation_signature")
    op.drop_index("ix_delegation_signature_fichier_id", table_name="delegation_signature")
    op.drop_table("delegation_signature")
