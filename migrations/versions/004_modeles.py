"""National models, their adoption, and the green version of each département."""

import sqlalchemy as sa
from alembic import op

from portal.shared import ddl

revision = "004"
down_revision = "002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "modele_version",
        sa.Column(
            "gabarit",
            sa.Enum(
                "general", "simplifie", name="gabarit", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("libelle", sa.String(length=200), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "travail", "officiel", name="source", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "statut",
            sa.Enum(
                "brouillon",
                "publiee",
                name="statutversion",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("departement_code", sa.String(length=3), nullable=True),
        sa.Column("contenu", sa.JSON(), nullable=False),
        sa.Column("empreinte", sa.String(length=64), nullable=False),
        sa.Column("fichier_id", sa.Integer(), nullable=True),
        sa.Column("publiee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publiee_par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_modele_version_departement_code")
        ),
        sa.ForeignKeyConstraint(["fichier_id"], ["fichier.id"], name=op.f("fk_modele_version_fichier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_modele_version")),
        sa.UniqueConstraint(
            "departement_code",
            "gabarit",
            "numero",
            name=op.f("uq_modele_version_departement_code_gabarit_numero"),
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_modele_version_ref")),
    )
    op.create_index(op.f("ix_modele_version_fichier_id"), "modele_version", ["fichier_id"], unique=False)
    op.create_index(
        "uq_modele_version_nationale",
        "modele_version",
        ["gabarit", "numero"],
        unique=True,
        sqlite_where=sa.text("departement_code IS NULL"),
        postgresql_where=sa.text("departement_code IS NULL"),
    )

    op.create_table(
        "modele_adoption",
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("modele_version_id", sa.Integer(), nullable=False),
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
            ["departement_code"], ["departement.code"], name=op.f("fk_modele_adoption_departement_code")
        ),
        sa.ForeignKeyConstraint(
            ["modele_version_id"], ["modele_version.id"], name=op.f("fk_modele_adoption_modele_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_modele_adoption_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_modele_adoption")),
        sa.UniqueConstraint(
            "departement_code",
            "modele_version_id",
            "organisation_id",
            name="uq_modele_adoption",
        ),
    )
    op.create_index(
        op.f("ix_modele_adoption_modele_version_id"), "modele_adoption", ["modele_version_id"], unique=False
    )
    op.create_index(
        op.f("ix_modele_adoption_organisation_id"), "modele_adoption", ["organisation_id"], unique=False
    )

    op.create_table(
        "version_departementale",
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "brouillon",
                "publiee",
                name="statutversion",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("general_id", sa.Integer(), nullable=False),
        sa.Column("simplifie_id", sa.Integer(), nullable=False),
        sa.Column("publiee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publiee_par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"],
            ["departement.code"],
            name=op.f("fk_version_departementale_departement_code"),
        ),
        sa.ForeignKeyConstraint(
            ["general_id"], ["modele_version.id"], name=op.f("fk_version_departementale_general_id")
        ),
        sa.ForeignKeyConstraint(
            ["simplifie_id"], ["modele_version.id"], name=op.f("fk_version_departementale_simplifie_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_departementale")),
        sa.UniqueConstraint(
            "departement_code", "numero", name=op.f("uq_version_departementale_departement_code_numero")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_version_departementale_ref")),
    )
    op.create_index(
        op.f("ix_version_departementale_general_id"), "version_departementale", ["general_id"], unique=False
    )
    op.create_index(
        op.f("ix_version_departementale_simplifie_id"),
        "version_departementale",
        ["simplifie_id"],
        unique=False,
    )
    op.create_index(
        "uq_version_departementale_brouillon",
        "version_departementale",
        ["departement_code"],
        unique=True,
        sqlite_where=sa.text("statut = 'brouillon'"),
        postgresql_where=sa.text("statut = 'brouillon'"),
    )

    op.create_table(
        "version_departementale_champ",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("clause_code", sa.String(length=40), nullable=False),
        sa.Column("parametre_code", sa.String(length=60), nullable=False),
        sa.Column("valeur", sa.Text(), nullable=False),
        sa.Column("motif", sa.String(length=500), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modifie_par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["version_departementale.id"],
            name=op.f("fk_version_departementale_champ_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_departementale_champ")),
        sa.UniqueConstraint(
            "version_id", "clause_code", "parametre_code", name="uq_version_departementale_champ"
        ),
    )
    op.create_table(
        "version_departementale_validation",
        sa.Column("version_id", sa.Integer(), nullable=False),
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
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_version_departementale_validation_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["version_departementale.id"],
            name=op.f("fk_version_departementale_validation_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_departementale_validation")),
        sa.UniqueConstraint(
            "version_id",
            "organisation_id",
            name=op.f("uq_version_departementale_validation_version_id_organisation_id"),
        ),
    )
    op.create_index(
        op.f("ix_version_departementale_validation_organisation_id"),
        "version_departementale_validation",
        ["organisation_id"],
        unique=False,
    )

    ddl.install(op.get_bind())


def downgrade() -> None:
    op.drop_index(
        op.f("ix_version_departementale_validation_organisation_id"),
        table_name="version_departementale_validation",
    )

    op.drop_table("version_departementale_validation")
    op.drop_table("version_departementale_champ")
    op.drop_index(
        "uq_version_departementale_brouillon",
        table_name="version_departementale",
        sqlite_where=sa.text("statut = 'brouillon'"),
        postgresql_where=sa.text("statut = 'brouillon'"),
    )
    op.drop_index(op.f("ix_version_departementale_simplifie_id"), table_name="version_departementale")
    op.drop_index(op.f("ix_version_departementale_general_id"), table_name="version_departementale")

    op.drop_table("version_departementale")
    op.drop_index(op.f("ix_modele_adoption_organisation_id"), table_name="modele_adoption")
    op.drop_index(op.f("ix_modele_adoption_modele_version_id"), table_name="modele_adoption")

    op.drop_table("modele_adoption")
    op.drop_index(
        "uq_modele_version_nationale",
        table_name="modele_version",
        sqlite_where=sa.text("departement_code IS NULL"),
        postgresql_where=sa.text("departement_code IS NULL"),
    )
    op.drop_index(op.f("ix_modele_version_fichier_id"), table_name="modele_version")

    op.drop_table("modele_version")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS modele_version_fige()")
