"""Dossiers of the commissions: opinions, guests, decisions, prescriptions, appeals, minutes."""

import sqlalchemy as sa
from alembic import op

from portal.shared import ddl

revision = "033"
down_revision = "032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seance_invite",
        sa.Column("seance_id", sa.Integer(), nullable=False),
        sa.Column("nom", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("organisme", sa.String(length=200), nullable=False),
        sa.Column("jeton_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("code_expire_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("essais", sa.SmallInteger(), nullable=False),
        sa.Column("lecture_hash", sa.String(length=64), nullable=False),
        sa.Column("lecture_expire_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("texte_accepte_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invite_par", sa.String(length=200), nullable=False),
        sa.Column("revoque_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seance_id"], ["seance.id"], name=op.f("fk_seance_invite_seance_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seance_invite")),
        sa.UniqueConstraint("jeton_hash", name=op.f("uq_seance_invite_jeton_hash")),
        sa.UniqueConstraint("ref", name=op.f("uq_seance_invite_ref")),
    )
    op.create_index(op.f("ix_seance_invite_seance_id"), "seance_invite", ["seance_id"], unique=False)
    op.create_table(
        "seance_releve",
        sa.Column("seance_id", sa.Integer(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "brouillon",
                "relecture",
                "approuve",
                "envoye",
                name="statutreleve",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("contenu", sa.Text(), nullable=False),
        sa.Column("relire_avant", sa.Date(), nullable=True),
        sa.Column("envoye_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("complet_id", sa.Integer(), nullable=True),
        sa.Column("anonyme_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["anonyme_id"], ["fichier.id"], name=op.f("fk_seance_releve_anonyme_id")),
        sa.ForeignKeyConstraint(["complet_id"], ["fichier.id"], name=op.f("fk_seance_releve_complet_id")),
        sa.ForeignKeyConstraint(
            ["seance_id"], ["seance.id"], name=op.f("fk_seance_releve_seance_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seance_releve")),
        sa.UniqueConstraint("ref", name=op.f("uq_seance_releve_ref")),
        sa.UniqueConstraint("seance_id", name=op.f("uq_seance_releve_seance_id")),
    )
    op.create_index(op.f("ix_seance_releve_anonyme_id"), "seance_releve", ["anonyme_id"], unique=False)
    op.create_index(op.f("ix_seance_releve_complet_id"), "seance_releve", ["complet_id"], unique=False)
    op.create_table(
        "dossier",
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("commission_id", sa.Integer(), nullable=False),
        sa.Column("menage_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("prescripteur_id", sa.Integer(), nullable=False),
        sa.Column("autorisation_id", sa.Integer(), nullable=True),
        sa.Column("grille_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "brouillon",
                "depose",
                "incomplet",
                "recevable",
                "inscrit",
                "en_seance",
                "decide",
                "notifie",
                "recours",
                "clos",
                "radie",
                name="statutdossier",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("motif_demande", sa.String(length=40), nullable=False),
        sa.Column("presentation", sa.Text(), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.Column("depose_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("manques", sa.Text(), nullable=False),
        sa.Column("complement_avant", sa.Date(), nullable=True),
        sa.Column("seance_id", sa.Integer(), nullable=True),
        sa.Column("rang", sa.SmallInteger(), nullable=True),
        sa.Column("ajournements", sa.SmallInteger(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("menage_present", sa.Boolean(), nullable=False),
        sa.Column("clos_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "statut <> 'incomplet' OR complement_avant IS NOT NULL", name=op.f("ck_dossier_complement")
        ),
        sa.CheckConstraint(
            "statut NOT IN ('inscrit', 'en_seance') OR seance_id IS NOT NULL", name=op.f("ck_dossier_seance")
        ),
        sa.ForeignKeyConstraint(
            ["autorisation_id"],
            ["autorisation.id"],
            name=op.f("fk_dossier_autorisation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["commission_id"], ["commission.id"], name=op.f("fk_dossier_commission_id")),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_dossier_departement_code")
        ),
        sa.ForeignKeyConstraint(
            ["grille_id"], ["grille_acces.id"], name=op.f("fk_dossier_grille_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["menage_id"], ["menage.id"], name=op.f("fk_dossier_menage_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_dossier_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["prescripteur_id"], ["personne.id"], name=op.f("fk_dossier_prescripteur_id")
        ),
        sa.ForeignKeyConstraint(["seance_id"], ["seance.id"], name=op.f("fk_dossier_seance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier")),
        sa.UniqueConstraint("code", name=op.f("uq_dossier_code")),
        sa.UniqueConstraint("ref", name=op.f("uq_dossier_ref")),
    )
    op.create_index(op.f("ix_dossier_autorisation_id"), "dossier", ["autorisation_id"], unique=False)
    op.create_index("ix_dossier_commission_id", "dossier", ["commission_id", "statut", "id"], unique=False)
    op.create_index(op.f("ix_dossier_departement_code"), "dossier", ["departement_code"], unique=False)
    op.create_index(op.f("ix_dossier_grille_id"), "dossier", ["grille_id"], unique=False)
    op.create_index(op.f("ix_dossier_menage_id"), "dossier", ["menage_id"], unique=False)
    op.create_index(op.f("ix_dossier_organisation_id"), "dossier", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_dossier_prescripteur_id"), "dossier", ["prescripteur_id"], unique=False)
    op.create_index(
        "uq_dossier_rang",
        "dossier",
        ["seance_id", "rang"],
        unique=True,
        sqlite_where=sa.text("seance_id IS NOT NULL AND rang IS NOT NULL"),
        postgresql_where=sa.text("seance_id IS NOT NULL AND rang IS NOT NULL"),
    )
    op.create_table(
        "seance_releve_approbation",
        sa.Column("releve_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("par", sa.String(length=200), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_seance_releve_approbation_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["releve_id"],
            ["seance_releve.id"],
            name=op.f("fk_seance_releve_approbation_releve_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seance_releve_approbation")),
        sa.UniqueConstraint(
            "releve_id",
            "organisation_id",
            name=op.f("uq_seance_releve_approbation_releve_id_organisation_id"),
        ),
    )
    op.create_index(
        op.f("ix_seance_releve_approbation_organisation_id"),
        "seance_releve_approbation",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "seance_releve_commentaire",
        sa.Column("releve_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("par", sa.String(length=200), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("traite_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_seance_releve_commentaire_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["releve_id"],
            ["seance_releve.id"],
            name=op.f("fk_seance_releve_commentaire_releve_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seance_releve_commentaire")),
        sa.UniqueConstraint("ref", name=op.f("uq_seance_releve_commentaire_ref")),
    )
    op.create_index(
        op.f("ix_seance_releve_commentaire_organisation_id"),
        "seance_releve_commentaire",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_seance_releve_commentaire_releve_id"),
        "seance_releve_commentaire",
        ["releve_id"],
        unique=False,
    )
    op.create_table(
        "decision",
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("seance_id", sa.Integer(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "redigee",
                "prise",
                "a_confirmer",
                "confirmee",
                "infirmee",
                name="statutdecision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("motif", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("expression", sa.Text(), nullable=False),
        sa.Column("votes", sa.Text(), nullable=False),
        sa.Column("ecrite", sa.Boolean(), nullable=False),
        sa.Column("prise_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("prise_par", sa.String(length=200), nullable=False),
        sa.Column("repondre_avant", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notifiee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "statut = 'redigee' OR (code <> '' AND prise_le IS NOT NULL)", name=op.f("ck_decision_prise")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_decision_dossier_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["seance_id"], ["seance.id"], name=op.f("fk_decision_seance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint(
            "dossier_id", "seance_id", "ecrite", name=op.f("uq_decision_dossier_id_seance_id_ecrite")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_decision_ref")),
    )
    op.create_index(op.f("ix_decision_seance_id"), "decision", ["seance_id"], unique=False)
    op.create_table(
        "dossier_avis",
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("seance_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "sens",
            sa.Enum(
                "favorable",
                "reserve",
                "defavorable",
                "sans_avis",
                name="sensavis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("motif", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=200), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_avis_dossier_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_dossier_avis_organisation_id")
        ),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_dossier_avis_personne_id")),
        sa.ForeignKeyConstraint(["seance_id"], ["seance.id"], name=op.f("fk_dossier_avis_seance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_avis")),
        sa.UniqueConstraint(
            "dossier_id",
            "seance_id",
            "organisation_id",
            name=op.f("uq_dossier_avis_dossier_id_seance_id_organisation_id"),
        ),
    )
    op.create_index(
        op.f("ix_dossier_avis_organisation_id"), "dossier_avis", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_dossier_avis_personne_id"), "dossier_avis", ["personne_id"], unique=False)
    op.create_index(op.f("ix_dossier_avis_seance_id"), "dossier_avis", ["seance_id"], unique=False)
    op.create_table(
        "dossier_note",
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column(
            "marque",
            sa.Enum(
                "a_relire",
                "question",
                "vu",
                name="marque",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_note_dossier_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_dossier_note_personne_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_note")),
        sa.UniqueConstraint("dossier_id", "personne_id", name=op.f("uq_dossier_note_dossier_id_personne_id")),
    )
    op.create_index(op.f("ix_dossier_note_personne_id"), "dossier_note", ["personne_id"], unique=False)
    op.create_table(
        "seance_conduite",
        sa.Column("seance_id", sa.Integer(), nullable=False),
        sa.Column("etat", sa.Integer(), nullable=False),
        sa.Column("marques", sa.JSON(), nullable=False),
        sa.Column("fige_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("papiers", sa.JSON(), nullable=False),
        sa.Column("avis_relances_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ouverte_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_seance_conduite_dossier_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["seance_id"], ["seance.id"], name=op.f("fk_seance_conduite_seance_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seance_conduite")),
        sa.UniqueConstraint("seance_id", name=op.f("uq_seance_conduite_seance_id")),
    )
    op.create_index(op.f("ix_seance_conduite_dossier_id"), "seance_conduite", ["dossier_id"], unique=False)
    op.create_table(
        "seance_invite_dossier",
        sa.Column("invite_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"],
            ["dossier.id"],
            name=op.f("fk_seance_invite_dossier_dossier_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["invite_id"],
            ["seance_invite.id"],
            name=op.f("fk_seance_invite_dossier_invite_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seance_invite_dossier")),
        sa.UniqueConstraint(
            "invite_id", "dossier_id", name=op.f("uq_seance_invite_dossier_invite_id_dossier_id")
        ),
    )
    op.create_index(
        op.f("ix_seance_invite_dossier_dossier_id"), "seance_invite_dossier", ["dossier_id"], unique=False
    )
    op.create_table(
        "seance_passage",
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("seance_id", sa.Integer(), nullable=False),
        sa.Column("rang", sa.SmallInteger(), nullable=False),
        sa.Column("inscrit_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issue", sa.String(length=40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_seance_passage_dossier_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["seance_id"], ["seance.id"], name=op.f("fk_seance_passage_seance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seance_passage")),
        sa.UniqueConstraint("dossier_id", "seance_id", name=op.f("uq_seance_passage_dossier_id_seance_id")),
    )
    op.create_index(op.f("ix_seance_passage_seance_id"), "seance_passage", ["seance_id"], unique=False)
    op.create_table(
        "decision_prescription",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("porteur_id", sa.Integer(), nullable=True),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("echeance", sa.Date(), nullable=True),
        sa.Column(
            "statut",
            sa.Enum(
                "a_faire",
                "fait",
                "refuse",
                "sans_nouvelles",
                "annule",
                name="statutprescription",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("statut_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statut_par", sa.String(length=200), nullable=False),
        sa.Column("rappele_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decision.id"],
            name=op.f("fk_decision_prescription_decision_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["porteur_id"], ["organisation.id"], name=op.f("fk_decision_prescription_porteur_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_prescription")),
        sa.UniqueConstraint("ref", name=op.f("uq_decision_prescription_ref")),
    )
    op.create_index(
        op.f("ix_decision_prescription_decision_id"), "decision_prescription", ["decision_id"], unique=False
    )
    op.create_index(
        "ix_decision_prescription_porteur_id",
        "decision_prescription",
        ["porteur_id", "statut", "echeance"],
        unique=False,
    )
    op.create_table(
        "decision_recours",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("forme_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forme_par", sa.String(length=200), nullable=False),
        sa.Column("motif", sa.Text(), nullable=False),
        sa.Column("elements", sa.Text(), nullable=False),
        sa.Column("seance_id", sa.Integer(), nullable=True),
        sa.Column(
            "issue",
            sa.Enum(
                "maintien",
                "revision",
                "renvoi",
                name="issuerecours",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reponse", sa.Text(), nullable=False),
        sa.Column("decide_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decide_par", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decision_recours_decision_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["seance_id"], ["seance.id"], name=op.f("fk_decision_recours_seance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_recours")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_decision_recours_decision_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_decision_recours_ref")),
    )
    op.create_index(op.f("ix_decision_recours_seance_id"), "decision_recours", ["seance_id"], unique=False)
    op.add_column(
        "commission", sa.Column("avis_apres_le_sien", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    ddl.install(op.get_bind())


def downgrade() -> None:
    for name in (
        "decision_recours",
        "decision_prescription",
        "seance_passage",
        "seance_invite_dossier",
        "seance_conduite",
        "dossier_note",
        "dossier_avis",
        "decision",
        "seance_releve_commentaire",
        "seance_releve_approbation",
        "dossier",
        "seance_releve",
        "seance_invite",
    ):
        op.drop_table(name)
    op.drop_column("commission", "avis_apres_le_sien")
