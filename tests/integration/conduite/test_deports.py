"""« Déport »: an organisation party to a dossier that another presents speaks and does not vote (§ 7.2)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.commissions.conduite import decisions
from portal.commissions.conduite.votes import Vote
from portal.commissions.dossiers import avis, deports, queries
from portal.commissions.dossiers.ordre import conduite_de
from portal.commissions.dossiers.queries_agenda import agenda
from portal.commissions.enums import Presence, Reponse
from portal.commissions.enums_dossiers import MotifDeport, SensAvis
from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier, DossierAvis, DossierDeport
from portal.commissions.suites_seance import contenu, document
from portal.grilles.autorisations.fermeture import retirer
from portal.grilles.autorisations.models import Autorisation
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError, DomainErrors
from tests.integration.conduite.conftest import Tenue, typed
from tests.integration.conduite.test_voix import cle, envoyer, rien, vote
from tests.integration.dossiers.conftest import Table
from tests.integration.web_organisations import text_of
from tests.menages import vue

__all__ = ["vote"]
Clients = Callable[[Actor | None], FlaskClient]


def ref(session: Session, actor: Actor) -> str:
    return session.get_one(Organisation, actor.organisation_id).ref


def se_deporter(
    session: Session, clock: FixedClock, actor: Actor, dossier: Dossier, organisme: str = ""
) -> None:
    vise = queries.vue(session, clock, actor, dossier.ref)
    deports.declarer(session, clock, actor, vise, organisme, MotifDeport.SOLLICITE)
    session.commit()


def test_a_member_withdraws_its_opinion_goes_and_nobody_waits_for_it(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    vise = queries.vue(session, clock, table.bailleur, ouvert.ref)
    avis.donner(session, clock, table.bailleur, vise, SensAvis.FAVORABLE, "")
    [avant] = agenda(session, clock, table.conseil, table.place.seance).lignes
    client = client_for(table.bailleur)
    page = text_of(client.get(f"/dossiers/{ouvert.ref}"))
    assert "Déclarer un déport" in page
    sans = client.post(f"/dossiers/{ouvert.ref}/deport", data={"version": "0"})
    assert sans.status_code == 422
    assert "Choisissez un motif de la liste" in text_of(sans)
    answer = client.post(f"/dossiers/{ouvert.ref}/deport", data={"motif": "differend", "version": "0"})
    assert answer.status_code == 303
    session.expire_all()
    page = text_of(client.get(f"/dossiers/{ouvert.ref}"))
    assert "Votre organisme est partie à ce dossier" in page
    assert "Un différend l’oppose à ce ménage" in page
    assert "Déclarer un déport" not in page
    assert session.scalars(select(DossierAvis)).all() == []
    [apres] = agenda(session, clock, table.bailleur, table.place.seance).lignes
    assert apres.deport
    assert (avant.attendus, apres.attendus) == (3, 2)
    assert table.bailleur.organisation_id not in avis.manquants(session, table.place.seance.id)
    [fait] = session.scalars(select(EntreeJournal).where(EntreeJournal.action == "dossiers:deport:declarer"))
    assert fait.changements["motif"] == "differend"
    with pytest.raises(DomainError, match="deport"):
        avis.donner(
            session,
            clock,
            table.bailleur,
            queries.vue(session, clock, table.bailleur, ouvert.ref),
            SensAvis.FAVORABLE,
            "",
        )


def test_a_member_speaks_for_its_own_organisation_alone(
    session: Session, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    autre = ref(session, table.conseil)
    answer = client_for(table.bailleur).post(
        f"/dossiers/{ouvert.ref}/deport", data={"organisme": autre, "motif": "autre", "version": "0"}
    )
    assert answer.status_code == 422
    for actor in (table.permanent, table.dehors, table.place.scene.travailleur):
        said = client_for(actor).post(f"/dossiers/{ouvert.ref}/deport", data={"motif": "autre"})
        assert said.status_code in (403, 404, 422)
    leve = client_for(table.bailleur).post(f"/dossiers/{ouvert.ref}/deport/{autre}/lever")
    assert leve.status_code == 403
    session.expire_all()
    assert session.scalars(select(DossierDeport)).all() == []


def test_without_the_household_s_authorisation_members_do_not_read_what_ties_it_to_an_organisation(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    se_deporter(session, clock, table.bailleur, ouvert)
    dit = "Il est sollicité pour l’accueillir ou le loger"
    assert dit in text_of(client_for(table.conseil).get(f"/dossiers/{ouvert.ref}"))
    travailleur = table.place.scene.travailleur
    accord = session.scalars(select(Autorisation)).one()
    retirer(session, clock, travailleur, vue(session, clock, travailleur, ouvert.menage), accord.ref)
    session.commit()
    for lecteur, lit in ((table.conseil, False), (table.place.scene.siao_direction, True)):
        assert (dit in text_of(client_for(lecteur).get(f"/dossiers/{ouvert.ref}"))) is lit


def test_a_secretariat_that_does_not_read_a_protected_household_does_not_read_who_is_close_to_it(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    """It still declares what it is told: the list that it chooses from says nothing of who withdrew."""
    ouvert.menage.protege, ouvert.menage.numero_unique, ouvert.menage.numero_unique_cle = True, "", None
    se_deporter(session, clock, table.president, ouvert)
    qui, adresse = ref(session, table.president), f"/dossiers/{ouvert.ref}"
    dits = ("– noté par", "Lever ce déport", "déport déclaré")
    siao, autre = client_for(table.place.scene.siao_direction), client_for(table.conseil)
    lue = siao.get(adresse).get_data(as_text=True)
    assert all(dit in lue for dit in dits)
    assert f'value="{qui}"' not in lue
    table.place.commission.secretariat_id = table.conseil.organisation_id
    session.commit()
    lue = autre.get(adresse).get_data(as_text=True)
    assert "Seuls la présidence, le SIAO et l’organisme qui accompagne le ménage lisent ce dossier" in lue
    assert not any(dit in lue for dit in dits)
    assert f'value="{qui}"' in lue
    assert autre.post(f"{adresse}/deport/{qui}/lever").status_code == 404
    sent = {"organisme": ref(session, table.bailleur), "motif": "autre", "version": "0"}
    for _clic in range(2):
        assert autre.post(f"{adresse}/deport", data=sent).status_code == 303
    session.expire_all()
    assert {one.organisation_id for one in ouvert.deports} == {
        table.president.organisation_id,
        table.bailleur.organisation_id,
    }


def test_with_nobody_left_to_withdraw_the_refusal_is_still_said(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    for membre in (table.president, table.conseil, table.bailleur):
        se_deporter(session, clock, membre, ouvert)
    answer = client_for(table.place.scene.siao_direction).post(
        f"/dossiers/{ouvert.ref}/deport", data={"organisme": "parti", "motif": "autre", "version": "0"}
    )
    assert answer.status_code == 422
    assert "Choisissez un organisme qui siège à cette séance" in text_of(answer)


@pytest.mark.parametrize("geste", ["decision", "brouillon"])
def test_who_withdrew_in_session_does_not_vote_any_more(
    session: Session, client_for: Clients, vote: Tenue, geste: str
) -> None:
    secretaire = client_for(vote.secretaire)
    nom = session.get_one(Organisation, vote.table.bailleur.organisation_id).nom
    etat = agenda_etat(session, vote)
    assert f'href="/dossiers/{vote.dossier.ref}#deports"' in secretaire.get(vote.url).get_data(as_text=True)
    assert f'href="{vote.url}"' in secretaire.get(f"/dossiers/{vote.dossier.ref}").get_data(as_text=True)
    sent = {"organisme": ref(session, vote.table.bailleur), "motif": "intervient", "version": "0"}
    assert secretaire.post(f"/dossiers/{vote.dossier.ref}/deport", data=sent).status_code == 303
    session.expire_all()
    assert agenda_etat(session, vote) > etat
    page = text_of(secretaire.get(vote.url))
    assert "ne votent pas" in page
    assert nom in page.split("Déport")[1].split("ne votent pas")[0]
    answer = envoyer(secretaire, vote, (cle(vote.table.bailleur), "contre"), geste=geste)
    assert answer.status_code == 422
    dit = f"{nom} est partie au dossier"
    assert dit in (text_of(answer) if geste == "decision" else answer.get_json()["texte"])
    rien(session, vote)


def ecrit_ailleurs(session: Session, clock: FixedClock, dossier: Dossier, actor: Actor) -> None:
    """A withdrawal that another transaction wrote since the dossier was read."""
    assert dossier.deports == []
    values = {"motif": MotifDeport.AUTRE, "le": clock.now(), "par": "Un autre"}
    ici = {"dossier_id": dossier.id, "organisation_id": actor.organisation_id}
    session.execute(insert(DossierDeport).values(**values, **ici))


def test_a_withdrawal_declared_since_the_dossier_was_read_is_heeded_by_the_vote(
    session: Session, clock: FixedClock, vote: Tenue
) -> None:
    ecrit_ailleurs(session, clock, vote.dossier, vote.table.bailleur)
    dite = typed(voix={f"o{vote.table.bailleur.organisation_id}": Vote.POUR})
    with pytest.raises(DomainErrors) as refused:
        decisions.prendre(session, clock, vote.secretaire, vote.seance, vote.dossier, dite, version=0)
    assert "conduite.voix_deport" in {one.code for one in refused.value.errors}


def test_a_withdrawal_declared_since_the_dossier_was_read_is_heeded_by_the_opinion(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    vise = queries.vue(session, clock, table.bailleur, ouvert.ref)
    ecrit_ailleurs(session, clock, vise.dossier, table.bailleur)
    with pytest.raises(DomainError, match=r"dossiers\.deport"):
        avis.donner(session, clock, table.bailleur, vise, SensAvis.FAVORABLE, "")


@pytest.mark.parametrize(("presence", "dit"), [(None, True), (Presence.ABSENTE, False)])
def test_a_withdrawal_declared_before_attendance_is_noted_is_read_at_the_table(
    session: Session,
    clock: FixedClock,
    client_for: Clients,
    vote: Tenue,
    presence: Presence | None,
    dit: bool,
) -> None:
    bailleur = vote.table.bailleur
    for one in vote.seance.invitations:
        one.presence, one.statut = None, Reponse.ENVOYEE
        if one.referent.organisation_id == bailleur.organisation_id:
            one.presence = presence
    se_deporter(session, clock, bailleur, vote.dossier)
    nom = session.get_one(Organisation, bailleur.organisation_id).nom
    assert (f"Déport : {nom}" in text_of(client_for(vote.secretaire).get(vote.url))) is dit


def agenda_etat(session: Session, vote: Tenue) -> int:
    return conduite_de(session, vote.seance.id).etat


def test_the_minutes_say_who_withdrew_and_why_and_the_anonymous_ones_do_not(
    session: Session, clock: FixedClock, client_for: Clients, vote: Tenue
) -> None:
    se_deporter(session, clock, vote.secretaire, vote.dossier, ref(session, vote.table.bailleur))
    assert envoyer(client_for(vote.secretaire), vote).status_code == 303
    session.expire_all()
    dits = contenu.composer(session, vote.seance, "")
    bailleur = session.get_one(Organisation, vote.table.bailleur.organisation_id).nom
    operateur = session.get_one(Organisation, vote.table.operateur.organisation_id).nom
    assert {(one["organisation"], one["motif"]) for one in dits["dossiers"][0]["deports"]} == {
        (bailleur, "sollicite"),
        (operateur, ""),
    }
    lignes = str(document.document(dits, vote.seance, vote.place.commission, projet=False))
    assert f"{bailleur} – Il est sollicité pour l’accueillir ou le loger" in lignes
    assert f"{operateur} – Il présente le dossier" in lignes
    anonyme = contenu.anonyme(dits)
    assert "deports" not in anonyme["dossiers"][0]


def test_a_withdrawal_is_taken_back_by_the_secretariat_before_the_decision_only(
    session: Session, clock: FixedClock, client_for: Clients, vote: Tenue
) -> None:
    se_deporter(session, clock, vote.table.bailleur, vote.dossier)
    secretaire, base = client_for(vote.secretaire), f"/dossiers/{vote.dossier.ref}/deport"
    qui = ref(session, vote.table.bailleur)
    assert secretaire.post(f"{base}/{ref(session, vote.table.conseil)}/lever").status_code == 404
    assert secretaire.post(f"{base}/{qui}/lever").status_code == 303
    answer = envoyer(secretaire, vote, (cle(vote.table.bailleur), "contre"))
    assert answer.status_code == 303
    session.expire_all()
    assert session.scalars(select(Decision)).one().prise_le is not None
    tard = secretaire.post(base, data={"organisme": qui, "motif": "autre", "version": "0"})
    assert tard.status_code == 422
    assert "avant la décision" in text_of(tard)


def test_ten_clicks_are_one_withdrawal_and_who_presents_the_dossier_has_none_to_declare(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    for _clic in range(2):
        se_deporter(session, clock, table.bailleur, ouvert)
        se_deporter(session, clock, table.place.scene.siao_direction, ouvert, ref(session, table.bailleur))
    assert len(session.scalars(select(DossierDeport)).all()) == 1
    with pytest.raises(DomainError, match="deport_deja"):
        se_deporter(session, clock, table.operateur, ouvert)


@pytest.mark.parametrize("heure", ["passee", "a venir"])
def test_an_opinion_sent_once_the_session_began_is_refused_with_the_reason(
    session: Session, clock: FixedClock, client_for: Clients, tenue: Tenue, heure: str
) -> None:
    if heure == "a venir":  # it was opened before it
        clock.instant = tenue.seance.debut - timedelta(minutes=10)
        page = text_of(client_for(tenue.table.bailleur).get(f"/dossiers/{tenue.dossier.ref}"))
        assert "Donner votre avis" not in page
    answer = client_for(tenue.table.bailleur).post(
        f"/dossiers/{tenue.dossier.ref}/avis", data={"sens": "favorable", "version": "0"}
    )
    assert answer.status_code == 422
    assert "les avis se donnent maintenant de vive voix" in text_of(answer)
