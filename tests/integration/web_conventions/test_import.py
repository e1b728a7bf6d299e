"""The import of a follow-up from its screens: file, columns, preview, import, undo, without a script."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.conventions.enums import Statut
from portal.conventions.import_suivi.colonnes import Champ
from portal.conventions.models import Convention
from portal.documents.models import Fichier
from portal.jobs.models import Travail
from portal.jobs.runner import run_due
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.web_conventions.conftest import Scene, comptees
from tests.integration.web_organisations import HTMX, text_of

PAGE = "/conventions/importer"
ENTETES = "Opérateur;SIAO;Date de signature;Date d’effet;Date de fin"
# The example of S0: one operator, two SIAO, the same dates.
S0 = (
    "Opérateur;SIAO;Signature;Fin de la convention\n"
    "Résidences Fictives;SIAO 92;12/12/2022;12/12/2026\n"
    "Résidences Fictives;SIAO 75;12/12/2022;12/12/2026\n"
)


def en_csv(*lignes: str, entetes: str = ENTETES) -> bytes:
    return "\n".join([entetes, *lignes]).encode()


@dataclass
class Parcours:
    """What a person does, page after page, and the worker behind."""

    app: Flask
    database: Database
    clock: FixedClock
    session: Session

    def travailler(self) -> None:
        """Do the jobs that wait."""
        settings: Settings = self.app.extensions["portail_settings"]
        while run_due(self.database, self.clock, settings):
            pass

    def deposer(self, client: FlaskClient, contenu: bytes, nom: str = "suivi.csv") -> str:
        """Give a file; return the address of its columns."""
        reponse = client.post(PAGE, data={"fichier": (BytesIO(contenu), nom)})
        assert reponse.status_code == 303, text_of(reponse)
        return reponse.headers["Location"]

    def lire(self, client: FlaskClient, contenu: bytes, nom: str = "suivi.csv") -> str:
        """Give a file, take the columns as they are proposed; return the address of the preview."""
        colonnes = self.deposer(client, contenu, nom)
        reponse = client.post(colonnes, data=choisies(client, colonnes))
        assert reponse.status_code == 303, text_of(reponse)
        self.travailler()
        return reponse.headers["Location"]

    def importer(self, client: FlaskClient, apercu: str, lignes: str = "tout", **choix: str) -> str:
        """Confirm a preview; return the address of the report."""
        reponse = client.post(f"{apercu}/confirmer", data={"lignes": lignes, **choix})
        assert reponse.status_code == 303, text_of(reponse)
        self.travailler()
        return reponse.headers["Location"]

    def combien(self, modele: type) -> int:
        self.session.rollback()
        self.session.expire_all()
        return self.session.scalar(select(func.count()).select_from(modele)) or 0

    def conventions(self) -> list[Convention]:
        self.session.rollback()
        self.session.expire_all()
        return list(self.session.scalars(select(Convention).order_by(Convention.id)))


@pytest.fixture
def parcours(app: Flask, database: Database, clock: FixedClock, session: Session) -> Parcours:
    return Parcours(app, database, clock, session)


def choisies(client: FlaskClient, adresse: str) -> dict[str, str]:
    """Return the columns that the page proposes."""
    page = client.get(adresse).get_data(as_text=True)
    selects = re.findall(r'<select[^>]* name="([a-z_]+)"[^>]*>(.*?)</select>', page, re.DOTALL)
    trouvees = {}
    for nom, options in selects:
        choix = re.search(r'<option selected value="(\d*)"', options)
        trouvees[nom] = choix[1] if choix else ""
    return trouvees


def rangee(texte: str, numero: int) -> str:
    """Return what the page says of a line of the file, up to the next one."""
    return texte.split(f"Ligne {numero}<", 1)[1].split("</tr>", 1)[0]


def test_du_fichier_a_l_annulation(
    scene: Scene, pilote: FlaskClient, parcours: Parcours, clock: FixedClock
) -> None:
    assert "Importer un suivi" in text_of(pilote.get("/conventions"))
    assert "SIAO Fictif 22" in text_of(pilote.get(PAGE))
    ouverte = scene.ligne(Statut.EN_SIGNATURE)
    scene.signee(date(2025, 1, 1), date(2029, 1, 1), operateur=scene.factories.Organisation(nom="Déjà là"))
    fichier = en_csv(
        "Association Essai;;12/12/2022;12/12/2022;12/12/2026",
        "Déjà là;;2025-01-01;01/01/2025;2029-01-01",
        "Nouvelle association;;;;",
    )
    apercu = parcours.lire(pilote, fichier)
    page = text_of(pilote.get(apercu))
    assert "3 lignes ont été lues." in page
    assert "À mettre à jour" in rangee(page, 2)
    assert "Inchangée" in rangee(page, 3)
    assert "À créer" in rangee(page, 4)
    assert "Opérateurs à reconnaître" in page
    assert len(parcours.conventions()) == 2

    bilan = parcours.importer(pilote, apercu, operateur_0="creer")
    page = text_of(pilote.get(bilan))
    assert "1 ligne créée, 1 mise à jour." in page
    assert scene.relue(ouverte).statut is Statut.SIGNEE
    assert len(parcours.conventions()) == 3
    assert "déjà été demandé" in text_of(pilote.get(apercu))
    assert (
        pilote.post(f"{apercu}/confirmer", data={"lignes": "tout", "operateur_0": "creer"})
        .headers["Location"]
        .endswith(bilan)
    )  # asked twice, done once
    assert "suivi.csv" in text_of(pilote.get(PAGE))

    assert "Défaire l’import de « suivi.csv » ?" in text_of(pilote.get(f"{bilan}/annuler"))
    assert pilote.post(f"{bilan}/annuler").status_code == 303
    page = text_of(pilote.get(bilan))
    assert "1 ligne retirée, 1 remise dans son état d’avant." in page
    assert "Défaire cet import" not in page
    assert scene.relue(ouverte).statut is Statut.EN_SIGNATURE
    assert len(parcours.conventions()) == 2
    assert (
        parcours.session.scalar(select(Organisation).where(Organisation.nom == "Nouvelle association"))
        is None
    )
    seconde = pilote.post(f"{bilan}/annuler")
    assert seconde.status_code == 422
    assert "déjà annulé" in text_of(seconde)


def test_l_exemple_de_la_source(
    session: Session,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
    parcours: Parcours,
) -> None:
    """Each département takes its own line; the operator reads both, and when each ends."""
    clients = {}
    for code in ("92", "75"):
        etat = factories.Organisation(
            type=TypeOrganisation.ETAT, nom=f"État fictif {code}", departement_code=code
        )
        factories.Organisation(
            type=TypeOrganisation.SIAO, nom=f"SIAO fictif {code}", sigle=f"SIAO {code}", departement_code=code
        )
        clients[code] = client_for(actor_for(Profil.ETAT_PILOTE, etat))
    for code, client in clients.items():
        apercu = parcours.lire(client, S0.encode("cp1252"))
        page = text_of(client.get(apercu))
        assert "SIAO inconnu dans votre département" in page
        choix = {"operateur_0": "creer"} if "operateur_0" in page else {}
        parcours.importer(client, apercu, "valides", **choix)
        assert len(parcours.conventions()) == (1 if code == "92" else 2)
    lignes = parcours.conventions()
    assert {ligne.departement_code for ligne in lignes} == {"92", "75"}
    assert len({ligne.operateur_id for ligne in lignes}) == 1
    assert {(x.date_signature, x.date_effet, x.date_fin) for x in lignes} == {
        (date(2022, 12, 12), date(2022, 12, 12), date(2026, 12, 12))
    }
    direction = actor_for(Profil.OPERATEUR_DIRECTION, lignes[0].operateur)
    for jour, etat, a_renouveler in (
        (date(2025, 12, 11), "En vigueur", 0),
        (date(2025, 12, 12), "En vigueur", 2),
        (date(2026, 12, 12), "En vigueur", 2),
        (date(2026, 12, 13), "Échue", 0),
    ):
        parcours.clock.instant = parcours.clock.instant.replace(
            year=jour.year, month=jour.month, day=jour.day
        )
        operateur = client_for(direction)
        page = operateur.get("/conventions").get_data(as_text=True)
        assert len(re.findall(rf'<span class="etat [^"]*">{etat}<', page)) == 2, (jour, etat)
        page = operateur.get("/conventions?a_renouveler=1").get_data(as_text=True)
        assert len(re.findall('<span class="etat ', page)) == a_renouveler, jour


def test_chaque_erreur_est_dans_sa_case(pilote: FlaskClient, scene: Scene, parcours: Parcours) -> None:
    scene.signee(date(2024, 1, 1), date(2028, 1, 1), operateur=scene.factories.Organisation(nom="Couverte"))
    entetes = "Gestionnaire;SIREN;État;Signature;Début;Terme;Places"
    lignes = {
        2: ("Alpha;123456789;;;;;", "SIREN", "clé"),
        3: ("Alpha;;;31/02/2024;;;", "Signature", "Cette date n’existe pas"),
        4: ("Alpha;;;01/02/2024;01/02/2024;01/01/2023;", "Terme", "précède"),
        5: ("Couverte;;;01/02/2025;01/02/2025;01/02/2029;", "Début", "01/01/2028"),
        6: ("Alpha;;résiliée;;;;", "État", "ne s’importe pas"),
        7: (";;;;;;", "", ""),
        8: ("Alpha;;;;;;beaucoup", "Places", "n’est pas un nombre"),
        9: ("=cmd|' /C calc'!A0;;;;;;", "Gestionnaire", "comme une formule de tableur : écrivez le nom"),
        10: ("Beta;;;;;;", "", "À créer"),
    }
    contenu = en_csv(*(ligne for ligne, _colonne, _texte in lignes.values()), entetes=entetes)
    apercu = parcours.lire(pilote, contenu)
    page = text_of(pilote.get(apercu))
    for numero, (_ligne, colonne, texte) in lignes.items():
        if texte and colonne:
            cellule = rangee(page, numero).split(f'data-label="{colonne}"', 1)[1].split("</td>", 1)[0]
            assert texte in cellule, (numero, cellule)
            assert "Erreur :" in cellule
    assert "Ligne 7<" not in page  # empty, skipped

    avant = len(parcours.conventions())
    assert page.count('name="operateur_') == 1  # nothing is asked of who is on refused lines alone
    refus = pilote.post(f"{apercu}/confirmer", data={"lignes": "tout", "operateur_0": "creer"})
    assert refus.status_code == 422
    assert "rien n’a été importé" in text_of(refus)
    assert len(parcours.conventions()) == avant
    bilan = parcours.importer(pilote, apercu, "valides", operateur_0="creer")
    assert "1 ligne créée, 0 mise à jour." in text_of(pilote.get(bilan))
    assert len(parcours.conventions()) == avant + 1


def test_un_operateur_connu_sous_un_autre_nom(pilote: FlaskClient, scene: Scene, parcours: Parcours) -> None:
    apercu = parcours.lire(
        pilote, en_csv("Association Essai Fictive;;;;", "Association Essai Fictive;;01/01/2022;;")
    )
    page = pilote.get(apercu)
    assert "Noms proches" in text_of(page)
    assert "Lignes 2, 3 du fichier." in text_of(page)
    muet = pilote.post(f"{apercu}/confirmer", data={"lignes": "tout", "operateur_0": ""})
    assert muet.status_code == 422
    assert "Dites s’il s’agit d’un organisme déjà connu" in text_of(muet)
    etranger = scene.factories.Organisation(nom="Ailleurs", departement_code="37")
    scene.session.commit()
    inventee = {"lignes": "tout", "operateur_0": etranger.ref}
    assert pilote.post(f"{apercu}/confirmer", data=inventee).status_code == 422
    parcours.importer(pilote, apercu, operateur_0=scene.operateur.ref)
    assert {ligne.operateur_id for ligne in parcours.conventions()} == {scene.operateur.id}


def test_les_colonnes_sont_retenues(
    pilote: FlaskClient, scene: Scene, parcours: Parcours, client_for: Callable[..., FlaskClient]
) -> None:
    contenu = en_csv("Association Essai;x;01/02/2022", entetes="Qui;Rien;Quand")
    adresse = parcours.deposer(pilote, contenu)
    page = text_of(pilote.get(adresse))
    assert "Qui (Association Essai)" in page
    assert "reconnues d’après leurs titres" in page
    vides = dict.fromkeys(choisies(pilote, adresse), "")
    assert len(vides) == len(Champ)
    sans = pilote.post(adresse, data=vides)
    assert sans.status_code == 422
    assert "Dites quelle colonne donne l’opérateur." in text_of(sans)
    deux_fois = pilote.post(adresse, data=vides | {"operateur": "0", "notes": "0"})
    assert "Une même colonne est choisie deux fois." in text_of(deux_fois)
    assert pilote.post(adresse, data=vides | {"operateur": "9"}).status_code == 422
    donnees = vides | {"operateur": "0", "date_signature": "2"}
    assert pilote.post(adresse, data=donnees).status_code == 303

    seconde = parcours.deposer(pilote, contenu)
    assert "choisies la dernière fois" in text_of(pilote.get(seconde))
    assert choisies(pilote, seconde) == donnees
    siao = client_for(scene.regulateur)  # another organisation matches its own
    assert "reconnues d’après leurs titres" in text_of(siao.get(parcours.deposer(siao, contenu)))


def classeur(*lignes: list[object]) -> bytes:
    livre, sortie = Workbook(), BytesIO()
    for ligne in lignes:
        livre.active.append(ligne)
    livre.save(sortie)
    return sortie.getvalue()


def test_un_classeur_et_ses_dates(pilote: FlaskClient, parcours: Parcours, scene: Scene) -> None:
    contenu = classeur(
        ["Opérateur", "Date de signature", "Date de fin"], ["Association Essai", date(2022, 12, 12), 46368]
    )
    apercu = parcours.lire(pilote, contenu, "suivi.xlsx")
    assert "12/12/2022" in rangee(text_of(pilote.get(apercu)), 2)
    parcours.importer(pilote, apercu)
    [ligne] = parcours.conventions()
    assert (ligne.date_signature, ligne.date_fin) == (date(2022, 12, 12), date(2026, 12, 12))


def bombe() -> bytes:
    sortie = BytesIO()
    with ZipFile(sortie, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 80_000_000)
    return sortie.getvalue()


@pytest.mark.parametrize(
    ("contenu", "nom", "message"),
    [
        (lambda: b"%PDF-1.7", "suivi.pdf", "Ce type de fichier n’est pas accepté ici."),
        (lambda: b"%PDF-1.7", "suivi.xlsx", "Le contenu de ce fichier ne correspond pas à son nom"),
        (lambda: b"a" * (50 * 1024 * 1024), "suivi.csv", "Ce fichier dépasse 20 Mo."),
        (bombe, "suivi.xlsx", "Ce fichier grossit anormalement"),
        (lambda: b"", "suivi.csv", "Ce fichier est vide."),
        (lambda: "Opérateur;Fin\nA;".encode() + b"\xe9\x81\x8d\xff\n", "suivi.csv", "accents"),
        (lambda: "Opérateur;Fin\n".encode(), "suivi.csv", "sans aucune ligne"),
        (lambda: b"Alpha;12/12/2022\nBeta;12/12/2023\n", "suivi.csv", "titres de colonnes"),
    ],
)
def test_un_mauvais_fichier_est_refuse_a_cote_du_champ(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    pilote: FlaskClient,
    parcours: Parcours,
    contenu: Callable[[], bytes],
    nom: str,
    message: str,
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)  # it reads the form before the page does
    jeton = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', pilote.get(PAGE).get_data(as_text=True))
    assert jeton is not None
    limite = "limite-des-parties"
    tete = (
        f'--{limite}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{jeton[1]}\r\n'
        f'--{limite}\r\nContent-Disposition: form-data; name="fichier"; filename="{nom}"\r\n\r\n'
    )
    corps = tete.encode() + contenu() + f"\r\n--{limite}--\r\n".encode()
    reponse = pilote.post(PAGE, data=corps, content_type=f"multipart/form-data; boundary={limite}")
    assert reponse.status_code == 422
    page = text_of(reponse)
    assert message in page.split('id="fichier-erreur"', 1)[1].split("</p>", 1)[0]
    assert parcours.combien(Travail) == 0
    assert parcours.combien(Fichier) == 0
    vide = pilote.post(PAGE, data={"csrf_token": jeton[1]})
    assert "Ce champ est obligatoire." in text_of(vide)


def test_une_ligne_changee_depuis_est_gardee(
    pilote: FlaskClient, parcours: Parcours, clock: FixedClock
) -> None:
    contenu = en_csv("Première;;;;", "Seconde;;;;")
    bilan = parcours.importer(
        pilote, parcours.lire(pilote, contenu), operateur_0="creer", operateur_1="creer"
    )
    premiere = parcours.conventions()[0]
    clock.instant += timedelta(minutes=5)
    donnees = {"version": str(premiere.version), "date_cible": "2026-11-30", "motif": "Calendrier"}
    assert pilote.post(f"/conventions/{premiere.ref}/date-cible", data=donnees).status_code == 303
    assert pilote.post(f"{bilan}/annuler").status_code == 303
    page = text_of(pilote.get(bilan))
    assert "1 ligne retirée" in page
    assert "Modifiée depuis l’import." in page
    assert f"/conventions/{premiere.ref}" in page
    assert [ligne.ref for ligne in parcours.conventions()] == [premiere.ref]


def test_le_lendemain_il_est_trop_tard(
    pilote: FlaskClient,
    scene: Scene,
    parcours: Parcours,
    clock: FixedClock,
    client_for: Callable[..., FlaskClient],
) -> None:
    bilan = parcours.importer(pilote, parcours.lire(pilote, en_csv("Association Essai;;;;")))
    assert "Défaire cet import" in text_of(pilote.get(bilan))
    clock.instant += timedelta(days=1)
    lendemain = client_for(scene.pilote)
    assert "Défaire cet import" not in text_of(lendemain.get(bilan))
    refus = lendemain.post(f"{bilan}/annuler")
    assert refus.status_code == 422
    assert "le jour même" in text_of(refus)
    assert len(parcours.conventions()) == 1


def test_tout_ou_rien_quand_le_portail_a_change(
    pilote: FlaskClient, scene: Scene, parcours: Parcours
) -> None:
    """What was valid at the preview no longer is when it is written: nothing is, and the reason is told."""
    libre = scene.factories.Organisation(nom="Libre")
    scene.session.commit()
    lignes = ("Association Essai;;01/01/2024;01/01/2024;01/01/2028", "Libre;;01/01/2024;;")
    apercu = parcours.lire(pilote, en_csv(*lignes))
    scene.signee(date(2023, 6, 1), date(2027, 6, 1))
    bilan = parcours.importer(pilote, apercu)
    page = text_of(pilote.get(bilan))
    assert "Rien n’a été importé" in page
    assert apercu in page
    assert len(parcours.conventions()) == 1
    second = parcours.importer(pilote, apercu, "valides")
    assert second != bilan
    assert "1 ligne créée" in text_of(pilote.get(second))
    assert {ligne.operateur_id for ligne in parcours.conventions()} == {scene.operateur.id, libre.id}


def test_a_chacun_ses_imports(
    pilote: FlaskClient,
    scene: Scene,
    parcours: Parcours,
    operateur: FlaskClient,
    client_for: Callable[..., FlaskClient],
) -> None:
    colonnes = parcours.deposer(pilote, en_csv("Association Essai;;;;"))
    depot = colonnes.removesuffix("/colonnes")
    assert pilote.get(depot).headers["Location"].endswith(colonnes)
    apercu = pilote.post(colonnes, data=choisies(pilote, colonnes)).headers["Location"]
    assert pilote.post(f"{apercu}/confirmer", data={"lignes": "tout"}).status_code == 404  # not read yet
    parcours.travailler()
    siao = client_for(scene.regulateur)
    for adresse in (colonnes, apercu, f"{apercu}/annuler"):
        assert siao.get(adresse).status_code == 404
        assert operateur.get(adresse).status_code == 403
    for adresse in (colonnes, f"{apercu}/confirmer", f"{apercu}/annuler", f"{PAGE}/inconnu/confirmer"):
        assert siao.post(adresse, data={}).status_code == 404
        assert operateur.post(adresse, data={}).status_code == 403
    assert operateur.get(PAGE).status_code == 403
    assert pilote.get(f"{apercu}/colonnes").status_code == 404  # a preview is no file
    assert pilote.post(f"{depot}/confirmer", data={"lignes": "tout"}).status_code == 404


def test_la_page_n_entend_que_les_nouvelles(pilote: FlaskClient, parcours: Parcours) -> None:
    colonnes = parcours.deposer(pilote, en_csv("Association Essai;;;;"))
    apercu = pilote.post(colonnes, data=choisies(pilote, colonnes)).headers["Location"]
    assert "En attente de son tour" in text_of(pilote.get(apercu))
    veille = HTMX | {"X-Veille": "1"}
    assert pilote.get(f"{apercu}?etat=en_attente-0", headers=veille).status_code == 204
    parcours.travailler()
    nouvelle = pilote.get(f"{apercu}?etat=en_attente-0", headers=veille)
    assert nouvelle.status_code == 200
    assert "<html" not in nouvelle.get_data(as_text=True)
    assert "data-veille" not in nouvelle.get_data(as_text=True)


def test_sans_siao_rien_ne_s_importe(
    factories: SimpleNamespace, actor_for: Callable[..., Actor], client_for: Callable[..., FlaskClient]
) -> None:
    etat = factories.Organisation(type=TypeOrganisation.ETAT, nom="État fictif 37", departement_code="37")
    client = client_for(actor_for(Profil.ETAT_PILOTE, etat))
    assert "Aucun SIAO dans votre département" in text_of(client.get(PAGE))
    fichier = {"fichier": (BytesIO(en_csv("Alpha;;;;")), "suivi.csv")}
    assert client.post(PAGE, data=fichier).status_code == 403


def test_le_nombre_de_requetes_est_constant(
    pilote: FlaskClient, parcours: Parcours, database: Database
) -> None:
    for nombre in (2, 60):
        contenu = en_csv(*(f"Association {rang};;01/02/2022;;" for rang in range(nombre)))
        colonnes = parcours.deposer(pilote, contenu)
        apercu = parcours.lire(pilote, contenu)
        for adresse in (PAGE, colonnes, apercu):
            with comptees(database) as vues:
                assert pilote.get(adresse).status_code == 200
            assert len([v for v in vues if not v.startswith("BEGIN")]) <= 8, (adresse, vues)
