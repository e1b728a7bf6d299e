"""Mergers and structures: what they do to texts, frozen texts and avenants, and what they call for."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.comptes.acteurs import of_membership
from portal.conventions.avenants import a_faire, fil, propositions
from portal.conventions.avenants.enums import Origine, StatutAvenant
from portal.conventions.bilans.demandes import demander
from portal.conventions.bilans.models import Bilan
from portal.conventions.bilans.queries import de_la_ligne
from portal.conventions.bilans.regles import DELAI_JOURS, FINAL
from portal.conventions.enums import Partie, Statut
from portal.conventions.models import Convention
from portal.conventions.redaction.enums import Position
from portal.conventions.signature.figer import courant
from portal.organisations.enums import TypeOrganisation
from portal.organisations.fusion import merge_organisations
from portal.organisations.import_finess import import_finess
from portal.organisations.models import Organisation, Structure
from portal.organisations.saisie import LignePlaces, SaisieStructure
from portal.organisations.structures import close_structure, open_structure
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, can
from portal.shared.db import Database
from portal.shared.errors import DomainError
from tests.finess import extraction, line
from tests.integration.avenants.conftest import Avenue
from tests.integration.signature.conftest import Signature

O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT
Fusionner = Callable[[Organisation, Organisation], None]


@pytest.fixture
def fusionner(signee: Signature, actor_for: Callable[..., Actor]) -> Fusionner:
    return _fusionner(signee, actor_for)


def _fusionner(signee: Signature, actor_for: Callable[..., Actor]) -> Fusionner:
    administration = actor_for(Profil.ADMIN_DEPARTEMENT, signee.ligne.etat)

    def faire(absorbee: Organisation, absorbante: Organisation) -> None:
        merge_organisations(
            signee.session,
            signee.nego.clock,
            administration,
            absorbee,
            absorbante,
            signee.nego.clock.today(),
            versions=(absorbee.version, absorbante.version),
        )
        signee.session.flush()

    return faire


def test_a_ctp_ended_by_a_merger_is_not_prolonged_on_that_very_day(
    avenue: Avenue, factories: SimpleNamespace, fusionner: Fusionner
) -> None:
    ligne, absorbante = avenue.ligne, factories.Organisation(nom="Les Bruyères")
    ligne.date_fin = ligne.fin_effective = avenue.jour  # its last day: the merger has nothing to cut
    avenue.session.flush()
    fusionner(ligne.operateur, absorbante)
    assert ligne.fin_effective == avenue.jour
    with pytest.raises(DomainError) as refus:
        avenue.ouvrir("10.1", objet="Prolonger")
    assert refus.value.code == "avenants.fusionnee"
    assert refus.value.params["absorbante"] == "Les Bruyères"


def test_the_page_of_avenants_says_where_the_rest_is_written(
    avenue: Avenue, factories: SimpleNamespace, fusionner: Fusionner, client_for: Callable[..., FlaskClient]
) -> None:
    fusionner(avenue.ligne.operateur, factories.Organisation(nom="Les Bruyères"))
    avenue.session.commit()
    html = client_for(avenue.voix[S]).get(f"/conventions/{avenue.ligne.ref}/avenants").text
    assert "a été absorbée par « Les Bruyères »" in html
    assert "Ouvrir un avenant" not in html


def test_the_open_avenant_of_an_absorbed_operator_is_given_up_and_all_are_told(
    avenue: Avenue, factories: SimpleNamespace, fusionner: Fusionner
) -> None:
    avenant = avenue.en_signature()
    avenue.signer(O)
    avenue.signee.oublier()
    fusionner(avenue.ligne.operateur, factories.Organisation(nom="Les Bruyères"))
    assert avenant.statut is StatutAvenant.ABANDONNE
    assert "Les Bruyères" in avenant.motif
    assert any("Les Bruyères" in message.corps for message in avenue.signee.ecrits())
    assert not a_faire.attentes(avenue.session, avenue.clock, avenue.voix[S]).avenants


def test_the_people_of_an_absorbed_party_are_told_that_their_avenant_is_given_up(
    avenue: Avenue, factories: SimpleNamespace, fusionner: Fusionner
) -> None:
    avenue.en_signature()
    avenue.signee.oublier()
    fusionner(avenue.ligne.operateur, factories.Organisation(nom="Les Bruyères"))
    clos = [m for m in avenue.signee.ecrits() if m.sujet.startswith("Avenant n° 1 sans suite")]
    recus = {message.personne_id: message for message in clos}
    assert len(recus) == len(clos)
    assert set(recus) == {voix.personne_id for voix in avenue.voix.values()}
    assert f"/conventions/{avenue.ligne.ref}" in recus[avenue.voix[S].personne_id].corps
    assert "/conventions/" not in recus[avenue.voix[O].personne_id].corps  # they no longer see that line


def test_the_final_bilan_of_a_ctp_ended_by_a_merger_is_asked_for_at_once(
    avenue: Avenue, factories: SimpleNamespace, fusionner: Fusionner
) -> None:
    ligne = avenue.ligne
    fusionner(ligne.operateur, factories.Organisation(nom="Les Bruyères"))
    demander(avenue.session, avenue.clock, ligne.departement_code, avenue.jour)
    [bilan] = avenue.session.scalars(select(Bilan).where(Bilan.convention_id == ligne.id))
    assert (bilan.rang, bilan.du, bilan.au) == (FINAL, ligne.date_effet, avenue.jour)
    assert bilan.echeance == avenue.jour + timedelta(days=DELAI_JOURS)
    lus = de_la_ligne(avenue.session, avenue.clock, avenue.voix[S], ligne).bilans
    assert [une.redige for une in lus] == [True]


def test_another_state_service_reads_the_avenant_in_signature_itself(
    avenue: Avenue, factories: SimpleNamespace, fusionner: Fusionner
) -> None:
    avenant = avenue.en_signature()
    avenue.signer(O)
    avenue.signee.oublier()
    absorbante = factories.Organisation(nom="DDETSPP Fictive 22", type=TypeOrganisation.ETAT)
    fusionner(avenue.ligne.etat, absorbante)
    assert avenue.ligne.etat is absorbante
    assert avenant.statut is StatutAvenant.EN_NEGOCIATION
    clause = avenue.lire().clause("5.2")
    assert clause.positions[E].position is Position.A_EXAMINER
    assert clause.positions[O].position is Position.ACCEPTEE
    assert fil.faits(avenue.session, clause.ligne.id)[0].partie is E
    assert any("DDETSPP Fictive 22" in message.corps for message in avenue.signee.ecrits())


def test_a_text_in_signature_is_void_when_a_party_is_absorbed(
    signature: Signature, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    signature.signer(O)
    signature.oublier()
    absorbante = factories.Organisation(nom="Les Bruyères")
    _fusionner(signature, actor_for)(signature.ligne.operateur, absorbante)
    ligne = signature.ligne
    assert ligne.operateur is absorbante
    assert ligne.statut is Statut.EN_NEGOCIATION
    assert courant(signature.session, ligne.id) is None
    lu = signature.nego.lire()
    assert lu.fige_le is None
    assert {lue.positions.get(O) for lue in lu.negociees} == {Position.A_EXAMINER}
    assert {lue.positions[E] for lue in lu.negociees} == {Position.ACCEPTEE}
    assert any("Les Bruyères" in message.corps for message in signature.ecrits())


def test_an_agreement_in_principle_is_examined_by_the_absorbing_one(
    accord: Signature, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    absorbante = factories.Organisation(nom="Les Bruyères")
    _fusionner(accord, actor_for)(accord.ligne.operateur, absorbante)
    assert accord.ligne.statut is Statut.EN_NEGOCIATION
    assert {lue.positions.get(O) for lue in accord.nego.lire().negociees} == {Position.A_EXAMINER}


def prevues(avenue: Avenue) -> list[tuple[str, list[str], Origine]]:
    attendues = propositions.en_attente(avenue.session, avenue.ligne.id)
    return [(une.libelle, une.natures, une.origine) for une in attendues]


def test_opening_then_closing_a_structure_on_its_screen_proposes_avenants(
    avenue: Avenue, actor_for: Callable[..., Actor]
) -> None:
    gestionnaire = actor_for(Profil.OPERATEUR_DIRECTION, avenue.ligne.operateur)
    structure = open_structure(
        avenue.session,
        avenue.clock,
        gestionnaire,
        avenue.ligne.operateur,
        SaisieStructure(nom="Résidence des Ajoncs", departement_code="22"),
        [LignePlaces("RS", nombre=12)],
    )
    close_structure(
        avenue.session, avenue.clock, gestionnaire, structure, avenue.jour, version=structure.version
    )
    assert prevues(avenue) == [
        ("Résidence des Ajoncs", ["RS"], Origine.OUVERTURE),
        ("Résidence des Ajoncs", ["RS"], Origine.FERMETURE),
    ]


def test_a_structure_that_finess_brings_proposes_one_when_it_opened_since(
    avenue: Avenue, database: Database, tmp_path: Path
) -> None:
    avenue.ligne.operateur.siren = "732829320"
    avenue.session.commit()
    lendemain = (avenue.jour + timedelta(days=1)).isoformat()
    chemin = tmp_path / "finess.csv"
    lignes = (
        line(),
        line(f1="220000038", f3="CHRS DES DUNES", f4="CHRS DES DUNES", f28=lendemain),
        line(f1="220000046", f3="CHRS DU LARGE", f4="CHRS DU LARGE", f28=""),
    )
    chemin.write_text(extraction(*lignes), "utf-8")
    for _fois in range(2):
        rapport = import_finess(database, chemin, clock=avenue.clock)
        assert not rapport.refuses
    avenue.session.rollback()
    avenue.session.expire_all()
    assert [(nom, origine) for nom, _natures, origine in prevues(avenue)] == [
        ("CHRS DES DUNES", Origine.OUVERTURE),
        ("CHRS DU LARGE", Origine.OUVERTURE),
    ]
    a_prevoir = a_faire.attentes(avenue.session, avenue.clock, avenue.voix[S]).propositions
    assert [une.nombre for une in a_prevoir] == [2]


def test_the_structures_of_an_absorbed_operator_call_for_an_avenant_of_the_absorbing_one(
    avenue: Avenue, factories: SimpleNamespace, fusionner: Fusionner
) -> None:
    absorbee = factories.Organisation(nom="La Halte")
    structure: Structure = factories.Structure(
        organisation=absorbee, departement_code="22", ouverte_le=date(1998, 9, 1)
    )
    fusionner(absorbee, avenue.ligne.operateur)
    assert [(nom, origine) for nom, _natures, origine in prevues(avenue)] == [
        (structure.nom, Origine.OUVERTURE)
    ]


PAGES = (
    "",
    "/texte",
    "/texte/clauses/5.2",
    "/texte/lecture",
    "/circuit",
    "/avenants",
    "/avenants/consolidee",
    "/bilans",
)


def test_the_absorbing_operator_reads_what_was_signed_before_it_and_acts_on_nothing(
    avenue: Avenue,
    factories: SimpleNamespace,
    fusionner: Fusionner,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
) -> None:
    ligne, absorbante = avenue.ligne, factories.Organisation(nom="Les Bruyères")
    etrangere = factories.Organisation(nom="Les Genêts")
    voisine = factories.Convention(operateur=etrangere, siao=ligne.siao, etat=ligne.etat)
    fusionner(ligne.operateur, absorbante)
    direction = actor_for(Profil.OPERATEUR_DIRECTION, absorbante)
    tierce = actor_for(Profil.OPERATEUR_DIRECTION, etrangere)
    avenue.session.commit()
    client, ailleurs = client_for(direction), client_for(tierce)
    for page in PAGES:
        assert client.get(f"/conventions/{ligne.ref}{page}").status_code == 200, page
        assert ailleurs.get(f"/conventions/{ligne.ref}{page}").status_code == 404, page
    assert ligne.ref in client.get("/conventions").text
    assert ligne.ref not in ailleurs.get("/conventions").text
    assert client.get(f"/conventions/{voisine.ref}").status_code == 404
    assert ligne.ref not in client.get("/a-faire").text
    lue = of_membership(avenue.session, direction.adhesion_id)
    assert lue is not None
    assert lue.absorbees == (ligne.operateur_id,)
    assert {permission for permission in Permission if _sur_les_lignes(permission, lue, ligne)} == {
        Permission.CONVENTIONS_LIRE,
        Permission.CONVENTIONS_EXPORTER,
    }


def _sur_les_lignes(permission: Permission, actor: Actor, ligne: Convention) -> bool:
    """Tell whether an actor may do this to a line, among what is done to lines."""
    salles = ("conventions:", "redaction:", "signature:signer", "bilans:")
    if permission is Permission.CONVENTIONS_PROGRESSION or not permission.value.startswith(salles):
        return False
    return can(actor, permission, ligne)
