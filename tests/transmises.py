"""Grids transmitted, for the tests: authorised then sent through the services."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from portal.grilles.autorisations import queries as autorisations
from portal.grilles.autorisations import service as accords
from portal.grilles.autorisations.apercu import apercu
from portal.grilles.autorisations.enums import (
    DecisionAdulte,
    Finalite,
    Lecture,
    Mode,
    ObjetAutorisation,
)
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.autorisations.saisie import SaisieDemande, SaisieReponse
from portal.grilles.menages import queries as menages
from portal.grilles.menages.identites import presents
from portal.grilles.menages.models import Menage
from portal.grilles.transmissions import service
from portal.grilles.transmissions.models import Transmission
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.grilles_remplies import REPONSES, Reponses

CANARI_P1, CANARI_P3, CANARI_REMARQUE = "CANARIPROJET", "CANARINOTES", "CANARIREMARQUE"
CANARIS = (CANARI_P1, CANARI_P3, CANARI_REMARQUE)
REPONSES_CANARI: Reponses = {
    **REPONSES,
    "E": {"E1__reponse": [f"Un trois-pièces {CANARI_P1}."]},
    "F": {"F1__avis": ["pret"], "F4__position": ["accord"], "F5__reponse": [f"Revoir {CANARI_P3}."]},
}


def demander(
    session: Session,
    clock: FixedClock,
    actor: Actor,
    menage: Menage,
    organisation: Organisation,
    *,
    sections: Sequence[str] = "ABCDEF",
    champs: Sequence[str] = (),
    mise_a_jour: bool = False,
    jours: int = 180,
    dans: int = 0,
) -> Autorisation:
    """Return a request of transmission that awaits the household's answers, the notice given.

    `dans`: in how many days it begins.
    """
    vise = menages.vue(session, clock, actor, menage.ref)
    jour: date = clock.today() + timedelta(days=dans)
    typed = SaisieDemande(
        objet=ObjetAutorisation.TRANSMISSION,
        destinataire=organisation.ref,
        finalite=Finalite.LOGEMENT,
        sections=tuple(sections),
        champs=tuple(champs),
        du=jour,
        au=jour + timedelta(days=jours),
        mise_a_jour=mise_a_jour,
    )
    made = accords.demander(session, clock, actor, vise, typed)
    return accords.informer(
        session, clock, actor, vise, made.ref, langue="fr", lecture=Lecture.LUE, version=made.version
    )


def repondre(
    session: Session,
    clock: FixedClock,
    actor: Actor,
    autorisation: Autorisation,
    decision: DecisionAdulte = DecisionAdulte.ACCORDE,
) -> Autorisation:
    """Have every adult answer a request, on the screen."""
    vise = menages.vue(session, clock, actor, autorisation.menage.ref)
    for adulte in presents(vise.menage):
        typed = SaisieReponse(
            decision=decision,
            mode=Mode.ECRAN,
            empreinte=apercu(session, autorisation).empreinte,
            nom="Signature Fictive",
            confirme=True,
        )
        accords.repondre(session, clock, actor, vise, autorisation.ref, adulte.ref, typed)
        if decision is DecisionAdulte.REFUSE:
            break
    return autorisation


def autoriser(
    session: Session,
    clock: FixedClock,
    actor: Actor,
    menage: Menage,
    organisation: Organisation,
    **demande: object,
) -> Autorisation:
    """Return an authorisation in force, given by every adult."""
    made = demander(session, clock, actor, menage, organisation, **demande)  # type: ignore[arg-type]
    return repondre(session, clock, actor, made)


def envoyer(session: Session, clock: FixedClock, actor: Actor, autorisation: Autorisation) -> Transmission:
    """Send what an authorisation covers."""
    vise = menages.vue(session, clock, actor, autorisation.menage.ref)
    vu = service.apercu(session, clock, actor, vise, autorisation.ref)
    return service.transmettre(session, clock, actor, vise, autorisation.ref, empreinte=vu.empreinte)


def relue(session: Session, autorisation: Autorisation) -> Autorisation:
    """Return an authorisation as the database has it now."""
    session.expire_all()
    return autorisations.une(session, autorisation.menage, autorisation.ref)
