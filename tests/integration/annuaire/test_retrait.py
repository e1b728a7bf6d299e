"""Leaving the directory: what goes, what stays, and who is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.confirmation import retirer
from portal.annuaire.enums import MotifSignalement, Palier, StatutSignalement
from portal.annuaire.liens import creer
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.models_vie import LienAnnuaire, Relance, Signalement
from portal.annuaire.porteurs import Porteur, dossier
from portal.annuaire.relances import Echeance, noter
from portal.annuaire.saisie import SaisieTitulaire
from portal.annuaire.signalements import repondre, signaler
from portal.annuaire.titulaires import confier
from portal.notifications.models import MessageSortant
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import NotVisible
from tests.integration.annuaire.conftest import DEBUT

BOITE = "accueil@ajoncs.example"
MAELLE = SaisieTitulaire(prenom="Maëlle", nom="Ajonc", du=DEBUT, email="maelle@ajoncs.example")

Ouvrir = Callable[..., Referent]


def recus(session: Session) -> list[str]:
    """Who was written to, in order."""
    return list(session.scalars(select(MessageSortant.destinataire).order_by(MessageSortant.id)))


def noms(session: Session, referent: Referent) -> list[str]:
    """Who holds or held a function, as the base has it."""
    session.expire_all()
    rows = select(Titulaire.nom).where(Titulaire.referent_id == referent.id).order_by(Titulaire.id)
    return list(session.scalars(rows))


@pytest.mark.parametrize(("dans", "prevenus"), [(0, 1), (8, 0)])
def test_whoever_begins_today_or_later_may_leave_and_nobody_hears_of_what_is_not_empty_yet(
    session: Session,
    clock: FixedClock,
    actor_for: Callable[..., Actor],
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
    dans: int,
    prevenus: int,
) -> None:
    admin = actor_for(Profil.ADMIN_ORGANISATION, gestionnaire)
    debut = clock.today() + timedelta(days=dans)
    referent = ouvrir(gestionnaire, titulaire=replace(MAELLE, du=debut))
    session.commit()
    assert retirer(session, clock, Porteur(MAELLE.email)) == 1
    session.commit()
    assert noms(session, referent) == []
    assert recus(session) == [admin.email] * prevenus


def test_the_mailbox_of_a_function_opens_who_holds_it_and_not_whoever_left(
    session: Session, clock: FixedClock, regulatrice: Actor, gestionnaire: Organisation, ouvrir: Ouvrir
) -> None:
    referent = ouvrir(gestionnaire, titulaire=replace(MAELLE, email=""), email=BOITE)
    suivant = SaisieTitulaire(prenom="Noé", nom="Suivant", du=clock.today())
    confier(session, clock, regulatrice, referent, suivant, version=referent.version)
    session.commit()
    lu = dossier(session, clock, Porteur(BOITE))
    assert [one.titulaire.nom for one in (*lu.fiches, *lu.passees)] == ["Suivant"]
    [partie] = [one for one in referent.titulaires if one.nom == "Ajonc"]
    with pytest.raises(NotVisible):
        retirer(session, clock, Porteur(BOITE), [partie.ref])
    assert retirer(session, clock, Porteur(BOITE)) == 1
    session.commit()
    assert noms(session, referent) == ["Ajonc"]


def test_what_was_sent_and_answered_goes_with_the_entry_and_a_namesake_keeps_its_own(
    session: Session,
    clock: FixedClock,
    actor_for: Callable[..., Actor],
    regulatrice: Actor,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
) -> None:
    social = actor_for(Profil.TRAVAILLEUR_SOCIAL, gestionnaire)
    maelle, lecteur = Porteur(social.email, social.personne_id), actor_for(Profil.TRAVAILLEUR_SOCIAL)
    referent = ouvrir(gestionnaire, titulaire=MAELLE)
    voisine = ouvrir(gestionnaire, "signataire", replace(MAELLE, email="autre@ajoncs.example"))
    [row], [autre] = referent.titulaires, voisine.titulaires
    row.personne_id = social.personne_id
    signaler(session, clock, lecteur, referent, MotifSignalement.NUMERO_FAUX, "")
    repondre(session, clock, maelle, row, StatutSignalement.CORRIGE)
    voisine.verifie_par = "Maëlle Ajonc-Second (Association Les Ajoncs)"
    for email in (MAELLE.email, social.email, "autre@ajoncs.example"):
        creer(session, clock, email)
        echues = [Echeance(email, Palier.COURRIEL, one.id, DEBUT) for one in (referent, voisine)]
        noter(session, clock, echues, None)
    session.commit()
    assert retirer(session, clock, maelle, [row.ref]) == 1
    assert retirer(session, clock, Porteur("autre@ajoncs.example", None), [autre.ref]) == 1
    session.commit()
    session.expire_all()
    assert session.scalars(select(Relance.email)).all() == []
    assert session.scalars(select(LienAnnuaire.email)).all() == []
    assert session.scalars(select(Signalement.suivi_par)).all() == [gestionnaire.nom]
    assert voisine.verifie_par == "Maëlle Ajonc-Second (Association Les Ajoncs)"


def test_leaving_one_function_of_two_keeps_the_link_and_what_was_sent_of_the_other(
    session: Session, clock: FixedClock, gestionnaire: Organisation, ouvrir: Ouvrir
) -> None:
    quittee, gardee = (ouvrir(gestionnaire, code, MAELLE) for code in ("referent_siao", "signataire"))
    creer(session, clock, MAELLE.email)
    echues = [Echeance(MAELLE.email, Palier.COURRIEL, one.id, DEBUT) for one in (quittee, gardee)]
    noter(session, clock, echues, None)
    session.commit()
    assert retirer(session, clock, Porteur(MAELLE.email), [quittee.titulaires[0].ref]) == 1
    session.commit()
    assert session.scalars(select(Relance.referent_id)).all() == [gardee.id]
    assert session.scalars(select(LienAnnuaire.email)).all() == [MAELLE.email]
