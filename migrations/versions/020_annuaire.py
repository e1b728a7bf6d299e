"""Directory: functions, who holds them for a while, absences; the index of their words."""

import sqlalchemy as sa
from alembic import op

from portal.shared import ddl

revision = "020"
down_revision = "013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fonction_locale",
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("libelle", sa.String(length=80), nullable=False),
        sa.Column("unicite", sa.Boolean(), nullable=False),
        sa.Column("tri", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_fonction_locale_departement_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fonction_locale")),
        sa.UniqueConstraint("code", name=op.f("uq_fonction_locale_code")),
        sa.UniqueConstraint("ref", name=op.f("uq_fonction_locale_ref")),
    )
    op.create_index("uq_fonction_locale_tri", "fonction_locale", ["departement_code", "tri"], unique=True)
    op.create_table(
        "referent",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=True),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("fonction_code", sa.String(length=40), nullable=False),
        sa.Column("unicite", sa.Boolean(), nullable=False),
        sa.Column("mention", sa.String(length=120), nullable=False),
        sa.Column("publics", sa.JSON(), nullable=False),
        sa.Column(
            "preference",
            sa.Enum(
                "indifferent",
                "telephone",
                "courriel",
                "si_siao",
                name="preference",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("horaires", sa.String(length=200), nullable=False),
        sa.Column("telephone", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("verifie_le", sa.Date(), nullable=True),
        sa.Column("verifie_par", sa.String(length=160), nullable=False),
        sa.Column("ferme_le", sa.Date(), nullable=True),
        sa.Column("tri", sa.String(length=120), nullable=False),
        sa.Column("texte_recherche", sa.Text(), nullable=False),
        sa.Column("poids_recherche", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_referent_departement_code")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_referent_organisation_id")
        ),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"], name=op.f("fk_referent_structure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referent")),
        sa.UniqueConstraint("ref", name=op.f("uq_referent_ref")),
    )
    op.create_index(
        "ix_referent_departement_code_tri", "referent", ["departement_code", "tri", "id"], unique=False
    )
    op.create_index("ix_referent_organisation_id", "referent", ["organisation_id"], unique=False)
    op.create_index("ix_referent_structure_id", "referent", ["structure_id"], unique=False)
    op.create_index("ix_referent_verifie_le", "referent", ["departement_code", "verifie_le"], unique=False)
    op.create_index(
        "uq_referent_organisation",
        "referent",
        ["organisation_id", "departement_code", "fonction_code"],
        unique=True,
        sqlite_where=sa.text("unicite AND ferme_le IS NULL AND structure_id IS NULL"),
        postgresql_where=sa.text("unicite AND ferme_le IS NULL AND structure_id IS NULL"),
    )
    op.create_index(
        "uq_referent_structure",
        "referent",
        ["structure_id", "fonction_code"],
        unique=True,
        sqlite_where=sa.text("unicite AND ferme_le IS NULL AND structure_id IS NOT NULL"),
        postgresql_where=sa.text("unicite AND ferme_le IS NULL AND structure_id IS NOT NULL"),
    )
    op.create_table(
        "referent_nature",
        sa.Column("referent_id", sa.Integer(), nullable=False),
        sa.Column("nature_code", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["nature_code"], ["nature.code"], name=op.f("fk_referent_nature_nature_code")
        ),
        sa.ForeignKeyConstraint(
            ["referent_id"], ["referent.id"], name=op.f("fk_referent_nature_referent_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("referent_id", "nature_code", name=op.f("pk_referent_nature")),
    )
    op.create_table(
        "referent_territoire",
        sa.Column("referent_id", sa.Integer(), nullable=False),
        sa.Column(
            "maille",
            sa.Enum(
                "arrondissement",
                "epci",
                "commune",
                name="maille",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.ForeignKeyConstraint(
            ["referent_id"],
            ["referent.id"],
            name=op.f("fk_referent_territoire_referent_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("referent_id", "maille", "code", name=op.f("pk_referent_territoire")),
    )
    op.create_table(
        "titulaire",
        sa.Column("referent_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "titulaire", "suppleant", name="role", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("prenom", sa.String(length=80), nullable=False),
        sa.Column("nom", sa.String(length=80), nullable=False),
        sa.Column("telephone", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("au", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.CheckConstraint("au IS NULL OR au >= du", name=op.f("ck_titulaire_periode")),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_titulaire_personne_id")),
        sa.ForeignKeyConstraint(["referent_id"], ["referent.id"], name=op.f("fk_titulaire_referent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_titulaire")),
        sa.UniqueConstraint("ref", name=op.f("uq_titulaire_ref")),
    )
    op.create_index(op.f("ix_titulaire_email"), "titulaire", ["email"], unique=False)
    op.create_index(op.f("ix_titulaire_personne_id"), "titulaire", ["personne_id"], unique=False)
    op.create_index("ix_titulaire_referent_id", "titulaire", ["referent_id", "role", "du"], unique=False)
    op.create_table(
        "titulaire_absence",
        sa.Column("titulaire_id", sa.Integer(), nullable=False),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("au", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.CheckConstraint("au IS NULL OR au >= du", name=op.f("ck_titulaire_absence_periode")),
        sa.ForeignKeyConstraint(
            ["titulaire_id"],
            ["titulaire.id"],
            name=op.f("fk_titulaire_absence_titulaire_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_titulaire_absence")),
        sa.UniqueConstraint("ref", name=op.f("uq_titulaire_absence_ref")),
    )
    op.create_index(
        op.f("ix_titulaire_absence_titulaire_id"), "titulaire_absence", ["titulaire_id"], unique=False
    )
    ddl.install(op.get_bind())


def downgrade() -> None:
    op.drop_index(op.f("ix_titulaire_absence_titulaire_id"), table_name="titulaire_absence")
    op.drop_table("titulaire_absence")
    op.drop_index("ix_titulaire_referent_id", table_name="titulaire")
    op.drop_index(op.f("ix_titulaire_personne_id"), table_name="titulaire")
    op.drop_index(op.f("ix_titulaire_email"), table_name="titulaire")
    op.drop_table("titulaire")
    op.drop_table("referent_territoire")
    op.drop_table("referent_nature")
    op.drop_index("uq_referent_structure", table_name="referent")
    op.drop_index("uq_referent_organisation", table_name="referent")
    op.drop_index("ix_referent_verifie_le", table_name="referent")
    op.drop_index("ix_referent_structure_id", table_name="referent")
    op.drop_index("ix_referent_organisation_id", table_name="referent")
    op.drop_index("ix_referent_departement_code_tri", table_name="referent")
    op.drop_table("referent")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE IF EXISTS recherche_referent")
    else:
        op.execute("DROP FUNCTION IF EXISTS mots_cherches(text)")
    op.drop_index("uq_fonction_locale_tri", table_name="fonction_locale")
    op.drop_table("fonction_locale")
