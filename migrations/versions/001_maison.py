"""Tables of the house and of the first room."""

import sqlalchemy as sa
from alembic import op

from portal.shared import ddl

revision = "001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl.prepare(op.get_bind())
    op.create_table(
        "epci",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("nom", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_epci")),
    )
    op.create_table(
        "etat_technique",
        sa.Column("cle", sa.String(length=60), nullable=False),
        sa.Column("valeur", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("cle", name=op.f("pk_etat_technique")),
    )
    op.create_table(
        "fichier",
        sa.Column("nom", sa.String(length=160), nullable=False),
        sa.Column("chemin", sa.String(length=80), nullable=False),
        sa.Column("type_mime", sa.String(length=100), nullable=False),
        sa.Column("taille", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "non_analyse",
                "sain",
                "refuse",
                name="statutfichier",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("chiffre", sa.Boolean(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("departement_code", sa.String(length=3), nullable=True),
        sa.Column("depose_par_id", sa.Integer(), nullable=True),
        sa.Column("depose_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fichier")),
        sa.UniqueConstraint("chemin", name=op.f("uq_fichier_chemin")),
        sa.UniqueConstraint("ref", name=op.f("uq_fichier_ref")),
    )
    op.create_index("ix_fichier_organisation_id", "fichier", ["organisation_id"], unique=False)

    op.create_table(
        "journal",
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("adhesion_id", sa.Integer(), nullable=True),
        sa.Column("auteur", sa.String(length=200), nullable=False),
        sa.Column("profil", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("objet_type", sa.String(length=40), nullable=False),
        sa.Column("objet_id", sa.Integer(), nullable=True),
        sa.Column("objet_ref", sa.String(length=16), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=True),
        sa.Column("changements", sa.JSON(), nullable=False),
        sa.Column("requete_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_departement_code_le", "journal", ["departement_code", "le"], unique=False)
    op.create_index("ix_journal_objet", "journal", ["objet_type", "objet_id", "id"], unique=False)
    op.create_index("ix_journal_personne_id_le", "journal", ["personne_id", "le"], unique=False)

    op.create_table(
        "message_sortant",
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("destinataire", sa.String(length=254), nullable=False),
        sa.Column("langue", sa.String(length=2), nullable=False),
        sa.Column("sujet", sa.String(length=200), nullable=False),
        sa.Column("corps", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "a_envoyer",
                "en_attente_recapitulatif",
                "envoye",
                "regroupe",
                "abandonne",
                name="statutmessage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("essais", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prochain_essai_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("envoye_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("derniere_erreur", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_sortant")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_sortant_message_id")),
    )
    op.create_index(
        "ix_message_sortant_file", "message_sortant", ["statut", "prochain_essai_le"], unique=False
    )
    op.create_index(
        "ix_message_sortant_personne_id", "message_sortant", ["personne_id", "statut"], unique=False
    )

    op.create_table(
        "nature",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("libelle", sa.String(length=120), nullable=False),
        sa.Column("libelle_en", sa.String(length=120), nullable=False),
        sa.Column(
            "famille",
            sa.Enum(
                "veille_sociale",
                "urgence",
                "stabilisation",
                "insertion",
                "alt",
                "logement_accompagne",
                "medico_social",
                "asile",
                "mere_enfant",
                "mesures",
                name="famillenature",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ordre", sa.Integer(), nullable=False),
        sa.Column("hors_accord_cadre", sa.Boolean(), nullable=False),
        sa.Column("table_1_s2", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_nature")),
    )
    op.create_table(
        "personne",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("prenom", sa.String(length=80), nullable=False),
        sa.Column("nom", sa.String(length=80), nullable=False),
        sa.Column("telephone", sa.String(length=20), nullable=False),
        sa.Column("tri", sa.String(length=120), nullable=False),
        sa.Column("texte_recherche", sa.String(length=500), nullable=False),
        sa.Column("langue", sa.String(length=2), nullable=False),
        sa.Column(
            "preference_envoi",
            sa.Enum(
                "immediat",
                "quotidien",
                name="preferenceenvoi",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("mot_de_passe", sa.String(length=255), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_active_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_dernier_pas", sa.Integer(), nullable=True),
        sa.Column("desactivee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personne")),
        sa.UniqueConstraint("email", name=op.f("uq_personne_email")),
        sa.UniqueConstraint("ref", name=op.f("uq_personne_ref")),
    )
    op.create_index("ix_personne_tri", "personne", ["tri", "id"], unique=False)

    op.create_table(
        "region",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("nom", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    op.create_table(
        "tentative_connexion",
        sa.Column("cle", sa.String(length=64), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tentative_connexion")),
    )
    op.create_index("ix_tentative_connexion_cle_le", "tentative_connexion", ["cle", "le"], unique=False)

    op.create_table(
        "categorie_finess",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("libelle", sa.String(length=160), nullable=False),
        sa.Column("nature_code", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["nature_code"], ["nature.code"], name=op.f("fk_categorie_finess_nature_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_categorie_finess")),
    )
    op.create_table(
        "code_secours",
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("utilise_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["personne_id"], ["personne.id"], name=op.f("fk_code_secours_personne_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_secours")),
        sa.UniqueConstraint("personne_id", "code_hash", name=op.f("uq_code_secours_personne_id_code_hash")),
    )
    op.create_table(
        "departement",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("nom", sa.String(length=80), nullable=False),
        sa.Column("region_code", sa.String(length=3), nullable=True),
        sa.Column("fuseau", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_departement_region_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_departement")),
    )
    op.create_table(
        "jeton_reinitialisation",
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("jeton_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("utilise_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nouvel_email", sa.String(length=254), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_jeton_reinitialisation_personne_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jeton_reinitialisation")),
        sa.UniqueConstraint("jeton_hash", name=op.f("uq_jeton_reinitialisation_jeton_hash")),
    )
    op.create_index(
        op.f("ix_jeton_reinitialisation_personne_id"), "jeton_reinitialisation", ["personne_id"], unique=False
    )

    op.create_table(
        "travail",
        sa.Column("genre", sa.String(length=60), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "en_attente",
                "en_cours",
                "termine",
                "echoue",
                "annule",
                name="statuttravail",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("adhesion_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=True),
        sa.Column("parametres", sa.JSON(), nullable=False),
        sa.Column("resultat", sa.JSON(), nullable=True),
        sa.Column("fichier_id", sa.Integer(), nullable=True),
        sa.Column("avancement", sa.Integer(), nullable=False),
        sa.Column("erreur", sa.String(length=500), nullable=False),
        sa.Column("essais", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("demarre_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("battement_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("termine_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["fichier_id"], ["fichier.id"], name=op.f("fk_travail_fichier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_travail")),
        sa.UniqueConstraint("ref", name=op.f("uq_travail_ref")),
    )
    op.create_index("ix_travail_adhesion_id", "travail", ["adhesion_id", "id"], unique=False)
    op.create_index("ix_travail_file", "travail", ["statut", "id"], unique=False)

    op.create_table(
        "arrondissement",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("nom", sa.String(length=120), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_arrondissement_departement_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_arrondissement")),
    )
    op.create_index(
        op.f("ix_arrondissement_departement_code"), "arrondissement", ["departement_code"], unique=False
    )

    op.create_table(
        "organisation",
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("sigle", sa.String(length=40), nullable=False),
        sa.Column("nom_provisoire", sa.Boolean(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "etat",
                "siao",
                "gestionnaire",
                "bailleur",
                "collectivite",
                "reservataire",
                "sante",
                "tete_de_reseau",
                "autre",
                name="typeorganisation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("siren", sa.String(length=9), nullable=True),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("finess_ej", sa.String(length=9), nullable=True),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("adresse", sa.String(length=300), nullable=False),
        sa.Column("telephone", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("site", sa.String(length=200), nullable=False),
        sa.Column("fermee_le", sa.Date(), nullable=True),
        sa.Column("fusionnee_dans_id", sa.Integer(), nullable=True),
        sa.Column("tri", sa.String(length=120), nullable=False),
        sa.Column("texte_recherche", sa.String(length=800), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_organisation_departement_code")
        ),
        sa.ForeignKeyConstraint(
            ["fusionnee_dans_id"], ["organisation.id"], name=op.f("fk_organisation_fusionnee_dans_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("ref", name=op.f("uq_organisation_ref")),
    )
    op.create_index(
        "ix_organisation_departement_code_tri",
        "organisation",
        ["departement_code", "tri", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_organisation_finess_ej"), "organisation", ["finess_ej"], unique=False)
    op.create_index(op.f("ix_organisation_siren"), "organisation", ["siren"], unique=False)
    op.create_index("ix_organisation_type_tri", "organisation", ["type", "tri", "id"], unique=False)
    op.create_index(
        "uq_organisation_siren_type",
        "organisation",
        ["siren", "type"],
        unique=True,
        sqlite_where=sa.text(
            "siren IS NOT NULL AND type NOT IN ('etat', 'siao') AND fusionnee_dans_id IS NULL"
        ),
        postgresql_where=sa.text(
            "siren IS NOT NULL AND type NOT IN ('etat', 'siao') AND fusionnee_dans_id IS NULL"
        ),
    )

    op.create_table(
        "parametre",
        sa.Column("cle", sa.String(length=60), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=True),
        sa.Column("valeur", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_parametre_departement_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parametre")),
    )
    op.create_index(
        "uq_parametre_departement",
        "parametre",
        ["cle", "departement_code"],
        unique=True,
        sqlite_where=sa.text("departement_code IS NOT NULL"),
        postgresql_where=sa.text("departement_code IS NOT NULL"),
    )
    op.create_index(
        "uq_parametre_national",
        "parametre",
        ["cle"],
        unique=True,
        sqlite_where=sa.text("departement_code IS NULL"),
        postgresql_where=sa.text("departement_code IS NULL"),
    )

    op.create_table(
        "adhesion",
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column(
            "profil",
            sa.Enum(
                "admin_technique",
                "admin_departement",
                "admin_organisation",
                "etat_pilote",
                "etat_agent",
                "siao_direction",
                "siao_regulateur",
                "siao_mission_logement",
                "operateur_direction",
                "gestionnaire_structure",
                "travailleur_social",
                "bailleur_referent",
                "reservataire",
                "collectivite",
                "membre_commission",
                "invite_ponctuel",
                "tete_de_reseau",
                "observateur_agrege",
                name="profil",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("verifiee_le", sa.Date(), nullable=False),
        sa.Column("revoquee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_adhesion_departement_code")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_adhesion_organisation_id")
        ),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_adhesion_personne_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adhesion")),
        sa.UniqueConstraint("ref", name=op.f("uq_adhesion_ref")),
    )
    op.create_index("ix_adhesion_organisation_id", "adhesion", ["organisation_id"], unique=False)
    op.create_index(
        "uq_adhesion_active",
        "adhesion",
        ["personne_id", "organisation_id", "profil"],
        unique=True,
        sqlite_where=sa.text("revoquee_le IS NULL"),
        postgresql_where=sa.text("revoquee_le IS NULL"),
    )

    op.create_table(
        "commune",
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("nom", sa.String(length=120), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("arrondissement_code", sa.String(length=4), nullable=True),
        sa.Column("epci_code", sa.String(length=9), nullable=True),
        sa.Column("codes_postaux", sa.String(length=255), nullable=False),
        sa.Column("tri", sa.String(length=120), nullable=False),
        sa.Column("texte_recherche", sa.String(length=500), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["arrondissement_code"], ["arrondissement.code"], name=op.f("fk_commune_arrondissement_code")
        ),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_commune_departement_code")
        ),
        sa.ForeignKeyConstraint(["epci_code"], ["epci.code"], name=op.f("fk_commune_epci_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commune")),
        sa.UniqueConstraint("code", name=op.f("uq_commune_code")),
    )
    op.create_index("ix_commune_departement_code_tri", "commune", ["departement_code", "tri"], unique=False)
    op.create_index(op.f("ix_commune_epci_code"), "commune", ["epci_code"], unique=False)

    op.create_table(
        "convention",
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("etat_id", sa.Integer(), nullable=False),
        sa.Column("siao_id", sa.Integer(), nullable=False),
        sa.Column("operateur_id", sa.Integer(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "a_engager",
                "projet",
                "en_negociation",
                "accord_de_principe",
                "en_signature",
                "signee",
                "suspendue",
                "sans_objet",
                name="statut",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "statut_avant_suspension",
            sa.Enum(
                "a_engager",
                "projet",
                "en_negociation",
                "accord_de_principe",
                "en_signature",
                "signee",
                "suspendue",
                "sans_objet",
                name="statut_avant_suspension",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("statut_depuis", sa.DateTime(timezone=True), nullable=False),
        sa.Column("motif", sa.String(length=500), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "gre_a_gre", "collectif", name="mode", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("dialogue_gestion_le", sa.Date(), nullable=True),
        sa.Column("ouverte_le", sa.Date(), nullable=True),
        sa.Column("date_cible", sa.Date(), nullable=False),
        sa.Column("date_signature", sa.Date(), nullable=True),
        sa.Column("date_effet", sa.Date(), nullable=True),
        sa.Column("date_fin", sa.Date(), nullable=True),
        sa.Column("fin_effective", sa.Date(), nullable=True),
        sa.Column("fin_tri", sa.Date(), nullable=False),
        sa.Column("tacite_reconduction", sa.Boolean(), nullable=False),
        sa.Column("resiliation_notifiee_le", sa.Date(), nullable=True),
        sa.Column("resiliation_effet", sa.Date(), nullable=True),
        sa.Column(
            "resiliee_par",
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
        sa.Column("remplace_id", sa.Integer(), nullable=True),
        sa.Column("reprise", sa.Boolean(), nullable=False),
        sa.Column("responsable_id", sa.Integer(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("si_siao_copiee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("si_siao_copiee_par", sa.String(length=160), nullable=False),
        sa.Column("idempotence", sa.String(length=40), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("operateur_tri", sa.String(length=120), nullable=False),
        sa.Column("texte_recherche", sa.String(length=800), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "statut <> 'signee' OR (date_effet IS NOT NULL AND date_fin IS NOT NULL AND fin_effective IS NOT NULL AND date_signature IS NOT NULL)",
            name=op.f("ck_convention_signee_datee"),
        ),
        sa.CheckConstraint(
            "date_fin IS NULL OR date_effet IS NULL OR date_fin >= date_effet",
            name=op.f("ck_convention_dates"),
        ),
        sa.CheckConstraint("operateur_id <> siao_id", name=op.f("ck_convention_parties")),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_convention_departement_code")
        ),
        sa.ForeignKeyConstraint(["etat_id"], ["organisation.id"], name=op.f("fk_convention_etat_id")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["travail.id"], name=op.f("fk_convention_import_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["operateur_id"], ["organisation.id"], name=op.f("fk_convention_operateur_id")
        ),
        sa.ForeignKeyConstraint(["remplace_id"], ["convention.id"], name=op.f("fk_convention_remplace_id")),
        sa.ForeignKeyConstraint(
            ["responsable_id"], ["personne.id"], name=op.f("fk_convention_responsable_id")
        ),
        sa.ForeignKeyConstraint(["siao_id"], ["organisation.id"], name=op.f("fk_convention_siao_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention")),
        sa.UniqueConstraint("idempotence", name=op.f("uq_convention_idempotence")),
        sa.UniqueConstraint("ref", name=op.f("uq_convention_ref")),
    )
    op.create_index(
        "ix_convention_couple",
        "convention",
        ["operateur_id", "siao_id", "statut", "fin_effective", "date_effet", "resiliation_effet"],
        unique=False,
    )
    op.create_index(
        "ix_convention_departement_code_date_cible",
        "convention",
        ["departement_code", "date_cible", "id", "statut", "fin_effective", "date_effet", "mode"],
        unique=False,
    )
    op.create_index(
        "ix_convention_departement_code_fin_tri",
        "convention",
        ["departement_code", "fin_tri", "id", "statut", "fin_effective", "date_effet", "mode"],
        unique=False,
    )
    op.create_index(
        "ix_convention_departement_code_operateur_tri",
        "convention",
        ["departement_code", "operateur_tri", "id", "statut", "fin_effective", "date_effet", "mode"],
        unique=False,
    )
    op.create_index(
        "ix_convention_departement_code_statut",
        "convention",
        ["departement_code", "statut", "fin_effective", "date_effet", "resiliation_effet"],
        unique=False,
    )
    op.create_index(
        "ix_convention_departement_code_updated_at",
        "convention",
        ["departement_code", "updated_at", "id"],
        unique=False,
    )
    op.create_index("ix_convention_etat_id", "convention", ["etat_id"], unique=False)
    op.create_index("ix_convention_import_id", "convention", ["import_id"], unique=False)
    op.create_index("ix_convention_remplace_id", "convention", ["remplace_id"], unique=True)
    op.create_index("ix_convention_responsable_id", "convention", ["responsable_id"], unique=False)
    op.create_index(
        "ix_convention_siao_id_date_cible",
        "convention",
        ["siao_id", "date_cible", "id", "statut", "fin_effective", "date_effet", "mode"],
        unique=False,
    )
    op.create_index(
        "ix_convention_siao_id_fin_tri",
        "convention",
        ["siao_id", "fin_tri", "id", "statut", "fin_effective", "date_effet", "mode"],
        unique=False,
    )
    op.create_index(
        "ix_convention_siao_id_operateur_tri",
        "convention",
        ["siao_id", "operateur_tri", "id", "statut", "fin_effective", "date_effet", "mode"],
        unique=False,
    )
    op.create_index(
        "ix_convention_siao_id_statut",
        "convention",
        ["siao_id", "statut", "fin_effective", "date_effet", "resiliation_effet"],
        unique=False,
    )
    op.create_index(
        "ix_convention_siao_id_updated_at", "convention", ["siao_id", "updated_at", "id"], unique=False
    )
    op.create_index(
        "uq_convention_ouverte",
        "convention",
        ["operateur_id", "siao_id"],
        unique=True,
        sqlite_where=sa.text(
            "statut IN ('a_engager', 'projet', 'en_negociation', 'accord_de_principe', 'en_signature', 'suspendue')"
        ),
        postgresql_where=sa.text(
            "statut IN ('a_engager', 'projet', 'en_negociation', 'accord_de_principe', 'en_signature', 'suspendue')"
        ),
    )

    op.create_table(
        "correspondance_import",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("entetes_hash", sa.String(length=64), nullable=False),
        sa.Column("colonnes", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_correspondance_import_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correspondance_import")),
        sa.UniqueConstraint(
            "organisation_id",
            "entetes_hash",
            name=op.f("uq_correspondance_import_organisation_id_entetes_hash"),
        ),
    )
    op.create_table(
        "invitation_compte",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("prenom", sa.String(length=80), nullable=False),
        sa.Column("nom", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column(
            "profil",
            sa.Enum(
                "admin_technique",
                "admin_departement",
                "admin_organisation",
                "etat_pilote",
                "etat_agent",
                "siao_direction",
                "siao_regulateur",
                "siao_mission_logement",
                "operateur_direction",
                "gestionnaire_structure",
                "travailleur_social",
                "bailleur_referent",
                "reservataire",
                "collectivite",
                "membre_commission",
                "invite_ponctuel",
                "tete_de_reseau",
                "observateur_agrege",
                name="profil",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("jeton_hash", sa.String(length=64), nullable=False),
        sa.Column("expire_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acceptee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoquee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invite_par_id", sa.Integer(), nullable=True),
        sa.Column("langue", sa.String(length=2), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_invitation_compte_departement_code")
        ),
        sa.ForeignKeyConstraint(
            ["invite_par_id"], ["personne.id"], name=op.f("fk_invitation_compte_invite_par_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_invitation_compte_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_compte")),
        sa.UniqueConstraint("jeton_hash", name=op.f("uq_invitation_compte_jeton_hash")),
        sa.UniqueConstraint("ref", name=op.f("uq_invitation_compte_ref")),
    )
    op.create_index(op.f("ix_invitation_compte_email"), "invitation_compte", ["email"], unique=False)
    op.create_index(
        op.f("ix_invitation_compte_organisation_id"), "invitation_compte", ["organisation_id"], unique=False
    )
    op.create_index(
        "uq_invitation_compte_ouverte",
        "invitation_compte",
        ["email", "organisation_id", "profil"],
        unique=True,
        sqlite_where=sa.text("acceptee_le IS NULL AND revoquee_le IS NULL"),
        postgresql_where=sa.text("acceptee_le IS NULL AND revoquee_le IS NULL"),
    )

    op.create_table(
        "organisation_categorie",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("categorie", sa.Integer(), nullable=False),
        sa.CheckConstraint("categorie BETWEEN 1 AND 11", name=op.f("ck_organisation_categorie_categorie")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_categorie_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "categorie", name=op.f("pk_organisation_categorie")),
    )
    op.create_table(
        "organisation_departement",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"],
            ["departement.code"],
            name=op.f("fk_organisation_departement_departement_code"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_departement_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "departement_code", name=op.f("pk_organisation_departement")
        ),
    )
    op.create_index(
        "ix_organisation_departement_departement_code",
        "organisation_departement",
        ["departement_code"],
        unique=False,
    )

    op.create_table(
        "convention_date_cible",
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column("ancienne", sa.Date(), nullable=False),
        sa.Column("nouvelle", sa.Date(), nullable=False),
        sa.Column("motif", sa.String(length=500), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["convention_id"],
            ["convention.id"],
            name=op.f("fk_convention_date_cible_convention_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention_date_cible")),
    )
    op.create_index(
        op.f("ix_convention_date_cible_convention_id"),
        "convention_date_cible",
        ["convention_id"],
        unique=False,
    )

    op.create_table(
        "convention_document",
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column("fichier_id", sa.Integer(), nullable=False),
        sa.Column("libelle", sa.String(length=160), nullable=False),
        sa.Column("ajoute_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ajoute_par", sa.String(length=160), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["convention_id"],
            ["convention.id"],
            name=op.f("fk_convention_document_convention_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["fichier_id"], ["fichier.id"], name=op.f("fk_convention_document_fichier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention_document")),
        sa.UniqueConstraint(
            "convention_id", "fichier_id", name=op.f("uq_convention_document_convention_id_fichier_id")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_convention_document_ref")),
    )
    op.create_table(
        "convention_nature",
        sa.Column("convention_id", sa.Integer(), nullable=False),
        sa.Column("nature_code", sa.String(length=20), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.CheckConstraint("places >= 0", name=op.f("ck_convention_nature_places")),
        sa.ForeignKeyConstraint(
            ["convention_id"],
            ["convention.id"],
            name=op.f("fk_convention_nature_convention_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["nature_code"], ["nature.code"], name=op.f("fk_convention_nature_nature_code")
        ),
        sa.PrimaryKeyConstraint("convention_id", "nature_code", name=op.f("pk_convention_nature")),
    )
    op.create_index(
        "ix_convention_nature_nature_code",
        "convention_nature",
        ["nature_code", "convention_id"],
        unique=False,
    )

    op.create_table(
        "convention_signature",
        sa.Column("convention_id", sa.Integer(), nullable=False),
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
        sa.Column("signee_le", sa.Date(), nullable=False),
        sa.Column("signataire", sa.String(length=160), nullable=False),
        sa.Column("enregistree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enregistree_par", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["convention_id"],
            ["convention.id"],
            name=op.f("fk_convention_signature_convention_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("convention_id", "partie", name=op.f("pk_convention_signature")),
    )
    op.create_table(
        "session_connexion",
        sa.Column("jeton_hash", sa.String(length=64), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("adhesion_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vue_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appareil", sa.String(length=200), nullable=False),
        sa.Column("second_facteur_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["adhesion_id"],
            ["adhesion.id"],
            name=op.f("fk_session_connexion_adhesion_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["personne_id"],
            ["personne.id"],
            name=op.f("fk_session_connexion_personne_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_connexion")),
        sa.UniqueConstraint("jeton_hash", name=op.f("uq_session_connexion_jeton_hash")),
        sa.UniqueConstraint("ref", name=op.f("uq_session_connexion_ref")),
    )
    op.create_index(
        op.f("ix_session_connexion_personne_id"), "session_connexion", ["personne_id"], unique=False
    )

    op.create_table(
        "structure",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("finess", sa.String(length=9), nullable=True),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("categorie_finess", sa.String(length=4), nullable=True),
        sa.Column("nature_a_qualifier", sa.Boolean(), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=True),
        sa.Column("adresse", sa.String(length=300), nullable=False),
        sa.Column("telephone", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("ouverte_le", sa.Date(), nullable=True),
        sa.Column("fermee_le", sa.Date(), nullable=True),
        sa.Column("finess_maj_le", sa.Date(), nullable=True),
        sa.Column("corriges", sa.JSON(), nullable=False),
        sa.Column("tri", sa.String(length=120), nullable=False),
        sa.Column("texte_recherche", sa.String(length=800), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["categorie_finess"], ["categorie_finess.code"], name=op.f("fk_structure_categorie_finess")
        ),
        sa.ForeignKeyConstraint(["commune_code"], ["commune.code"], name=op.f("fk_structure_commune_code")),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_structure_departement_code")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_structure_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_structure")),
        sa.UniqueConstraint("finess", name=op.f("uq_structure_finess")),
        sa.UniqueConstraint("ref", name=op.f("uq_structure_ref")),
    )
    op.create_index(
        "ix_structure_departement_code_tri", "structure", ["departement_code", "tri", "id"], unique=False
    )
    op.create_index("ix_structure_organisation_id", "structure", ["organisation_id"], unique=False)

    op.create_table(
        "structure_places",
        sa.Column("structure_id", sa.Integer(), nullable=False),
        sa.Column("nature_code", sa.String(length=20), nullable=False),
        sa.Column("type_place", sa.String(length=30), nullable=False),
        sa.Column("nombre", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("nombre >= 0", name=op.f("ck_structure_places_nombre")),
        sa.ForeignKeyConstraint(
            ["nature_code"], ["nature.code"], name=op.f("fk_structure_places_nature_code")
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"],
            ["structure.id"],
            name=op.f("fk_structure_places_structure_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_structure_places")),
        sa.UniqueConstraint(
            "structure_id",
            "nature_code",
            "type_place",
            name=op.f("uq_structure_places_structure_id_nature_code_type_place"),
        ),
    )
    op.create_index(
        op.f("ix_structure_places_nature_code"), "structure_places", ["nature_code"], unique=False
    )

    ddl.install(op.get_bind())


def downgrade() -> None:
    ddl.remove(op.get_bind())
    op.drop_index(op.f("ix_structure_places_nature_code"), table_name="structure_places")

    op.drop_table("structure_places")
    op.drop_index("ix_structure_organisation_id", table_name="structure")
    op.drop_index("ix_structure_departement_code_tri", table_name="structure")

    op.drop_table("structure")
    op.drop_index(op.f("ix_session_connexion_personne_id"), table_name="session_connexion")

    op.drop_table("session_connexion")
    op.drop_table("convention_signature")
    op.drop_index("ix_convention_nature_nature_code", table_name="convention_nature")

    op.drop_table("convention_nature")
    op.drop_table("convention_document")
    op.drop_index(op.f("ix_convention_date_cible_convention_id"), table_name="convention_date_cible")

    op.drop_table("convention_date_cible")
    op.drop_index("ix_organisation_departement_departement_code", table_name="organisation_departement")

    op.drop_table("organisation_departement")
    op.drop_table("organisation_categorie")
    op.drop_index(
        "uq_invitation_compte_ouverte",
        table_name="invitation_compte",
        sqlite_where=sa.text("acceptee_le IS NULL AND revoquee_le IS NULL"),
        postgresql_where=sa.text("acceptee_le IS NULL AND revoquee_le IS NULL"),
    )
    op.drop_index(op.f("ix_invitation_compte_organisation_id"), table_name="invitation_compte")
    op.drop_index(op.f("ix_invitation_compte_email"), table_name="invitation_compte")

    op.drop_table("invitation_compte")
    op.drop_table("correspondance_import")
    op.drop_index(
        "uq_convention_ouverte",
        table_name="convention",
        sqlite_where=sa.text(
            "statut IN ('a_engager', 'projet', 'en_negociation', 'accord_de_principe', 'en_signature', 'suspendue')"
        ),
        postgresql_where=sa.text(
            "statut IN ('a_engager', 'projet', 'en_negociation', 'accord_de_principe', 'en_signature', 'suspendue')"
        ),
    )
    op.drop_index("ix_convention_siao_id_updated_at", table_name="convention")
    op.drop_index("ix_convention_siao_id_statut", table_name="convention")
    op.drop_index("ix_convention_siao_id_operateur_tri", table_name="convention")
    op.drop_index("ix_convention_siao_id_fin_tri", table_name="convention")
    op.drop_index("ix_convention_siao_id_date_cible", table_name="convention")
    op.drop_index("ix_convention_responsable_id", table_name="convention")
    op.drop_index("ix_convention_remplace_id", table_name="convention")
    op.drop_index("ix_convention_etat_id", table_name="convention")
    op.drop_index("ix_convention_departement_code_updated_at", table_name="convention")
    op.drop_index("ix_convention_departement_code_statut", table_name="convention")
    op.drop_index("ix_convention_departement_code_operateur_tri", table_name="convention")
    op.drop_index("ix_convention_departement_code_fin_tri", table_name="convention")
    op.drop_index("ix_convention_departement_code_date_cible", table_name="convention")
    op.drop_index("ix_convention_couple", table_name="convention")

    op.drop_table("convention")
    op.drop_index(op.f("ix_commune_epci_code"), table_name="commune")
    op.drop_index("ix_commune_departement_code_tri", table_name="commune")

    op.drop_table("commune")
    op.drop_index(
        "uq_adhesion_active",
        table_name="adhesion",
        sqlite_where=sa.text("revoquee_le IS NULL"),
        postgresql_where=sa.text("revoquee_le IS NULL"),
    )
    op.drop_index("ix_adhesion_organisation_id", table_name="adhesion")

    op.drop_table("adhesion")
    op.drop_index(
        "uq_parametre_national",
        table_name="parametre",
        sqlite_where=sa.text("departement_code IS NULL"),
        postgresql_where=sa.text("departement_code IS NULL"),
    )
    op.drop_index(
        "uq_parametre_departement",
        table_name="parametre",
        sqlite_where=sa.text("departement_code IS NOT NULL"),
        postgresql_where=sa.text("departement_code IS NOT NULL"),
    )

    op.drop_table("parametre")
    op.drop_index(
        "uq_organisation_siren_type",
        table_name="organisation",
        sqlite_where=sa.text(
            "siren IS NOT NULL AND type NOT IN ('etat', 'siao') AND fusionnee_dans_id IS NULL"
        ),
        postgresql_where=sa.text(
            "siren IS NOT NULL AND type NOT IN ('etat', 'siao') AND fusionnee_dans_id IS NULL"
        ),
    )
    op.drop_index("ix_organisation_type_tri", table_name="organisation")
    op.drop_index(op.f("ix_organisation_siren"), table_name="organisation")
    op.drop_index(op.f("ix_organisation_finess_ej"), table_name="organisation")
    op.drop_index("ix_organisation_departement_code_tri", table_name="organisation")

    op.drop_table("organisation")
    op.drop_index(op.f("ix_arrondissement_departement_code"), table_name="arrondissement")

    op.drop_table("arrondissement")
    op.drop_index("ix_travail_file", table_name="travail")
    op.drop_index("ix_travail_adhesion_id", table_name="travail")

    op.drop_table("travail")
    op.drop_index(op.f("ix_jeton_reinitialisation_personne_id"), table_name="jeton_reinitialisation")

    op.drop_table("jeton_reinitialisation")
    op.drop_table("departement")
    op.drop_table("code_secours")
    op.drop_table("categorie_finess")
    op.drop_index("ix_tentative_connexion_cle_le", table_name="tentative_connexion")

    op.drop_table("tentative_connexion")
    op.drop_table("region")
    op.drop_index("ix_personne_tri", table_name="personne")

    op.drop_table("personne")
    op.drop_table("nature")
    op.drop_index("ix_message_sortant_personne_id", table_name="message_sortant")
    op.drop_index("ix_message_sortant_file", table_name="message_sortant")

    op.drop_table("message_sortant")
    op.drop_index("ix_journal_personne_id_le", table_name="journal")
    op.drop_index("ix_journal_objet", table_name="journal")
    op.drop_index("ix_journal_departement_code_le", table_name="journal")

    op.drop_table("journal")
    op.drop_index("ix_fichier_organisation_id", table_name="fichier")

    op.drop_table("fichier")
    op.drop_table("etat_technique")
    op.drop_table("epci")
