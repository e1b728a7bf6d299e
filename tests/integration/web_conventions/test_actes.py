"""One line: its page, and every act from opening to renewal, as pages without a script."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.comptes.models import Personne
from portal.conventions.enums import Mode, Partie, Statut
from portal.conventions.models import Convention
from portal.documents.models import Fichier
from portal.organisations.enums import TypeOrganisation
from portal.organisations.parametres import set_value
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.factories import INSTANT
from tests.integration.web_conventions.conftest import Scene, comptees

FRAGMENT = {"HX-Request": "true"}
ACTES = [
    "etape/engager",
    "suspendre",
    "reprendre",
    "classer",
    "classer/confirmer",
    "classer/ecarter",
    "resilier",
    "resiliation/annuler",
    "renouveler",
    "signature/operateur",
    "signature/operateur/retirer",
    "reprise",
    "dates",
    "date-cible",
    "responsable",
    "modifier",
    "si-siao",
    "documents/ajouter",
]


def url(ligne: Convention, suite: str = "") -> str:
    return f"/conventions/{ligne.ref}" + (f"/{suite}" if suite else "")


def faire(client: FlaskClient, scene: Scene, ligne: Convention, acte: str, **donnees: object) -> int:
    """Open an act's page, send its form, return the status."""
    page = client.get(url(ligne, acte))
    assert page.status_code == 200, (acte, page.status_code)
    version = re.search(r'name="version"[^>]*value="(\d+)"', page.get_data(as_text=True))
    assert version is not None
    reponse = client.post(url(ligne, acte), data={"version": version[1], **donnees})
    return reponse.status_code


def test_de_l_ouverture_a_la_signature(scene: Scene, pilote: FlaskClient, operateur: FlaskClient) -> None:
    ligne = scene.ligne()
    for transition in ("engager", "negocier", "accorder", "mettre_en_signature"):
        page = pilote.get(url(ligne)).get_data(as_text=True)
        assert f"/etape/{transition}" in page
        assert faire(pilote, scene, ligne, f"etape/{transition}") == 303
    assert "En attente de la signature : Opérateur." in pilote.get(url(ligne)).get_data(as_text=True)
    signature = {"signee_le": "2026-02-20", "signataire": "D. Exemple, directrice"}
    assert faire(operateur, scene, ligne, "signature/operateur", **signature) == 303
    assert operateur.get(url(ligne, "signature/siao")).status_code == 409
    assert faire(pilote, scene, ligne, "signature/siao", signee_le="21/02/2026") == 303
    dates = {"signee_le": "2026-03-01", "date_effet": "2026-03-02", "date_fin": "2030-03-02"}
    assert faire(pilote, scene, ligne, "signature/etat", **dates) == 303
    assert scene.relue(ligne).statut is Statut.SIGNEE
    page = pilote.get(url(ligne)).get_data(as_text=True)
    for attendu in ("En vigueur jusqu’au 02/03/2030", "D. Exemple, directrice", "Signature enregistrée"):
        assert attendu in page


def test_la_derniere_signature_propose_les_dates(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.ligne(Statut.EN_SIGNATURE)
    ligne.signatures = [scene.signature(p, date(2026, 2, 1)) for p in (Partie.OPERATEUR, Partie.SIAO)]
    scene.session.commit()
    page = pilote.get(url(ligne, "signature/etat")).get_data(as_text=True)
    assert 'value="02/03/2026"' in page
    assert 'value="02/03/2030"' in page
    assert "date_fin" not in pilote.get(
        url(scene.ligne(operateur=scene.factories.Organisation(nom="Bis")))
    ).get_data(as_text=True)


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ({"signee_le": "31/02/2026"}, "Cette date n’existe pas"),
        ({"signee_le": "0202-01-01"}, "hors des limites"),
        ({"signee_le": "2026-03-03"}, "ne peut pas être datée dans l’avenir"),
        (
            {"signee_le": "2026-03-01", "date_effet": "2026-03-02", "date_fin": "2026-03-01"},
            "précède la date d’effet",
        ),
        (
            {"signee_le": "2026-03-01", "date_effet": "2026-02-01", "date_fin": "2030-03-01"},
            "précède la dernière signature",
        ),
    ],
)
def test_dates_impossibles(scene: Scene, pilote: FlaskClient, dates: dict[str, str], message: str) -> None:
    ligne = scene.ligne(Statut.EN_SIGNATURE)
    ligne.signatures = [scene.signature(p, date(2026, 2, 1)) for p in (Partie.OPERATEUR, Partie.SIAO)]
    scene.session.commit()
    version = str(ligne.version)
    reponse = pilote.post(url(ligne, "signature/etat"), data={"version": version, **dates})
    assert reponse.status_code == 422
    html = reponse.get_data(as_text=True)
    assert message in html
    assert dates["signee_le"] in html
    assert scene.relue(ligne).statut is Statut.EN_SIGNATURE


def lien_vers(ligne: Convention) -> str:
    return f'<a href="{url(ligne)}">Ouvrir la ligne existante</a>'


def test_chevauchement(scene: Scene, pilote: FlaskClient) -> None:
    existante = scene.signee(date(2022, 12, 12), date(2026, 12, 12))
    seconde = scene.ligne()
    reponse = pilote.post(
        url(seconde, "reprise"),
        data={
            "version": str(seconde.version),
            "date_signature": "2025-01-01",
            "date_effet": "2025-01-01",
            "date_fin": "2029-01-01",
        },
    )
    assert reponse.status_code == 422
    page = reponse.get_data(as_text=True)
    assert "du 12/12/2022 au 12/12/2026" in page
    assert page.count(lien_vers(existante)) == 2  # in the summary, and next to the date


@pytest.mark.parametrize("signee", [True, False])
def test_un_couple_deja_pris_mene_a_sa_ligne(scene: Scene, pilote: FlaskClient, signee: bool) -> None:
    existante = scene.signee(date(2024, 1, 1), date(2028, 1, 1)) if signee else scene.ligne()
    donnees = {"siao": scene.siao.ref, "date_cible": "2026-06-30", "mode": ""}
    reponse = pilote.post(f"/conventions/nouvelle?operateur={scene.operateur.ref}", data=donnees)
    assert reponse.status_code == 422
    assert lien_vers(existante) in reponse.get_data(as_text=True)


def test_un_renouvellement_deja_ouvert_mene_au_successeur(scene: Scene, pilote: FlaskClient) -> None:
    mere = scene.signee(date(2022, 12, 12), date(2026, 12, 12))
    version = str(mere.version)
    vers = pilote.post(url(mere, "renouveler"), data={"version": version, "cle_idempotence": "cle-1"})
    reponse = pilote.post(url(mere, "renouveler"), data={"version": version, "cle_idempotence": "cle-2"})
    assert reponse.status_code == 422
    page = reponse.get_data(as_text=True)
    assert f'<a href="{vers.headers["Location"]}">Ouvrir la ligne existante</a>' in page


def test_reprise_de_l_exemple(
    scene: Scene, pilote: FlaskClient, clock: FixedClock, client_for: Callable[..., FlaskClient]
) -> None:
    ligne = scene.ligne(Statut.SUSPENDUE)
    dates = {"date_signature": "12/12/2022", "date_effet": "12/12/2022", "date_fin": "12/12/2026"}
    assert faire(pilote, scene, ligne, "reprise", **dates) == 303
    page = pilote.get(url(ligne)).get_data(as_text=True)
    assert "Signée ailleurs : une seule date de signature est connue, le 12/12/2022" in page
    assert "Renouveler la convention" in page
    for jour, attendu in (
        (date(2026, 12, 12), "En vigueur jusqu’au"),
        (date(2026, 12, 13), "Échue depuis le 13/12/2026"),
    ):
        clock.instant = datetime(jour.year, jour.month, jour.day, 11, tzinfo=UTC)
        assert attendu in client_for(scene.pilote).get(url(ligne)).get_data(as_text=True)


def test_une_reprise_vient_avec_son_pdf(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.ligne()
    donnees: dict[str, object] = {
        "version": str(ligne.version),
        "date_signature": "2022-12-12",
        "date_effet": "2022-12-12",
        "date_fin": "2026-12-12",
    }
    faux = (io.BytesIO(b"pas un PDF"), "convention.pdf")
    refus = pilote.post(url(ligne, "reprise"), data=donnees | {"fichier": faux})
    assert refus.status_code == 422
    assert 'id="fichier-erreur"' in refus.get_data(as_text=True)
    assert scene.relue(ligne).statut is Statut.A_ENGAGER
    vrai = (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "convention.pdf")
    assert pilote.post(url(ligne, "reprise"), data=donnees | {"fichier": vrai}).status_code == 303
    assert [une.libelle for une in scene.relue(ligne).documents] == ["Convention signée du 12/12/2022"]
    assert "Document : Convention signée du 12/12/2022" in pilote.get(url(ligne)).get_data(as_text=True)


def etapes(html: str) -> list[str]:
    """Return the stages that the page of a line shows, as they are read."""
    bloc = html[html.index('<ol class="etapes"') :]
    textes = re.findall(r"<li[^>]*>(.*?)</li>", bloc[: bloc.index("</ol>")], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", texte).split()) for texte in textes]


def test_une_reprise_ne_montre_que_ce_qui_a_eu_lieu(scene: Scene, pilote: FlaskClient) -> None:
    dates = {"date_signature": "12/12/2022", "date_effet": "12/12/2022", "date_fin": "12/12/2026"}
    ligne = scene.ligne()
    assert faire(pilote, scene, ligne, "reprise", **dates) == 303
    attendues = ["À engager (fait)", "Signée (fait) 12/12/2022, reprise"]
    assert etapes(pilote.get(url(ligne)).get_data(as_text=True)) == attendues
    autre = scene.ligne(operateur=scene.factories.Organisation(nom="Association Autre"))
    assert faire(pilote, scene, autre, "etape/engager") == 303
    assert faire(pilote, scene, autre, "reprise", **dates) == 303
    attendues.insert(1, "Projet (fait)")
    assert etapes(pilote.get(url(autre)).get_data(as_text=True)) == attendues


def test_l_historique_dit_que_la_suivante_a_deplace_le_dernier_jour(
    scene: Scene, pilote: FlaskClient
) -> None:
    mere = scene.signee(date(2024, 2, 29), date(2028, 2, 29))
    fille = scene.ligne(Statut.EN_SIGNATURE, remplace_id=mere.id)
    fille.signatures = [scene.signature(p, date(2026, 2, 1)) for p in (Partie.OPERATEUR, Partie.SIAO)]
    scene.session.commit()
    for acte in ("reprise", "signature/etat"):
        prevenu = "La convention qu’elle remplace, valable jusqu’au 29/02/2028, s’arrêtera la veille"
        assert prevenu in pilote.get(url(fille, acte)).get_data(as_text=True)
    dates = {"signee_le": "2026-03-01", "date_effet": "2027-01-01", "date_fin": "2030-12-31"}
    assert faire(pilote, scene, fille, "signature/etat", **dates) == 303
    assert scene.relue(mere).fin_effective == date(2026, 12, 31)
    page = pilote.get(url(mere)).get_data(as_text=True)
    historique = page[page.index("Historique") :]
    assert "Dernier jour déplacé par une autre convention du couple" in historique
    assert "Dernier jour effectif : 29/02/2028 → 31/12/2026" in historique
    assert "Dernier jour déplacé" not in pilote.get(url(fille)).get_data(as_text=True)


def test_seul_un_gestionnaire_de_dispositifs_est_propose(scene: Scene, pilote: FlaskClient) -> None:
    caisse = scene.factories.Organisation(type=TypeOrganisation.AUTRE, nom="Caisse d’allocations")
    scene.factories.Organisation(nom="Caisse solidaire", type=TypeOrganisation.GESTIONNAIRE)
    scene.factories.Organisation(nom="Caisse des écoles", type=TypeOrganisation.COLLECTIVITE)
    scene.session.commit()
    page = pilote.get("/conventions/nouvelle?q=caisse").get_data(as_text=True)
    assert "Caisse solidaire" in page
    assert "Caisse des écoles" in page
    assert "Caisse d’allocations" not in page
    donnees = {"siao": scene.siao.ref, "date_cible": "2026-12-31", "mode": "", "cle_idempotence": "cle-caf"}
    reponse = pilote.post(f"/conventions/nouvelle?operateur={caisse.ref}", data=donnees)
    assert reponse.status_code == 422
    assert "Choisissez un opérateur" in reponse.get_data(as_text=True)


def test_suspendre_reprendre_classer(
    scene: Scene, pilote: FlaskClient, client_for: Callable[..., FlaskClient]
) -> None:
    siao = client_for(scene.regulateur)
    ligne = scene.ligne(Statut.EN_NEGOCIATION)
    assert faire(pilote, scene, ligne, "suspendre") == 422
    assert faire(pilote, scene, ligne, "suspendre", motif="Désaccord sur l’article 5.2") == 303
    page = pilote.get(url(ligne)).get_data(as_text=True)
    assert "Négociation bloquée depuis 0 jour : Désaccord sur l’article 5.2" in page
    assert faire(pilote, scene, ligne, "reprendre") == 303
    assert scene.relue(ligne).statut is Statut.EN_NEGOCIATION
    assert pilote.get(url(ligne, "classer/confirmer")).status_code == 409
    assert faire(pilote, scene, ligne, "classer", motif="Fermeture") == 303
    page = pilote.get(url(ligne)).get_data(as_text=True)
    assert "Classement sans objet proposé le 02/03/2026 (DDETS Fictive 22) : Fermeture" in page
    assert "classer/confirmer" not in page
    assert "Retirer la proposition de classement" in page
    assert "Classements sans objet proposés" in siao.get("/a-faire").get_data(as_text=True)
    assert "classer/confirmer" in siao.get(url(ligne)).get_data(as_text=True)
    assert faire(siao, scene, ligne, "classer/confirmer") == 303
    assert "Classée sans objet : Fermeture" in pilote.get(url(ligne)).get_data(as_text=True)
    assert "Classement sans objet proposé" in pilote.get(url(ligne)).get_data(as_text=True)
    assert "Classements sans objet proposés" not in siao.get("/a-faire").get_data(as_text=True)


def test_classer_seul_quand_l_autre_partie_n_a_pas_de_compte(
    scene: Scene, pilote: FlaskClient, session: Session
) -> None:
    ligne = scene.ligne(Statut.EN_NEGOCIATION)
    assert "vous pourrez confirmer seul" in pilote.get(url(ligne, "classer")).get_data(as_text=True)
    assert faire(pilote, scene, ligne, "classer", motif="Fermeture") == 303
    assert pilote.get(url(ligne, "classer/confirmer")).status_code == 409
    session.get_one(Personne, scene.regulateur.personne_id).desactivee_le = INSTANT
    session.commit()
    page = pilote.get(url(ligne)).get_data(as_text=True)
    assert "Confirmer le classement seul, l’autre partie n’ayant aucun compte" in page
    assert faire(pilote, scene, ligne, "classer/confirmer") == 303
    assert scene.relue(ligne).statut is Statut.SANS_OBJET


@pytest.mark.parametrize("statut", [Statut.PROJET, Statut.ACCORD_DE_PRINCIPE, Statut.EN_SIGNATURE])
def test_on_ne_suspend_qu_une_negociation(scene: Scene, pilote: FlaskClient, statut: Statut) -> None:
    ligne = scene.ligne(statut)
    assert "/suspendre" not in pilote.get(url(ligne)).get_data(as_text=True)
    assert pilote.get(url(ligne, "suspendre")).status_code == 409


def test_retirer_une_signature_rouvre(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.ligne(Statut.EN_SIGNATURE)
    ligne.signatures = [scene.signature(Partie.OPERATEUR, date(2026, 2, 1))]
    scene.session.commit()
    assert faire(pilote, scene, ligne, "signature/operateur/retirer", motif="Erreur de texte") == 303
    assert scene.relue(ligne).statut is Statut.EN_NEGOCIATION
    assert scene.relue(ligne).signatures == []


def test_corriger_les_dates(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.signee(date(2022, 12, 12), date(2026, 12, 12))
    dates = {f"signature_{p.value}": "2022-12-10" for p in Partie}
    dates |= {"date_effet": "2022-12-12", "date_fin": "2027-01-31"}
    assert faire(pilote, scene, ligne, "dates", **dates) == 422
    assert faire(pilote, scene, ligne, "dates", **dates, motif="Lu sur l’original") == 303
    assert scene.relue(ligne).date_fin == date(2027, 1, 31)
    page = pilote.get(url(ligne)).get_data(as_text=True)
    assert "Date de fin : 12/12/2026 → 31/01/2027" in page


def test_resilier_puis_annuler(scene: Scene, pilote: FlaskClient, operateur: FlaskClient) -> None:
    ligne = scene.signee(date(2025, 1, 1), date(2028, 12, 31))
    assert 'name="par"' not in operateur.get(url(ligne, "resilier")).get_data(as_text=True)
    assert faire(operateur, scene, ligne, "resilier", notifiee_le="2026-03-01", motif="Cessation") == 303
    assert scene.relue(ligne).resiliation_effet == date(2026, 5, 1)
    assert scene.relue(ligne).resiliee_par is Partie.OPERATEUR
    assert "mais résiliée" in pilote.get(url(ligne)).get_data(as_text=True)
    assert faire(pilote, scene, ligne, "resiliation/annuler", motif="Accord trouvé") == 303
    assert scene.relue(ligne).fin_effective == date(2028, 12, 31)


def test_la_mise_en_demeure_rejoint_les_documents(
    scene: Scene, pilote: FlaskClient, operateur: FlaskClient
) -> None:
    ligne = scene.signee(date(2025, 1, 1), date(2028, 12, 31))
    page = operateur.get(url(ligne, "resilier")).get_data(as_text=True)
    assert 'enctype="multipart/form-data"' in page
    donnees: dict[str, object] = {
        "version": str(scene.relue(ligne).version),
        "notifiee_le": "2026-03-01",
        "motif": "Manquement",
    }
    refus = operateur.post(
        url(ligne, "resilier"),
        data=donnees | {"mise_en_demeure": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "courrier.pdf")},
    )
    assert refus.status_code == 422
    assert "Dites la date de la mise en demeure que vous joignez." in refus.get_data(as_text=True)
    assert not scene.relue(ligne).documents
    fait = operateur.post(
        url(ligne, "resilier"),
        data=donnees
        | {
            "mise_en_demeure_le": "2026-01-05",
            "mise_en_demeure": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "courrier.pdf"),
        },
    )
    assert fait.status_code == 303
    assert [une.libelle for une in scene.relue(ligne).documents] == ["Mise en demeure du 05/01/2026"]
    vue = pilote.get(url(ligne)).get_data(as_text=True)
    assert "Document : Mise en demeure du 05/01/2026" in vue
    assert "Date de la mise en demeure : — → 05/01/2026" in vue


def test_dix_renouvellements_font_une_ligne(scene: Scene, pilote: FlaskClient) -> None:
    mere = scene.signee(date(2022, 12, 12), date(2026, 12, 12), natures={"CHU": 4})
    donnees = {"version": str(mere.version), "cle_idempotence": "cle-essai-1"}
    vers = {pilote.post(url(mere, "renouveler"), data=donnees).headers["Location"] for _ in range(10)}
    assert len(vers) == 1
    page = pilote.get(vers.pop()).get_data(as_text=True)
    assert "Autres conventions du couple" in page
    assert "Du 12/12/2022 au 12/12/2026" in page


def test_creer_dix_fois_fait_une_ligne(scene: Scene, pilote: FlaskClient) -> None:
    structure = scene.factories.Structure(organisation=scene.operateur)
    from portal.organisations.models import StructurePlaces

    structure.places = [StructurePlaces(nature_code="CHU", nombre=12)]
    scene.session.commit()
    assert "Association Essai" in pilote.get("/conventions/nouvelle?q=essai").get_data(as_text=True)
    adresse = f"/conventions/nouvelle?operateur={scene.operateur.ref}"
    page = pilote.get(adresse).get_data(as_text=True)
    assert re.search(r'value="CHU"\s+checked', page)
    assert re.search(r'name="places-CHU"\s+value="12"', page)
    donnees = {
        "siao": scene.siao.ref,
        "natures": ["CHU"],
        "places-CHU": "15",
        "places-RS": "3",
        "date_cible": "2026-06-30",
        "mode": "collectif",
        "cle_idempotence": "cle-essai-2",
    }
    vers = {pilote.post(adresse, data=donnees).headers["Location"] for _ in range(10)}
    assert len(vers) == 1
    ligne = scene.session.query(Convention).one()
    assert {n.nature_code: n.places for n in ligne.natures} == {"CHU": 15, "RS": 3}
    encore = pilote.post(adresse, data=donnees | {"cle_idempotence": "cle-essai-3"})
    assert encore.status_code == 422
    assert "Une ligne est déjà ouverte" in encore.get_data(as_text=True)


@pytest.mark.parametrize("ecrit", ["beaucoup", "-3", "1000000000000"])
def test_creer_refuse_des_places_absurdes(scene: Scene, pilote: FlaskClient, ecrit: str) -> None:
    adresse = f"/conventions/nouvelle?operateur={scene.operateur.ref}"
    donnees = {"siao": scene.siao.ref, "date_cible": "2026-06-30", "places-CHU": ecrit}
    reponse = pilote.post(adresse, data=donnees)
    assert reponse.status_code == 422
    assert "écrivez un nombre entier de places, de 0 à 999 999." in reponse.get_data(as_text=True)
    assert f'value="{ecrit}"' in reponse.get_data(as_text=True)


def test_creer_demande_le_service_de_l_etat_quand_il_y_en_a_plusieurs(
    scene: Scene, pilote: FlaskClient, client_for: Callable[..., FlaskClient]
) -> None:
    adresse = f"/conventions/nouvelle?operateur={scene.operateur.ref}"
    assert 'name="etat"' not in pilote.get(adresse).get_data(as_text=True)
    kind = TypeOrganisation.ETAT
    voisine = scene.factories.Organisation(type=kind, nom="DRIHL Fictive", departement_code="75", dans=["22"])
    scene.factories.Organisation(type=kind, nom="DDETS Fictive 37", departement_code="37")
    scene.session.commit()
    page = pilote.get(adresse).get_data(as_text=True)
    assert re.search(rf'selected value="{scene.etat.ref}">|value="{scene.etat.ref}" selected', page)
    assert "DRIHL Fictive" in page
    assert "DDETS Fictive 37" not in page
    siao = client_for(scene.regulateur)
    donnees = {
        "siao": scene.siao.ref,
        "date_cible": "2026-06-30",
        "cle_idempotence": "cle-essai-4",
        "mode": "",
    }
    reponse = siao.post(adresse, data=donnees)
    assert reponse.status_code == 422
    assert "Ce champ est obligatoire" in reponse.get_data(as_text=True)
    assert siao.post(adresse, data=donnees | {"etat": voisine.ref}).status_code == 303
    assert scene.session.query(Convention).one().etat_id == voisine.id


@pytest.mark.parametrize(("mode", "attendu"), [("collectif", None), ("", date(2026, 2, 28))])
def test_la_date_d_un_dialogue_de_gestion_n_est_jamais_oubliee(
    scene: Scene, pilote: FlaskClient, mode: str, attendu: date | None
) -> None:
    """It says that one negotiates one to one; beside « collective », it is refused where it stands."""
    ligne = scene.ligne(natures={"CHU": 4})
    donnees = {"version": str(ligne.version), "natures": ["CHU"], "places-CHU": "4", "mode": mode}
    reponse = pilote.post(url(ligne, "modifier"), data=donnees | {"dialogue_gestion_le": "28/02/2026"})
    relue = scene.relue(ligne)
    assert relue.dialogue_gestion_le == attendu
    if attendu is None:
        assert reponse.status_code == 422
        assert "celui d’une négociation de gré à gré" in reponse.text
        assert 'value="28/02/2026"' in reponse.text
    else:
        assert relue.mode is Mode.GRE_A_GRE


def test_modifier_a_deux(scene: Scene, pilote: FlaskClient, client_for: Callable[..., FlaskClient]) -> None:
    ligne = scene.ligne(natures={"CHU": 4})
    regulateur, version = client_for(scene.regulateur), str(ligne.version)
    base = {"version": version, "natures": ["CHU"], "places-CHU": "4", "mode": ""}
    assert regulateur.post(url(ligne, "modifier"), data=base | {"notes": "La mienne"}).status_code == 303
    reponse = pilote.post(url(ligne, "modifier"), data=base | {"notes": "La seconde"})
    html = reponse.get_data(as_text=True)
    assert reponse.status_code == 409
    for attendu in ("La mienne", "La seconde", scene.regulateur.nom, "Les deux versions"):
        assert attendu in html
    nouvelle = re.search(r'name="version"[^>]*value="(\d+)"', html)
    assert nouvelle is not None
    donnees = base | {"version": nouvelle[1], "notes": "Les deux"}
    assert pilote.post(url(ligne, "modifier"), data=donnees).status_code == 303
    assert scene.relue(ligne).notes == "Les deux"


def test_le_conflit_ne_montre_que_ce_qui_differe(
    scene: Scene, pilote: FlaskClient, client_for: Callable[..., FlaskClient]
) -> None:
    """The same natures, kept in the order of their codes and typed in that of the form, are the same."""
    ligne, regulateur = scene.ligne(natures={"LAM": None, "LHSS": 3}), client_for(scene.regulateur)
    base = {"version": str(ligne.version), "natures": ["LHSS", "LAM"], "places-LHSS": "3", "mode": ""}
    assert regulateur.post(url(ligne, "modifier"), data=base | {"notes": "La mienne"}).status_code == 303
    html = pilote.post(url(ligne, "modifier"), data=base | {"notes": "La seconde"}).get_data(as_text=True)
    tableau = html[html.index("Les deux versions") :]
    natures = tableau[tableau.index("Natures") :]
    assert "différent" not in natures[: natures.index("</tr>")]
    assert "différent" in tableau


def test_double_envoi_d_une_etape(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.ligne()
    donnees = {"version": str(ligne.version)}
    statuts = [pilote.post(url(ligne, "etape/engager"), data=donnees).status_code for _ in range(3)]
    assert statuts == [303, 409, 409]
    assert scene.relue(ligne).statut is Statut.PROJET


def test_si_siao_deux_clics_disent_la_meme_chose(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.signee(date(2022, 12, 12), date(2026, 12, 12))
    for _clic in range(2):
        assert pilote.post(url(ligne, "si-siao"), data={"copiee": "1"}).status_code == 303
    assert scene.relue(ligne).si_siao_copiee_le is not None
    assert pilote.post(url(ligne, "si-siao"), data={"copiee": ""}).status_code == 303
    assert scene.relue(ligne).si_siao_copiee_le is None


def test_cible_et_responsable(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.ligne()
    assert faire(pilote, scene, ligne, "date-cible", date_cible="2027-01-31", motif="Fusion") == 303
    assert faire(pilote, scene, ligne, "responsable", responsable=scene.regulateur.personne_ref) == 303
    page = pilote.get(url(ligne)).get_data(as_text=True)
    for attendu in ("31/12/2026 → 31/01/2027 : Fusion", "après l’échéance nationale", scene.regulateur.nom):
        assert attendu in page


def test_documents(scene: Scene, pilote: FlaskClient, operateur: FlaskClient) -> None:
    ligne = scene.ligne()
    donnees = {"version": str(ligne.version), "libelle": "Convention signée"}
    pdf = b"%PDF-1.4\n%%EOF\n"

    def deposer(contenu: bytes, nom: str) -> TestResponse:
        envoi = donnees | {"fichier": (io.BytesIO(contenu), nom)}
        return pilote.post(url(ligne, "documents/ajouter"), data=envoi)

    assert deposer(b"MZ", "virus.exe").status_code == 422
    refusee = deposer(b"MZ", "faux.pdf")
    assert refusee.status_code == 422
    assert 'id="fichier-erreur"' in refusee.get_data(as_text=True)
    assert deposer(pdf, "../../signée.pdf").status_code == 303
    assert deposer(pdf, "encore.pdf").status_code == 409
    page = operateur.get(url(ligne)).get_data(as_text=True)
    lien = re.search(rf"/conventions/{ligne.ref}/documents/[\w-]+", page)
    assert lien is not None
    reponse = operateur.get(lien[0])
    assert reponse.data == pdf
    assert reponse.headers["Content-Disposition"].startswith("attachment")
    assert operateur.get(lien[0] + "/retirer").status_code == 403
    assert faire(pilote, scene, ligne, lien[0].split(ligne.ref + "/")[1] + "/retirer") == 303
    assert pilote.get(lien[0]).status_code == 404
    scene.session.rollback()
    assert scene.session.query(Fichier).count() == 0  # its content leaves with the nightly sweep
    assert "Document retiré" in pilote.get(url(ligne)).get_data(as_text=True)


@pytest.mark.parametrize("acte", ["", *ACTES])
def test_etranger_introuvable(scene: Scene, pilote: FlaskClient, operateur: FlaskClient, acte: str) -> None:
    siao = scene.factories.Organisation(type=scene.siao.type, departement_code="37")
    ailleurs = scene.factories.Organisation(departement_code="37")
    etrangere = scene.ligne(siao=siao, operateur=ailleurs, departement_code="37")
    for client in (pilote, operateur):
        for method in ("GET", "POST") if acte else ("GET",):
            for entetes in ({}, FRAGMENT):
                reponse = client.open(url(etrangere, acte), method=method, headers=entetes)
                assert reponse.status_code in ({404} if client is pilote else {403, 404}), (method, acte)


@pytest.mark.parametrize(
    "acte", sorted(set(ACTES) - {"signature/operateur", "signature/operateur/retirer", "resilier"})
)
def test_interdit_a_l_operateur(scene: Scene, operateur: FlaskClient, acte: str) -> None:
    ligne = scene.ligne(Statut.EN_NEGOCIATION)
    avant = ligne.version
    assert operateur.get(url(ligne, acte)).status_code == 403
    assert operateur.post(url(ligne, acte), data={"version": avant}).status_code == 403
    assert scene.relue(ligne).version == avant


def test_le_siao_ne_suspend_pas(scene: Scene, client_for: Callable[..., FlaskClient]) -> None:
    ligne = scene.ligne(Statut.EN_NEGOCIATION)
    client = client_for(scene.regulateur)
    assert client.get(url(ligne, "suspendre")).status_code == 403
    assert "suspendre" not in client.get(url(ligne)).get_data(as_text=True)


@pytest.mark.parametrize("profil", list(Profil), ids=lambda p: p.value)
def test_la_page_ne_propose_que_le_possible(
    scene: Scene,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
    profil: Profil,
) -> None:
    """Every act offered on the page opens; nothing offered answers 403 or 409."""
    sienne = {"etat": scene.etat, "siao": scene.siao}.get(profil.value.split("_")[0], scene.operateur)
    if profil is Profil.ADMIN_DEPARTEMENT:
        sienne = scene.etat
    client = client_for(actor_for(profil, sienne))
    for statut in Statut:
        autre = scene.factories.Organisation(nom=f"Opérateur {statut.value}")
        operateur = scene.operateur if sienne is scene.operateur else autre
        ligne = (
            scene.signee(date(2025, 1, 1), date(2026, 12, 31), operateur=operateur)
            if statut is Statut.SIGNEE
            else scene.ligne(statut, operateur=operateur)
        )
        page = client.get(url(ligne))
        for lien in set(re.findall(rf'href="(/conventions/{ligne.ref}/[^"]+)"', page.get_data(as_text=True))):
            assert client.get(lien).status_code == 200, (statut, lien)
        scene.session.delete(scene.relue(ligne))
        scene.session.commit()


def test_veille_de_la_ligne(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.ligne()
    veille = {"HX-Request": "true", "X-Veille": "1"}
    assert pilote.get(url(ligne) + f"?etat={ligne.version}", headers=veille).status_code == 204
    reponse = pilote.get(url(ligne) + "?etat=0", headers=veille)
    assert reponse.status_code == 200
    html = reponse.get_data(as_text=True)
    assert html.lstrip().startswith('<div class="fiche-ligne')
    assert "data-annonce" in html


def test_le_fragment_est_la_partie_de_la_page(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.ligne(Statut.EN_NEGOCIATION, natures={"CHU": 3})
    for chemin in ("", "modifier", "suspendre", "documents/ajouter"):
        page = pilote.get(url(ligne, chemin)).get_data(as_text=True)
        fragment = pilote.get(url(ligne, chemin), headers=FRAGMENT).get_data(as_text=True)
        stable = re.sub(r'(cle_idempotence"[^>]*value=")[^"]*', r"\1", fragment).strip()
        assert stable in re.sub(r'(cle_idempotence"[^>]*value=")[^"]*', r"\1", page), chemin


def test_nombre_constant_de_requetes(scene: Scene, pilote: FlaskClient, database: Database) -> None:
    ligne = scene.ligne(Statut.EN_NEGOCIATION, natures={"CHU": 3})

    def mesurer() -> int:
        with comptees(database) as vues:
            assert pilote.get(url(ligne)).status_code == 200
        return len(vues)

    pilote.get(url(ligne))
    peu = mesurer()
    for jour in range(1, 6):
        faire(pilote, scene, ligne, "date-cible", date_cible=f"2026-09-0{jour}", motif="Report")
    assert mesurer() == peu <= 8


def test_actes_inconnus(scene: Scene, pilote: FlaskClient) -> None:
    ligne = scene.ligne()
    for chemin in ("etape/inconnue", "signature/maire", "documents/inconnu/retirer"):
        assert pilote.get(url(ligne, chemin)).status_code == 404
        assert pilote.post(url(ligne, chemin), data={"version": "1"}).status_code == 404


@pytest.mark.parametrize(
    ("ordre", "attendue"),
    [
        ("operateur,siao,etat", "En attente de la signature : Opérateur."),
        ("siao,operateur,etat", "En attente de la signature : SIAO."),
        ("libre", "En attente des signatures, dans l’ordre qui convient : Opérateur, SIAO, État."),
    ],
)
def test_la_page_suit_l_ordre_des_signatures_du_departement(
    scene: Scene, pilote: FlaskClient, clock: FixedClock, ordre: str, attendue: str
) -> None:
    set_value(scene.session, scene.pilote, clock, "conventions.ordre_signatures", "22", ordre)
    ligne = scene.ligne(Statut.EN_SIGNATURE)
    page = pilote.get(url(ligne)).get_data(as_text=True)
    assert attendue in page
    premiere = ordre.split(",")[0] if ordre != "libre" else "etat"
    assert re.search(rf'bouton-principal"\s+href="{url(ligne)}/signature/{premiere}"', page)
    assert (f"{url(ligne)}/signature/etat" in page) == (ordre == "libre")
    assert pilote.get(url(ligne, f"signature/{premiere}")).status_code == 200
    assert pilote.get(url(ligne, "signature/etat")).status_code == (200 if ordre == "libre" else 409)


def test_la_page_et_la_liste_disent_l_heure_du_departement(
    scene: Scene, client_for: Callable[..., FlaskClient], actor_for: Callable[..., Actor]
) -> None:
    kinds = TypeOrganisation
    siao = scene.factories.Organisation(type=kinds.SIAO, nom="SIAO Fictif 974", departement_code="974")
    operateur = scene.factories.Organisation(nom="Des deux côtés", dans=["974"])
    ligne = scene.signee(
        date(2024, 1, 1),
        date(2027, 12, 31),
        operateur=operateur,
        siao=siao,
        si_siao_copiee_le=datetime(2026, 2, 1, 22, 30, tzinfo=UTC),
        si_siao_copiee_par="Camille Exemple",
    )
    client = client_for(actor_for(Profil.OPERATEUR_DIRECTION, operateur))
    scene.session.commit()
    assert "02/02/2026 02:30" in client.get(url(ligne)).get_data(as_text=True)
    liste = client.get("/conventions").get_data(as_text=True)
    assert "02/02/2026" in liste
    assert "01/02/2026" not in liste
    export = client.get("/conventions/export.csv").get_data(as_text=True)
    assert "02/02/2026" in export or "2026-02-02" in export
