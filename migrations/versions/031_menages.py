"""Households, their grids, authorisations and transmissions, and the end of their data."""

import sqlalchemy as sa
from alembic import op

from portal.shared import ddl

revision = "031"
down_revision = "030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "menage_effacement",
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("motif", sa.String(length=40), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=200), nullable=False),
        sa.Column("comptes", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_menage_effacement_departement_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menage_effacement")),
        sa.UniqueConstraint("ref", name=op.f("uq_menage_effacement_ref")),
    )
    op.create_index(
        "ix_menage_effacement_departement_code", "menage_effacement", ["departement_code", "id"], unique=False
    )
    op.create_table(
        "menage",
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("referent_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("protege", sa.Boolean(), nullable=False),
        sa.Column("si_siao", sa.Text(), nullable=False),
        sa.Column("si_siao_cle", sa.String(length=64), nullable=True),
        sa.Column("numero_unique", sa.Text(), nullable=False),
        sa.Column("numero_unique_cle", sa.String(length=64), nullable=True),
        sa.Column("composition", sa.Text(), nullable=False),
        sa.Column("dernier_contact_le", sa.Date(), nullable=False),
        sa.Column("clos_le", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "NOT protege OR (numero_unique = '' AND numero_unique_cle IS NULL)",
            name=op.f("ck_menage_protege"),
        ),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_menage_departement_code")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_menage_organisation_id")
        ),
        sa.ForeignKeyConstraint(["referent_id"], ["personne.id"], name=op.f("fk_menage_referent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menage")),
        sa.UniqueConstraint("code", name=op.f("uq_menage_code")),
        sa.UniqueConstraint("ref", name=op.f("uq_menage_ref")),
    )
    op.create_index("ix_menage_departement_code", "menage", ["departement_code", "id"], unique=False)
    op.create_index("ix_menage_numero_unique_cle", "menage", ["numero_unique_cle"], unique=False)
    op.create_index(
        "ix_menage_organisation_id", "menage", ["organisation_id", "referent_id", "id"], unique=False
    )
    op.create_index(op.f("ix_menage_referent_id"), "menage", ["referent_id"], unique=False)
    op.create_index("ix_menage_si_siao_cle", "menage", ["si_siao_cle"], unique=False)
    op.create_table(
        "menage_relais",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("absent_id", sa.Integer(), nullable=False),
        sa.Column("relais_id", sa.Integer(), nullable=False),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("au", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("du <= au", name=op.f("ck_menage_relais_jours")),
        sa.ForeignKeyConstraint(["absent_id"], ["personne.id"], name=op.f("fk_menage_relais_absent_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_menage_relais_organisation_id")
        ),
        sa.ForeignKeyConstraint(["relais_id"], ["personne.id"], name=op.f("fk_menage_relais_relais_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menage_relais")),
        sa.UniqueConstraint("ref", name=op.f("uq_menage_relais_ref")),
    )
    op.create_index(op.f("ix_menage_relais_absent_id"), "menage_relais", ["absent_id"], unique=False)
    op.create_index(
        op.f("ix_menage_relais_organisation_id"), "menage_relais", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_menage_relais_relais_id"), "menage_relais", ["relais_id"], unique=False)
    op.create_table(
        "grille_acces",
        sa.Column("menage_id", sa.Integer(), nullable=False),
        sa.Column("modele_id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "brouillon",
                "figee",
                name="statutgrille",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ouverte_par", sa.String(length=200), nullable=False),
        sa.Column("figee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figee_par", sa.String(length=200), nullable=False),
        sa.Column("a_renouveler_le", sa.Date(), nullable=True),
        sa.Column("empreinte", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "statut = 'brouillon' OR (figee_le IS NOT NULL AND a_renouveler_le IS NOT NULL AND empreinte <> '')",
            name=op.f("ck_grille_acces_figee"),
        ),
        sa.ForeignKeyConstraint(
            ["base_id"], ["grille_acces.id"], name=op.f("fk_grille_acces_base_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["menage_id"], ["menage.id"], name=op.f("fk_grille_acces_menage_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["modele_id"], ["grille_modele.id"], name=op.f("fk_grille_acces_modele_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grille_acces")),
        sa.UniqueConstraint("menage_id", "numero", name=op.f("uq_grille_acces_menage_id_numero")),
        sa.UniqueConstraint("ref", name=op.f("uq_grille_acces_ref")),
    )
    op.create_index(op.f("ix_grille_acces_base_id"), "grille_acces", ["base_id"], unique=False)
    op.create_index(op.f("ix_grille_acces_modele_id"), "grille_acces", ["modele_id"], unique=False)
    op.create_index(
        "uq_grille_acces_brouillon",
        "grille_acces",
        ["menage_id"],
        unique=True,
        sqlite_where=sa.text("statut = 'brouillon'"),
        postgresql_where=sa.text("statut = 'brouillon'"),
    )
    op.create_table(
        "menage_acces",
        sa.Column("menage_id", sa.Integer(), nullable=False),
        sa.Column("demandeur_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "demande",
                "accorde",
                "refuse",
                "ferme",
                name="statutacces",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("motif", sa.Text(), nullable=False),
        sa.Column("jours", sa.SmallInteger(), nullable=False),
        sa.Column("repondre_avant", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repondu_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repondu_par", sa.String(length=200), nullable=False),
        sa.Column("jusqu_au", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ferme_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("statut <> 'accorde' OR jusqu_au IS NOT NULL", name=op.f("ck_menage_acces_duree")),
        sa.ForeignKeyConstraint(["demandeur_id"], ["personne.id"], name=op.f("fk_menage_acces_demandeur_id")),
        sa.ForeignKeyConstraint(
            ["menage_id"], ["menage.id"], name=op.f("fk_menage_acces_menage_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_menage_acces_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menage_acces")),
        sa.UniqueConstraint("ref", name=op.f("uq_menage_acces_ref")),
    )
    op.create_index(op.f("ix_menage_acces_demandeur_id"), "menage_acces", ["demandeur_id"], unique=False)
    op.create_index(op.f("ix_menage_acces_menage_id"), "menage_acces", ["menage_id"], unique=False)
    op.create_index(
        op.f("ix_menage_acces_organisation_id"), "menage_acces", ["organisation_id"], unique=False
    )
    op.create_index(
        "uq_menage_acces_en_attente",
        "menage_acces",
        ["menage_id", "demandeur_id"],
        unique=True,
        sqlite_where=sa.text("statut = 'demande'"),
        postgresql_where=sa.text("statut = 'demande'"),
    )
    op.create_table(
        "menage_adulte",
        sa.Column("menage_id", sa.Integer(), nullable=False),
        sa.Column("rang", sa.SmallInteger(), nullable=False),
        sa.Column("identite", sa.Text(), nullable=False),
        sa.Column("cle", sa.String(length=64), nullable=True),
        sa.Column("nom_cle", sa.String(length=64), nullable=True),
        sa.Column("parti_le", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "identite <> '' OR (cle IS NULL AND nom_cle IS NULL)", name=op.f("ck_menage_adulte_cle")
        ),
        sa.ForeignKeyConstraint(
            ["menage_id"], ["menage.id"], name=op.f("fk_menage_adulte_menage_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menage_adulte")),
        sa.UniqueConstraint("ref", name=op.f("uq_menage_adulte_ref")),
    )
    op.create_index("ix_menage_adulte_cle", "menage_adulte", ["cle"], unique=False)
    op.create_index("ix_menage_adulte_nom_cle", "menage_adulte", ["nom_cle"], unique=False)
    op.create_index(op.f("ix_menage_adulte_menage_id"), "menage_adulte", ["menage_id"], unique=False)
    op.create_index(
        "uq_menage_adulte_rang",
        "menage_adulte",
        ["menage_id", "rang"],
        unique=True,
        sqlite_where=sa.text("parti_le IS NULL"),
        postgresql_where=sa.text("parti_le IS NULL"),
    )
    op.create_table(
        "menage_demande",
        sa.Column("menage_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column(
            "genre",
            sa.Enum(
                "acces",
                "effacement",
                "rectification",
                name="genredemande",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "statut",
            sa.Enum(
                "recue",
                "faite",
                "refusee",
                name="statutdemande",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recue_le", sa.Date(), nullable=False),
        sa.Column("echeance", sa.Date(), nullable=False),
        sa.Column("recue_par", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("traitee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("traitee_par", sa.String(length=200), nullable=False),
        sa.Column("reponse", sa.Text(), nullable=False),
        sa.Column("fichier_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_menage_demande_departement_code")
        ),
        sa.ForeignKeyConstraint(["fichier_id"], ["fichier.id"], name=op.f("fk_menage_demande_fichier_id")),
        sa.ForeignKeyConstraint(
            ["menage_id"], ["menage.id"], name=op.f("fk_menage_demande_menage_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_menage_demande_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menage_demande")),
        sa.UniqueConstraint("ref", name=op.f("uq_menage_demande_ref")),
    )
    op.create_index(op.f("ix_menage_demande_fichier_id"), "menage_demande", ["fichier_id"], unique=False)
    op.create_index(
        "ix_menage_demande_departement_code",
        "menage_demande",
        ["departement_code", "statut", "echeance"],
        unique=False,
    )
    op.create_index(op.f("ix_menage_demande_menage_id"), "menage_demande", ["menage_id"], unique=False)
    op.create_index(
        op.f("ix_menage_demande_organisation_id"), "menage_demande", ["organisation_id"], unique=False
    )
    op.create_table(
        "menage_lecture",
        sa.Column("menage_id", sa.Integer(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("lecteur", sa.String(length=200), nullable=False),
        sa.Column("quoi", sa.String(length=40), nullable=False),
        sa.Column("objet_ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["menage_id"], ["menage.id"], name=op.f("fk_menage_lecture_menage_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_menage_lecture_organisation_id")
        ),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_menage_lecture_personne_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menage_lecture")),
    )
    op.create_index("ix_menage_lecture_menage_id", "menage_lecture", ["menage_id", "id"], unique=False)
    op.create_index(
        op.f("ix_menage_lecture_organisation_id"), "menage_lecture", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_menage_lecture_personne_id"), "menage_lecture", ["personne_id"], unique=False)
    op.create_table(
        "autorisation",
        sa.Column("menage_id", sa.Integer(), nullable=False),
        sa.Column("grille_id", sa.Integer(), nullable=False),
        sa.Column(
            "objet",
            sa.Enum(
                "presentation",
                "transmission",
                name="objetautorisation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("commission_id", sa.Integer(), nullable=True),
        sa.Column("destinataire", sa.String(length=200), nullable=False),
        sa.Column("finalite", sa.String(length=40), nullable=False),
        sa.Column(
            "portee",
            sa.Enum("P1", "P2", "P3", name="portee", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("champs", sa.JSON(), nullable=False),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("au", sa.Date(), nullable=False),
        sa.Column("mise_a_jour", sa.Boolean(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "a_informer",
                "informe",
                "accorde",
                "refuse",
                "retire",
                "expire",
                "remplace",
                name="statutautorisation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("notice", sa.String(length=20), nullable=False),
        sa.Column("notice_langue", sa.String(length=8), nullable=False),
        sa.Column(
            "lecture",
            sa.Enum(
                "lue",
                "voix_haute",
                "interprete",
                name="lecture",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("informe_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("informe_par", sa.String(length=200), nullable=False),
        sa.Column("ouverte_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fermee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remplacee_par_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(objet = 'transmission' AND organisation_id IS NOT NULL AND commission_id IS NULL) OR (objet = 'presentation' AND commission_id IS NOT NULL AND organisation_id IS NULL)",
            name=op.f("ck_autorisation_destinataire"),
        ),
        sa.CheckConstraint("du <= au", name=op.f("ck_autorisation_jours")),
        sa.CheckConstraint(
            "portee = 'P1' OR (portee = 'P2' AND objet = 'presentation')",
            name=op.f("ck_autorisation_lisible"),
        ),
        sa.ForeignKeyConstraint(
            ["commission_id"], ["commission.id"], name=op.f("fk_autorisation_commission_id")
        ),
        sa.ForeignKeyConstraint(
            ["grille_id"], ["grille_acces.id"], name=op.f("fk_autorisation_grille_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["menage_id"], ["menage.id"], name=op.f("fk_autorisation_menage_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_autorisation_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["remplacee_par_id"],
            ["autorisation.id"],
            name=op.f("fk_autorisation_remplacee_par_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_autorisation")),
        sa.UniqueConstraint("ref", name=op.f("uq_autorisation_ref")),
    )
    op.create_index(op.f("ix_autorisation_commission_id"), "autorisation", ["commission_id"], unique=False)
    op.create_index(op.f("ix_autorisation_grille_id"), "autorisation", ["grille_id"], unique=False)
    op.create_index("ix_autorisation_menage_id", "autorisation", ["menage_id", "id"], unique=False)
    op.create_index(
        op.f("ix_autorisation_organisation_id"), "autorisation", ["organisation_id"], unique=False
    )
    op.create_index(
        op.f("ix_autorisation_remplacee_par_id"), "autorisation", ["remplacee_par_id"], unique=False
    )
    op.create_table(
        "grille_section",
        sa.Column("grille_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=1), nullable=False),
        sa.Column("reponses", sa.Text(), nullable=False),
        sa.Column("enregistree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=200), nullable=False),
        sa.Column("lue_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grille_id"], ["grille_acces.id"], name=op.f("fk_grille_section_grille_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grille_section")),
        sa.UniqueConstraint("grille_id", "section", name=op.f("uq_grille_section_grille_id_section")),
    )
    op.create_table(
        "grille_rappel",
        sa.Column("grille_id", sa.Integer(), nullable=False),
        sa.Column(
            "etape",
            sa.Enum("avant", "echue", name="rappel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grille_id"], ["grille_acces.id"], name=op.f("fk_grille_rappel_grille_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grille_rappel")),
        sa.UniqueConstraint("grille_id", "etape", name=op.f("uq_grille_rappel_grille_id_etape")),
    )
    op.create_table(
        "menage_recu",
        sa.Column("adulte_id", sa.Integer(), nullable=False),
        sa.Column("jeton_hash", sa.String(length=64), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.Column("essais", sa.SmallInteger(), nullable=False),
        sa.Column("bloque_jusqu_au", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dernier_acces_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoque_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["adulte_id"], ["menage_adulte.id"], name=op.f("fk_menage_recu_adulte_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menage_recu")),
        sa.UniqueConstraint("jeton_hash", name=op.f("uq_menage_recu_jeton_hash")),
        sa.UniqueConstraint("ref", name=op.f("uq_menage_recu_ref")),
    )
    op.create_index(op.f("ix_menage_recu_adulte_id"), "menage_recu", ["adulte_id"], unique=False)
    op.create_index(
        "uq_menage_recu_ouvert",
        "menage_recu",
        ["adulte_id"],
        unique=True,
        sqlite_where=sa.text("revoque_le IS NULL"),
        postgresql_where=sa.text("revoque_le IS NULL"),
    )
    op.create_table(
        "menage_remarque",
        sa.Column("grille_id", sa.Integer(), nullable=False),
        sa.Column("adulte_id", sa.Integer(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["adulte_id"], ["menage_adulte.id"], name=op.f("fk_menage_remarque_adulte_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["grille_id"], ["grille_acces.id"], name=op.f("fk_menage_remarque_grille_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menage_remarque")),
        sa.UniqueConstraint("ref", name=op.f("uq_menage_remarque_ref")),
    )
    op.create_index(op.f("ix_menage_remarque_adulte_id"), "menage_remarque", ["adulte_id"], unique=False)
    op.create_index(op.f("ix_menage_remarque_grille_id"), "menage_remarque", ["grille_id"], unique=False)
    op.create_table(
        "autorisation_adulte",
        sa.Column("autorisation_id", sa.Integer(), nullable=False),
        sa.Column("adulte_id", sa.Integer(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "accorde",
                "refuse",
                name="decisionadulte",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "mode",
            sa.Enum(
                "ecran", "papier", "oral", name="mode", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column(
            "signataire",
            sa.Enum(
                "soi",
                "representant",
                "mandataire",
                name="signataire",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("jour_seance", sa.Date(), nullable=True),
        sa.Column("repondu_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recueilli_par", sa.String(length=200), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("empreinte", sa.String(length=64), nullable=False),
        sa.Column("fichier_id", sa.Integer(), nullable=True),
        sa.Column("retire_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "mode IS NULL OR mode <> 'oral' OR decision = 'refuse' OR jour_seance IS NOT NULL",
            name=op.f("ck_autorisation_adulte_oral"),
        ),
        sa.CheckConstraint(
            "mode IS NULL OR mode <> 'papier' OR fichier_id IS NOT NULL OR empreinte = ''",
            name=op.f("ck_autorisation_adulte_papier"),
        ),
        sa.CheckConstraint(
            "decision IS NULL OR (mode IS NOT NULL AND repondu_le IS NOT NULL)",
            name=op.f("ck_autorisation_adulte_reponse"),
        ),
        sa.ForeignKeyConstraint(
            ["adulte_id"],
            ["menage_adulte.id"],
            name=op.f("fk_autorisation_adulte_adulte_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["autorisation_id"],
            ["autorisation.id"],
            name=op.f("fk_autorisation_adulte_autorisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["fichier_id"], ["fichier.id"], name=op.f("fk_autorisation_adulte_fichier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_autorisation_adulte")),
        sa.UniqueConstraint(
            "autorisation_id", "adulte_id", name=op.f("uq_autorisation_adulte_autorisation_id_adulte_id")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_autorisation_adulte_ref")),
    )
    op.create_index(
        op.f("ix_autorisation_adulte_adulte_id"), "autorisation_adulte", ["adulte_id"], unique=False
    )
    op.create_index(
        op.f("ix_autorisation_adulte_fichier_id"), "autorisation_adulte", ["fichier_id"], unique=False
    )
    op.create_table(
        "transmission",
        sa.Column("menage_id", sa.Integer(), nullable=False),
        sa.Column("autorisation_id", sa.Integer(), nullable=False),
        sa.Column("grille_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("referent_id", sa.Integer(), nullable=True),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "envoyee",
                "recue",
                "positionnee",
                "decidee",
                "bail_signe",
                "refus_menage",
                "non_retenue",
                name="statuttransmission",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("envoyee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("envoyee_par_id", sa.Integer(), nullable=False),
        sa.Column("envoyee_par", sa.String(length=200), nullable=False),
        sa.Column("contenu", sa.Text(), nullable=False),
        sa.Column("empreinte", sa.String(length=64), nullable=False),
        sa.Column("recue_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repondre_avant", sa.Date(), nullable=False),
        sa.Column("echec", sa.Boolean(), nullable=False),
        sa.Column("relances", sa.SmallInteger(), nullable=False),
        sa.Column("fermee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["autorisation_id"],
            ["autorisation.id"],
            name=op.f("fk_transmission_autorisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_transmission_departement_code")
        ),
        sa.ForeignKeyConstraint(
            ["envoyee_par_id"], ["personne.id"], name=op.f("fk_transmission_envoyee_par_id")
        ),
        sa.ForeignKeyConstraint(
            ["grille_id"], ["grille_acces.id"], name=op.f("fk_transmission_grille_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["menage_id"], ["menage.id"], name=op.f("fk_transmission_menage_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_transmission_organisation_id")
        ),
        sa.ForeignKeyConstraint(["referent_id"], ["referent.id"], name=op.f("fk_transmission_referent_id")),
        sa.CheckConstraint("statut = 'envoyee' OR recue_le IS NOT NULL", name=op.f("ck_transmission_recue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transmission")),
        sa.UniqueConstraint(
            "autorisation_id", "grille_id", name=op.f("uq_transmission_autorisation_id_grille_id")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_transmission_ref")),
    )
    op.create_index(op.f("ix_transmission_envoyee_par_id"), "transmission", ["envoyee_par_id"], unique=False)
    op.create_index(op.f("ix_transmission_grille_id"), "transmission", ["grille_id"], unique=False)
    op.create_index(op.f("ix_transmission_menage_id"), "transmission", ["menage_id"], unique=False)
    op.create_index(
        "ix_transmission_organisation_id", "transmission", ["organisation_id", "id"], unique=False
    )
    op.create_index(op.f("ix_transmission_referent_id"), "transmission", ["referent_id"], unique=False)
    op.create_index(
        "ix_transmission_repondre_avant", "transmission", ["repondre_avant", "relances"], unique=False
    )
    op.create_table(
        "transmission_suite",
        sa.Column("transmission_id", sa.Integer(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "envoyee",
                "recue",
                "positionnee",
                "decidee",
                "bail_signe",
                "refus_menage",
                "non_retenue",
                name="statuttransmission",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("corrige_id", sa.Integer(), nullable=True),
        sa.Column("annule", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["transmission_id"],
            ["transmission.id"],
            name=op.f("fk_transmission_suite_transmission_id"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("NOT annule OR corrige_id IS NOT NULL", name=op.f("ck_transmission_suite_annule")),
        sa.ForeignKeyConstraint(
            ["corrige_id"],
            ["transmission_suite.id"],
            name=op.f("fk_transmission_suite_corrige_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transmission_suite")),
        sa.UniqueConstraint("corrige_id", name=op.f("uq_transmission_suite_corrige_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_transmission_suite_ref")),
    )
    op.create_index(
        op.f("ix_transmission_suite_transmission_id"), "transmission_suite", ["transmission_id"], unique=False
    )
    op.create_table(
        "menage_preavis",
        sa.Column("menage_id", sa.Integer(), nullable=False),
        sa.Column("grille_id", sa.Integer(), nullable=True),
        sa.Column("depuis", sa.Date(), nullable=False),
        sa.Column("le", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grille_id"], ["grille_acces.id"], name=op.f("fk_menage_preavis_grille_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["menage_id"], ["menage.id"], name=op.f("fk_menage_preavis_menage_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menage_preavis")),
        sa.UniqueConstraint(
            "menage_id", "grille_id", "depuis", name=op.f("uq_menage_preavis_menage_id_grille_id_depuis")
        ),
    )
    op.create_index(op.f("ix_menage_preavis_grille_id"), "menage_preavis", ["grille_id"], unique=False)
    ddl.install(op.get_bind())


def downgrade() -> None:
    for name in (
        "menage_preavis",
        "transmission_suite",
        "transmission",
        "autorisation_adulte",
        "menage_remarque",
        "menage_recu",
        "grille_rappel",
        "grille_section",
        "autorisation",
        "menage_lecture",
        "menage_demande",
        "menage_adulte",
        "menage_acces",
        "grille_acces",
        "menage_relais",
        "menage",
        "menage_effacement",
    ):
        op.drop_table(name)
