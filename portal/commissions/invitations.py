"""Convening a session, reminding, inviting one function more, answering, noting who was there."""

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import flag_modified

from portal.annuaire.models import Referent
from portal.audit.service import record
from portal.commissions import direct, suppleances
from portal.commissions.convocations import adresser, decommander, destinataires, ecrire
from portal.commissions.enums import (
    DONNEES,
    SANS_REPONSE,
    Canal,
    Presence,
    Qualite,
    Reponse,
    StatutCommission,
    StatutSeance,
)
from portal.commissions.models import Commission, Siege
from portal.commissions.models_seances import InvitationSeance, JetonInvitation, Seance
from portal.commissions.regles import a_convoquer_avant
from portal.commissions.saisie import texte
from portal.commissions.seances import MOTIF, commencee, tenir
from portal.commissions.suppleances import Part
from portal.comptes.territoire import time_zone
from portal.notifications.calendrier import Methode
from portal.organisations.saisie import Refusals
from portal.security.policy import Actor
from portal.security.tokens import token_hash
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible, StaleVersion

ENTRE_RELANCES = timedelta(hours=20)
"""Those who have not answered are written to again once a day at most."""


def date_limite(session: Session, seance: Seance) -> date:
    """Return the last day on which a session may be convened without saying why (domaine.md § 7.2)."""
    fuseau = ZoneInfo(time_zone(session, seance.departement_code))
    jours = 0 if seance.urgente else seance.commission.convocation_jours
    return a_convoquer_avant(seance.debut.astimezone(fuseau).date(), jours, seance.departement_code)


def convoquer(
    session: Session, clock: Clock, actor: Actor, seance: Seance, motif: str = "", *, version: int
) -> int:
    """Invite every function that sits on that day; return how many were written to.

    `motif`: why it is convened later than the delay allows. Raises Forbidden, StaleVersion, DomainErrors,
    DomainError.
    """
    seance = tenir(session, clock, actor, seance, version)
    if seance.commission.statut is not StatutCommission.OUVERTE:
        raise DomainError("commissions.pas_en_service")
    if seance.statut is not StatutSeance.PREVUE:
        raise DomainError("etat.transition_impossible", etat=seance.statut)
    refusals = Refusals()
    cleaned = texte(refusals, motif, "motif", MOTIF)
    limite = date_limite(session, seance)
    late = clock.today(time_zone(session, seance.departement_code)) > limite
    if late and not cleaned:
        refusals.add("commissions.hors_delai", "motif", jour=limite)
    refusals.raise_any()
    seance.statut, seance.convoquee_le = StatutSeance.CONVOQUEE, clock.now()
    seance.hors_delai = cleaned if late else ""
    seance.updated_at = clock.now()
    written = actualiser(session, clock, seance)
    if not written:
        raise DomainError("commissions.personne_a_convoquer")
    facts = {"invitees": len(seance.invitations), "ecrites": written, "hors_delai": seance.hors_delai}
    record(session, clock, actor, "commissions:seance:convoquer", seance, changes=facts)
    return written


def actualiser(session: Session, clock: Clock, seance: Seance) -> int:
    """Have the invitations of a convened session follow its seats and who holds them; return how many
    invitations leave. Run again, it writes nothing more.

    A function without a seat any more, or closed, is not invited any more, unless the session has begun; one
    whose invitation the secretariat withdrew is not invited again.
    """
    jour = seance.debut.astimezone(ZoneInfo(time_zone(session, seance.departement_code))).date()
    sieges = session.scalars(
        select(Siege)
        .where(Siege.commission_id == seance.commission_id, Siege.du <= jour)
        .options(joinedload(Siege.referent), joinedload(Siege.college))
        .order_by(Siege.id)
    ).all()
    places = {
        one.referent_id: one
        for one in sieges
        if (one.au is None or one.au >= jour) and one.referent.ferme_le is None
    }
    gone = [] if clock.now() >= seance.debut else [one for one in seance.invitations if _finie(one, places)]
    known = {one.referent_id for one in seance.invitations} | _retirees(session, seance)
    for siege in places.values():
        if siege.referent_id not in known:
            _ajouter(clock, seance, siege.referent, siege.qualite, siege)
    session.flush()
    stand = [one for one in seance.invitations if one not in gone]
    found = destinataires(session, [one.referent_id for one in stand], seance)
    written = 0
    for invitation in stand:
        if one := places.get(invitation.referent_id):
            invitation.qualite, invitation.college = one.qualite, one.college
        elif invitation.ajoutee_le is not None:
            invitation.qualite, invitation.college = Qualite.INVITE, None
        qui = found.get(invitation.referent_id)
        if qui is not None and adresser(session, clock, invitation, qui) and invitation.email:
            ecrire(session, clock, invitation, "convocation")
            written += 1
    for invitation in gone:  # last: whoever is invited for another function meanwhile stays so
        _prevenir(session, clock, invitation)
        seance.invitations.remove(invitation)
        facts = {"fonction": [invitation.referent.organisation.nom, None]}
        record(session, clock, None, "commissions:seance:retirer", seance, changes=facts)
    session.flush()
    return written


def _finie(invitation: InvitationSeance, places: Mapping[int, Siege]) -> bool:
    """Tell whether nothing calls for an invitation any more. `places`: the seats of the day, by function."""
    if invitation.referent.ferme_le is not None:
        return True
    return invitation.ajoutee_le is None and invitation.referent_id not in places


def _retirees(session: Session, seance: Seance) -> set[int]:
    """Return the keys of the functions whose invitation the secretariat withdrew."""
    return set(
        session.scalars(
            select(InvitationSeance.referent_id).where(
                InvitationSeance.seance_id == seance.id, InvitationSeance.retiree_le.is_not(None)
            )
        )
    )


def _prevenir(session: Session, clock: Clock, invitation: InvitationSeance) -> None:
    """Tell who was written to, and whom they sent, that they are not invited any more for this function."""
    decommander(session, clock, invitation)
    if invitation.email and invitation.ecrit_le is not None:
        ecrire(session, clock, invitation, "remplacement", methode=Methode.CANCEL)


def _ajouter(
    clock: Clock, seance: Seance, referent: Referent, qualite: Qualite, siege: Siege | None = None
) -> InvitationSeance:
    invitation = InvitationSeance(
        referent=referent,
        college=siege.college if siege else None,
        qualite=qualite,
        statut=Reponse.ENVOYEE,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    seance.invitations.append(invitation)
    return invitation


def inviter(
    session: Session, clock: Clock, actor: Actor, seance: Seance, referent_ref: str, *, version: int
) -> InvitationSeance:
    """Invite one function more to a convened session, as a guest without a voice.

    Raises Forbidden, StaleVersion, DomainError.
    """
    seance = tenir(session, clock, actor, seance, version)
    if seance.statut is not StatutSeance.CONVOQUEE:
        raise DomainError("etat.transition_impossible", etat=seance.statut)
    if commencee(session, clock, seance):
        raise DomainError("commissions.commencee")
    referent = session.scalar(
        select(Referent).where(
            Referent.ref == referent_ref,
            Referent.departement_code == seance.departement_code,
            Referent.ferme_le.is_(None),
        )
    )
    if referent is None:
        raise DomainError("commissions.fonction", "fonction")
    if any(one.referent_id == referent.id for one in seance.invitations):
        raise DomainError("commissions.deja_invitee", "fonction")
    session.execute(
        delete(InvitationSeance).where(
            InvitationSeance.seance_id == seance.id, InvitationSeance.referent_id == referent.id
        )
    )
    invitation = _ajouter(clock, seance, referent, Qualite.INVITE)
    invitation.ajoutee_le = clock.now()
    _toucher(clock, seance)
    session.flush()
    actualiser(session, clock, seance)
    facts = {"fonction": [None, referent.organisation.nom]}
    record(session, clock, actor, "commissions:seance:inviter", seance, changes=facts)
    return invitation


def retirer(
    session: Session, clock: Clock, actor: Actor, seance: Seance, invitation_ref: str, *, version: int
) -> None:
    """Withdraw an invitation for good: the event leaves the calendar of who was invited.

    Raises Forbidden, StaleVersion, DomainError, NotVisible.
    """
    seance = tenir(session, clock, actor, seance, version)
    invitation = de_la_seance(seance, invitation_ref)
    _prevenir(session, clock, invitation)
    nom = invitation.referent.organisation.nom
    invitation.retiree_le = invitation.updated_at = clock.now()
    invitation.nom = invitation.email = invitation.remplacant = invitation.mot = invitation.repondu_par = ""
    invitation.personne_id = None
    invitation.jetons.clear()
    _toucher(clock, seance)
    session.flush()
    session.expire(seance, ["invitations"])
    record(session, clock, actor, "commissions:seance:retirer", seance, changes={"fonction": [nom, None]})


def relancer(session: Session, clock: Clock, actor: Actor, seance: Seance, *, version: int) -> int:
    """Write again to those who have not answered, each once a day at most; return to how many.

    Raises Forbidden, StaleVersion, DomainError.
    """
    seance = tenir(session, clock, actor, seance, version)
    if seance.statut is not StatutSeance.CONVOQUEE:
        raise DomainError("etat.transition_impossible", etat=seance.statut)
    if commencee(session, clock, seance):
        raise DomainError("commissions.commencee")
    written = actualiser(session, clock, seance)
    before = clock.now() - ENTRE_RELANCES
    for one in seance.invitations:
        qui = one.second or one
        due = qui.statut in SANS_REPONSE and qui.ecrit_le is not None and qui.ecrit_le <= before
        if due and qui.email:
            one.relances += 1
            ecrire(session, clock, one, "relance", suppleance=one.second)
            written += 1
    if not written:
        raise DomainError("commissions.deja_relancees")
    _toucher(clock, seance)
    session.flush()
    record(session, clock, actor, "commissions:seance:relancer", seance, changes={"ecrites": written})
    return written


def par_jeton(session: Session, token: str) -> Part | None:
    """Return what a link answers, None when the link is dead or was never sent."""
    row = session.execute(
        select(InvitationSeance, JetonInvitation.suppleant)
        .join(JetonInvitation, JetonInvitation.invitation_id == InvitationSeance.id)
        .where(JetonInvitation.jeton_hash == token_hash(token))
        .options(
            joinedload(InvitationSeance.seance)
            .joinedload(Seance.commission)
            .joinedload(Commission.secretariat),
            joinedload(InvitationSeance.referent).joinedload(Referent.organisation),
            joinedload(InvitationSeance.college),
        )
    ).one_or_none()
    if row is None:
        return None
    return Part(row.InvitationSeance, row.InvitationSeance.suppleance if row.suppleant else None)


def peut_repondre(clock: Clock, invitation: InvitationSeance) -> bool:
    """Tell whether an invitation may still be answered: until the session begins."""
    seance = invitation.seance
    return seance.statut is StatutSeance.CONVOQUEE and clock.now() < seance.debut


def vue(session: Session, clock: Clock, part: Part) -> None:
    """Note that someone read an invitation, once."""
    if part.sienne.statut is Reponse.ENVOYEE and peut_repondre(clock, part.invitation):
        part.sienne.statut = Reponse.VUE
        part.invitation.updated_at = clock.now()
        session.flush()


def repondre(
    session: Session,
    clock: Clock,
    actor: Actor | None,
    invitation: InvitationSeance,
    reponse: Reponse,
    canal: Canal,
    *,
    remplacant: str = "",
    courriel: str = "",
    mot: str = "",
    sequence: int | None = None,
) -> None:
    """Answer an invitation; who may is the caller's business. An answer may change until the session begins.

    `remplacant`, `courriel`: the deputy sent, who is written to; not sent any more, they are told.
    `sequence`: that of the session whose date was read, None when it cannot have changed since. Raises
    StaleVersion, NotVisible when the invitation was withdrawn, DomainErrors, DomainError.
    """
    _tenir(session, clock, invitation, sequence)
    refusals = Refusals()
    envoie = reponse is Reponse.SUPPLEANT
    nom = texte(refusals, remplacant, "remplacant", 160) if envoie else ""
    nomme = suppleances.lire(session, invitation, nom, courriel, canal, refusals) if envoie else None
    mot = texte(refusals, mot, "mot", 300)
    if reponse not in DONNEES:
        refusals.add("commissions.reponse", "reponse")
    if reponse is Reponse.SUPPLEANT and not nom:
        refusals.add("commissions.remplacant", "remplacant")
    if reponse is Reponse.SUPPLEANT and invitation.college is not None and not invitation.college.suppleants:
        refusals.add("commissions.sans_suppleant", "reponse")
    refusals.raise_any()
    before = invitation.statut
    suppleances.envoyer(session, clock, invitation, nomme)
    invitation.statut, invitation.remplacant, invitation.mot = reponse, nom, mot
    invitation.repondu_le, invitation.canal = clock.now(), canal
    invitation.repondu_par = f"{actor.nom} ({actor.organisation_nom})"[:200] if actor else invitation.nom
    invitation.updated_at = clock.now()
    session.flush()
    facts = {"statut": [before.value, reponse.value], "canal": canal.value}
    record(
        session,
        clock,
        actor,
        "commissions:invitation:repondre",
        invitation,
        changes=facts,
        departement_code=invitation.seance.departement_code,
    )


def repondre_suppleant(
    session: Session,
    clock: Clock,
    actor: Actor | None,
    invitation: InvitationSeance,
    reponse: Reponse,
    canal: Canal,
    *,
    mot: str = "",
    sequence: int | None = None,
) -> None:
    """Answer as the deputy of an invitation: they come, or not. Same arguments and errors as `repondre`."""
    _tenir(session, clock, invitation, sequence)
    if invitation.suppleance is None:
        raise NotVisible(invitation.ref)
    refusals = Refusals()
    mot = texte(refusals, mot, "mot", 300)
    if reponse not in suppleances.PREVENUS:
        refusals.add("commissions.reponse", "reponse")
    refusals.raise_any()
    before = invitation.suppleance.statut
    suppleances.repondre(session, clock, invitation.suppleance, reponse, mot)
    invitation.updated_at = clock.now()
    session.flush()
    record(
        session,
        clock,
        actor,
        "commissions:invitation:repondre",
        invitation,
        changes={"suppleant": [before.value, reponse.value], "canal": canal.value},
        departement_code=invitation.seance.departement_code,
    )


def _tenir(session: Session, clock: Clock, invitation: InvitationSeance, sequence: int | None) -> None:
    """Have an invitation as it now is, to be answered: answers and changes follow each other. Raises
    StaleVersion, NotVisible, DomainError."""
    seance = session.get_one(Seance, invitation.seance_id, with_for_update=True, populate_existing=True)
    current = session.get(InvitationSeance, invitation.id, populate_existing=True)
    if current is None or current.retiree_le is not None:
        raise NotVisible(invitation.ref)
    if sequence is not None and sequence != seance.sequence:
        raise StaleVersion(seance)
    if not peut_repondre(clock, invitation):
        raise DomainError(
            "commissions.seance_annulee"
            if invitation.seance.statut is StatutSeance.ANNULEE
            else "commissions.reponse_tardive"
        )


def peut_noter(session: Session, clock: Clock, seance: Seance) -> bool:
    """Tell whether who is there may be noted: at the time of the session, or as soon as it is opened."""
    return seance.statut is StatutSeance.CONVOQUEE and commencee(session, clock, seance)


def noter_presences(
    session: Session,
    clock: Clock,
    actor: Actor,
    seance: Seance,
    presences: Mapping[str, Presence],
    *,
    version: int,
) -> None:
    """Note who was there, by the references of the invitations, once the session has begun.

    Raises Forbidden, StaleVersion, DomainError.
    """
    seance = tenir(session, clock, actor, seance, version, passee=True)
    if not peut_noter(session, clock, seance):
        raise DomainError("commissions.pas_encore")
    facts = {}
    for one in seance.invitations:
        noted = presences.get(one.ref)
        if noted is not None and noted is not one.presence:
            facts[one.ref] = [one.presence.value if one.presence else None, noted.value]
            one.presence = noted
            one.updated_at = clock.now()
    if facts:
        _toucher(clock, seance)
        direct.avancer(session, seance.id, direct.PRESENCES, direct.DECISION)
        record(session, clock, actor, "commissions:seance:presences", seance, changes=facts)


def de_la_seance(seance: Seance, ref: str) -> InvitationSeance:
    """Return an invitation of a session; raises NotVisible."""
    found = next((one for one in seance.invitations if one.ref == ref), None)
    if found is None:
        raise NotVisible(ref)
    return found


def _toucher(clock: Clock, seance: Seance) -> None:
    seance.updated_at = clock.now()
    flag_modified(seance, "updated_at")
