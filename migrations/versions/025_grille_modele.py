"""Models of the grid of access to housing: versions, questions, validations."""

import sqlalchemy as sa
from alembic import op

from portal.shared import ddl

revision = "025"
down_revision = "024"
branch_labels = None
depends_on = None


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "grille_modele",
        sa.Column("departement_code", sa.String(length=3), nullable=True),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("libelle", sa.String(length=200), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("statut", _enum("statutversion", "brouillon", "publiee"), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("empreinte", sa.String(length=64), nullable=False),
        sa.Column("publiee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publiee_par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_grille_modele_departement_code")
        ),
        sa.ForeignKeyConstraint(["base_id"], ["grille_modele.id"], name=op.f("fk_grille_modele_base_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grille_modele")),
        sa.UniqueConstraint(
            "departement_code", "numero", name=op.f("uq_grille_modele_departement_code_numero")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_grille_modele_ref")),
    )
    op.create_index(op.f("ix_grille_modele_base_id"), "grille_modele", ["base_id"], unique=False)
    for name, column, where in (
        ("uq_grille_modele_nationale", "numero", "departement_code IS NULL"),
        ("uq_grille_modele_brouillon", "departement_code", "statut = 'brouillon'"),
    ):
        op.create_index(
            name,
            "grille_modele",
            [column],
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_table(
        "grille_item",
        sa.Column("modele_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=1), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("libelle", sa.String(length=160), nullable=False),
        sa.Column("aide", sa.String(length=500), nullable=False),
        sa.Column("champs", sa.JSON(), nullable=False),
        sa.Column("posee", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.Boolean(), nullable=False),
        sa.Column("motif", sa.String(length=500), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modifie_par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["modele_id"], ["grille_modele.id"], name=op.f("fk_grille_item_modele_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grille_item")),
        sa.UniqueConstraint("modele_id", "code", name=op.f("uq_grille_item_modele_id_code")),
        sa.UniqueConstraint(
            "modele_id", "section", "rang", name=op.f("uq_grille_item_modele_id_section_rang")
        ),
    )
    op.create_table(
        "grille_validation",
        sa.Column("modele_id", sa.Integer(), nullable=False),
        sa.Column("partie", _enum("partie", "operateur", "siao", "etat"), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["modele_id"],
            ["grille_modele.id"],
            name=op.f("fk_grille_validation_modele_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_grille_validation_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grille_validation")),
        sa.UniqueConstraint(
            "modele_id", "organisation_id", name=op.f("uq_grille_validation_modele_id_organisation_id")
        ),
    )
    op.create_index(
        op.f("ix_grille_validation_organisation_id"), "grille_validation", ["organisation_id"], unique=False
    )
    ddl.install(op.get_bind())


def downgrade() -> None:
    op.drop_table("grille_validation")
    op.drop_table("grille_item")
    op.drop_table("grille_modele")
    if op.get_bind().dialect.name == "postgresql":
        for name in ("grille_item_fige", "grille_modele_fige"):
            op.execute(f"DROP FUNCTION IF EXISTS {name}()")
