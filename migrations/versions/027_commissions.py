"""Commissions: how each is configured, who sits, their sessions and invitations; e-mails with a calendar."""

import sqlalchemy as sa
from alembic import op

revision = "027"
down_revision = "026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message_sortant", sa.Column("calendrier", sa.JSON(), nullable=True))
    op.create_table(
        "commission",
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("secretariat_id", sa.Integer(), nullable=False),
        sa.Column("prereglage_code", sa.String(length=30), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "en_preparation",
                "ouverte",
                "fermee",
                name="statutcommission",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("validee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("validee_par", sa.String(length=200), nullable=False),
        sa.Column("fermee_le", sa.Date(), nullable=True),
        sa.Column("nom", sa.String(length=120), nullable=False),
        sa.Column("tri", sa.String(length=160), nullable=False),
        sa.Column("finalite", sa.Text(), nullable=False),
        sa.Column("fondement", sa.String(length=300), nullable=False),
        sa.Column("territoire", sa.String(length=200), nullable=False),
        sa.Column(
            "rythme",
            sa.Enum(
                "a_la_demande",
                "semaines",
                "mois",
                name="rythme",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rythme_nombre", sa.SmallInteger(), nullable=False),
        sa.Column("convocation_jours", sa.SmallInteger(), nullable=False),
        sa.Column("ordre_du_jour_jours", sa.SmallInteger(), nullable=False),
        sa.Column("urgence_heures", sa.SmallInteger(), nullable=False),
        sa.Column("rappel_jours", sa.SmallInteger(), nullable=False),
        sa.Column("complement_jours", sa.SmallInteger(), nullable=False),
        sa.Column("capacite", sa.SmallInteger(), nullable=True),
        sa.Column(
            "regle",
            sa.Enum(
                "consensus",
                "vote",
                "pondere",
                name="regledecision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "voix_par",
            sa.Enum(
                "organisme", "college", name="voixpar", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("voix_preponderante", sa.Boolean(), nullable=False),
        sa.Column(
            "quorum",
            sa.Enum(
                "aucun",
                "chaque_college",
                "moitie",
                "presidence",
                name="quorum",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("decisions", sa.JSON(), nullable=False),
        sa.Column("prescriptions", sa.JSON(), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.Column(
            "prescripteur",
            sa.Enum(
                "non",
                "oui",
                "sur_invitation",
                name="presenceprescripteur",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "menage",
            sa.Enum(
                "non",
                "invite",
                "membre",
                name="presencemenage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recours", sa.Boolean(), nullable=False),
        sa.Column("recours_jours", sa.SmallInteger(), nullable=False),
        sa.Column(
            "dossiers",
            sa.Enum(
                "nominatifs",
                "anonymes",
                "aucun",
                name="dossiers",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "portee",
            sa.Enum("p1", "p2", name="portee", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "autorisation",
            sa.Enum(
                "presentation",
                "aucune",
                name="autorisation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "releve",
            sa.Enum(
                "deux_versions",
                "anonyme",
                name="releve",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("duree_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("heure", sa.Time(), nullable=True),
        sa.Column("lieu", sa.String(length=200), nullable=False),
        sa.Column("visio", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "dossiers <> 'nominatifs' OR autorisation = 'presentation'", name=op.f("ck_commission_accord")
        ),
        sa.CheckConstraint(
            "capacite IS NULL OR capacite BETWEEN 1 AND 500", name=op.f("ck_commission_capacite")
        ),
        sa.CheckConstraint(
            "convocation_jours BETWEEN 0 AND 60 AND ordre_du_jour_jours BETWEEN 0 AND 60 AND urgence_heures BETWEEN 1 AND 240 AND rappel_jours BETWEEN 0 AND 30 AND complement_jours BETWEEN 1 AND 120 AND recours_jours BETWEEN 1 AND 365 AND duree_minutes BETWEEN 15 AND 720",
            name=op.f("ck_commission_delais"),
        ),
        sa.CheckConstraint("rythme_nombre BETWEEN 1 AND 24", name=op.f("ck_commission_rythme_nombre")),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_commission_departement_code")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_commission_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["secretariat_id"], ["organisation.id"], name=op.f("fk_commission_secretariat_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission")),
        sa.UniqueConstraint("ref", name=op.f("uq_commission_ref")),
    )
    op.create_index(
        "ix_commission_departement_code", "commission", ["departement_code", "tri", "id"], unique=False
    )
    op.create_index(op.f("ix_commission_organisation_id"), "commission", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_commission_secretariat_id"), "commission", ["secretariat_id"], unique=False)
    op.create_index(
        "uq_commission_nom",
        "commission",
        ["departement_code", "tri"],
        unique=True,
        sqlite_where=sa.text("fermee_le IS NULL"),
        postgresql_where=sa.text("fermee_le IS NULL"),
    )
    op.create_table(
        "commission_college",
        sa.Column("commission_id", sa.Integer(), nullable=False),
        sa.Column("nom", sa.String(length=120), nullable=False),
        sa.Column("tri", sa.String(length=160), nullable=False),
        sa.Column("rang", sa.SmallInteger(), nullable=False),
        sa.Column(
            "voix",
            sa.Enum(
                "deliberative",
                "consultative",
                name="voix",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("poids", sa.SmallInteger(), nullable=False),
        sa.Column("sieges", sa.SmallInteger(), nullable=True),
        sa.Column("suppleants", sa.Boolean(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.CheckConstraint("poids BETWEEN 0 AND 100", name=op.f("ck_commission_college_poids")),
        sa.CheckConstraint(
            "sieges IS NULL OR sieges BETWEEN 1 AND 200", name=op.f("ck_commission_college_sieges")
        ),
        sa.ForeignKeyConstraint(
            ["commission_id"],
            ["commission.id"],
            name=op.f("fk_commission_college_commission_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_college")),
        sa.UniqueConstraint("commission_id", "tri", name=op.f("uq_commission_college_commission_id_tri")),
        sa.UniqueConstraint("ref", name=op.f("uq_commission_college_ref")),
    )
    op.create_table(
        "commission_texte",
        sa.Column("commission_id", sa.Integer(), nullable=False),
        sa.Column(
            "genre",
            sa.Enum(
                "reglement",
                "confidentialite",
                name="genretexte",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("numero", sa.SmallInteger(), nullable=False),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("publie_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publie_par", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["commission_id"],
            ["commission.id"],
            name=op.f("fk_commission_texte_commission_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_texte")),
        sa.UniqueConstraint(
            "commission_id", "genre", "numero", name=op.f("uq_commission_texte_commission_id_genre_numero")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_commission_texte_ref")),
    )
    op.create_table(
        "seance",
        sa.Column("commission_id", sa.Integer(), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "prevue",
                "convoquee",
                "annulee",
                name="statutseance",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("debut", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fin", sa.DateTime(timezone=True), nullable=False),
        sa.Column("urgente", sa.Boolean(), nullable=False),
        sa.Column("lieu", sa.String(length=200), nullable=False),
        sa.Column("visio", sa.String(length=300), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("convoquee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rappelee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hors_delai", sa.String(length=300), nullable=False),
        sa.Column("motif_annulation", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("fin > debut", name=op.f("ck_seance_periode")),
        sa.ForeignKeyConstraint(["commission_id"], ["commission.id"], name=op.f("fk_seance_commission_id")),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_seance_departement_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seance")),
        sa.UniqueConstraint("ref", name=op.f("uq_seance_ref")),
    )
    op.create_index("ix_seance_commission_id", "seance", ["commission_id", "debut"], unique=False)
    op.create_index("ix_seance_departement_code", "seance", ["departement_code", "debut"], unique=False)
    op.create_table(
        "commission_acceptation",
        sa.Column("texte_id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_commission_acceptation_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"], ["personne.id"], name=op.f("fk_commission_acceptation_personne_id")
        ),
        sa.ForeignKeyConstraint(
            ["texte_id"],
            ["commission_texte.id"],
            name=op.f("fk_commission_acceptation_texte_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_acceptation")),
        sa.UniqueConstraint(
            "texte_id", "personne_id", name=op.f("uq_commission_acceptation_texte_id_personne_id")
        ),
    )
    op.create_index(
        op.f("ix_commission_acceptation_personne_id"), "commission_acceptation", ["personne_id"], unique=False
    )
    op.create_table(
        "commission_siege",
        sa.Column("commission_id", sa.Integer(), nullable=False),
        sa.Column("college_id", sa.Integer(), nullable=True),
        sa.Column("referent_id", sa.Integer(), nullable=False),
        sa.Column(
            "qualite",
            sa.Enum(
                "presidence",
                "secretariat",
                "membre",
                "invite",
                name="qualite",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("au", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "qualite <> 'membre' OR college_id IS NOT NULL", name=op.f("ck_commission_siege_college")
        ),
        sa.CheckConstraint("au IS NULL OR au >= du", name=op.f("ck_commission_siege_periode")),
        sa.ForeignKeyConstraint(
            ["college_id"], ["commission_college.id"], name=op.f("fk_commission_siege_college_id")
        ),
        sa.ForeignKeyConstraint(
            ["commission_id"],
            ["commission.id"],
            name=op.f("fk_commission_siege_commission_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["referent_id"], ["referent.id"], name=op.f("fk_commission_siege_referent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_siege")),
        sa.UniqueConstraint("ref", name=op.f("uq_commission_siege_ref")),
    )
    op.create_index("ix_commission_siege_college_id", "commission_siege", ["college_id"], unique=False)
    op.create_index("ix_commission_siege_referent_id", "commission_siege", ["referent_id"], unique=False)
    op.create_index(
        "uq_commission_siege_ouvert",
        "commission_siege",
        ["commission_id", "referent_id"],
        unique=True,
        sqlite_where=sa.text("au IS NULL"),
        postgresql_where=sa.text("au IS NULL"),
    )
    op.create_table(
        "seance_invitation",
        sa.Column("seance_id", sa.Integer(), nullable=False),
        sa.Column("referent_id", sa.Integer(), nullable=False),
        sa.Column("college_id", sa.Integer(), nullable=True),
        sa.Column(
            "qualite",
            sa.Enum(
                "presidence",
                "secretariat",
                "membre",
                "invite",
                name="qualite",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("nom", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column(
            "statut",
            sa.Enum(
                "envoyee",
                "vue",
                "acceptee",
                "declinee",
                "suppleant",
                name="reponse",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("remplacant", sa.String(length=160), nullable=False),
        sa.Column("mot", sa.String(length=300), nullable=False),
        sa.Column("repondu_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repondu_par", sa.String(length=200), nullable=False),
        sa.Column(
            "canal",
            sa.Enum(
                "lien",
                "portail",
                "secretariat",
                name="canal",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("ecrit_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("relances", sa.SmallInteger(), nullable=False),
        sa.Column(
            "presence",
            sa.Enum(
                "presente", "absente", name="presence", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["college_id"], ["commission_college.id"], name=op.f("fk_seance_invitation_college_id")
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"], ["personne.id"], name=op.f("fk_seance_invitation_personne_id")
        ),
        sa.ForeignKeyConstraint(
            ["referent_id"], ["referent.id"], name=op.f("fk_seance_invitation_referent_id")
        ),
        sa.ForeignKeyConstraint(
            ["seance_id"], ["seance.id"], name=op.f("fk_seance_invitation_seance_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seance_invitation")),
        sa.UniqueConstraint("ref", name=op.f("uq_seance_invitation_ref")),
        sa.UniqueConstraint(
            "seance_id", "referent_id", name=op.f("uq_seance_invitation_seance_id_referent_id")
        ),
    )
    op.create_index("ix_seance_invitation_personne_id", "seance_invitation", ["personne_id"], unique=False)
    op.create_index("ix_seance_invitation_referent_id", "seance_invitation", ["referent_id"], unique=False)
    op.create_table(
        "seance_invitation_jeton",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("jeton_hash", sa.String(length=64), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["seance_invitation.id"],
            name=op.f("fk_seance_invitation_jeton_invitation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seance_invitation_jeton")),
        sa.UniqueConstraint("jeton_hash", name=op.f("uq_seance_invitation_jeton_jeton_hash")),
    )
    op.create_index(
        op.f("ix_seance_invitation_jeton_invitation_id"),
        "seance_invitation_jeton",
        ["invitation_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_seance_invitation_jeton_invitation_id"), table_name="seance_invitation_jeton")
    op.drop_table("seance_invitation_jeton")
    op.drop_index("ix_seance_invitation_referent_id", table_name="seance_invitation")
    op.drop_index("ix_seance_invitation_personne_id", table_name="seance_invitation")
    op.drop_table("seance_invitation")
    op.drop_index(
        "uq_commission_siege_ouvert",
        table_name="commission_siege",
        sqlite_where=sa.text("au IS NULL"),
        postgresql_where=sa.text("au IS NULL"),
    )
    op.drop_index("ix_commission_siege_referent_id", table_name="commission_siege")
    op.drop_index("ix_commission_siege_college_id", table_name="commission_siege")
    op.drop_table("commission_siege")
    op.drop_index(op.f("ix_commission_acceptation_personne_id"), table_name="commission_acceptation")
    op.drop_table("commission_acceptation")
    op.drop_index("ix_seance_departement_code", table_name="seance")
    op.drop_index("ix_seance_commission_id", table_name="seance")
    op.drop_table("seance")
    op.drop_table("commission_texte")
    op.drop_table("commission_college")
    op.drop_index(
        "uq_commission_nom",
        table_name="commission",
        sqlite_where=sa.text("fermee_le IS NULL"),
        postgresql_where=sa.text("fermee_le IS NULL"),
    )
    op.drop_index(op.f("ix_commission_secretariat_id"), table_name="commission")
    op.drop_index(op.f("ix_commission_organisation_id"), table_name="commission")
    op.drop_index("ix_commission_departement_code", table_name="commission")
    op.drop_table("commission")
    with op.batch_alter_table("message_sortant") as batch:
        batch.drop_column("calendrier")
