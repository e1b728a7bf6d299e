"""The deputy whom someone invited sends: told by e-mail, with the same calendar event, they say whether they
come (domaine.md § 7.3). One whom nobody sends any more is told, and their links are dead."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.queries import lignes
from portal.commissions.convocations import decommander, ecrire
from portal.commissions.enums import SANS_REPONSE, Canal, Reponse
from portal.commissions.models_seances import InvitationSeance, Suppleance
from portal.comptes.models import Personne
from portal.comptes.saisie import normalise_email, read_email
from portal.comptes.territoire import time_zone
from portal.organisations.saisie import Refusals
from portal.shared.clock import Clock
from portal.shared.text import normalise

PREVENUS = (Reponse.ACCEPTEE, Reponse.DECLINEE)
"""What a deputy answers: nobody sends a deputy in their turn."""


@dataclass(frozen=True)
class Part:
    """What someone answers: an invitation, or the deputy's part of it."""

    invitation: InvitationSeance
    suppleance: Suppleance | None = None

    @property
    def sienne(self) -> InvitationSeance | Suppleance:
        """What holds their answer."""
        return self.suppleance or self.invitation


@dataclass(frozen=True)
class Nomme:
    """A deputy as named; an empty address when nobody can be written to."""

    nom: str
    email: str


def de_l_annuaire(session: Session, invitation: InvitationSeance) -> Nomme | None:
    """Return the deputy of the function in the directory on the day, with an address; None when there is
    none, when it is who was invited, or once a deputy was named. One statement."""
    seance = invitation.seance
    if invitation.suppleance is not None:
        return None
    jour = seance.debut.astimezone(ZoneInfo(time_zone(session, seance.departement_code))).date()
    for ligne in lignes(session, [invitation.referent_id], jour):
        connu = ligne.suppleant
        if connu is not None and connu.email and connu.email != invitation.email:
            return Nomme(connu.nom[:160], connu.email)
    return None


def lire(
    session: Session, invitation: InvitationSeance, nom: str, courriel: str, canal: Canal, refusals: Refusals
) -> Nomme:
    """Return a deputy as typed. Without an address, it is that of the same deputy named before, or of the
    function's in the directory; the secretariat alone may note one who has none."""
    if courriel.strip():
        with refusals.gathered():
            read_email(courriel, "courriel")
        found = Nomme(nom, normalise_email(courriel))
    else:
        connus = [invitation.suppleance, de_l_annuaire(session, invitation)]
        memes = [one.email for one in connus if one is not None and normalise(one.nom) == normalise(nom)]
        found = Nomme(nom, memes[0] if memes else "")
    if nom and not found.email and canal is not Canal.SECRETARIAT:
        refusals.add("commissions.suppleant_courriel", "courriel")
    if found.email and found.email == invitation.email:
        refusals.add("commissions.suppleant_soi", "courriel")
    return found


def envoyer(session: Session, clock: Clock, invitation: InvitationSeance, nomme: Nomme | None) -> None:
    """Have a deputy come for who is invited, or nobody (None). Another one named before is told that they
    are not expected any more; the same one keeps what they answered."""
    known = invitation.second
    if known is not None and nomme is not None and known.email == nomme.email:
        known.nom = nomme.nom
        return
    decommander(session, clock, invitation)
    if nomme is None or not nomme.email:
        return
    compte = session.scalar(
        select(Personne.id).where(Personne.email == nomme.email, Personne.desactivee_le.is_(None))
    )
    invitation.suppleance = Suppleance(
        nom=nomme.nom, email=nomme.email, personne_id=compte, statut=Reponse.ENVOYEE
    )
    session.flush()
    ecrire(session, clock, invitation, "suppleance", suppleance=invitation.suppleance)


def repondre(session: Session, clock: Clock, suppleance: Suppleance, reponse: Reponse, mot: str) -> None:
    """Take a deputy's answer. When they do not come, who sent them is told, and asked again; when they come
    after all and nobody answered meanwhile, they are sent as before."""
    invitation = suppleance.invitation
    venait = suppleance.statut is not Reponse.DECLINEE
    suppleance.statut, suppleance.mot, suppleance.repondu_le = reponse, mot, clock.now()
    if reponse is Reponse.DECLINEE and venait:
        invitation.statut, invitation.remplacant = Reponse.ENVOYEE, ""
        ecrire(session, clock, invitation, "suppleance_declinee")
    elif reponse is Reponse.ACCEPTEE and invitation.statut in SANS_REPONSE:
        invitation.statut, invitation.remplacant = Reponse.SUPPLEANT, suppleance.nom
    session.flush()


def redemander(suppleance: Suppleance) -> None:
    """Ask a deputy again: what they answered was for another time."""
    suppleance.statut, suppleance.mot, suppleance.repondu_le = Reponse.ENVOYEE, "", None
