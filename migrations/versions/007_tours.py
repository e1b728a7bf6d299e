"""Collective rounds: the table, its meetings, the common base, the answers of each operator."""

import sqlalchemy as sa
from alembic import op

revision = "007"
down_revision = "006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tour",
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("siao_id", sa.Integer(), nullable=False),
        sa.Column("etat_id", sa.Integer(), nullable=False),
        sa.Column("nature_code", sa.String(length=20), nullable=False),
        sa.Column("version_departementale_id", sa.Integer(), nullable=False),
        sa.Column("intitule", sa.String(length=160), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "ouvert",
                "clos",
                "abandonne",
                name="statuttour",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("motif", sa.String(length=1000), nullable=False),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("ouvert_par", sa.String(length=160), nullable=False),
        sa.Column("clos_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clos_par", sa.String(length=160), nullable=False),
        sa.Column("socle_annonce_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idempotence", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_tour_departement_code")
        ),
        sa.ForeignKeyConstraint(["etat_id"], ["organisation.id"], name=op.f("fk_tour_etat_id")),
        sa.ForeignKeyConstraint(["nature_code"], ["nature.code"], name=op.f("fk_tour_nature_code")),
        sa.ForeignKeyConstraint(["siao_id"], ["organisation.id"], name=op.f("fk_tour_siao_id")),
        sa.ForeignKeyConstraint(
            ["version_departementale_id"],
            ["version_departementale.id"],
            name=op.f("fk_tour_version_departementale_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tour")),
        sa.UniqueConstraint("idempotence", name=op.f("uq_tour_idempotence")),
        sa.UniqueConstraint("ref", name=op.f("uq_tour_ref")),
    )
    op.create_index("ix_tour_departement_code", "tour", ["departement_code", "statut"], unique=False)
    op.create_index(op.f("ix_tour_etat_id"), "tour", ["etat_id"], unique=False)
    op.create_index(op.f("ix_tour_nature_code"), "tour", ["nature_code"], unique=False)
    op.create_index(op.f("ix_tour_siao_id"), "tour", ["siao_id"], unique=False)
    op.create_index(
        op.f("ix_tour_version_departementale_id"), "tour", ["version_departementale_id"], unique=False
    )
    op.create_index(
        "uq_tour_ouvert",
        "tour",
        ["siao_id", "nature_code"],
        unique=True,
        sqlite_where=sa.text("statut = 'ouvert'"),
        postgresql_where=sa.text("statut = 'ouvert'"),
    )
    op.create_table(
        "tour_clause",
        sa.Column("tour_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("attention", sa.Boolean(), nullable=False),
        sa.Column("texte", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "position_etat",
            sa.Enum(
                "a_examiner",
                "proposee",
                "acceptee",
                "reserve",
                "refusee",
                name="position_etat",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("etat_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("etat_par", sa.String(length=160), nullable=False),
        sa.Column(
            "position_siao",
            sa.Enum(
                "a_examiner",
                "proposee",
                "acceptee",
                "reserve",
                "refusee",
                name="position_siao",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("siao_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("siao_par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tour_id"], ["tour.id"], name=op.f("fk_tour_clause_tour_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tour_clause")),
        sa.UniqueConstraint("tour_id", "code", name=op.f("uq_tour_clause_tour_id_code")),
    )
    op.create_table(
        "tour_participant",
        sa.Column("tour_id", sa.Integer(), nullable=False),
        sa.Column("operateur_id", sa.Integer(), nullable=False),
        sa.Column("ajoute_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ajoute_par", sa.String(length=160), nullable=False),
        sa.Column("retire_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bilan", sa.JSON(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["operateur_id"], ["organisation.id"], name=op.f("fk_tour_participant_operateur_id")
        ),
        sa.ForeignKeyConstraint(
            ["tour_id"], ["tour.id"], name=op.f("fk_tour_participant_tour_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tour_participant")),
        sa.UniqueConstraint("ref", name=op.f("uq_tour_participant_ref")),
        sa.UniqueConstraint("tour_id", "operateur_id", name=op.f("uq_tour_participant_tour_id_operateur_id")),
    )
    op.create_index(
        op.f("ix_tour_participant_operateur_id"), "tour_participant", ["operateur_id"], unique=False
    )
    op.create_table(
        "tour_reunion",
        sa.Column("tour_id", sa.Integer(), nullable=False),
        sa.Column("le", sa.Date(), nullable=False),
        sa.Column("heure", sa.String(length=40), nullable=False),
        sa.Column("lieu", sa.String(length=200), nullable=False),
        sa.Column("ordre_du_jour", sa.Text(), nullable=False),
        sa.Column("participants", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("idempotence", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tour_id"], ["tour.id"], name=op.f("fk_tour_reunion_tour_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tour_reunion")),
        sa.UniqueConstraint("idempotence", name=op.f("uq_tour_reunion_idempotence")),
        sa.UniqueConstraint("ref", name=op.f("uq_tour_reunion_ref")),
    )
    op.create_index(op.f("ix_tour_reunion_tour_id"), "tour_reunion", ["tour_id"], unique=False)
    op.create_table(
        "tour_clause_valeur",
        sa.Column("clause_id", sa.Integer(), nullable=False),
        sa.Column("parametre_code", sa.String(length=60), nullable=False),
        sa.Column("valeur", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clause_id"],
            ["tour_clause.id"],
            name=op.f("fk_tour_clause_valeur_clause_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clause_id", "parametre_code", name=op.f("pk_tour_clause_valeur")),
    )
    op.create_table(
        "tour_reponse",
        sa.Column("clause_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column(
            "reponse",
            sa.Enum(
                "a_examiner",
                "a_revoir",
                "adoptee",
                "ecart",
                name="reponse",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("texte", sa.Text(), nullable=True),
        sa.Column("valeurs", sa.JSON(), nullable=False),
        sa.Column("motif", sa.String(length=1000), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=160), nullable=False),
        sa.Column(
            "position_etat",
            sa.Enum(
                "a_examiner",
                "proposee",
                "acceptee",
                "reserve",
                "refusee",
                name="position_etat",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("motif_etat", sa.String(length=1000), nullable=False),
        sa.Column("etat_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("etat_par", sa.String(length=160), nullable=False),
        sa.Column(
            "position_siao",
            sa.Enum(
                "a_examiner",
                "proposee",
                "acceptee",
                "reserve",
                "refusee",
                name="position_siao",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("motif_siao", sa.String(length=1000), nullable=False),
        sa.Column("siao_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("siao_par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clause_id"], ["tour_clause.id"], name=op.f("fk_tour_reponse_clause_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["tour_participant.id"],
            name=op.f("fk_tour_reponse_participant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tour_reponse")),
        sa.UniqueConstraint(
            "clause_id", "participant_id", name=op.f("uq_tour_reponse_clause_id_participant_id")
        ),
    )
    op.create_index("ix_tour_reponse_participant_id", "tour_reponse", ["participant_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_tour_reponse_participant_id", table_name="tour_reponse")
    op.drop_table("tour_reponse")
    op.drop_table("tour_clause_valeur")
    op.drop_index(op.f("ix_tour_reunion_tour_id"), table_name="tour_reunion")
    op.drop_table("tour_reunion")
    op.drop_index(op.f("ix_tour_participant_operateur_id"), table_name="tour_participant")
    op.drop_table("tour_participant")
    op.drop_table("tour_clause")
    op.drop_index(
        "uq_tour_ouvert",
        table_name="tour",
        sqlite_where=sa.text("statut = 'ouvert'"),
        postgresql_where=sa.text("statut = 'ouvert'"),
    )
    op.drop_index(op.f("ix_tour_version_departementale_id"), table_name="tour")
    op.drop_index(op.f("ix_tour_siao_id"), table_name="tour")
    op.drop_index(op.f("ix_tour_nature_code"), table_name="tour")
    op.drop_index(op.f("ix_tour_etat_id"), table_name="tour")
    op.drop_index("ix_tour_departement_code", table_name="tour")
    op.drop_table("tour")
