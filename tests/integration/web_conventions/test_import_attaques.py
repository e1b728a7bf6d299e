"""Bad or strange files of a follow-up: each is told in its place, and nothing is half written."""

from datetime import date
from io import BytesIO

import pytest
import xlsxwriter
from flask.testing import FlaskClient
from openpyxl import Workbook

from portal.conventions.enums import Statut
from portal.jobs.context import JobContext
from portal.jobs.tableaux import LIGNES_MAXIMUM
from portal.organisations.models import Organisation
from tests.integration.web_conventions.conftest import Scene
from tests.integration.web_conventions.test_import import Parcours, choisies, en_csv, parcours, rangee
from tests.integration.web_organisations import HTMX, text_of

__all__ = ["parcours"]


@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("separateur", [";", ",", "\t"], ids=["points-virgules", "virgules", "tabulations"])
def test_un_fichier_de_texte_d_ou_qu_il_vienne(
    pilote: FlaskClient, parcours: Parcours, scene: Scene, encodage: str, separateur: str
) -> None:
    texte = 'Opérateur;État;Signature;Notes\n\nAssociation Essai;signé;12/12/2022;"à\ndeux"\n'
    apercu = parcours.lire(pilote, texte.replace(";", separateur).encode(encodage))
    parcours.importer(pilote, apercu)
    [ligne] = parcours.conventions()
    assert (ligne.operateur_id, ligne.statut, ligne.notes) == (
        scene.operateur.id,
        Statut.SIGNEE,
        "à\ndeux",
    )


def test_des_formules_et_des_cases_en_erreur(pilote: FlaskClient, parcours: Parcours, scene: Scene) -> None:
    livre, sortie = Workbook(), BytesIO()
    for ligne in (
        ["Opérateur", "Places", "Natures", "Signature", "Notes"],
        ["Association Essai", None, "RS", date(2022, 12, 12), "=cmd|' /C calc'!A0"],
        ["Alpha", None, None, None, "@SUM(1+9)*cmd|' /C calc'!A0"],
    ):
        livre.active.append(ligne)
    livre.active["B3"] = "=1+1"  # never computed: as good as empty, like the note above
    livre.save(sortie)
    apercu = parcours.lire(pilote, sortie.getvalue(), "suivi.xlsx")
    parcours.importer(pilote, apercu, operateur_0="creer")
    assert [x.notes for x in parcours.conventions()] == ["", "@SUM(1+9)*cmd|' /C calc'!A0"]
    page = text_of(pilote.get(parcours.lire(pilote, en_csv("Beta;;#REF!;;", "Gamma;;#N/A;;"))))
    assert "Cette case contient une erreur de calcul (#REF!)" in rangee(page, 2)
    assert "(#N/A)" in rangee(page, 3)


def test_une_formule_en_erreur_d_un_classeur_est_dite_dans_sa_case(
    pilote: FlaskClient, parcours: Parcours
) -> None:
    sortie = BytesIO()
    with xlsxwriter.Workbook(sortie) as livre:
        feuille = livre.add_worksheet("Suivi")
        feuille.write_row(0, 0, ["Opérateur", "Places", "Natures", "Signature"])
        feuille.write_row(1, 0, ["Association Essai", 12, "RS"])
        feuille.write_formula(1, 3, "=A9+#REF!", None, "#REF!")
    page = text_of(pilote.get(parcours.lire(pilote, sortie.getvalue(), "suivi.xlsx")))
    assert "Cette case contient une erreur de calcul (#REF!)" in rangee(page, 2)


def test_un_operateur_sans_lettre_ne_fait_rien_tomber(pilote: FlaskClient, parcours: Parcours) -> None:
    apercu = parcours.lire(pilote, en_csv("???;;;;", "—;;;;", "Alpha;;;;"))
    page = text_of(pilote.get(apercu))
    for numero in (2, 3):
        assert "Ce champ est obligatoire." in rangee(page, numero)
    parcours.importer(pilote, apercu, "valides", operateur_0="creer")
    assert [x.operateur.nom for x in parcours.conventions()] == ["Alpha"]


def test_une_paire_deux_fois_et_ses_chevauchements(
    pilote: FlaskClient, parcours: Parcours, scene: Scene
) -> None:
    couverte = scene.factories.Organisation(nom="Couverte")
    existante = scene.signee(date(2024, 1, 1), date(2028, 1, 1), operateur=couverte)
    apercu = parcours.lire(
        pilote,
        en_csv(
            "Alpha;;01/01/2022;01/01/2022;31/12/2025",
            "ALPHA;;01/01/2022;01/01/2022;31/12/2025",
            "Alpha;;01/06/2025;01/06/2025;31/12/2028",
            "Couverte;;01/01/2026;01/01/2026;31/12/2029",
            "Beta;;01/01/2022;01/01/2022;31/12/2021",
        ),
    )
    page = text_of(pilote.get(apercu))
    for numero, dit in (
        (3, "Même convention que la ligne 2."),
        (4, "Chevauche la convention de la ligne 2"),
        (5, "01/01/2028"),
        (6, "La date de fin précède la date d’effet (01/01/2022)."),
    ):
        assert dit in rangee(page, numero)
    html = pilote.get(apercu).get_data(as_text=True)
    assert html.count(f'<a href="/conventions/{existante.ref}">Ouvrir la ligne existante</a>') == 1
    parcours.importer(pilote, apercu, "valides", operateur_0="creer")
    assert len(parcours.conventions()) == 2


def test_un_numero_trouve_l_operateur_avant_son_nom(
    pilote: FlaskClient, parcours: Parcours, scene: Scene
) -> None:
    connue = scene.factories.Organisation(nom="Nom d’usage", siren="732829320")
    scene.session.commit()
    contenu = en_csv(
        "Association Essai;73282932000074;01/01/2022",
        "Association Essai;73282932000075;",
        "Nouvelle;552100554;",
        "Nouvelle;;02/01/2022",
        entetes="Opérateur;SIRET;Signature",
    )
    apercu = parcours.lire(pilote, contenu)
    page = text_of(pilote.get(apercu))
    assert "clé" in rangee(page, 3)
    parcours.importer(pilote, apercu, "valides", operateur_0="creer")
    lignes = parcours.conventions()
    assert lignes[0].operateur_id == connue.id
    assert {x.operateur.siren for x in lignes[1:]} == {"552100554"}  # one name, one number: one operator
    assert parcours.combien(Organisation) == 5


def test_trop_de_lignes(pilote: FlaskClient, parcours: Parcours) -> None:
    contenu = en_csv(*(f"Association {n};;;;" for n in range(LIGNES_MAXIMUM + 1)))
    reponse = pilote.post("/conventions/importer", data={"fichier": (BytesIO(contenu), "suivi.csv")})
    assert reponse.status_code == 422
    assert "Ce tableau dépasse 5000 lignes." in text_of(reponse)


def test_l_avancement_se_voit_et_se_retrouve(
    pilote: FlaskClient, parcours: Parcours, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two chunks the page says how far the reading is; one may leave it, and find it again."""
    vus: list[tuple[int, bool]] = []
    vrai = JobContext.progress
    contenu = en_csv(*(f"Association {n};;;;" for n in range(1200)))
    colonnes = parcours.deposer(pilote, contenu)
    apercu = pilote.post(colonnes, data=choisies(pilote, colonnes)).headers["Location"]

    def suivre(self: JobContext, percent: float) -> None:
        vrai(self, percent)
        page = text_of(pilote.get(apercu, headers=HTMX))
        vus.append((int(percent), f'value="{int(percent)}"' in page))

    monkeypatch.setattr(JobContext, "progress", suivre)
    parcours.travailler()
    assert [vu for _pour_cent, vu in vus] == [True] * len(vus)
    assert vus == sorted(vus)
    assert len({pour_cent for pour_cent, _vu in vus}) >= 3
    accueil = text_of(pilote.get("/conventions/importer"))
    assert f'href="{apercu}"' in accueil
    assert "Aperçu de l’import d’un suivi" in accueil
