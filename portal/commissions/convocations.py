"""Writing to those invited: who answers for each function on the day, the link, the calendar event.

One e-mail per function, each with a link of its own; no household is named. Whoever is replaced is told that
the event is cancelled for them, and loses their links.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.annuaire.indexation import fonction_de
from portal.annuaire.queries import lignes
from portal.commissions.enums import Reponse
from portal.commissions.models_dossiers import InviteSeance
from portal.commissions.models_seances import InvitationSeance, JetonInvitation, Seance, Suppleance
from portal.comptes.models import Personne
from portal.comptes.territoire import time_zone
from portal.notifications.calendrier import Methode, RendezVous
from portal.notifications.service import enqueue
from portal.security.tokens import new_token, token_hash
from portal.shared.clock import Clock

DOMAINE = "portail-siao"
CHEMIN = "/seances/reponse/"
DEPARTS = ("remplacement", "suppleance_finie")
"""E-mails that tell someone that they are not expected any more, while the session stands."""


@dataclass(frozen=True)
class Destinataire:
    """Who answers for a function on a day; an empty address when nobody can be written to."""

    nom: str
    email: str
    personne: Personne | None = None


def destinataires(session: Session, referent_ids: Sequence[int], seance: Seance) -> dict[int, Destinataire]:
    """Return who answers for each function on the day of a session. Two statements.

    The holder, or the deputy while the holder is away; the function's own mailbox when they have none.
    """
    jour = seance.debut.astimezone(_fuseau(session, seance)).date()
    lues = {one.id: one for one in lignes(session, list(referent_ids), jour)}
    emails = {one.email for one in lues.values() if one.email}
    comptes = {
        one.email: one
        for one in session.scalars(
            select(Personne).where(Personne.email.in_(emails), Personne.desactivee_le.is_(None))
        )
    }
    return {
        key: Destinataire((one.repond.nom if one.repond else "")[:160], one.email, comptes.get(one.email))
        for key, one in lues.items()
    }


def _fuseau(session: Session, seance: Seance) -> ZoneInfo:
    return ZoneInfo(time_zone(session, seance.departement_code))


def adresser(session: Session, clock: Clock, invitation: InvitationSeance, qui: Destinataire) -> bool:
    """Note who is written to for an invitation; tell whether that is someone new, at another address or at
    a mailbox that several share.

    Who was written to before is told that the event is cancelled for them, and their links are dead; what
    they answered, and whom they sent, is not what the new one answers.
    """
    compte = qui.personne is not None and qui.personne.id == invitation.personne_id
    if invitation.email == qui.email and (compte or invitation.nom == qui.nom):
        invitation.nom = qui.nom
        return False
    decommander(session, clock, invitation, sauf=qui.email)
    if invitation.email and invitation.email != qui.email and invitation.ecrit_le is not None:
        ecrire(session, clock, invitation, "remplacement", methode=Methode.CANCEL)
    for one in list(invitation.jetons):
        invitation.jetons.remove(one)
    invitation.nom, invitation.email = qui.nom, qui.email
    invitation.personne_id = qui.personne.id if qui.personne else None
    invitation.statut, invitation.remplacant, invitation.mot = Reponse.ENVOYEE, "", ""
    invitation.repondu_le = invitation.canal = None
    invitation.repondu_par, invitation.relances = "", 0
    invitation.updated_at = clock.now()
    session.flush()
    return True


def annoncer(session: Session, clock: Clock, seance: Seance, quoi: str) -> int:
    """Write « changement » or « annulation » to everyone invited to a session; return to how many."""
    methode = Methode.CANCEL if quoi == "annulation" else Methode.REQUEST
    written = 0
    for invitation in seance.invitations:
        if invitation.email and invitation.ecrit_le is not None:
            ecrire(session, clock, invitation, quoi, methode=methode)
            written += 1
        if invitation.second is not None:
            ecrire(session, clock, invitation, quoi, methode=methode, suppleance=invitation.second)
            written += 1
    return written


def decommander(session: Session, clock: Clock, invitation: InvitationSeance, *, sauf: str = "") -> None:
    """Forget the deputy of an invitation: their links are dead, and the event is cancelled for them unless
    they had said no, or are invited themselves now, at the address `sauf`."""
    known = invitation.second
    if known is not None and known.email != sauf:
        ecrire(session, clock, invitation, "suppleance_finie", methode=Methode.CANCEL, suppleance=known)
    invitation.suppleance, invitation.remplacant = None, ""
    for one in [jeton for jeton in invitation.jetons if jeton.suppleant]:
        invitation.jetons.remove(one)
    session.flush()


def ecrire(
    session: Session,
    clock: Clock,
    invitation: InvitationSeance,
    quoi: str,
    *,
    methode: Methode = Methode.REQUEST,
    suppleance: Suppleance | None = None,
) -> None:
    """Write to who is invited, or to the deputy whom they send. `quoi`: the e-mail, one of
    `templates/emails/commissions`.

    Whoever stays expected at the session otherwise keeps its event: nothing cancels it.
    """
    seance, vers = invitation.seance, suppleance or invitation
    reste = quoi in DEPARTS and (_attendu_autrement(vers, seance) or _convie(session, vers, seance))
    token = ""
    if methode is Methode.REQUEST:
        token = new_token()
        invitation.jetons.append(
            JetonInvitation(
                jeton_hash=token_hash(token), cree_le=clock.now(), suppleant=suppleance is not None
            )
        )
    personne = session.get(Personne, vers.personne_id) if vers.personne_id else None
    langue = personne.langue if personne else "fr"
    fonction = fonction_de(session, invitation.referent.fonction_code).libelle.en_langue(langue)
    enqueue(
        session,
        clock,
        to=personne if personne is not None and personne.email == vers.email else vers.email,
        template=f"commissions/{quoi}",
        context={
            "commission": seance.commission.nom,
            "fonction": fonction,
            "organisation": invitation.referent.organisation.nom,
            "debut": seance.debut,
            "fin": seance.fin,
            "fuseau": str(_fuseau(session, seance)),
            "lieu": seance.lieu,
            "visio": seance.visio,
            "message": seance.message,
            "motif": seance.motif_annulation,
            "lien": f"{CHEMIN}{token}",
            "reste": reste,
            "viendra": vers.statut is Reponse.ACCEPTEE,
            "envoie": invitation.remplacant
            if suppleance is None and vers.statut is Reponse.SUPPLEANT
            else "",
            "suppleant": suppleance is None and (invitation.college is None or invitation.college.suppleants),
            "remplace": invitation.nom if suppleance is not None else "",
            "remplacant": invitation.suppleance.nom if invitation.suppleance is not None else "",
        },
        urgent=True,
        langue=langue,
        rendez_vous=None
        if reste
        else replace(rendez_vous(seance, methode), accepte=vers.statut is Reponse.ACCEPTEE),
    )
    vers.ecrit_le = clock.now()
    session.flush()


def _attendu_autrement(vers: InvitationSeance | Suppleance, seance: Seance) -> bool:
    """Tell whether who is written to was also invited for another function of the session, or sent by it."""
    convies: list[InvitationSeance | Suppleance] = [
        *(one for one in seance.invitations if one.ecrit_le is not None),
        *(one.second for one in seance.invitations if one.second is not None),
    ]
    return any(one is not vers and one.email == vers.email for one in convies)


def _convie(session: Session, vers: InvitationSeance | Suppleance, seance: Seance) -> bool:
    """Tell whether who is written to is also an occasional guest of the session."""
    convie = exists().where(
        InviteSeance.seance_id == seance.id,
        InviteSeance.email == vers.email,
        InviteSeance.revoque_le.is_(None),
    )
    return bool(session.scalar(select(convie)))


def rendez_vous(seance: Seance, methode: Methode = Methode.REQUEST, *, avec_page: bool = True) -> RendezVous:
    """Return the calendar event of a session: the same UID for everyone and for ever. `avec_page`: whether
    its reader has an account, to open its page with."""
    return RendezVous(
        uid=uid(seance.ref),
        sequence=seance.sequence,
        debut=seance.debut,
        fin=seance.fin,
        titre=seance.commission.nom,
        lieu=seance.lieu or seance.visio,
        description=seance.visio,
        chemin=f"/commissions/seances/{seance.ref}" if avec_page else "",
        methode=methode,
    )


def uid(ref: str) -> str:
    """Return the identifier of a session's event."""
    return f"seance-{ref}@{DOMAINE}"
