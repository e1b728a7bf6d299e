"""Directory: links by which people confirm their entries, reminders sent, errors reported by readers."""

import sqlalchemy as sa
from alembic import op

revision = "022"
down_revision = "021"
branch_labels = None
depends_on = None


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "annuaire_lien",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("jeton_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("usages", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annuaire_lien")),
        sa.UniqueConstraint("jeton_hash", name=op.f("uq_annuaire_lien_jeton_hash")),
    )
    op.create_index(op.f("ix_annuaire_lien_email"), "annuaire_lien", ["email"], unique=False)
    op.create_table(
        "annuaire_relance",
        sa.Column("referent_id", sa.Integer(), nullable=False),
        sa.Column(
            "palier", _choice("palier", "courriel", "rappel", "organisation", "manuel"), nullable=False
        ),
        sa.Column("depuis", sa.Date(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referent_id"],
            ["referent.id"],
            name=op.f("fk_annuaire_relance_referent_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annuaire_relance")),
        sa.UniqueConstraint(
            "referent_id",
            "depuis",
            "palier",
            "email",
            name=op.f("uq_annuaire_relance_referent_id_depuis_palier_email"),
        ),
    )
    op.create_index(op.f("ix_annuaire_relance_email"), "annuaire_relance", ["email"], unique=False)
    op.create_index(op.f("ix_annuaire_relance_message_id"), "annuaire_relance", ["message_id"], unique=False)
    op.create_table(
        "annuaire_signalement",
        sa.Column("referent_id", sa.Integer(), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column(
            "motif", _choice("motifsignalement", "numero_faux", "personne_partie", "autre"), nullable=False
        ),
        sa.Column("texte", sa.String(length=500), nullable=False),
        sa.Column(
            "statut",
            _choice("statutsignalement", "ouvert", "pris_en_compte", "corrige", "ecarte"),
            nullable=False,
        ),
        sa.Column("auteur_id", sa.Integer(), nullable=False),
        sa.Column("auteur_organisation", sa.String(length=200), nullable=False),
        sa.Column("suivi_par", sa.String(length=200), nullable=False),
        sa.Column("raison", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referent_id"],
            ["referent.id"],
            name=op.f("fk_annuaire_signalement_referent_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_annuaire_signalement_departement_code")
        ),
        sa.ForeignKeyConstraint(
            ["auteur_id"], ["personne.id"], name=op.f("fk_annuaire_signalement_auteur_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annuaire_signalement")),
        sa.UniqueConstraint("ref", name=op.f("uq_annuaire_signalement_ref")),
    )
    op.create_index(
        op.f("ix_annuaire_signalement_referent_id"), "annuaire_signalement", ["referent_id"], unique=False
    )
    op.create_index(
        "ix_annuaire_signalement_departement_code",
        "annuaire_signalement",
        ["departement_code", "statut", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_annuaire_signalement_auteur_id", "annuaire_signalement", ["auteur_id", "created_at"], unique=False
    )
    op.create_index(
        "uq_annuaire_signalement_ouvert",
        "annuaire_signalement",
        ["referent_id", "auteur_id"],
        unique=True,
        sqlite_where=sa.text("statut IN ('ouvert', 'pris_en_compte')"),
        postgresql_where=sa.text("statut IN ('ouvert', 'pris_en_compte')"),
    )


def downgrade() -> None:
    op.drop_table("annuaire_signalement")
    op.drop_table("annuaire_relance")
    op.drop_table("annuaire_lien")
