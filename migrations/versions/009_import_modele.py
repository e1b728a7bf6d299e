"""A Word model being reread before it becomes a version: the import, its corrections, the agreements."""

import sqlalchemy as sa
from alembic import op

revision = "009"
down_revision = "008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "modele_import",
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column(
            "gabarit",
            sa.Enum(
                "general", "simplifie", name="gabarit", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("libelle", sa.String(length=200), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "relecture",
                "propose",
                name="statutimport",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("depose_par", sa.String(length=160), nullable=False),
        sa.Column("fichier_id", sa.Integer(), nullable=False),
        sa.Column("lu", sa.JSON(), nullable=False),
        sa.Column("contenu", sa.JSON(), nullable=False),
        sa.Column("origine", sa.JSON(), nullable=False),
        sa.Column("idempotence", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_modele_import_departement_code")
        ),
        sa.ForeignKeyConstraint(["fichier_id"], ["fichier.id"], name=op.f("fk_modele_import_fichier_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_modele_import_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_modele_import")),
        sa.UniqueConstraint("departement_code", "gabarit", name="uq_modele_import_en_cours"),
        sa.UniqueConstraint("idempotence", name=op.f("uq_modele_import_idempotence")),
        sa.UniqueConstraint("ref", name=op.f("uq_modele_import_ref")),
    )
    op.create_index(op.f("ix_modele_import_fichier_id"), "modele_import", ["fichier_id"], unique=False)
    op.create_index(
        op.f("ix_modele_import_organisation_id"), "modele_import", ["organisation_id"], unique=False
    )

    op.create_table(
        "modele_import_etape",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("acte", sa.String(length=40), nullable=False),
        sa.Column("clause_code", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("avant", sa.JSON(), nullable=False),
        sa.Column("cle", sa.String(length=40), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["modele_import.id"],
            name=op.f("fk_modele_import_etape_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_modele_import_etape")),
        sa.UniqueConstraint("import_id", "rang", name=op.f("uq_modele_import_etape_import_id_rang")),
    )

    op.create_table(
        "modele_import_accord",
        sa.Column("import_id", sa.Integer(), nullable=False),
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
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["modele_import.id"],
            name=op.f("fk_modele_import_accord_import_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_modele_import_accord_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_modele_import_accord")),
        sa.UniqueConstraint(
            "import_id", "organisation_id", name=op.f("uq_modele_import_accord_import_id_organisation_id")
        ),
    )
    op.create_index(
        op.f("ix_modele_import_accord_organisation_id"),
        "modele_import_accord",
        ["organisation_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_modele_import_accord_organisation_id"), table_name="modele_import_accord")
    op.drop_table("modele_import_accord")
    op.drop_table("modele_import_etape")
    op.drop_index(op.f("ix_modele_import_organisation_id"), table_name="modele_import")
    op.drop_index(op.f("ix_modele_import_fichier_id"), table_name="modele_import")
    op.drop_table("modele_import")
