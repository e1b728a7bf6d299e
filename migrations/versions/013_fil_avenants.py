"""The thread and the history of each clause of an avenant, as the clauses of conventions have."""

import sqlalchemy as sa
from alembic import op

revision = "013"
down_revision = "011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "avenant_clause_commentaire",
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
            ["avenant_clause.id"],
            name=op.f("fk_avenant_clause_commentaire_clause_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"], ["personne.id"], name=op.f("fk_avenant_clause_commentaire_personne_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avenant_clause_commentaire")),
        sa.UniqueConstraint("idempotence", name=op.f("uq_avenant_clause_commentaire_idempotence")),
        sa.UniqueConstraint("ref", name=op.f("uq_avenant_clause_commentaire_ref")),
    )
    op.create_index(
        "ix_avenant_clause_commentaire_clause_id",
        "avenant_clause_commentaire",
        ["clause_id", "id"],
        unique=False,
    )
    op.create_table(
        "avenant_clause_fait",
        sa.Column("clause_id", sa.Integer(), nullable=False),
        sa.Column("avenant_id", sa.Integer(), nullable=False),
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
            ["avenant_id"],
            ["avenant.id"],
            name=op.f("fk_avenant_clause_fait_avenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clause_id"],
            ["avenant_clause.id"],
            name=op.f("fk_avenant_clause_fait_clause_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avenant_clause_fait")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_avenant_clause_fait_clause_id", "avenant_clause_fait", ["clause_id", "id"], unique=False
    )
    op.create_index(
        "ix_avenant_clause_fait_avenant_id", "avenant_clause_fait", ["avenant_id", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_avenant_clause_fait_avenant_id", table_name="avenant_clause_fait")
    op.drop_index("ix_avenant_clause_fait_clause_id", table_name="avenant_clause_fait")
    op.drop_table("avenant_clause_fait")
    op.drop_index("ix_avenant_clause_commentaire_clause_id", table_name="avenant_clause_commentaire")
    op.drop_table("avenant_clause_commentaire")
