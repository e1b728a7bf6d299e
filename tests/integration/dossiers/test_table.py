"""The table: profile × state of the session × state of the dossier × own, guest, foreign; who takes over."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions.dossiers import invites, lecture, queries
from portal.commissions.dossiers.invites import SaisieInvite
from portal.commissions.dossiers.lecture import Acces
from portal.commissions.enums import StatutSeance
from portal.commissions.enums_dossiers import StatutDossier
from portal.commissions.models_decisions import ConduiteSeance
from portal.commissions.models_dossiers import Dossier, InviteSeance
from portal.comptes import passation
from portal.comptes.models import Adhesion
from portal.comptes.passation import Choix
from portal.grilles.autorisations.fermeture import retirer
from portal.grilles.autorisations.models import Autorisation
from portal.notifications.models import MessageSortant
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import NotVisible
from tests.integration.dossiers.conftest import Table
from tests.menages import vue

S = StatutDossier
AU_TRAVAIL = {"travailleur"}
DE_DROIT = AU_TRAVAIL | {"siao_direction", "mission_logement"}
SIEGENT = {"president", "conseil", "bailleur", "operateur", "permanent"}
AUTOUR = {"ajoute", "dehors", "collegue", "exterieur", "ailleurs"}  # a seat beside, none, another household's
TOUS = sorted(DE_DROIT | SIEGENT | AUTOUR)

SEANCES = {
    "prevue": False,
    "convoquee": False,
    "papiers": True,
    "tenue": True,
    "71 heures": True,
    "72 heures": True,
    "29 jours": True,
    "31 jours": False,
    "annulee": False,
}
"""States of a session, in the order of time, and whether those who sit read its papers."""
QUELQUES = ("convoquee", "papiers", "31 jours")
POUR_L_INVITE = {"papiers", "tenue", "71 heures"}
A_LA_SEANCE = {S.INSCRIT, S.EN_SEANCE, S.DECIDE, S.NOTIFIE, S.RECOURS}


@pytest.fixture
def invite(session: Session, clock: FixedClock, table: Table, ouvert: Dossier) -> InviteSeance:
    """A guest of the session for the dossier, who accepted the undertaking."""
    typed = SaisieInvite(nom="Dominique Fictif", email="d.fictif@ailleurs.example", dossiers=[ouvert.ref])
    made = invites.inviter(session, clock, table.place.scene.siao_direction, table.place.seance, typed)
    invites.accepter(session, clock, made)
    session.commit()
    return made


def placer(session: Session, clock: FixedClock, table: Table, dossier: Dossier, etat: str) -> None:
    """Bring the session of a dossier to a state."""
    seance = table.place.seance
    conduite = session.scalars(select(ConduiteSeance).where(ConduiteSeance.seance_id == seance.id)).one()
    seance.statut = {"prevue": StatutSeance.PREVUE, "annulee": StatutSeance.ANNULEE}.get(
        etat, StatutSeance.CONVOQUEE
    )
    conduite.fige_le = None if etat in ("prevue", "convoquee") else seance.created_at
    clock.instant = {
        "tenue": seance.debut + timedelta(hours=1),
        "71 heures": seance.fin + timedelta(hours=71),
        "72 heures": seance.fin + timedelta(hours=72),
        "29 jours": seance.fin + timedelta(days=29),
        "31 jours": seance.fin + timedelta(days=31),
    }.get(etat, seance.created_at)
    session.flush()


def lecteurs(
    session: Session, clock: FixedClock, table: Table, dossier: Dossier, invite: InviteSeance
) -> set[str]:
    """Return who reads the household."""

    def lit(nom: str) -> bool:
        actor: Actor = getattr(table, nom, None) or getattr(table.place.scene, nom)
        try:
            return queries.lisible(session, clock, actor, dossier.ref)
        except NotVisible:
            return False

    found = {nom for nom in TOUS if lit(nom)}
    with suppress(NotVisible):
        if lecture.papier(session, clock, invite, dossier).acces is Acces.OUVERT:
            found.add("invite")
    return found


@pytest.mark.parametrize("statut", [*S])
def test_who_reads_a_dossier_by_its_state_and_its_sessions(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, invite: InviteSeance, statut: S
) -> None:
    ouvert.statut, ouvert.complement_avant = statut, clock.today()
    if statut not in A_LA_SEANCE | {S.CLOS}:
        ouvert.seance_id = ouvert.rang = None
    for etat in SEANCES if statut in (S.INSCRIT, S.NOTIFIE) else QUELQUES:
        placer(session, clock, table, ouvert, etat)
        attendus = AU_TRAVAIL if statut is S.BROUILLON else DE_DROIT
        if statut in A_LA_SEANCE:
            attendus = attendus | (SIEGENT if SEANCES[etat] else set())
            attendus = attendus | ({"invite"} if etat in POUR_L_INVITE else set())
        assert lecteurs(session, clock, table, ouvert, invite) == attendus, etat


@pytest.mark.parametrize("etat", ["papiers", "tenue"])
def test_withdrawn_or_protected_whatever_the_state_of_the_session(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, invite: InviteSeance, etat: str
) -> None:
    placer(session, clock, table, ouvert, etat)
    menage = ouvert.menage
    numero = menage.numero_unique, menage.numero_unique_cle
    menage.protege, menage.numero_unique, menage.numero_unique_cle = True, "", None
    session.flush()
    assert lecteurs(session, clock, table, ouvert, invite) == DE_DROIT | {"president"}
    menage.protege, (menage.numero_unique, menage.numero_unique_cle) = False, numero
    ref = session.get_one(Autorisation, ouvert.autorisation_id).ref
    travailleur = table.place.scene.travailleur
    retirer(session, clock, travailleur, vue(session, clock, travailleur, menage), ref)
    assert lecteurs(session, clock, table, ouvert, invite) == DE_DROIT


def test_a_secretariat_that_is_not_the_siao_reads_what_is_deposited_while_authorised(
    session: Session,
    clock: FixedClock,
    table: Table,
    inscrit: Dossier,
    factories: object,
    actor_for: Callable[..., Actor],
) -> None:
    agglo = factories.Organisation(type=TypeOrganisation.COLLECTIVITE)  # type: ignore[attr-defined]
    table.place.commission.secretariat_id = agglo.id
    actor = actor_for(Profil.COLLECTIVITE, agglo)
    session.flush()
    assert lecture.papier(session, clock, actor, inscrit).acces is Acces.OUVERT
    inscrit.menage.protege = True
    inscrit.menage.numero_unique, inscrit.menage.numero_unique_cle = "", None
    session.flush()
    lu = lecture.papier(session, clock, actor, inscrit)
    assert (lu.acces, lu.designation, lu.situation) == (Acces.PROTEGE, inscrit.code, "")
    assert not queries.lisible(session, clock, actor, inscrit.ref)


def test_a_dossier_follows_its_household_to_whoever_takes_over(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Callable[..., FlaskClient]
) -> None:
    scene, ici = table.place.scene, f"/dossiers/{ouvert.ref}"
    part_de = session.get_one(Adhesion, scene.travailleur.adhesion_id)
    qui = passation.partant(session, scene.administrateur, part_de.ref)
    (part,) = passation.parts(session, clock, qui)
    decision = {"menages": {scene.menage.ref: f"p{scene.collegue.personne_ref}"}}
    versions = {"menages": {tenu.ref: tenu.version for tenu in part.tenus}}
    passation.passer(session, clock, scene.administrateur, qui, Choix(clock.today(), decision, versions))
    session.commit()
    assert client_for(scene.travailleur).get(ici).status_code == 404
    client = client_for(scene.collegue)
    assert "KERFICTIF" in client.get(ici).get_data(as_text=True)
    assert (
        client.post(f"{ici}/retirer", data={"motif": "Relogés.", "version": ouvert.version}).status_code
        == 303
    )
    session.refresh(ouvert)
    assert ouvert.statut is S.RADIE
    assert "Relogés." in client.get(ici).get_data(as_text=True)


def test_what_the_secretariat_asks_for_reaches_whoever_took_over(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Callable[..., FlaskClient]
) -> None:
    scene = table.place.scene
    scene.menage.referent_id = scene.collegue.personne_id
    ouvert.statut, ouvert.seance_id, ouvert.rang = S.DEPOSE, None, None
    session.commit()
    sent = {"manques": "L’avis d’imposition.", "version": ouvert.version}
    client = client_for(scene.siao_direction)
    assert client.post(f"/dossiers/{ouvert.ref}/rendre", data=sent).status_code == 303
    session.commit()
    dernier = session.scalars(select(MessageSortant).order_by(MessageSortant.id.desc())).first()
    assert dernier is not None
    assert (dernier.destinataire, ouvert.code in dernier.sujet) == (scene.collegue.email, True)
