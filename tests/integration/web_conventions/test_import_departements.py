"""The follow-ups of five départements, each kept in its own way, come in as they are."""

from collections.abc import Callable, Iterator
from datetime import date
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.conventions.enums import Statut
from portal.conventions.models import Convention, ConventionNature
from portal.organisations.enums import FamilleNature, TypeOrganisation
from portal.organisations.models import Nature
from portal.organisations.natures import read_toml
from portal.security.permissions import Profil
from portal.security.policy import Actor
from tests import suivis
from tests.integration.web_conventions.conftest import Scene
from tests.integration.web_conventions.test_import import Parcours, choisies, parcours, rangee
from tests.integration.web_organisations import text_of

__all__ = ["parcours"]

Dit = tuple[str, Statut, dict[str, int | None], date | None, date | None]


@pytest.fixture(autouse=True)
def _toutes_les_natures(session: Session) -> Iterator[None]:
    """Load the whole nomenclature: the small reference of the tests holds but a part of it."""
    connues = set(session.scalars(select(Nature.code)))
    ajoutees = [row for row in read_toml("natures") if row["code"] not in connues]
    for rang, row in enumerate(ajoutees, start=100):
        famille = FamilleNature(row["famille"])
        labels = {"libelle": row["libelle"], "libelle_en": row["libelle_en"]}
        session.add(Nature(code=row["code"], famille=famille, ordre=rang, hors_accord_cadre=False, **labels))
    session.commit()
    yield
    session.rollback()
    session.execute(delete(ConventionNature))
    session.execute(delete(Nature).where(Nature.code.in_([row["code"] for row in ajoutees])))
    session.commit()


def dites(lignes: list[Convention]) -> list[Dit]:
    """Return what the lines hold: operator, state, places by nature, effect, end."""
    return [
        (x.operateur.nom, x.statut, {n.nature_code: n.places for n in x.natures}, x.date_effet, x.date_fin)
        for x in lignes
    ]


def champ(page: str, intitule: str) -> str:
    """Return the name of the field that bears a label."""
    return page.split(f">{intitule}", 1)[0].rpartition('<label for="')[2].partition('"')[0]


def options(page: str, nom: str) -> str:
    """Return the choices of a field."""
    return page.split(f'name="{nom}"', 1)[1].split("</select>", 1)[0]


def test_titres_sur_deux_lignes_cellules_fusionnees_et_total(
    scene: Scene, pilote: FlaskClient, parcours: Parcours
) -> None:
    apercu = parcours.lire(pilote, suivis.titres_fusionnes(), "Suivi CTP.xlsx")
    page = text_of(pilote.get(apercu))
    assert "5 lignes ont été lues." in page
    assert "Lignes refusées" not in page
    assert "« CHRS » est lu « CHRS, places d’insertion »." in rangee(page, 6)
    assert "est lu" in rangee(page, 9)
    assert "« en cours » avec une date de signature : la ligne sera signée." in rangee(page, 8)
    assert "Ligne de total : laissée de côté." in rangee(page, 11)
    parcours.importer(pilote, apercu, operateur_0="creer", operateur_1="creer")
    assert dites(parcours.conventions()) == [
        ("Association Essai", Statut.SIGNEE, {"CHRS_INS": 25}, date(2022, 12, 12), date(2026, 12, 12)),
        ("Les Ajoncs fictifs", Statut.EN_NEGOCIATION, {"PF": 24}, None, None),
        ("Les Ajoncs fictifs", Statut.SIGNEE, {"IML_SL": 40}, date(2024, 1, 15), date(2028, 1, 14)),
        ("Foyer fictif des Bruyères", Statut.EN_SIGNATURE, {"RS_FJT": 62}, None, None),
    ]
    assert [x.notes for x in parcours.conventions()] == ["", "Appeler", "", ""]


def test_un_csv_de_siao_et_ses_mots_a_preciser(
    scene: Scene, client_for: Callable[..., FlaskClient], parcours: Parcours
) -> None:
    siao = client_for(scene.regulateur)
    apercu = parcours.lire(siao, suivis.csv_d_un_siao(), "ctp.csv")
    page = text_of(siao.get(apercu))
    assert "fin de la période est prise (31/12/2026)" in rangee(page, 3)
    assert "« rendez-vous pris »" in rangee(page, 3)
    assert "sera à engager, et ce mot gardé dans les notes" in rangee(page, 3)
    assert "« résidence acceuil » est lu « Résidence accueil »." in rangee(page, 4)
    mot = champ(page, "État « rendez-vous pris »")
    assert f'href="#{mot}"' in rangee(page, 3)  # asked next to the cell
    envoi = {"lignes": "tout", "operateur_0": "creer", "operateur_1": "-", mot: "en_negociation"}
    nature = champ(page, "Nature « résidence acceuil »")
    refait = siao.post(f"{apercu}/confirmer", data=envoi | {nature: "RA"})
    assert (refait.status_code, parcours.conventions()) == (303, [])  # shown again before it is written
    parcours.travailler()
    second = refait.headers["Location"]
    page = text_of(siao.get(second))
    assert "Laissée de côté, comme vous l’avez demandé." in rangee(page, 4)
    assert "gardé dans les notes" not in page
    assert "selected" in options(page, mot).split('value="en_negociation"')[0].rpartition("<option")[2]
    assert "selected" in options(page, "operateur_1").split('value="-"')[0].rpartition("<option")[2]
    bilan = parcours.importer(siao, second, operateur_0="creer", operateur_1="-", **{mot: "en_negociation"})
    assert "2 lignes créées" in text_of(siao.get(bilan))
    essai, genets = parcours.conventions()
    assert dites([essai, genets]) == [
        (
            "Association Essai",
            Statut.SIGNEE,
            {"CHU": 30, "CHRS_INS": 12},
            date(2022, 12, 12),
            date(2026, 12, 12),
        ),
        ("Les Genêts fictifs", Statut.EN_NEGOCIATION, {"RS": 1200}, None, None),
    ]
    assert (genets.operateur.siren, genets.date_cible) == ("732829320", date(2026, 12, 31))
    assert essai.notes == "Vu le 3 mars\navec la direction"


def test_plusieurs_siao_et_plusieurs_services_de_l_etat(
    session: Session,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
    parcours: Parcours,
) -> None:
    etats = [
        factories.Organisation(type=TypeOrganisation.ETAT, nom=f"DDETS fictive, {service}")
        for service in ("service logement", "service hébergement")
    ]
    for cote in ("Nord", "Sud"):
        factories.Organisation(type=TypeOrganisation.SIAO, nom=f"SIAO fictif {cote}")
    session.commit()
    client = client_for(actor_for(Profil.ETAT_PILOTE, etats[0]))
    apercu = parcours.lire(client, suivis.utf16_tabule(), "suivi.txt")
    assert "Lignes refusées" not in text_of(client.get(apercu))
    parcours.importer(client, apercu, operateur_0="creer", operateur_1="creer")
    lignes = parcours.conventions()
    assert [(x.siao.nom, x.etat_id) for x in lignes] == [
        ("SIAO fictif Nord", etats[0].id),
        ("SIAO fictif Sud", etats[1].id),
        ("SIAO fictif Nord", etats[0].id),
    ]
    assert dites(lignes)[:2] == [
        ("Les Ajoncs fictifs", Statut.SIGNEE, {"LHSS": 15}, date(2023, 3, 1), date(2027, 2, 28)),
        ("Les Ajoncs fictifs", Statut.SIGNEE, {"LAM": 10, "ACT": 8}, date(2023, 3, 1), date(2027, 2, 28)),
    ]


def test_sans_colonne_pour_le_service_de_l_etat(
    scene: Scene, client_for: Callable[..., FlaskClient], parcours: Parcours
) -> None:
    """Each line says that it lacks it; one answer is enough for all."""
    autre = scene.factories.Organisation(type=TypeOrganisation.ETAT, nom="DRIHL fictive")
    scene.session.commit()
    siao = client_for(scene.regulateur)
    contenu = "Opérateur;Service de l’État\nAssociation Essai;\nLes Ajoncs;Mairie\n".encode()
    apercu = parcours.lire(siao, contenu)
    page = text_of(siao.get(apercu))
    assert "Plusieurs services de l’État dans ce département" in rangee(page, 2)
    assert "DDETS Fictive 22 ; DRIHL fictive" in rangee(page, 2)
    assert "Service de l’État inconnu dans ce département (« Mairie »)" in rangee(page, 3)
    muet = champ(page, "Service de l’État des lignes qui n’en disent rien")
    refait = siao.post(f"{apercu}/confirmer", data={"lignes": "valides", muet: autre.ref})
    parcours.travailler()
    second = refait.headers["Location"]
    assert "1 ligne est refusée" in text_of(siao.get(second))
    parcours.importer(siao, second, "valides", **{muet: autre.ref})
    assert [(x.operateur_id, x.etat_id) for x in parcours.conventions()] == [(scene.operateur.id, autre.id)]


def test_une_ligne_par_structure_et_son_finess(scene: Scene, pilote: FlaskClient, parcours: Parcours) -> None:
    scene.factories.Structure(organisation=scene.operateur, finess="220000012")
    scene.session.commit()
    apercu = parcours.lire(pilote, suivis.une_ligne_par_nature(), "structures.xlsx")
    page = text_of(pilote.get(apercu))
    assert "« pension famile » est lu « Pension de famille »." in rangee(page, 3)
    assert "operateur_2" not in page  # the first is known by its FINESS number, whatever its name
    parcours.importer(pilote, apercu, operateur_0="creer", operateur_1="creer")
    assert dites(parcours.conventions()) == [
        ("Association Essai", Statut.SIGNEE, {"RS": 45}, date(2024, 1, 1), date(2027, 12, 31)),
        ("Maison fictive du Port", Statut.A_ENGAGER, {"PF": 12}, None, None),
        ("Maison fictive du Large", Statut.A_ENGAGER, {"CPH": 50}, None, None),
    ]


def test_des_noms_proches_et_des_dates_impossibles(
    scene: Scene, pilote: FlaskClient, parcours: Parcours
) -> None:
    scene.factories.Organisation(nom="Foyer de jeunes travailleurs")
    scene.factories.Organisation(nom="Centre de l’enfance")
    scene.session.commit()
    apercu = parcours.lire(pilote, suivis.virgules_et_propositions(), "tableau partagé.csv")
    page = text_of(pilote.get(apercu))
    assert "3 lignes sont refusées" in page
    assert "Noms proches : Association Essai." in rangee(page, 2)
    assert "il sera créé" in rangee(page, 3)
    assert "fin de la période est prise (30/06/2026)" in rangee(page, 3)
    assert "Nature de dispositif inconnue (« château »)" in rangee(page, 4)
    assert "Noms proches" not in rangee(page, 4)  # « Centre » is the name of nobody
    assert "Cette date n’existe pas" in rangee(page, 5)
    assert "Cette date n’existe pas" in rangee(page, 6)
    tilleuls = [nom for nom in ("operateur_0", "operateur_1") if nom in page]
    assert tilleuls == ["operateur_0", "operateur_1"]
    parcours.importer(pilote, apercu, "valides", operateur_0=scene.operateur.ref, operateur_1="creer")
    assert [(x[0], x[1], x[2]) for x in dites(parcours.conventions())] == [
        ("Association Essai", Statut.EN_NEGOCIATION, {"CHRS_INS": 25, "CHU": 12}),
        ("Association, Les Chênes fictifs", Statut.EN_SIGNATURE, {"HUDA": None, "CAES": None}),
    ]


@pytest.mark.parametrize(
    ("contenu", "nom"),
    [
        (suivis.titres_fusionnes, "a.xlsx"),
        (suivis.csv_d_un_siao, "a.csv"),
        (suivis.utf16_tabule, "a.txt"),
        (suivis.une_ligne_par_nature, "a.xlsx"),
        (suivis.virgules_et_propositions, "a.csv"),
    ],
)
def test_les_colonnes_devinees_sont_retenues(
    scene: Scene, pilote: FlaskClient, parcours: Parcours, contenu: Callable[[], bytes], nom: str
) -> None:
    premier = parcours.deposer(pilote, contenu(), nom)
    devinees = choisies(pilote, premier)
    assert sum(map(bool, devinees.values())) >= 7
    corrigees = devinees | {"notes": ""}
    assert pilote.post(premier, data=corrigees).status_code == 303
    assert choisies(pilote, parcours.deposer(pilote, contenu(), nom)) == corrigees
