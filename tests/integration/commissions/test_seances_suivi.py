"""What becomes of invitations when seats, functions, dates and commissions change after the convening."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.annuaire import service as annuaire
from portal.annuaire.saisie import SaisieTitulaire
from portal.annuaire.titulaires import confier
from portal.commissions import composition, invitations, menage, queries_seances, seances, service
from portal.commissions.enums import Canal, Qualite, Reponse, StatutCommission, StatutSeance
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.commissions.conftest import Scene
from tests.integration.commissions.test_seances import (  # noqa: F401 (fixtures)
    REGLAGES,
    SAISIE,
    a_qui,
    convoquee,
    dernier,
    evenement,
    lien,
    messages,
    seance,
)
from tests.integration.web_organisations import reread, text_of


def qui(seance: Seance) -> list[str]:  # noqa: F811
    return sorted(one.email.split("@")[0] for one in seance.invitations)


def test_a_withdrawn_invitation_does_not_come_back_until_the_secretariat_invites_again(
    database: Database,
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
) -> None:
    mark, basile = dernier(session), a_qui(session, convoquee, "Basile")
    invitations.retirer(
        session, clock, en_service.secretaire, convoquee, basile.ref, version=convoquee.version
    )
    session.commit()
    assert menage.suivre(database, clock, REGLAGES) == 0
    reread(session)
    [told] = messages(session, mark)
    assert (told.destinataire, evenement(told).methode) == ("basile@partenaire.example", "CANCEL")
    convoquee = session.get_one(Seance, convoquee.id)
    assert qui(convoquee) == ["denis", "elise", "gilles"]
    assert (basile.nom, basile.email, basile.personne_id, basile.jetons) == ("", "", None, [])
    invitations.inviter(
        session,
        clock,
        en_service.secretaire,
        convoquee,
        en_service.fonctions["bailleur"].ref,
        version=convoquee.version,
    )
    assert qui(convoquee) == ["basile", "denis", "elise", "gilles"]
    assert a_qui(session, convoquee, "Basile").qualite is Qualite.MEMBRE, "it sits still"


@pytest.mark.parametrize("change", ["siege", "fonction"])
def test_who_sits_no_more_is_invited_no_more(
    database: Database,
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
    change: str,
) -> None:
    mark, commission = dernier(session), en_service.commission
    referent = en_service.fonctions["bailleur"]
    if change == "siege":
        siege = next(one for one in commission.sieges if one.referent_id == referent.id)
        composition.retirer_siege(
            session, clock, en_service.secretaire, commission, siege.ref, version=commission.version
        )
    else:
        referent.email = "boite@partenaire.example"
        session.flush()
        jour = clock.today()
        annuaire.fermer(session, clock, en_service.secretaire, referent, jour, version=referent.version)
    session.commit()
    assert menage.suivre(database, clock, REGLAGES) == 0, "nobody is invited anew"
    reread(session)
    [told] = messages(session, mark)
    assert (told.destinataire, evenement(told).methode) == ("basile@partenaire.example", "CANCEL")
    assert qui(session.get_one(Seance, convoquee.id)) == ["denis", "elise", "gilles"]


def test_a_seat_moved_to_another_college_moves_the_invitation(
    database: Database,
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
) -> None:
    mark, commission = dernier(session), en_service.commission
    siege = next(
        one for one in commission.sieges if one.referent_id == en_service.fonctions["gestionnaire"].id
    )
    other = next(one for one in commission.colleges if one is not siege.college)
    secretaire = en_service.secretaire
    composition.retirer_siege(session, clock, secretaire, commission, siege.ref, version=commission.version)
    composition.donner_siege(
        session,
        clock,
        secretaire,
        commission,
        en_service.fonctions["gestionnaire"].ref,
        Qualite.MEMBRE,
        other,
        version=commission.version,
    )
    session.commit()
    menage.suivre(database, clock, REGLAGES)
    reread(session)
    moved = a_qui(session, session.get_one(Seance, convoquee.id), "Gilles")
    assert moved.college is not None
    assert moved.college.id == other.id
    assert messages(session, mark) == [], "the same person is invited still"


def test_an_answer_for_the_former_date_is_not_one_for_the_new(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
) -> None:
    ici = f"/commissions/seances/{convoquee.ref}/invitations/{convoquee.invitations[0].ref}/repondre"
    pages = [
        (client_for(None), lien(messages(session)[0])),
        (client_for(en_service.secretaire), ici),
    ]
    sent = [{"reponse": "acceptee", "version": version(client, chemin)} for client, chemin in pages]
    plus_tard = replace(SAISIE, heure=time(16))
    seances.modifier(session, clock, en_service.secretaire, convoquee, plus_tard, version=convoquee.version)
    session.commit()
    for (client, chemin), data in zip(pages, sent, strict=True):
        stale = client.post(chemin, data=data)
        assert stale.status_code == 409
        assert "16:00" in text_of(stale)
        assert "a changé" in text_of(stale)
    reread(session)
    assert session.get_one(InvitationSeance, convoquee.invitations[0].id).statut is Reponse.ENVOYEE
    for client, chemin in pages:
        answered = client.post(chemin, data={"reponse": "acceptee", "version": version(client, chemin)})
        assert answered.status_code == 303


def version(client: FlaskClient, chemin: str) -> str:
    """The version that a form carries."""
    found = re.search(r'name="version"[^>]*value="(\d+)"', client.get(chemin).get_data(as_text=True))
    assert found is not None
    return found[1]


def test_a_commission_does_not_close_over_a_session_to_come(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
) -> None:
    commission = en_service.commission
    ici = f"/commissions/{commission.ref}/fermer"
    refused = client_for(en_service.secretaire).post(ici, data={"version": str(commission.version)})
    assert refused.status_code == 422
    assert "annulez-les d’abord" in text_of(refused)
    assert queries_seances.a_tenir(session, clock.now(), convoquee.fin) == [convoquee.id]
    commission.statut = StatutCommission.FERMEE
    session.flush()
    assert queries_seances.a_tenir(session, clock.now(), convoquee.fin) == []
    commission.statut = StatutCommission.OUVERTE
    seances.annuler(session, clock, en_service.secretaire, convoquee, "Grève", version=convoquee.version)
    service.fermer(session, clock, en_service.secretaire, commission, version=commission.version)
    assert commission.statut is StatutCommission.FERMEE


def test_whoever_stays_invited_for_another_function_keeps_the_event(
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    seance: Seance,  # noqa: F811
) -> None:
    shared = "basile@partenaire.example"
    en_service.fonctions["gestionnaire"].titulaires[0].email = shared
    session.flush()
    secretaire = en_service.secretaire
    invitations.convoquer(session, clock, secretaire, seance, version=seance.version)
    for prenom in ("Gilles", "Basile"):
        mark, one = dernier(session), a_qui(session, seance, prenom)
        invitations.retirer(session, clock, secretaire, seance, one.ref, version=seance.version)
        [told] = messages(session, mark)
        assert told.destinataire == shared
        if prenom == "Gilles":
            assert told.calendrier is None
            assert "Vous restez attendu à cette séance" in told.corps
        else:
            assert evenement(told).methode == "CANCEL"


@pytest.mark.parametrize("change", ["annulee", "commencee"])
def test_a_session_cancelled_or_begun_meanwhile_is_not_recalled(
    database: Database,
    session: Session,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    convoquee: Seance,  # noqa: F811
    change: str,
) -> None:
    """The worker read which sessions are to come just before."""
    cle = convoquee.id
    clock.instant = convoquee.debut - timedelta(hours=1)
    if change == "annulee":
        convoquee.statut = StatutSeance.ANNULEE
    else:
        clock.instant = convoquee.debut
    session.commit()
    monkeypatch.setattr(menage, "a_tenir", lambda *_dates: [cle])
    assert menage.suivre(database, clock, REGLAGES) == 0


def test_who_takes_over_a_shared_mailbox_answers_anew(
    database: Database,
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
) -> None:
    boite, referent = "basile@partenaire.example", en_service.fonctions["bailleur"]
    former = lien(next(one for one in messages(session) if one.destinataire == boite))
    basile = a_qui(session, convoquee, "Basile")
    invitations.repondre(session, clock, None, basile, Reponse.ACCEPTEE, Canal.LIEN)
    arrive = SaisieTitulaire(prenom="Bérénice", nom="Exemple", du=date(2026, 3, 10), email=boite)
    confier(session, clock, en_service.secretaire, referent, arrive, version=referent.version)
    session.commit()
    mark = dernier(session)
    assert menage.suivre(database, clock, REGLAGES) == 1
    assert menage.suivre(database, clock, REGLAGES) == 0
    reread(session)
    [told] = messages(session, mark)
    assert (told.destinataire, evenement(told).methode) == (boite, "REQUEST")
    new = a_qui(session, session.get_one(Seance, convoquee.id), "Bérénice")
    assert (new.statut, new.repondu_par) == (Reponse.ENVOYEE, "")
    assert invitations.par_jeton(session, former.rsplit("/", 1)[1]) is None
