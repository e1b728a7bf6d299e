"""« Suivi des conventions »: what the list shows, filters, sorts, exports; acts on many lines."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from portal.audit.models import EntreeJournal
from portal.conventions import service
from portal.conventions.enums import Partie, Statut
from portal.conventions.models import Convention
from portal.notifications.models import MessageSortant
from portal.organisations.parametres import set_value
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.web_conventions.conftest import Scene, comptees

FRAGMENT = {"HX-Request": "true"}


def peupler(scene: Scene, nombre: int) -> None:
    """Make many open lines, each of an operator of its own."""
    for rang in range(nombre):
        scene.factories.Convention(
            operateur=scene.factories.Organisation(nom=f"Opérateur {rang:03d}"),
            siao=scene.siao,
            etat=scene.etat,
            statut=Statut.EN_NEGOCIATION,
            natures={"CHU": 10},
            date_cible=date(2026, 1, 1) + timedelta(days=rang),
        )
    scene.session.commit()


def lignes(html: str) -> list[str]:
    """Return the title of each row of the list."""
    return re.findall(r'<th scope="row"><a href="/conventions/[^"]+">([^<]+)</a>', html)


def test_le_seul_siao_n_est_pas_repete(
    scene: Scene, pilote: FlaskClient, client_for: Callable[..., FlaskClient]
) -> None:
    """A reader with one SIAO does not read it on each row; the export says it, and two are told apart."""
    scene.ligne(Statut.EN_NEGOCIATION)
    siao = client_for(scene.regulateur)
    for client in (pilote, siao):
        tableau = client.get("/conventions").get_data(as_text=True).split("<tbody")[1]
        assert "Association Essai" in tableau
        assert "SIAO Fictif 22" not in tableau
    assert "SIAO Fictif 22" in siao.get("/conventions/export.csv").get_data(as_text=True)
    second = scene.factories.Organisation(type=scene.siao.type, nom="SIAO Second 22")
    scene.ligne(Statut.EN_NEGOCIATION, siao=second)
    tableau = client_for(scene.pilote).get("/conventions").get_data(as_text=True).split("<tbody")[1]
    assert "SIAO Fictif 22" in tableau
    assert "SIAO Second 22" in tableau


def test_une_ligne_dit_tout(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.ligne(Statut.EN_SIGNATURE, natures={"CHU": 12, "RS": None}, date_cible=date(2026, 2, 20))
    ligne.signatures = [scene.signature(Partie.OPERATEUR, date(2026, 2, 1))]
    scene.session.commit()
    html = pilote.get("/conventions").get_data(as_text=True)
    assert lignes(html) == ["Association Essai"]
    for attendu in (
        "CHU, Résidence sociale",
        "En signature",
        "10 jours de retard",
        "20/02/2026",
        "Opérateur 01/02/2026, SIAO non signée, État non signée",
        "<b>O</b><i>S</i><i>É</i>",
    ):
        assert attendu in html


def test_la_suspension_dit_depuis_quand(scene: Scene, pilote: FlaskClient, clock: FixedClock) -> None:
    scene.ligne(Statut.SUSPENDUE, statut_depuis=clock.now() - timedelta(days=9))
    assert "bloquée depuis 9 jours" in pilote.get("/conventions").get_data(as_text=True)


@pytest.mark.parametrize(
    ("requete", "attendues"),
    [
        ("etat=a_engager&etat=en_vigueur", {"Alpha", "Bravo"}),
        ("etat=en_vigueur", {"Bravo"}),
        ("nature=CHU", {"Alpha"}),
        ("q=charl", {"Charlie"}),
        ("retard=1", {"Charlie"}),
        ("a_renouveler=1", {"Bravo"}),
        ("a_recopier=1", {"Bravo"}),
        ("mode=collectif", {"Charlie"}),
        ("responsable=moi", {"Alpha"}),
        ("responsable=personne", {"Bravo", "Charlie"}),
        ("etat=inconnu&mode=inconnu&tri=inconnu", {"Alpha", "Bravo", "Charlie"}),
    ],
)
def test_filtres(scene: Scene, pilote: FlaskClient, requete: str, attendues: set[str]) -> None:
    from portal.conventions.enums import Mode

    nom = scene.factories.Organisation
    scene.ligne(operateur=nom(nom="Alpha"), natures={"CHU": 3}, responsable_id=scene.pilote.personne_id)
    scene.signee(date(2022, 12, 12), date(2026, 12, 12), operateur=nom(nom="Bravo"))
    scene.ligne(
        Statut.PROJET, operateur=nom(nom="Charlie"), date_cible=date(2026, 1, 31), mode=Mode.COLLECTIF
    )
    html = pilote.get(f"/conventions?{requete}").get_data(as_text=True)
    assert set(lignes(html)) == attendues


def test_tri_et_pages(scene: Scene, pilote: FlaskClient) -> None:
    peupler(scene, 60)
    premiere = pilote.get("/conventions?tri=-echeance").get_data(as_text=True)
    vues = lignes(premiere)
    assert vues[0] == "Opérateur 059"
    assert len(vues) == 50
    suivante = re.search(
        r'href="(/conventions\?[^"]*curseur=[^"]+)"[^>]*>\s*<span class="texte">Suivant', premiere
    )
    assert suivante is not None
    html = pilote.get(suivante[1].replace("&amp;", "&")).get_data(as_text=True)
    assert lignes(html) == [f"Opérateur {rang:03d}" for rang in range(9, -1, -1)]
    assert "1 à 50 sur 60" in premiere


def test_le_fragment_est_la_partie_de_la_page(scene: Scene, pilote: FlaskClient) -> None:
    peupler(scene, 3)
    page = pilote.get("/conventions?q=op").get_data(as_text=True)
    fragment = pilote.get("/conventions?q=op", headers=FRAGMENT).get_data(as_text=True)
    assert fragment.strip() in page
    assert "<html" not in fragment


def test_nombre_constant_de_requetes(
    scene: Scene, pilote: FlaskClient, database: Database, clock: FixedClock
) -> None:
    def mesurer() -> int:
        with comptees(database) as vues:
            assert pilote.get("/conventions?etat=en_negociation&q=operateur&tri=fin").status_code == 200
        return len(vues)

    peupler(scene, 5)
    pilote.get("/conventions")
    peu = mesurer()
    peupler(scene, 55)
    assert mesurer() == peu <= 8


def test_etats_vides(scene: Scene, pilote: FlaskClient, operateur: FlaskClient) -> None:
    assert "une ligne pour chaque opérateur qui doit signer" in pilote.get("/conventions").get_data(
        as_text=True
    )
    assert "apparaîtront ici" in operateur.get("/conventions").get_data(as_text=True)
    assert "Effacer les filtres" in pilote.get("/conventions?q=rien").get_data(as_text=True)


def test_l_operateur_voit_toutes_ses_conventions(scene: Scene, operateur: FlaskClient) -> None:
    scene.ligne()
    siao = scene.factories.Organisation(type=scene.siao.type, nom="SIAO Fictif 37", departement_code="37")
    scene.ligne(siao=siao, departement_code="37")
    scene.ligne(operateur=scene.factories.Organisation(nom="Une Rivale"))
    html = operateur.get("/conventions").get_data(as_text=True)
    assert set(lignes(html)) == {"SIAO Fictif 22", "SIAO Fictif 37"}
    assert "Une Rivale" not in html
    assert 'type="checkbox" name="ref"' not in html


def test_veille(scene: Scene, pilote: FlaskClient, clock: FixedClock) -> None:
    ligne = scene.ligne()
    html = pilote.get("/conventions?q=essai").get_data(as_text=True)
    url, etat = re.search(r'data-veille="([^"]+)"\s+data-etat="([^"]+)"', html).groups()  # type: ignore[union-attr]
    assert pilote.get(f"{url}&etat={etat}").status_code == 204
    ligne.updated_at = clock.now() + timedelta(seconds=5)
    scene.session.commit()
    reponse = pilote.get(f"{url}&etat={etat}")
    assert reponse.status_code == 200
    assert 'href="/conventions?q=essai"' in reponse.get_data(as_text=True)


def test_export_csv_de_toutes_les_pages(scene: Scene, pilote: FlaskClient) -> None:
    peupler(scene, 60)
    piege = scene.factories.Organisation(nom="=cmd|'/c calc'!A1")
    scene.signee(date(2022, 12, 12), date(2026, 12, 12), operateur=piege)
    reponse = pilote.get("/conventions/export.csv")
    assert reponse.headers["Content-Disposition"].startswith(
        "attachment; filename=suivi-conventions-2026-03-02"
    )
    lues = list(csv.DictReader(io.StringIO(reponse.get_data(as_text=True).lstrip("\ufeff")), delimiter=";"))
    assert len(lues) == 61
    assert lues[0]["Opérateur"] == "'=cmd|'/c calc'!A1"
    assert lues[0]["Date de fin"] == "12/12/2026"
    assert lues[0]["Signature : État"] == "12/12/2022"
    filtrees = pilote.get("/conventions/export.csv?q=operateur+001").get_data(as_text=True)
    assert len(filtrees.splitlines()) == 2


def test_un_export_est_note_au_journal(scene: Scene, pilote: FlaskClient) -> None:
    scene.ligne()
    scene.session.commit()
    assert pilote.get("/conventions/export.csv?etat=a_engager").status_code == 200
    entree = scene.session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "conventions:liste:exporter")
    ).one()
    assert entree.personne_id == scene.pilote.personne_id
    assert entree.changements["format"] == "csv"
    assert entree.changements["filtres"]["etat"] == ["a_engager"]


def test_export_xlsx(scene: Scene, pilote: FlaskClient) -> None:
    scene.signee(
        date(2022, 12, 12), date(2026, 12, 12), operateur=scene.factories.Organisation(nom="+33 Essai")
    )
    contenu = pilote.get("/conventions/export.xlsx").data
    assert zipfile.is_zipfile(io.BytesIO(contenu))
    lues = CalamineWorkbook.from_filelike(io.BytesIO(contenu)).get_sheet_by_index(0).to_python()
    ligne = dict(zip(lues[0], lues[1], strict=True))
    assert ligne["Opérateur"] == "'+33 Essai"
    assert ligne["Date de fin"] in (date(2026, 12, 12), datetime(2026, 12, 12))


@pytest.mark.parametrize("profil", [Profil.TRAVAILLEUR_SOCIAL, Profil.COLLECTIVITE, Profil.ADMIN_TECHNIQUE])
def test_fermee_aux_autres(
    scene: Scene,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
    profil: Profil,
    factories: SimpleNamespace,
) -> None:
    client = client_for(actor_for(profil))
    for chemin in (
        "/conventions",
        "/conventions/export.csv",
        "/conventions/export.xlsx",
        "/conventions/nouvelle",
    ):
        assert client.get(chemin).status_code == 403


def choisies(*lignes: Convention) -> dict[str, Any]:
    """Return what the page of a bulk act sends back of the lines it shows, all ticked."""
    return {"ref": [x.ref for x in lignes], "lu": [f"{x.ref}:{x.version}" for x in lignes]}


def test_lot_deplacer_les_cibles(scene: Scene, pilote: FlaskClient) -> None:
    un, deux = scene.ligne(), scene.ligne(operateur=scene.factories.Organisation(nom="Bis"))
    choix = f"ref={un.ref}&ref={deux.ref}"
    page = pilote.get(f"/conventions/lot/date-cible?{choix}&suite=/conventions?q=a").get_data(as_text=True)
    assert "2 lignes choisies" in page
    donnees = choisies(un, deux) | {"suite": "/conventions?q=a", "date_cible": "30/09/2026"}
    refus = pilote.post("/conventions/lot/date-cible", data=donnees)
    assert refus.status_code == 422
    assert un.ref in refus.get_data(as_text=True)
    reponse = pilote.post("/conventions/lot/date-cible", data=donnees | {"motif": "Report du comité"})
    assert (reponse.status_code, reponse.headers["Location"]) == (303, "/conventions?q=a")
    assert {scene.relue(x).date_cible for x in (un, deux)} == {date(2026, 9, 30)}
    assert scene.relue(un).cibles[0].motif == "Report du comité"


def test_lot_tout_ou_rien(scene: Scene, pilote: FlaskClient) -> None:
    ouverte = scene.ligne()
    signee = scene.signee(
        date(2022, 1, 1), date(2027, 1, 1), operateur=scene.factories.Organisation(nom="Bis")
    )
    donnees = choisies(ouverte, signee) | {"date_cible": "2026-09-30", "motif": "Report"}
    refus = pilote.post("/conventions/lot/date-cible", data=donnees)
    assert refus.status_code == 422
    page = refus.get_data(as_text=True)
    assert f"garde sa date cible : Bis ({scene.siao.nom})." in page
    assert "Report</textarea>" in page
    reste = donnees | {"ref": [ouverte.ref]}
    assert scene.relue(ouverte).date_cible == date(2026, 12, 31)
    assert pilote.post("/conventions/lot/date-cible", data=reste).status_code == 303
    assert scene.relue(ouverte).date_cible == date(2026, 9, 30)


def test_lot_ce_que_l_acte_ne_peut_pas_changer_est_decoche(scene: Scene, pilote: FlaskClient) -> None:
    """Fifty lines chosen at once, of which many are signed: none of them is to be unchecked by hand."""
    ouverte = scene.ligne()
    signee = scene.signee(
        date(2022, 1, 1), date(2027, 1, 1), operateur=scene.factories.Organisation(nom="Bis")
    )
    choix = f"ref={ouverte.ref}&ref={signee.ref}"

    def cochees(page: str) -> list[str]:
        return re.findall(r'name="ref"\s+value="([^"]+)"\s+form="formulaire-lot"\s+checked', page)

    page = pilote.get(f"/conventions/lot/date-cible?{choix}").get_data(as_text=True)
    assert cochees(page) == [ouverte.ref]
    assert "Bis<small>garde sa date cible</small>" in page
    page = pilote.get(f"/conventions/lot/si-siao?{choix}").get_data(as_text=True)
    assert cochees(page) == [signee.ref]
    assert "<small>pas encore signée</small>" in page
    page = pilote.get(f"/conventions/lot/responsable?{choix}").get_data(as_text=True)
    assert set(cochees(page)) == {ouverte.ref, signee.ref}
    refus = pilote.post(
        "/conventions/lot/date-cible",
        data=choisies(ouverte, signee) | {"date_cible": "2026-09-30", "motif": "Report"},
    )
    assert refus.status_code == 422
    assert cochees(refus.get_data(as_text=True)) == [ouverte.ref]  # to be sent again as it is


def test_lot_une_ligne_a_change(scene: Scene, pilote: FlaskClient, clock: FixedClock) -> None:
    """Someone else moves one of the lines while the form is open: nothing is overwritten unseen."""
    autre = scene.factories.Organisation(nom="Bis")
    un, deux = scene.ligne(), scene.ligne(operateur=autre)
    donnees = choisies(un, deux) | {"date_cible": "2026-09-30", "motif": "Report du comité"}
    service.deplacer_cible(
        scene.session,
        clock,
        scene.regulateur,
        [deux.ref],
        nouvelle=date(2027, 3, 31),
        motif="Conseil en mars",
    )
    scene.session.commit()
    refus = pilote.post("/conventions/lot/date-cible", data=donnees)
    page = refus.get_data(as_text=True)
    assert refus.status_code == 409
    assert "Une ligne a changé entre-temps" in page
    assert page.count("modifiée entre-temps") == 1
    assert page.index("Bis<small>modifiée entre-temps") < page.index("31/03/2027")
    assert "Report du comité</textarea>" in page
    assert scene.relue(un).date_cible == date(2026, 12, 31)
    assert "modifiée" not in pilote.post(
        "/conventions/lot/date-cible", data=choisies(un, scene.relue(deux)) | {"date_cible": "2026-09-30"}
    ).get_data(as_text=True)
    vues = choisies(scene.relue(un), scene.relue(deux))
    assert pilote.post("/conventions/lot/date-cible", data=donnees | vues).status_code == 303
    assert {scene.relue(x).date_cible for x in (un, deux)} == {date(2026, 9, 30)}


def test_lot_tout_decoche(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.ligne()
    donnees = choisies(ligne) | {"ref": [], "date_cible": "2026-09-30", "motif": "Report du comité"}
    refus = pilote.post("/conventions/lot/date-cible", data=donnees)
    assert refus.status_code == 422
    page = refus.get_data(as_text=True)
    assert "Choisissez au moins une ligne." in page
    assert ligne.ref in page
    assert "Report du comité</textarea>" in page


def test_lot_confier_cinquante_lignes(scene: Scene, pilote: FlaskClient) -> None:
    lignes = [
        scene.ligne(operateur=scene.factories.Organisation(nom=f"Association {rang:02d}"))
        for rang in range(50, 0, -1)
    ]
    choix = "&".join(f"ref={ligne.ref}" for ligne in lignes)
    page = pilote.get(f"/conventions/lot/responsable?{choix}").get_data(as_text=True)
    assert "50 lignes choisies" in page
    assert scene.regulateur.personne_ref in page
    reponse = pilote.post(
        "/conventions/lot/responsable",
        data=choisies(*lignes) | {"responsable": scene.regulateur.personne_ref},
    )
    assert reponse.status_code == 303
    assert {scene.relue(x).responsable_id for x in lignes} == {scene.regulateur.personne_id}
    (message,) = scene.session.scalars(select(MessageSortant))
    assert message.sujet == "50 conventions vous sont confiées"
    nommes = re.findall(r"Association \d\d", message.corps)
    assert nommes == [f"Association {rang:02d}" for rang in range(1, 21)]  # and 30 others


def test_lot_si_siao(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.signee(date(2022, 12, 12), date(2026, 12, 12))
    for _essai in range(2):
        donnees = choisies(scene.relue(ligne))
        assert pilote.post("/conventions/lot/si-siao", data=donnees).status_code == 303
    assert scene.relue(ligne).si_siao_copiee_par.startswith(scene.pilote.nom)


@pytest.mark.parametrize("chemin", ["date-cible", "responsable", "si-siao"])
def test_lot_etranger(scene: Scene, pilote: FlaskClient, operateur: FlaskClient, chemin: str) -> None:
    etrangere = scene.ligne(
        siao=scene.factories.Organisation(type=scene.siao.type, departement_code="37"), departement_code="37"
    )
    assert pilote.get(f"/conventions/lot/{chemin}?ref={etrangere.ref}").status_code == 404
    assert pilote.post(f"/conventions/lot/{chemin}", data={"ref": [etrangere.ref]}).status_code == 404
    assert operateur.get(f"/conventions/lot/{chemin}?ref={scene.ligne().ref}").status_code == 403


def test_un_delai_change_se_voit_aussitot(scene: Scene, pilote: FlaskClient, clock: FixedClock) -> None:
    scene.signee(date(2022, 9, 1), date(2026, 9, 1))

    def rangs() -> str:
        return pilote.get("/conventions").get_data(as_text=True).partition("<tbody")[2]

    assert "à renouveler" in rangs()
    set_value(scene.session, scene.pilote, clock, "conventions.delai_renouvellement", "22", "90")
    scene.session.commit()
    assert "à renouveler" not in rangs()
