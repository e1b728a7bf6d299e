"""A vote in session: only those there, of the commission, not party to the dossier, cast a voice, once each,
before the decision is taken (domaine.md § 7.2)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from portal.commissions.conduite import decisions
from portal.commissions.conduite.votes import Vote
from portal.commissions.enums import Presence, RegleDecision, Reponse, VoixPar
from portal.commissions.enums_dossiers import StatutDecision
from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainErrors
from tests.integration.conduite.conftest import Tenue, typed
from tests.integration.dossiers.conftest import Table
from tests.integration.web_organisations import text_of

Clients = Callable[[Actor | None], FlaskClient]


@pytest.fixture
def vote(session: Session, tenue: Tenue) -> Tenue:
    """The session, where the commission votes."""
    tenue.place.commission.regle = RegleDecision.VOTE
    session.commit()
    return tenue


def cle(actor: Actor) -> str:
    """The voice of someone's organisation."""
    return f"v_o{actor.organisation_id}"


def envoyer(
    client: FlaskClient, tenue: Tenue, *voix: tuple[str, str], geste: str = "decision", **champs: str
) -> TestResponse:
    """Take the decision with these voices, beside those of the president and of the council, both for."""
    justes = [(cle(tenue.table.president), "pour"), (cle(tenue.table.conseil), "pour")]
    valeurs = {"code": "ORIENTATION_VALIDEE", "motif": "Logement adapté", "version": "0"} | champs
    data = MultiDict([*valeurs.items(), *justes, *voix])
    return client.post(f"{tenue.url}/dossiers/{tenue.dossier.ref}/{geste}", data=data)


def rien(session: Session, tenue: Tenue) -> None:
    """Nothing was kept of a refused vote."""
    session.expire_all()
    assert session.scalars(select(Decision).where(Decision.dossier_id == tenue.dossier.id)).all() == []


def test_a_vote_of_those_there_is_taken(session: Session, client_for: Clients, vote: Tenue) -> None:
    answer = envoyer(client_for(vote.secretaire), vote, (cle(vote.table.bailleur), "contre"))
    assert answer.status_code == 303
    session.expire_all()
    [faite] = session.scalars(select(Decision).where(Decision.dossier_id == vote.dossier.id))
    assert faite.statut is StatutDecision.PRISE


@pytest.mark.parametrize("geste", ["decision", "brouillon"])
def test_an_absent_s_voice_is_refused(session: Session, client_for: Clients, vote: Tenue, geste: str) -> None:
    for one in vote.seance.invitations:
        if one.personne_id == vote.table.bailleur.personne_id:
            one.presence = Presence.ABSENTE
    session.commit()
    answer = envoyer(client_for(vote.secretaire), vote, (cle(vote.table.bailleur), "contre"), geste=geste)
    assert answer.status_code == 422
    nom = session.get_one(Organisation, vote.table.bailleur.organisation_id).nom
    dit = f"Personne n’est noté présent pour {nom} : sa voix n’est pas comptée."
    assert dit in (
        text_of(answer)
        if geste == "decision"
        else answer.get_json()["texte"].replace("\N{NO-BREAK SPACE}", " ")
    )
    rien(session, vote)


def test_attendance_noted_since_the_session_was_read_is_heeded_by_the_vote(
    session: Session, clock: FixedClock, vote: Tenue
) -> None:
    """Another transaction noted that someone left, while this one waited for the session."""
    lui = vote.table.bailleur
    assert all(one.presence is Presence.PRESENTE for one in vote.seance.invitations)
    session.execute(
        update(InvitationSeance)
        .where(InvitationSeance.personne_id == lui.personne_id)
        .values(presence=Presence.ABSENTE)
        .execution_options(synchronize_session=False)
    )
    dite = typed(voix={f"o{lui.organisation_id}": Vote.POUR})
    with pytest.raises(DomainErrors) as refused:
        decisions.prendre(session, clock, vote.secretaire, vote.seance, vote.dossier, dite, version=0)
    assert "conduite.voix_absente" in {one.code for one in refused.value.errors}


@pytest.mark.parametrize("faux", ["v_o999999", "v_c1", "v_m", "v_", "v_o1;drop"])
def test_a_stranger_s_voice_is_refused(session: Session, client_for: Clients, vote: Tenue, faux: str) -> None:
    answer = envoyer(client_for(vote.secretaire), vote, (faux, "pour"))
    assert answer.status_code == 422
    assert "Une voix n’est celle d’aucun membre de cette séance." in text_of(answer)
    rien(session, vote)


@pytest.mark.parametrize("qui", ["permanent", "ajoute"])
def test_a_guest_has_no_voice(session: Session, client_for: Clients, vote: Tenue, qui: str) -> None:
    guest = (cle(getattr(vote.table, qui)), "pour")
    answer = envoyer(client_for(vote.secretaire), vote, guest)
    assert answer.status_code == 422
    assert "aucun membre de cette séance" in text_of(answer)
    rien(session, vote)


def test_a_holder_and_their_deputy_have_one_voice(
    session: Session, client_for: Clients, vote: Tenue, actor_for: Callable[..., Actor]
) -> None:
    """The deputy comes from another organisation: theirs has no voice, and the seat's is given once."""
    mienne = next(
        one for one in vote.seance.invitations if one.personne_id == vote.table.bailleur.personne_id
    )
    mienne.statut, mienne.remplacant = Reponse.SUPPLEANT, "Sacha Second"
    session.commit()
    second = actor_for(vote.table.conseil.profil)
    client = client_for(vote.secretaire)
    deux = envoyer(client, vote, (cle(vote.table.bailleur), "pour"), (cle(second), "pour"))
    assert deux.status_code == 422
    assert "aucun membre de cette séance" in text_of(deux)
    fois = envoyer(client, vote, (cle(vote.table.bailleur), "pour"), (cle(vote.table.bailleur), "pour"))
    assert fois.status_code == 422
    assert "Un siège a une voix, celle du titulaire ou de son suppléant" in text_of(fois)
    rien(session, vote)


def test_a_voice_twice_or_that_says_nothing_known_is_refused(
    session: Session, client_for: Clients, vote: Tenue
) -> None:
    client = client_for(vote.secretaire)
    fois = envoyer(client, vote, (cle(vote.table.conseil), "contre"))
    assert fois.status_code == 422
    assert "Une voix est donnée deux fois" in text_of(fois)
    faux = envoyer(client, vote, (cle(vote.table.bailleur), "peut-être"))
    assert faux.status_code == 422
    assert "Une voix est pour, contre, ou s’abstient." in text_of(faux)
    rien(session, vote)


def test_who_withdraws_does_not_vote(session: Session, client_for: Clients, vote: Tenue) -> None:
    answer = envoyer(client_for(vote.secretaire), vote, (cle(vote.table.operateur), "pour"))
    assert answer.status_code == 422
    assert "est partie au dossier : elle s’exprime sans voter." in text_of(answer)
    rien(session, vote)


def test_the_voice_of_a_college_is_not_that_of_one_of_its_members(
    session: Session, client_for: Clients, vote: Tenue
) -> None:
    vote.place.commission.voix_par = VoixPar.COLLEGE
    session.commit()
    answer = envoyer(client_for(vote.secretaire), vote)
    assert answer.status_code == 422
    assert "aucun membre de cette séance" in text_of(answer)
    rien(session, vote)


def test_nothing_is_voted_where_consensus_is_the_rule(
    session: Session, client_for: Clients, tenue: Tenue
) -> None:
    answer = envoyer(client_for(tenue.secretaire), tenue, consensus="y")
    assert answer.status_code == 422
    assert "Cette décision ne se prend pas au vote" in text_of(answer)
    rien(session, tenue)


def test_nothing_is_voted_in_writing(
    session: Session, clock: FixedClock, client_for: Clients, table: Table, ouvert: Dossier
) -> None:
    table.place.commission.regle = RegleDecision.VOTE
    session.commit()
    client = client_for(table.place.scene.siao_direction)
    ici = f"/seances/{table.place.seance.ref}/conduite/dossiers/{ouvert.ref}/consultation"
    assert client.post(ici, data={"ouvrir": "1"}).status_code == 303
    clock.instant += timedelta(hours=table.place.commission.urgence_heures)
    client = client_for(table.place.scene.siao_direction)
    sent = {"code": "ORIENTATION_VALIDEE", "motif": "Urgent", "version": "1"}
    answer = client.post(ici, data=sent | {cle(table.conseil): "pour"})
    assert answer.status_code == 422
    assert "Cette décision ne se prend pas au vote" in text_of(answer)
    assert client.post(ici, data=sent).status_code == 303


def test_a_vote_after_the_decision_changes_nothing(
    session: Session, client_for: Clients, vote: Tenue
) -> None:
    client = client_for(vote.secretaire)
    assert envoyer(client, vote).status_code == 303
    session.expire_all()
    [faite] = session.scalars(select(Decision).where(Decision.dossier_id == vote.dossier.id))
    avant = (faite.version, faite.votes)
    vieux = envoyer(client, vote, (cle(vote.table.bailleur), "contre"))
    assert vieux.status_code == 409
    courant = envoyer(client, vote, (cle(vote.table.bailleur), "contre"), version=str(faite.version))
    assert courant.status_code == 422
    assert "déjà décidé : reprenez d’abord la décision" in text_of(courant)
    assert client.post(f"{vote.url}/clore").status_code == 303
    clos = envoyer(client, vote, (cle(vote.table.bailleur), "contre"), version=str(faite.version))
    assert clos.status_code == 422
    assert "La séance est close" in text_of(clos)
    session.expire_all()
    assert (faite.version, faite.votes) == avant


def test_members_cast_no_voice_themselves_and_strangers_find_nothing(
    session: Session, client_for: Clients, vote: Tenue
) -> None:
    assert envoyer(client_for(vote.table.conseil), vote).status_code == 403
    assert envoyer(client_for(vote.table.dehors), vote).status_code == 404
    ailleurs = client_for(vote.secretaire).post(
        f"{vote.url}/dossiers/inconnu/decision", data={"version": "0", cle(vote.table.conseil): "pour"}
    )
    assert ailleurs.status_code == 404
    rien(session, vote)


def test_the_weight_of_a_college_carries_the_vote_and_is_told(
    session: Session, client_for: Clients, vote: Tenue
) -> None:
    """Half of the voices of a college of 51 are for, the other half against: the other college decides."""
    commission, table = vote.place.commission, vote.table
    commission.regle = RegleDecision.PONDERE
    for college, poids in zip(commission.colleges, (49, 51, 0), strict=True):
        college.poids = poids
    siens = {one.personne_id: one for one in vote.seance.invitations}
    siens[table.bailleur.personne_id].college = commission.colleges[1]
    session.commit()
    client = client_for(vote.secretaire)
    form = text_of(client.get(vote.url))
    assert f"{commission.colleges[1].nom}, poids 51" in form
    assert "hors collèges, sans poids" in form, "the president"
    seul = envoyer(client, vote, (cle(table.bailleur), "contre"))
    assert seul.status_code == 422
    assert "La proposition n’est pas adoptée : 49 pour, 51 contre." in text_of(seul)
    assert envoyer(client, vote, (cle(table.bailleur), "abstention")).status_code == 303
    page = text_of(client_for(table.conseil).get(vote.url))
    assert "Vote pondéré" in page
    assert "49 pour, 0 contre, 1 abstention" in page
