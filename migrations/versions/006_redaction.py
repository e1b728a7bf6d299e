"""The text of a convention: clauses, values, positions of the parties, comments, history, commitments."""

import sqlalchemy as sa
from alembic import op

revision = "006"
down_revision = "004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "convention_texte",
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column("version_departementale_id", sa.Integer(), nullable=False),
        sa.Column(
            "gabarit",
            sa.Enum(
                "general", "simplifie", name="gabarit", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("faits", sa.JSON(), nullable=False),
        sa.Column("natures_differees", sa.JSON(), nullable=False),
        sa.Column("avenant_motif", sa.String(length=500), nullable=False),
        sa.Column("avenant_prevu_le", sa.Date(), nullable=True),
        sa.Column("participants", sa.Text(), nullable=False),
        sa.Column("preparation", sa.Text(), nullable=False),
        sa.Column("ouvert_par", sa.String(length=160), nullable=False),
        sa.Column("fige_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("empreinte", sa.String(length=64), nullable=False),
        sa.Column("contenu_fige", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["convention_id"],
            ["convention.id"],
            name=op.f("fk_convention_texte_convention_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_departementale_id"],
            ["version_departementale.id"],
            name=op.f("fk_convention_texte_version_departementale_id"),
        ),
        sa.PrimaryKeyConstraint("convention_id", name=op.f("pk_convention_texte")),
    )
    op.create_index(
        op.f("ix_convention_texte_version_departementale_id"),
        "convention_texte",
        ["version_departementale_id"],
        unique=False,
    )
    op.create_table(
        "convention_clause",
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("retenue", sa.Boolean(), nullable=False),
        sa.Column("attention", sa.Boolean(), nullable=False),
        sa.Column("texte", sa.Text(), nullable=True),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["convention_id"],
            ["convention_texte.convention_id"],
            name=op.f("fk_convention_clause_convention_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention_clause")),
        sa.UniqueConstraint("convention_id", "code", name=op.f("uq_convention_clause_convention_id_code")),
    )
    op.create_index(
        "ix_convention_clause_retenue", "convention_clause", ["convention_id", "retenue"], unique=False
    )
    op.create_table(
        "convention_engagement",
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column("clause_code", sa.String(length=40), nullable=False),
        sa.Column(
            "acte",
            sa.Enum(
                "cpom",
                "financement",
                "apl",
                "autre",
                name="acte",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=300), nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=160), nullable=False),
        sa.Column("idempotence", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["convention_id"],
            ["convention_texte.convention_id"],
            name=op.f("fk_convention_engagement_convention_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention_engagement")),
        sa.UniqueConstraint("idempotence", name=op.f("uq_convention_engagement_idempotence")),
        sa.UniqueConstraint("ref", name=op.f("uq_convention_engagement_ref")),
    )
    op.create_index(
        "ix_convention_engagement_convention_id",
        "convention_engagement",
        ["convention_id", "clause_code"],
        unique=False,
    )
    op.create_table(
        "convention_clause_commentaire",
        sa.Column("clause_id", sa.Integer(), nullable=False),
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
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("auteur", sa.String(length=160), nullable=False),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolu_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolu_par", sa.String(length=160), nullable=False),
        sa.Column("idempotence", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clause_id"],
            ["convention_clause.id"],
            name=op.f("fk_convention_clause_commentaire_clause_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"], ["personne.id"], name=op.f("fk_convention_clause_commentaire_personne_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention_clause_commentaire")),
        sa.UniqueConstraint("idempotence", name=op.f("uq_convention_clause_commentaire_idempotence")),
        sa.UniqueConstraint("ref", name=op.f("uq_convention_clause_commentaire_ref")),
    )
    op.create_index(
        "ix_convention_clause_commentaire_clause_id",
        "convention_clause_commentaire",
        ["clause_id", "id"],
        unique=False,
    )
    op.create_table(
        "convention_clause_fait",
        sa.Column("clause_id", sa.Integer(), nullable=False),
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("par", sa.String(length=160), nullable=False),
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
        sa.Column(
            "genre",
            sa.Enum(
                "ouverture",
                "texte",
                "valeur",
                "position",
                "commentaire",
                "resolution",
                "retrait",
                "retour",
                name="genrefait",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parametre_code", sa.String(length=60), nullable=False),
        sa.Column("avant", sa.Text(), nullable=False),
        sa.Column("apres", sa.Text(), nullable=False),
        sa.Column("motif", sa.String(length=1000), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clause_id"],
            ["convention_clause.id"],
            name=op.f("fk_convention_clause_fait_clause_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["convention_id"],
            ["convention_texte.convention_id"],
            name=op.f("fk_convention_clause_fait_convention_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention_clause_fait")),
    )
    op.create_index(
        "ix_convention_clause_fait_clause_id", "convention_clause_fait", ["clause_id", "id"], unique=False
    )
    op.create_index(
        "ix_convention_clause_fait_convention_id",
        "convention_clause_fait",
        ["convention_id", "numero"],
        unique=False,
    )
    op.create_table(
        "convention_clause_position",
        sa.Column("clause_id", sa.Integer(), nullable=False),
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
            "position",
            sa.Enum(
                "a_examiner",
                "proposee",
                "acceptee",
                "reserve",
                "refusee",
                name="position",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("motif", sa.String(length=1000), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["clause_id"],
            ["convention_clause.id"],
            name=op.f("fk_convention_clause_position_clause_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clause_id", "partie", name=op.f("pk_convention_clause_position")),
    )
    op.create_table(
        "convention_clause_valeur",
        sa.Column("clause_id", sa.Integer(), nullable=False),
        sa.Column("parametre_code", sa.String(length=60), nullable=False),
        sa.Column("valeur", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clause_id"],
            ["convention_clause.id"],
            name=op.f("fk_convention_clause_valeur_clause_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clause_id", "parametre_code", name=op.f("pk_convention_clause_valeur")),
    )


def downgrade() -> None:
    op.drop_table("convention_clause_valeur")
    op.drop_table("convention_clause_position")
    op.drop_index("ix_convention_clause_fait_convention_id", table_name="convention_clause_fait")
    op.drop_index("ix_convention_clause_fait_clause_id", table_name="convention_clause_fait")
    op.drop_table("convention_clause_fait")
    op.drop_index("ix_convention_clause_commentaire_clause_id", table_name="convention_clause_commentaire")
    op.drop_table("convention_clause_commentaire")
    op.drop_index("ix_convention_engagement_convention_id", table_name="convention_engagement")
    op.drop_table("convention_engagement")
    op.drop_index("ix_convention_clause_retenue", table_name="convention_clause")
    op.drop_table("convention_clause")
    op.drop_index(op.f("ix_convention_texte_version_departementale_id"), table_name="convention_texte")
    op.drop_table("convention_texte")
