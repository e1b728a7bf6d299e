"""What comes into the directory and goes out of it, from the screens: tables, decisions, undo, exports."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any

import pytest
import vobject
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.annuaire.echanges.annulation import oublier
from portal.annuaire.echanges.fiches import charger, entetes, noms_de, valeurs
from portal.annuaire.indexation import indexer
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.models_echanges import CorrespondanceAnnuaire, FicheImportee
from portal.annuaire.nomenclatures import publics
from portal.annuaire.titulaires import confier, tenue
from portal.audit.models import EntreeJournal
from portal.comptes.models import Personne
from portal.config import Settings
from portal.documents.spreadsheets import read_table
from portal.jobs.runner import run_due
from portal.organisations.models import Nature, Organisation
from portal.organisations.referentiel import Lieu, Maille
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.annuaire.conftest import CAMILLE
from tests.integration.web_organisations import statements, text_of

PAGE = "/annuaire/importer"
Ouvrir = Callable[..., Referent]
ENTETES = "Organisme;Structure;Fonction;Prénom;Nom;Tél.;Mail"


@dataclass
class Parcours:
    """What a person does, page after page, and the worker behind."""

    app: Flask
    database: Database
    clock: FixedClock
    session: Session
    client: FlaskClient

    def travailler(self) -> None:
        """Do the jobs that wait."""
        settings: Settings = self.app.extensions["portail_settings"]
        while run_due(self.database, self.clock, settings):
            pass

    def lire(self, contenu: bytes | str, sous: str = "referents.csv", **colonnes: str) -> str:
        """Give a file, take the columns as they are proposed; return the address of the preview."""
        self.session.commit()
        octets = contenu.encode() if isinstance(contenu, str) else contenu
        reponse = self.client.post(PAGE, data={"fichier": (BytesIO(octets), sous)})
        assert reponse.status_code == 303, text_of(reponse)
        adresse = reponse.headers["Location"]
        reponse = self.client.post(adresse, data=choisies(self.client, adresse) | colonnes)
        assert reponse.status_code == 303, text_of(reponse)
        self.travailler()
        return str(reponse.headers["Location"])

    def page(self, adresse: str) -> str:
        reponse = self.client.get(adresse)
        assert reponse.status_code == 200
        return text_of(reponse)

    def importer(self, apercu: str, lignes: str = "tout", **choix: str) -> str:
        """Confirm a preview as it stands; return the address of the report."""
        reponse = self.client.post(
            f"{apercu}/confirmer", data=choisies(self.client, apercu) | {"lignes": lignes} | choix
        )
        assert reponse.status_code == 303, text_of(reponse)
        self.travailler()
        return str(reponse.headers["Location"])

    def fiches(self) -> list[Referent]:
        """Return the open entries, by their keys."""
        self.session.rollback()
        self.session.expire_all()
        ouvertes = select(Referent).where(Referent.ferme_le.is_(None)).order_by(Referent.id)
        return list(self.session.scalars(ouvertes))


@pytest.fixture
def parcours(
    app: Flask,
    database: Database,
    clock: FixedClock,
    session: Session,
    client_for: Callable[..., FlaskClient],
    regulatrice: Actor,
) -> Parcours:
    """Someone of the SIAO, signed in."""
    return Parcours(app, database, clock, session, client_for(regulatrice))


def choisies(client: FlaskClient, adresse: str) -> dict[str, str]:
    """Return what the selects of a page have chosen."""
    page = client.get(adresse).get_data(as_text=True)
    selects = re.findall(r'<select[^>]* name="([a-z_0-9]+)"[^>]*>(.*?)</select>', page, re.DOTALL)
    trouvees = {}
    for nom, options in selects:
        choix = re.search(r'<option selected value="([^"]*)"', options)
        trouvees[nom] = choix[1] if choix else ""
    return trouvees


def rangee(texte: str, numero: int) -> str:
    """Return what the page says of a line of the file, up to the next one."""
    return texte.split(f"Ligne {numero}<", 1)[1].split("</tr>", 1)[0]


def test_un_tableau_entre_se_cherche_et_se_defait(
    parcours: Parcours, gestionnaire: Organisation, factories: SimpleNamespace
) -> None:
    factories.Structure(organisation=gestionnaire, nom="Résidence des Ajoncs", commune_code="22278")
    parcours.session.commit()
    assert "Télécharger un tableau d’exemple" in parcours.page(PAGE)
    apercu = parcours.lire(
        f"{ENTETES};Communes;Public;Depuis le\n"
        "Association Les Ajoncs;Résidence des Ajoncs;Référente SIAO;;Mme LE GOFF Yann;+33 (0)2.61.91.00.07;"
        "y.legoff@ajoncs.example;Saint Brieuc;BPI, jeunes;1er septembre 2025\n"
        "association les ajoncs;;relogement;Sacha;Exemple;2 61 91 00 08;sacha@gmail.com;"
        "tout le département;;\n"
        "Les Genêts inconnus;;signataire;A;B;0261910009;;;;\n"
        "Association Les Ajoncs;;Signataire;;Personne;06 12;;Brest;;31/02/2026\n"
        "Total;2;;;;;;;;\n",
        prenom="",
    )
    page = parcours.page(apercu)
    assert "Organisation inconnue dans votre département" in rangee(page, 4)
    refusee = rangee(page, 5)
    assert "Aucune commune, intercommunalité ni arrondissement" in refusee
    assert refusee.count("Erreur :") == 3  # the phone, the commune, the day: each in its cell
    assert "service grand public" in rangee(page, 3)
    report = parcours.client.post(
        f"{apercu}/confirmer", data=choisies(parcours.client, apercu) | {"lignes": "tout"}
    )
    assert report.status_code == 422  # all or nothing, and two lines are refused
    compte_rendu = parcours.importer(apercu, "valides")
    assert "2 fiches créées" in parcours.page(compte_rendu)
    une, autre = parcours.fiches()
    personne = tenue(une, date(2026, 3, 2)).titulaire
    assert personne is not None
    assert (personne.prenom, personne.nom, personne.du) == ("Yann", "LE GOFF", date(2025, 9, 1))
    assert personne.telephone == "02 61 91 00 07"
    assert (une.structure.nom if une.structure else "", une.publics) == (
        "Résidence des Ajoncs",
        ["jeunes", "refugies"],
    )
    assert [row.code for row in une.territoires] == ["22278"]
    assert une.verifie_le == date(2026, 3, 2)
    assert autre.fonction_code == "referent_logement"
    assert "LE GOFF" in parcours.page("/annuaire?q=legoff+yann".replace("legoff", "goff"))
    for fiche in (une, autre):  # what finds them is what the room itself writes
        avant = (fiche.tri, fiche.texte_recherche, fiche.poids_recherche)
        indexer(parcours.session, parcours.clock, fiche)
        assert (fiche.tri, fiche.texte_recherche, fiche.poids_recherche) == avant
    assert "Défaire cet import" in parcours.page(compte_rendu)
    assert parcours.client.post(f"{compte_rendu}/annuler").status_code == 303
    assert "2 fiches retirées" in parcours.page(compte_rendu)
    assert parcours.fiches() == []
    assert parcours.client.post(f"{compte_rendu}/annuler").status_code == 422


def test_les_colonnes_sont_retenues(parcours: Parcours, gestionnaire: Organisation) -> None:
    fichier = "Chez;Quoi;Qui;Où appeler\nAssociation Les Ajoncs;Signataire;Camille Exemple;0261910001\n"
    parcours.lire(fichier, organisation="0", fonction="1", nom="2", telephone="3", prenom="")
    reponse = parcours.client.post(PAGE, data={"fichier": (BytesIO(fichier.encode()), "bis.csv")})
    page = parcours.page(reponse.headers["Location"])
    assert "choisies la dernière fois" in page
    assert choisies(parcours.client, reponse.headers["Location"])["nom"] == "2"
    assert parcours.session.scalar(select(func.count(CorrespondanceAnnuaire.id))) == 1


def test_chaque_doublon_se_decide(
    parcours: Parcours, gestionnaire: Organisation, ouvrir: Ouvrir, clock: FixedClock, regulatrice: Actor
) -> None:
    """Same person: updated; same unique function, someone else: takes over; another agency: created."""
    unique = ouvrir(gestionnaire)
    logement = ouvrir(gestionnaire, "referent_logement", replace(CAMILLE, email="camille@ajoncs.example"))
    agence = ouvrir(gestionnaire, "referent_proximite", replace(CAMILLE, nom="Ancien"), mention="Agence Est")
    parcours.session.commit()
    fichier = (
        f"{ENTETES};Précision\n"
        "Association Les Ajoncs;;Référent SIAO;Noé;Nouveau;02 61 91 00 20;;\n"
        "Association Les Ajoncs;;Référent logement;CAMILLE;EXEMPLE;02 61 91 00 21;camille@ajoncs.example;\n"
        "Association Les Ajoncs;;Référent proximité;Zoé;Ouest;02 61 91 00 22;;Agence Ouest\n"
    )
    apercu = parcours.lire(fichier)
    page = parcours.page(apercu)
    assert "3 lignes parlent de fonctions qui ont déjà une fiche" in page
    assert "Camille Exemple quitterait la fonction." in page
    choix = choisies(parcours.client, apercu)
    assert choix["decision_2"].startswith(f"maj:{unique.ref}:")
    assert choix["decision_3"].startswith(f"maj:{logement.ref}:")
    assert choix["decision_4"] == "creer"
    # one gesture for all, then one line chosen otherwise
    confirmer = f"{apercu}/confirmer"
    pour_tout = {"geste": "tout", "lignes": "tout"}
    parcours.client.post(confirmer, data=choix | pour_tout | {"pour_tout": "ignorer"})
    choix = choisies(parcours.client, apercu)
    assert {choix[f"decision_{n}"] for n in (2, 3, 4)} == {"ignorer"}
    parcours.client.post(confirmer, data=choix | pour_tout | {"pour_tout": ""})
    version = agence.version
    compte_rendu = parcours.importer(apercu, decision_4=f"maj:{agence.ref}:{version}", decision_3="ignorer")
    assert "2 mises à jour." in parcours.page(compte_rendu)
    jour = clock.today()
    held = {one.id: tenue(one, jour).titulaire for one in parcours.fiches()}
    assert [held[one].nom for one in (unique.id, logement.id, agence.id) if held[one]] == [
        "Nouveau",
        "Exemple",
        "Ouest",
    ]
    anciens = parcours.session.scalars(
        select(Titulaire).where(Titulaire.au.is_not(None)).order_by(Titulaire.id)
    ).all()
    assert {(one.nom, one.au) for one in anciens} == {
        ("Exemple", jour - timedelta(days=1)),
        ("Ancien", jour - timedelta(days=1)),
    }
    gestes = parcours.session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "annuaire:referent:importer")
    ).all()
    assert {g.objet_ref for g in gestes} == {unique.ref, agence.ref}
    assert all("tenue" in g.changements for g in gestes)
    # someone changes one of them: undoing leaves it, says why, and gives the other back what it was
    clock.instant += timedelta(minutes=5)
    parcours.session.refresh(agence)
    confier(
        parcours.session,
        clock,
        regulatrice,
        agence,
        replace(CAMILLE, nom="Après", du=jour + timedelta(days=30)),
        version=agence.version,
    )
    parcours.session.commit()
    parcours.client.post(f"{compte_rendu}/annuler")
    page = parcours.page(compte_rendu)
    assert "1 remise comme avant." in page
    assert "Modifiée depuis l’import." in page
    parcours.fiches()
    rendu = parcours.session.get_one(Referent, unique.id)
    camille = tenue(rendu, jour).titulaire
    assert camille is not None
    assert (camille.nom, camille.au, len(rendu.titulaires)) == ("Exemple", None, 1)


def test_une_adresse_corrigee_ne_garde_pas_le_compte_de_l_ancienne(
    parcours: Parcours, gestionnaire: Organisation, direction: Actor, ouvrir: Ouvrir
) -> None:
    """An address without an account: what was held by the former account is no longer that account's."""
    compte = parcours.session.get_one(Personne, direction.personne_id)
    ouvrir(gestionnaire, titulaire=replace(CAMILLE, email=compte.email))
    ouvrir(gestionnaire, "signataire", replace(CAMILLE, email="ancienne@ajoncs.example"))
    parcours.session.commit()

    def comptes() -> list[int | None]:
        return [one.titulaires[0].personne_id for one in parcours.fiches()]

    assert comptes() == [compte.id, None]
    fichier = (
        f"{ENTETES}\n"
        "Association Les Ajoncs;;Référent SIAO;Camille;Exemple;;accueil@ajoncs.example\n"
        f"Association Les Ajoncs;;Signataire;Camille;Exemple;;{compte.email}\n"
    )
    compte_rendu = parcours.importer(parcours.lire(fichier))
    assert "2 mises à jour." in parcours.page(compte_rendu)
    assert comptes() == [None, compte.id]
    parcours.client.post(f"{compte_rendu}/annuler")
    assert comptes() == [compte.id, None]


def test_qui_est_deja_parti_n_arrive_pas(parcours: Parcours, gestionnaire: Organisation) -> None:
    """Without a first day the holder comes today: a last day in the past is refused in its cell."""
    apercu = parcours.lire(
        f"{ENTETES};Jusqu’au\n"
        "Association Les Ajoncs;;Signataire;Nina;Partie;02 61 91 00 07;;01/02/2026\n"
        "Association Les Ajoncs;;relogement;Sacha;Exemple;02 61 91 00 08;;\n"
    )
    assert "La fin ne peut pas précéder le début" in rangee(parcours.page(apercu), 2)
    assert "1 fiche créée" in parcours.page(parcours.importer(apercu, "valides"))


def test_ce_qui_a_change_depuis_l_apercu_n_est_pas_ecrit(
    parcours: Parcours, gestionnaire: Organisation, ouvrir: Ouvrir
) -> None:
    apercu = parcours.lire(f"{ENTETES}\nAssociation Les Ajoncs;;Référent SIAO;Noé;Nouveau;02 61 91 00 20;\n")
    ouvrir(gestionnaire)  # someone opens it meanwhile
    parcours.session.commit()
    page = parcours.page(parcours.importer(apercu))
    assert "Rien n’a été importé" in page
    parcours.importer(apercu, "valides")
    assert len(parcours.fiches()) == 1


def test_un_operateur_n_ecrit_que_chez_lui(
    parcours: Parcours,
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    direction: Actor,
    siao: Organisation,
    ouvrir: Ouvrir,
) -> None:
    autre = ouvrir(siao, "referent_logement")
    parcours.session.commit()
    parcours.client = client_for(direction)
    apercu = parcours.lire(
        f"Référence de la fiche;{ENTETES}\n"
        ";;;Référent SIAO;Noé;Nouveau;02 61 91 00 20;\n"
        f";{siao.nom};;Référent SIAO;Noé;Nouveau;02 61 91 00 20;\n"
        f"{autre.ref};;;;Noé;Intrus;02 61 91 00 20;\n"
        "inconnue;;;;Noé;Intrus;02 61 91 00 20;\n"
    )
    page = parcours.page(apercu)
    assert "n’est pas elle" in rangee(page, 3)
    assert "Votre accès ne permet pas" in rangee(page, 4)
    assert "Aucune fiche ouverte ne porte la référence" in rangee(page, 5)
    parcours.importer(apercu, "valides")
    assert [one.organisation.nom for one in parcours.fiches()] == [siao.nom, "Association Les Ajoncs"]
    lecteur = client_for(actor_for(Profil.TRAVAILLEUR_SOCIAL))
    assert lecteur.get(PAGE).status_code == 403
    assert parcours.client.get(apercu).status_code == 200
    assert client_for(actor_for(Profil.SIAO_DIRECTION, siao)).get(apercu).status_code == 404  # another's


def test_l_apercu_est_dans_la_langue_de_qui_le_lit(
    app: Flask,
    database: Database,
    clock: FixedClock,
    session: Session,
    client_for: Callable[..., FlaskClient],
    regulatrice: Actor,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
) -> None:
    ouvrir(gestionnaire, "referent_logement", publics=("familles",))
    session.get_one(Personne, regulatrice.personne_id).langue = "en"
    session.get_one(Nature, "CHU").libelle_en = "Emergency shelter"
    session.commit()
    parcours = Parcours(app, database, clock, session, client_for(regulatrice))
    page = parcours.page(
        parcours.lire(
            f"{ENTETES};Publics;Natures\n"
            "Association Les Ajoncs;;Référent logement;Camille;Exemple;;;jeunnes;"
            "Centre d’hébergement d’urgense\n"
        )
    )
    assert "is read as “Emergency shelter”" in page
    assert publics()["jeunes"].en in page
    assert publics()["familles"].en in page
    assert publics()["jeunes"].fr not in page


def test_un_mot_inconnu_se_precise(parcours: Parcours, gestionnaire: Organisation) -> None:
    apercu = parcours.lire(
        f"{ENTETES}\nAsso Les Ajonc;;Réf. SIAO;Noé;Nouveau;02 61 91 00 20;\n"
        "Association Les Ajoncs;;Chef de service;Noé;Nouveau;02 61 91 00 20;\n"
    )
    choix = choisies(parcours.client, apercu)
    assert "Organisation « Asso Les Ajonc »" in parcours.page(apercu)
    reponse = parcours.client.post(
        f"{apercu}/confirmer",
        data=choix
        | {"mot_0": gestionnaire.ref, "mot_1": "signataire", "geste": "refaire", "lignes": "valides"},
    )
    parcours.travailler()
    refait = reponse.headers["Location"]
    assert "Refusées" in parcours.page(refait)
    parcours.importer(refait)
    assert {one.fonction_code for one in parcours.fiches()} == {"referent_siao", "signataire"}


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_l_export_redonne_ne_change_rien(
    parcours: Parcours, annuaire: dict[str, Referent], extension: str
) -> None:
    piege = next(iter(annuaire.values()))
    piege.mention, piege.horaires = "=1+1", "'+33 astreinte"
    piege.telephone = "+262692000001"
    parcours.session.commit()
    avant = etat(parcours)
    contenu = parcours.client.get(f"/annuaire/export.{extension}").data
    assert b"\n=1+1" not in contenu
    assert b";=1+1" not in contenu
    apercu = parcours.lire(contenu, f"annuaire.{extension}")
    page = parcours.page(apercu)
    assert "Tout est déjà dans l’annuaire : il n’y a rien à importer." in page
    reponse = parcours.client.post(f"{apercu}/confirmer", data={"lignes": "tout", "pour_tout": ""})
    parcours.travailler()
    assert f"{len(annuaire)}" in parcours.page(reponse.headers["Location"])
    assert etat(parcours) == avant


def etat(parcours: Parcours) -> list[Any]:
    return [
        (
            one.ref,
            one.version,
            one.updated_at,
            one.verifie_le,
            one.texte_recherche,
            sorted(t.id for t in one.titulaires),
        )
        for one in parcours.fiches()
    ]


def test_l_export_donne_ce_qui_est_montre(
    parcours: Parcours, annuaire: dict[str, Referent], ouvrir: Ouvrir, siao: Organisation, database: Database
) -> None:
    for rang in range(40):  # more than a page of answers
        ouvrir(siao, "referent_logement", replace(CAMILLE, nom=f"Saint{rang}"), mention=f"Quartier {rang}")
    vieille = annuaire["siao22_logement"]
    vieille.verifie_le = date(2025, 3, 2)
    parcours.session.commit()
    with statements(database) as vues:
        reponse = parcours.client.get("/annuaire/export.csv?q=quartier")
        lues = read_table(reponse.data, "export.csv")
    assert len(vues) < 60
    assert len(lues.rows) == 40
    montrees = re.findall(r"Saint\d+", parcours.page("/annuaire?q=quartier"))
    nom = lues.headers.index("Nom")
    assert [row.cells[nom] for row in lues.rows][: len(montrees)] == montrees  # those shown come first
    reponse = parcours.client.get("/annuaire/export.xlsx?fonction=referent_logement&q=aubepin")
    classeur = load_workbook(BytesIO(reponse.data))
    lignes = list(classeur.active.values)
    assert lignes[0] == tuple(entetes())
    assert len(lignes) == 2
    assert lignes[1][-1] == "Grisée : non vérifiée depuis 9 mois"
    cartes = list(vobject.readComponents(parcours.client.get("/annuaire/export.vcf?q=aubepin").data.decode()))
    assert [carte.fn.value for carte in cartes] == ["Katell Aubépin"]
    assert "Grisée" in cartes[0].note.value
    notes = parcours.session.scalars(
        select(EntreeJournal)
        .where(EntreeJournal.action == "annuaire:liste:exporter")
        .order_by(EntreeJournal.id)
    ).all()
    assert notes[0].changements == {"format": "csv", "filtres": {"q": "quartier"}, "nombre": 40}


def test_l_export_est_limite_en_nombre(
    parcours: Parcours,
    annuaire: dict[str, Referent],
    clock: FixedClock,
    client_for: Callable[..., FlaskClient],
    direction: Actor,
) -> None:
    parcours.session.commit()
    settings: Settings = parcours.app.extensions["portail_settings"]
    pool: Any = parcours.database.engine.pool
    ouvertes = pool.checkedout()
    for _fois in range(settings.annuaire_exports):
        assert "Aubépin" in parcours.client.get("/annuaire/export.csv?q=aubepin").get_data(as_text=True)
        clock.instant += timedelta(seconds=30)
    assert pool.checkedout() == ouvertes  # each gave its connection back
    reponse = parcours.client.get("/annuaire/export.vcf")
    assert reponse.status_code == 429
    assert int(reponse.headers["Retry-After"]) == 15 * 60 - 30 * settings.annuaire_exports
    assert "Vous pourrez réessayer dans 10 minutes." in text_of(reponse)
    assert client_for(direction).get("/annuaire/export.csv").get_data()  # each their own
    clock.instant += timedelta(minutes=11)
    assert "Aubépin" in parcours.client.get("/annuaire/export.csv").get_data(as_text=True)


def test_l_export_est_refuse_par_defaut(
    annuaire: dict[str, Referent],
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    factories: SimpleNamespace,
) -> None:
    invite = client_for(actor_for(Profil.INVITE_PONCTUEL))
    assert invite.get("/annuaire/export.csv").status_code == 403
    assert "export.csv" not in invite.get("/annuaire").get_data(as_text=True)
    ailleurs = actor_for(Profil.OPERATEUR_DIRECTION, factories.Organisation(departement_code="35"))
    lues = read_table(client_for(ailleurs).get("/annuaire/export.csv").data, "export.csv")
    assert {row.cells[lues.headers.index("Département")] for row in lues.rows} == {"35"}


def test_le_modele_se_lit_tel_quel(parcours: Parcours) -> None:
    modele = parcours.client.get("/annuaire/modele.csv")
    assert modele.status_code == 200
    page = parcours.page(parcours.lire(modele.data))
    assert page.count("Organisation inconnue dans votre département") == 2
    assert page.count("Erreur :") == 2 + page.count("Cette organisation n’a pas de structure")


def test_les_valeurs_d_une_fiche_couvrent_chaque_colonne(
    session: Session, annuaire: dict[str, Referent]
) -> None:
    referents = charger(session, [one.id for one in annuaire.values()])
    lues = valeurs(referents[0], noms_de(session, referents), date(2026, 3, 2))
    assert len(lues) + 7 == len(entetes())


def test_de_quoi_defaire_ne_reste_pas(
    parcours: Parcours, gestionnaire: Organisation, database: Database, clock: FixedClock
) -> None:
    apercu = parcours.lire(f"{ENTETES}\nAssociation Les Ajoncs;;Signataire;Noé;Nouveau;02 61 91 00 20;\n")
    parcours.importer(apercu)
    settings: Settings = parcours.app.extensions["portail_settings"]
    oublier(database, clock, settings)
    assert parcours.session.scalar(select(func.count(FicheImportee.id))) == 1
    clock.instant += timedelta(days=3)
    oublier(database, clock, settings)
    parcours.session.rollback()
    assert parcours.session.scalar(select(func.count(FicheImportee.id))) == 0


@pytest.mark.parametrize(
    ("contenu", "nom"),
    [
        (b"", "vide.csv"),
        (b"PK\x03\x04rien", "abime.xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ancien.xls"),
        (b"%PDF-1.4", "liste.csv"),
    ],
)
def test_un_fichier_illisible_est_refuse_pres_de_son_champ(
    parcours: Parcours, contenu: bytes, nom: str
) -> None:
    parcours.session.commit()
    reponse = parcours.client.post(PAGE, data={"fichier": (BytesIO(contenu), nom)})
    assert reponse.status_code == 422
    assert 'aria-invalid="true"' in reponse.get_data(as_text=True)


def test_un_export_corrige_met_a_jour_les_memes_fiches(
    parcours: Parcours, gestionnaire: Organisation, siao: Organisation, ouvrir: Ouvrir, clock: FixedClock
) -> None:
    tenue_par = ouvrir(gestionnaire, "referent_logement", territoires=(Lieu(Maille.EPCI, "200069409"),))
    vide = ouvrir(gestionnaire, "signataire", None)
    autre = ouvrir(siao, "referent_logement", replace(CAMILLE, nom="Intacte"))
    hier = clock.today() - timedelta(days=1)
    for one in (tenue_par, vide, autre):
        one.verifie_le = hier
    parcours.session.commit()
    texte = parcours.client.get("/annuaire/export.csv").data.decode("utf-8-sig")
    lignes = list(csv.DictReader(StringIO(texte), delimiter=";"))
    # a reference that begins with a hyphen goes out behind an apostrophe
    par_ref = {ligne["Référence de la fiche"].lstrip("'"): ligne for ligne in lignes}
    par_ref[tenue_par.ref] |= {
        "Téléphone": "+33 2 61 91 00 99",
        "Suppléant : nom": "Second",
        "Suppléant : courriel": "second@ajoncs.example",
        "Communes couvertes": "Saint-Brieuc",
        "Natures de dispositif": "CHU",
    }
    par_ref[vide.ref] |= {"Prénom": "Nina", "Nom": "Nouvelle", "Courriel": "nina@ajoncs.example"}
    sortie = StringIO()
    ecrit = csv.DictWriter(sortie, list(lignes[0]), delimiter=";")
    ecrit.writeheader()
    ecrit.writerows(lignes)
    apercu = parcours.lire(sortie.getvalue())
    compte_rendu = parcours.importer(apercu)
    assert "2 mises à jour." in parcours.page(compte_rendu)
    une, deux, trois = parcours.fiches()
    held = tenue(une, clock.today())
    assert held.titulaire is not None
    assert held.suppleant is not None
    assert held.titulaire.telephone == "02 61 91 00 99"
    assert (held.suppleant.nom, held.suppleant.du) == ("Second", clock.today())
    assert {(row.maille, row.code) for row in une.territoires} == {
        (Maille.EPCI, "200069409"),
        (Maille.COMMUNE, "22278"),
    }
    assert [row.nature_code for row in une.natures] == ["CHU"]
    assert une.verifie_le == clock.today()
    nouvelle = tenue(deux, clock.today()).titulaire
    assert nouvelle is not None
    assert nouvelle.nom_complet == "Nina Nouvelle"
    assert trois.ref == autre.ref
    assert trois.verifie_le == hier  # said again, not verified again
    geste = parcours.session.scalars(
        select(EntreeJournal).where(
            EntreeJournal.action == "annuaire:referent:importer", EntreeJournal.objet_ref == une.ref
        )
    ).one()
    assert geste.changements["telephone"] == ["02 61 91 00 01", "02 61 91 00 99"]
    parcours.client.post(f"{compte_rendu}/annuler")
    une, deux, _trois = parcours.fiches()
    held = tenue(une, clock.today())
    assert held.titulaire is not None
    assert (held.titulaire.telephone, held.suppleant) == ("02 61 91 00 01", None)
    assert [(row.maille, row.code) for row in une.territoires] == [(Maille.EPCI, "200069409")]
    assert (une.natures, deux.titulaires) == ([], [])
    assert une.verifie_le == hier
