"""Once a household enters the protected circuit nothing that is kept of it names it any more (§ 7.6)."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.documents.storage import Storage
from portal.grilles.autorisations.enums import DecisionAdulte, Mode
from portal.grilles.autorisations.models import AccordAdulte, RemarqueMenage
from portal.grilles.fin_de_vie.protection import OTE, Noms
from portal.grilles.menages import acces, service
from portal.grilles.menages.identites import Identite, presents
from portal.grilles.remplissage import queries
from portal.grilles.remplissage import service as remplissage
from portal.grilles.remplissage.models import GrilleAcces
from portal.grilles.transmissions import queries as transmissions
from portal.grilles.transmissions.models import Transmission
from portal.security.coffre import coffre
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainErrors
from tests.grilles_remplies import REPONSES, grille_figee, remplir
from tests.integration.fin_de_vie.test_effacement import found
from tests.menages import NUMERO, Scene, vue
from tests.monde_menages import MenageMeuble
from tests.transmises import autoriser, envoyer

REPONSES_NOMMEES = {
    **REPONSES,
    "A": {**REPONSES["A"], "A4__reponse": [NUMERO]},
    "E": {
        "E1__reponse": ["Maelle veut un trois-pièces ; Monsieur LE FICTIF-COZ aussi."],
        "E3__reponse": ["Née le 12 mai 1990, demande 0220 3260 0123 4102 00."],
    },
}
NOMS = ("Kerfictif", "KERFICTIF", "Maëlle", "Maelle", "Fictif-Coz", "FICTIF-COZ", "Yann", NUMERO, "0123 4102")
NES = ("1990-05-12", "1988-11-03", "12 mai 1990")


def proteger(session: Session, clock: FixedClock, scene: Scene) -> None:
    vise = vue(session, clock, scene.travailleur, scene.menage)
    service.proteger(session, clock, scene.travailleur, vise, "SI-22-4471", version=vise.menage.version)
    session.commit()


@pytest.fixture
def nomme(session: Session, clock: FixedClock, scene: Scene) -> Transmission:
    """A grid that names the household wherever one may write, sent; a newer one being written; the rest."""
    vise = vue(session, clock, scene.travailleur, scene.menage)
    grille = grille_figee(session, clock, scene.travailleur, vise, REPONSES_NOMMEES)
    sent = envoyer(
        session,
        clock,
        scene.travailleur,
        autoriser(session, clock, scene.travailleur, scene.menage, scene.bailleur),
    )
    remplir(session, clock, scene.travailleur, vise, {})
    acces.demander(session, clock, scene.collegue, scene.menage, "Rendez-vous avec Maëlle Kerfictif", 7)
    adulte = presents(vise.menage)[0]
    session.add(
        RemarqueMenage(
            grille_id=grille.id,
            adulte_id=adulte.id,
            le=clock.now(),
            texte=coffre(session).fermer("Yann a retrouvé un emploi."),
        )
    )
    session.commit()
    return sent


def test_no_name_birth_or_demand_number_is_left_anywhere(
    session: Session, clock: FixedClock, storage: Storage, scene: Scene, nomme: Transmission
) -> None:
    before = {place.split(".")[0] for place in found(session, storage, *NOMS)}
    assert {"menage_adulte", "grille_section", "transmission", "menage_remarque", "menage_acces"} <= before
    proteger(session, clock, scene)
    assert found(session, storage, *NOMS, *NES) == set()


def test_what_does_not_name_it_stays_readable(
    session: Session, clock: FixedClock, scene: Scene, nomme: Transmission
) -> None:
    proteger(session, clock, scene)
    versions = session.scalars(select(GrilleAcces).order_by(GrilleAcces.numero)).all()
    assert len(versions) == 2
    for grille in versions:
        lues = queries.reponses(session, grille)
        assert lues["E"]["E1"]["reponse"].startswith(f"{OTE} veut un trois-pièces")
        assert "A4" not in lues["A"]
        assert lues["B"]["B1"]["total"] == 165050
    figee = versions[0]
    assert figee.empreinte == remplissage.empreinte(figee.modele.empreinte, queries.reponses(session, figee))
    vue_par_le_siao = transmissions.detail(session, session.get_one(Transmission, nomme.id))
    assert vue_par_le_siao.sortie.entete.adultes == ()
    assert vue_par_le_siao.sortie.entete.code == scene.menage.code
    remarque = session.scalars(select(RemarqueMenage)).one()
    assert coffre(session).ouvrir(remarque.texte) == f"{OTE} a retrouvé un emploi."


def test_signatures_papers_and_copies_go_away(
    session: Session, clock: FixedClock, storage: Storage, scene: Scene, meuble: MenageMeuble
) -> None:
    """Whatever an adult signed, on the screen or on paper, and the copy made for the household."""
    meuble.menage.referent_id = scene.travailleur.personne_id
    meuble.menage.organisation_id = scene.travailleur.organisation_id
    session.commit()
    scene.menage = meuble.menage
    proteger(session, clock, scene)
    accords = session.scalars(
        select(AccordAdulte).where(AccordAdulte.adulte_id.in_([a.id for a in meuble.menage.adultes]))
    ).all()
    assert Mode.PAPIER in {one.mode for one in accords}
    for accord in accords:
        assert (accord.signature, accord.fichier_id, accord.empreinte) == ("", None, "")
    assert DecisionAdulte.ACCORDE in {one.decision for one in accords}
    assert found(session, storage, "canarimenageprenom", "canarimenagenom", "canarimenagesignature") == set()


def test_the_demand_number_is_not_typed_in_the_protected_circuit(
    session: Session, clock: FixedClock, scene: Scene, nomme: Transmission
) -> None:
    proteger(session, clock, scene)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    draft = queries.en_cours(session, scene.menage.id)
    assert draft is not None
    row = next(row for row in draft.sections if row.section == "A")
    with pytest.raises(DomainErrors) as refused:
        remplissage.enregistrer(
            session, clock, scene.travailleur, vise, "A", {"A4__reponse": [NUMERO]}, version=row.version
        )
    assert [(one.code, one.field) for one in refused.value.errors] == [
        ("remplissage.numero_protege", "A4__reponse")
    ]


@pytest.mark.parametrize(
    ("avant", "apres"),
    [
        ("Rose et le petit de Rose", f"{OTE} et le petit de {OTE}"),
        ("Un Li, une li, la ville de Lille", f"Un {OTE}, une li, la ville de Lille"),
        ("L’école de Rosemonde", "L’école de Rosemonde"),
        ("né 3/2/87, 03.02.1987, 3 février 1987", f"né {OTE}, {OTE}, {OTE}"),
        ("le 13/02/1987", "le 13/02/1987"),
        ("Rôse", OTE),
        ("🏠 \u202erose\u202c", f"🏠 \u202e{OTE}\u202c"),
    ],
)
def test_names_are_taken_out_of_a_text_however_typed(avant: str, apres: str) -> None:
    noms = Noms([Identite("Li", "Rose", date(1987, 2, 3))])
    assert noms.oter(avant) == apres


def test_codes_of_a_structure_are_no_names() -> None:
    noms = Noms([Identite("Bail", "Le", date(1987, 2, 3))])
    assert noms.oter_de({"statut": "bail", "texte": "Bail prêt"}) == {
        "statut": "bail",
        "texte": f"{OTE} prêt",
    }
